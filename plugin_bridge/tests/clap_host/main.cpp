// A small CLAP host for tests: plays a plugin by a script and writes what it hears.
#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string>

#include "session.h"

namespace rtgen::host {

namespace {

Options parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= count) throw std::invalid_argument(word + " needs a value");
      return words[++i];
    };
    if (word == "--rate") {
      options.rate = std::stod(value());
    } else if (word == "--block") {
      options.block = static_cast<std::uint32_t>(std::clamp(std::stoi(value()), 1, 8192));
    } else if (word == "--frames") {
      options.frames = std::stoll(value());
    } else if (word == "--out") {
      options.out = value();
    } else if (word == "--script") {
      options.script = value();
    } else if (word == "--live") {
      options.live = true;
    } else if (word == "--listen") {
      options.live = options.listen = true;
    } else if (word == "--violate") {
      options.violate = true;
    } else if (word == "--list") {
      options.list = true;
    } else if (options.plugin.empty() && word[0] != '-') {
      options.plugin = word;
    } else {
      throw std::invalid_argument("unknown word " + word);
    }
  }
  if (options.plugin.empty()) {
    throw std::invalid_argument(
        std::string("usage: clap_host PLUGIN [--rate 48000] [--block 512] [--frames 48000]\n"
                    "  [--out x.wav] [--script FILE or -] [--live] [--listen] [--list]\n"
                    "verbs of a script:\n") +
        kVerbs);
  }
  return options;
}

}  // namespace

}  // namespace rtgen::host

int main(int count, char** words) {
  try {
    return rtgen::host::Session(rtgen::host::parse(count, words)).run();
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
