// A host's transport as the stream's: where it is, which beat that is, and when it jumped.
//
// Hosts tell their position and beat anew for each block, off by a sample or a tick; taken
// literally, each would be a jump. What follows from the block before, within a tolerance, goes on.
#pragma once

#include <cmath>
#include <cstdint>

#include "rtgen/host_state.h"
#include "rtgen/realtime.h"

namespace rtgen {

// What a host says about a block's first frame.
struct BlockTime {
  bool valid{false};  // it has a transport at all
  bool playing{false};
  std::int64_t frame{0};
  double tempo{120.0};  // quarter notes a minute
  bool bars{false};     // the next three are known
  double bar_index{0.0};
  double quarters_in_bar{0.0};
  double bar_quarters{4.0};
  bool offline{false};  // rendered as fast as can be
};

class TransportFollower {
 public:
  static constexpr std::int64_t kFrameTolerance = 16;
  static constexpr double kBeatToleranceSeconds = 2e-3;

  struct Settings {
    bool host_tempo{true};
    bool follow{true};  // the host's transport; else run free
    double own_tempo{128.0};
  };

  void reset(double rate) noexcept {
    *this = TransportFollower();
    rate_ = rate;
  }

  // [audio thread] Updates `state` for a block of `n` frames; true if it is not what was to be
  // expected after the block before.
  bool follow(const BlockTime& said, const Settings& settings, std::uint32_t n,
              HostState& state) RTGEN_NONBLOCKING {
    const bool free = !settings.follow || !said.valid;
    const bool host_tempo = settings.host_tempo && said.valid && sane_tempo(said.tempo);
    const bool playing = free || said.playing;
    const bool bars = !free && host_tempo && said.bars && sane_bars(said);
    const double tempo = host_tempo ? said.tempo : settings.own_tempo;
    const double bar_beats = bars ? said.bar_quarters : 4.0;

    const std::int64_t asked = free ? expected_ : clamped(said.frame);
    const bool moved = free != free_ || std::llabs(asked - expected_) > kFrameTolerance;
    const bool located = !started_ || moved || playing != playing_ || bar_beats != bar_beats_;
    const std::int64_t position = located ? asked : expected_;

    const double steady = static_cast<double>(position) / rate_ * tempo / 60.0;
    const double told = bars ? said.bar_index * bar_beats + said.quarters_in_bar : steady;
    const bool off = bars && std::fabs(told - beat_) * 60.0 / tempo > kBeatToleranceSeconds;
    const double beat = located || off ? told : beat_;

    const bool changed = located || off || tempo != state.tempo;
    if (located) ++state.locates;
    if (playing && !playing_) ++state.fresh;
    state.position = position;
    state.beat = beat;
    state.tempo = tempo;
    state.bar_beats = bar_beats;
    state.playing = playing ? 1 : 0;

    started_ = true;
    free_ = free;
    playing_ = playing;
    bar_beats_ = bar_beats;
    expected_ = playing ? position + n : position;
    beat_ = playing ? beat + n * tempo / 60.0 / rate_ : beat;
    return changed;
  }

  // [audio thread] The position that the next block is expected to have.
  std::int64_t expected() const RTGEN_NONBLOCKING { return expected_; }

 private:
  static bool sane_tempo(double tempo) RTGEN_NONBLOCKING { return tempo >= 5.0 && tempo <= 1000.0; }

  static bool sane_bars(const BlockTime& said) RTGEN_NONBLOCKING {
    return said.bar_quarters >= 1.0 / 64.0 && said.bar_quarters <= 1024.0 &&
           std::fabs(said.bar_index) < 1e9 && std::fabs(said.quarters_in_bar) < 1e9;
  }

  static std::int64_t clamped(std::int64_t frame) RTGEN_NONBLOCKING {
    constexpr std::int64_t kFar = std::int64_t{1} << 59;
    return frame > kFar ? kFar : (frame < -kFar ? -kFar : frame);
  }

  double rate_{44100.0};
  bool started_{false};
  bool free_{false};
  bool playing_{false};
  double bar_beats_{4.0};
  std::int64_t expected_{0};
  double beat_{0.0};
};

}  // namespace rtgen
