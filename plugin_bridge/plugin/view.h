// The plugin's window: what the stream is doing in words, the model, the lead, four knobs, levels.
//
// All of it is drawn in units of a 560 x 320 page that is scaled to the window.
#pragma once

#include <array>
#include <chrono>
#include <string>

#include "DistrhoUI.hpp"
#include "knob.h"
#include "plugin.h"
#include "words.h"

namespace rtgen {

class View final : public DISTRHO::UI {
 public:
  View();

 protected:
  void parameterChanged(std::uint32_t index, float value) override;
  void stateChanged(const char*, const char*) override {}
  void uiIdle() override;
  void onNanoDisplay() override;
  bool onMouse(const MouseEvent& event) override;
  bool onMotion(const MotionEvent& event) override;
  bool onScroll(const ScrollEvent& event) override;

 private:
  // What is on the page; drawn again when it changes.
  struct Shown {
    Words words{"", Mood::kQuiet};
    std::string model;
    float lead{0.0F};
    float left{0.0F};
    float right{0.0F};
    std::uint32_t underruns{0};
    bool several_models{false};
  };

  void look();
  float unit() const;
  Knob* knob_at(double x, double y);
  void change(Knob& knob, bool moved);
  void choose_next_model();

  void draw_header();
  void draw_knob(const Knob& knob);
  void draw_level(float x, float level);
  void draw_lead();
  void label(float x, float y, float size, int align, const std::string& text, DGL::Color color);

  const HostedPlugin* plugin_{nullptr};
  Shown shown_;
  std::chrono::steady_clock::time_point looked_;
  bool bypassed_{false};
  std::array<Knob, 4> knobs_;
  Knob* held_{nullptr};
  double held_y_{0.0};
  std::uint32_t pressed_at_{0};  // milliseconds, for double clicks
  const Knob* pressed_{nullptr};
};

}  // namespace rtgen
