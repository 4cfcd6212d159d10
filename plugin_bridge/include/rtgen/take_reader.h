// The reader's side of the takes: all that happens on the audio thread.
//
// At each block it moves to the newest take that holds the playhead, under a cross-fade of 10 ms,
// of 2.5 ms where a host jumps. If none does, it fades out, counts and goes on; it never waits. Run
// free, the playhead keeps its place while sound is missing; told the position by a host, it goes
// where the host goes, and leaves a take about to run dry for an older one that holds more.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/cross_fade.h"
#include "rtgen/edges.h"
#include "rtgen/meters.h"
#include "rtgen/output_stage.h"
#include "rtgen/take_layout.h"
#include "rtgen/take_view.h"

namespace rtgen {

class TakeReader {
 public:
  static constexpr int kChunk = 256;              // frames handled in one go
  static constexpr std::int64_t kTolerance = 16;  // frames that a host's clock may jitter

  // `tap` gets what is heard, while `tapped`.
  TakeReader(const TakeMemory& memory, FrameRing* tap) noexcept
      : header_(memory.header),
        view_(memory),
        tap_(tap),
        fade_length_(static_cast<int>(memory.rate / 100)),
        jump_length_(static_cast<int>(memory.rate / 400)),
        edges_(static_cast<int>(memory.rate / 200)),
        stage_(memory.rate, static_cast<int>(memory.rate / 200)) {}

  Meters meters;
  std::atomic<float> gain{1.0F};
  std::atomic<bool> paused{false};
  std::atomic<bool> tapped{false};

  // [audio thread] The next `count` frames, interleaved.
  void read(float* out, std::uint64_t count) RTGEN_NONBLOCKING {
    hosted_ = false;
    blocks(out, count);
  }

  // [audio thread] `count` frames from the position a host dictates; returns the position given,
  // which is the host's or up to `kTolerance` frames from it. Jumps of the writer are not followed.
  // `exact`: sound that starts does so with its first sample as it is, not under a fade.
  std::int64_t read_at(std::int64_t position, float* out, std::uint64_t count,
                       bool exact = false) RTGEN_NONBLOCKING {
    if (position > -kFarthest && position < kFarthest) relocate(position);
    hosted_ = true;
    if (exact && !edges_.sounding()) edges_.skip();
    if (exact && stage_.shut()) stage_.open(gain.load(std::memory_order_relaxed));
    const std::int64_t given = position_;
    blocks(out, count);
    return given;
  }

  // [audio thread] Whether nothing passes: paused, and faded out.
  bool shut() const RTGEN_NONBLOCKING { return stage_.shut(); }

  // [audio thread] Frames that the take that is heard has from here on.
  std::int64_t ahead() const RTGEN_NONBLOCKING { return view_.available(current_, position_); }

 private:
  void blocks(float* out, std::uint64_t count) RTGEN_NONBLOCKING {
    Frame* target = reinterpret_cast<Frame*>(out);
    meters.frames.fetch_add(count, std::memory_order_relaxed);
    while (count > 0) {
      const int n = static_cast<int>(count < kChunk ? count : kChunk);
      chunk(target, n);
      if (tapped.load(std::memory_order_relaxed)) {
        const std::uint64_t taken = tap_->push(target, static_cast<std::uint64_t>(n));
        meters.tap_lost.fetch_add(static_cast<std::uint64_t>(n) - taken, std::memory_order_relaxed);
      }
      target += n;
      count -= static_cast<std::uint64_t>(n);
    }
  }

  void chunk(Frame* out, int n) RTGEN_NONBLOCKING {
    const bool silent = paused.load(std::memory_order_relaxed);
    if (silent && stage_.shut()) {
      for (int i = 0; i < n; ++i) out[i] = {0.0F, 0.0F};
      if (hosted_) move_by(n);
    } else {
      follow(n);
      const int got = view_.fetch(current_, position_, out, n);
      if (!fading_.none()) mix_fading(out, got, n);
      const bool stopped = edges_.apply(out, got, n);
      if (stopped && started_) meters.underruns.fetch_add(1, std::memory_order_relaxed);
      if (got < n && started_) {
        meters.missing_frames.fetch_add(static_cast<std::uint64_t>(n - got),
                                        std::memory_order_relaxed);
      }
      move_by(hosted_ ? n : got);
    }
    stage_.apply(out, n, silent ? 0.0F : gain.load(std::memory_order_relaxed), meters);
  }

  void move_by(int frames) RTGEN_NONBLOCKING {
    if (position_ < kFarthest) position_ += frames;
    header_->playhead.store(position_, std::memory_order_release);
  }

  // Where the host is, if it is not where we are.
  void relocate(std::int64_t position) RTGEN_NONBLOCKING {
    const std::int64_t away = position - position_;
    if (hosted_ && away >= -kTolerance && away <= kTolerance) return;
    if (edges_.sounding()) leave(jump_length_);
    position_ = position;
  }

  // The take that is heard becomes the one that fades, for as long as it lasts. Where it ends too
  // soon, and in mid-fade, a short tail must do.
  void leave(int length) RTGEN_NONBLOCKING {
    const std::int64_t left = view_.available(current_, position_);
    if (!fading_.none() || left < kShortestFade) {
      edges_.cut();
      end_fade();
      return;
    }
    fading_ = current_;
    fading_position_ = position_;
    fade_at_ = 0;
    fade_frames_ = left < length ? static_cast<int>(left) : length;
    shared_ = kUnknown;
  }

  // Moves to the newest take if it is ready for this block, else to the newest that is. Older ones
  // than that which is heard are for hosts, that go back or ask for large blocks faster than a new
  // take is made; free running they would only hide that sound is missing.
  void follow(int n) RTGEN_NONBLOCKING {
    const bool in_mid_fade = !fading_.none() && fade_at_ > 0;
    if (in_mid_fade && view_.available(current_, position_) >= n) return;
    const std::uint32_t newest = header_->newest.load(std::memory_order_acquire);
    if (newest >= kTakes || try_take(newest, n)) return;
    const HeldTake next = next_newest(newest, n);
    if (!next.none()) try_take(next.slot, n);
  }

  // Whether a fade to another take can still wait.
  bool lasts(int n) const RTGEN_NONBLOCKING {
    const std::int64_t left = view_.available(current_, position_);
    return hosted_ ? left >= n + fade_length_ : left > 0;
  }

  // The newest take but `newest` that holds this block.
  HeldTake next_newest(std::uint32_t newest, int n) const RTGEN_NONBLOCKING {
    HeldTake best;
    if (!started_ && !hosted_) return best;
    const bool only_newer = !hosted_ || lasts(n);
    for (std::uint32_t slot = 0; slot < kTakes; ++slot) {
      if (slot == newest || slot == current_.slot) continue;
      const Take& take = header_->takes[slot];
      const HeldTake other{slot, take.id.load(std::memory_order_acquire),
                           take.start.load(std::memory_order_relaxed)};
      if (other.id == 0 || view_.available(other, position_) < n) continue;
      if (!hosted_ && take.jump.load(std::memory_order_relaxed) != 0) continue;
      if (only_newer && !newer(other.id, current_.id)) continue;
      if (best.none() || newer(other.id, best.id)) best = other;
    }
    return best;
  }

  static bool newer(std::uint32_t id, std::uint32_t than) RTGEN_NONBLOCKING {
    return id != than && id - than < 1U << 31;  // ids wrap round
  }

  // True if `slot` is what is heard now, and may stay so.
  bool try_take(std::uint32_t slot, int n) RTGEN_NONBLOCKING {
    const Take& take = header_->takes[slot];
    if (slot == current_.slot && take.id.load(std::memory_order_acquire) == current_.id) {
      return lasts(n);
    }
    header_->held.store(held_bits() | (1U << slot), std::memory_order_seq_cst);
    const std::uint32_t id = take.id.load(std::memory_order_seq_cst);
    const HeldTake next{slot, id, take.start.load(std::memory_order_relaxed)};
    const std::int64_t had = view_.available(current_, position_);
    const bool jumps = !hosted_ && (take.jump.load(std::memory_order_relaxed) != 0 || !started_ ||
                                    stranded(next, had));
    const std::int64_t at = jumps ? next.start : position_;
    const std::int64_t ahead = view_.available(next, at);
    const bool ready = id != 0 && ahead >= n && (ahead >= fade_length_ + n || ahead >= had);
    if (ready) switch_to(next, at);
    header_->held.store(held_bits(), std::memory_order_seq_cst);
    return ready;
  }

  // A free-running reader that ran dry would never reach a take that starts later.
  bool stranded(const HeldTake& next, std::int64_t had) const RTGEN_NONBLOCKING {
    return !edges_.sounding() && had == 0 && next.start > position_;
  }

  void switch_to(const HeldTake& next, std::int64_t at) RTGEN_NONBLOCKING {
    const bool about_to_fade = !fading_.none() && fade_at_ == 0;  // the host went elsewhere
    if (!edges_.sounding()) {
      end_fade();
    } else if (!about_to_fade) {
      leave(fade_length_);
    }
    current_ = next;
    position_ = at;
    started_ = true;
    meters.takes.fetch_add(1, std::memory_order_relaxed);
    header_->playhead.store(position_, std::memory_order_release);
    header_->followed.store(next.id, std::memory_order_release);
  }

  std::uint32_t held_bits() const RTGEN_NONBLOCKING {
    return (current_.none() ? 0 : 1U << current_.slot) | (fading_.none() ? 0 : 1U << fading_.slot);
  }

  // `got` of `n` frames at `out` are the new take's; where they end, so does the fade.
  void mix_fading(Frame* out, int got, int n) RTGEN_NONBLOCKING {
    Frame old[kChunk];
    const int had = view_.fetch(fading_, fading_position_, old, kChunk);
    for (int i = had; i < got; ++i) old[i] = {0.0F, 0.0F};
    if (shared_ < 0.0F) {
      Frame fresh[kChunk];
      const int seen = view_.fetch(current_, position_, fresh, kChunk);
      shared_ = correlation(old, fresh, had < seen ? had : seen);
    }
    for (int i = 0; i < got && fade_at_ < fade_frames_; ++i, ++fade_at_) {
      const FadeGains g = fade_gains(fade_at_, fade_frames_, shared_);
      out[i] = {old[i].left * g.out + out[i].left * g.in,
                old[i].right * g.out + out[i].right * g.in};
    }
    fading_position_ += got;
    if (fade_at_ >= fade_frames_ || got < n) end_fade();
  }

  void end_fade() RTGEN_NONBLOCKING {
    fading_ = {};
    header_->held.store(held_bits(), std::memory_order_seq_cst);
  }

  static constexpr float kUnknown = -1.0F;
  static constexpr std::int64_t kShortestFade = 32;

  TakeHeader* header_;
  TakeView view_;
  FrameRing* tap_;
  int fade_length_;
  int jump_length_;  // a host that jumps wants the beat that it jumps to
  Edges edges_;
  OutputStage stage_;
  HeldTake current_;
  HeldTake fading_;
  std::int64_t position_{0};
  std::int64_t fading_position_{0};
  int fade_at_{0};
  int fade_frames_{0};
  float shared_{kUnknown};  // correlation of the two sounds of a fade
  bool started_{false};
  bool hosted_{false};
};

}  // namespace rtgen
