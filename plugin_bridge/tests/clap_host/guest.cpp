#include "guest.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace rtgen::host {

namespace {

constexpr std::size_t kMostEvents = 4096;
constexpr std::uint64_t kPiece = 7;  // bytes: streams may take or give as little as they like

const void* host_extension(const clap_host_t* host, const char* id);

// C has no mark for it, but this is what CLAP demands of the function.
#if defined(__clang__) && __clang_major__ >= 20
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
using Process = clap_process_status (*)(const clap_plugin_t*, const clap_process_t*)
    [[clang::nonblocking]];
Process process_of(const clap_plugin_t& plugin) RTGEN_NONBLOCKING {
  return reinterpret_cast<Process>(plugin.process);
}
#pragma clang diagnostic pop
#else
auto process_of(const clap_plugin_t& plugin) { return plugin.process; }
#endif

struct Reading {
  const std::string* from;
  std::size_t at;
};

}  // namespace

Events::Events() {
  events_.reserve(kMostEvents);
  list_.ctx = this;
  list_.size = [](const clap_input_events_t* list) {
    return static_cast<std::uint32_t>(static_cast<const Events*>(list->ctx)->events_.size());
  };
  list_.get = [](const clap_input_events_t* list, std::uint32_t index) {
    return static_cast<const clap_event_header_t*>(
        &static_cast<const Events*>(list->ctx)->events_[index].header);
  };
}

void Events::clear() { events_.clear(); }

void Events::add_parameter(std::uint32_t time, clap_id id, double value) {
  Event event{};
  event.parameter.header = {sizeof(event.parameter), time, CLAP_CORE_EVENT_SPACE_ID,
                            CLAP_EVENT_PARAM_VALUE, 0};
  event.parameter.param_id = id;
  event.parameter.note_id = event.parameter.port_index = -1;
  event.parameter.channel = event.parameter.key = -1;
  event.parameter.value = value;
  events_.push_back(event);
}

void Events::add_midi(std::uint32_t time, std::uint8_t status, std::uint8_t first,
                      std::uint8_t second) {
  Event event{};
  event.midi.header = {sizeof(event.midi), time, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_MIDI, 0};
  event.midi.data[0] = status;
  event.midi.data[1] = first;
  event.midi.data[2] = second;
  events_.push_back(event);
}

Guest::Guest(const std::string& path) {
  library_ = dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  entry_ = static_cast<const clap_plugin_entry_t*>(dlsym(library_, "clap_entry"));
  if (entry_ == nullptr || !entry_->init(path.c_str())) throw std::runtime_error("no CLAP plugin");
  const auto* factory =
      static_cast<const clap_plugin_factory_t*>(entry_->get_factory(CLAP_PLUGIN_FACTORY_ID));
  if (factory == nullptr || factory->get_plugin_count(factory) == 0) {
    throw std::runtime_error("the library holds no plugin");
  }
  host_.clap_version = CLAP_VERSION;
  host_.host_data = this;
  host_.name = "rtgen test host";
  host_.vendor = "rtgen";
  host_.url = "";
  host_.version = "1";
  host_.get_extension = host_extension;
  host_.request_restart = host_.request_process =
      host_.request_callback = [](const clap_host_t*) {};
  const char* id = factory->get_plugin_descriptor(factory, 0)->id;
  plugin_ = factory->create_plugin(factory, &host_, id);
  if (plugin_ == nullptr || !plugin_->init(plugin_)) throw std::runtime_error("it does not start");
  const auto* params = extension<clap_plugin_params_t>(CLAP_EXT_PARAMS);
  if (params == nullptr) throw std::runtime_error("it has no parameters");
  parameters_.resize(params->count(plugin_));
  for (std::uint32_t i = 0; i < parameters_.size(); ++i) {
    if (!params->get_info(plugin_, i, &parameters_[i]))
      throw std::runtime_error("no such parameter");
    told_[parameters_[i].id] = value(parameters_[i].id);
  }
  outgoing_.ctx = this;
  outgoing_.try_push = [](const clap_output_events_t* list, const clap_event_header_t* event) {
    if (event->type == CLAP_EVENT_PARAM_VALUE) {
      const auto* told = reinterpret_cast<const clap_event_param_value_t*>(event);
      auto& known = static_cast<Guest*>(list->ctx)->told_;
      const auto found = known.find(told->param_id);
      if (found != known.end()) found->second = told->value;
    }
    return true;
  };
}

Guest::~Guest() {
  deactivate();
  if (plugin_ != nullptr) plugin_->destroy(plugin_);
  if (entry_ != nullptr) entry_->deinit();
  if (library_ != nullptr) dlclose(library_);
}

clap_id Guest::parameter(const std::string& symbol) const {
  for (const auto& info : parameters_) {
    if (symbol == info.module || symbol == info.name) return info.id;
  }
  throw std::invalid_argument("no parameter " + symbol);
}

double Guest::value(clap_id id) const {
  double out = 0.0;
  extension<clap_plugin_params_t>(CLAP_EXT_PARAMS)->get_value(plugin_, id, &out);
  return out;
}

bool Guest::reports_latency() const {
  return plugin_->get_extension(plugin_, "clap.latency") != nullptr;
}

void Guest::activate(double rate, std::uint32_t largest_block) {
  deactivate();
  if (!plugin_->activate(plugin_, rate, 1, largest_block)) {
    throw std::runtime_error("it cannot be activated");
  }
  plugin_->start_processing(plugin_);
  active_ = true;
}

void Guest::deactivate() {
  if (!active_) return;
  plugin_->stop_processing(plugin_);
  plugin_->deactivate(plugin_);
  active_ = false;
}

bool Guest::set_offline(bool offline) {
  const auto* render = extension<clap_plugin_render_t>(CLAP_EXT_RENDER);
  return render != nullptr &&
         render->set(plugin_, offline ? CLAP_RENDER_OFFLINE : CLAP_RENDER_REALTIME);
}

std::string Guest::save() {
  std::string out;
  clap_ostream_t stream{&out, [](const clap_ostream_t* to, const void* data, std::uint64_t size) {
                          const std::uint64_t taken = std::min(size, kPiece);
                          static_cast<std::string*>(to->ctx)->append(static_cast<const char*>(data),
                                                                     taken);
                          return static_cast<std::int64_t>(taken);
                        }};
  const auto* state = extension<clap_plugin_state_t>(CLAP_EXT_STATE);
  if (state == nullptr || !state->save(plugin_, &stream)) throw std::runtime_error("no state");
  return out;
}

bool Guest::load(const std::string& saved) {
  Reading reading{&saved, 0};
  clap_istream_t stream{&reading, [](const clap_istream_t* from, void* data, std::uint64_t size) {
                          auto& source = *static_cast<Reading*>(from->ctx);
                          const std::uint64_t left = source.from->size() - source.at;
                          const std::uint64_t piece = 1 + source.at % kPiece;
                          const std::uint64_t given = std::min({size, piece, left});
                          std::memcpy(data, source.from->data() + source.at, given);
                          source.at += given;
                          return static_cast<std::int64_t>(given);
                        }};
  const auto* state = extension<clap_plugin_state_t>(CLAP_EXT_STATE);
  return state != nullptr && state->load(plugin_, &stream);
}

bool Guest::process(std::int64_t steady, const clap_event_transport_t* transport,
                    const Events& events, float* left, float* right,
                    std::uint32_t n) RTGEN_NONBLOCKING {
  float* channels[2] = {left, right};
  clap_audio_buffer_t output{};
  output.data32 = channels;
  output.channel_count = 2;
  clap_process_t block{};
  block.steady_time = steady;
  block.frames_count = n;
  block.transport = transport;
  block.audio_outputs = &output;
  block.audio_outputs_count = 1;
  block.in_events = events.list();
  block.out_events = &outgoing_;
  return process_of(*plugin_)(plugin_, &block) != CLAP_PROCESS_ERROR;
}

namespace {

const void* host_extension(const clap_host_t*, const char* id) {
  static const clap_host_params_t params{[](const clap_host_t*, clap_param_rescan_flags) {},
                                         [](const clap_host_t*, clap_id, clap_param_clear_flags) {},
                                         [](const clap_host_t*) {}};
  return std::strcmp(id, CLAP_EXT_PARAMS) == 0 ? &params : nullptr;
}

}  // namespace

}  // namespace rtgen::host
