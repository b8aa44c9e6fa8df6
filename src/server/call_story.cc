#include "dragoman/server/call_story.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>
#include <variant>

#include "dragoman/agent/call_log.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using Kind = SessionEvent::Kind;
using std::chrono::milliseconds;

milliseconds At(const SessionEvent& event) { return std::chrono::floor<milliseconds>(event.at); }

std::string_view EventName(const SessionEvent& event) {
  switch (event.kind) {
    case Kind::kUserPartial:
      return "hearing";
    case Kind::kUserSaid:
      return "caller said";
    case Kind::kUserPressed:
      return "key";
    case Kind::kAgentSays:
      return "agent says";
    case Kind::kAgentHeard:
      return "heard";
    case Kind::kAgentUnheard:
      return "not heard";
    case Kind::kToolCalled:
      return "tool called";
    case Kind::kToolReturned:
      return "tool returned";
    case Kind::kNotice:
      return event.name;
    case Kind::kEnded:
      return "ended";
  }
  return event.name;
}

// What a person reading the call wants to see between the turns.
std::string MomentText(const SessionEvent& event) {
  if (event.name == "barge_in") return "the caller interrupts";
  if (event.name == "false_interruption") return "no words came: the agent goes on";
  if (event.name == "backchannel") return StrCat("listening along: ", event.text);
  if (event.name == "reprompt") return "the caller is silent";
  if (event.name == "model_failed") return StrCat("the model failed: ", event.text);
  if (event.name == "speech_failed") return "the voice failed";
  if (event.name == "wrap_up") return "time is nearly up";
  if (event.name == "loop") return "going in circles";
  return {};
}

std::string Clock(milliseconds at) {
  char text[32];
  std::snprintf(text, sizeof(text), "%02lld:%02lld.%lld",
                static_cast<long long>(at.count() / 60'000),
                static_cast<long long>(at.count() / 1000 % 60),
                static_cast<long long>(at.count() / 100 % 10));
  return text;
}

}  // namespace

absl::StatusOr<CallStory> CallStory::FromLog(const std::string& path) {
  DRAGOMAN_ASSIGN_OR_RETURN(EventLogReader file, EventLogReader::Open(path));
  DRAGOMAN_ASSIGN_OR_RETURN(CallLogReader log, CallLogReader::Create(std::move(file)));
  CallStory story;
  Narrator narrator;
  while (true) {
    auto record = log.Next();
    if (record.status().code() == absl::StatusCode::kOutOfRange) return story;
    if (!record.ok()) return record.status();
    const auto* step = std::get_if<CallStep>(&*record);
    if (!step) continue;
    std::vector<SessionEvent> events;
    narrator.Tell(step->event, step->commands, &events);
    for (const SessionEvent& event : events) story.Tell(event);
  }
}

void CallStory::Tell(const SessionEvent& event) {
  const milliseconds at = At(event);
  end_ = std::max(end_, at);
  if (event.kind != Kind::kUserPartial) {
    events_.push_back({at, std::string(EventName(event)),
                       event.kind == Kind::kNotice || event.name.empty()
                           ? event.text
                           : StrCat(event.name, event.text.empty() ? "" : ": ", event.text)});
  }
  switch (event.kind) {
    case Kind::kUserPartial:
      break;
    case Kind::kUserPressed:
      keys_ += event.text;
      break;
    case Kind::kUserSaid: {
      const milliseconds start = turn_began_ >= milliseconds(0) ? turn_began_ : at;
      milliseconds end = at;
      if (!waterfalls_.empty() && waterfalls_.rbegin()->second.speech_end) {
        end = std::clamp(*waterfalls_.rbegin()->second.speech_end, start, at);
      }
      turns_.push_back({.party = CallPageParty::kCaller,
                        .text = event.text,
                        .note = keys_.empty() ? "" : "keypad",
                        .start = start,
                        .end = end});
      if (!waterfalls_.empty()) waterfalls_.rbegin()->second.text = event.text;
      turn_began_ = milliseconds(-1);
      keys_.clear();
      break;
    }
    case Kind::kAgentSays:
      speaking_[event.id] = {.party = CallPageParty::kAgent,
                             .text = event.text,
                             .note = event.name == "reply" ? "" : event.name,
                             .start = at};
      break;
    case Kind::kAgentHeard: {
      auto spoken = speaking_.extract(event.id);
      if (!spoken) break;
      CallPageTurn turn = std::move(spoken.mapped());
      turn.text = event.text;
      // An utterance begins when it was asked for, or when the one before had been heard.
      turn.start = std::max(turn.start, last_heard_);
      turn.end = std::max(turn.start, at);
      turn.interrupted = !event.ok;
      last_heard_ = turn.end;
      turns_.push_back(std::move(turn));
      break;
    }
    case Kind::kAgentUnheard:
      if (!turns_.empty()) turns_.back().unheard = event.text;
      break;
    case Kind::kToolCalled:
      running_[event.id] = {.name = event.name, .arguments = event.text, .result = {}, .start = at};
      break;
    case Kind::kToolReturned: {
      auto run = running_.extract(event.id);
      if (!run) break;
      run.mapped().result = event.text;
      run.mapped().ok = event.ok;
      run.mapped().end = at;
      tools_.push_back(std::move(run.mapped()));
      break;
    }
    case Kind::kNotice:
      TellNotice(event);
      break;
    case Kind::kEnded:
      outcome_ = event.text.empty() ? event.name : StrCat(event.name, ": ", event.text);
      break;
  }
}

void CallStory::TellNotice(const SessionEvent& event) {
  const milliseconds at = At(event);
  if (event.name == "turn_began") {
    turn_began_ = at;
  } else if (event.name == "mark_speech_end") {
    Waterfall(event.id).speech_end = at;
  } else if (event.name == "mark_endpoint") {
    Waterfall(event.id).endpoint = at;
  } else if (event.name == "mark_model_asked") {
    Waterfall(event.id).model_asked = at;
  } else if (event.name == "mark_first_text") {
    Waterfall(event.id).first_text = at;
  } else if (event.name == "mark_first_audio") {
    Waterfall(event.id).first_audio = at;
  } else if (event.name == "mark_heard") {
    Waterfall(event.id).heard = at;
  }
  if (std::string text = MomentText(event); !text.empty()) {
    moments_.push_back({at, std::move(text), event.name == "barge_in"});
  }
}

CallPageWaterfall& CallStory::Waterfall(std::int64_t turn) {
  CallPageWaterfall& waterfall = waterfalls_[turn];
  waterfall.turn = turn;
  return waterfall;
}

const CallPageWaterfall* CallStory::latest_waterfall() const {
  for (auto it = waterfalls_.rbegin(); it != waterfalls_.rend(); ++it) {
    if (it->second.heard) return &it->second;
  }
  return nullptr;
}

void CallStory::FillPage(CallPageInput* page) const {
  page->outcome = outcome_;
  page->duration = end_;
  page->turns = turns_;
  page->tools = tools_;
  for (const auto& [id, tool] : running_) {
    CallPageTool unfinished = tool;
    unfinished.ok = false;
    unfinished.result = "no result before the call ended";
    unfinished.end = end_;
    page->tools.push_back(std::move(unfinished));
  }
  page->moments = moments_;
  page->events = events_;
  page->waterfalls.clear();
  for (const auto& [turn, waterfall] : waterfalls_) page->waterfalls.push_back(waterfall);
}

std::string CallStory::Transcript() const {
  std::vector<CallPageTurn> turns = turns_;
  std::stable_sort(turns.begin(), turns.end(),
                   [](const CallPageTurn& a, const CallPageTurn& b) { return a.start < b.start; });
  std::string text;
  for (const CallPageTurn& turn : turns) {
    text += StrCat(Clock(turn.start),
                   turn.party == CallPageParty::kCaller ? "  caller  " : "  agent   ",
                   EscapeLine(turn.text));
    if (!turn.unheard.empty()) text += StrCat(" [not heard: ", EscapeLine(turn.unheard), "]");
    text += '\n';
  }
  for (const CallPageTool& tool : tools_) {
    text += StrCat(Clock(tool.start), "  tool    ", tool.name, " ", EscapeLine(tool.arguments),
                   tool.ok ? " -> " : " failed: ", EscapeLine(tool.result), "\n");
  }
  if (!outcome_.empty()) text += StrCat(Clock(end_), "  ended   ", EscapeLine(outcome_), "\n");
  return text;
}

}  // namespace dragoman
