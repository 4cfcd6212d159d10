// The plugin's parameters: one table. The index of a row is the parameter's id in every format, so
// rows are only ever added at the end, and no range changes.
#pragma once

#include <array>
#include <cstdint>

namespace rtgen {

enum class Id : std::uint32_t {
  kDensity,
  kEnergy,
  kVariation,
  kStyleA,
  kStyleB,
  kMorph,
  kSeed,
  kTempoSource,
  kOwnTempo,
  kFollow,
  kGain,
  kBypass,
  kLead,
  kUnderruns,
  kConnected,
  kStatus,
  kPeakLeft,
  kPeakRight,
  kCount
};

constexpr std::uint32_t kParameters = static_cast<std::uint32_t>(Id::kCount);
constexpr std::uint32_t kInputs = static_cast<std::uint32_t>(Id::kLead);  // the rest are outputs

enum class Kind : std::uint8_t { kReal, kWhole, kSwitch, kChoice };

constexpr std::array<const char*, 2> kTempoSources{"Host", "Own"};  // the one choice there is

struct ParameterRow {
  Id id;
  Kind kind;
  const char* symbol;
  const char* name;
  const char* unit;
  float low;
  float high;
  float initial;
  const char* says;
};

// clang-format off
constexpr std::array<ParameterRow, kParameters> kTable{{
    {Id::kDensity, Kind::kReal, "density", "Density", "onsets/s", 0, 18, 7, "how many notes and hits a second"},
    {Id::kEnergy, Kind::kReal, "energy", "Energy", "", 0, 1, 0.65F, "loudness and drive"},
    {Id::kVariation, Kind::kReal, "variation", "Variation", "", 0, 1, 1, "how far the music wanders"},
    {Id::kStyleA, Kind::kWhole, "style_a", "Style A", "", -1, 65535, -1, "a style by its number; -1: the seed's own"},
    {Id::kStyleB, Kind::kWhole, "style_b", "Style B", "", -1, 65535, -1, "the style to morph to; -1: none"},
    {Id::kMorph, Kind::kReal, "morph", "Morph", "", 0, 1, 0, "from style A to style B"},
    {Id::kSeed, Kind::kWhole, "seed", "Seed", "", 0, 65535, 0, "which of the endless pieces"},
    {Id::kTempoSource, Kind::kChoice, "tempo_source", "Tempo Source", "", 0, 1, 0, "0: the host's tempo, 1: the plugin's own"},
    {Id::kOwnTempo, Kind::kReal, "own_tempo", "Own Tempo", "bpm", 60, 200, 128, "the tempo without the host's"},
    {Id::kFollow, Kind::kSwitch, "follow", "Follow Transport", "", 0, 1, 1, "on: plays when the host plays, off: always"},
    {Id::kGain, Kind::kReal, "gain", "Output Gain", "dB", -60, 6, 0, "level of the output; -60: silence"},
    {Id::kBypass, Kind::kSwitch, "bypass", "Bypass", "", 0, 1, 0, "silence without a click"},
    {Id::kLead, Kind::kReal, "lead", "Lead", "s", 0, 60, 0, "how far the engine is ahead"},
    {Id::kUnderruns, Kind::kWhole, "underruns", "Underruns", "", 0, 1000000, 0, "how often the sound ran dry"},
    {Id::kConnected, Kind::kSwitch, "connected", "Connected", "", 0, 1, 0, "whether the engine is there"},
    {Id::kStatus, Kind::kWhole, "status", "Status", "", 0, 15, 0, "what the stream is doing"},
    {Id::kPeakLeft, Kind::kReal, "peak_left", "Peak Left", "", 0, 1, 0, "level of the left output"},
    {Id::kPeakRight, Kind::kReal, "peak_right", "Peak Right", "", 0, 1, 0, "level of the right output"},
}};
// clang-format on

constexpr bool rows_are_in_order() {
  for (std::uint32_t i = 0; i < kParameters; ++i) {
    if (static_cast<std::uint32_t>(kTable[i].id) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

constexpr const ParameterRow& row(Id id) { return kTable[static_cast<std::uint32_t>(id)]; }

}  // namespace rtgen
