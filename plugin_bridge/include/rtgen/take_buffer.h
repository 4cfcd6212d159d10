// The take buffer: takes of stereo frames at absolute positions, written ahead, read in time.
//
// Threads: one engine thread opens takes and writes (`writer`); one audio thread reads (`reader`);
// one recorder thread empties the tap; anyone may read meters and set gain and pause. Reader and
// writer share nothing but `TakeMemory`, which may lie in memory shared with another process: then
// each side makes its own TakeWriter or TakeReader over it. This class is both in private memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "rtgen/frame_ring.h"
#include "rtgen/take_layout.h"
#include "rtgen/take_reader.h"
#include "rtgen/take_writer.h"

namespace rtgen {

class TakeBuffer {
 public:
  static constexpr std::uint64_t kTapFrames = 1U << 19;

  // Throws std::invalid_argument for a rate or a capacity out of bounds.
  TakeBuffer(std::uint32_t rate, std::uint32_t capacity)
      : lines_(line_count(rate, capacity)),
        tap_frames_(kTapFrames),
        memory_(laid_out(rate, capacity)),
        tap(tap_frames_.data(), kTapFrames),
        writer(memory_),
        reader(memory_, &tap) {}

  TakeBuffer(const TakeBuffer&) = delete;
  TakeBuffer& operator=(const TakeBuffer&) = delete;

  const TakeMemory& memory() const noexcept { return memory_; }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };

  static std::size_t line_count(std::uint32_t rate, std::uint32_t capacity) {
    if (!valid_rate(rate)) throw std::invalid_argument("rate must be 8000..384000");
    if (!valid_capacity(capacity)) {
      throw std::invalid_argument("capacity must be a power of two, 2**12..2**24 frames");
    }
    return (TakeMemory::bytes(capacity) + sizeof(Line) - 1) / sizeof(Line);
  }

  TakeMemory laid_out(std::uint32_t rate, std::uint32_t capacity) {
    TakeMemory memory;
    if (memory.create(lines_.data(), lines_.size() * sizeof(Line), rate, capacity) !=
        Refusal::kNone) {
      throw std::logic_error("the take buffer does not fit its own memory");
    }
    return memory;
  }

  std::vector<Line> lines_;
  std::vector<Frame> tap_frames_;
  TakeMemory memory_;

 public:
  FrameRing tap;
  TakeWriter writer;
  TakeReader reader;
};

}  // namespace rtgen
