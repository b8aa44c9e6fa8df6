#include "dragoman/server/call_story.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "dragoman/conversation/call_report.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/store/event_log.h"
#include "src/server/html.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;
using std::chrono::milliseconds;

constexpr std::size_t kMaxEvents = 5000;  // shown; a call of an hour has more

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

milliseconds FromMicros(std::int64_t us) { return milliseconds(us / 1000); }

std::string WithSpaces(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string Quoted(std::string text, std::string_view words) {
  if (words.empty()) return text;
  return text.append(": \xE2\x80\x9C").append(words).append("\xE2\x80\x9D");
}

// What a notice is to a reader; empty: nothing worth a line.
std::string Told(const call_command::Notice& notice) {
  switch (notice.kind) {
    case NoticeKind::kBargeIn:
      return Quoted("The caller interrupts", notice.text);
    case NoticeKind::kStopped:
      return "The agent stops for a sound";
    case NoticeKind::kFalseInterruption:
      return "It was nothing: the agent goes on";
    case NoticeKind::kBackchannel:
      return Quoted("Taken as listening, not as a turn", notice.text);
    case NoticeKind::kTurnWithdrawn:
      return Quoted("A sound that was no turn", notice.text);
    case NoticeKind::kEcho:
      return Quoted("The agent heard itself", notice.text);
    case NoticeKind::kModelFailed:
      return Quoted("The model failed", notice.text);
    case NoticeKind::kSpeechFailed:
      return Quoted("The voice failed", notice.text);
    case NoticeKind::kReprompt:
      return "The caller says nothing";
    case NoticeKind::kWrapUp:
      return "The time is nearly up";
    case NoticeKind::kEnding:
      return Quoted("The call is being ended", notice.text);
    case NoticeKind::kLoop:
      return Quoted("The same words again and again", notice.text);
    default:
      return {};
  }
}

bool IsChatter(const CallEvent& event) {
  return std::holds_alternative<call_event::Playout>(event.body) ||
         std::holds_alternative<call_event::SpeechWords>(event.body) ||
         std::holds_alternative<call_event::ModelText>(event.body);
}

std::string Details(const CallEvent& event) {
  std::string line = ToString(event);
  const std::string_view name = Name(event);
  const std::size_t at = line.find(name);
  if (at == std::string::npos) return line;
  line.erase(0, at + name.size());
  line.erase(0, std::min(line.find_first_not_of(" :"), line.size()));
  return line;
}

NoticeKind KindNamed(std::string_view name) {
  for (int kind = 1; kind <= static_cast<int>(NoticeKind::kMarkHeard); ++kind) {
    if (Name(static_cast<NoticeKind>(kind)) == name) return static_cast<NoticeKind>(kind);
  }
  return NoticeKind{};
}

}  // namespace

absl::StatusOr<CallStory> CallStory::FromLog(const std::string& path) {
  DRAGOMAN_ASSIGN_OR_RETURN(EventLogReader file, EventLogReader::Open(path));
  DRAGOMAN_ASSIGN_OR_RETURN(CallLogReader log, CallLogReader::Create(std::move(file)));
  CallStory story;
  while (true) {
    const auto record = log.Next();
    if (record.status().code() == absl::StatusCode::kOutOfRange) return story;
    if (!record.ok()) return record.status();
    if (const auto* step = std::get_if<CallStep>(&*record)) story.Tell(*step);
  }
}

void CallStory::Tell(const CallStep& step) {
  Observe(step.event);
  for (const CallCommand& command : step.commands) Observe(command);
}

void CallStory::Observe(const CallEvent& event) {
  now_ = std::max(now_, FromMicros(event.at_us));
  if (!IsChatter(event)) AddEvent(Name(event), Details(event));
  std::visit(
      Overloaded{
          [&](const call_event::SpeechStarted& started) {
            if (speech_start_ < Ms(0)) speech_start_ = Ms(started.audio_ms);
          },
          [&](const call_event::SpeechStopped& stopped) { speech_end_ = Ms(stopped.audio_ms); },
          [&](const call_event::Dtmf&) { TakeKey(); },
          [&](const call_event::SpeechReplaced& replaced) {
            agent_[replaced.utterance].turn.text = replaced.text;
          },
          [&](const call_event::SpeechAudio& audio) { TakeAudio(audio); },
          [&](const call_event::ToolResult& result) { TakeResult(result); },
          [](const auto&) {},
      },
      event.body);
}

void CallStory::Observe(const CallCommand& command) {
  std::visit(Overloaded{
                 [&](const call_command::AppendHistory& entry) {
                   if (entry.role == Role::kUser) AddUserTurn(entry.text);
                   ++entries_;
                 },
                 [&](const call_command::AmendHistory& change) {
                   const auto entry = user_entries_.find(change.entry);
                   if (entry != user_entries_.end()) caller_[entry->second].text = change.text;
                 },
                 [&](const call_command::Speak& speak) { Begin(speak); },
                 [&](const call_command::Settled& settled) { Settle(settled); },
                 [&](const call_command::RunTool& run) {
                   tools_[run.run] = {.name = run.call.name,
                                      .arguments = run.call.arguments,
                                      .result = {},
                                      .start = now_,
                                      .end = now_};
                 },
                 [&](const call_command::Notice& notice) { TellNotice(notice); },
                 [&](const call_command::Finish& finish) { End(Name(finish.end), finish.detail); },
                 [](const auto&) {},
             },
             command);
}

void CallStory::Tell(const SessionEvent& event) {
  using Kind = SessionEvent::Kind;
  now_ = std::max(now_, std::chrono::floor<Ms>(event.at));
  if (event.kind == Kind::kUserPartial) return;
  AddEvent(event.name.empty() ? "said" : event.name, event.text);
  switch (event.kind) {
    case Kind::kUserPartial:
      return;
    case Kind::kUserSaid:
      return AddUserTurn(event.text);
    case Kind::kUserPressed:
      return TakeKey();
    case Kind::kAgentSays:
      Begin({.utterance = event.id, .text = event.text});
      if (event.name != Name(UtteranceKind::kReply)) agent_[event.id].turn.note = event.name;
      return;
    case Kind::kAgentHeard: {
      Utterance& utterance = agent_[event.id];
      utterance.turn.text = event.text;
      utterance.turn.start = std::max(utterance.turn.start, agent_end_);
      utterance.turn.end = agent_end_ = std::max(now_, utterance.turn.start);
      return;
    }
    case Kind::kAgentUnheard:
      agent_[event.id].turn.unheard = event.text;
      agent_[event.id].turn.interrupted = true;
      return;
    case Kind::kToolCalled:
      tools_[event.id] = {
          .name = event.name, .arguments = event.text, .result = {}, .start = now_, .end = now_};
      return;
    case Kind::kToolReturned:
      return TakeResult({.run = event.id, .ok = event.ok, .text = event.text});
    case Kind::kNotice: {
      const NoticeKind kind = KindNamed(event.name);
      if (kind == NoticeKind::kTurnBegan && speech_start_ < Ms(0)) speech_start_ = now_;
      if (kind == NoticeKind::kMarkSpeechEnd) speech_end_ = std::chrono::floor<Ms>(event.at);
      return TellNotice(
          {.kind = kind, .at_us = event.at.count(), .value = event.id, .text = event.text});
    }
    case Kind::kEnded:
      return End(event.name, event.text);
  }
}

void CallStory::AddEvent(std::string_view name, std::string text) {
  if (events_.size() < kMaxEvents) events_.push_back({now_, std::string(name), std::move(text)});
}

void CallStory::TakeKey() {
  keypad_ = true;
  if (speech_start_ < Ms(0)) speech_start_ = now_;
  speech_end_ = now_;
}

// An utterance begins to sound when the line gets it, or when what was queued before it is over.
void CallStory::TakeAudio(const call_event::SpeechAudio& audio) {
  Utterance& utterance = agent_[audio.utterance];
  if (!utterance.started) {
    utterance.started = true;
    utterance.turn.start = std::max(now_, agent_end_);
  }
  utterance.total = Ms(audio.queued_ms);
  utterance.turn.end = utterance.turn.start + utterance.total;
  agent_end_ = utterance.turn.end;
}

void CallStory::TakeResult(const call_event::ToolResult& result) {
  const auto tool = tools_.find(result.run);
  if (tool == tools_.end()) return;
  tool->second.result = result.text;
  tool->second.ok = result.ok;
  tool->second.end = now_;
}

void CallStory::AddUserTurn(const std::string& text) {
  CallPageTurn turn;
  turn.text = text;
  if (keypad_) turn.note = "keypad";
  turn.start = speech_start_ < Ms(0) ? now_ : speech_start_;
  turn.end = std::max(speech_end_, turn.start);
  user_entries_[entries_] = caller_.size();
  caller_.push_back(std::move(turn));
  speech_start_ = speech_end_ = Ms(-1);
  keypad_ = false;
}

void CallStory::Begin(const call_command::Speak& speak) {
  CallPageTurn& turn = agent_[speak.utterance].turn;
  turn.party = CallPageParty::kAgent;
  turn.text = speak.text;
  if (speak.kind != UtteranceKind::kReply) turn.note = WithSpaces(Name(speak.kind));
  turn.start = turn.end = now_;
}

void CallStory::Settle(const call_command::Settled& settled) {
  Utterance& utterance = agent_[settled.utterance];
  utterance.turn.text = settled.heard;
  utterance.turn.unheard = settled.unheard;
  utterance.turn.interrupted = !settled.unheard.empty();
  if (!utterance.started) return;
  utterance.turn.end = utterance.turn.start + std::min(Ms(settled.heard_ms), utterance.total);
  // What was cut off makes room for what comes next.
  if (utterance.turn.interrupted) agent_end_ = now_;
}

void CallStory::End(std::string_view name, std::string_view detail) {
  outcome_ = WithSpaces(name);
  if (!detail.empty()) outcome_.append(": ").append(detail);
}

const CallPageWaterfall* CallStory::latest_waterfall() const {
  for (auto it = waterfalls_.rbegin(); it != waterfalls_.rend(); ++it) {
    if (it->second.heard) return &it->second;
  }
  return nullptr;
}

bool CallStory::TellMark(const call_command::Notice& notice) {
  using Mark = std::optional<Ms> CallPageWaterfall::*;
  static constexpr std::pair<NoticeKind, Mark> kMarks[] = {
      {NoticeKind::kMarkSpeechEnd, &CallPageWaterfall::speech_end},
      {NoticeKind::kMarkEndpoint, &CallPageWaterfall::endpoint},
      {NoticeKind::kMarkModelAsked, &CallPageWaterfall::model_asked},
      {NoticeKind::kMarkFirstText, &CallPageWaterfall::first_text},
      {NoticeKind::kMarkFirstAudio, &CallPageWaterfall::first_audio},
      {NoticeKind::kMarkHeard, &CallPageWaterfall::heard},
  };
  for (const auto& [kind, mark] : kMarks) {
    if (kind != notice.kind) continue;
    CallPageWaterfall& waterfall = waterfalls_[notice.value];
    waterfall.turn = notice.value;
    if (!(waterfall.*mark)) waterfall.*mark = FromMicros(notice.at_us);
    return true;
  }
  return false;
}

void CallStory::TellNotice(const call_command::Notice& notice) {
  if (TellMark(notice)) return;
  if (notice.kind == NoticeKind::kTurnEnded) {
    waterfalls_[notice.value].turn = notice.value;
    waterfalls_[notice.value].text = notice.text;
  }
  if (notice.kind == NoticeKind::kTurnWithdrawn || notice.kind == NoticeKind::kBackchannel ||
      notice.kind == NoticeKind::kEcho) {
    speech_start_ = speech_end_ = Ms(-1);
  }
  if (std::string told = Told(notice); !told.empty()) {
    moments_.push_back(
        {FromMicros(notice.at_us), std::move(told), notice.kind == NoticeKind::kBargeIn});
  }
}

std::vector<CallPageTurn> CallStory::Turns() const {
  std::vector<CallPageTurn> turns = caller_;
  for (const auto& [id, utterance] : agent_) turns.push_back(utterance.turn);
  std::stable_sort(turns.begin(), turns.end(),
                   [](const CallPageTurn& a, const CallPageTurn& b) { return a.start < b.start; });
  return turns;
}

void CallStory::FillPage(CallPageInput* page) const {
  page->duration = now_;
  page->outcome = outcome_;
  page->turns = Turns();
  page->waterfalls.clear();
  for (const auto& [turn, waterfall] : waterfalls_) page->waterfalls.push_back(waterfall);
  page->tools.clear();
  for (const auto& [run, tool] : tools_) page->tools.push_back(tool);
  page->moments = moments_;
  page->events = events_;
}

std::string CallStory::Transcript() const {
  struct Line {
    Ms at;
    std::string text;
  };
  std::vector<Line> lines;
  for (const CallPageTurn& turn : Turns()) {
    std::string text = turn.party == CallPageParty::kCaller ? "caller  " : "agent   ";
    text += turn.text;
    if (!turn.unheard.empty()) text += " [not heard: " + turn.unheard + "]";
    lines.push_back({turn.start, std::move(text)});
  }
  for (const auto& [run, tool] : tools_) {
    lines.push_back({tool.start, "tool    " + tool.name + " " + tool.arguments +
                                     (tool.ok ? " -> " : " failed: ") + tool.result});
  }
  for (const CallPageMoment& moment : moments_) {
    lines.push_back({moment.at, "        (" + moment.text + ")"});
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.at < b.at; });
  std::string out;
  for (const Line& line : lines) {
    std::string clock = ClockTime(line.at);
    clock.resize(std::max<std::size_t>(clock.size(), 8), ' ');
    out += clock + "  " + EscapeLine(line.text) + "\n";
  }
  return out;
}

}  // namespace dragoman
