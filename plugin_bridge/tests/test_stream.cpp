// The plugin's inside: live, offline, stopped, without an engine, with one that dies or is hostile.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>

#include "stream_rig.h"

namespace {

// The largest step between neighbours over all blocks seen.
struct Steps {
  void see(const std::vector<float>& block) {
    for (const float x : block) {
      largest = std::max(largest, std::fabs(x - last));
      last = x;
    }
  }
  float last{0.0F};
  float largest{0.0F};
};

}  // namespace

TEST_CASE("without an engine there is silence, and the user can read why") {
  StreamRig rig;
  rig.left.assign(256, 1.0F);
  rig.block();
  CHECK(std::ranges::all_of(rig.left, [](float x) { return x == 0.0F; }));
  CHECK(rig.stream.status() == rtgen::Status::kNoEngine);
  CHECK_FALSE(rig.stream.connected());
}

TEST_CASE("live, every sample of the host's positions is heard") {
  StreamRig rig;
  StandInEngine engine(*rig.connect());
  for (int k = 0; k < 10; ++k) {  // the first block asks; sound is there for the next
    rig.block();
    engine.step();
  }
  int exact = 0;
  for (int k = 0; k < 1000; ++k) {
    rig.block();
    engine.step();
    exact += rig.exact();
  }
  CHECK(exact == 1000);
  CHECK(rig.stream.underruns() == 0);
  CHECK(rig.stream.status() == rtgen::Status::kPlaying);
}

TEST_CASE("a live host goes elsewhere and hears that place, under a fade") {
  StreamRig rig;
  StandInEngine engine(*rig.connect());
  for (int k = 0; k < 20; ++k) {
    rig.block();
    engine.step();
  }
  rig.time.frame = 5000000;
  for (int k = 0; k < 10; ++k) {
    rig.block();
    engine.step();
  }
  rig.block();
  CHECK(rig.exact());
}

TEST_CASE("offline, the host waits and gets every sample from the first on") {
  StreamRig rig(512);
  rig.time.offline = true;
  StandInEngine engine(*rig.connect());
  std::atomic<bool> over{false};
  std::thread thread([&] {
    while (!over.load()) engine.step(60000);
  });
  int exact = 0;
  for (int k = 0; k < 1000; ++k) {
    if (k == 500) rig.time.frame = 777;  // also where it loops
    rig.block();
    exact += rig.exact();
    if (k >= 500 && k < 502) ++exact, exact -= rig.exact();  // a cross-fade may be there
  }
  over.store(true);
  thread.join();
  CHECK(exact >= 998);
  CHECK(rig.stream.underruns() == 0);
  CHECK(rig.stream.status() == rtgen::Status::kBouncing);
}

TEST_CASE("a live host that was held up and has caught up is waited for no longer") {
  constexpr std::uint32_t kBlock = 256;
  constexpr std::chrono::seconds kPatience(20);
  StreamRig rig(kBlock, true);
  StandInEngine engine(*rig.connect());
  std::atomic<bool> over{false};
  std::thread thread([&] {
    while (!over.load()) engine.step(60000);
  });
  for (std::uint32_t at = 0; at < Rig::kRate / 2; at += kBlock) rig.block();
  CHECK(rig.stream.status() == rtgen::Status::kBouncing);
  const auto begun = std::chrono::steady_clock::now();
  auto due = begun;
  while (rig.stream.status() == rtgen::Status::kBouncing && due < begun + kPatience) {
    due += std::chrono::microseconds(1000000LL * kBlock / Rig::kRate);
    std::this_thread::sleep_until(due);
    rig.block();
  }
  CHECK(rig.stream.status() == rtgen::Status::kPlaying);
  over.store(true);
  thread.join();
}

TEST_CASE("an engine that dies while a host waits offline ends the wait") {
  StreamRig rig;
  rig.time.offline = true;
  StandInConnection* connection = rig.connect();
  connection->gone.store(true);
  rig.block();
  CHECK(rig.stream.status() == rtgen::Status::kEngineLost);
  CHECK(std::ranges::all_of(rig.left, [](float x) { return x == 0.0F; }));
}

TEST_CASE("a stopped transport fades out, starts again without a step, and asks for its place") {
  StreamRig rig;
  StandInConnection* connection = rig.connect();
  StandInEngine engine(*connection);
  for (int k = 0; k < 100; ++k) {
    rig.block();
    engine.step();
  }
  Steps steps;
  steps.last = rig.left.back();
  rig.time.playing = false;
  const std::int64_t stopped_at = rig.time.frame;
  for (int k = 0; k < 20; ++k) {
    rig.block();
    rig.time.frame = stopped_at;
    engine.step();
    steps.see(rig.left);
  }
  CHECK(rig.left.back() == 0.0F);
  rtgen::HostState state;
  CHECK(connection->segment.host().state.load(state));
  CHECK(state.playing == 0);
  CHECK(state.position == stopped_at);
  rig.time.playing = true;
  for (int k = 0; k < 20; ++k) {
    rig.block();
    engine.step();
    steps.see(rig.left);
  }
  CHECK(rig.exact());
  CHECK(steps.largest < 0.02F);
  CHECK(rig.stream.underruns() == 0);
}

TEST_CASE("a bypass fades, and keeps the place") {
  StreamRig rig;
  StandInEngine engine(*rig.connect());
  Steps steps;
  for (int k = 0; k < 200; ++k) {
    rig.stream.set_bypass(k / 40 % 2 == 1);
    rig.block();
    engine.step();
    steps.see(rig.left);
    if (k % 80 == 79) CHECK(rig.left.back() == 0.0F);
    if (k % 80 == 39) CHECK(rig.exact());
  }
  CHECK(steps.largest < 0.02F);
}

TEST_CASE("a bypass longer than what is made ahead ends in sound at once") {
  StreamRig rig;
  StandInEngine engine(*rig.connect());
  for (int k = 0; k < 300; ++k) {
    rig.stream.set_bypass(k >= 20);
    rig.block();
    engine.step();
  }
  rig.stream.set_bypass(false);
  for (int k = 0; k < 3; ++k) rig.block();
  CHECK(rig.exact());
  CHECK(rig.stream.underruns() == 0);
}

TEST_CASE("an engine that dies is faded, and another takes over without a step") {
  StreamRig rig;
  StandInConnection* first = rig.connect();
  StandInEngine engine(*first);
  Steps steps;
  for (int k = 0; k < 100; ++k) {
    rig.block();
    engine.step();
    steps.see(rig.left);
  }
  first->gone.store(true);
  for (int k = 0; k < 130; ++k) {
    rig.block();
    steps.see(rig.left);
  }
  CHECK(rig.left.back() == 0.0F);
  CHECK(rig.stream.status() == rtgen::Status::kEngineLost);
  CHECK(rig.stream.underruns() == 1);
  StandInEngine second(*rig.connect(), 0.5F);
  for (int k = 0; k < 20; ++k) {
    rig.block();
    second.step();
    steps.see(rig.left);
  }
  CHECK(rig.exact(0.5F));
  CHECK(steps.largest < 0.02F);
  CHECK(rig.slots.retired.load() == first);
}

TEST_CASE("a new engine takes over from one that still plays") {
  StreamRig rig;
  StandInEngine engine(*rig.connect(), 0.5F);
  Steps steps;
  for (int k = 0; k < 50; ++k) {
    rig.block();
    engine.step();
    steps.see(rig.left);
  }
  StandInEngine second(*rig.connect(), 0.25F);
  for (int k = 0; k < 20; ++k) {
    rig.block();
    second.step();
    steps.see(rig.left);
  }
  CHECK(rig.exact(0.25F));
  CHECK(steps.largest < 0.02F);
}

TEST_CASE("knobs and MIDI are told with a new revision, and only then") {
  StreamRig rig;
  StandInConnection* connection = rig.connect();
  StandInEngine engine(*connection);
  rig.block();
  rtgen::HostState before;
  REQUIRE(connection->segment.host().state.load(before));
  for (int k = 0; k < 50; ++k) rig.block();
  rtgen::HostState state;
  REQUIRE(connection->segment.host().state.load(state));
  CHECK(state.revision == before.revision);
  rig.stream.set(rtgen::HostValue::kDensity, 12.0F);
  rig.block();
  REQUIRE(connection->segment.host().state.load(state));
  CHECK(state.revision == before.revision + 1);
  CHECK(state.values[0] == 12.0F);
  const std::uint8_t note[] = {0x90, 60, 100};
  const std::int64_t at = rig.time.frame + 17;
  rig.stream.midi(17, note, 3);
  rig.block();
  REQUIRE(connection->segment.host().state.load(state));
  CHECK(state.notes == 1);
  rtgen::HostMidi message;
  REQUIRE(connection->segment.host().midi.pop(message));
  CHECK(message.position == at);
  CHECK(message.bytes[1] == 60);
}

TEST_CASE("an engine that writes garbage everywhere harms nobody") {
  std::mt19937_64 chance(1);
  for (int round = 0; round < 200; ++round) {
    StreamRig rig;
    StandInConnection* connection = rig.connect();
    StandInEngine engine(*connection);
    auto* bytes = static_cast<unsigned char*>(connection->memory.get());
    const std::size_t size = rtgen::Segment::takes_at() + sizeof(rtgen::TakeHeader) + 4096;
    for (int k = 0; k < 30; ++k) {
      rig.block();
      engine.step();
      for (int j = 0; j < 64; ++j) bytes[chance() % size] = static_cast<unsigned char>(chance());
      rig.block();
      for (const float x : rig.left) CHECK(std::fabs(x) <= 1.0F);
    }
  }
}

TEST_CASE("a segment that is none is refused") {
  StandInConnection* connection = StandInConnection::make();
  void* memory = connection->memory.get();
  const std::size_t size = rtgen::Segment::bytes(StandInConnection::kCapacity);
  rtgen::Segment other;
  CHECK(other.attach(memory, size) == rtgen::Refusal::kNone);
  CHECK(other.attach(memory, 100) == rtgen::Refusal::kTooSmall);
  CHECK(other.attach(memory, size - 1) == rtgen::Refusal::kTooSmall);
  CHECK(other.attach(static_cast<char*>(memory) + 8, size - 8) == rtgen::Refusal::kMisaligned);
  auto* header = static_cast<rtgen::SegmentHeader*>(memory);
  header->version.store(rtgen::kSegmentVersion + 1);
  CHECK(other.attach(memory, size) == rtgen::Refusal::kVersion);
  header->version.store(rtgen::kSegmentVersion);
  header->magic.store(7);
  CHECK(other.attach(memory, size) == rtgen::Refusal::kNotTakes);
  StandInConnection::free(connection);
}
