// A value that one thread or process writes and others read whole, in memory that may be shared.
//
// The writer never waits. A reader gets the newest whole value or, if the writer is busy all the
// time (or is hostile), nothing: it tries a fixed number of times. Instead of fences, which
// ThreadSanitizer does not know, each word is stored with release and loaded with acquire: whoever
// reads one word of a write in progress also sees that the sequence number has moved on.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "rtgen/realtime.h"

namespace rtgen {

template <typename T>
class SeqLock {
  static_assert(std::is_trivially_copyable_v<T>, "values cross processes as bytes");

 public:
  static constexpr int kTries = 16;

  // [the one writer]
  void store(const T& value) RTGEN_NONBLOCKING {
    Words words{};
    std::memcpy(words.data(), &value, sizeof(T));
    const std::uint32_t before = sequence_.load(std::memory_order_relaxed);
    sequence_.store(before + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_release);
    sequence_.store(before + 2, std::memory_order_release);
  }

  // [any reader] False, and `value` untouched, if no whole value could be had.
  bool load(T& value) const RTGEN_NONBLOCKING {
    for (int turn = 0; turn < kTries; ++turn) {
      const std::uint32_t before = sequence_.load(std::memory_order_acquire);
      if ((before & 1U) != 0) continue;
      Words words;
      for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_acquire);
      if (sequence_.load(std::memory_order_relaxed) != before) continue;
      std::memcpy(static_cast<void*>(&value), words.data(), sizeof(T));
      return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kWords = (sizeof(T) + 7) / 8;
  using Words = std::array<std::uint64_t, kWords>;

  std::atomic<std::uint32_t> sequence_{0};
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace rtgen
