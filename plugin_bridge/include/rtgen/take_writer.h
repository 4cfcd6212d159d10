// The writer's side of the takes: one engine thread opens takes and appends to the newest.
//
// Slots are recycled: the reader says which it holds (`held`) before it trusts one, the writer
// takes only slots that nobody holds. What the writer knows itself it keeps in private memory.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/take_layout.h"

namespace rtgen {

class TakeWriter {
 public:
  explicit TakeWriter(const TakeMemory& memory) noexcept
      : header_(memory.header),
        frames_(memory.frames),
        capacity_(memory.capacity),
        kept_behind_(memory.capacity / 4 < kKeptBehind ? memory.capacity / 4 : kKeptBehind) {}

  // [engine thread] Opens a take; returns its id. A jump moves a free-running playhead to `start`.
  // A jump that was not followed yet lives on in the takes after it.
  std::uint32_t begin(std::int64_t start, bool jump) noexcept {
    const bool jumps = jump || jump_pending();
    slot_ = free_slot();
    start_ = start;
    written_ = 0;
    if (++id_ == 0) ++id_;
    ids_[slot_] = id_;
    Take& take = header_->takes[slot_];
    take.jump.store(jumps ? 1 : 0, std::memory_order_relaxed);
    take.start.store(start, std::memory_order_relaxed);
    take.written.store(0, std::memory_order_relaxed);
    pending_start_.store(start, std::memory_order_relaxed);
    pending_.store(jumps ? id_ : 0, std::memory_order_release);
    take.id.store(id_, std::memory_order_seq_cst);
    header_->newest.store(slot_, std::memory_order_seq_cst);
    return id_;
  }

  // [engine thread] Appends to the take that was begun last; returns how many frames fitted.
  std::int64_t write(const Frame* source, std::int64_t count) noexcept {
    const std::int64_t room = space();
    const std::int64_t taken = count < room ? count : room;
    Frame* ring = frames_ + static_cast<std::uint64_t>(slot_) * capacity_;
    const std::uint64_t mask = capacity_ - 1;
    for (std::int64_t i = 0; i < taken; ++i) {
      ring[static_cast<std::uint64_t>(written_ + i) & mask] = source[i];
    }
    written_ += taken;
    header_->takes[slot_].written.store(written_, std::memory_order_release);
    return taken;
  }

  // [engine thread] Frames that can be written now; none before the first take.
  std::int64_t space() const noexcept {
    if (id_ == 0) return 0;
    // What was read of this take may be overwritten, except for a little behind the playhead. A
    // playhead in an older take says nothing about this one.
    std::int64_t read = 0;
    if (header_->followed.load(std::memory_order_acquire) == id_) {
      const std::int64_t playhead = header_->playhead.load(std::memory_order_acquire);
      if (playhead > start_ && playhead < kFarthest) {
        read = playhead - start_ < written_ ? playhead - start_ : written_;
      }
    }
    const std::int64_t kept = read > kept_behind_ ? read - kept_behind_ : 0;
    const std::int64_t room = capacity_ - (written_ - kept);
    return room > 0 ? room : 0;  // a reader that goes back takes none away again
  }

  // [any thread of the writer's process] The position heard now, or about to be jumped to.
  std::int64_t playhead() const noexcept {
    if (jump_pending()) return pending_start_.load(std::memory_order_relaxed);
    return header_->playhead.load(std::memory_order_acquire);
  }

 private:
  static constexpr std::int64_t kKeptBehind = 16384;
  static constexpr std::uint32_t kPatience = 64;  // a reader of ours never holds all slots

  bool jump_pending() const noexcept {
    const std::uint32_t pending = pending_.load(std::memory_order_acquire);
    return pending != 0 && header_->followed.load(std::memory_order_acquire) != pending;
  }

  // A slot that the reader does not hold, marked as being changed; the newest one only if need be.
  std::uint32_t free_slot() noexcept {
    for (std::uint32_t turn = 1; turn < kPatience; ++turn) {
      const std::uint32_t slot = (slot_ + turn) % kTakes;
      const std::uint32_t bit = 1U << slot;
      if (slot == slot_ && turn <= kTakes) continue;
      if ((header_->held.load(std::memory_order_seq_cst) & bit) != 0) continue;
      Take& take = header_->takes[slot];
      take.id.store(0, std::memory_order_seq_cst);
      if ((header_->held.load(std::memory_order_seq_cst) & bit) == 0) return slot;
      take.id.store(ids_[slot], std::memory_order_seq_cst);
    }
    return (slot_ + 1) % kTakes;
  }

  TakeHeader* header_;
  Frame* frames_;
  std::int64_t capacity_;
  std::int64_t kept_behind_;
  std::uint32_t slot_{0};
  std::uint32_t id_{0};
  std::uint32_t ids_[kTakes]{};
  std::int64_t start_{0};
  std::int64_t written_{0};
  std::atomic<std::uint32_t> pending_{0};  // id of a take that jumps, 0: the newest does not
  std::atomic<std::int64_t> pending_start_{0};
};

}  // namespace rtgen
