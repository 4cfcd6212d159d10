#include "session.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "wav.h"

namespace rtgen::host {

namespace {

constexpr std::chrono::milliseconds kLongestCatchUp(500);

// Events go into a block; all else happens between blocks.
bool is_event(const Action& action) {
  return action.verb == "param" || action.verb == "cc" || action.verb == "note";
}

#if defined(__clang__) && __clang_major__ >= 20
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
void violate() RTGEN_NONBLOCKING {
  volatile char* memory = new char[64];
  memory[0] = 1;
  delete[] memory;
}
#if defined(__clang__) && __clang_major__ >= 20
#pragma clang diagnostic pop
#endif

}  // namespace

Session::Session(const Options& options)
    : options_(options), guest_(options.plugin), song_(options.rate), rate_(options.rate) {
  block_ = options.block;
  left_.resize(kLargestBlock);
  right_.resize(kLargestBlock);
}

int Session::run() {
  if (options_.list) return list();
  actions_ = read_actions();
  std::vector<float> heard;  // whole, if it is to be written: a host may run for hours
  if (!options_.out.empty()) heard.reserve(static_cast<std::size_t>(options_.frames) * 2);
  // What is scripted for frame 0 is there before anything runs, as in a project being opened.
  for (; next_ < actions_.size() && actions_[next_].at <= 0 && !is_event(actions_[next_]);
       ++next_) {
    act(actions_[next_], 0);
  }
  guest_.activate(rate_, kLargestBlock);
  active_ = true;
  const auto begun = Clock::now();
  auto due = begun;
  while (done_ < options_.frames) {
    events_.clear();
    if (options_.listen && !hear_lines()) break;
    automate();
    const std::uint32_t n = act_within(block_length());
    if (options_.live) std::this_thread::sleep_until(due);
    // As a sound card does that was suspended: it does not catch up.
    due = std::max(due, Clock::now() - kLongestCatchUp);
    due += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(n / rate_));
    play(n, due);
    judge(n);
    for (std::uint32_t i = 0; i < n && !options_.out.empty(); ++i) {
      heard.push_back(left_[i]);
      heard.push_back(right_[i]);
    }
  }
  report_.wall = std::chrono::duration<double>(Clock::now() - begun).count();
  if (!options_.out.empty()) write_wav(options_.out, rate_, heard);
  tell();
  return report_.failed_blocks == 0 ? 0 : 1;
}

// Does what is to be done before or in the next `n` frames; a block ends early where the host does
// something between blocks. Returns the length it has then.
std::uint32_t Session::act_within(std::uint32_t n) {
  for (; next_ < actions_.size() && actions_[next_].at < done_ + n; ++next_) {
    const Action& action = actions_[next_];
    const auto offset = static_cast<std::uint32_t>(std::max<std::int64_t>(0, action.at - done_));
    if (!is_event(action) && offset > 0) return offset;
    act(action, offset);
    if (!is_event(action)) n = std::min(n, block_length());
  }
  return n;
}

std::vector<Action> Session::read_actions() const {
  return options_.script.empty() ? std::vector<Action>{} : read_script_file(options_.script);
}

std::uint32_t Session::block_length() const {
  const auto left = static_cast<std::uint32_t>(
      std::min<std::int64_t>(options_.frames - done_, static_cast<std::int64_t>(block_)));
  return song_.before_jump(left);
}

// Does what standard input says; false when it has ended.
bool Session::hear_lines() {
  for (const std::string& line : lines_.fetch()) {
    std::istringstream words(line);
    act(read_action(done_, words), 0);
  }
  return !lines_.ended();
}

// A triangle of 32 blocks, and a flood of MIDI's control changes.
void Session::automate() {
  const std::int64_t step = blocks_ % 32;
  if (done_ < automation_.sweeps_until) {
    const double share = static_cast<double>(step < 16 ? step : 32 - step) / 16.0;
    events_.add_parameter(0, automation_.swept,
                          automation_.low + share * (automation_.high - automation_.low));
  }
  if (done_ < automation_.floods_until) {
    constexpr std::uint8_t kKnobs[] = {1, 11, 74};
    for (std::int64_t k = 0; k < automation_.messages; ++k) {
      const auto value = static_cast<std::uint8_t>((blocks_ + k) % 128);
      events_.add_midi(0, 0xB0, kKnobs[k % 3], value);
    }
  }
}

void Session::act(const Action& action, std::uint32_t offset) {
  const std::string& verb = action.verb;
  if (verb == "param") {
    events_.add_parameter(offset, guest_.parameter(action.words.at(0)), action.number(1));
  } else if (verb == "cc" || verb == "note") {
    const auto channel = static_cast<std::uint8_t>(action.has(2) ? action.whole(2) - 1 : 0);
    const int status = verb == "cc" ? 0xB0 : (action.whole(1) > 0 ? 0x90 : 0x80);
    events_.add_midi(offset, static_cast<std::uint8_t>(status | channel),
                     static_cast<std::uint8_t>(action.whole(0)),
                     static_cast<std::uint8_t>(action.whole(1)));
  } else if (verb == "play" || verb == "stop") {
    song_.playing = verb == "play";
  } else if (verb == "seek") {
    action.has(1) ? song_.seek(action.whole(0), action.number(1)) : song_.seek(action.whole(0));
  } else if (verb == "loop") {
    song_.loop(action.whole(0), action.whole(1));
  } else if (verb == "tempo") {
    song_.tempo = action.number(0);
  } else if (verb == "meter") {
    song_.set_meter(static_cast<int>(action.whole(0)), static_cast<int>(action.whole(1)));
  } else if (verb == "jitter") {
    song_.jitter = action.whole(0);
  } else if (verb == "transport") {
    has_transport_ = action.words.at(0) == "on";
  } else if (verb == "render") {
    if (!guest_.set_offline(action.words.at(0) == "offline")) {
      throw std::runtime_error("the plugin cannot be told how it is rendered");
    }
  } else if (verb == "block") {
    block_ =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(action.whole(0), 1, kLargestBlock));
  } else if (verb == "save" || verb == "load") {
    act_on_files(action);
  } else if (verb == "restart") {
    if (action.has(0)) rate_ = action.number(0);
    song_.set_rate(rate_);
    if (active_) guest_.activate(rate_, kLargestBlock);
  } else if (verb == "sweep") {
    automation_.swept = guest_.parameter(action.words.at(0));
    for (const auto& info : guest_.parameters()) {
      if (info.id != automation_.swept) continue;
      automation_.low = info.min_value;
      automation_.high = info.max_value;
    }
    automation_.sweeps_until = done_ + action.whole(1);
  } else if (verb == "flood") {
    automation_.messages = action.whole(0);
    automation_.floods_until = done_ + action.whole(1);
  } else if (verb == "sleep") {
    std::this_thread::sleep_for(std::chrono::duration<double>(action.number(0)));
  } else if (verb == "print") {
    print();
  } else {
    throw std::invalid_argument("unknown verb " + verb);
  }
}

void Session::act_on_files(const Action& action) {
  const std::string& path = action.words.at(0);
  if (action.verb == "save") {
    std::ofstream(path, std::ios::binary) << guest_.save();
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string state{std::istreambuf_iterator<char>(file), {}};
  std::printf("{\"load\": %s}\n", guest_.load(state) ? "true" : "false");
}

void Session::play(std::uint32_t n, Clock::time_point due) {
  const clap_event_transport_t transport = song_.told(blocks_++ % 2 == 1);
  if (options_.violate) violate();
  const auto before = Clock::now();
  const bool good = guest_.process(steady_, has_transport_ ? &transport : nullptr, events_,
                                   left_.data(), right_.data(), n);
  const auto after = Clock::now();
  if (!good) ++report_.failed_blocks;
  if (options_.live && after > due) ++report_.late_blocks;
  report_.slowest_block =
      std::max(report_.slowest_block, std::chrono::duration<double>(after - before).count());
  song_.advance(n);
  done_ += n;
  steady_ += n;
}

// Peak, and the largest step from one frame to the next.
void Session::judge(std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i) {
    const float left = left_[i];
    const float right = right_[i];
    if (!std::isfinite(left) || !std::isfinite(right)) {
      ++report_.not_finite;
      continue;
    }
    report_.peak = std::max({report_.peak, std::fabs(left), std::fabs(right)});
    if (done_ > n || i > 0) {
      report_.largest_step = std::max(
          {report_.largest_step, std::fabs(left - last_left_), std::fabs(right - last_right_)});
    }
    last_left_ = left;
    last_right_ = right;
  }
}

void Session::print() const {
  std::printf("{\"frame\": %lld", static_cast<long long>(done_));
  for (const auto& info : guest_.parameters()) {
    std::printf(", \"%s\": %.9g", info.module, guest_.value(info.id));
  }
  std::printf("}\n");
  std::fflush(stdout);
}

void Session::tell() const {
  print();
  std::printf(
      "{\"frames\": %lld, \"wall_seconds\": %.6f, \"slowest_block\": %.6f, "
      "\"late_blocks\": %lld, \"failed_blocks\": %lld, \"peak\": %.9g, "
      "\"largest_step\": %.9g, \"not_finite\": %lld}\n",
      static_cast<long long>(done_), report_.wall, report_.slowest_block,
      static_cast<long long>(report_.late_blocks), static_cast<long long>(report_.failed_blocks),
      static_cast<double>(report_.peak), static_cast<double>(report_.largest_step),
      static_cast<long long>(report_.not_finite));
}

int Session::list() const {
  const auto& described = guest_.described();
  std::printf("# %s %s %s", described.id, described.name, described.version);
  for (const char* const* feature = described.features; *feature != nullptr; ++feature) {
    std::printf(" %s", *feature);
  }
  std::printf("%s\n# id\tsymbol\tname\tlow\thigh\tinitial\tflags\n",
              guest_.reports_latency() ? " latency" : "");
  for (const auto& info : guest_.parameters()) {
    std::printf("%u\t%s\t%s\t%g\t%g\t%g\t%u\n", info.id, info.module, info.name, info.min_value,
                info.max_value, info.default_value, info.flags);
  }
  return 0;
}

}  // namespace rtgen::host
