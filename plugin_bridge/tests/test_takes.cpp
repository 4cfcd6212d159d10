// What is heard while there is sound: one take, the next take, jumps.
#include <doctest/doctest.h>

#include "rig.h"

namespace {

// Frames of `out` that are not those coded from `position` on.
int unlike_coded(const std::vector<rtgen::Frame>& out, std::int64_t position,
                 std::size_t from = 0) {
  int wrong = 0;
  for (std::size_t i = from; i < out.size(); ++i) {
    const auto want = Rig::coded(position + static_cast<std::int64_t>(i));
    wrong += out[i].left != want.left || out[i].right != want.right;
  }
  return wrong;
}

}  // namespace

TEST_CASE("a take is heard sample for sample after the fade-in") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  CHECK(unlike_coded(rig.read(10000), 0, Rig::kEdge) == 0);
  CHECK(rig.playhead() == 10000);
  CHECK(rig.meters().underruns.load() == 0);
}

TEST_CASE("the block size of the device makes no difference") {
  for (const std::size_t block : {1U, 16U, 37U, 256U, 1024U}) {
    Rig rig;
    rig.takes.writer.begin(0, false);
    rig.fill(0, 20000);
    rig.read(Rig::kEdge);
    std::int64_t at = Rig::kEdge;
    int wrong = 0;
    for (; at < 15000; at += static_cast<std::int64_t>(block))
      wrong += unlike_coded(rig.read(block), at);
    CHECK(wrong == 0);
    CHECK(rig.playhead() == at);
  }
}

TEST_CASE("a take that starts later does not take over before its start") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(1024);
  rig.takes.writer.begin(6000, false);
  rig.fill(6000, 20000, 0.5F);
  CHECK(unlike_coded(rig.read(4096), 1024) == 0);
}

TEST_CASE("a take that starts before the newest is heard until the newest starts") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(1024);
  rig.takes.writer.begin(1024, false);
  rig.fill(1024, 20000, 0.5F);
  rig.takes.writer.begin(6000, false);
  rig.fill(6000, 20000, 0.25F);
  rig.read(2048);
  CHECK(rig.read(1)[0].left == Rig::coded(3072, 0.5F).left);
  rig.read(4096);
  CHECK(rig.read(1)[0].left == Rig::coded(7169, 0.25F).left);
  CHECK(rig.meters().takes.load() == 3);
}

TEST_CASE("a take that ran dry is not covered up by an older one") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(1024);
  rig.takes.writer.begin(1024, false);
  rig.fill(1024, 2000);
  rig.read(4096);
  CHECK(rig.playhead() == 3024);
  CHECK(rig.meters().underruns.load() == 1);
}

TEST_CASE("a take that holds less than a block and a fade waits until it holds more") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(4096);
  rig.takes.writer.begin(4096, false);
  rig.fill(4096, 300, 0.5F);
  CHECK(unlike_coded(rig.read(256), 4096) == 0);
  rig.fill(4396, 20000, 0.5F);
  rig.read(1024);
  CHECK(rig.read(1)[0].left == Rig::coded(4096 + 256 + 1024, 0.5F).left);
}

TEST_CASE("a jump moves the playhead to its start, at once and under a fade") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(2048);
  rig.takes.writer.begin(1000000, true);
  CHECK(rig.playhead() == 1000000);  // nobody who asks in between is told the old place
  rig.fill(1000000, 20000);
  rig.read(1024);
  CHECK(rig.playhead() == 1001024);
  CHECK(unlike_coded(rig.read(256), 1001024) == 0);
}

TEST_CASE("a jump that is not followed yet lives on in the take after it") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(2048);
  rig.takes.writer.begin(1000000, true);
  rig.takes.writer.begin(rig.playhead() + 500, false);
  rig.fill(1000500, 20000);
  rig.read(1024);
  CHECK(rig.playhead() == 1001524);
  rig.takes.writer.begin(1002000, false);  // followed: forgotten
  rig.fill(1002000, 20000);
  rig.read(256);
  CHECK(rig.playhead() == 1001780);
}

TEST_CASE("a jump back made while paused is neither overwritten nor lost") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 60000);
  rig.read(50000);
  rig.takes.reader.paused.store(true);
  rig.read(1024);
  rig.takes.writer.begin(0, true);
  CHECK(rig.fill(0, 200000) == Rig::kCapacity);
  CHECK(rig.takes.writer.space() == 0);
  rig.takes.reader.paused.store(false);
  rig.read(1024);
  CHECK(rig.playhead() == 1024);
}

TEST_CASE("a small buffer can be refilled for ever") {
  Rig rig(rtgen::kSmallestCapacity);
  rig.takes.writer.begin(0, false);
  std::int64_t written = 0;
  int wrong = 0;
  for (std::int64_t at = 0; at < 100000; at += 256) {
    written += rig.fill(written, rig.takes.writer.space());
    const auto out = rig.read(256);
    if (at > Rig::kEdge) wrong += unlike_coded(out, at);
  }
  CHECK(wrong == 0);
  CHECK(rig.meters().underruns.load() == 0);
}

TEST_CASE("the tap holds what was heard, in order") {
  Rig rig;
  rig.takes.reader.tapped.store(true);
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  const auto heard = rig.read(4096);
  std::vector<rtgen::Frame> kept(5000);
  CHECK(rig.takes.tap.held() == 4096);
  CHECK(rig.takes.tap.pop(kept.data(), kept.size()) == 4096);
  for (std::size_t i = 0; i < 4096; ++i) REQUIRE(kept[i].left == heard[i].left);
}
