// What a model's name or checksum may be: a word that the handshake and a project's state can
// carry.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace rtgen {

constexpr std::size_t kLongestModel = 200;
constexpr std::size_t kLongestChecksum = 64;

// No control characters, and no bytes that text never has: DPF ends words and states with those.
inline bool is_plain(std::string_view word, std::size_t longest) {
  return word.size() <= longest && std::all_of(word.begin(), word.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte != 0x7F && byte < 0xFE;
         });
}

}  // namespace rtgen
