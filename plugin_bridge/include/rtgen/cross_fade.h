// The gains of a cross-fade that keeps the power steady, whatever the two sounds share.
#pragma once

#include <cmath>

#include "rtgen/frame_ring.h"
#include "rtgen/realtime.h"

namespace rtgen {

struct FadeGains {
  float out;
  float in;
};

// Correlation 0..1 of two stretches. Takes before and after a change are often the same sound, for
// which equal-power gains would add up to a bump of 3 dB.
inline float correlation(const Frame* a, const Frame* b, int count) RTGEN_NONBLOCKING {
  float ab = 0.0F;
  float aa = 1e-12F;
  float bb = 1e-12F;
  for (int i = 0; i < count; ++i) {
    ab += a[i].left * b[i].left + a[i].right * b[i].right;
    aa += a[i].left * a[i].left + a[i].right * a[i].right;
    bb += b[i].left * b[i].left + b[i].right * b[i].right;
  }
  const float c = ab / std::sqrt(aa * bb);
  return c > 0.0F ? (c < 1.0F ? c : 1.0F) : 0.0F;
}

// Gains at `position` of `length`: equal power, divided by what the shared part adds.
inline FadeGains fade_gains(int position, int length, float shared) RTGEN_NONBLOCKING {
  const float angle =
      1.57079632679F * (static_cast<float>(position) + 0.5F) / static_cast<float>(length);
  const float out = std::cos(angle);
  const float in = std::sin(angle);
  const float norm = 1.0F / std::sqrt(1.0F + 2.0F * shared * out * in);
  return {out * norm, in * norm};
}

}  // namespace rtgen
