// The last step before the device: gain without steps, a guard, the ceiling, the levels.
//
// The ceiling is a hard limit at full scale. Rendered sound is bent softly below it by the renderer
// already; bending it twice would make what is heard differ from what is rendered.
#pragma once

#include <atomic>
#include <cmath>
#include <cstdint>

#include "rtgen/frame_ring.h"
#include "rtgen/meters.h"
#include "rtgen/realtime.h"

namespace rtgen {

class OutputStage {
 public:
  static constexpr float kHighestGain = 4.0F;

  // `edge_length` frames is how long the gain takes from 0 to 1.
  OutputStage(std::uint32_t rate, int edge_length) noexcept
      : step_(1.0F / static_cast<float>(edge_length)),
        peak_fall_(2.763F / static_cast<float>(rate)),
        rms_speed_(1.0F / (0.3F * static_cast<float>(rate))) {}

  // [audio thread] Whether nothing passes.
  bool shut() const RTGEN_NONBLOCKING { return level_ <= 0.0F; }

  // [audio thread] Reaches a gain at once.
  void open(float gain) RTGEN_NONBLOCKING { level_ = held(gain); }

  // [audio thread]
  void apply(Frame* out, int n, float gain, Meters& meters) RTGEN_NONBLOCKING {
    const float target = held(gain);
    Levels left;
    Levels right;
    for (int i = 0; i < n; ++i) {
      const float away = target - level_;
      level_ += away > step_ ? step_ : (away < -step_ ? -step_ : away);
      out[i] = {limited(out[i].left * level_, left), limited(out[i].right * level_, right)};
    }
    if (left.not_finite + right.not_finite > 0) {
      meters.not_finite.fetch_add(left.not_finite + right.not_finite, std::memory_order_relaxed);
    }
    show(left, n, meters.peak_left, meters.rms_left, mean_square_[0]);
    show(right, n, meters.peak_right, meters.rms_right, mean_square_[1]);
  }

 private:
  struct Levels {
    float peak{0.0F};
    float sum{0.0F};
    std::uint32_t not_finite{0};
  };

  static float held(float gain) RTGEN_NONBLOCKING {
    return gain > 0.0F ? (gain < kHighestGain ? gain : kHighestGain) : 0.0F;
  }

  static float limited(float x, Levels& levels) RTGEN_NONBLOCKING {
    if (!std::isfinite(x)) {
      ++levels.not_finite;
      return 0.0F;
    }
    const float y = x > 1.0F ? 1.0F : (x < -1.0F ? -1.0F : x);
    const float size = std::fabs(y);
    if (size > levels.peak) levels.peak = size;
    levels.sum += y * y;
    return y;
  }

  void show(const Levels& levels, int n, std::atomic<float>& peak, std::atomic<float>& rms,
            float& mean_square) const RTGEN_NONBLOCKING {
    const float frames = static_cast<float>(n);
    const float fallen = peak.load(std::memory_order_relaxed) * (1.0F - peak_fall_ * frames);
    peak.store(levels.peak > fallen ? levels.peak : fallen, std::memory_order_relaxed);
    mean_square += (levels.sum / frames - mean_square) * rms_speed_ * frames;
    rms.store(std::sqrt(mean_square), std::memory_order_relaxed);
  }

  float step_;
  float peak_fall_;
  float rms_speed_;
  float level_{0.0F};
  float mean_square_[2]{0.0F, 0.0F};
};

}  // namespace rtgen
