// Waiting for the engine, where a host waits for its plugins anyway: never while it plays live.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "rtgen/connection.h"

namespace rtgen {

// Whether the engine has read `revision` and no frame before `until` will change.
inline bool delivered(const Connection& connection, std::uint64_t revision,
                      std::int64_t until) noexcept {
  const EngineSide& engine = connection.segment.engine();
  return engine.answered.load(std::memory_order_acquire) >= revision &&
         engine.settled.load(std::memory_order_acquire) >= until;
}

// Waits until it is delivered; false if the engine is gone or makes nothing for `patience`.
inline bool wait_for(const Connection& connection, std::uint64_t revision, std::int64_t until,
                     std::chrono::milliseconds patience) {
  constexpr auto kNap = std::chrono::microseconds(100);
  const EngineSide& engine = connection.segment.engine();
  connection.segment.host().wanted.store(until, std::memory_order_release);
  std::int64_t settled = engine.settled.load(std::memory_order_acquire);
  auto moved_at = std::chrono::steady_clock::now();
  while (!delivered(connection, revision, until)) {
    const auto now = std::chrono::steady_clock::now();
    const std::int64_t here = engine.settled.load(std::memory_order_acquire);
    if (here != settled) moved_at = now;
    settled = here;
    if (connection.gone.load(std::memory_order_acquire) || now - moved_at > patience) return false;
    std::this_thread::sleep_for(kNap);
  }
  return true;
}

// [audio thread, offline only] The one place where an audio thread waits, on purpose: a host that
// renders as fast as it can has no deadline, and a missing sample would be wrong for ever.
inline bool wait_offline(const Connection& connection, std::uint64_t revision,
                         std::int64_t until) RTGEN_NONBLOCKING {
  constexpr std::chrono::seconds kPatience(10);
  RTGEN_OFF_THE_CLOCK_BEGIN
  return wait_for(connection, revision, until, kPatience);
  RTGEN_OFF_THE_CLOCK_END
}

}  // namespace rtgen
