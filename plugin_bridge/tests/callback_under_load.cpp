// Drives the device callback through takes, jumps, underruns and pauses. Built with
// RealtimeSanitizer, any lock, allocation or system call inside it ends the program.
#include <cstdio>
#include <cstring>
#include <vector>

#include "rig.h"
#include "rtgen/device_callback.h"

namespace {

// What the sanitizer must catch: an allocation on the audio thread.
#if defined(__clang__) && __clang_major__ >= 20
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
int allocating_callback(float* out, unsigned long frames) RTGEN_NONBLOCKING {
  std::vector<float> scratch(frames * 2 + 7, 0.5F);
  std::memcpy(out, scratch.data(), frames * 2 * sizeof(float));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<float> out(2048);
  if (argc > 1 && std::strcmp(argv[1], "--violate") == 0) {
    return allocating_callback(out.data(), 512);
  }
  const Rig rig;
  rig.reader->tapped.store(true);
  for (int turn = 0; turn < 400; ++turn) {
    const std::int64_t at = rig.header.playhead.load();
    if (turn % 7 == 0) {
      rig.writer->begin(turn % 21 == 0 ? at + 1000000 : at + 64, turn % 21 == 0);
      rig.fill(turn % 21 == 0 ? at + 1000000 : at + 64, 3000);
    }
    rig.reader->paused.store(turn % 50 > 45);
    const unsigned long frames = turn % 3 == 0 ? 1024 : 64;
    rtgen::device_callback(nullptr, out.data(), frames, nullptr, 0, rig.reader.get());
  }
  const auto asked = rig.reader->meters.frames.load();
  std::printf("%llu frames, %llu underruns\n", static_cast<unsigned long long>(asked),
              static_cast<unsigned long long>(rig.reader->meters.underruns.load()));
  return asked == 134 * 1024 + 266 * 64 && rig.reader->meters.underruns.load() > 0 ? 0 : 1;
}
