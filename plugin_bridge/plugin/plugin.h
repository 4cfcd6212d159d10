// The plugin as a host sees it: parameters, state, MIDI and time in; the hosted stream's sound out.
//
// Threads: the host's main thread makes, activates, saves and restores; any thread may set a
// parameter; the audio thread runs. Parameters cross as atomic numbers that each block compares
// with what it told the stream last. Nothing but plain memory happens in the constructor, since
// hosts make a plugin only to look at it.
#pragma once

#include <array>
#include <atomic>
#include <mutex>

#include "DistrhoPlugin.hpp"
#include "instance.h"
#include "parameters.h"

namespace rtgen {

class HostedPlugin final : public DISTRHO::Plugin {
 public:
  HostedPlugin();

  // [any thread but audio] For the view, which lives in the same process.
  const HostedStream& stream() const { return instance_.stream(); }
  EngineLink::Said said() const { return instance_.link().said(); }
  EngineLink::Wanted wanted() const;

 protected:
  const char* getLabel() const override { return "rtgen"; }
  const char* getDescription() const override;
  const char* getMaker() const override { return "rtgen"; }
  const char* getHomePage() const override { return "urn:rtgen:rtgen"; }
  const char* getLicense() const override { return "Apache-2.0"; }
  std::uint32_t getVersion() const override;
  std::int64_t getUniqueId() const override { return d_cconst('r', 't', 'g', 'n'); }

  void initAudioPort(bool input, std::uint32_t index, DISTRHO::AudioPort& port) override;
  void initParameter(std::uint32_t index, DISTRHO::Parameter& parameter) override;
  float getParameterValue(std::uint32_t index) const override;
  void setParameterValue(std::uint32_t index, float value) override;

  void initState(std::uint32_t index, DISTRHO::State& state) override;
  DISTRHO::String getState(const char* key) const override;
  void setState(const char* key, const char* value) override;

  void activate() override;
  void deactivate() override;
  void run(const float** inputs, float** outputs, std::uint32_t frames,
           const DISTRHO::MidiEvent* events, std::uint32_t count) RTGEN_NONBLOCKING override;

 private:
  void tell(std::uint32_t index, float value) RTGEN_NONBLOCKING;
  void tell_changes() RTGEN_NONBLOCKING;
  BlockTime block_time() const RTGEN_NONBLOCKING;
  float measured(Id id) const;

  Instance instance_;
  std::array<std::atomic<float>, kInputs> values_;
  std::array<float, kInputs> told_;  // [audio thread] what the stream knows

  // What the project asks for, whether or not the engine has it. Empty: whatever the engine offers.
  mutable std::mutex wanted_lock_;
  EngineLink::Wanted wanted_;
};

}  // namespace rtgen
