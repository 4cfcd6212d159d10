#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "../plugin/host_bars.h"

using rtgen::bars_of;
using rtgen::HostBars;

namespace {

struct Meter {
  int numerator;
  int denominator;
};
constexpr Meter kMeters[] = {{4, 4}, {3, 4}, {2, 4}, {5, 4},  {6, 8},  {7, 8},
                             {5, 8}, {3, 8}, {9, 8}, {12, 8}, {3, 16}, {1, 8}};

// Exact in integers: a bar is `numerator` beats of 4 / `denominator` quarters; 48 ticks a quarter.
constexpr int kTicks = 48;
int bar_ticks(Meter meter) { return 4 * kTicks * meter.numerator / meter.denominator; }

int floor_of(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

TEST_CASE("bar and place in it are right in twelve meters, told where the bar starts or not") {
  for (const Meter meter : kMeters) {
    CAPTURE(meter.numerator);
    CAPTURE(meter.denominator);
    const int bar = bar_ticks(meter);
    for (int tick = -3 * bar; tick < 20 * bar; ++tick) {
      const int index = floor_of(tick, bar);
      const double quarters = static_cast<double>(tick) / kTicks;
      const double start = static_cast<double>(index * bar) / kTicks;
      for (const bool known : {true, false}) {
        const HostBars bars =
            bars_of(quarters, known, known ? start : 0.0, meter.numerator, meter.denominator);
        REQUIRE(bars.index == index);
        REQUIRE(bars.quarters_in_bar == doctest::Approx(quarters - start).epsilon(1e-9));
        REQUIRE(bars.bar_quarters == static_cast<double>(bar) / kTicks);
      }
    }
  }
}

TEST_CASE("after a change of meter each bar has the index after the one before") {
  for (const Meter meter : kMeters) {
    const double bar = static_cast<double>(bar_ticks(meter)) / kTicks;
    for (const double changed_at : {1.75, 3.5, 10.0, 16.0, 33.25}) {
      double before =
          bars_of(changed_at, true, changed_at, meter.numerator, meter.denominator).index;
      for (int k = 1; k < 200; ++k) {
        const double start = changed_at + k * bar;
        const double wobble = 1e-9 * ((k % 3) - 1);  // doubles of a host
        const HostBars bars =
            bars_of(start + bar / 3.0, true, start + wobble, meter.numerator, meter.denominator);
        REQUIRE(bars.index == before + 1.0);
        REQUIRE(bars.quarters_in_bar == doctest::Approx(bar / 3.0).epsilon(1e-6));
        before = bars.index;
      }
    }
  }
}

TEST_CASE("a start of the bar that cannot be is not believed") {
  CHECK(bars_of(10.5, true, 0.0, 4, 4).index == 2.0);  // hosts that always tell 0
  CHECK(bars_of(10.5, true, 0.0, 4, 4).quarters_in_bar == 2.5);
  CHECK(bars_of(10.5, true, 12.0, 4, 4).index == 2.0);
  CHECK(bars_of(8.0 - 1e-9, true, 8.0, 4, 4).index == 2.0);
}

TEST_CASE("a meter that cannot be counts as 4/4") {
  for (const Meter meter : {Meter{0, 4}, Meter{4, 0}, Meter{-3, 8}, Meter{0, 0}}) {
    const HostBars bars = bars_of(9.0, false, 0.0, meter.numerator, meter.denominator);
    CHECK(bars.bar_quarters == 4.0);
    CHECK(bars.index == 2.0);
    CHECK(std::isfinite(bars.quarters_in_bar));
  }
}
