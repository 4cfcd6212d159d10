// A take buffer in private memory, and samples that say where they come from.
#pragma once

#include <cstdint>
#include <vector>

#include "rtgen/take_buffer.h"

struct Rig {
  static constexpr std::uint32_t kRate = 44100;
  static constexpr std::uint32_t kCapacity = 1U << 16;
  static constexpr std::int64_t kEdge = kRate / 200;  // 5 ms: from silence to sound and back
  static constexpr std::int64_t kFade = kRate / 100;  // 10 ms: from take to take

  explicit Rig(std::uint32_t capacity = kCapacity) : takes(kRate, capacity) {}

  // A frame whose two channels code its absolute position, small enough for the ceiling.
  static rtgen::Frame coded(std::int64_t position, float scale = 1.0F) {
    const float x = static_cast<float>(position % 65536) / 131072.0F * scale;
    return {x, -x};
  }

  std::int64_t fill(std::int64_t start, std::int64_t count, float scale = 1.0F) {
    std::vector<rtgen::Frame> block;
    for (std::int64_t i = 0; i < count; ++i) block.push_back(coded(start + i, scale));
    return takes.writer.write(block.data(), count);
  }

  std::int64_t fill_with(rtgen::Frame frame, std::int64_t count) {
    const std::vector<rtgen::Frame> block(static_cast<std::size_t>(count), frame);
    return takes.writer.write(block.data(), count);
  }

  std::vector<rtgen::Frame> read(std::size_t count) {
    std::vector<rtgen::Frame> out(count);
    takes.reader.read(&out[0].left, count);
    return out;
  }

  std::vector<rtgen::Frame> read_at(std::int64_t position, std::size_t count) {
    std::vector<rtgen::Frame> out(count);
    takes.reader.read_at(position, &out[0].left, count);
    return out;
  }

  std::int64_t playhead() const { return takes.writer.playhead(); }
  rtgen::TakeHeader& header() { return *takes.memory().header; }
  rtgen::Meters& meters() { return takes.reader.meters; }

  rtgen::TakeBuffer takes;
};
