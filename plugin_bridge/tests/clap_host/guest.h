// A CLAP plugin, loaded and held by the host: everything that goes through its C interface.
#pragma once

#include <clap/entry.h>
#include <clap/ext/audio-ports.h>
#include <clap/ext/note-ports.h>
#include <clap/ext/params.h>
#include <clap/ext/render.h>
#include <clap/ext/state.h>
#include <clap/plugin-factory.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rtgen/realtime.h"

namespace rtgen::host {

// Events for one block, in the order of their time.
class Events {
 public:
  Events();
  void clear();
  void add_parameter(std::uint32_t time, clap_id id, double value);
  void add_midi(std::uint32_t time, std::uint8_t status, std::uint8_t first, std::uint8_t second);
  const clap_input_events_t* list() const { return &list_; }

 private:
  union Event {
    clap_event_header_t header;
    clap_event_param_value_t parameter;
    clap_event_midi_t midi;
  };
  std::vector<Event> events_;
  clap_input_events_t list_;
};

class Guest {
 public:
  explicit Guest(const std::string& path);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  const clap_plugin_descriptor_t& described() const { return *plugin_->desc; }
  const std::vector<clap_param_info_t>& parameters() const { return parameters_; }
  clap_id parameter(const std::string& symbol) const;
  double value(clap_id id) const;
  bool reports_latency() const;

  void activate(double rate, std::uint32_t largest_block);
  void deactivate();
  bool set_offline(bool offline);
  std::string save();
  bool load(const std::string& state);

  // [audio thread] `transport` may be null: a host that has none.
  bool process(std::int64_t steady, const clap_event_transport_t* transport, const Events& events,
               float* left, float* right, std::uint32_t n) RTGEN_NONBLOCKING;

  // What the plugin told of its parameters in the last blocks, by id.
  const std::map<clap_id, double>& told() const { return told_; }

 private:
  template <typename Extension>
  const Extension* extension(const char* id) const {
    return static_cast<const Extension*>(plugin_->get_extension(plugin_, id));
  }

  void* library_{nullptr};
  const clap_plugin_entry_t* entry_{nullptr};
  const clap_plugin_t* plugin_{nullptr};
  clap_host_t host_{};
  std::vector<clap_param_info_t> parameters_;
  std::map<clap_id, double> told_;
  clap_output_events_t outgoing_{};
  bool active_{false};
};

}  // namespace rtgen::host
