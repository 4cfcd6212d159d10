// Takes in memory that may be shared: what reader and writer agree on.
//
// A header, then one ring of stereo frames per take; no pointers, only offsets and masked indices.
// The other side may be another process: each field is read once and bounded before use.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "rtgen/frame_ring.h"

namespace rtgen {

constexpr std::uint32_t kTakes = 4;
constexpr std::uint32_t kMagic = 0x6e656772;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kLowestRate = 8000;
constexpr std::uint32_t kHighestRate = 384000;
constexpr std::uint32_t kSmallestCapacity = 1U << 12;
constexpr std::uint32_t kLargestCapacity = 1U << 24;
constexpr std::int64_t kFarthest = std::int64_t{1} << 61;  // positions: sums never overflow

struct Take {
  std::atomic<std::uint32_t> id{0};  // 0: being changed
  std::atomic<std::uint32_t> jump{0};
  std::atomic<std::int64_t> start{0};
  std::atomic<std::int64_t> written{0};
};

struct TakeHeader {
  std::atomic<std::uint32_t> magic{0};
  std::atomic<std::uint32_t> version{0};
  std::atomic<std::uint32_t> rate{0};
  std::atomic<std::uint32_t> capacity{0};                 // frames of one take, a power of two
  Take takes[kTakes];                                     // by the writer
  alignas(64) std::atomic<std::uint32_t> newest{kTakes};  // slot, kTakes: none yet
  alignas(64) std::atomic<std::uint32_t> held{0};         // by the reader, a bit for each slot
  std::atomic<std::uint32_t> followed{0};                 // id of the take that is heard
  std::atomic<std::int64_t> playhead{0};
};
static_assert(std::is_standard_layout_v<TakeHeader>);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

enum class Refusal { kNone, kTooSmall, kMisaligned, kNotTakes, kVersion, kRate, kCapacity };

constexpr bool valid_rate(std::uint32_t rate) noexcept {
  return rate >= kLowestRate && rate <= kHighestRate;
}

constexpr bool valid_capacity(std::uint32_t capacity) noexcept {
  return std::has_single_bit(capacity) && capacity >= kSmallestCapacity &&
         capacity <= kLargestCapacity;
}

// Frames of a take that hold what an engine makes ahead, and one piece more, at any rate.
constexpr std::uint32_t capacity_for(std::uint32_t rate) noexcept {
  constexpr std::uint32_t kLeast = 1U << 18;
  const std::uint32_t four_seconds = std::bit_ceil(4 * (rate < kHighestRate ? rate : kHighestRate));
  return four_seconds < kLeast ? kLeast : four_seconds;
}

// Where things are, checked once and then trusted: this lies in private memory.
struct TakeMemory {
  TakeHeader* header{nullptr};
  Frame* frames{nullptr};
  std::uint32_t rate{0};
  std::uint32_t capacity{0};

  static constexpr std::size_t bytes(std::uint32_t capacity) noexcept {
    return sizeof(TakeHeader) + std::size_t{kTakes} * capacity * sizeof(Frame);
  }

  // Lays out empty takes; `size` bytes at `memory`, 64-byte aligned.
  Refusal create(void* memory, std::size_t size, std::uint32_t new_rate,
                 std::uint32_t new_capacity) noexcept {
    if (!valid_rate(new_rate)) return Refusal::kRate;
    if (!valid_capacity(new_capacity)) return Refusal::kCapacity;
    if (reinterpret_cast<std::uintptr_t>(memory) % alignof(TakeHeader) != 0) {
      return Refusal::kMisaligned;
    }
    if (size < bytes(new_capacity)) return Refusal::kTooSmall;
    place(memory, new_rate, new_capacity);
    new (header) TakeHeader;
    for (std::size_t i = 0; i < std::size_t{kTakes} * capacity; ++i) frames[i] = {0.0F, 0.0F};
    header->rate.store(rate, std::memory_order_relaxed);
    header->capacity.store(capacity, std::memory_order_relaxed);
    header->version.store(kVersion, std::memory_order_relaxed);
    header->magic.store(kMagic, std::memory_order_release);
    return Refusal::kNone;
  }

  // Takes over what another process laid out, if it holds together.
  Refusal attach(void* memory, std::size_t size) noexcept {
    if (reinterpret_cast<std::uintptr_t>(memory) % alignof(TakeHeader) != 0) {
      return Refusal::kMisaligned;
    }
    if (size < sizeof(TakeHeader)) return Refusal::kTooSmall;
    const auto* found = static_cast<const TakeHeader*>(memory);
    if (found->magic.load(std::memory_order_acquire) != kMagic) return Refusal::kNotTakes;
    if (found->version.load(std::memory_order_relaxed) != kVersion) return Refusal::kVersion;
    const std::uint32_t its_rate = found->rate.load(std::memory_order_relaxed);
    const std::uint32_t its_capacity = found->capacity.load(std::memory_order_relaxed);
    if (!valid_rate(its_rate)) return Refusal::kRate;
    if (!valid_capacity(its_capacity)) return Refusal::kCapacity;
    if (size < bytes(its_capacity)) return Refusal::kTooSmall;
    place(memory, its_rate, its_capacity);
    return Refusal::kNone;
  }

 private:
  void place(void* memory, std::uint32_t its_rate, std::uint32_t its_capacity) noexcept {
    header = static_cast<TakeHeader*>(memory);
    frames = reinterpret_cast<Frame*>(static_cast<std::byte*>(memory) + sizeof(TakeHeader));
    rate = its_rate;
    capacity = its_capacity;
  }
};

}  // namespace rtgen
