// A hosted stream with an engine that runs in the test: it answers states with coded samples.
#pragma once

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "rig.h"
#include "rtgen/hosted_stream.h"
#include "rtgen/take_writer.h"

// Memory as a plugin maps it, and the connection that lies in it.
struct StandInConnection : rtgen::Connection {
  static constexpr std::uint32_t kCapacity = 1U << 16;

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  using Memory = std::unique_ptr<void, Free>;

  static StandInConnection* make(std::uint32_t rate = Rig::kRate,
                                 std::uint32_t capacity = kCapacity) {
    const std::size_t size = (rtgen::Segment::bytes(capacity) + 4095) / 4096 * 4096;
    Memory memory(std::aligned_alloc(4096, size));
    rtgen::Segment segment;
    if (segment.create(memory.get(), size, rate, capacity) != rtgen::Refusal::kNone) std::abort();
    return new StandInConnection(std::move(memory), segment);
  }
  static void free(rtgen::Connection* connection) {
    delete static_cast<StandInConnection*>(connection);
  }

  StandInConnection(Memory its_memory, const rtgen::Segment& made)
      : Connection(made), memory(std::move(its_memory)) {}
  Memory memory;
};

// The engine's side, one step at a time; `scale` marks which engine made a sample.
class StandInEngine {
 public:
  explicit StandInEngine(StandInConnection& connection, float scale = 1.0F)
      : segment_(connection.segment), writer_(segment_.takes()), scale_(scale) {}

  void step(std::int64_t lead = 20000) {
    rtgen::HostState state;
    if (segment_.host().state.load(state) && state.revision != revision_) {
      if (state.locates != locates_) begin(state.position);
      locates_ = state.locates;
      revision_ = state.revision;
      fill(4096);
      segment_.engine().settled.store(end_, std::memory_order_release);
      segment_.engine().answered.store(revision_, std::memory_order_release);
    } else if (revision_ != 0 && end_ - writer_.playhead() < lead && writer_.space() > 4096) {
      fill(4096);
      segment_.engine().settled.store(end_, std::memory_order_release);
    }
  }

 private:
  void begin(std::int64_t at) {
    writer_.begin(at, false);
    end_ = at;
  }

  void fill(std::int64_t count) {
    std::vector<rtgen::Frame> block;
    for (std::int64_t i = 0; i < count; ++i) block.push_back(Rig::coded(end_ + i, scale_));
    end_ += writer_.write(block.data(), count);
  }

  rtgen::Segment segment_;
  rtgen::TakeWriter writer_;
  float scale_;
  std::uint64_t revision_{0};
  std::uint64_t locates_{0};
  std::int64_t end_{0};
};

// A host around a stream.
struct StreamRig {
  explicit StreamRig(std::uint32_t block = 256, bool watches_clock = false)
      : stream(slots, watches_clock), left(block), right(block) {
    time.valid = time.playing = true;
    stream.activate(Rig::kRate);
  }
  ~StreamRig() {
    StandInConnection::free(slots.offered.exchange(nullptr));
    StandInConnection::free(slots.retired.exchange(nullptr));
    stream.deactivate(&StandInConnection::free);
  }

  StandInConnection* connect() {
    StandInConnection* made = StandInConnection::make();
    slots.offered.store(made);
    return made;
  }

  void block() {
    stream.run(time, left.data(), right.data(), static_cast<std::uint32_t>(left.size()));
    time.frame += static_cast<std::int64_t>(left.size());
  }

  // Whether the last block holds the coded samples of its positions.
  bool exact(float scale = 1.0F) const {
    const std::int64_t start = time.frame - static_cast<std::int64_t>(left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto want = Rig::coded(start + static_cast<std::int64_t>(i), scale);
      if (left[i] != want.left || right[i] != want.right) return false;
    }
    return true;
  }

  rtgen::ConnectionSlots slots;
  rtgen::HostedStream stream;
  rtgen::BlockTime time;
  std::vector<float> left;
  std::vector<float> right;
};
