// Where a dialogue stands: derived from the history alone, by replaying it.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_DIALOGUE_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_DIALOGUE_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/conversation/message.h"
#include "dragoman/conversation/tool_spec.h"
#include "src/providers/offline/states.h"
#include "src/providers/offline/understanding.h"

namespace dragoman::offline {

struct Place {  // in the calendar
  sys_days date{};
  minutes time{0};
  std::string doctor;  // whoever has it; empty: the calendar names nobody
  friend bool operator==(const Place&, const Place&) = default;
};

struct Appointment {
  std::string id;
  Place place;
};

// The last question, as far as it was heard.
struct Asked {
  StateName state;
  std::vector<Place> offers;       // heard ones, for "the second one"
  std::vector<Appointment> found;  // to choose from
  std::vector<sys_days> dates;     // "do you mean the fifth or the sixth?"
  std::vector<minutes> times;
  std::string snapshot;   // what was read back, whole; empty: not all of it was heard
  std::string candidate;  // a keyed name
  // What keys mean, as far as they were named: the first key stands for menu[0], and so on.
  std::vector<std::string> menu;
  bool digits = false;  // the value may be keyed
};

// What the agent does next, as Decide works it out.
struct Action {
  std::string text;  // to say; empty with a silent tool call
  std::vector<ToolCall> calls;
  std::optional<Asked> asks;            // absent: the last question still stands
  std::size_t question = 0;             // where in text the question begins; values end there
  std::vector<std::size_t> offer_ends;  // where in text each offer ends
  std::size_t keys = 0;                 // where in text the keys begin to count; 0: there are none
};

struct Dialogue {
  explicit Dialogue(const CompiledAgent& compiled, sys_days today_in, minutes now_in)
      : agent(&compiled), today(today_in), now(now_in) {}

  const CompiledAgent* agent;
  sys_days today{};  // of the house; the epoch: unknown
  minutes now{0};    // after midnight
  std::vector<ToolSpec> tools;

  std::string goal;                           // being worked on; empty: none
  std::map<std::string, std::string> values;  // by slot, as the tools want them
  std::set<std::string> any;                  // choice slots that the caller leaves open
  std::optional<DateValue> date_range;
  std::optional<TimeValue> time_range;
  bool soonest = false;
  std::vector<sys_days> date_choice;  // said, but not clear which
  std::vector<minutes> time_choice;
  std::vector<std::string> name_candidates;  // keyed; the first is asked about
  std::vector<sys_days> avoided;             // days the caller refused

  std::string searched;  // window of the last search; empty: none
  std::vector<Place> free;
  std::string looked_up;  // what the last lookup was for
  std::vector<Appointment> found;
  std::optional<Appointment> chosen;  // of the found ones
  std::string confirmed;              // snapshot that got its yes
  bool committed = false;
  bool told_done = false;
  bool something_done = false;                 // in this call
  std::map<std::string, std::string> receipt;  // of the commit, for {reference}

  std::vector<std::string> notes;  // to be said before the next question
  bool which_detail = false;       // a read-back was denied
  bool handover = false;           // a call back is to be offered
  bool holding = false;            // "one moment": nothing to ask
  bool abandoned = false;
  bool closing = false;
  bool ended = false;
  bool greeted = false;
  bool again = false;             // the last turn was not understood: the longer prompt
  int not_understood = 0;         // in a row
  int trouble = 0;                // in this call: turns not understood, values misheard
  bool doubtful_goodbye = false;  // one was heard where little else was understood
  bool name_in_pairs = false;     // one key a letter led to no name
  int denials = 0;
  int tool_failures = 0;  // lookups in a row
  int commit_failures = 0;
  int handovers = 0;
  int calls = 0;                      // tool calls in the history: numbers the next one
  std::optional<ToolCall> open_call;  // without its result
  Asked asked;

  std::optional<Action> speaking;  // the reply whose words are in the history
  std::size_t spoken = 0;          // bytes of its text that were heard

  const AgentDefinition& definition() const { return *agent->agent; }
  const GoalDefinition* goal_definition() const { return definition().FindGoal(goal); }
};

// The three things that happen in a history.
void OnUser(Dialogue& dialogue, std::string_view text);
void OnAssistant(Dialogue& dialogue, const Message& message);
void OnToolResult(Dialogue& dialogue, const Message& message);

// What to do now. Does not change the dialogue: the same history gives the same action.
Action Decide(const Dialogue& dialogue);

// Replays the whole history.
void Replay(Dialogue& dialogue, const std::vector<Message>& messages);

// Shared by reading and deciding.
void ResetGoal(Dialogue& dialogue, bool keep_name);
std::string IsoDate(sys_days date);
std::string IsoTime(minutes time);
std::optional<sys_days> ParseIsoDate(std::string_view text);
std::optional<minutes> ParseIsoTime(std::string_view text);
// Slots by type; null: the agent has none.
const SlotDefinition* SlotOf(const AgentDefinition& agent, SlotType type);
// Arguments of the goal's commit, with everything that was read back; "" while something lacks.
std::string Snapshot(const Dialogue& dialogue);
// The day of the goal as far as it is settled, and the time.
std::optional<sys_days> DateOf(const Dialogue& dialogue);
std::optional<minutes> TimeOf(const Dialogue& dialogue);
// Of the free places that fit what is known, the one to take; nothing when date or time lacks or
// that time is not free.
std::optional<Place> ChosenPlace(const Dialogue& dialogue);
bool HasTool(const Dialogue& dialogue, std::string_view name);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_DIALOGUE_H_
