// A hosted stream between a hostile engine and a host that says anything.
#include <array>
#include <memory>
#include <vector>

#include "../stream_rig.h"
#include "chance.h"
#include "host_bars.h"

namespace {

using namespace rtgen;
using namespace rtgen::fuzz;

constexpr std::size_t kWritten = Segment::bytes(kSmallestCapacity);
constexpr int kMostTurns = 48;
constexpr double kRates[] = {8000.0, 44100.0, 48000.0, 96000.0, 384000.0};

class Play {
 public:
  Play() : stream_(slots_, false) { stream_.activate(44100.0); }
  ~Play() {
    stream_.deactivate([](Connection*) {});
  }

  void turn(Input& in) {
    switch (in.ConsumeIntegralInRange(0, 7)) {
      case 0:
        return connect();
      case 1:
        if (newest_ != nullptr) scribble(in, newest_->memory.get(), kWritten);
        return;
      case 2:
        if (engine_ != nullptr) engine_->step();
        return;
      case 3:
        return turn_knobs(in);
      case 4:
        return midi(in);
      case 5:
        if (newest_ != nullptr) newest_->gone.store(in.ConsumeBool());
        return;
      case 6:
        return stream_.activate(in.PickValueInArray(kRates));
      default:
        return run(in);
    }
  }

 private:
  // A link offers a connection once those before were taken or given back.
  void connect() {
    const Connection* retired = slots_.retired.exchange(nullptr);
    std::erase_if(alive_, [&](const auto& one) { return one.get() == retired; });
    if (slots_.offered.load() != nullptr) return;
    newest_ = StandInConnection::make(44100, kSmallestCapacity);
    alive_.emplace_back(newest_);
    engine_ = std::make_unique<StandInEngine>(*newest_);
    slots_.offered.store(newest_);
  }

  void turn_knobs(Input& in) {
    const auto knob = in.ConsumeIntegralInRange<std::uint32_t>(0, kHostValues - 1);
    stream_.set(static_cast<HostValue>(knob), static_cast<float>(real(in)));
    stream_.set_own_tempo(in.ConsumeFloatingPointInRange(60.0F, 200.0F));
    stream_.set_host_tempo(in.ConsumeBool());
    stream_.set_follow(in.ConsumeBool());
    stream_.set_gain(static_cast<float>(real(in)));
    stream_.set_bypass(in.ConsumeBool());
  }

  void midi(Input& in) {
    std::array<std::uint8_t, 4> bytes{};
    in.ConsumeData(bytes.data(), bytes.size());
    stream_.midi(in.ConsumeIntegral<std::uint32_t>(), bytes.data(),
                 in.ConsumeIntegralInRange(0U, 4U));
  }

  BlockTime time(Input& in) {
    BlockTime said;
    said.valid = in.ConsumeBool();
    said.playing = in.ConsumeBool();
    said.frame = in.ConsumeBool() ? next_ : number(in);
    said.tempo = in.ConsumeBool() ? 128.0 : real(in);
    said.bars = in.ConsumeBool();
    if (said.bars) {
      const HostBars bars = bars_of(real(in), in.ConsumeBool(), real(in), real(in), real(in));
      said.bar_index = bars.index;
      said.quarters_in_bar = bars.quarters_in_bar;
      said.bar_quarters = bars.bar_quarters;
    }
    said.offline = in.ConsumeBool();
    return said;
  }

  void run(Input& in) {
    const BlockTime said = time(in);
    const auto count = in.ConsumeIntegralInRange<std::uint32_t>(0, kBlock);
    if (said.offline) keep_from_waiting();
    stream_.run(said, left_.data(), right_.data(), count);
    next_ = std::min(std::max(said.frame, -kFarthest), kFarthest) + count;
    RTGEN_DEMAND(within(left_.data(), count));
    RTGEN_DEMAND(within(right_.data(), count));
    RTGEN_DEMAND(stream_.lead_seconds() >= 0.0F);
    RTGEN_DEMAND(stream_.status() <= Status::kBouncing);
  }

  // Offline a stream waits ten seconds for an engine; what it does after that is what counts here.
  void keep_from_waiting() {
    for (const auto& connection : alive_) {
      connection->segment.engine().answered.store(~std::uint64_t{0});
      connection->segment.engine().settled.store(std::numeric_limits<std::int64_t>::max());
    }
  }

  static constexpr std::uint32_t kBlock = 700;

  ConnectionSlots slots_;
  HostedStream stream_;
  std::vector<std::unique_ptr<StandInConnection>> alive_;
  StandInConnection* newest_{nullptr};
  std::unique_ptr<StandInEngine> engine_;
  std::int64_t next_{0};
  std::array<float, kBlock> left_{};
  std::array<float, kBlock> right_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  Play play;
  for (int turn = 0; turn < kMostTurns && in.remaining_bytes() > 0; ++turn) play.turn(in);
  return 0;
}
