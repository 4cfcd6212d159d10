// A single-producer single-consumer queue of stereo frames over private memory it is given.
//
// Lock-free discipline: load the other side's cursor once (acquire), do the work, store your own
// once (release). One cursor per stereo frame, so left and right cannot slip apart.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/realtime.h"

namespace rtgen {

struct Frame {
  float left;
  float right;
};

class FrameRing {
 public:
  // `frames` points at `capacity` frames, a power of two.
  FrameRing(Frame* frames, std::uint64_t capacity) noexcept
      : frames_(frames), mask_(capacity - 1) {}

  // [producer] Takes what fits; returns how many frames it took.
  std::uint64_t push(const Frame* source, std::uint64_t count) RTGEN_NONBLOCKING {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    const std::uint64_t room = mask_ + 1 - (head - tail_.load(std::memory_order_acquire));
    const std::uint64_t taken = count < room ? count : room;
    for (std::uint64_t i = 0; i < taken; ++i) frames_[(head + i) & mask_] = source[i];
    head_.store(head + taken, std::memory_order_release);
    return taken;
  }

  // [consumer] Frames that `pop` would give now.
  std::uint64_t held() const RTGEN_NONBLOCKING {
    return head_.load(std::memory_order_acquire) - tail_.load(std::memory_order_relaxed);
  }

  // [consumer] Gives what is there; returns how many frames it gave.
  std::uint64_t pop(Frame* target, std::uint64_t count) RTGEN_NONBLOCKING {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t held = head_.load(std::memory_order_acquire) - tail;
    const std::uint64_t given = count < held ? count : held;
    for (std::uint64_t i = 0; i < given; ++i) target[i] = frames_[(tail + i) & mask_];
    tail_.store(tail + given, std::memory_order_release);
    return given;
  }

 private:
  Frame* frames_;
  std::uint64_t mask_;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace rtgen
