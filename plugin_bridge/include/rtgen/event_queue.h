// A single-producer single-consumer queue of small events, in memory that may be shared.
//
// A full queue refuses and counts; it never waits. Cursors only grow, indices are masked, and a
// cursor that claims more than the queue can hold is answered by starting afresh.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

#include "rtgen/realtime.h"

namespace rtgen {

template <typename Event, std::uint32_t Capacity>
class EventQueue {
  static_assert(std::is_trivially_copyable_v<Event>, "events cross processes as bytes");
  static_assert(Capacity > 1 && (Capacity & (Capacity - 1)) == 0, "a power of two");

 public:
  static constexpr std::uint32_t kCapacity = Capacity;

  // [producer] False if it is full; the event is then counted as lost.
  bool push(const Event& event) RTGEN_NONBLOCKING {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    const std::uint32_t held = head - tail_.load(std::memory_order_acquire);
    if (held >= Capacity) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    events_[head & (Capacity - 1)] = event;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // [consumer] False if it is empty.
  bool pop(Event& event) RTGEN_NONBLOCKING {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint32_t head = head_.load(std::memory_order_acquire);
    if (head == tail) return false;
    if (head - tail > Capacity) {  // no producer of ours does this
      tail_.store(head, std::memory_order_release);
      return false;
    }
    event = events_[tail & (Capacity - 1)];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // [any thread] Events refused because the queue was full.
  std::uint32_t lost() const RTGEN_NONBLOCKING { return lost_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::uint32_t> head_{0};
  std::atomic<std::uint32_t> lost_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  alignas(64) std::array<Event, Capacity> events_{};
};

}  // namespace rtgen
