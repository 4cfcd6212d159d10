// What a host tells the engine, and what the engine tells a host, beside the sound itself.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/event_queue.h"
#include "rtgen/seqlock.h"

namespace rtgen {

// Values the engine needs, in the order of `HostState::values`.
enum class HostValue : std::uint32_t {
  kDensity,
  kEnergy,
  kVariation,
  kMorph,
  kSeed,
  kStyleA,  // -1: the seed's own
  kStyleB,  // -1: none
  kCount
};
constexpr std::uint32_t kHostValues = static_cast<std::uint32_t>(HostValue::kCount);

// All that a host asks for, from `position` on. Whole, so that an engine that missed a change, or
// was started later, needs nothing else.
struct HostState {
  std::uint64_t revision{0};  // grows with every change of what is below
  std::uint64_t locates{0};   // grows when the position does not follow from the one before
  std::uint64_t notes{0};     // MIDI messages pushed before this revision
  std::int64_t position{0};   // frame of the stream at the host's rate
  double beat{0.0};           // of the stream at `position`; a bar of the host starts at a
                              // multiple of `bar_beats`
  double tempo{120.0};        // quarter notes a minute
  double bar_beats{4.0};      // quarter notes in a bar of the host
  std::uint32_t playing{0};   // the position moves
  std::uint32_t offline{0};   // the host renders as fast as it can, and waits
  std::uint32_t block{256};   // most frames the host asks for at once
  std::uint32_t fresh{0};     // grows when what MIDI did is to be forgotten (playing starts)
  float values[kHostValues]{};
};

// A MIDI message of up to three bytes, at a frame of the stream.
struct HostMidi {
  std::int64_t position{0};
  std::uint8_t bytes[4]{};
};
using HostMidiQueue = EventQueue<HostMidi, 1024>;

// Written by the plugin.
struct HostSide {
  SeqLock<HostState> state;
  HostMidiQueue midi;
  alignas(64) std::atomic<std::uint64_t> beats{0};  // one for each block: the heart
  std::atomic<std::int64_t> wanted{0};              // offline: waits for frames before this one
};

// Written by the engine.
struct EngineSide {
  alignas(64) std::atomic<std::uint64_t> beats{0};  // grows while the engine looks after us
  std::atomic<std::uint64_t> answered{0};           // the newest revision that was read
  // Every frame before this one is final, as far as `answered` goes: no take will change it.
  std::atomic<std::int64_t> settled{0};
  std::atomic<float> speed{0.0F};  // seconds of sound made in a second
};

}  // namespace rtgen
