// The inverse Fourier transform of 256 complex numbers: 16 transforms of 16, twice.
//
// Real and imaginary parts lie apart, so that every step is one on eight numbers side by side. With
// k = 16 a + b and n = p + 16 q, z(n) = sum over b of t(p b) w16(q b) sum over a of Z(k) w16(p a),
// where w16 and t are roots of one of order 16 and 256 (Cooley & Tukey 1965).
#pragma once

#include <cmath>
#include <numbers>

#include "rtgen/lanes.h"

namespace rtgen {

class ShortTransform {
 public:
  static constexpr int kPoints = 256;

  ShortTransform() noexcept {
    for (int p = 0; p < kSide; ++p) {
      for (int b = 0; b < kSide; ++b) {
        const double angle = 2 * std::numbers::pi * p * b / kPoints;
        turn_re_[p * kSide + b] = static_cast<float>(std::cos(angle));
        turn_im_[p * kSide + b] = static_cast<float>(std::sin(angle));
      }
    }
  }

  // In place and in natural order; not divided by anything.
  RTGEN_INLINE void inverse(float* re, float* im) const {
    ComplexLanes made[kHalves][kSide];
    for (int half = 0; half < kHalves; ++half) {
      auto& column = made[half];
      for (int a = 0; a < kSide; ++a) read(column[a], re, im, kSide * a + kLanes * half);
      inverse_16(column);
      for (int p = 1; p < kSide; ++p) {
        ComplexLanes turn;
        read(turn, turn_re_, turn_im_, kSide * p + kLanes * half);
        column[p] = column[p] * turn;
      }
    }
    for (int half = 0; half < kHalves; ++half) {
      ComplexLanes column[kSide];
      for (int block = 0; block < kHalves; ++block) {
        Lanes res[kLanes];
        Lanes ims[kLanes];
        for (int i = 0; i < kLanes; ++i) {
          res[i] = made[block][kLanes * half + i].re;
          ims[i] = made[block][kLanes * half + i].im;
        }
        transpose(res);
        transpose(ims);
        for (int i = 0; i < kLanes; ++i) column[kLanes * block + i] = {res[i], ims[i]};
      }
      inverse_16(column);
      for (int q = 0; q < kSide; ++q) {
        store(re + kSide * q + kLanes * half, column[q].re);
        store(im + kSide * q + kLanes * half, column[q].im);
      }
    }
  }

 private:
  static constexpr int kSide = 16;
  static constexpr int kHalves = kSide / kLanes;

  RTGEN_INLINE static void read(ComplexLanes& into, const float* re, const float* im, int at) {
    load(into.re, re + at);
    load(into.im, im + at);
  }

  RTGEN_INLINE static void inverse_4(ComplexLanes& a, ComplexLanes& b, ComplexLanes& c,
                                     ComplexLanes& d) {
    const ComplexLanes s = a + c;
    const ComplexLanes t = a - c;
    const ComplexLanes u = b + d;
    const ComplexLanes v = turned(b - d);
    a = s + u;
    b = t + v;
    c = s - u;
    d = t - v;
  }

  RTGEN_INLINE static ComplexLanes times(const ComplexLanes& a, float re, float im) {
    return {a.re * re - a.im * im, a.re * im + a.im * re};
  }

  RTGEN_INLINE static void inverse_16(ComplexLanes (&x)[kSide]) {
    constexpr float kLong = 0.92387953251128674F;  // cos 22.5 degrees
    constexpr float kShort = 0.38268343236508977F;
    constexpr float kEven = 0.70710678118654752F;
    for (int b = 0; b < 4; ++b) inverse_4(x[b], x[4 + b], x[8 + b], x[12 + b]);
    x[5] = times(x[5], kLong, kShort);
    x[6] = times(x[6], kEven, kEven);
    x[7] = times(x[7], kShort, kLong);
    x[9] = times(x[9], kEven, kEven);
    x[10] = turned(x[10]);
    x[11] = times(x[11], -kEven, kEven);
    x[13] = times(x[13], kShort, kLong);
    x[14] = times(x[14], -kEven, kEven);
    x[15] = times(x[15], -kLong, -kShort);
    for (int p = 0; p < 4; ++p) inverse_4(x[4 * p], x[4 * p + 1], x[4 * p + 2], x[4 * p + 3]);
    // x[4 p + q] is what belongs at p + 4 q.
    for (int p = 0; p < 4; ++p) {
      for (int q = p + 1; q < 4; ++q) {
        const ComplexLanes kept = x[4 * p + q];
        x[4 * p + q] = x[4 * q + p];
        x[4 * q + p] = kept;
      }
    }
  }

  alignas(64) float turn_re_[kPoints];
  alignas(64) float turn_im_[kPoints];
};

}  // namespace rtgen
