// Drives all that runs on the audio thread: takes, jumps, underruns, pauses, a host that seeks, and
// the shared channels. Built with RealtimeSanitizer, any lock, allocation or system call inside
// ends the program.
#include <cstdio>
#include <cstring>
#include <vector>

#include "rig.h"
#include "rtgen/device_callback.h"
#include "rtgen/event_queue.h"
#include "rtgen/seqlock.h"

namespace {

// A plugin's block: as the device callback, but where the host says.
void hosted_block(Rig& rig, std::int64_t position, float* out, std::uint64_t frames,
                  rtgen::SeqLock<double>& state,
                  rtgen::EventQueue<int, 8>& events) RTGEN_NONBLOCKING {
  state.store(static_cast<double>(position));
  double seen = 0.0;
  state.load(seen);
  events.push(static_cast<int>(frames));
  int event = 0;
  events.pop(event);
  rig.takes.reader.read_at(position, out, frames);
}

// What the sanitizer must catch: an allocation on the audio thread.
#if defined(__clang__) && __clang_major__ >= 20
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
int allocating_callback(float* out, unsigned long frames) RTGEN_NONBLOCKING {
  std::vector<float> scratch(frames * 2 + 7, 0.5F);
  std::memcpy(out, scratch.data(), frames * 2 * sizeof(float));
  return 0;
}
#if defined(__clang__) && __clang_major__ >= 20
#pragma clang diagnostic pop
#endif

}  // namespace

int main(int argc, char** argv) {
  std::vector<float> out(2048);
  if (argc > 1 && std::strcmp(argv[1], "--violate") == 0) {
    return allocating_callback(out.data(), 512);
  }
  Rig rig;
  rtgen::SeqLock<double> state;
  rtgen::EventQueue<int, 8> events;
  rig.takes.reader.tapped.store(true);
  std::uint64_t asked = 0;
  for (int turn = 0; turn < 400; ++turn) {
    if (turn % 7 == 0) {
      const bool jump = turn % 21 == 0;
      const std::int64_t at = rig.playhead() + (jump ? 1000000 : 64);
      rig.takes.writer.begin(at, jump);
      rig.fill(at, 3000);
    }
    rig.takes.reader.paused.store(turn % 50 > 45);
    const unsigned long frames = turn % 3 == 0 ? 1024 : 64;
    if (turn % 4 == 3) {
      const std::int64_t back = turn % 16 == 3 ? 700 : 0;
      hosted_block(rig, rig.playhead() - back, out.data(), frames, state, events);
    } else {
      rtgen::device_callback(nullptr, out.data(), frames, nullptr, 0, &rig.takes.reader);
    }
    asked += frames;
  }
  const auto given = rig.meters().frames.load();
  const auto underruns = rig.meters().underruns.load();
  const auto takes = rig.meters().takes.load();
  std::printf("%llu frames, %llu underruns, %llu takes\n", static_cast<unsigned long long>(given),
              static_cast<unsigned long long>(underruns), static_cast<unsigned long long>(takes));
  return given == asked && underruns > 0 && takes > 20 ? 0 : 1;
}
