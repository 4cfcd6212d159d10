// Behaviour of the take buffer; run plain and under ThreadSanitizer.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>


#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "rig.h"

namespace {

constexpr int kEdge = 300;  // longer than the fade-in of 5 ms

bool near(float a, float b, float by = 1e-6F) { return std::fabs(a - b) <= by; }

}  // namespace

TEST_CASE("a take is heard sample for sample after the fade-in") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 20000);
  const auto out = rig.read(10000);
  int wrong = 0;
  for (std::int64_t i = kEdge; i < 10000; ++i) {
    const auto want = Rig::coded(i);
    const auto got = out[static_cast<std::size_t>(i)];
    wrong += got.left != want.left || got.right != want.right;
  }
  CHECK(wrong == 0);
  CHECK(rig.header.playhead.load() == 10000);
  CHECK(rig.reader->meters.underruns.load() == 0);
}

TEST_CASE("a newer take takes over at the playhead under a cross-fade that keeps the level") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 20000);
  rig.read(4096);
  rig.writer->begin(4200, false);
  rig.fill(4200, 20000);  // the same sound: the fade must not be heard
  const auto out = rig.read(4096);
  float worst = 0.0F;
  for (std::int64_t i = 0; i < 4096; ++i) {
    worst = std::fmax(worst, std::fabs(out[static_cast<std::size_t>(i)].left - Rig::coded(4096 + i).left));
  }
  CHECK(worst < 1e-4F);
  CHECK(rig.reader->meters.takes.load() == 2);
}

TEST_CASE("different sounds cross-fade at equal power within 10 ms") {
  CHECK(near(rtgen::fade_gains(220, 441, 0.0F).out, std::sqrt(0.5F), 2e-3F));
  for (int i = 0; i < 441; ++i) {
    const auto g = rtgen::fade_gains(i, 441, 0.0F);
    CHECK(near(g.in * g.in + g.out * g.out, 1.0F, 1e-5F));
    const auto same = rtgen::fade_gains(i, 441, 1.0F);
    CHECK(near(same.in + same.out, 1.0F, 1e-5F));
  }
}

TEST_CASE("a take that starts later does not take over before its start") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 20000);
  rig.read(1024);
  rig.writer->begin(6000, false);
  rig.fill(6000, 20000, 0.5F);
  const auto out = rig.read(4096);
  for (std::int64_t i = 0; i < 4096; ++i) {
    REQUIRE(out[static_cast<std::size_t>(i)].left == Rig::coded(1024 + i).left);
  }
}

TEST_CASE("a jump moves the playhead to its start") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 20000);
  rig.read(2048);
  rig.writer->begin(1000000, true);
  rig.fill(1000000, 20000);
  rig.read(1024);
  CHECK(rig.header.playhead.load() == 1001024);
  const auto out = rig.read(256);
  CHECK(out[0].left == Rig::coded(1001024).left);
}

TEST_CASE("running dry fades, counts once, keeps its place and never slips the channels") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 5000);
  rig.read(4096);
  const auto dry = rig.read(2048);
  CHECK(rig.reader->meters.underruns.load() == 1);
  CHECK(rig.reader->meters.missing_frames.load() == 2048 - (5000 - 4096));
  CHECK(rig.header.playhead.load() == 5000);
  float step = 0.0F;
  for (std::size_t i = 1; i < dry.size(); ++i) {
    step = std::fmax(step, std::fabs(dry[i].left - dry[i - 1].left));
    CHECK(dry[i].left == -dry[i].right);
  }
  CHECK(step < 0.01F);
  CHECK(dry.back().left == 0.0F);
  rig.fill(5000, 5000);
  rig.read(512);
  const auto out = rig.read(256);
  CHECK(out[0].left == Rig::coded(5512).left);
  CHECK(out[0].right == Rig::coded(5512).right);
}

TEST_CASE("numbers that are none are silenced and counted, loud ones end at full scale") {
  const Rig rig;
  rig.writer->begin(0, false);
  std::vector<rtgen::Frame> bad(4096, {3.0F, -3.0F});
  bad[1000] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  rig.writer->write(bad.data(), 4096);
  const auto out = rig.read(2048);
  CHECK(out[1000].left == 0.0F);
  CHECK(out[1000].right == 0.0F);
  CHECK(rig.reader->meters.not_finite.load() == 2);
  CHECK(out[1500].left == 1.0F);
  CHECK(out[1500].right == -1.0F);
}

TEST_CASE("what another process writes into the header leads to no read outside the memory") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 4096);
  rig.read(512);
  for (const std::int64_t bad : {std::numeric_limits<std::int64_t>::max(),
                                 std::numeric_limits<std::int64_t>::min() / 2, std::int64_t{-5}}) {
    auto& header = const_cast<rtgen::TakeHeader&>(rig.header);
    header.takes[header.newest.load() % rtgen::kTakes].written.store(bad);
    header.newest.store(77);
    const auto out = rig.read(2048);
    for (const auto& frame : out) REQUIRE(std::fabs(frame.left) <= 1.0F);
    header.newest.store(0);
  }
}

TEST_CASE("a reader and a writer on two threads lose nothing") {
  const Rig rig;
  constexpr std::int64_t kTotal = 400000;
  rig.writer->begin(0, false);
  std::atomic<bool> started{false};
  std::thread writer([&] {
    std::int64_t at = 0;
    while (at < kTotal) {
      const std::int64_t n = std::min<std::int64_t>({1024, kTotal - at, rig.writer->space()});
      if (n > 0) rig.fill(at, n);
      at += n;
      started.store(true);
    }
  });
  while (!started.load()) std::this_thread::yield();
  std::int64_t heard = 0;
  std::int64_t wrong = 0;
  while (heard < kTotal - 4096) {
    const std::int64_t before = rig.header.playhead.load();
    const bool steady = rig.reader->meters.missing_frames.load() == 0;
    const auto out = rig.read(256);
    const bool whole = rig.header.playhead.load() == before + 256;
    for (std::int64_t i = 0; steady && whole && before > kEdge && i < 256; ++i) {
      if (rig.reader->meters.missing_frames.load() != 0) break;
      wrong += out[static_cast<std::size_t>(i)].left != Rig::coded(before + i).left;
    }
    heard = rig.header.playhead.load();
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(heard >= kTotal - 4096);
}

TEST_CASE("takes begun in a flood while the reader runs never tear a sample") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 30000);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop.load()) {
      const std::int64_t at = rig.header.playhead.load() + 512;
      rig.writer->begin(at, false);
      rig.fill(at, 8192);
      const auto seen = rig.reader->meters.frames.load();
      while (!stop.load() && rig.reader->meters.frames.load() == seen) std::this_thread::yield();
    }
  });
  std::int64_t slipped = 0;
  // On until the writer's thread was there for a while: how soon it runs is not ours to say.
  for (int block = 0; block < 2000 || rig.reader->meters.takes.load() < 20; ++block) {
    std::this_thread::yield();
    for (const auto& frame : rig.read(256)) slipped += frame.left != -frame.right;
  }
  stop.store(true);
  writer.join();
  CHECK(slipped == 0);
  CHECK(rig.reader->meters.takes.load() >= 20);
}

TEST_CASE("a reader that ran dry goes on at a take that starts later") {
  const Rig rig;
  rig.writer->begin(0, false);
  rig.fill(0, 1000);
  rig.read(4096);
  rig.writer->begin(1500, false);
  rig.fill(1500, 8000);
  rig.read(512);
  CHECK(rig.header.playhead.load() == 2012);
  CHECK(rig.read(256)[0].left == Rig::coded(2012).left);
}

TEST_CASE("the tap holds what was heard, in order") {
  const Rig rig;
  rig.reader->tapped.store(true);
  rig.writer->begin(0, false);
  rig.fill(0, 20000);
  const auto heard = rig.read(4096);
  std::vector<rtgen::Frame> kept(4096);
  CHECK(const_cast<Rig&>(rig).tap.pop(kept.data(), 5000) == 4096);
  for (std::size_t i = 0; i < 4096; ++i) REQUIRE(kept[i].left == heard[i].left);
}
