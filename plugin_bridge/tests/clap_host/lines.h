// Lines that somebody writes to the host while it plays.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

namespace rtgen::host {

class Lines {
 public:
  explicit Lines(int descriptor) : descriptor_(descriptor) {}

  // Whole lines that have come since the last call; never waits.
  std::vector<std::string> fetch() {
    pollfd ready{descriptor_, POLLIN, 0};
    char part[4096];
    while (!ended_ && poll(&ready, 1, 0) > 0) {
      const ssize_t n = ::read(descriptor_, part, sizeof(part));
      if (n <= 0) {
        ended_ = true;
      } else {
        held_.append(part, static_cast<std::size_t>(n));
      }
    }
    std::vector<std::string> whole;
    for (std::size_t end = 0; (end = held_.find('\n')) != std::string::npos;) {
      whole.push_back(held_.substr(0, end));
      held_.erase(0, end + 1);
    }
    return whole;
  }

  // Whether whoever wrote has gone.
  bool ended() const { return ended_; }

 private:
  int descriptor_;
  bool ended_{false};
  std::string held_;
};

}  // namespace rtgen::host
