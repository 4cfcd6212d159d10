// Drives a hosted stream live, through stops, seeks, knobs, notes, and engines that come and go.
// Built with RealtimeSanitizer, any lock, allocation or system call inside ends the program.
#include <cstdio>

#include "stream_rig.h"

int main() {
  StreamRig rig;
  std::unique_ptr<StandInEngine> engine;
  int exact = 0;
  for (int turn = 0; turn < 4000; ++turn) {
    if (turn % 900 == 0) {
      engine = std::make_unique<StandInEngine>(*rig.connect());
    }
    if (turn % 500 == 499) rig.time.frame += 100000;
    rig.time.playing = turn % 300 > 20;
    if (turn % 17 == 0) {
      const std::uint8_t note[] = {0x90, static_cast<std::uint8_t>(turn % 128), 100};
      rig.stream.midi(3, note, 3);
      rig.stream.set(rtgen::HostValue::kDensity, static_cast<float>(turn % 18));
    }
    rig.block();
    engine->step();
    exact += rig.exact();
    StandInConnection::free(rig.slots.retired.exchange(nullptr));
  }
  std::printf("%d exact blocks, %u underruns\n", exact, rig.stream.underruns());
  return exact > 2500 ? 0 : 1;
}
