// Transforms and overlapped frames against sums of cosines in double precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "rtgen/overlapped_frames.h"
#include "rtgen/tone_bank.h"

namespace {

using Complex = std::complex<double>;

Complex turn(std::size_t part, std::size_t of) {
  return std::polar(
      1.0, 2 * std::numbers::pi * static_cast<double>(part % of) / static_cast<double>(of));
}

std::vector<float> numbers(std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(n);
  std::generate(out.begin(), out.end(), [&] { return normal(engine); });
  return out;
}

// `window` real samples of a half spectrum; the imaginary parts of both ends are not heard.
std::vector<double> frame(const std::vector<Complex>& bins, std::size_t window) {
  std::vector<double> out(window);
  for (std::size_t n = 0; n < window; ++n) {
    for (std::size_t k = 0; k < bins.size(); ++k) {
      const bool twice = k > 0 && k < window / 2;
      const double part = (bins[k] * turn(k * n, window)).real();
      out[n] += (twice ? 2.0 : 1.0) * part / static_cast<double>(window);
    }
  }
  return out;
}

double furthest(const std::vector<float>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

}  // namespace

TEST_CASE("the short transform is the inverse transform of 256 numbers") {
  const rtgen::ShortTransform transform;
  auto re = numbers(256, 1);
  auto im = numbers(256, 2);
  std::vector<double> wanted_re(256);
  std::vector<double> wanted_im(256);
  for (std::size_t n = 0; n < 256; ++n) {
    Complex sum;
    for (std::size_t k = 0; k < 256; ++k) sum += Complex(re[k], im[k]) * turn(k * n, 256);
    wanted_re[n] = sum.real();
    wanted_im[n] = sum.imag();
  }
  transform.inverse(re.data(), im.data());
  CHECK(furthest(re, wanted_re) < 5e-5);
  CHECK(furthest(im, wanted_im) < 5e-5);
}

TEST_CASE("noise frames are shaped spectra under a Hann window, added every 128 samples") {
  constexpr std::size_t kBins = rtgen::NoiseFrames::kBins;
  constexpr std::size_t kCount = 7;
  const auto parts = numbers(3 * kBins * 2, 3);
  std::vector<std::complex<float>> table(3 * kBins);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {parts[2 * i], parts[2 * i + 1]};
  for (std::size_t row = 0; row < 3; ++row) {
    table[row * kBins].imag(0.0F);
    table[row * kBins + kBins - 1].imag(0.0F);
  }
  constexpr std::size_t kBands = rtgen::NoiseFrames::kBands;
  // Two channels side by side: the second one is played.
  const auto loud = numbers(kCount * 2 * kBands, 4);
  // A band is heard from where the one before is loudest to where the next one is.
  std::vector<float> bands(kBands * kBins);
  for (std::size_t band = 0; band < kBands; ++band) {
    for (std::size_t k = 0; k < kBins; ++k) {
      const double off = std::abs(static_cast<double>(k) / 8 - static_cast<double>(band));
      bands[band * kBins + k] = static_cast<float>(std::max(1 - off, 0.0));
    }
  }
  const std::vector<std::int64_t> rows = {2, 0, 1, 1, 0, 2, 2};
  std::vector<double> whole(128 * (kCount + 3));
  for (std::size_t j = 0; j < kCount; ++j) {
    std::vector<Complex> bins(kBins);
    for (std::size_t k = 0; k < kBins; ++k) {
      const auto& x = table[static_cast<std::size_t>(rows[j]) * kBins + k];
      double magnitude = 0;
      for (std::size_t band = 0; band < kBands; ++band) {
        magnitude +=
            static_cast<double>(loud[(2 * j + 1) * kBands + band]) * bands[band * kBins + k];
      }
      bins[k] = Complex(x) * magnitude;
    }
    const auto made = frame(bins, 512);
    for (std::size_t n = 0; n < 512; ++n) {
      whole[128 * j + n] += made[n] * (0.5 - 0.5 * turn(n, 512).real());
    }
  }
  std::vector<float> out(128 * (kCount - 3));
  const rtgen::NoiseFrames frames(table.data(), 3, bands.data());
  frames.overlap(loud.data() + kBands, 2 * kBands, rows.data(), kCount, out.data());
  const std::vector<double> wanted(whole.begin() + 384, whole.end() - 384);
  CHECK(furthest(out, wanted) < 2e-6);
}

TEST_CASE("tone frames have their phase at the centre, and are added every 512 samples") {
  constexpr std::size_t kBins = rtgen::ToneFrames::kBins;
  constexpr std::size_t kCount = 4;
  auto real = numbers(kCount * kBins, 5);
  auto imaginary = numbers(kCount * kBins, 6);
  std::vector<double> whole(512 * (kCount + 1));
  for (std::size_t j = 0; j < kCount; ++j) {
    imaginary[j * kBins] = 0.0F;
    std::vector<Complex> bins(kBins);
    for (std::size_t k = 0; k < kBins; ++k) {
      bins[k] = Complex(real[j * kBins + k], imaginary[j * kBins + k]);
    }
    const auto made = frame(bins, 1024);
    for (std::size_t n = 0; n < 1024; ++n) whole[512 * j + n] += made[(n + 512) % 1024];
  }
  std::vector<float> out(512 * kCount);
  const rtgen::ToneFrames frames;
  rtgen::ToneFrames::Tail tail;
  for (std::size_t j = 0; j < kCount; ++j) {
    frames.next(real.data() + j * kBins, imaginary.data() + j * kBins, tail, out.data() + 512 * j);
  }
  const std::vector<double> wanted(whole.begin(), whole.end() - 512);
  CHECK(furthest(out, wanted) < 1e-6);
}

TEST_CASE("a bank sums its carriers for the mid, and each a quarter turn off for the side") {
  using rtgen::ToneBank;
  constexpr std::size_t kBins = ToneBank::kBins;
  constexpr std::size_t kCarriers = ToneBank::kCarriers;
  constexpr std::size_t kCount = 6;
  constexpr std::size_t kHeard = 3;
  constexpr std::size_t kAhead = 3;
  const std::int64_t carriers[kHeard] = {2, 150, 287};
  // Each carrier has a spectrum of five bins around its own.
  const auto chance = numbers(kCarriers * 10, 7);
  std::vector<float> cosine(kCarriers * kBins);
  std::vector<float> sine(kCarriers * kBins);
  for (std::size_t c = 0; c < kCarriers; ++c) {
    const std::size_t own = 2 + c * (kBins - 5) / kCarriers;
    for (std::size_t k = 0; k < 5; ++k) {
      cosine[c * kBins + own - 2 + k] = chance[10 * c + k];
      sine[c * kBins + own - 2 + k] = own - 2 + k == 0 ? 0.0F : chance[10 * c + 5 + k];
    }
  }
  auto amplitudes = numbers(kCount * kHeard, 8);
  amplitudes[4] = 0.0F;
  const auto ratios = numbers(3 * kHeard, 9);
  std::vector<std::complex<float>> phases(kCarriers);
  std::vector<std::complex<float>> turns(kCount * kCarriers);
  for (std::size_t c = 0; c < kCarriers; ++c) {
    phases[c] = std::complex<float>(turn(c * 17, 288));
    for (std::size_t j = 0; j < kCount; ++j) {
      turns[j * kCarriers + c] = std::complex<float>(turn(j * (c + 1), 1000));
    }
  }
  std::vector<double> whole[2];
  for (auto& side : whole) side.resize(512 * (kCount + 1));
  for (std::size_t j = 0; j < kCount; ++j) {
    std::vector<Complex> bins[2] = {std::vector<Complex>(kBins), std::vector<Complex>(kBins)};
    for (std::size_t k = 0; k < kHeard; ++k) {
      const auto c = static_cast<std::size_t>(carriers[k]);
      const Complex phase = Complex(phases[c]) * Complex(turns[j * kCarriers + c]) *
                            static_cast<double>(amplitudes[j * kHeard + k]);
      const double ratio = ratios[(j + kAhead) / 4 * kHeard + k];
      const Complex parts[2] = {phase, phase * Complex(0, ratio)};
      for (std::size_t b = 0; b < kBins; ++b) {
        for (int side = 0; side < 2; ++side) {
          bins[side][b] += Complex(parts[side].real() * cosine[c * kBins + b],
                                   parts[side].imag() * sine[c * kBins + b]);
        }
      }
    }
    for (int side = 0; side < 2; ++side) {
      const auto made = frame(bins[side], 1024);
      for (std::size_t n = 0; n < 1024; ++n) whole[side][512 * j + n] += made[(n + 512) % 1024];
    }
  }
  std::vector<float> out[2] = {std::vector<float>(512 * (kCount - 1)),
                               std::vector<float>(512 * (kCount - 1))};
  const ToneBank bank(cosine.data(), sine.data());
  bank.overlap({kCount, kHeard, kAhead, carriers, amplitudes.data(), ratios.data(), phases.data(),
                turns.data()},
               out[0].data(), out[1].data());
  for (int side = 0; side < 2; ++side) {
    const std::vector<double> wanted(whole[side].begin() + 512, whole[side].end() - 512);
    CHECK(furthest(out[side], wanted) < 1e-6);
  }
}
