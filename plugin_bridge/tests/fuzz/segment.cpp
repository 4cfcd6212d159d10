// A segment that the process at its other end scribbles in: attached, read and written by our ends.
#include "rtgen/segment.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "chance.h"
#include "rtgen/take_reader.h"
#include "rtgen/take_writer.h"

namespace {

using namespace rtgen;
using namespace rtgen::fuzz;

constexpr std::uint32_t kCapacity = kSmallestCapacity;
constexpr int kMostTurns = 64;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Both ends, and the memory between them, which ends where the segment ends.
class Ends {
 public:
  Ends() : memory_(std::aligned_alloc(64, size())) {
    Segment made;
    RTGEN_DEMAND(made.create(memory_.get(), size(), 44100, kCapacity) == Refusal::kNone);
    use(made);
  }

  static std::size_t size() { return Segment::bytes(kCapacity); }

  void turn(Input& in) {
    switch (in.ConsumeIntegralInRange(0, 8)) {
      case 0:
      case 1:
        return scribble(in, memory_.get(), size());
      case 2:
        return attach(in);
      case 3:
        return read(in);
      case 4:
        return write(in);
      case 5:
        reader_->gain.store(static_cast<float>(real(in)));
        return reader_->paused.store(in.ConsumeBool());
      case 6:
        return hear_host();
      case 7:
        return be_host(in);
      default:
        writer_->begin(in.ConsumeIntegralInRange(1 - kFarthest, kFarthest - 1), in.ConsumeBool());
    }
  }

 private:
  void use(const Segment& segment) {
    segment_ = segment;
    reader_ = std::make_unique<TakeReader>(segment_.takes(), nullptr);
    writer_ = std::make_unique<TakeWriter>(segment_.takes());
  }

  // Whatever is accepted must lie inside what was mapped, whatever size that is.
  void attach(Input& in) {
    const std::size_t mapped =
        in.ConsumeBool() ? size() : in.ConsumeIntegralInRange<std::size_t>(0, size());
    const std::size_t shift =
        in.ConsumeBool() ? 0 : in.ConsumeIntegralInRange<std::size_t>(0, mapped);
    Segment found;
    if (found.attach(static_cast<std::byte*>(memory_.get()) + shift, mapped - shift) !=
        Refusal::kNone) {
      return;
    }
    RTGEN_DEMAND(valid_rate(found.takes().rate));
    RTGEN_DEMAND(Segment::bytes(found.takes().capacity) <= mapped - shift);
    use(found);
  }

  void read(Input& in) {
    std::array<float, 1400> out;
    const auto count = in.ConsumeIntegralInRange<std::uint64_t>(0, out.size() / 2);
    if (in.ConsumeBool()) {
      reader_->read(out.data(), count);
    } else {
      reader_->read_at(number(in), out.data(), count, in.ConsumeBool());
    }
    RTGEN_DEMAND(within(out.data(), 2 * count));
    RTGEN_DEMAND(reader_->ahead() >= 0);
    RTGEN_DEMAND(reader_->ahead() <= segment_.takes().capacity);
  }

  void write(Input& in) {
    const auto count = in.ConsumeIntegralInRange<std::int64_t>(0, 6000);
    const auto value = static_cast<float>(real(in));
    const std::vector<Frame> frames(static_cast<std::size_t>(count), Frame{value, -value});
    const std::int64_t space = writer_->space();
    RTGEN_DEMAND(space >= 0);
    RTGEN_DEMAND(space <= segment_.takes().capacity);
    const std::int64_t taken = writer_->write(frames.data(), count);
    RTGEN_DEMAND(taken >= 0 && taken <= count);
    writer_->playhead();
  }

  // [engine] A queue gives no more than it holds before its producer says more.
  void hear_host() const {
    HostState state;
    segment_.host().state.load(state);
    HostMidi message;
    int popped = 0;
    while (segment_.host().midi.pop(message)) ++popped;
    RTGEN_DEMAND(popped <= static_cast<int>(HostMidiQueue::kCapacity));
  }

  // [plugin] What it writes, whatever was written over it.
  void be_host(Input& in) const {
    HostState state;
    state.position = number(in);
    segment_.host().state.store(state);
    segment_.host().midi.push({number(in), {0x90, 60, 100, 0}});
    segment_.host().midi.lost();
  }

  std::unique_ptr<void, Free> memory_;
  Segment segment_;
  std::unique_ptr<TakeReader> reader_;
  std::unique_ptr<TakeWriter> writer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  Ends ends;
  for (int turn = 0; turn < kMostTurns && in.remaining_bytes() > 0; ++turn) ends.turn(in);
  return 0;
}
