// The way to the engine: a connection that only processes of this user can have.
//
// One implementation for each system; Linux has Unix sockets (local_socket_linux.cpp).
#pragma once

#include <cstdint>
#include <string>

namespace rtgen {

// Where the engine of this user listens; empty if there can be none.
std::string engine_address();

// A number that changes when another engine begins to listen there; 0 while none ever did.
std::uint64_t engine_stamp(const std::string& address) noexcept;

class LocalSocket {
 public:
  LocalSocket() noexcept = default;
  ~LocalSocket();
  LocalSocket(const LocalSocket&) = delete;
  LocalSocket& operator=(const LocalSocket&) = delete;

  // False if nobody listens there, or somebody who is not this user.
  bool connect(const std::string& address) noexcept;

  // Sends a line and, with it, the right to map shared memory.
  bool send(const std::string& line, int descriptor) noexcept;

  enum class Heard { kLine, kNothing, kGone };

  // The next line, without its end; waits at most `milliseconds`.
  Heard receive(std::string& line, int milliseconds);

  void close() noexcept;

 private:
  static constexpr std::size_t kLongestLine = 4096;

  int descriptor_{-1};
  std::string held_;
};

}  // namespace rtgen
