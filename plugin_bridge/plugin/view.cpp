#include "view.h"

#include <cmath>

namespace rtgen {

namespace {

constexpr float kPageWidth = DISTRHO_UI_DEFAULT_WIDTH;
constexpr float kModelX = 380.0F;  // the model's name reaches from here to the right edge
constexpr float kHeaderHeight = 48.0F;
constexpr std::uint32_t kDoubleClick = 350;
constexpr std::chrono::milliseconds kBetweenLooks(40);
constexpr float kSmallest = 0.004F;  // what a meter must move by to be drawn again

bool moved(float a, float b) { return std::fabs(a - b) > kSmallest; }

}  // namespace

View::View()
    : UI(DISTRHO_UI_DEFAULT_WIDTH, DISTRHO_UI_DEFAULT_HEIGHT),
      knobs_{Knob(Id::kDensity, 76, 142), Knob(Id::kEnergy, 186, 142),
             Knob(Id::kVariation, 296, 142), Knob(Id::kMorph, 406, 142)} {
  plugin_ =
      static_cast<const HostedPlugin*>(static_cast<DISTRHO::Plugin*>(getPluginInstancePointer()));
  loadSharedResources();
  setGeometryConstraints(DISTRHO_UI_DEFAULT_WIDTH / 2, DISTRHO_UI_DEFAULT_HEIGHT / 2, true);
  const double scale = getScaleFactor();
  if (scale > 1.0) {
    setSize(static_cast<uint>(DISTRHO_UI_DEFAULT_WIDTH * scale),
            static_cast<uint>(DISTRHO_UI_DEFAULT_HEIGHT * scale));
  }
  look();
}

float View::unit() const { return static_cast<float>(getWidth()) / kPageWidth; }

void View::parameterChanged(std::uint32_t index, float value) {
  if (index == static_cast<std::uint32_t>(Id::kBypass)) bypassed_ = value > 0.5F;
  for (Knob& knob : knobs_) {
    if (static_cast<std::uint32_t>(knob.id) == index && &knob != held_ && knob.set(value))
      repaint();
  }
}

void View::uiIdle() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kBetweenLooks) return;
  looked_ = now;
  look();
}

// The stream's meters are read straight from the plugin, which lives in the same process.
void View::look() {
  if (plugin_ == nullptr) return;
  const HostedStream& stream = plugin_->stream();
  const EngineLink::Said said = plugin_->said();
  Shown now;
  now.words = words_for(stream.status(), bypassed_, said);
  now.model = model_label(said, plugin_->wanted());
  now.several_models = !next_model(said).empty();
  now.underruns = stream.underruns();
  if (stream.connected()) {
    now.lead = stream.lead_seconds();
    now.left = stream.peak_left();
    now.right = stream.peak_right();
  }
  const bool same = now.words.text == shown_.words.text && now.model == shown_.model &&
                    now.several_models == shown_.several_models &&
                    now.underruns == shown_.underruns && !moved(now.lead, shown_.lead) &&
                    !moved(now.left, shown_.left) && !moved(now.right, shown_.right);
  if (same) return;
  shown_ = now;
  repaint();
}

Knob* View::knob_at(double x, double y) {
  for (Knob& knob : knobs_) {
    if (knob.contains(static_cast<float>(x) / unit(), static_cast<float>(y) / unit())) return &knob;
  }
  return nullptr;
}

void View::change(Knob& knob, bool moved) {
  if (!moved) return;
  setParameterValue(static_cast<std::uint32_t>(knob.id), knob.value());
  repaint();
}

void View::choose_next_model() {
  if (plugin_ == nullptr) return;
  const std::string next = next_model(plugin_->said());
  if (next.empty()) return;
  setState("checksum", "");
  setState("model", next.c_str());
}

bool View::onMouse(const MouseEvent& event) {
  if (event.button != 1) return false;
  if (!event.press) {
    if (held_ == nullptr) return false;
    editParameter(static_cast<std::uint32_t>(held_->id), false);
    held_ = nullptr;
    return true;
  }
  Knob* knob = knob_at(event.pos.getX(), event.pos.getY());
  if (knob == nullptr) {
    const bool on_model =
        event.pos.getY() < kHeaderHeight * unit() && event.pos.getX() > kModelX * unit();
    if (on_model) choose_next_model();
    return on_model;
  }
  held_ = knob;
  held_y_ = event.pos.getY();
  editParameter(static_cast<std::uint32_t>(knob->id), true);
  const bool twice = pressed_ == knob && event.time - pressed_at_ < kDoubleClick;
  pressed_ = twice ? nullptr : knob;
  pressed_at_ = event.time;
  if (twice) change(*knob, knob->set(knob->initial()));
  return true;
}

bool View::onMotion(const MotionEvent& event) {
  if (held_ == nullptr) return false;
  const float up = static_cast<float>(held_y_ - event.pos.getY()) / unit();
  held_y_ = event.pos.getY();
  change(*held_, held_->drag(up, (event.mod & (DGL::kModifierShift | DGL::kModifierControl)) != 0));
  return true;
}

bool View::onScroll(const ScrollEvent& event) {
  Knob* knob = knob_at(event.pos.getX(), event.pos.getY());
  if (knob == nullptr) return false;
  const auto index = static_cast<std::uint32_t>(knob->id);
  const bool fine = (event.mod & (DGL::kModifierShift | DGL::kModifierControl)) != 0;
  editParameter(index, true);
  change(*knob, knob->scroll(static_cast<float>(event.delta.getY()), fine));
  editParameter(index, false);
  return true;
}

}  // namespace rtgen

namespace DISTRHO {

UI* createUI() { return new rtgen::View(); }

}  // namespace DISTRHO
