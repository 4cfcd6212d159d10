// What a plugin is inside: a host's transport and knobs go to the engine, the engine's takes come
// out. Knows no plugin format.
//
// Threads: one audio thread calls `midi` and `run`; whoever moves a parameter calls the setters;
// the link thread offers connections and takes back those that ended; `activate` and `deactivate`
// are called while no audio runs. The audio thread only reads and writes shared memory; offline,
// where a host waits for its plugins anyway, it waits for the engine.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <utility>

#include "rtgen/connection.h"
#include "rtgen/offline_wait.h"
#include "rtgen/transport_follower.h"

namespace rtgen {

// What a user reads, one row of the table of states each.
enum class Status : std::uint32_t {
  kNoEngine,
  kFilling,
  kPlaying,
  kStopped,
  kLate,
  kEngineLost,
  kBouncing
};

class HostedStream {
 public:
  // `watches_clock`: a host that asks faster than any sound card is taken to render offline, though
  // it does not say so.
  explicit HostedStream(ConnectionSlots& slots, bool watches_clock = true) noexcept
      : slots_(slots), watches_clock_(watches_clock) {}

  // [any thread] What the knobs say.
  void set(HostValue value, float to) RTGEN_NONBLOCKING {
    values_[static_cast<std::uint32_t>(value)].store(to, std::memory_order_relaxed);
  }
  void set_own_tempo(float tempo) RTGEN_NONBLOCKING {
    own_tempo_.store(tempo, std::memory_order_relaxed);
  }
  void set_host_tempo(bool on) RTGEN_NONBLOCKING {
    host_tempo_.store(on, std::memory_order_relaxed);
  }
  void set_follow(bool on) RTGEN_NONBLOCKING { follow_.store(on, std::memory_order_relaxed); }
  void set_gain(float gain) RTGEN_NONBLOCKING { gain_.store(gain, std::memory_order_relaxed); }
  void set_bypass(bool on) RTGEN_NONBLOCKING { bypass_.store(on, std::memory_order_relaxed); }

  // [main thread, no audio] Starts afresh at a rate in frames a second.
  void activate(double rate) noexcept {
    rate_ = rate;
    state_.block = 0;
    follower_.reset(rate);
    timed_ = false;
    racing_ = false;
    adopt();
  }

  // [main thread, no audio] Asks for the first quarter second and waits for it, at most a second:
  // a host that does not say that it renders offline gets every sample all the same.
  void prime() noexcept {
    adopt();
    if (current_ == nullptr) return;
    for (std::uint32_t k = 0; k < kHostValues; ++k) {
      state_.values[k] = values_[k].load(std::memory_order_relaxed);
    }
    ++state_.locates;
    state_.playing = 0;
    publish();
    const auto wanted = state_.position + static_cast<std::int64_t>(rate_ / 4.0);
    wait_for(*current_, state_.revision, wanted, std::chrono::seconds(1));
  }

  // [main thread, no audio] Gives up its connections; the link must have stopped.
  void deactivate(void (*free)(Connection*)) noexcept {
    free(std::exchange(current_, nullptr));
    free(std::exchange(retiring_, nullptr));
    connected_.store(false, std::memory_order_relaxed);
    status_.store(Status::kNoEngine, std::memory_order_relaxed);
  }

  // [audio thread] A message that arrives in the block that `run` is called for next.
  void midi(std::uint32_t frame, const std::uint8_t* bytes, std::uint32_t size) RTGEN_NONBLOCKING {
    if (current_ == nullptr || size == 0 || size > 3) return;
    HostMidi message;
    message.position = follower_.expected() + frame;
    for (std::uint32_t k = 0; k < size; ++k) message.bytes[k] = bytes[k];
    if (current_->segment.host().midi.push(message)) ++notes_;
  }

  // [audio thread] `n` frames.
  void run(const BlockTime& time, float* left, float* right, std::uint32_t n) RTGEN_NONBLOCKING {
    const bool fresh = adopt();
    watch_blocks(n);
    const bool changed = take_knobs(time, n);
    const bool sounds = state_.playing != 0 && !bypass_.load(std::memory_order_relaxed);
    const bool offline = state_.playing != 0 && (time.offline || races(n));
    const bool told = state_.offline != 0;
    state_.offline = offline ? 1 : 0;
    if (current_ == nullptr) {
      silence(left, right, n);
    } else {
      current_->segment.host().beats.fetch_add(1, std::memory_order_release);
      if (fresh || changed || told != offline) publish();
      if (offline) wait(n);
      play(left, right, n, sounds, offline);
    }
    fade_retiring(left, right, n);
    show(sounds, offline);
  }

  // [any thread] Meters.
  float lead_seconds() const noexcept { return lead_.load(std::memory_order_relaxed); }
  float peak_left() const noexcept { return peak_left_.load(std::memory_order_relaxed); }
  float peak_right() const noexcept { return peak_right_.load(std::memory_order_relaxed); }
  std::uint32_t underruns() const noexcept { return underruns_.load(std::memory_order_relaxed); }
  Status status() const noexcept { return status_.load(std::memory_order_relaxed); }
  bool connected() const noexcept { return connected_.load(std::memory_order_relaxed); }

 private:
  static constexpr int kChunk = 256;
  static constexpr std::uint64_t kRecentBlocks = 64;
  static constexpr double kRacing = 0.25;  // seconds ahead of the clock that no live host is
  static constexpr double kRaced = 0.1;
  static constexpr double kMostAhead = 0.5;
  static constexpr double kForgiven = 0.1;  // of the time that passes: who caught up is live again

  // Takes a connection that the link offers; the one before fades out. True if there is a new one.
  bool adopt() RTGEN_NONBLOCKING {
    if (retiring_ != nullptr) return false;
    Connection* offered = slots_.offered.exchange(nullptr, std::memory_order_acq_rel);
    if (offered == nullptr) return false;
    retiring_ = current_;
    if (retiring_ != nullptr) retiring_->reader.paused.store(true, std::memory_order_relaxed);
    lost_before_ = underruns_.load(std::memory_order_relaxed);
    current_ = offered;
    notes_ = 0;
    run_out_ = state_.position;
    return true;
  }

  // Hosts announce far larger blocks than they use; what counts is the largest of late.
  void watch_blocks(std::uint32_t n) RTGEN_NONBLOCKING {
    recent_block_ = std::max(recent_block_, n);
    state_.block = std::max(state_.block, n);
    if (++blocks_ % kRecentBlocks == 0) state_.block = std::exchange(recent_block_, 0);
  }

  bool take_knobs(const BlockTime& time, std::uint32_t n) RTGEN_NONBLOCKING {
    TransportFollower::Settings settings;
    settings.host_tempo = host_tempo_.load(std::memory_order_relaxed);
    settings.follow = follow_.load(std::memory_order_relaxed);
    settings.own_tempo = own_tempo_.load(std::memory_order_relaxed);
    const std::int64_t came_to = follower_.expected();
    bool changed = follower_.follow(time, settings, n, state_);
    if (state_.playing == 0) run_out_ = std::max(run_out_, came_to);
    for (std::uint32_t k = 0; k < kHostValues; ++k) {
      const float now = values_[k].load(std::memory_order_relaxed);
      changed = changed || now != state_.values[k];
      state_.values[k] = now;
    }
    changed = changed || notes_ != state_.notes;
    state_.notes = notes_;
    return changed;
  }

  void publish() RTGEN_NONBLOCKING {
    ++state_.revision;
    current_->segment.host().state.store(state_);
  }

  // Whether the host asks for sound faster than any sound card would.
  bool races(std::uint32_t n) RTGEN_NONBLOCKING {
    if (state_.playing == 0 || !watches_clock_) {
      timed_ = false;
      racing_ = false;
      return false;
    }
    const double now = seconds_now();
    if (timed_) {
      ahead_ -= now - seen_at_;
      if (ahead_ > 0.0) ahead_ = std::max(0.0, ahead_ - kForgiven * (now - seen_at_));
    } else {
      ahead_ = 0.0;
    }
    timed_ = true;
    seen_at_ = now;
    ahead_ = std::clamp(ahead_, -kMostAhead, kMostAhead);
    racing_ = ahead_ > (racing_ ? kRaced : kRacing);
    ahead_ += static_cast<double>(n) / rate_;
    return racing_;
  }

  static double seconds_now() RTGEN_NONBLOCKING {
    RTGEN_OFF_THE_CLOCK_BEGIN  // reads the clock in user space, no system call on any system
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    RTGEN_OFF_THE_CLOCK_END
  }

  void wait(std::uint32_t n) RTGEN_NONBLOCKING {
    const std::int64_t fade = static_cast<std::int64_t>(rate_ / 100.0);
    const double before = seconds_now();
    wait_offline(*current_, state_.revision, state_.position + n + fade);
    seen_at_ += seconds_now() - before;  // it is not the host that is slow
  }

  void play(float* left, float* right, std::uint32_t n, bool sounds,
            bool offline) RTGEN_NONBLOCKING {
    TakeReader& reader = current_->reader;
    reader.paused.store(!sounds, std::memory_order_relaxed);
    reader.gain.store(gain_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    const bool moves = state_.playing != 0;  // under a bypass too: the engine stays ahead of it
    if (moves) run_out_ = state_.position;
    if (!moves && reader.shut()) {
      silence(left, right, n);
      return;
    }
    // What stops fades out while its sound goes on for a moment.
    run_out_ = read(reader, run_out_, left, right, n, offline && sounds);
  }

  static std::int64_t read(TakeReader& reader, std::int64_t position, float* left, float* right,
                           std::uint32_t n, bool exact) RTGEN_NONBLOCKING {
    Frame frames[kChunk];
    for (std::uint32_t at = 0; at < n; at += kChunk) {
      const std::uint32_t count = n - at < kChunk ? n - at : kChunk;
      reader.read_at(position, &frames[0].left, count, exact);
      for (std::uint32_t i = 0; i < count; ++i) {
        left[at + i] = frames[i].left;
        right[at + i] = frames[i].right;
      }
      position += count;
    }
    return position;
  }

  // The connection before this one dies away on top of what is heard now.
  void fade_retiring(float* left, float* right, std::uint32_t n) RTGEN_NONBLOCKING {
    if (retiring_ == nullptr) return;
    float old_left[kChunk];
    float old_right[kChunk];
    for (std::uint32_t at = 0; at < n && !retiring_->reader.shut(); at += kChunk) {
      const std::uint32_t count = n - at < kChunk ? n - at : kChunk;
      read(retiring_->reader, state_.position + at, old_left, old_right, count, false);
      for (std::uint32_t i = 0; i < count; ++i) {
        left[at + i] = within(left[at + i] + old_left[i]);
        right[at + i] = within(right[at + i] + old_right[i]);
      }
    }
    if (!retiring_->reader.shut()) return;
    Connection* none = nullptr;
    if (slots_.retired.compare_exchange_strong(none, retiring_, std::memory_order_acq_rel)) {
      retiring_ = nullptr;
    }
  }

  static float within(float x) RTGEN_NONBLOCKING {
    return x > 1.0F ? 1.0F : (x < -1.0F ? -1.0F : x);
  }

  static void silence(float* left, float* right, std::uint32_t n) RTGEN_NONBLOCKING {
    for (std::uint32_t i = 0; i < n; ++i) left[i] = right[i] = 0.0F;
  }

  void show(bool sounds, bool offline) RTGEN_NONBLOCKING {
    const bool there = current_ != nullptr && !current_->gone.load(std::memory_order_acquire);
    connected_.store(there, std::memory_order_relaxed);
    if (current_ == nullptr) {
      status_.store(Status::kNoEngine, std::memory_order_relaxed);
      return;
    }
    const TakeReader& reader = current_->reader;
    const auto ahead = static_cast<float>(static_cast<double>(reader.ahead()) / rate_);
    lead_.store(ahead, std::memory_order_relaxed);
    peak_left_.store(reader.meters.peak_left.load(std::memory_order_relaxed),
                     std::memory_order_relaxed);
    peak_right_.store(reader.meters.peak_right.load(std::memory_order_relaxed),
                      std::memory_order_relaxed);
    const auto dry =
        static_cast<std::uint32_t>(reader.meters.underruns.load(std::memory_order_relaxed));
    underruns_.store(lost_before_ + dry, std::memory_order_relaxed);
    Status now = Status::kPlaying;
    if (!there) {
      now = Status::kEngineLost;
    } else if (!sounds) {
      now = Status::kStopped;
    } else if (offline) {
      now = Status::kBouncing;
    } else if (ahead <= 0.0F) {
      now = reader.meters.takes.load(std::memory_order_relaxed) == 0 ? Status::kFilling
                                                                     : Status::kLate;
    }
    status_.store(now, std::memory_order_relaxed);
  }

  ConnectionSlots& slots_;
  const bool watches_clock_;
  std::atomic<float> values_[kHostValues]{};
  std::atomic<float> own_tempo_{128.0F};
  std::atomic<float> gain_{1.0F};
  std::atomic<bool> host_tempo_{true};
  std::atomic<bool> follow_{true};
  std::atomic<bool> bypass_{false};

  // The audio thread's own.
  double rate_{44100.0};
  TransportFollower follower_;
  HostState state_;
  std::uint64_t notes_{0};
  Connection* current_{nullptr};
  Connection* retiring_{nullptr};
  std::int64_t run_out_{0};  // where sound that has stopped goes on while it fades
  double seen_at_{0.0};      // when the last block was asked for
  double ahead_{0.0};        // seconds that the host has asked for and the clock has not seen
  std::uint64_t blocks_{0};
  std::uint32_t recent_block_{0};
  bool timed_{false};
  bool racing_{false};
  std::uint32_t lost_before_{0};

  std::atomic<float> lead_{0.0F};
  std::atomic<float> peak_left_{0.0F};
  std::atomic<float> peak_right_{0.0F};
  std::atomic<std::uint32_t> underruns_{0};
  std::atomic<Status> status_{Status::kNoEngine};
  std::atomic<bool> connected_{false};
};

}  // namespace rtgen
