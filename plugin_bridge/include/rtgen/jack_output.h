// The function that JACK calls for a client of ours, without JACK's headers or library.
//
// Its functions come as pointers from whoever loaded the library. Asked to follow the transport,
// the stream is where the transport is; else it runs free.
#pragma once

#include <atomic>
#include <cstdint>

#include "rtgen/realtime.h"
#include "rtgen/take_reader.h"

namespace rtgen {

struct JackOutput {
  using BufferOf = void* (*)(void* port, std::uint32_t frames);
  using TransportQuery = int (*)(const void* client, void* position);

  TakeReader* reader{nullptr};
  BufferOf buffer_of{nullptr};
  TransportQuery transport{nullptr};
  const void* client{nullptr};
  void* left{nullptr};
  void* right{nullptr};
  bool follows{false};
  std::atomic<bool> rolling{false};     // as the last block saw it
  std::atomic<std::uint32_t> frame{0};  // of the transport
  std::int64_t run_out{0};              // where sound that has stopped goes on while it fades
};

// The beginning of jack_position_t, whose layout is part of JACK's binary interface, and more room
// than it ever took.
struct JackPosition {
  std::uint64_t unique;
  std::uint64_t microseconds;
  std::uint32_t frame_rate;
  std::uint32_t frame;
  unsigned char rest[488];
};

// [audio thread] `user` is a JackOutput; always 0, which means to go on.
inline int jack_callback(std::uint32_t frames, void* user) RTGEN_NONBLOCKING {
  constexpr std::uint32_t kChunk = 256;
  constexpr int kRolling = 1;
  auto* output = static_cast<JackOutput*>(user);
  float* left = nullptr;
  float* right = nullptr;
  bool rolls = true;
  std::int64_t position = output->run_out;
  {
    RTGEN_OFF_THE_CLOCK_BEGIN  // JACK promises that these may be called here
        left = static_cast<float*>(output->buffer_of(output->left, frames));
    right = static_cast<float*>(output->buffer_of(output->right, frames));
    if (output->follows) {
      JackPosition now;
      rolls = output->transport(output->client, &now) == kRolling;
      if (rolls) position = now.frame;
      output->frame.store(now.frame, std::memory_order_relaxed);
      output->rolling.store(rolls, std::memory_order_release);
    }
    RTGEN_OFF_THE_CLOCK_END
  }
  TakeReader& reader = *output->reader;
  if (output->follows) reader.paused.store(!rolls, std::memory_order_relaxed);
  Frame block[kChunk];
  for (std::uint32_t at = 0; at < frames; at += kChunk) {
    const std::uint32_t n = frames - at < kChunk ? frames - at : kChunk;
    if (!output->follows) {
      reader.read(&block[0].left, n);
    } else if (rolls || !reader.shut()) {
      reader.read_at(position + at, &block[0].left, n);
    } else {
      for (std::uint32_t i = 0; i < n; ++i) block[i] = {0.0F, 0.0F};
    }
    for (std::uint32_t i = 0; i < n; ++i) {
      left[at + i] = block[i].left;
      right[at + i] = block[i].right;
    }
  }
  output->run_out = position + frames;
  return 0;
}

}  // namespace rtgen
