// A recorded call as a scenario: who called, what broke, and what must be true when it is made
// again.
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "dragoman/agent/narrator.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/lab/recorded_call.h"
#include "src/lab/dry_book.h"
#include "src/lab/words_for_cue.h"

namespace dragoman::lab {
namespace {

constexpr std::int64_t kSlow = 250;          // ms; what takes less was as fast as it can be
constexpr milliseconds kTimeBeyond{60'000};  // for an agent that now takes longer
constexpr milliseconds kMostTime{3'600'000};
constexpr std::size_t kMostNotes = 100;

std::int64_t AtMs(const CallEvent& event) { return event.at_us / 1000; }

// What became of each request to the model.
struct Asked {
  std::int64_t at_ms = 0, first_ms = -1, done_ms = -1;
  bool any = false, failed = false, cancelled = false;
  bool committed = true;  // not ahead of the end of the turn, or kept
};

std::map<ReplyId, Asked> Requests(const RecordedCall& call) {
  std::map<ReplyId, Asked> asked;
  for (const CallStep& step : call.steps) {
    const std::int64_t now = AtMs(step.event);
    const auto came = [&](ReplyId reply) -> Asked& {
      Asked& one = asked[reply];
      if (one.first_ms < 0) one.first_ms = now;
      return one;
    };
    if (const auto* text = std::get_if<call_event::ModelText>(&step.event.body)) {
      came(text->reply).any = true;
    } else if (const auto* tool = std::get_if<call_event::ModelToolCall>(&step.event.body)) {
      came(tool->reply).any = true;
    } else if (const auto* done = std::get_if<call_event::ModelDone>(&step.event.body)) {
      Asked& one = came(done->reply);
      one.done_ms = now;
      one.failed = done->finish == call_event::ModelFinish::kFailed;
    }
    for (const CallCommand& command : step.commands) {
      if (const auto* ask = std::get_if<call_command::AskModel>(&command)) {
        asked[ask->reply] = {.at_ms = now, .committed = !ask->speculative};
      } else if (const auto* cancel = std::get_if<call_command::CancelModel>(&command)) {
        asked[cancel->reply].cancelled = true;
      } else if (const auto* commit = std::get_if<call_command::CommitReply>(&command)) {
        asked[commit->reply].committed = true;
      }
    }
  }
  return asked;
}

void ModelFaults(const RecordedCall& call, const CallMachineOptions& options,
                 std::vector<Fault>& faults) {
  int use = 0;
  for (const auto& [reply, one] : Requests(call)) {
    ++use;
    Fault fault{.where = FaultPlace::kModel, .at = use, .tool = {}};
    const std::int64_t took = (one.first_ms < 0 ? one.done_ms : one.first_ms) - one.at_ms;
    if (one.failed) {
      fault.what = one.any ? FaultKind::kDie : FaultKind::kFail;
    } else if (one.done_ms >= 0 && !one.any) {
      fault.what = FaultKind::kEmpty;
    } else if (one.first_ms < 0 && one.committed) {
      // Cancelled for its silence; one that the caller's own words made needless was not silent.
      fault.what = FaultKind::kHang;
    } else if (one.first_ms >= 0 && took > kSlow) {
      fault.what = FaultKind::kDelay;
      fault.length = milliseconds(took);
    } else if (one.any && one.done_ms < 0 && one.cancelled && one.committed) {
      continue;  // interrupted
    } else {
      continue;
    }
    if (fault.what == FaultKind::kHang &&
        one.at_ms + options.first_text.count() > AtMs(call.steps.back().event)) {
      continue;  // the call ended meanwhile
    }
    faults.push_back(std::move(fault));
  }
}

bool IsNoAnswer(const RecordedRun& run) {
  return run.ended_ms < 0 || (!run.ok && run.result.starts_with("no result within"));
}

// Whether the clinic itself would have done what failed: then something broke.
absl::StatusOr<bool> WouldSucceed(const std::vector<RecordedRun>& runs, std::size_t failed,
                                  const Scenario& scenario) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto book, DryBook::Open(scenario.now, scenario.taken));
  for (std::size_t i = 0; i < failed; ++i) {
    if (runs[i].ok) book->Run(runs[i].call.name, runs[i].call.arguments).IgnoreError();
  }
  return book->Run(runs[failed].call.name, runs[failed].call.arguments).ok();
}

absl::Status ToolFaults(const RecordedCall& call, Scenario& scenario) {
  std::map<std::string, int> uses;
  const std::vector<RecordedRun> runs = ToolRuns(call);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RecordedRun& run = runs[i];
    Fault fault{.where = FaultPlace::kTool, .at = ++uses[run.call.name], .tool = run.call.name};
    bool broke = false;
    if (!run.ok && !IsNoAnswer(run)) {
      DRAGOMAN_ASSIGN_OR_RETURN(broke, WouldSucceed(runs, i, scenario));
    }
    if (IsNoAnswer(run)) {
      fault.what = FaultKind::kHang;
    } else if (broke) {
      fault.what = FaultKind::kFail;
    } else if (run.ended_ms - run.began_ms > kSlow) {
      fault.what = FaultKind::kDelay;
      fault.length = milliseconds(run.ended_ms - run.began_ms);
    } else {
      continue;
    }
    scenario.faults.push_back(std::move(fault));
  }
  return absl::OkStatus();
}

void SpeechFaults(const RecordedCall& call, std::vector<Fault>& faults) {
  std::map<UtteranceId, int> uses;
  int recognizers = 0;
  for (const CallStep& step : call.steps) {
    if (const auto* end = std::get_if<call_event::SpeechEnd>(&step.event.body);
        end && !end->ok && uses.contains(end->utterance)) {
      faults.push_back({.where = FaultPlace::kSynthesizer,
                        .what = end->total_ms > 0 ? FaultKind::kDie : FaultKind::kFail,
                        .at = uses[end->utterance],
                        .tool = {}});
    }
    recognizers += std::holds_alternative<call_event::RecognizerFailed>(step.event.body) ? 1 : 0;
    for (const CallCommand& command : step.commands) {
      const auto* speak = std::get_if<call_command::Speak>(&command);
      if (speak == nullptr) continue;
      const int use = static_cast<int>(uses.size()) + 1;
      uses.emplace(speak->utterance, use);
    }
  }
  if (recognizers > 0) {
    faults.push_back(
        {.where = FaultPlace::kRecognizer, .what = FaultKind::kFail, .times = 10, .tool = {}});
  }
}

// The same fault of neighbouring uses in one.
std::vector<Fault> Joined(std::vector<Fault> faults) {
  std::vector<Fault> joined;
  for (Fault& fault : faults) {
    Fault next = fault;
    if (!joined.empty()) {
      next.at = joined.back().at;
      next.times = joined.back().times;
    }
    if (!joined.empty() && next == joined.back() && fault.at == next.at + next.times) {
      ++joined.back().times;
    } else {
      joined.push_back(std::move(fault));
    }
  }
  return joined;
}

std::string NameFor(const RecordedCall& call) {
  std::string name = "recorded-";
  for (const char c : ToLowerAscii(call.header.call_id)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keep && name.size() < 60) name += c;
  }
  return name;
}

// Both sides' words, the tools and the end, as the machine told them.
absl::Status ExpectTheSame(const RecordedCall& call, Scenario& scenario) {
  using Kind = SessionEvent::Kind;
  Narrator narrator;
  std::vector<SessionEvent> told;
  for (const CallStep& step : call.steps) narrator.Tell(step.event, step.commands, &told);
  Expectations& expect = scenario.expect;
  std::set<std::string> said, understood;
  std::map<std::int64_t, std::string> sentences;
  std::string last;
  int interruptions = 0;
  for (const SessionEvent& event : told) {
    const std::string words = WordsForCue(event.text);
    switch (event.kind) {
      case Kind::kAgentSays:
        sentences[event.id] = words;
        break;
      case Kind::kAgentHeard: {
        // What the clock made it say depends on the voice's pace.
        const bool own =
            event.name == "reply" || event.name == "greeting" || event.name == "goodbye";
        last = event.ok ? event.text : "";
        if (!own || !event.ok || sentences[event.id].empty()) break;
        if (said.insert(sentences[event.id]).second && said.size() <= kMostNotes) {
          expect.agent_says.emplace_back(sentences[event.id]);
        }
        break;
      }
      case Kind::kUserSaid:
        if (!words.empty() && understood.insert(words).second && understood.size() <= kMostNotes) {
          expect.caller_words.emplace_back(words);
        }
        break;
      case Kind::kToolCalled:
        ++expect.tool_calls[event.name];
        break;
      case Kind::kNotice:
        interruptions += event.name == "barge_in" ? 1 : 0;
        break;
      case Kind::kEnded:
        for (int end = 0; end <= static_cast<int>(CallEnd::kRefused); ++end) {
          if (Name(static_cast<CallEnd>(end)) == event.name) {
            expect.outcomes = {static_cast<CallEnd>(end)};
          }
        }
        break;
      default:
        break;
    }
  }
  if (expect.outcomes.empty()) return DataLoss("the record does not say how the call ended");
  if (expect.outcomes[0] == CallEnd::kMediaLost) {
    return InvalidArgument("the line was lost, which no scenario can make happen again");
  }
  expect.min_interruptions = expect.max_interruptions = interruptions;
  expect.goodbye_heard = expect.outcomes[0] == CallEnd::kAgentHungUp &&
                         Pattern("goodbye|good bye|bye").Matches(last) && !last.empty();
  return absl::OkStatus();
}

// What the recorded runs make of a book of our own. Where nobody knows whether one took effect,
// nothing is expected.
absl::Status ExpectBookings(const RecordedCall& call, Scenario& scenario) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto book, DryBook::Open(call.header.started, scenario.taken));
  for (const RecordedRun& run : ToolRuns(call)) {
    const bool writes =
        run.call.name != "check_availability" && run.call.name != "find_appointment";
    if (writes && IsNoAnswer(run)) return absl::OkStatus();
    if (run.ok) book->Run(run.call.name, run.call.arguments).IgnoreError();
  }
  DRAGOMAN_ASSIGN_OR_RETURN(scenario.expect.bookings, book->Bookings());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scenario> ScenarioFromCall(const RecordedCall& call) {
  if (call.header.outbound) {
    return InvalidArgument("the agent made this call itself; a scenario's caller phones the agent");
  }
  Scenario scenario;
  scenario.name = NameFor(call);
  scenario.about = StrCat("Made from the record of call ", call.header.call_id, ".");
  scenario.kind = ScenarioKind::kText;
  scenario.wire = call.header.carrier == "asterisk" || call.header.carrier == "audiosocket"
                      ? Wire::kAudioSocket
                      : Wire::kTwilio;
  scenario.now = std::chrono::floor<std::chrono::minutes>(call.header.started);
  const milliseconds length(AtMs(call.steps.back().event));
  scenario.time_limit = std::clamp(length * 3 / 2 + kTimeBeyond, milliseconds(120'000), kMostTime);
  scenario.steps = CallerSteps(call);
  if (scenario.steps.empty()) {
    // Somebody who only listened.
    Step silent;
    silent.action = ActionKind::kWait;
    silent.length = std::clamp(length, milliseconds(20), milliseconds(600'000));
    silent.optional = true;
    scenario.steps.push_back(std::move(silent));
  }
  ModelFaults(call, call.header.options, scenario.faults);
  DRAGOMAN_ASSIGN_OR_RETURN(scenario.taken, TakenBefore(call));
  DRAGOMAN_RETURN_IF_ERROR(ToolFaults(call, scenario));
  SpeechFaults(call, scenario.faults);
  scenario.faults = Joined(std::move(scenario.faults));
  // What was slow then is allowed to be slow.
  if (!scenario.faults.empty()) scenario.expect.max_owed_silence = milliseconds(15'000);
  DRAGOMAN_RETURN_IF_ERROR(ExpectTheSame(call, scenario));
  DRAGOMAN_RETURN_IF_ERROR(ExpectBookings(call, scenario));
  return scenario;
}

}  // namespace dragoman::lab
