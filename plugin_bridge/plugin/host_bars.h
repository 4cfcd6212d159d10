// Where in which bar a host is, from quarter notes and any meter.
//
// Hosts tell quarters since the start of the song and where the current bar starts. Some leave the
// latter at 0, some have changed meter before, so that bars do not start at multiples of their
// length: the index is then the one that keeps counting bars as long as the meter holds.
#pragma once

#include <cmath>

#include "rtgen/realtime.h"

namespace rtgen {

struct HostBars {
  double index{0.0};  // whole; the song's first bar is 0
  double quarters_in_bar{0.0};
  double bar_quarters{4.0};
};

// A meter with a part that is not positive counts as 4/4.
inline HostBars bars_of(double quarters, bool start_known, double bar_start, double numerator,
                        double denominator) RTGEN_NONBLOCKING {
  constexpr double kTick = 1e-6;        // what doubles and fixed-point numbers are off by
  constexpr double kOffTheGrid = 0.01;  // of a bar: what hosts that count in ticks are off by
  HostBars bars;
  if (numerator > 0.0 && denominator > 0.0) bars.bar_quarters = 4.0 * numerator / denominator;
  const double since = quarters - bar_start;
  const bool believed = start_known && since >= -kTick && since <= bars.bar_quarters + kTick;
  if (!believed) {
    bar_start = std::floor(quarters / bars.bar_quarters + kTick) * bars.bar_quarters;
  }
  bars.index = std::floor(bar_start / bars.bar_quarters + kOffTheGrid);
  bars.quarters_in_bar = quarters - bar_start;
  return bars;
}

}  // namespace rtgen
