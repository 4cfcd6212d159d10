// Keeps a plugin connected to the engine, on a thread of its own.
//
// It tries for ever, ever more slowly; a connection that is made is offered to the audio thread,
// one that is done with is freed here. Every connection has fresh memory, so an engine that died in
// the middle of a write leaves nothing behind.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../platform/local_socket.h"
#include "../platform/shared_memory.h"
#include "rtgen/connection.h"

namespace rtgen {

class EngineLink {
 public:
  // What a project was made with; empty for whatever the engine plays.
  struct Wanted {
    std::string model;
    std::string checksum;
  };

  // What the engine said.
  struct Said {
    bool connected{false};
    std::string model;
    std::string checksum;
    std::vector<std::string> models;
    std::string refusal;  // a sentence, empty unless the engine refused
  };

  explicit EngineLink(std::string client) : client_(std::move(client)) {}
  ~EngineLink() { stop(); }
  EngineLink(const EngineLink&) = delete;
  EngineLink& operator=(const EngineLink&) = delete;

  ConnectionSlots& slots() noexcept { return slots_; }

  // [main thread] Begins to connect; waits at most `patience` for a first answer if an engine
  // listens at all.
  void start(std::uint32_t rate, std::uint32_t block, std::chrono::milliseconds patience);

  // [main thread] Ends the thread. Connections that the audio thread holds stay alive until `free`.
  void stop();

  // [main thread, no audio] Frees a connection that the audio thread held.
  static void free(Connection* connection);

  // [main thread] Asks for a model; a connection to another one is given up.
  void want(const Wanted& wanted);

  // [any thread but audio] A copy of what was said last.
  Said said() const;

 private:
  void run();
  bool connect(LocalSocket& socket);
  std::string answer(LocalSocket& socket);
  bool understand(const std::string& line);
  void serve(LocalSocket& socket, Connection* connection, std::uint64_t wishes);
  void offer(Connection* connection);
  void free_retired();
  bool pause(std::chrono::milliseconds time, std::uint64_t stamp);

  std::string client_;
  ConnectionSlots slots_;
  std::uint32_t rate_{44100};
  std::uint32_t block_{512};
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_{false};
  bool tried_{false};
  std::uint64_t wishes_{0};
  Wanted wanted_;
  Said said_;
};

}  // namespace rtgen
