// Takes in memory that another process laid out, or scribbles in.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "rig.h"

namespace {

using rtgen::Refusal;
using rtgen::TakeMemory;

struct Mapping {
  explicit Mapping(std::size_t bytes) : lines(bytes / 64 + 1) {}
  void* at() { return lines.data(); }
  std::size_t size() const { return lines.size() * 64; }

  struct alignas(64) Line {
    unsigned char bytes[64];
  };
  std::vector<Line> lines;
};

constexpr std::uint32_t kCapacity = 1U << 14;

}  // namespace

TEST_CASE("a reader that attaches hears what the writer that laid it out wrote") {
  Mapping mapping(TakeMemory::bytes(kCapacity));
  TakeMemory engine;
  TakeMemory plugin;
  REQUIRE(engine.create(mapping.at(), mapping.size(), 48000, kCapacity) == Refusal::kNone);
  REQUIRE(plugin.attach(mapping.at(), mapping.size()) == Refusal::kNone);
  CHECK(plugin.rate == 48000);
  CHECK(plugin.capacity == kCapacity);
  rtgen::TakeWriter writer(engine);
  std::vector<rtgen::Frame> tap_frames(64);
  rtgen::FrameRing tap(tap_frames.data(), 64);
  rtgen::TakeReader reader(plugin, &tap);
  writer.begin(0, false);
  std::vector<rtgen::Frame> block(4096);
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i] = Rig::coded(static_cast<std::int64_t>(i));
  CHECK(writer.write(block.data(), 4096) == 4096);
  std::vector<rtgen::Frame> out(2048);
  reader.read(&out[0].left, 2048);
  CHECK(out[2000].left == Rig::coded(2000).left);
  CHECK(writer.playhead() == 2048);
}

TEST_CASE("a take holds more than three seconds at any rate, in a capacity that is valid") {
  for (const std::uint32_t rate : {8000U, 44100U, 48000U, 96000U, 192000U, 384000U, 4000000000U}) {
    const std::uint32_t capacity = rtgen::capacity_for(rate);
    CHECK(rtgen::valid_capacity(capacity));
    if (rtgen::valid_rate(rate)) CHECK(capacity >= 3 * rate);
  }
}

TEST_CASE("memory that does not hold together is refused") {
  Mapping mapping(TakeMemory::bytes(kCapacity));
  TakeMemory memory;
  CHECK(memory.attach(mapping.at(), mapping.size()) == Refusal::kNotTakes);
  CHECK(memory.create(mapping.at(), 1000, 48000, kCapacity) == Refusal::kTooSmall);
  CHECK(memory.create(mapping.at(), mapping.size(), 0, kCapacity) == Refusal::kRate);
  CHECK(memory.create(mapping.at(), mapping.size(), 48000, 5000) == Refusal::kCapacity);
  auto* shifted = static_cast<unsigned char*>(mapping.at()) + 4;
  CHECK(memory.create(shifted, mapping.size() - 4, 48000, kCapacity) == Refusal::kMisaligned);
  CHECK(memory.attach(shifted, mapping.size() - 4) == Refusal::kMisaligned);
  REQUIRE(memory.create(mapping.at(), mapping.size(), 48000, kCapacity) == Refusal::kNone);
  CHECK(memory.attach(mapping.at(), 8) == Refusal::kTooSmall);
  CHECK(memory.attach(mapping.at(), TakeMemory::bytes(kCapacity) - 1) == Refusal::kTooSmall);
  for (const std::uint32_t rate : {0U, 7999U, 0xffffffffU}) {
    memory.header->rate.store(rate);
    CHECK(memory.attach(mapping.at(), mapping.size()) == Refusal::kRate);
  }
  memory.header->rate.store(48000);
  for (const std::uint32_t capacity : {0U, 1U, 12345U, 1U << 31, 0xffffffffU}) {
    memory.header->capacity.store(capacity);
    CHECK(memory.attach(mapping.at(), mapping.size()) == Refusal::kCapacity);
  }
  memory.header->capacity.store(kCapacity * 2);  // a lie about its size
  CHECK(memory.attach(mapping.at(), mapping.size()) == Refusal::kTooSmall);
  memory.header->capacity.store(kCapacity);
  memory.header->version.store(rtgen::kVersion + 1);
  CHECK(memory.attach(mapping.at(), mapping.size()) == Refusal::kVersion);
}

TEST_CASE("no header of a hostile writer leads the reader outside the memory") {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  const std::int64_t numbers[] = {kMax, kMin, kMin + 1, -5, 0, 70000, 1 << 20, kMax / 2};
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 8192);
  rig.read(512);
  auto& header = rig.header();
  std::uint32_t id = 100;
  for (const std::int64_t start : numbers) {
    for (const std::int64_t written : numbers) {
      for (const std::uint32_t slot : {0U, 1U, 3U, 4U, 77U, 0xffffffffU}) {
        auto& take = header.takes[slot % rtgen::kTakes];
        take.start.store(start);
        take.written.store(written);
        take.jump.store(++id % 3);
        take.id.store(id);
        header.newest.store(slot);
        header.rate.store(0);
        header.capacity.store(0xffffffffU);
        for (const auto& frame : rig.read(300)) REQUIRE(std::fabs(frame.left) <= 1.0F);
        for (const auto& frame : rig.read_at(start, 300)) REQUIRE(std::fabs(frame.left) <= 1.0F);
        for (const auto& frame : rig.read_at(written, 3)) REQUIRE(std::fabs(frame.left) <= 1.0F);
      }
    }
  }
}

TEST_CASE("no header of a hostile reader leads the writer outside the memory or keeps it waiting") {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  Rig rig;
  auto& header = rig.header();
  for (const std::int64_t playhead :
       {std::int64_t{100000}, kMax, kMin, std::int64_t{-5}, std::int64_t{30000}}) {
    for (const std::uint32_t held : {0U, 0xfU, 0xffffffffU}) {
      header.held.store(held);
      const std::uint32_t id = rig.takes.writer.begin(20000, false);
      header.followed.store(id);
      header.playhead.store(playhead);
      for (auto& take : header.takes) take.written.store(kMin);
      for (int turn = 0; turn < 10; ++turn) {
        CHECK(rig.fill(20000, 30000) >= 0);
        CHECK(rig.takes.writer.space() >= 0);
        CHECK(rig.takes.writer.space() <= Rig::kCapacity);
      }
      header.playhead.store(20000);  // back, after room was made for what comes
      CHECK(rig.takes.writer.space() >= 0);
      CHECK(rig.fill(20000, 100) >= 0);
    }
  }
}
