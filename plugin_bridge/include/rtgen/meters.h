// What the audio thread tells: counts and levels, each a plain atomic number.
#pragma once

#include <atomic>
#include <cstdint>

namespace rtgen {

struct Meters {
  std::atomic<std::uint64_t> underruns{0};       // times the sound ran dry
  std::atomic<std::uint64_t> missing_frames{0};  // frames of silence that this cost
  std::atomic<std::uint64_t> not_finite{0};      // samples that were not numbers
  std::atomic<std::uint64_t> takes{0};           // takes followed
  std::atomic<std::uint64_t> frames{0};          // frames asked for
  std::atomic<std::uint64_t> tap_lost{0};        // frames the recorder was too slow for
  std::atomic<float> peak_left{0.0F};            // falls by 24 dB a second
  std::atomic<float> peak_right{0.0F};
  std::atomic<float> rms_left{0.0F};  // over about 0.3 s
  std::atomic<float> rms_right{0.0F};
};

}  // namespace rtgen
