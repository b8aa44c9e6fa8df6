// An agent of rules and slots, as data: what it can do, what it must ask, how it says it.
#ifndef DRAGOMAN_PROVIDERS_OFFLINE_AGENT_DEFINITION_H_
#define DRAGOMAN_PROVIDERS_OFFLINE_AGENT_DEFINITION_H_

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Phrases are lower-case patterns over words: "book [an] (appointment | visit)". Square brackets
// hold what may be left out, round ones alternatives. The same text recognises a sentence (the
// words that may not be left out, in order, others between them allowed) and becomes JSGF.
using PhrasePattern = std::string;

enum class SlotType {
  kDate,    // "2026-03-05" to the tools
  kTime,    // "10:30"
  kName,    // "Kowalski": as spoken, better spelled or keyed, always read back
  kDigits,  // "5551234": a telephone number
  kChoice,  // the value of one of `choices`
};

struct DRAGOMAN_EXPORT ChoiceDefinition {
  std::string value;                    // to the tools
  std::string spoken;                   // by the agent: "Doctor Lane"
  std::vector<PhrasePattern> synonyms;  // by callers: "[doctor] lane"
};

struct DRAGOMAN_EXPORT SlotDefinition {
  std::string name;  // of the tools' argument, of the placeholder {name} in texts, "ask_" + state
  SlotType type = SlotType::kChoice;
  std::string noun;                  // "the day": for "what should I change?"
  std::vector<PhrasePattern> nouns;  // how callers point at it: "day", "date"
  std::string prompt;                // asks for it
  std::string prompt_again;          // after an answer that was not understood: says how to answer
  std::vector<ChoiceDefinition> choices;     // kChoice only
  std::chrono::milliseconds end_silence{0};  // 0: the agent's own rule
};

// What a caller can want. The engine fills `required`, looks up and searches where tools are named,
// reads everything back, and commits only what was confirmed with exactly these values.
//   find_tool    gets the `find_by` slots; answers
//   {"appointments":[{"appointment_id","date","time",
//                "doctor"}]}; the chosen one's id goes to the commit tool.
//   search_tool  gets date, days and, where known, doctor; answers {"days":[{"date",
//                "free":[{"time","doctor"}]}]}.
//   commit_tool  gets every filled slot that its schema names, and appointment_id.
struct DRAGOMAN_EXPORT GoalDefinition {
  std::string name;  // "book"
  std::vector<PhrasePattern> triggers;
  std::string ability;                // "book an appointment", after "I can"
  std::vector<std::string> required;  // slots, in the order of asking
  std::vector<std::string> optional;  // taken when the caller offers them
  std::vector<std::string> find_by;   // slots, a subset of required
  std::string find_tool;              // empty: nothing to look up
  std::string search_tool;            // empty: no calendar
  std::string commit_tool;
  // Said before the commit; every required slot has its placeholder here. {name} is spelled out.
  // The last sentence is the question, the ones before it hold the values.
  std::string confirm;
  std::string done;  // said after it; {reference} is what the tool returned, spelled
};

// A question that needs no tool.
struct DRAGOMAN_EXPORT AnswerDefinition {
  std::string name;  // "hours"
  std::vector<PhrasePattern> triggers;
  std::string text;
};

struct DRAGOMAN_EXPORT OpeningHours {
  std::chrono::minutes opens{0};   // after midnight
  std::chrono::minutes closes{0};  // equal to opens: closed
};

struct DRAGOMAN_EXPORT AgentDefinition {
  std::string house;     // "Riverside Clinic"
  std::string greeting;  // honest about being a machine
  std::vector<SlotDefinition> slots;
  std::vector<GoalDefinition> goals;
  std::vector<AnswerDefinition> answers;
  std::string message_goal;            // the goal that leaves a message when nothing else helps
  std::array<OpeningHours, 7> hours;   // Monday first; bare hours ("at three") are read by them
  std::chrono::minutes utc_offset{0};  // of the house, -14 h to 14 h
  int horizon_days = 180;              // 1 to 730; later dates are refused
  bool day_first = false;              // "3/4" is the third of April
  // Names that a T9 keypad entry is looked up in ("2662": Anna). Spelling needs no list.
  std::vector<std::string> known_names;

  const SlotDefinition* FindSlot(std::string_view slot) const;  // null: none
  const GoalDefinition* FindGoal(std::string_view goal) const;
  // kInvalidArgument naming the place: unknown slots, bad patterns, ranges, missing placeholders.
  absl::Status Validate() const;
};

// The states in which the agent waits for the caller: "open", "ask_date", "confirm_book", ...
DRAGOMAN_EXPORT std::vector<std::string> DialogueStates(const AgentDefinition& agent);

// What can be said in a state, from the definition alone: JSGF 1.0 in the vocabulary of the CMU
// dictionary (lower case; letters as "a.", "b."), plus whatever words the definition brings.
// kNotFound: no such state. kInvalidArgument: a pattern does not parse.
DRAGOMAN_EXPORT absl::StatusOr<ReplyExpectation> ExpectationIn(const AgentDefinition& agent,
                                                               std::string_view state);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_OFFLINE_AGENT_DEFINITION_H_
