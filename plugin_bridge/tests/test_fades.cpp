// What is heard while one take gives way to another.
#include <doctest/doctest.h>

#include <cmath>

#include "rig.h"

namespace {

bool near(float a, float b, float by = 1e-6F) { return std::fabs(a - b) <= by; }

}  // namespace

TEST_CASE("a newer take with the same sound takes over unheard") {
  for (const std::size_t block : {16U, 256U}) {
    Rig rig;
    rig.takes.writer.begin(0, false);
    rig.fill(0, 20000);
    rig.read(4096);
    rig.takes.writer.begin(4200, false);
    rig.fill(4200, 20000);
    float worst = 0.0F;
    for (std::int64_t at = 4096; at < 8192; at += static_cast<std::int64_t>(block)) {
      const auto out = rig.read(block);
      for (std::size_t i = 0; i < block; ++i) {
        const auto want = Rig::coded(at + static_cast<std::int64_t>(i));
        worst = std::fmax(worst, std::fabs(out[i].left - want.left));
      }
    }
    CHECK(worst < 1e-4F);
    CHECK(rig.meters().takes.load() == 2);
  }
}

TEST_CASE("unlike sounds cross-fade at equal power over 10 ms, from the first sample on") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.0F}, 20000);
  rig.read(4096);
  rig.takes.writer.begin(4096, false);
  rig.fill_with({0.0F, 0.5F}, 20000);
  const auto out = rig.read(1024);
  for (int i = 0; i < Rig::kFade; ++i) {
    const double angle = M_PI / 2 * (i + 0.5) / static_cast<double>(Rig::kFade);
    REQUIRE(
        near(out[static_cast<std::size_t>(i)].left, 0.5F * static_cast<float>(std::cos(angle))));
    REQUIRE(
        near(out[static_cast<std::size_t>(i)].right, 0.5F * static_cast<float>(std::sin(angle))));
  }
  CHECK(out[Rig::kFade].left == 0.0F);
  CHECK(out[Rig::kFade].right == 0.5F);
}

TEST_CASE("the gains of a fade keep the power of unlike sounds and the size of equal ones") {
  for (int i = 0; i < 441; ++i) {
    const auto unlike = rtgen::fade_gains(i, 441, 0.0F);
    CHECK(near(unlike.in * unlike.in + unlike.out * unlike.out, 1.0F, 1e-5F));
    const auto equal = rtgen::fade_gains(i, 441, 1.0F);
    CHECK(near(equal.in + equal.out, 1.0F, 1e-5F));
  }
}

TEST_CASE("an old take that ends soon shortens the fade, and nothing steps") {
  for (const std::int64_t left : {1, 20, 40, 100, 300, 440, 441}) {
    for (const bool same : {false, true}) {
      Rig rig;
      rig.takes.writer.begin(0, false);
      rig.fill_with({0.5F, 0.0F}, 4096 + left);
      rig.read(4096);
      rig.takes.writer.begin(4096, false);
      rig.fill_with(same ? rtgen::Frame{0.5F, 0.0F} : rtgen::Frame{0.0F, 0.5F}, 20000);
      float before = 0.5F;
      for (const auto& frame : rig.read(2048)) {
        CHECK(std::fabs(frame.left - before) < 0.03F);
        if (same && left >= 40) CHECK(frame.left == doctest::Approx(0.5F).epsilon(0.001));
        before = frame.left;
      }
      CHECK(before == doctest::Approx(same ? 0.5F : 0.0F));
      CHECK(rig.meters().underruns.load() == 0);
    }
  }
}

TEST_CASE("a take that comes in mid-fade waits for the end of the fade") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.0F}, 20000);
  rig.read(4096);
  rig.takes.writer.begin(4096, false);
  rig.fill_with({0.0F, 0.5F}, 20000);
  auto out = rig.read(128);
  rig.takes.writer.begin(4096, false);
  rig.fill_with({0.0F, -0.5F}, 20000);
  const auto rest = rig.read(Rig::kFade - 128);
  out.insert(out.end(), rest.begin(), rest.end());
  for (const auto& frame : out) {
    REQUIRE(frame.left * frame.left + frame.right * frame.right == doctest::Approx(0.25F));
  }
  rig.read(1024);
  CHECK(rig.read(1)[0].right == -0.5F);
}

TEST_CASE("takes begun in a flood between two blocks leave alone what is heard and what fades") {
  Rig rig;
  rig.takes.writer.begin(0, false);
  rig.fill_with({0.5F, 0.0F}, 20000);
  rig.read(4096);
  rig.takes.writer.begin(4096, false);
  rig.fill_with({0.0F, 0.5F}, 20000);
  auto out = rig.read(128);
  for (int i = 0; i < 20; ++i) {
    rig.takes.writer.begin(4096 + i, false);
    rig.fill_with({0.9F, 0.9F}, 100);
  }
  const auto rest = rig.read(2048);
  out.insert(out.end(), rest.begin(), rest.end());
  for (const auto& frame : out) {
    REQUIRE(frame.left * frame.left + frame.right * frame.right == doctest::Approx(0.25F));
  }
}
