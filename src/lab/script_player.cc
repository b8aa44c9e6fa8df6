#include "src/lab/script_player.h"

#include <algorithm>

#include "src/lab/sounds.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kUnderstood{100};    // of a sentence's sound, before it counts as heard
constexpr milliseconds kStillTalking{200};  // a gap between words is not the end of speaking

}  // namespace

ScriptPlayer::ScriptPlayer(const Scenario& scenario)
    : scenario_(scenario), runs_(scenario.reactions.size(), 0) {
  if (scenario.errand) errand_.emplace(*scenario.errand, scenario.seed);
}

std::span<const Step> ScriptPlayer::errand_steps() const {
  return errand_ ? std::span<const Step>(errand_->steps()) : std::span<const Step>();
}

void ScriptPlayer::AgentSays(std::int64_t utterance, std::string_view sentence) {
  said_.push_back({utterance, std::string(sentence)});
  audible_since_said_ = milliseconds(0);
}

void ScriptPlayer::AgentHeard(std::int64_t utterance, std::string_view heard) {
  if (!heard.empty()) return;
  std::erase_if(said_, [&](const Sentence& sentence) { return sentence.utterance == utterance; });
}

void ScriptPlayer::ToolRuns(std::string_view name) { tools_.emplace_back(name); }

std::string ScriptPlayer::Said() const {
  std::string text;
  for (const Sentence& sentence : said_) text += sentence.text + " ";
  return text;
}

bool ScriptPlayer::Fits(const Step& step, milliseconds now, bool waiting) const {
  const milliseconds silent = now - last_audible_;
  switch (step.when.kind) {
    case CueKind::kStart:
      break;
    case CueKind::kAgentSays:
      if (said_.empty() || waiting || silent < step.delay) return false;
      if (audible_since_said_ < kUnderstood || !step.when.words.Matches(Said())) return false;
      break;
    case CueKind::kAgentSpeaks:
      if (audible_in_turn_ < step.when.length || silent > kStillTalking) return false;
      if (!step.when.words.Matches(Said())) return false;
      break;
    case CueKind::kAgentSilent:
      if (waiting || now - std::max(last_audible_, last_done_) < step.when.length) return false;
      break;
    case CueKind::kAfter:
      if (now - last_done_ < step.when.length) return false;
      break;
    case CueKind::kToolRuns: {
      const bool running = step.when.tool.empty() ? !tools_.empty()
                                                  : std::find(tools_.begin(), tools_.end(),
                                                              step.when.tool) != tools_.end();
      if (!running) return false;
      break;
    }
  }
  return step.only_if.Matches(Said()) && (step.unless.empty() || !step.unless.Matches(Said()));
}

const Step* ScriptPlayer::RunErrand(milliseconds now, bool waiting) {
  const bool heard = !said_.empty() && audible_since_said_ >= kUnderstood;
  if (!errand_ || waiting || !heard || now - last_audible_ < scenario_.errand->delay) {
    return nullptr;
  }
  return errand_->Answer(Said());
}

const Step* ScriptPlayer::Begin(const Step& step) {
  armed_ = nullptr;
  if (step.when.kind == CueKind::kToolRuns) tools_.clear();
  if (step.aside) return &step;
  said_.clear();
  audible_in_turn_ = milliseconds(0);
  return &step;
}

const Step* ScriptPlayer::Tick(milliseconds now, bool audible, bool waiting, bool busy) {
  if (audible) {
    last_audible_ = now;
    audible_in_turn_ += kFrame;
    audible_since_said_ += kFrame;
  }
  if (was_busy_ && !busy) last_done_ = now;
  was_busy_ = busy;
  if (busy) return nullptr;
  if (armed_) {
    if (now < fire_at_) return nullptr;
    was_busy_ = true;
    return Begin(*armed_);
  }
  const Step* chosen = nullptr;
  if (!steps_done() && Fits(scenario_.steps[next_step_], now, waiting))
    chosen = &scenario_.steps[next_step_++];
  for (std::size_t i = 0; !chosen && i < scenario_.reactions.size(); ++i) {
    const Step& reaction = scenario_.reactions[i];
    if (runs_[i] >= reaction.times || !Fits(reaction, now, waiting)) continue;
    ++runs_[i];
    chosen = &reaction;
  }
  if (!chosen) chosen = RunErrand(now, waiting);
  if (!chosen) return nullptr;
  // For "agent says" the delay was the agent's silence, which is over.
  const bool waited = chosen->when.kind == CueKind::kAgentSays;
  if (waited || chosen->delay == milliseconds(0)) {
    was_busy_ = true;
    return Begin(*chosen);
  }
  armed_ = chosen;
  fire_at_ = now + chosen->delay;
  return nullptr;
}

std::vector<const Step*> ScriptPlayer::NotRun() const {
  std::vector<const Step*> left;
  for (std::size_t i = next_step_; i < scenario_.steps.size(); ++i) {
    if (!scenario_.steps[i].optional) left.push_back(&scenario_.steps[i]);
  }
  return left;
}

}  // namespace dragoman::lab
