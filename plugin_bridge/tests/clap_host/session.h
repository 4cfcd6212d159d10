// One run of the host: blocks, what the script does between and within them, and what came of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "guest.h"
#include "lines.h"
#include "script.h"
#include "song.h"

namespace rtgen::host {

struct Options {
  std::string plugin;
  std::string out;
  std::string script;
  double rate{48000.0};
  std::uint32_t block{512};
  std::int64_t frames{48000};
  bool live{false};
  bool listen{false};  // until standard input ends, and does what it says there
  bool list{false};
  bool violate{false};  // breaks the rule of the audio thread, to see whether it is noticed
};

// What happened, for the caller to judge.
struct Report {
  double slowest_block{0.0};  // seconds
  std::int64_t late_blocks{0};
  std::int64_t failed_blocks{0};
  float peak{0.0F};
  float largest_step{0.0F};
  std::int64_t not_finite{0};
  double wall{0.0};
};

class Session {
 public:
  explicit Session(const Options& options);

  // Returns what the process is to exit with.
  int run();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint32_t kLargestBlock = 8192;

  std::vector<Action> read_actions() const;
  std::uint32_t block_length() const;
  std::uint32_t act_within(std::uint32_t n);
  void act(const Action& action, std::uint32_t offset);
  void act_on_files(const Action& action);
  bool hear_lines();
  void automate();
  void play(std::uint32_t n, Clock::time_point due);
  void judge(std::uint32_t n);
  void print() const;
  void tell() const;
  int list() const;

  // What comes anew with every block, until a frame.
  struct Automation {
    clap_id swept{0};
    double low{0.0};
    double high{0.0};
    std::int64_t sweeps_until{0};
    std::int64_t messages{0};
    std::int64_t floods_until{0};
  };

  Options options_;
  Guest guest_;
  Song song_;
  Events events_;
  Report report_;
  std::vector<Action> actions_;
  std::size_t next_{0};  // of the actions
  std::vector<float> left_;
  std::vector<float> right_;
  float last_left_{0.0F};
  float last_right_{0.0F};
  Lines lines_{0};
  Automation automation_;
  double rate_;
  std::uint32_t block_{512};
  bool has_transport_{true};
  bool active_{false};
  std::int64_t done_{0};
  std::int64_t blocks_{0};
  std::int64_t steady_{987654321};  // nothing to do with the song's position
};

}  // namespace rtgen::host
