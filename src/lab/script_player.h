// Decides what the caller does next, frame by frame, from what they hear: the acting half of a
// scenario, without audio, sockets or clocks.
#ifndef DRAGOMAN_SRC_LAB_SCRIPT_PLAYER_H_
#define DRAGOMAN_SRC_LAB_SCRIPT_PLAYER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/lab/scenario.h"
#include "src/lab/errand.h"

namespace dragoman::lab {

// One thread at a time. Times are since the start of the call and never go back.
class ScriptPlayer {
 public:
  explicit ScriptPlayer(const Scenario& scenario);  // borrowed: must outlive the player

  // A sentence of the agent's, when its voice begins to be made; a person understands it once its
  // sound has been heard.
  void AgentSays(std::int64_t utterance, std::string_view sentence);
  // The utterance ended; nothing of it was heard when `heard` is empty: it is forgotten.
  void AgentHeard(std::int64_t utterance, std::string_view heard);
  void ToolRuns(std::string_view name);

  // Every frame. `audible`: the agent was heard in it; `waiting`: more of the agent's audio is in
  // the carrier's buffer; `busy`: the action before is not finished. Returns the step to begin, or
  // null.
  const Step* Tick(milliseconds now, bool audible, bool waiting, bool busy);

  // What the errand may say or key, to be rendered before the call; empty: there is none.
  std::span<const Step> errand_steps() const;
  std::vector<const Step*> NotRun() const;  // steps that were not optional
  bool steps_done() const { return next_step_ >= scenario_.steps.size(); }

 private:
  struct Sentence {
    std::int64_t utterance;
    std::string text;
  };
  bool Fits(const Step& step, milliseconds now, bool waiting) const;
  const Step* RunErrand(milliseconds now, bool waiting);
  const Step* Begin(const Step& step);
  std::string Said() const;

  const Scenario& scenario_;
  std::size_t next_step_ = 0;
  std::vector<int> runs_;  // of each reaction
  std::optional<ErrandPlayer> errand_;
  std::vector<Sentence> said_;          // not answered yet
  std::vector<std::string> tools_;      // started and not reacted to
  milliseconds audible_in_turn_{0};     // since the caller's last answer
  milliseconds audible_since_said_{0};  // since the last sentence
  milliseconds last_audible_{0};
  milliseconds last_done_{0};  // when the caller's last step ended
  bool was_busy_ = false;
  const Step* armed_ = nullptr;  // its cue has come; acts at fire_at_
  milliseconds fire_at_{0};
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_SCRIPT_PLAYER_H_
