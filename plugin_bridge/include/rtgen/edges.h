// Where sound stops and starts again: no step, whatever is missing.
//
// What was heard last dies away in 5 ms instead of stopping; what comes back fades in over 5 ms,
// on top of the rest of that tail.
#pragma once

#include <cmath>

#include "rtgen/frame_ring.h"
#include "rtgen/realtime.h"

namespace rtgen {

class Edges {
 public:
  explicit Edges(int length) noexcept : length_(length), tail_at_(length) {}

  // [audio thread] Of the `n` frames at `out`, the first `got` are sound; makes the rest.
  // Returns whether the sound stopped here.
  bool apply(Frame* out, int got, int n) RTGEN_NONBLOCKING {
    for (int i = 0; i < got && settling(); ++i) {
      const float in = ratio(rise_at_ < length_ ? rise_at_++ : length_);
      const Frame tail = next_of_tail();
      out[i] = {out[i].left * in + tail.left, out[i].right * in + tail.right};
    }
    if (got > 0) last_ = out[got - 1];
    const bool stopped = got < n && (sounding_ || got > 0);
    if (stopped) cut();
    for (int i = got; i < n; ++i) out[i] = next_of_tail();
    sounding_ = got == n;
    return stopped;
  }

  // [audio thread] Lets what was heard last die away while what comes next fades in.
  void cut() RTGEN_NONBLOCKING {
    tail_from_ = {std::isfinite(last_.left) ? last_.left : 0.0F,
                  std::isfinite(last_.right) ? last_.right : 0.0F};
    tail_at_ = 0;
    rise_at_ = 0;
  }

  // [audio thread] Lets what comes next start at once.
  void skip() RTGEN_NONBLOCKING {
    tail_at_ = length_;
    rise_at_ = length_;
  }

  // [audio thread] Whether the last frame given was sound.
  bool sounding() const RTGEN_NONBLOCKING { return sounding_; }

 private:
  bool settling() const RTGEN_NONBLOCKING { return rise_at_ < length_ || tail_at_ < length_; }

  float ratio(int at) const RTGEN_NONBLOCKING {
    return static_cast<float>(at) / static_cast<float>(length_);
  }

  Frame next_of_tail() RTGEN_NONBLOCKING {
    if (tail_at_ >= length_) return {0.0F, 0.0F};
    const float left = 1.0F - ratio(++tail_at_);
    return {tail_from_.left * left * left, tail_from_.right * left * left};
  }

  int length_;
  int tail_at_;
  int rise_at_{0};
  bool sounding_{false};
  Frame last_{0.0F, 0.0F};
  Frame tail_from_{0.0F, 0.0F};
};

}  // namespace rtgen
