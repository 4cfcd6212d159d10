// The memory that a plugin instance and the engine share: a header, both sides' words, the takes.
//
// The plugin makes and owns it (a sealed memfd on Linux) and hands its descriptor to the engine. No
// pointers inside; whoever reads checks all it reads against private copies of the bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "rtgen/host_state.h"
#include "rtgen/take_layout.h"

namespace rtgen {

constexpr std::uint32_t kSegmentMagic = 0x67657374;
constexpr std::uint32_t kSegmentVersion = 1;  // of the layout and of the handshake

struct SegmentHeader {
  std::atomic<std::uint32_t> magic{0};
  std::atomic<std::uint32_t> version{0};
  std::atomic<std::uint64_t> bytes{0};  // of the whole segment
  HostSide host;
  EngineSide engine;
};
static_assert(std::is_standard_layout_v<SegmentHeader>);

class Segment {
 public:
  static constexpr std::size_t takes_at() noexcept {
    return (sizeof(SegmentHeader) + 4095) / 4096 * 4096;
  }
  static constexpr std::size_t bytes(std::uint32_t capacity) noexcept {
    return takes_at() + TakeMemory::bytes(capacity);
  }

  // [plugin] Lays out an empty segment in `size` bytes at `memory`, 64-byte aligned.
  Refusal create(void* memory, std::size_t size, std::uint32_t rate,
                 std::uint32_t capacity) noexcept {
    if (size < takes_at()) return Refusal::kTooSmall;
    const Refusal refusal = takes_.create(static_cast<std::byte*>(memory) + takes_at(),
                                          size - takes_at(), rate, capacity);
    if (refusal != Refusal::kNone) return refusal;
    header_ = new (memory) SegmentHeader;
    header_->bytes.store(size, std::memory_order_relaxed);
    header_->version.store(kSegmentVersion, std::memory_order_relaxed);
    header_->magic.store(kSegmentMagic, std::memory_order_release);
    return Refusal::kNone;
  }

  // [engine] Takes over a segment of `size` mapped bytes, if it holds together.
  Refusal attach(void* memory, std::size_t size) noexcept {
    if (reinterpret_cast<std::uintptr_t>(memory) % alignof(SegmentHeader) != 0) {
      return Refusal::kMisaligned;
    }
    if (size < takes_at()) return Refusal::kTooSmall;
    auto* found = static_cast<SegmentHeader*>(memory);
    if (found->magic.load(std::memory_order_acquire) != kSegmentMagic) return Refusal::kNotTakes;
    if (found->version.load(std::memory_order_relaxed) != kSegmentVersion) {
      return Refusal::kVersion;
    }
    const Refusal refusal =
        takes_.attach(static_cast<std::byte*>(memory) + takes_at(), size - takes_at());
    if (refusal == Refusal::kNone) header_ = found;
    return refusal;
  }

  HostSide& host() const noexcept { return header_->host; }
  EngineSide& engine() const noexcept { return header_->engine; }
  const TakeMemory& takes() const noexcept { return takes_; }

 private:
  SegmentHeader* header_{nullptr};
  TakeMemory takes_;
};

}  // namespace rtgen
