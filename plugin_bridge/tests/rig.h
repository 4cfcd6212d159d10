// A take buffer in private memory, and samples that say where they come from.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rtgen/take_reader.h"
#include "rtgen/take_slots.h"

struct Rig {
  static constexpr std::uint32_t kCapacity = 1U << 16;

  Rig() : frames(kCapacity * rtgen::kTakes), tap_frames(1U << 16), tap(tap_frames.data(), 1U << 16) {
    header.rate = 44100;
    header.capacity = kCapacity;
    writer = std::make_unique<rtgen::TakeWriter>(&header, frames.data());
    reader = std::make_unique<rtgen::TakeReader>(&header, frames.data(), &tap);
  }

  // A frame whose two channels code its absolute position, small enough for the ceiling.
  static rtgen::Frame coded(std::int64_t position, float scale = 1.0F) {
    const float x = static_cast<float>(position % 65536) / 131072.0F * scale;
    return {x, -x};
  }

  void fill(std::int64_t start, std::int64_t count, float scale = 1.0F) const {
    std::vector<rtgen::Frame> block(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) block[static_cast<std::size_t>(i)] = coded(start + i, scale);
    writer->write(block.data(), count);
  }

  std::vector<rtgen::Frame> read(std::size_t count) const {
    std::vector<rtgen::Frame> out(count);
    reader->read(&out[0].left, count);
    return out;
  }

  rtgen::TakeHeader header;
  std::vector<rtgen::Frame> frames;
  std::vector<rtgen::Frame> tap_frames;
  rtgen::FrameRing tap;
  std::unique_ptr<rtgen::TakeWriter> writer;
  std::unique_ptr<rtgen::TakeReader> reader;
};
