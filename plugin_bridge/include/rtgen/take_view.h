// Bounded reads of takes in memory that another process may write.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/realtime.h"
#include "rtgen/take_layout.h"

namespace rtgen {

// A take as the reader knows it: its own copy of what it must not read twice.
struct HeldTake {
  std::uint32_t slot{kTakes};  // kTakes: none
  std::uint32_t id{0};
  std::int64_t start{0};

  bool none() const RTGEN_NONBLOCKING { return slot >= kTakes; }
};

class TakeView {
 public:
  explicit TakeView(const TakeMemory& memory) noexcept
      : header_(memory.header),
        frames_(memory.frames),
        capacity_(memory.capacity),
        mask_(memory.capacity - 1) {}

  // [audio thread] Frames that the take has from `at` on.
  std::int64_t available(const HeldTake& take, std::int64_t at) const RTGEN_NONBLOCKING {
    if (take.none() || !sane(take.start) || !sane(at) || at < take.start) return 0;
    const std::int64_t written = header_->takes[take.slot].written.load(std::memory_order_acquire);
    if (written < 0 || written > kFarthest) return 0;
    const std::int64_t left = take.start + written - at;
    return left > 0 && left <= capacity_ ? left : 0;  // more: older frames were overwritten
  }

  // [audio thread] Copies what there is of `n` frames; returns how many.
  int fetch(const HeldTake& take, std::int64_t at, Frame* out, int n) const RTGEN_NONBLOCKING {
    const std::int64_t held = available(take, at);
    const int got = static_cast<int>(held < n ? held : n);
    if (got == 0) return 0;
    const Frame* ring = frames_ + static_cast<std::uint64_t>(take.slot) * (mask_ + 1);
    const auto first = static_cast<std::uint64_t>(at - take.start);
    for (int i = 0; i < got; ++i) out[i] = ring[(first + static_cast<std::uint64_t>(i)) & mask_];
    return got;
  }

 private:
  static bool sane(std::int64_t position) RTGEN_NONBLOCKING {
    return position > -kFarthest && position < kFarthest;
  }

  const TakeHeader* header_;
  const Frame* frames_;
  std::int64_t capacity_;
  std::uint64_t mask_;
};

}  // namespace rtgen
