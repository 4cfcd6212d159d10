// Reading where a plugin host says.
#include <doctest/doctest.h>

#include <cmath>

#include "rig.h"

namespace {

bool is_coded(const std::vector<rtgen::Frame>& out, std::int64_t position, float scale = 1.0F) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto want = Rig::coded(position + static_cast<std::int64_t>(i), scale);
    if (out[i].left != want.left || out[i].right != want.right) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a host that goes on hears every sample of its positions") {
  Rig rig;
  rig.takes.writer.begin(1000, false);
  rig.fill(1000, 20000);
  rig.read_at(5000, 512);
  CHECK(is_coded(rig.read_at(5512, 512), 5512));
  CHECK(is_coded(rig.read_at(6024, 64), 6024));
  CHECK(rig.playhead() == 6088);
}

TEST_CASE("a host whose clock jitters by a few frames hears no seam, and is told the position") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read_at(0, 1024);
  std::vector<rtgen::Frame> out(256);
  CHECK(rig.takes.reader.read_at(1024 + rtgen::TakeReader::kTolerance, &out[0].left, 256) == 1024);
  CHECK(is_coded(out, 1024));
}

TEST_CASE("a host that loops is served from the newest take that holds the loop") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read_at(4000, 4256);
  rig.takes.writer.begin(4000, false);
  rig.fill(4000, 20000, 0.5F);
  rig.takes.writer.begin(9000, false);  // a knob was turned: the newest holds only what comes
  rig.fill(9000, 20000, 0.25F);
  rig.read_at(4000, 512);
  CHECK(is_coded(rig.read_at(4512, 512), 4512, 0.5F));
  rig.read_at(5024, 5000);
  CHECK(is_coded(rig.read_at(10024, 512), 10024, 0.25F));
  rig.read_at(4000, 512);
  CHECK(is_coded(rig.read_at(4512, 512), 4512, 0.5F));
  CHECK(rig.meters().underruns.load() == 0);
}

TEST_CASE("a host that goes where sound is made already hears it at once, under an even fade") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.0F}, 20000);
  rig.read_at(0, 4096);
  rig.takes.writer.begin(500000, false);
  rig.fill_with({0.0F, 0.5F}, 20000);
  const auto out = rig.read_at(500000, 1024);
  for (std::int64_t i = 0; i < Rig::kFade; ++i) {
    const auto& frame = out[static_cast<std::size_t>(i)];
    const float power = frame.left * frame.left + frame.right * frame.right;
    REQUIRE(power == doctest::Approx(0.25F));
  }
  CHECK(out[0].left == doctest::Approx(0.5F));
  CHECK(out[Rig::kFade].right == 0.5F);
}

TEST_CASE("a host that goes where nothing is made hears a short tail, then sound when it comes") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read_at(4096, 4096);
  const auto dry = rig.read_at(500000, 1024);
  CHECK(std::fabs(dry[0].left - Rig::coded(8191).left) < 2e-3F);
  CHECK(dry.back().left == 0.0F);
  CHECK(rig.meters().underruns.load() == 1);
  CHECK(rig.playhead() == 501024);  // the host's time does not stand still
  rig.takes.writer.begin(500000, false);
  rig.fill(500000, 20000);
  rig.read_at(501024, 512);
  CHECK(is_coded(rig.read_at(501536, 512), 501536));
}

TEST_CASE("a host that goes elsewhere in mid-fade hears no step") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.5F}, 60000);
  rig.read_at(0, 2048);
  float before = 0.5F;
  std::int64_t position = 20000;
  for (int turn = 0; turn < 40; ++turn) {
    for (const auto& frame : rig.read_at(position, 64)) {
      CHECK(std::fabs(frame.left - before) < 0.02F);
      before = frame.left;
    }
    position = (position + 9973) % 40000;
  }
}

TEST_CASE("a jump of the writer does not move a host") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read_at(0, 1024);
  rig.takes.writer.begin(50000, true);
  rig.fill(50000, 10000);
  CHECK(is_coded(rig.read_at(1024, 1024), 1024));
}

TEST_CASE("a take about to run dry is left for the one before it until it holds more") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 30000);
  rig.read_at(0, 4096);
  rig.takes.writer.begin(4096, false);
  rig.fill(4096, 4000, 0.5F);
  rig.read_at(4096, 2048);
  CHECK(rig.read_at(6144, 1)[0].left == Rig::coded(6144, 0.5F).left);
  rig.read_at(6145, 2047);
  CHECK(rig.read_at(8192, 1)[0].left == Rig::coded(8192).left);
  rig.read_at(8193, 2047);
  rig.fill(8096, 20000, 0.5F);
  rig.read_at(10240, 2048);
  CHECK(rig.read_at(12288, 1)[0].left == Rig::coded(12288, 0.5F).left);
  CHECK(rig.meters().underruns.load() == 0);
}
