// Carriers of a fixed grid to overlap-added samples of mid and side.
//
// The side is each carrier of the mid a quarter turn ahead or behind, so both are summed at once.
// The spectrum of a windowed carrier is heard near its own bin only: what is kReach bins off lies
// 110 dB below it and is left out.
#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rtgen/lanes.h"
#include "rtgen/overlapped_frames.h"

namespace rtgen {

class ToneBank {
 public:
  static constexpr int kCarriers = 288;
  static constexpr int kBins = ToneFrames::kBins;
  static constexpr int kHop = ToneFrames::kHop;
  static constexpr int kReach = 96;
  static constexpr std::size_t kPerFrame = 4;  // sub-frames that share their ratios

  // What is said of `count` sub-frames: amplitudes (count, heard) of the carriers that are listed;
  // the side's over the mid's (.., heard), where sub-frame j has row (j + ahead) / kPerFrame;
  // phases (kCarriers) of sub-frame 0, and how far each one is turned from it (count, kCarriers).
  struct Said {
    std::size_t count, heard, ahead;
    const std::int64_t* carriers;
    const float* amplitudes;
    const float* ratios;
    const std::complex<float>* phases;
    const std::complex<float>* turns;
  };

  // Matrices (kCarriers, kBins): the cosine of a phase times the first and its sine times the
  // second are the real and imaginary parts of a carrier's spectrum.
  ToneBank(const float* cosine, const float* sine) : lines_(kCarriers) {
    for (int carrier = 0; carrier < kCarriers; ++carrier) {
      const float* c = cosine + carrier * kBins;
      const float* s = sine + carrier * kBins;
      int loudest = 0;
      const auto energy = [=](int bin) { return c[bin] * c[bin] + s[bin] * s[bin]; };
      for (int bin = 1; bin < kBins; ++bin) {
        if (energy(bin) > energy(loudest)) loudest = bin;
      }
      Line& line = lines_[static_cast<std::size_t>(carrier)];
      line.first = std::max(loudest - kReach, 0) / kLanes * kLanes;
      line.behind = std::min(loudest + kReach + kLanes, kPadded) / kLanes * kLanes;
      for (int bin = line.first; bin < line.behind; ++bin) {
        line.cosine.push_back(bin < kBins ? c[bin] : 0.0F);
        line.sine.push_back(bin < kBins ? s[bin] : 0.0F);
      }
    }
  }

  // kHop * (count - 1) samples of mid and of side, from where two sub-frames overlap to where the
  // last one begins to be alone.
  RTGEN_INLINE void overlap(const Said& said, float* mid_out, float* side_out) const {
    Spectrum mid;
    Spectrum side;
    ToneFrames::Tail mid_tail;
    ToneFrames::Tail side_tail;
    alignas(64) float unheard[kHop];
    for (std::size_t j = 0; j < said.count; ++j) {
      sum(said, j, mid, side);
      frames_.next(mid.re, mid.im, mid_tail, j > 0 ? mid_out : unheard);
      frames_.next(side.re, side.im, side_tail, j > 0 ? side_out : unheard);
      if (j == 0) continue;
      mid_out += kHop;
      side_out += kHop;
    }
  }

 private:
  static constexpr int kPadded = (kBins + kLanes - 1) / kLanes * kLanes;

  struct Line {
    int first, behind;
    std::vector<float> cosine, sine;
  };

  struct Spectrum {
    alignas(64) float re[kPadded];
    alignas(64) float im[kPadded];
  };

  RTGEN_INLINE static void add(float* into, const Lanes& line, float by) {
    Lanes sum;
    load(sum, into);
    store(into, sum + line * by);
  }

  RTGEN_INLINE void sum(const Said& said, std::size_t j, Spectrum& mid, Spectrum& side) const {
    for (Spectrum* spectrum : {&mid, &side}) {
      std::fill_n(spectrum->re, kPadded, 0.0F);
      std::fill_n(spectrum->im, kPadded, 0.0F);
    }
    const float* amplitudes = said.amplitudes + j * said.heard;
    const float* ratios = said.ratios + (j + said.ahead) / kPerFrame * said.heard;
    const std::complex<float>* turns = said.turns + j * kCarriers;
    for (std::size_t k = 0; k < said.heard; ++k) {
      if (amplitudes[k] == 0.0F) continue;
      const auto carrier = static_cast<std::size_t>(said.carriers[k]);
      const std::complex<float> from = said.phases[carrier];
      const std::complex<float> turn = turns[carrier];
      const float even = amplitudes[k] * (from.real() * turn.real() - from.imag() * turn.imag());
      const float odd = amplitudes[k] * (from.real() * turn.imag() + from.imag() * turn.real());
      const float side_even = -odd * ratios[k];
      const float side_odd = even * ratios[k];
      const Line& line = lines_[carrier];
      for (int bin = line.first; bin < line.behind; bin += kLanes) {
        Lanes cosine;
        Lanes sine;
        load(cosine, line.cosine.data() + (bin - line.first));
        load(sine, line.sine.data() + (bin - line.first));
        add(mid.re + bin, cosine, even);
        add(mid.im + bin, sine, odd);
        add(side.re + bin, cosine, side_even);
        add(side.im + bin, sine, side_odd);
      }
    }
  }

  ToneFrames frames_;
  std::vector<Line> lines_;
};

}  // namespace rtgen
