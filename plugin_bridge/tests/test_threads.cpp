// Two threads at once: every item, in order, and the count. Also run under ThreadSanitizer.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "rig.h"
#include "rtgen/event_queue.h"
#include "rtgen/seqlock.h"

TEST_CASE("a reader and a writer on two threads: every frame once and in order") {
  Rig rig(1U << 13);
  constexpr std::int64_t kTotal = 400000;
  std::atomic<std::int64_t> written{0};
  rig.takes.writer.begin(0, false);
  std::thread writer([&] {
    std::int64_t at = 0;
    while (at < kTotal) {
      const std::int64_t done = rig.fill(at, std::min<std::int64_t>(777, kTotal - at));
      at += done;
      written.store(at, std::memory_order_relaxed);
      if (done == 0) std::this_thread::yield();
    }
  });
  std::int64_t heard = 0;
  std::int64_t wrong = 0;
  while (heard < kTotal) {
    const auto n = std::min<std::int64_t>(256, kTotal - heard);
    if (written.load(std::memory_order_relaxed) < heard + n) {
      std::this_thread::yield();
      continue;
    }
    const auto out = rig.read(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
      if (heard + i < Rig::kEdge) continue;
      const auto want = Rig::coded(heard + i);
      const auto& got = out[static_cast<std::size_t>(i)];
      wrong += got.left != want.left || got.right != want.right;
    }
    heard += n;
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(rig.playhead() == kTotal);
  CHECK(rig.meters().missing_frames.load() == 0);
}

TEST_CASE("takes begun in a flood while the reader runs never tear a sample") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 30000);
  std::atomic<bool> stop{false};
  std::atomic<int> begun{0};
  std::thread writer([&] {
    while (!stop.load()) {
      const bool jump = begun.load() % 5 == 4;
      const std::int64_t at = rig.playhead() + (jump ? 100000 : 512);
      rig.takes.writer.begin(at, jump);
      rig.fill(at, 8192);
      begun.fetch_add(1);
      const auto seen = rig.meters().frames.load();
      for (int i = 0; i < 1000 && !stop.load() && rig.meters().frames.load() == seen; ++i) {
        std::this_thread::yield();
      }
    }
  });
  std::int64_t slipped = 0;
  // On until the writer's thread was there for a while: how soon it runs is not ours to say.
  for (int block = 0; block < 2000 || rig.meters().takes.load() < 20; ++block) {
    std::this_thread::yield();
    for (const auto& frame : rig.read(256)) slipped += frame.left != -frame.right;
  }
  stop.store(true);
  writer.join();
  CHECK(slipped == 0);
  CHECK(rig.meters().takes.load() >= 20);
}

TEST_CASE("the tap gives a recorder on another thread every frame that was heard") {
  std::vector<rtgen::Frame> memory(1024);
  rtgen::FrameRing ring(memory.data(), memory.size());
  constexpr std::int64_t kTotal = 200000;
  std::thread producer([&] {
    std::int64_t at = 0;
    while (at < kTotal) {
      std::array<rtgen::Frame, 100> block;
      const auto n = std::min<std::int64_t>(100, kTotal - at);
      for (std::int64_t i = 0; i < n; ++i) block[static_cast<std::size_t>(i)] = Rig::coded(at + i);
      at += static_cast<std::int64_t>(ring.push(block.data(), static_cast<std::uint64_t>(n)));
    }
  });
  std::int64_t seen = 0;
  std::int64_t wrong = 0;
  while (seen < kTotal) {
    std::array<rtgen::Frame, 64> block;
    const auto n = ring.pop(block.data(), block.size());
    for (std::uint64_t i = 0; i < n; ++i) wrong += block[i].left != Rig::coded(seen++).left;
  }
  producer.join();
  CHECK(wrong == 0);
  CHECK(ring.held() == 0);
}

TEST_CASE("a value behind the sequence lock is whole, and never older than the last one seen") {
  struct State {
    std::uint64_t count;
    std::array<std::uint64_t, 200> copies;
    std::uint32_t odd_size;
  };
  rtgen::SeqLock<State> lock;
  constexpr std::uint64_t kTotal = 50000;
  std::thread writer([&] {
    for (std::uint64_t n = 1; n <= kTotal; ++n) {
      State state{n, {}, static_cast<std::uint32_t>(n)};
      state.copies.fill(n);
      lock.store(state);
    }
  });
  std::uint64_t last = 0;
  std::uint64_t torn = 0;
  while (last < kTotal) {
    State state{};
    if (!lock.load(state)) continue;
    torn += state.count < last || state.odd_size != static_cast<std::uint32_t>(state.count);
    for (const auto copy : state.copies) torn += copy != state.count;
    last = state.count;
  }
  writer.join();
  CHECK(torn == 0);
}

TEST_CASE("events come out once and in order; those refused are counted") {
  rtgen::EventQueue<std::uint64_t, 64> queue;
  constexpr std::uint64_t kTotal = 200000;
  std::uint64_t refused = 0;
  std::thread producer([&] {
    for (std::uint64_t n = 0; n < kTotal;) {
      if (queue.push(n)) {
        ++n;
      } else {
        ++refused;
        std::this_thread::yield();
      }
    }
  });
  std::uint64_t next = 0;
  std::uint64_t wrong = 0;
  while (next < kTotal) {
    std::uint64_t event = 0;
    if (queue.pop(event)) wrong += event != next++;
  }
  producer.join();
  CHECK(wrong == 0);
  std::uint64_t event = 0;
  CHECK_FALSE(queue.pop(event));
  CHECK(queue.lost() == refused);
}
