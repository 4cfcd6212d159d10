// Eight numbers at once, real and complex; the compiler makes of them what the processor has.
#pragma once

#include <cstring>

// Vectors are never passed between functions that are not inlined, so their ABI does not matter.
#define RTGEN_INLINE [[gnu::always_inline]] inline

namespace rtgen {

inline constexpr int kLanes = 8;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

struct ComplexLanes {
  Lanes re, im;
};

RTGEN_INLINE void load(Lanes& into, const float* from) { std::memcpy(&into, from, sizeof(into)); }
RTGEN_INLINE void store(float* into, const Lanes& from) { std::memcpy(into, &from, sizeof(from)); }

RTGEN_INLINE ComplexLanes operator+(const ComplexLanes& a, const ComplexLanes& b) {
  return {a.re + b.re, a.im + b.im};
}
RTGEN_INLINE ComplexLanes operator-(const ComplexLanes& a, const ComplexLanes& b) {
  return {a.re - b.re, a.im - b.im};
}
RTGEN_INLINE ComplexLanes operator*(const ComplexLanes& a, const ComplexLanes& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

// A quarter turn ahead: times i.
RTGEN_INLINE ComplexLanes turned(const ComplexLanes& a) { return {-a.im, a.re}; }

// The last lane first.
RTGEN_INLINE void load_backwards(Lanes& into, const float* from) {
  Lanes there;
  load(there, from);
  into = __builtin_shufflevector(there, there, 7, 6, 5, 4, 3, 2, 1, 0);
}

// Eight rows of eight: rows become columns. Three shuffles as of a pack of cards.
RTGEN_INLINE void transpose(Lanes (&rows)[kLanes]) {
  for (int shuffle = 0; shuffle < 3; ++shuffle) {
    Lanes next[kLanes];
    for (int i = 0; i < kLanes / 2; ++i) {
      const Lanes &a = rows[i], &b = rows[i + kLanes / 2];
      next[2 * i] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    }
    for (int i = 0; i < kLanes; ++i) rows[i] = next[i];
  }
}

}  // namespace rtgen
