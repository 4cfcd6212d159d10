// One instance of the plugin without its format: the stream, and the link that feeds it.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#include "engine_link.h"
#include "rtgen/hosted_stream.h"

namespace rtgen {

class Instance {
 public:
  // `client` is what the engine's status calls us.
  explicit Instance(const char* client) : link_(client), stream_(link_.slots()) {}
  ~Instance() { deactivate(); }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  HostedStream& stream() noexcept { return stream_; }
  const HostedStream& stream() const noexcept { return stream_; }
  EngineLink& link() noexcept { return link_; }
  const EngineLink& link() const noexcept { return link_; }

  // [main thread, no audio] Connects if an engine runs, and has it make the first quarter second.
  void activate(double rate, std::uint32_t block) {
    deactivate();
    link_.start(static_cast<std::uint32_t>(std::lround(rate)), block, kPatience);
    stream_.activate(rate);
    stream_.prime();
  }

  // [main thread, no audio]
  void deactivate() {
    link_.stop();
    stream_.deactivate(&EngineLink::free);
  }

 private:
  static constexpr std::chrono::milliseconds kPatience{1000};

  EngineLink link_;
  HostedStream stream_;
};

}  // namespace rtgen
