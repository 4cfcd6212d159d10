// The plugin as a host has it: a project's state of any bytes is loaded, a few blocks are played
// with any events and transport, and what is saved then loads again to the same.
#include <dlfcn.h>

#include <array>
#include <string>

#include "../clap_host/guest.h"
#include "chance.h"

namespace {

using namespace rtgen;
using namespace rtgen::fuzz;

constexpr std::uint32_t kBlock = 256;
constexpr int kMostBlocks = 8;

void check_parameters(const host::Guest& guest) {
  for (const auto& info : guest.parameters()) {
    const double value = guest.value(info.id);
    RTGEN_DEMAND(value >= info.min_value && value <= info.max_value);
  }
}

clap_event_transport_t transport(Input& in) {
  clap_event_transport_t told{};
  told.header = {sizeof(told), 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT, 0};
  told.flags = in.ConsumeIntegral<std::uint32_t>();
  told.song_pos_beats = number(in);
  told.song_pos_seconds = number(in);
  told.tempo = real(in);
  told.tempo_inc = real(in);
  told.loop_start_beats = number(in);
  told.loop_end_beats = number(in);
  told.bar_start = number(in);
  told.bar_number = in.ConsumeIntegral<std::int32_t>();
  told.tsig_num = in.ConsumeIntegral<std::uint16_t>();
  told.tsig_denom = in.ConsumeIntegral<std::uint16_t>();
  return told;
}

void play(host::Guest& guest, Input& in) {
  std::array<float, kBlock> left{};
  std::array<float, kBlock> right{};
  host::Events events;
  guest.activate(44100.0, kBlock);
  for (int block = 0; block < kMostBlocks && in.remaining_bytes() > 0; ++block) {
    events.clear();
    std::uint32_t when = 0;
    for (int k = in.ConsumeIntegralInRange(0, 8); k > 0; --k) {
      when = in.ConsumeBool() ? when : in.ConsumeIntegral<std::uint16_t>();
      if (in.ConsumeBool()) {
        events.add_parameter(when, in.ConsumeIntegralInRange<std::uint32_t>(0, 20), real(in));
      } else {
        events.add_midi(when, in.ConsumeIntegral<std::uint8_t>(),
                        in.ConsumeIntegral<std::uint8_t>(), in.ConsumeIntegral<std::uint8_t>());
      }
    }
    const clap_event_transport_t told = transport(in);
    const auto frames = in.ConsumeIntegralInRange<std::uint32_t>(0, kBlock);
    guest.process(block, in.ConsumeBool() ? &told : nullptr, events, left.data(), right.data(),
                  frames);
    RTGEN_DEMAND(within(left.data(), frames));
    RTGEN_DEMAND(within(right.data(), frames));
  }
  guest.deactivate();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  setenv("RTGEN_RUNTIME", "/nonexistent", 1);  // no engine: the link has a target of its own
  return dlopen(RTGEN_CLAP, RTLD_NOW | RTLD_LOCAL) == nullptr;  // stays, whatever is closed
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  const bool plays = in.ConsumeBool();
  host::Guest guest(RTGEN_CLAP);
  guest.load(plays ? in.ConsumeRandomLengthString() : in.ConsumeRemainingBytesAsString());
  check_parameters(guest);
  if (plays) play(guest, in);
  check_parameters(guest);
  const std::string saved = guest.save();
  host::Guest other(RTGEN_CLAP);
  RTGEN_DEMAND(other.load(saved));
  RTGEN_DEMAND(other.save() == saved);
  return 0;
}
