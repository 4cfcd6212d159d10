#include "plugin.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "DistrhoPluginUtils.hpp"
#include "host_bars.h"
#include "plain_word.h"

namespace rtgen {

namespace {

constexpr const char* kModelKey = "model";
constexpr const char* kChecksumKey = "checksum";
constexpr std::uint32_t kStates = 2;

// MIDI's channel volume, on any channel.
bool is_volume(const DISTRHO::MidiEvent& event) RTGEN_NONBLOCKING {
  return event.size == 3 && (event.data[0] & 0xF0) == 0xB0 && event.data[1] == 7;
}

float gain_of(float decibels) RTGEN_NONBLOCKING {
  return decibels <= row(Id::kGain).low ? 0.0F : std::pow(10.0F, decibels / 20.0F);
}

}  // namespace

HostedPlugin::HostedPlugin()
    : Plugin(kParameters, 0, kStates), instance_(DISTRHO::getPluginFormatName()) {
  for (std::uint32_t i = 0; i < kInputs; ++i) values_[i].store(kTable[i].initial);
  told_.fill(std::numeric_limits<float>::quiet_NaN());
}

const char* HostedPlugin::getDescription() const {
  return "An endless, steerable, neural music generator on the host's grid";
}

std::uint32_t HostedPlugin::getVersion() const { return d_version(0, 1, 0); }

void HostedPlugin::initAudioPort(bool input, std::uint32_t index, DISTRHO::AudioPort& port) {
  port.groupId = DISTRHO::kPortGroupStereo;
  Plugin::initAudioPort(input, index, port);
}

void HostedPlugin::initParameter(std::uint32_t index, DISTRHO::Parameter& parameter) {
  if (index >= kParameters) return;
  const ParameterRow& described = kTable[index];
  if (described.id == Id::kBypass) {
    parameter.initDesignation(DISTRHO::kParameterDesignationBypass);
    return;
  }
  parameter.hints =
      index < kInputs ? DISTRHO::kParameterIsAutomatable : DISTRHO::kParameterIsOutput;
  if (described.kind != Kind::kReal) parameter.hints |= DISTRHO::kParameterIsInteger;
  if (described.kind == Kind::kSwitch) parameter.hints |= DISTRHO::kParameterIsBoolean;
  parameter.name = described.name;
  parameter.symbol = described.symbol;
  parameter.unit = described.unit;
  parameter.description = described.says;
  parameter.ranges.min = described.low;
  parameter.ranges.max = described.high;
  parameter.ranges.def = described.initial;
  if (described.kind == Kind::kChoice) {
    auto* labels = new DISTRHO::ParameterEnumerationValue[kTempoSources.size()];
    for (std::size_t i = 0; i < kTempoSources.size(); ++i) {
      labels[i] = {static_cast<float>(i), kTempoSources[i]};
    }
    parameter.enumValues.count = static_cast<std::uint8_t>(kTempoSources.size());
    parameter.enumValues.restrictedMode = true;
    parameter.enumValues.values = labels;  // freed by DPF
  }
}

float HostedPlugin::getParameterValue(std::uint32_t index) const {
  if (index < kInputs) return values_[index].load(std::memory_order_relaxed);
  if (index >= kParameters) return 0.0F;
  const ParameterRow& described = kTable[index];
  const float value = measured(described.id);
  return value < described.low ? described.low : (value > described.high ? described.high : value);
}

float HostedPlugin::measured(Id id) const {
  switch (id) {
    case Id::kLead:
      return stream().lead_seconds();
    case Id::kUnderruns:
      return static_cast<float>(stream().underruns());
    case Id::kConnected:
      return stream().connected() ? 1.0F : 0.0F;
    case Id::kStatus:
      return static_cast<float>(stream().status());
    case Id::kPeakLeft:
      return stream().peak_left();
    case Id::kPeakRight:
      return stream().peak_right();
    default:
      return 0.0F;
  }
}

void HostedPlugin::setParameterValue(std::uint32_t index, float value) {
  if (index >= kInputs || !std::isfinite(value)) return;
  const ParameterRow& described = kTable[index];
  if (value < described.low) value = described.low;
  if (value > described.high) value = described.high;
  if (described.kind != Kind::kReal) value = std::round(value);
  values_[index].store(value, std::memory_order_relaxed);
}

void HostedPlugin::initState(std::uint32_t index, DISTRHO::State& state) {
  state.hints = DISTRHO::kStateIsOnlyForDSP;
  state.key = index == 0 ? kModelKey : kChecksumKey;
  state.label = index == 0 ? "Model" : "Checksum of the model";
}

// What the project named is kept as it was, even if it could not be had; what the engine chose by
// itself is kept from then on.
DISTRHO::String HostedPlugin::getState(const char* key) const {
  const bool checksum = std::strcmp(key, kChecksumKey) == 0;
  const EngineLink::Said playing = said();
  EngineLink::Wanted kept = wanted();
  if (kept.model.empty()) kept = {playing.model, playing.checksum};
  if (kept.checksum.empty() && kept.model == playing.model) kept.checksum = playing.checksum;
  return DISTRHO::String((checksum ? kept.checksum : kept.model).c_str());
}

void HostedPlugin::setState(const char* key, const char* value) {
  const bool checksum = std::strcmp(key, kChecksumKey) == 0;
  if (!checksum && std::strcmp(key, kModelKey) != 0) return;
  if (!is_plain(value, checksum ? kLongestChecksum : kLongestModel)) return;
  EngineLink::Wanted now;
  {
    const std::lock_guard lock(wanted_lock_);
    (checksum ? wanted_.checksum : wanted_.model) = value;
    now = wanted_;
  }
  if (now.model.empty()) now.checksum.clear();  // its model is still to come
  instance_.link().want(now);
}

EngineLink::Wanted HostedPlugin::wanted() const {
  const std::lock_guard lock(wanted_lock_);
  return wanted_;
}

void HostedPlugin::activate() {
  told_.fill(std::numeric_limits<float>::quiet_NaN());
  tell_changes();
  instance_.activate(getSampleRate(), getBufferSize());
}

void HostedPlugin::deactivate() { instance_.deactivate(); }

void HostedPlugin::run(const float**, float** outputs, std::uint32_t frames,
                       const DISTRHO::MidiEvent* events, std::uint32_t count) RTGEN_NONBLOCKING {
  tell_changes();
  for (std::uint32_t i = 0; i < count; ++i) {
    if (events[i].size > DISTRHO::MidiEvent::kDataSize) continue;  // system exclusive
    if (is_volume(events[i])) {
      const float turned = static_cast<float>(events[i].data[2]) / 127.0F;
      instance_.stream().set_gain(
          gain_of(row(Id::kGain).low + turned * (row(Id::kGain).high - row(Id::kGain).low)));
      continue;
    }
    instance_.stream().midi(events[i].frame, events[i].data, events[i].size);
  }
  instance_.stream().run(block_time(), outputs[0], outputs[1], frames);
}

void HostedPlugin::tell_changes() RTGEN_NONBLOCKING {
  for (std::uint32_t i = 0; i < kInputs; ++i) {
    const float value = values_[i].load(std::memory_order_relaxed);
    if (value == told_[i]) continue;
    told_[i] = value;
    tell(i, value);
  }
}

void HostedPlugin::tell(std::uint32_t index, float value) RTGEN_NONBLOCKING {
  switch (kTable[index].id) {
    case Id::kDensity:
      return instance_.stream().set(HostValue::kDensity, value);
    case Id::kEnergy:
      return instance_.stream().set(HostValue::kEnergy, value);
    case Id::kVariation:
      return instance_.stream().set(HostValue::kVariation, value);
    case Id::kMorph:
      return instance_.stream().set(HostValue::kMorph, value);
    case Id::kSeed:
      return instance_.stream().set(HostValue::kSeed, value);
    case Id::kStyleA:
      return instance_.stream().set(HostValue::kStyleA, value);
    case Id::kStyleB:
      return instance_.stream().set(HostValue::kStyleB, value);
    case Id::kTempoSource:
      return instance_.stream().set_host_tempo(value < 0.5F);
    case Id::kOwnTempo:
      return instance_.stream().set_own_tempo(value);
    case Id::kFollow:
      return instance_.stream().set_follow(value > 0.5F);
    case Id::kGain:
      return instance_.stream().set_gain(gain_of(value));
    case Id::kBypass:
      return instance_.stream().set_bypass(value > 0.5F);
    default:
      return;
  }
}

BlockTime HostedPlugin::block_time() const RTGEN_NONBLOCKING {
  RTGEN_OFF_THE_CLOCK_BEGIN  // returns a reference, but DPF does not mark it
      const DISTRHO::TimePosition::Told& told = getTimePosition().told;
  RTGEN_OFF_THE_CLOCK_END
  BlockTime time;
  time.valid = told.transport;
  time.playing = told.playing;
  time.frame = told.frame;
  time.tempo = told.tempo;
  time.offline = told.offline;
  time.bars = told.hasQuarters;
  if (told.hasQuarters) {
    const HostBars bars = bars_of(told.quarters, told.hasBarStart, told.barStart,
                                  told.meterNumerator, told.meterDenominator);
    time.bar_index = bars.index;
    time.quarters_in_bar = bars.quarters_in_bar;
    time.bar_quarters = bars.bar_quarters;
  }
  return time;
}

}  // namespace rtgen

namespace DISTRHO {

Plugin* createPlugin() { return new rtgen::HostedPlugin(); }

}  // namespace DISTRHO
