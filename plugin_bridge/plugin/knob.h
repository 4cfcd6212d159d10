// A knob of the view: where it is, what it is worth, and how hands move it. Knows no toolkit.
#pragma once

#include <algorithm>
#include <cmath>

#include "parameters.h"

namespace rtgen {

class Knob {
 public:
  static constexpr float kRadius = 38.0F;

  constexpr Knob(Id id, float x, float y) : id(id), x(x), y(y), value_(row(id).initial) {}

  Id id;
  float x;
  float y;

  float value() const { return value_; }
  float initial() const { return row(id).initial; }
  float ratio() const { return (value_ - row(id).low) / span(); }

  bool contains(float px, float py) const { return std::hypot(px - x, py - y) <= kRadius * 1.25F; }

  // False if that is what it was worth already.
  bool set(float value) {
    const float held = std::clamp(value, row(id).low, row(id).high);
    if (held == value_) return false;
    value_ = held;
    return true;
  }

  // Up is more; fine movements are for those who hold a key down.
  bool drag(float pixels_up, bool fine) {
    return set(value_ + pixels_up * span() / (fine ? kFinePixels : kPixels));
  }
  bool scroll(float notches, bool fine) {
    return set(value_ + notches * span() * (fine ? kFineNotch : kNotch));
  }

 private:
  static constexpr float kPixels = 180.0F;  // from one end to the other
  static constexpr float kFinePixels = 1800.0F;
  static constexpr float kNotch = 0.04F;
  static constexpr float kFineNotch = 0.004F;

  float span() const { return row(id).high - row(id).low; }

  float value_;
};

}  // namespace rtgen
