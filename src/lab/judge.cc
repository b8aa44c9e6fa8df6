#include "src/lab/judge.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::lab {
namespace {

using Kind = SessionEvent::Kind;

std::string Show(const Booking& booking) {
  return StrCat(booking.name, " on ", booking.date, " at ", booking.time);
}

std::string Show(std::vector<Booking> bookings) {
  if (bookings.empty()) return "none";
  std::sort(bookings.begin(), bookings.end());
  std::string text;
  for (const Booking& booking : bookings) text += (text.empty() ? "" : ", ") + Show(booking);
  return text;
}

class Judgement {
 public:
  Judgement(const Scenario& scenario, const ScenarioResult& result)
      : scenario_(scenario), expect_(scenario.expect), result_(result), caller_(result.caller) {}

  std::vector<std::string> Run() {
    Line();
    Outcome();
    Bookings();
    Words();
    Tools();
    History();
    Turns();
    if (expect_.goodbye_heard) Goodbye();
    return std::move(failures_);
  }

 private:
  template <typename... Pieces>
  void Fail(const Pieces&... pieces) {
    failures_.push_back(StrCat(pieces...));
  }

  // Words said since the call began, one string per sentence.
  std::vector<std::string> Texts(Kind kind) const {
    std::vector<std::string> texts;
    for (const SessionEvent& event : result_.events) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }

  // What the agent was heard to say between two turns of the caller.
  std::vector<std::string> HeardTurns() const {
    std::vector<std::string> turns(1);
    for (const SessionEvent& event : result_.events) {
      if (event.kind == Kind::kUserSaid) turns.emplace_back();
      if (event.kind == Kind::kAgentHeard) turns.back() += event.text + " ";
    }
    return turns;
  }

  int Notices(std::string_view name) const {
    return static_cast<int>(
        std::count_if(result_.events.begin(), result_.events.end(), [&](const SessionEvent& event) {
          return event.kind == Kind::kNotice && event.name == name;
        }));
  }

  void Line() {
    if (!caller_.connected) return Fail("the line was never open: ", caller_.close_detail);
    if (caller_.timed_out)
      Fail("the call was still on after ", scenario_.time_limit, "; expected it to end before");
    if (expect_.max_call.count() > 0 && caller_.duration_ms > expect_.max_call.count())
      Fail("the call took ", caller_.duration_ms, " ms; expected at most ", expect_.max_call);
    for (int line : caller_.steps_not_run) Fail("the caller never came to the step in line ", line);
    for (const std::string& complaint : caller_.complaints)
      Fail("the carrier would have refused a message of the agent: ", complaint);
    const bool calm =
        scenario_.line.stalls.empty() && scenario_.transport == Transport::kPipe &&
        std::none_of(scenario_.faults.begin(), scenario_.faults.end(),
                     [](const Fault& fault) { return fault.where == FaultPlace::kSynthesizer; });
    if (calm && caller_.underruns > 0)
      Fail("the agent's audio had ", caller_.underruns, " holes; expected none");
  }

  void Outcome() {
    const auto ends = static_cast<std::size_t>(
        std::count_if(result_.events.begin(), result_.events.end(),
                      [](const SessionEvent& event) { return event.kind == Kind::kEnded; }));
    if (ends != 1) Fail("the agent reported the end ", ends, " times; expected once");
    if (!result_.events.empty() && result_.events.back().kind != Kind::kEnded)
      Fail("the agent reported something after the end");
    const auto& good = expect_.outcomes;
    if (good.empty()) {
      if (result_.outcome == CallEnd::kFailed) Fail("the call failed: ", result_.outcome_detail);
      return;
    }
    if (std::find(good.begin(), good.end(), result_.outcome) != good.end()) return;
    std::string names;
    for (CallEnd end : good) names += StrCat(names.empty() ? "" : " or ", Name(end));
    Fail("the call ended as ", Name(result_.outcome), " (", result_.outcome_detail, "); expected ",
         names);
  }

  void Bookings() {
    std::vector<Booking> made = result_.bookings;
    std::sort(made.begin(), made.end());
    if (std::adjacent_find(made.begin(), made.end()) != made.end())
      Fail("the same slot was booked twice for the same person: ", Show(made));
    if (!expect_.bookings) return;
    std::vector<Booking> wanted = *expect_.bookings;
    std::sort(wanted.begin(), wanted.end());
    if (made != wanted) Fail("booked: ", Show(made), "; expected: ", Show(wanted));
  }

  void Words() {
    const auto turns = HeardTurns();
    for (const Pattern& pattern : expect_.agent_says) {
      if (std::none_of(turns.begin(), turns.end(),
                       [&](const std::string& turn) { return pattern.Matches(turn); }))
        Fail("the caller never heard /", pattern.source(), "/");
    }
    const auto sentences = Texts(Kind::kAgentSays);
    for (const Pattern& pattern : expect_.agent_never_says) {
      for (const std::string& sentence : sentences) {
        if (pattern.Matches(sentence))
          Fail("the agent said \"", sentence, "\"; expected never /", pattern.source(), "/");
      }
    }
    const auto heard = Texts(Kind::kUserSaid);
    for (const Pattern& pattern : expect_.caller_words) {
      if (std::none_of(heard.begin(), heard.end(),
                       [&](const std::string& turn) { return pattern.Matches(turn); }))
        Fail("the agent never understood /", pattern.source(), "/");
    }
  }

  void Tools() {
    std::map<std::string, int> counts;
    std::map<std::int64_t, int> open;
    for (const SessionEvent& event : result_.events) {
      if (event.kind == Kind::kToolCalled) {
        ++counts[event.name];
        ++open[event.id];
      }
      if (event.kind == Kind::kToolReturned && --open[event.id] < 0)
        Fail("tool run ", event.id, " (", event.name, ") was answered twice or never begun");
    }
    for (const auto& [name, count] : expect_.tool_calls) {
      if (counts[name] != count)
        Fail("the tool ", name, " ran ", counts[name], " times; expected ", count);
    }
  }

  // Only what was heard may stand in the history as said.
  void History() {
    std::string heard;
    for (const std::string& text : Texts(Kind::kAgentHeard)) heard += text + " ";
    for (const Message& message : result_.report.history) {
      if (message.role != Role::kAssistant || Trim(message.text).empty()) continue;
      std::string words;
      for (std::string_view word : SplitWords(message.text)) words += StrCat(word, ".*");
      if (!Pattern(words).Matches(heard))
        Fail("the history holds words that nobody heard: \"", message.text, "\"");
    }
  }

  void Turns() {
    if (caller_.longest_owed_silence_ms > expect_.max_owed_silence.count())
      Fail("the agent owed the caller a word for ", caller_.longest_owed_silence_ms, " ms from ",
           caller_.owed_silence_at_ms, " ms on; expected at most ", expect_.max_owed_silence);
    for (std::int64_t stop : caller_.barge_in_stop_ms) {
      if (expect_.barge_in_stop.count() > 0 && stop > expect_.barge_in_stop.count())
        Fail("the agent was heard for ", stop, " ms after it decided to stop; expected at most ",
             expect_.barge_in_stop);
    }
    const int interruptions = Notices("barge_in");
    if (interruptions < expect_.min_interruptions)
      Fail("the agent let itself be interrupted ", interruptions, " times; expected at least ",
           expect_.min_interruptions);
    if (expect_.max_interruptions >= 0 && interruptions > expect_.max_interruptions)
      Fail("the agent let itself be interrupted ", interruptions, " times; expected at most ",
           expect_.max_interruptions);
  }

  void Goodbye() {
    if (result_.outcome != CallEnd::kAgentHungUp)
      return Fail("no goodbye: the call ended as ", Name(result_.outcome));
    std::string said, heard;
    std::int64_t last = -1;
    for (const SessionEvent& event : result_.events) {
      if (event.kind == Kind::kAgentSays) {
        if (event.id != last) said.clear();
        said += (said.empty() ? "" : " ") + event.text;
        last = event.id;
      }
      if (event.kind == Kind::kAgentHeard && event.id == last) heard = event.text;
    }
    if (!Pattern("goodbye|good bye|bye").Matches(said))
      Fail("the agent's last words were \"", said, "\"; expected a goodbye");
    if (!Pattern(said).Matches(heard))
      Fail("of the last words \"", said, "\" the caller heard \"", heard, "\"");
    if (caller_.unheard_at_close_ms > 20)
      Fail("the line was closed ", caller_.unheard_at_close_ms,
           " ms before the agent had finished");
  }

  const Scenario& scenario_;
  const Expectations& expect_;
  const ScenarioResult& result_;
  const CallerRecord& caller_;
  std::vector<std::string> failures_;
};

}  // namespace

std::vector<std::string> Judge(const Scenario& scenario, const ScenarioResult& result) {
  return Judgement(scenario, result).Run();
}

}  // namespace dragoman::lab
