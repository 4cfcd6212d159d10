// The reader's side of the takes: all that happens on the audio thread.
//
// At each block it moves to the newest take that holds the playhead, under a cross-fade of 10 ms.
// If no take does, it fades out, counts, and keeps its place; it never waits.
#pragma once

#include <atomic>
#include <cmath>
#include <cstdint>

#include "rtgen/cross_fade.h"
#include "rtgen/meters.h"
#include "rtgen/take_slots.h"

namespace rtgen {

class TakeReader {
 public:
  static constexpr int kChunk = 256;  // frames handled in one go

  TakeReader(TakeHeader* header, const Frame* frames, FrameRing* tap) noexcept
      : header_(header),
        frames_(frames),
        capacity_(header->capacity),
        tap_(tap),
        fade_length_(static_cast<int>(header->rate / 100)),
        edge_length_(static_cast<int>(header->rate / 200)) {}

  Meters meters;
  std::atomic<float> gain{1.0F};
  std::atomic<bool> paused{false};
  std::atomic<bool> tapped{false};

  // [audio thread] The next `count` frames, interleaved.
  void read(float* out, std::uint64_t count) RTGEN_NONBLOCKING {
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

 private:
  struct Place {
    std::uint32_t slot{kTakes};
    std::int64_t start{0};
  };

  void chunk(Frame* out, int n) RTGEN_NONBLOCKING {
    const bool silent = paused.load(std::memory_order_relaxed);
    if (silent && level_ <= 0.0F) {
      for (int i = 0; i < n; ++i) out[i] = {0.0F, 0.0F};
      return;
    }
    follow(n);
    const int got = current_.slot < kTakes ? fetch(current_, position_, out, n) : 0;
    if (fading_.slot < kTakes) mix_fading(out, got);
    if (got < n) run_dry(out, got, n);
    if (got > 0 && dry_) resume(out, got);
    if (got < n) dry_ = true;
    position_ += got;
    header_->playhead.store(position_, std::memory_order_release);
    finish(out, n, silent ? 0.0F : gain.load(std::memory_order_relaxed));
  }

  // Moves to the newest take if it is ready for this block.
  void follow(int n) RTGEN_NONBLOCKING {
    const std::uint32_t slot = header_->newest.load(std::memory_order_acquire);
    if (slot >= kTakes || fading_.slot < kTakes) return;
    Take& take = header_->takes[slot];
    if (slot == current_.slot && take.id.load(std::memory_order_acquire) == current_id_) return;
    header_->held.store(bits() | (1U << slot), std::memory_order_seq_cst);
    const std::uint32_t id = take.id.load(std::memory_order_seq_cst);
    const Place place{slot, take.start.load(std::memory_order_relaxed)};
    const std::int64_t had = started_ ? available(current_, position_) : 0;
    // A reader that ran dry would never reach a take that starts later: it goes there.
    const bool stranded = dry_ && had == 0 && place.start > position_;
    const bool jump = take.jump.load(std::memory_order_relaxed) != 0 || !started_ || stranded;
    const std::int64_t at = jump ? place.start : position_;
    const std::int64_t ahead = available(place, at);
    const std::int64_t wanted = fade_length_ + n;
    const bool ready = id != 0 && ahead >= n && (ahead >= wanted || ahead >= had);
    if (!ready) {
      header_->held.store(bits(), std::memory_order_seq_cst);
      return;
    }
    if (started_ && !dry_) {
      fading_ = current_;
      fading_position_ = position_;
      fade_at_ = 0;
      shared_ = -1.0F;
    }
    current_ = place;
    current_id_ = id;
    position_ = at;
    started_ = true;
    meters.takes.fetch_add(1, std::memory_order_relaxed);
    header_->held.store(bits(), std::memory_order_seq_cst);
  }

  std::uint32_t bits() const RTGEN_NONBLOCKING {
    std::uint32_t out = 0;
    if (current_.slot < kTakes) out |= 1U << current_.slot;
    if (fading_.slot < kTakes) out |= 1U << fading_.slot;
    return out;
  }

  std::int64_t available(const Place& place, std::int64_t at) const RTGEN_NONBLOCKING {
    if (place.slot >= kTakes || at < place.start) return 0;
    const std::int64_t written =
        header_->takes[place.slot].written.load(std::memory_order_acquire);
    const std::int64_t end = place.start + written;
    // Older frames were overwritten, or the position is nonsense from another process.
    if (at >= end || end - at > static_cast<std::int64_t>(capacity_)) return 0;
    return end - at;
  }

  int fetch(const Place& place, std::int64_t at, Frame* out, int n) const RTGEN_NONBLOCKING {
    const std::int64_t held = available(place, at);
    const int got = static_cast<int>(held < n ? held : n);
    const Frame* ring = frames_ + static_cast<std::uint64_t>(place.slot) * capacity_;
    const std::uint64_t mask = capacity_ - 1;
    for (int i = 0; i < got; ++i) {
      out[i] = ring[static_cast<std::uint64_t>(at - place.start + i) & mask];
    }
    return got;
  }

  void mix_fading(Frame* out, int n) RTGEN_NONBLOCKING {
    Frame old[kChunk];
    const int got = fetch(fading_, fading_position_, old, n);
    for (int i = got; i < n; ++i) old[i] = {0.0F, 0.0F};
    if (shared_ < 0.0F) shared_ = got == n ? correlation(old, out, n) : 0.0F;
    for (int i = 0; i < n && fade_at_ < fade_length_; ++i, ++fade_at_) {
      const FadeGains g = fade_gains(fade_at_, fade_length_, shared_);
      out[i].left = old[i].left * g.out + out[i].left * g.in;
      out[i].right = old[i].right * g.out + out[i].right * g.in;
    }
    fading_position_ += n;
    if (fade_at_ >= fade_length_) {
      fading_.slot = kTakes;
      header_->held.store(bits(), std::memory_order_seq_cst);
    }
  }

  // Silence from `got` on; what was last heard dies away in 5 ms instead of stopping.
  void run_dry(Frame* out, int got, int n) RTGEN_NONBLOCKING {
    if (started_ && !dry_) {
      meters.underruns.fetch_add(1, std::memory_order_relaxed);
      tail_at_ = 0;
      if (got > 0) last_ = out[got - 1];
    }
    if (started_) meters.missing_frames.fetch_add(static_cast<std::uint64_t>(n - got), std::memory_order_relaxed);
    for (int i = got; i < n; ++i) {
      const float left = 1.0F - static_cast<float>(++tail_at_) / static_cast<float>(edge_length_);
      const float g = left > 0.0F ? left * left : 0.0F;
      if (tail_at_ > edge_length_) tail_at_ = edge_length_;
      out[i] = {last_.left * g, last_.right * g};
    }
    resumed_at_ = 0;
  }

  void resume(Frame* out, int got) RTGEN_NONBLOCKING {
    for (int i = 0; i < got && resumed_at_ < edge_length_; ++i, ++resumed_at_) {
      const float g = static_cast<float>(resumed_at_) / static_cast<float>(edge_length_);
      out[i].left *= g;
      out[i].right *= g;
    }
    if (resumed_at_ >= edge_length_) dry_ = false;
  }

  // Gain, a guard against what is not a number, the ceiling, and the levels.
  void finish(Frame* out, int n, float target) RTGEN_NONBLOCKING {
    const float step = 1.0F / static_cast<float>(edge_length_);
    float peak[2] = {0.0F, 0.0F};
    for (int i = 0; i < n; ++i) {
      const float away = target - level_;
      level_ += away > step ? step : (away < -step ? -step : away);
      float* pair = &out[i].left;
      for (int c = 0; c < 2; ++c) {
        float x = pair[c] * level_;
        if (!std::isfinite(x)) {
          meters.not_finite.fetch_add(1, std::memory_order_relaxed);
          x = 0.0F;
        }
        x = x > 1.0F ? 1.0F : (x < -1.0F ? -1.0F : x);
        pair[c] = x;
        const float size = std::fabs(x);
        if (size > peak[c]) peak[c] = size;
      }
      if (!dry_) last_ = out[i];
    }
    const float fall = 0.9F;
    const float left = meters.peak_left.load(std::memory_order_relaxed) * fall;
    const float right = meters.peak_right.load(std::memory_order_relaxed) * fall;
    meters.peak_left.store(peak[0] > left ? peak[0] : left, std::memory_order_relaxed);
    meters.peak_right.store(peak[1] > right ? peak[1] : right, std::memory_order_relaxed);
  }

  TakeHeader* header_;
  const Frame* frames_;
  std::uint32_t capacity_;
  FrameRing* tap_;
  int fade_length_;
  int edge_length_;
  Place current_;
  Place fading_;
  std::uint32_t current_id_{0};
  std::int64_t position_{0};
  std::int64_t fading_position_{0};
  int fade_at_{0};
  float shared_{-1.0F};
  bool started_{false};
  bool dry_{true};
  int tail_at_{1 << 20};
  int resumed_at_{0};
  Frame last_{0.0F, 0.0F};
  float level_{0.0F};
};

}  // namespace rtgen
