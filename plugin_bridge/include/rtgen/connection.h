// A plugin's connection to the engine as the audio thread sees it, and how it changes hands.
#pragma once

#include <atomic>

#include "rtgen/segment.h"
#include "rtgen/take_reader.h"

namespace rtgen {

struct Connection {
  explicit Connection(const Segment& made) noexcept
      : segment(made), reader(segment.takes(), nullptr) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Segment segment;
  TakeReader reader;
  std::atomic<bool> gone{false};  // by the link: nobody answers any more
};

// The link puts a connection into `offered`, the audio thread takes it; what the audio thread is
// done with it puts into `retired`, and the link frees it.
struct ConnectionSlots {
  std::atomic<Connection*> offered{nullptr};
  std::atomic<Connection*> retired{nullptr};
};

}  // namespace rtgen
