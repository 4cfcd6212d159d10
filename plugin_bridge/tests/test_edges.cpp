// What is heard where sound is missing, wrong or too loud.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "rig.h"

namespace {

float largest_step(const std::vector<rtgen::Frame>& out, float before) {
  float step = 0.0F;
  for (const auto& frame : out) {
    step = std::fmax(step, std::fabs(frame.left - before));
    before = frame.left;
  }
  return step;
}

}  // namespace

TEST_CASE("before the first sound nothing is missed") {
  Rig rig;
  for (const auto& frame : rig.read(2048)) REQUIRE(frame.left == 0.0F);
  CHECK(rig.meters().underruns.load() == 0);
  CHECK(rig.meters().missing_frames.load() == 0);
}

TEST_CASE("running dry fades, counts once, keeps its place and never slips the channels") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 5000);
  rig.read(4096);
  const auto dry = rig.read(2048);
  CHECK(rig.meters().underruns.load() == 1);
  CHECK(rig.meters().missing_frames.load() == 2048 - (5000 - 4096));
  CHECK(rig.playhead() == 5000);
  CHECK(largest_step(dry, Rig::coded(4095).left) < 0.01F);
  for (const auto& frame : dry) REQUIRE(frame.left == -frame.right);
  CHECK(dry.back().left == 0.0F);
  rig.fill(5000, 5000);
  rig.read(512);
  const auto out = rig.read(256);
  CHECK(out[0].left == Rig::coded(5512).left);
  CHECK(out[0].right == Rig::coded(5512).right);
}

TEST_CASE("no step is heard at either end of a gap, however short, at any gain") {
  for (const float gain : {1.0F, 0.1F}) {
    for (const std::int64_t sound : {4096, 4111}) {
      for (const std::size_t gap : {1U, 32U, 100U, 219U, 221U, 2000U}) {
        Rig rig;
        rig.takes.reader.gain.store(gain);
        rig.takes.writer.begin(0, false);
        rig.fill_with({0.8F, 0.8F}, sound);
        auto heard = rig.read(static_cast<std::size_t>(sound));
        const float before = heard.back().left;
        CHECK(before == doctest::Approx(0.8F * gain));
        auto out = rig.read(gap);
        rig.fill_with({0.8F, 0.8F}, 4096);
        const auto back = rig.read(2048);
        out.insert(out.end(), back.begin(), back.end());
        CHECK(largest_step(out, before) < 0.01F * gain);
        CHECK(back.back().left == doctest::Approx(0.8F * gain));
        CHECK(rig.meters().underruns.load() == 1);
        CHECK(rig.meters().missing_frames.load() == gap);
      }
    }
  }
}

TEST_CASE("a reader that ran dry goes on at a take that starts later") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 1000);
  rig.read(4096);
  rig.takes.writer.begin(1500, false);
  rig.fill(1500, 8000);
  rig.read(512);
  CHECK(rig.playhead() == 2012);
  CHECK(rig.read(256)[0].left == Rig::coded(2012).left);
}

TEST_CASE("a take that runs dry in mid-fade does not keep the next one from being heard") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 4196);
  rig.read(4096);
  rig.takes.writer.begin(4096, false);
  rig.fill(4096, 300);  // less than the fade, yet more than the old take has
  rig.read(768);
  CHECK(rig.playhead() == 4396);
  rig.takes.writer.begin(4396, false);
  rig.fill(4396, 20000);
  rig.read(1024);
  CHECK(rig.playhead() == 5420);
  CHECK(rig.read(1)[0].left == Rig::coded(5420).left);
}

TEST_CASE("numbers that are none are silenced and counted, loud ones end at full scale") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  std::vector<rtgen::Frame> bad(4096, {3.0F, -3.0F});
  bad[1000] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  rig.takes.writer.write(bad.data(), 4096);
  const auto out = rig.read(2048);
  CHECK(out[1000].left == 0.0F);
  CHECK(out[1000].right == 0.0F);
  CHECK(rig.meters().not_finite.load() == 2);
  CHECK(out[1500].left == 1.0F);
  CHECK(out[1500].right == -1.0F);
}

TEST_CASE("a number that is none just before a gap does not spoil the tail") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.5F}, 4095);
  rig.fill_with({std::nanf(""), 0.5F}, 1);
  rig.read(4096);
  rig.read(512);
  CHECK(rig.meters().not_finite.load() == 1);
}

TEST_CASE("a gain that is no number silences, and does no lasting harm") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill(0, 20000);
  rig.read(2000);
  rig.takes.reader.gain.store(std::nanf(""));
  CHECK(rig.read(2000).back().left == 0.0F);
  rig.takes.reader.gain.store(1.0F);
  CHECK(rig.read(1000).back().left == Rig::coded(4999).left);
}

TEST_CASE("gain and pause come without a step, and a pause keeps the place") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.8F, 0.8F}, 40000);
  rig.read(2048);
  rig.takes.reader.gain.store(0.25F);
  CHECK(largest_step(rig.read(1024), 0.8F) < 0.005F);
  rig.takes.reader.paused.store(true);
  CHECK(largest_step(rig.read(1024), 0.2F) < 0.005F);
  const auto at = rig.playhead();
  CHECK(rig.read(5000).back().left == 0.0F);
  CHECK(rig.playhead() == at);
  rig.takes.reader.paused.store(false);
  const auto out = rig.read(1024);
  CHECK(largest_step(out, 0.0F) < 0.005F);
  CHECK(out.back().left == doctest::Approx(0.2F));
  CHECK(rig.meters().underruns.load() == 0);
}

TEST_CASE("meters show peak and power, and fall when it is quiet") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.25F}, 60000);
  rig.read(60000);
  CHECK(rig.meters().peak_left.load() == 0.5F);
  CHECK(rig.meters().rms_right.load() == doctest::Approx(0.25F).epsilon(0.02));
  rig.takes.reader.paused.store(true);
  rig.read(44100);
  CHECK(rig.meters().peak_left.load() == doctest::Approx(0.5F * 0.063F).epsilon(0.05));
  rig.read(4 * 44100);
  CHECK(rig.meters().peak_left.load() < 1e-5F);
  CHECK(rig.meters().rms_left.load() < 1e-3F);
}
