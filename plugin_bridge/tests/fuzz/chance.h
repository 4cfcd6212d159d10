// What every fuzz target makes of its bytes: numbers near the edges, writes where they hurt, and
// demands that end the program.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "rtgen/segment.h"

namespace rtgen::fuzz {

using Input = FuzzedDataProvider;

#define RTGEN_DEMAND(what)                                                    \
  do {                                                                        \
    if (!(what)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
      std::abort();                                                           \
    }                                                                         \
  } while (false)

// Any number, or one of those that arithmetic stumbles over.
inline std::int64_t number(Input& in) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kHard[] = {0,
                                    1,
                                    -1,
                                    kMax,
                                    -kMax - 1,
                                    kMax / 2,
                                    std::int64_t{1} << 61,
                                    -(std::int64_t{1} << 61),
                                    std::int64_t{1} << 32,
                                    4096};
  switch (in.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return in.PickValueInArray(kHard);
    case 1:
      return in.ConsumeIntegral<std::int16_t>();
    case 2:
      return in.ConsumeIntegral<std::int32_t>();
    default:
      return in.ConsumeIntegral<std::int64_t>();
  }
}

// Any double, those that are no numbers among them.
inline double real(Input& in) {
  switch (in.ConsumeIntegralInRange(0, 2)) {
    case 0: {
      const auto bits = in.ConsumeIntegral<std::uint64_t>();
      double any = 0.0;
      std::memcpy(&any, &bits, sizeof(any));
      return any;
    }
    case 1:
      return static_cast<double>(in.ConsumeIntegral<std::int16_t>());
    default:
      return in.ConsumeFloatingPointInRange(-1000.0, 1000.0);
  }
}

// Writes into a segment, as the process at its other end might; mostly where cursors are.
inline void scribble(Input& in, void* segment, std::size_t size) {
  const std::int64_t value = number(in);
  const std::size_t width = in.ConsumeBool() ? 8 : 4;
  const auto inside = [&](std::size_t from, std::size_t bytes) {
    return from + in.ConsumeIntegralInRange<std::size_t>(0, bytes / width - 1) * width;
  };
  std::size_t at = 0;
  switch (in.ConsumeIntegralInRange(0, 4)) {
    case 0:
      at = inside(offsetof(SegmentHeader, host), sizeof(SeqLock<HostState>));
      break;
    case 1:
      at = inside(offsetof(SegmentHeader, host) + offsetof(HostSide, midi), 192);
      break;
    case 2:
      at = inside(0, size);
      break;
    default:
      at = inside(Segment::takes_at(), sizeof(TakeHeader));
  }
  std::memcpy(static_cast<std::byte*>(segment) + at, &value, width);
}

inline bool within(const float* samples, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!(std::fabs(samples[i]) <= 1.0F)) return false;
  }
  return true;
}

}  // namespace rtgen::fuzz
