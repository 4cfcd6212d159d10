// What reader and synthesis cost beside a plain copy, for benchmarks/speed_guard.py: run under
// callgrind, each kind of work is counted on its own and named by its dump.
#include <valgrind/callgrind.h>

#include <complex>
#include <cstdlib>
#include <vector>

#include "rig.h"
#include "rtgen/mixdown.h"
#include "rtgen/overlapped_frames.h"
#include "rtgen/tone_bank.h"

namespace {

constexpr std::size_t kBlock = 256;
constexpr int kBlocks = 200;
constexpr std::int64_t kAhead = 4096;

using Block = std::vector<float>;

[[gnu::noinline]] void copy(const rtgen::Frame* from, rtgen::Frame* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

// What was counted since the last call is this kind of work.
template <typename Work>
void counted(const char* kind, const Work& work) {
  CALLGRIND_ZERO_STATS;
  CALLGRIND_TOGGLE_COLLECT;
  work();
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_DUMP_STATS_AT(kind);
}

void plain_copy() {
  const std::vector<rtgen::Frame> from(kBlock, Rig::coded(1));
  std::vector<rtgen::Frame> to(kBlock);
  counted("copy", [&] {
    for (int i = 0; i < kBlocks; ++i) copy(from.data(), to.data(), kBlock);
  });
  if (to.back().left != from.back().left) std::abort();
}

// One take, read by a sound card.
void steady() {
  Rig rig;
  Block out(2 * kBlock);
  rig.takes.writer.begin(0, false);
  rig.fill(0, (kBlocks + 2) * static_cast<std::int64_t>(kBlock));
  rig.takes.reader.read(out.data(), kBlock);
  counted("steady", [&] {
    for (int i = 0; i < kBlocks; ++i) rig.takes.reader.read(out.data(), kBlock);
  });
  if (rig.meters().underruns.load() != 0) std::abort();
}

// A new take for every block: all of it is a cross-fade.
void fading() {
  Rig rig;
  Block out(2 * kBlock);
  rig.takes.writer.begin(0, false);
  rig.fill(0, kAhead);
  rig.takes.reader.read(out.data(), kBlock);
  CALLGRIND_ZERO_STATS;
  for (int i = 0; i < kBlocks; ++i) {
    rig.takes.writer.begin(rig.playhead(), false);
    rig.fill(rig.playhead(), kAhead, i % 2 == 0 ? 0.5F : 1.0F);
    CALLGRIND_TOGGLE_COLLECT;
    for (int k = 0; k < 2; ++k) rig.takes.reader.read(out.data(), kBlock);
    CALLGRIND_TOGGLE_COLLECT;
  }
  CALLGRIND_DUMP_STATS_AT("fading");
  if (rig.meters().takes.load() < kBlocks) std::abort();
}

// Read by a plugin in small blocks, where its host says.
void hosted() {
  constexpr std::size_t kSmall = 32;
  Rig rig;
  Block out(2 * kBlock);
  rig.takes.writer.begin(0, false);
  rig.fill(0, (kBlocks + 2) * static_cast<std::int64_t>(kBlock));
  rig.takes.reader.read_at(0, out.data(), kSmall);
  counted("hosted", [&] {
    std::int64_t at = kSmall;
    for (std::size_t i = 0; i < kBlocks * kBlock / kSmall; ++i, at += kSmall) {
      rig.takes.reader.read_at(at, out.data(), kSmall);
    }
  });
  if (rig.meters().underruns.load() != 0) std::abort();
}

// Overlapped frames of noise and of tones, as many of each as there are blocks; of the carriers
// every third is heard, as in dense music.
void synthesis() {
  using rtgen::NoiseFrames;
  using rtgen::ToneBank;
  std::vector<std::complex<float>> table(NoiseFrames::kBins);
  for (std::size_t k = 0; k < table.size(); ++k) table[k] = static_cast<float>(k % 5);
  std::vector<float> bands(NoiseFrames::kBands * static_cast<std::size_t>(NoiseFrames::kBins));
  for (std::size_t k = 0; k < bands.size(); ++k) {
    const std::size_t bin = k % NoiseFrames::kBins;
    bands[k] = bin / 8 == k / NoiseFrames::kBins ? 1.0F : 0.0F;
  }
  const NoiseFrames noise(table.data(), 1, bands.data());
  std::vector<float> loud(kBlocks * static_cast<std::size_t>(NoiseFrames::kBands));
  for (std::size_t k = 0; k < loud.size(); ++k) loud[k] = static_cast<float>(k % 7);
  const std::vector<std::int64_t> rows(kBlocks);
  std::vector<float> out(2 * kBlocks * static_cast<std::size_t>(ToneBank::kHop));
  counted("noise", [&] {
    noise.overlap(loud.data(), NoiseFrames::kBands, rows.data(), kBlocks, out.data());
  });
  if (out[256] == 0.0F) std::abort();

  constexpr std::size_t kHeard = ToneBank::kCarriers / 3;
  std::vector<float> spectra(ToneBank::kCarriers * static_cast<std::size_t>(ToneBank::kBins));
  std::vector<std::int64_t> carriers;
  for (std::size_t c = 0; c < ToneBank::kCarriers; ++c) {
    spectra[c * ToneBank::kBins + c * 2 / 3] = 1.0F;
    if (c % 3 == 0) carriers.push_back(static_cast<std::int64_t>(c));
  }
  const ToneBank bank(spectra.data(), spectra.data());
  const std::vector<float> amplitudes(kBlocks * kHeard, 0.125F);
  const std::vector<float> ratios(kBlocks * kHeard, 0.25F);
  const std::vector<std::complex<float>> phases(ToneBank::kCarriers, {0.5F, 0.5F});
  const std::vector<std::complex<float>> turns(kBlocks * ToneBank::kCarriers, {0.5F, 0.5F});
  const ToneBank::Said said{
      kBlocks,       kHeard,        0,           carriers.data(), amplitudes.data(),
      ratios.data(), phases.data(), turns.data()};
  float* side = out.data() + kBlocks * static_cast<std::size_t>(ToneBank::kHop);
  counted("tones", [&] { bank.overlap(said, out.data(), side); });
  if (out[256] == 0.0F || side[256] == 0.0F) std::abort();
}

// Amplitudes steadied, then as many blocks mixed and bent as there are to read.
void mixing() {
  constexpr std::size_t kCarriers = 64;
  constexpr float kKnee = 0.8F;
  std::vector<float> amplitudes((kBlocks + 4) * kCarriers);
  for (std::size_t k = 0; k < amplitudes.size(); ++k) amplitudes[k] = static_cast<float>(k % 11);
  std::vector<float> out(2 * kBlocks * kBlock);
  counted("steadying",
          [&] { rtgen::steady(amplitudes.data(), kBlocks + 4, kCarriers, out.data()); });
  if (out[256] == 0.0F) std::abort();
  const std::size_t parts = kBlocks * kBlock / rtgen::kLowStep;
  const std::vector<float> side(kBlocks * kBlock, 0.125F);
  const std::vector<float> low(parts + rtgen::kLowTaps - 1, 0.125F);
  const std::vector<float> kernel(rtgen::kLowTaps * rtgen::kLowStep, 0.03125F);
  const rtgen::Sides sides{{side.data(), side.data()}, {side.data(), side.data()}};
  counted("mixing", [&] { rtgen::mix(sides, low.data(), kernel.data(), parts, out.data()); });
  counted("bending", [&] { rtgen::bend(out.data(), out.size(), kKnee); });
  if (out[256] == 0.0F) std::abort();
}

}  // namespace

int main() {
  plain_copy();
  steady();
  fading();
  hosted();
  synthesis();
  mixing();
  return 0;
}
