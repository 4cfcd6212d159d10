// What the user reads about the stream: one row for each state, and the engine's own sentences.
#pragma once

#include <string>

#include "engine_link.h"
#include "rtgen/hosted_stream.h"

namespace rtgen {

enum class Mood { kGood, kWaiting, kBad, kQuiet };

struct Words {
  std::string text;
  Mood mood;
};

inline Words words_for(Status status, bool bypassed, const EngineLink::Said& said) {
  if (!said.connected && !said.refusal.empty()) return {said.refusal, Mood::kBad};
  switch (status) {
    case Status::kNoEngine:
      return said.connected ? Words{"connected, waiting for the host", Mood::kQuiet}
                            : Words{"engine not running: start it with  rtgen serve", Mood::kBad};
    case Status::kFilling:
      return {"buffering", Mood::kWaiting};
    case Status::kPlaying:
      return {"playing", Mood::kGood};
    case Status::kStopped:
      return {bypassed ? "bypassed" : "stopped, ready", Mood::kQuiet};
    case Status::kLate:
      return {"late: the engine is busy or was paused", Mood::kWaiting};
    case Status::kEngineLost:
      return {"engine lost, reconnecting", Mood::kBad};
    case Status::kBouncing:
      return {"rendering", Mood::kGood};
  }
  return {"", Mood::kQuiet};
}

// The model that plays, or the one that the project asks for and that is not there.
inline std::string model_label(const EngineLink::Said& said, const EngineLink::Wanted& wanted) {
  if (said.connected) return said.model;
  return wanted.model.empty() ? "no model" : wanted.model + " (not loaded)";
}

// The model after the one that plays, for a click on its name; empty if there is no other.
inline std::string next_model(const EngineLink::Said& said) {
  for (std::size_t i = 0; i < said.models.size(); ++i) {
    if (said.models[i] != said.model) continue;
    const std::string& next = said.models[(i + 1) % said.models.size()];
    return next == said.model ? "" : next;
  }
  return said.models.empty() ? "" : said.models.front();
}

}  // namespace rtgen
