// What the host does when: lines of "FRAME VERB WORDS...", FRAME counted in frames handed out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace rtgen::host {

struct Action {
  std::int64_t at{0};
  std::string verb;
  std::vector<std::string> words;

  double number(std::size_t i) const {
    if (i >= words.size()) throw std::invalid_argument(verb + " needs more words");
    return std::stod(words[i]);
  }
  std::int64_t whole(std::size_t i) const { return static_cast<std::int64_t>(number(i)); }
  bool has(std::size_t i) const { return i < words.size(); }
};

inline constexpr const char* kVerbs =
    "  param SYMBOL VALUE      cc NUMBER VALUE [CHANNEL]   note KEY VELOCITY (0: off)\n"
    "  play | stop             seek FRAME [BEAT]           loop START END (equal: none)\n"
    "  tempo BPM               meter NUMERATOR DENOMINATOR jitter FRAMES\n"
    "  transport on|off        render offline|realtime     block FRAMES\n"
    "  save FILE | load FILE   restart [RATE]              sleep SECONDS\n"
    "  print                   (all parameters, one line)\n"
    "  sweep SYMBOL FRAMES     (from end to end, another value at every block)\n"
    "  flood CCS FRAMES        (so many control changes in every block)\n"
    "with --listen lines come while it plays, without a frame, and hold at once\n";

inline Action read_action(std::int64_t at, std::istream& words) {
  Action action;
  action.at = at;
  if (!(words >> action.verb)) throw std::invalid_argument("a line without a verb");
  for (std::string word; words >> word;) action.words.push_back(word);
  return action;
}

// Lines that are empty or start with # say nothing.
inline std::vector<Action> read_script(std::istream& source) {
  std::vector<Action> actions;
  for (std::string line; std::getline(source, line);) {
    std::istringstream words(line);
    std::string first;
    if (!(words >> first) || first[0] == '#') continue;
    actions.push_back(read_action(std::stoll(first), words));
  }
  std::stable_sort(actions.begin(), actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  return actions;
}

inline std::vector<Action> read_script_file(const std::string& path) {
  if (path == "-") return read_script(std::cin);
  std::ifstream file(path);
  if (!file) throw std::invalid_argument("cannot read " + path);
  return read_script(file);
}

}  // namespace rtgen::host
