// A WAV file of 32-bit floats in stereo.
#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace rtgen::host {

// `samples` are interleaved.
inline void write_wav(const std::string& path, double rate, const std::vector<float>& samples) {
  std::ofstream file(path, std::ios::binary);
  const auto bytes = static_cast<std::uint32_t>(samples.size() * sizeof(float));
  const auto frames_a_second = static_cast<std::uint32_t>(rate);
  const auto put = [&file](auto value) {
    file.write(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  file.write("RIFF", 4);
  put(std::uint32_t{36} + bytes);
  file.write("WAVEfmt ", 8);
  put(std::uint32_t{16});
  put(std::uint16_t{3});  // IEEE floats
  put(std::uint16_t{2});
  put(frames_a_second);
  put(frames_a_second * 8);
  put(std::uint16_t{8});
  put(std::uint16_t{32});
  file.write("data", 4);
  put(bytes);
  file.write(reinterpret_cast<const char*>(samples.data()), bytes);
  if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace rtgen::host
