// A host's song: where it plays, in frames and in beats of any tempo and meter, with seeks and
// loops.
#pragma once

#include <clap/events.h>

#include <cmath>
#include <cstdint>

namespace rtgen::host {

class Song {
 public:
  explicit Song(double rate) : rate_(rate) {}

  bool playing{true};
  double tempo{120.0};
  std::int64_t jitter{0};  // frames that every other block is told wrong by

  std::int64_t frame() const { return frame_; }
  double beat() const { return beat_; }
  void set_rate(double rate) { rate_ = rate; }

  // The beat is what the current tempo says, unless the caller knows better.
  void seek(std::int64_t frame) { seek(frame, static_cast<double>(frame) / rate_ * tempo / 60.0); }
  void seek(std::int64_t frame, double beat) {
    frame_ = frame;
    beat_ = beat;
  }

  // A bar of the new meter starts here.
  void set_meter(int numerator, int denominator) {
    bar_number_at_anchor_ = bar_number();
    anchor_ = beat_;
    numerator_ = numerator;
    denominator_ = denominator;
  }

  // Frames from `start` up to `end` again and again; none if they are equal.
  void loop(std::int64_t start, std::int64_t end) {
    loop_start_ = start;
    loop_end_ = end;
  }

  // How many of the next `n` frames come before a jump.
  std::uint32_t before_jump(std::uint32_t n) const {
    if (!playing || !looping() || frame_ >= loop_end_) return n;
    const std::int64_t left = loop_end_ - frame_;
    return left < n ? static_cast<std::uint32_t>(left) : n;
  }

  void advance(std::uint32_t n) {
    if (!playing) return;
    frame_ += n;
    beat_ += n * tempo / 60.0 / rate_;
    if (looping() && frame_ == loop_end_) seek(loop_start_);
  }

  clap_event_transport_t told(bool odd_block) const {
    const double bar = 4.0 * numerator_ / denominator_;
    const std::int64_t told_frame = frame_ + (odd_block ? jitter : 0);
    clap_event_transport_t event{};
    event.header = {sizeof(event), 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT, 0};
    event.flags = CLAP_TRANSPORT_HAS_TEMPO | CLAP_TRANSPORT_HAS_BEATS_TIMELINE |
                  CLAP_TRANSPORT_HAS_SECONDS_TIMELINE | CLAP_TRANSPORT_HAS_TIME_SIGNATURE;
    if (playing) event.flags |= CLAP_TRANSPORT_IS_PLAYING;
    if (looping()) event.flags |= CLAP_TRANSPORT_IS_LOOP_ACTIVE;
    event.song_pos_seconds = std::llround(static_cast<double>(told_frame) / rate_ *
                                          static_cast<double>(CLAP_SECTIME_FACTOR));
    event.song_pos_beats = fixed(beat_);
    event.tempo = tempo;
    event.bar_start = fixed(anchor_ + std::floor((beat_ - anchor_) / bar + kTick) * bar);
    event.bar_number = bar_number();
    event.tsig_num = static_cast<std::uint16_t>(numerator_);
    event.tsig_denom = static_cast<std::uint16_t>(denominator_);
    return event;
  }

 private:
  static constexpr double kTick = 1e-9;

  bool looping() const { return loop_end_ > loop_start_; }

  std::int32_t bar_number() const {
    const double bar = 4.0 * numerator_ / denominator_;
    return bar_number_at_anchor_ +
           static_cast<std::int32_t>(std::floor((beat_ - anchor_) / bar + kTick));
  }

  static std::int64_t fixed(double beats) {
    return std::llround(beats * static_cast<double>(CLAP_BEATTIME_FACTOR));
  }

  double rate_;
  std::int64_t frame_{0};
  double beat_{0.0};
  double anchor_{0.0};  // beat at which the meter began
  std::int32_t bar_number_at_anchor_{0};
  int numerator_{4};
  int denominator_{4};
  std::int64_t loop_start_{0};
  std::int64_t loop_end_{0};
};

}  // namespace rtgen::host
