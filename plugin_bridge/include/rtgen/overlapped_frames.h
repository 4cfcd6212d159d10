// Half spectra to overlap-added samples, by way of complex transforms of half the length.
// rtgen.audio says what the frames are made of.
//
// A real frame of N samples x is N / 2 complex ones, z(n) = x(2 n) + i x(2 n + 1), whose transform
// is X(k) (1 + i w(k)) + conj(X(N / 2 - k)) (1 - i w(k)), w(k) = exp(2 pi i k / N). Even and odd
// samples stay apart until they are written. Every frame is made alone, so cutting changes no bit.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "rtgen/lanes.h"
#include "rtgen/short_transform.h"

namespace rtgen {

// Frames of 512 samples every 128: spectra of a table, shaped by the loudness of bands, under a
// Hann window.
class NoiseFrames {
 public:
  static constexpr int kWindow = 512;
  static constexpr int kHop = 128;
  static constexpr int kBins = kWindow / 2 + 1;
  static constexpr int kOverlap = kWindow / kHop;
  static constexpr int kBands = 32;

  // `table` holds rows of kBins; `bands` says what each of kBands adds to each of kBins.
  NoiseFrames(const std::complex<float>* table, std::size_t rows, const float* bands)
      : table_(rows) {
    set_bands(bands);
    for (int k = 0; k < kPoints; ++k) {
      for (int part = 0; part < 2; ++part) {
        const double turn = 2 * std::numbers::pi * (2 * k + part) / kWindow;
        window_[part][k] = static_cast<float>((0.5 - 0.5 * std::cos(turn)) / kWindow);
      }
    }
    for (std::size_t row = 0; row < rows; ++row) {
      const std::complex<float>* x = table + row * kBins;
      for (int k = 0; k < kPoints; ++k) {
        const auto w = std::polar(1.0, 2 * std::numbers::pi * k / kWindow);
        const std::complex<double> ahead(-w.imag(), w.real());
        const auto here = std::complex<double>(x[k]) * (1.0 + ahead);
        const auto there = std::conj(std::complex<double>(x[kPoints - k])) * (1.0 - ahead);
        table_[row].here_re[k] = static_cast<float>(here.real());
        table_[row].here_im[k] = static_cast<float>(here.imag());
        table_[row].there_re[k] = static_cast<float>(there.real());
        table_[row].there_im[k] = static_cast<float>(there.imag());
      }
    }
  }

  std::size_t rows() const { return table_.size(); }

  // kHop * (count - 3) samples from `count` frames; amplitudes of kBands each, `stride` numbers
  // apart; `rows` within the table.
  RTGEN_INLINE void overlap(const float* loud, std::size_t stride, const std::int64_t* rows,
                            std::size_t count, float* out) const {
    alignas(64) float magnitudes[kPadded];
    alignas(64) float re[kPoints];
    alignas(64) float im[kPoints];
    alignas(64) float even[kPoints] = {};
    alignas(64) float odd[kPoints] = {};
    for (std::size_t frame = 0; frame < count; ++frame) {
      spread(loud + frame * stride, magnitudes);
      shape(magnitudes, table_[static_cast<std::size_t>(rows[frame])], re, im);
      transform_.inverse(re, im);
      for (int k = 0; k < kPoints; ++k) even[k] += re[k] * window_[0][k];
      for (int k = 0; k < kPoints; ++k) odd[k] += im[k] * window_[1][k];
      constexpr int kDone = kHop / 2;
      if (frame + 1 >= kOverlap) {
        for (int k = 0; k < kDone; ++k) {
          out[2 * k] = even[k];
          out[2 * k + 1] = odd[k];
        }
        out += kHop;
      }
      for (float* part : {even, odd}) {
        std::memmove(part, part + kDone, (kPoints - kDone) * sizeof(float));
        std::memset(part + kPoints - kDone, 0, kDone * sizeof(float));
      }
    }
  }

 private:
  static constexpr int kPoints = ShortTransform::kPoints;
  static constexpr int kPadded = (kBins + kLanes - 1) / kLanes * kLanes;

  // Some bins side by side, and the bands that are heard in them.
  struct Bins {
    std::size_t first, behind;
    std::vector<float> weights;  // kLanes for each band
  };

  void set_bands(const float* bands) {
    for (int begin = 0; begin < kPadded; begin += kLanes) {
      const auto weight = [=](int band, int lane) {
        return begin + lane < kBins ? bands[band * kBins + begin + lane] : 0.0F;
      };
      const auto heard = [=](int band) {
        for (int lane = 0; lane < kLanes; ++lane) {
          if (weight(band, lane) != 0.0F) return true;
        }
        return false;
      };
      int first = 0;
      int behind = kBands;
      while (first < behind && !heard(first)) ++first;
      while (first < behind && !heard(behind - 1)) --behind;
      Bins bins{static_cast<std::size_t>(first), static_cast<std::size_t>(behind), {}};
      for (int band = first; band < behind; ++band) {
        for (int lane = 0; lane < kLanes; ++lane) bins.weights.push_back(weight(band, lane));
      }
      bins_.push_back(std::move(bins));
    }
  }

  // Magnitudes of all bins from the amplitudes of the bands.
  RTGEN_INLINE void spread(const float* loud, float* magnitudes) const {
    for (const Bins& bins : bins_) {
      Lanes sum = {};
      const float* weights = bins.weights.data();
      for (std::size_t band = bins.first; band < bins.behind; ++band, weights += kLanes) {
        Lanes by;
        load(by, weights);
        sum += by * loud[band];
      }
      store(magnitudes, sum);
      magnitudes += kLanes;
    }
  }

  // X(k) (1 + i w(k)) and conj(X(256 - k)) (1 - i w(k)) of one spectrum.
  struct Row {
    alignas(64) float here_re[kPoints];
    alignas(64) float here_im[kPoints];
    alignas(64) float there_re[kPoints];
    alignas(64) float there_im[kPoints];
  };

  RTGEN_INLINE static void shape(const float* magnitudes, const Row& row, float* re, float* im) {
    for (int k = 0; k < kPoints; k += kLanes) {
      Lanes here;
      Lanes there;
      load(here, magnitudes + k);
      load_backwards(there, magnitudes + kPoints - k - (kLanes - 1));
      Lanes a;
      Lanes b;
      load(a, row.here_re + k);
      load(b, row.there_re + k);
      store(re + k, here * a + there * b);
      load(a, row.here_im + k);
      load(b, row.there_im + k);
      store(im + k, here * a + there * b);
    }
  }

  ShortTransform transform_;
  std::vector<Row> table_;
  std::vector<Bins> bins_;
  alignas(64) float window_[2][kPoints];
};

// Frames of 1024 samples every 512 from spectra of 257 bins, the rest silent; sample 0 of a
// transform is the centre of its frame.
class ToneFrames {
 public:
  static constexpr int kWindow = 1024;
  static constexpr int kHop = 512;
  static constexpr int kBins = 257;

  ToneFrames() {
    for (int k = 0; k < kPoints; ++k) {
      // Every other bin changes its sign where a frame begins half a window before its centre.
      const double level = (k % 2 == 0 ? 1.0 : -1.0) / kWindow;
      set(here_, k, level * (1.0 + ahead(k)));
      set(there_, k, level * (1.0 - ahead(k + kPoints)));
      set(turn_, k, std::polar(1.0, 4 * std::numbers::pi * k / kWindow));
    }
  }

  // The half of a frame that the next one is added to, in four parts that lie between each other.
  struct Tail {
    alignas(64) float parts[4][kHop / 4] = {};
  };

  // kHop samples in which a frame overlaps the one before it, which left the tail; real and
  // imaginary parts are kBins each.
  RTGEN_INLINE void next(const float* real, const float* imaginary, Tail& tail, float* out) const {
    alignas(64) float even_re[kPoints];
    alignas(64) float even_im[kPoints];
    alignas(64) float odd_re[kPoints];
    alignas(64) float odd_im[kPoints];
    split(real, imaginary, even_re, even_im, odd_re, odd_im);
    transform_.inverse(even_re, even_im);
    transform_.inverse(odd_re, odd_im);
    const float* const made[4] = {even_re, even_im, odd_re, odd_im};
    constexpr int kDone = kHop / 4;
    for (int k = 0; k < kDone; ++k) {
      for (int part = 0; part < 4; ++part) out[4 * k + part] = tail.parts[part][k] + made[part][k];
    }
    for (int part = 0; part < 4; ++part) {
      std::memcpy(tail.parts[part], made[part] + kDone, sizeof(tail.parts[part]));
    }
  }

 private:
  static constexpr int kPoints = ShortTransform::kPoints;
  struct Factors {
    alignas(64) float re[kPoints];
    alignas(64) float im[kPoints];
  };

  static std::complex<double> ahead(int k) {
    const auto w = std::polar(1.0, 2 * std::numbers::pi * k / kWindow);
    return {-w.imag(), w.real()};
  }

  static void set(Factors& factors, int k, std::complex<double> value) {
    factors.re[k] = static_cast<float>(value.real());
    factors.im[k] = static_cast<float>(value.imag());
  }

  RTGEN_INLINE static void factor(ComplexLanes& into, const Factors& factors, int k) {
    load(into.re, factors.re + k);
    load(into.im, factors.im + k);
  }

  // The 512 numbers as two transforms of 256: of even and of odd results.
  RTGEN_INLINE void split(const float* real, const float* imaginary, float* even_re, float* even_im,
                          float* odd_re, float* odd_im) const {
    for (int k = 0; k < kPoints; k += kLanes) {
      ComplexLanes here;
      ComplexLanes there;
      ComplexLanes by;
      load(here.re, real + k);
      load(here.im, imaginary + k);
      load_backwards(there.re, real + kPoints - k - (kLanes - 1));
      load_backwards(there.im, imaginary + kPoints - k - (kLanes - 1));
      there.im = -there.im;
      factor(by, here_, k);
      here = here * by;
      factor(by, there_, k);
      there = there * by;
      factor(by, turn_, k);
      const ComplexLanes even = here + there;
      const ComplexLanes odd = (here - there) * by;
      store(even_re + k, even.re);
      store(even_im + k, even.im);
      store(odd_re + k, odd.re);
      store(odd_im + k, odd.im);
    }
  }

  ShortTransform transform_;
  Factors here_;
  Factors there_;
  Factors turn_;
};

}  // namespace rtgen
