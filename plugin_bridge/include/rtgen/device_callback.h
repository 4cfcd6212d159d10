// The function a sound card calls: PortAudio's signature, without its header.
#pragma once

#include "rtgen/realtime.h"
#include "rtgen/take_reader.h"

namespace rtgen {

// [audio thread] `user` is a TakeReader; output is interleaved stereo float. Returns paContinue.
inline int device_callback(const void* /*input*/, void* output, unsigned long frames,
                           const void* /*time*/, unsigned long /*flags*/,
                           void* user) RTGEN_NONBLOCKING {
  static_cast<TakeReader*>(user)->read(static_cast<float*>(output), frames);
  return 0;
}

}  // namespace rtgen
