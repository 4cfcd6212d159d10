// The plain steps of the synthesis in one pass each: steadied amplitudes, stereo from its parts,
// peaks below full scale.
#pragma once

#include <cmath>
#include <cstddef>

#include "rtgen/lanes.h"

namespace rtgen {

RTGEN_INLINE float lesser(float a, float b) { return b < a ? b : a; }
RTGEN_INLINE float greater(float a, float b) { return b > a ? b : a; }

// The inner `count` - 4 sub-frames of `count` with `width` amplitudes each, averaged over five
// where they hold and left where they move: rtgen.audio.tone_frames says how.
RTGEN_INLINE void steady(const float* __restrict__ amplitudes, std::size_t count, std::size_t width,
                         float* __restrict__ out) {
  for (std::size_t row = 0; row + 4 < count; ++row) {
    const float* a = amplitudes + row * width;
    for (std::size_t k = 0; k < width; ++k) {
      const float v[5] = {a[k], a[width + k], a[2 * width + k], a[3 * width + k], a[4 * width + k]};
      const float least = lesser(lesser(lesser(v[0], v[1]), lesser(v[2], v[3])), v[4]);
      const float most = greater(greater(greater(v[0], v[1]), greater(v[2], v[3])), v[4]);
      const float mean = (v[0] + v[4] + 2.0F * (v[1] + v[3]) + 3.0F * v[2]) * (1.0F / 9.0F);
      const float weight = lesser(3.0F * least / (most + 1e-9F), 1.0F);
      out[row * width + k] = v[2] + weight * (mean - v[2]);
    }
  }
}

// Samples of mid and side, each in two parts that are added.
struct Sides {
  const float* mid[2];
  const float* side[2];
};

constexpr int kLowStep = 32;
constexpr int kLowTaps = 17;

// `blocks` times kLowStep stereo samples. Every low sample says kLowStep of the mid's samples by a
// column of `kernel` (kLowTaps x kLowStep); of `low` there are kLowTaps - 1 more than blocks.
RTGEN_INLINE void mix(const Sides& parts, const float* __restrict__ low,
                      const float* __restrict__ kernel, std::size_t blocks,
                      float* __restrict__ out) {
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t at = block * kLowStep;
    float body[kLowStep] = {};
    for (int tap = 0; tap < kLowTaps; ++tap) {
      const float said = low[block + static_cast<std::size_t>(tap)];
      for (int k = 0; k < kLowStep; ++k) body[k] += said * kernel[tap * kLowStep + k];
    }
    for (std::size_t k = 0; k < kLowStep; ++k) {
      const float mid = parts.mid[0][at + k] + parts.mid[1][at + k] + body[k];
      const float side = parts.side[0][at + k] + parts.side[1][at + k];
      out[2 * (at + k)] = mid + side;
      out[2 * (at + k) + 1] = mid - side;
    }
  }
}

// Leaves samples up to `knee` as they are and bends louder ones so that they stay below 1.
RTGEN_INLINE void bend(float* samples, std::size_t count, float knee) {
  constexpr std::size_t kLooked = 64;
  for (std::size_t begin = 0; begin < count; begin += kLooked) {
    const std::size_t end = begin + kLooked < count ? begin + kLooked : count;
    unsigned loud = 0;  // whole numbers: the compiler may look at many at once
    for (std::size_t i = begin; i < end; ++i) loud |= std::fabs(samples[i]) > knee ? 1U : 0U;
    if (loud == 0) continue;
    for (std::size_t i = begin; i < end; ++i) {
      const float over = std::fabs(samples[i]) - knee;
      if (over <= 0.0F) continue;
      const float room = 1.0F - knee;
      samples[i] = std::copysign(knee + room * std::tanh(over / room), samples[i]);
    }
  }
}

}  // namespace rtgen
