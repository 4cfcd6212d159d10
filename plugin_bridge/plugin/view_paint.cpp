// How the view looks.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "view.h"

namespace rtgen {

namespace {

using DGL::Color;

constexpr float kPi = 3.14159265F;
constexpr float kKnobFrom = 0.75F * kPi;
constexpr float kKnobTo = 2.25F * kPi;
constexpr float kLeadShown = 6.0F;  // seconds at the right end of the meter
constexpr float kLowestLevel = -48.0F;
constexpr float kRed = -1.0F;  // decibels

Color ground() { return {21, 23, 28}; }
Color panel() { return {31, 34, 41}; }
Color groove() { return {52, 57, 68}; }
Color ink() { return {226, 229, 235}; }
Color pale() { return {139, 147, 162}; }
Color accent() { return {94, 201, 178}; }
Color warm() { return {240, 180, 84}; }
Color alarm() { return {235, 98, 92}; }

Color color_of(Mood mood) {
  switch (mood) {
    case Mood::kGood:
      return accent();
    case Mood::kWaiting:
      return warm();
    case Mood::kBad:
      return alarm();
    case Mood::kQuiet:
      break;
  }
  return pale();
}

std::string text_of(const Knob& knob) {
  char text[32];
  const char* unit = row(knob.id).unit;
  std::snprintf(text, sizeof(text), knob.id == Id::kDensity ? "%.1f %s" : "%.2f%s", knob.value(),
                unit[0] != '\0' ? "/s" : "");
  return text;
}

}  // namespace

void View::label(float x, float y, float size, int align, const std::string& text, Color color) {
  fontFace(NANOVG_DEJAVU_SANS_TTF);
  fontSize(size);
  textAlign(align | ALIGN_MIDDLE);
  fillColor(color);
  this->text(x, y, text.c_str(), nullptr);
}

void View::onNanoDisplay() {
  save();
  scale(unit(), unit());
  beginPath();
  rect(0, 0, DISTRHO_UI_DEFAULT_WIDTH, DISTRHO_UI_DEFAULT_HEIGHT);
  fillColor(ground());
  fill();
  draw_header();
  for (const Knob& knob : knobs_) draw_knob(knob);
  draw_level(476, shown_.left);
  draw_level(506, shown_.right);
  label(491 + 9, 230, 11, ALIGN_CENTER, "Level", pale());
  draw_lead();
  restore();
}

void View::draw_header() {
  beginPath();
  rect(0, 0, DISTRHO_UI_DEFAULT_WIDTH, 48);
  fillColor(panel());
  fill();
  beginPath();
  circle(24, 24, 5);
  fillColor(color_of(shown_.words.mood));
  fill();
  save();
  scissor(36, 0, 350, 48);
  if (shown_.words.text.size() > 44) {
    fontFace(NANOVG_DEJAVU_SANS_TTF);
    fontSize(11);
    textAlign(ALIGN_LEFT | ALIGN_TOP);
    fillColor(ink());
    textBox(38, 11, 340, shown_.words.text.c_str());
  } else {
    label(38, 24, 14, ALIGN_LEFT, shown_.words.text, ink());
  }
  restore();
  label(540, 24, 15, ALIGN_RIGHT, shown_.model + (shown_.several_models ? "  \u25be" : ""),
        shown_.words.mood == Mood::kBad ? pale() : accent());
}

void View::draw_knob(const Knob& knob) {
  const float angle = kKnobFrom + knob.ratio() * (kKnobTo - kKnobFrom);
  lineCap(ROUND);
  strokeWidth(6);
  beginPath();
  arc(knob.x, knob.y, Knob::kRadius, kKnobFrom, kKnobTo, CW);
  strokeColor(groove());
  stroke();
  if (knob.ratio() > 0.001F) {
    beginPath();
    arc(knob.x, knob.y, Knob::kRadius, kKnobFrom, angle, CW);
    strokeColor(accent());
    stroke();
  }
  beginPath();
  circle(knob.x, knob.y, Knob::kRadius - 9);
  fillColor(panel());
  fill();
  beginPath();
  moveTo(knob.x + 12 * std::cos(angle), knob.y + 12 * std::sin(angle));
  lineTo(knob.x + 25 * std::cos(angle), knob.y + 25 * std::sin(angle));
  strokeWidth(3);
  strokeColor(ink());
  stroke();
  label(knob.x, knob.y + 56, 13, ALIGN_CENTER, row(knob.id).name, ink());
  label(knob.x, knob.y + 74, 11, ALIGN_CENTER, text_of(knob), pale());
}

void View::draw_level(float x, float level) {
  constexpr float kTop = 76;
  constexpr float kHeight = 140;
  const float decibels = level > 0.0F ? 20.0F * std::log10(level) : kLowestLevel;
  const float ratio = std::clamp(1.0F - decibels / kLowestLevel, 0.0F, 1.0F);
  beginPath();
  roundedRect(x, kTop, 18, kHeight, 3);
  fillColor(groove());
  fill();
  if (ratio <= 0.0F) return;
  beginPath();
  roundedRect(x, kTop + kHeight * (1.0F - ratio), 18, kHeight * ratio, 3);
  fillColor(decibels > kRed ? alarm() : accent());
  fill();
}

void View::draw_lead() {
  constexpr float kY = 270;
  beginPath();
  rect(0, 250, DISTRHO_UI_DEFAULT_WIDTH, 70);
  fillColor(panel());
  fill();
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.1f s ahead", static_cast<double>(shown_.lead));
  label(38, kY, 12, ALIGN_LEFT, seconds, ink());
  char dry[40];
  std::snprintf(dry, sizeof(dry), "%u underrun%s", shown_.underruns,
                shown_.underruns == 1 ? "" : "s");
  label(524, kY, 12, ALIGN_RIGHT, dry, shown_.underruns > 0 ? warm() : pale());
  beginPath();
  roundedRect(38, kY + 16, 486, 8, 4);
  fillColor(groove());
  fill();
  const float ratio = std::clamp(shown_.lead / kLeadShown, 0.0F, 1.0F);
  if (ratio < 0.01F) return;
  beginPath();
  roundedRect(38, kY + 16, std::max(8.0F, 486 * ratio), 8, 4);
  fillColor(shown_.lead > 0.5F ? accent() : warm());
  fill();
}

}  // namespace rtgen
