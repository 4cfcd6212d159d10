// Takes in memory that may be shared: the writer's side, and what reader and writer agree on.
//
// A take is a ring of stereo frames with an absolute start position. The writer fills takes, the
// reader follows the newest one that holds its playhead. Slots are recycled: the reader says which
// it holds (`held`, a bit each) before it trusts one, the writer takes only slots nobody holds.
// Everything read from here is masked or bounded, since the other side may be another process.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/frame_ring.h"
#include "rtgen/realtime.h"

namespace rtgen {

constexpr std::uint32_t kTakes = 4;
constexpr std::uint32_t kMagic = 0x6e656772;
constexpr std::uint32_t kVersion = 1;
constexpr std::int64_t kKeptBehind = 16384;  // frames behind the playhead that stay readable

struct Take {
  std::atomic<std::uint32_t> id{0};  // 0: being changed
  std::atomic<std::uint32_t> jump{0};
  std::atomic<std::int64_t> start{0};
  std::atomic<std::int64_t> written{0};
};

struct TakeHeader {
  std::uint32_t magic{kMagic};
  std::uint32_t version{kVersion};
  std::uint32_t rate{0};
  std::uint32_t capacity{0};  // frames of one take, a power of two
  Take takes[kTakes];
  alignas(64) std::atomic<std::uint32_t> newest{kTakes};  // slot, kTakes: none yet
  alignas(64) std::atomic<std::uint32_t> held{0};
  std::atomic<std::int64_t> playhead{0};
};

class TakeWriter {
 public:
  TakeWriter(TakeHeader* header, Frame* frames) noexcept
      : header_(header), frames_(frames), capacity_(header->capacity) {}

  // [engine thread] Opens a take; returns its id. A jump moves the playhead to `start`.
  std::uint32_t begin(std::int64_t start, bool jump) noexcept {
    // A jump that the reader has not followed yet must not be forgotten by a newer take.
    const std::uint32_t newest = header_->newest.load(std::memory_order_relaxed);
    for (std::uint32_t turn = 0;; ++turn) {
      const std::uint32_t slot = (slot_ + 1 + turn) % kTakes;
      const std::uint32_t bit = 1U << slot;
      if (slot == newest && turn < kTakes) continue;
      if ((header_->held.load(std::memory_order_seq_cst) & bit) != 0) continue;
      Take& take = header_->takes[slot];
      take.id.store(0, std::memory_order_seq_cst);
      if ((header_->held.load(std::memory_order_seq_cst) & bit) != 0) {
        take.id.store(ids_[slot], std::memory_order_seq_cst);
        continue;
      }
      slot_ = slot;
      take.jump.store(jump ? 1 : 0, std::memory_order_relaxed);
      take.start.store(start, std::memory_order_relaxed);
      take.written.store(0, std::memory_order_relaxed);
      if (++last_id_ == 0) ++last_id_;
      ids_[slot] = last_id_;
      take.id.store(last_id_, std::memory_order_seq_cst);
      header_->newest.store(slot, std::memory_order_seq_cst);
      return last_id_;
    }
  }

  // [engine thread] Appends to the take that was begun last; returns how many frames fitted.
  std::int64_t write(const Frame* source, std::int64_t count) noexcept {
    Take& take = header_->takes[slot_];
    const std::int64_t written = take.written.load(std::memory_order_relaxed);
    const std::int64_t room = space();
    const std::int64_t taken = count < room ? count : room;
    Frame* ring = frames_ + static_cast<std::uint64_t>(slot_) * capacity_;
    const std::uint64_t mask = capacity_ - 1;
    for (std::int64_t i = 0; i < taken; ++i) {
      ring[static_cast<std::uint64_t>(written + i) & mask] = source[i];
    }
    take.written.store(written + taken, std::memory_order_release);
    return taken;
  }

  // [engine thread] Frames that can be written now.
  std::int64_t space() const noexcept {
    const Take& take = header_->takes[slot_];
    const std::int64_t start = take.start.load(std::memory_order_relaxed);
    const std::int64_t written = take.written.load(std::memory_order_relaxed);
    const std::int64_t playhead = header_->playhead.load(std::memory_order_acquire);
    const std::int64_t read = playhead > start && playhead <= start + written ? playhead - start : 0;
    const std::int64_t kept = read > kKeptBehind ? read - kKeptBehind : 0;
    const std::int64_t room = static_cast<std::int64_t>(capacity_) - (written - kept);
    return room > 0 ? room : 0;
  }

 private:
  TakeHeader* header_;
  Frame* frames_;
  std::uint32_t capacity_;
  std::uint32_t slot_{0};
  std::uint32_t last_id_{0};
  std::uint32_t ids_[kTakes]{};
};

}  // namespace rtgen
