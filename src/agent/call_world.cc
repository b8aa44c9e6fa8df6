#include "src/agent/call_world.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dragoman {
namespace {

using Kind = Choice::Kind;

constexpr std::string_view kReply = "Yes. And";  // a sentence, and the beginning of one
constexpr std::int64_t kUtteranceMs = 400;

CallMachineOptions SmallOptions(const Slice& slice) {
  CallMachineOptions options;
  options.greeting = "Hi you.";
  options.goodbye = "Bye.";
  options.fillers = {"Wait a bit."};
  options.reprompts = {"Hello?"};
  options.silent_goodbye = "Bye all.";
  options.apology = "Sorry.";
  options.failure_goodbye = "Bye then.";
  options.too_many_tools = "No.";
  options.interruption = "Stop.";
  options.wrap_up = "Soon over.";
  options.limit_goodbye = "Time.";
  options.loop_goodbye = "Round.";
  options.model_failures = 2;
  options.tool_rounds = 1;
  options.speech_failures = 2;
  options.min_chunk_chars = 1;
  options.max_digits = slice.partials ? 3 : 2;
  if (slice.short_times) {
    options.no_words = std::chrono::milliseconds(500);
    options.final_deadline = std::chrono::milliseconds(300);
  }
  options.loop_repeats = 8;
  options.speculate = slice.ahead;
  if (!slice.greets) options.greeting.clear();
  if (!slice.rounds) options.tool_rounds = 0;
  if (slice.circles) options.loop_repeats = 1;
  if (slice.hurries) {
    options.call_limit = std::chrono::milliseconds(1'800);
    options.wrap_up_before = std::chrono::milliseconds(900);
  }
  if (!slice.reprompts) options.reprompts.clear();
  if (!slice.fillers) options.fillers.clear();
  if (!slice.retries) {
    options.model_retries = 0;
    options.model_failures = 1;
  }
  if (!slice.repeats) options.speech_failures = 1;
  if (!slice.wrap_up && !slice.hurries) options.wrap_up_before = std::chrono::milliseconds(0);
  return options;
}

// Timers that are far away while the others come and go: they may fire at any time, as rare things.
bool IsLong(std::size_t timer) {
  for (CallTimer one : {CallTimer::kCallLimit, CallTimer::kTurnCap, CallTimer::kTool,
                        CallTimer::kGoodbye, CallTimer::kClose}) {
    if (timer == static_cast<std::size_t>(one)) return true;
  }
  return false;
}

// The armed timer that is due first; 0: none.
std::size_t NextTimer(const CallAudit& audit, bool with_limit) {
  std::size_t first = 0;
  for (std::size_t i = 1; i < audit.armed.size(); ++i) {
    if (audit.armed[i] == 0) continue;
    if (!with_limit && i == static_cast<std::size_t>(CallTimer::kCallLimit)) continue;
    if (first == 0 || audit.armed[i] < audit.armed[first]) first = i;
  }
  return first;
}

void Can(std::vector<Choice>* out, Kind kind, std::size_t arg = 0) {
  out->push_back({kind, static_cast<std::uint8_t>(arg)});
}

}  // namespace

const std::vector<Slice>& CallSlices() {
  static const std::vector<Slice> slices = {
      {.name = "turns, interruptions, tools", .murmurs = true, .partly = true, .ahead = true},
      {.name = "losses, utterances closed unasked, a slow voice",
       .rare = Slice::kDeafened | Slice::kLineLost | Slice::kStranger | Slice::kDrained |
               Slice::kClosedByItself | Slice::kSlowVoice,
       .partly = true},
      {.name = "long timers", .rare = Slice::kLongTimers},
      {.name = "keys", .rare = Slice::kKeys, .rares = 2, .ahead = true, .tools = false},
      {.name = "words of the application",
       .rare = Slice::kApplicationSpeaks,
       .murmurs = true,
       .tools = false},
      {.name = "words of the application while the model is asked ahead",
       .rare = Slice::kApplicationSpeaks,
       .murmurs = true,
       .murmur = "okay",
       .says_yes = false,
       .ahead = true,
       .tools = false},
      {.name = "short times", .murmurs = true, .tools = false, .short_times = true},
      {.name = "late transcripts", .tools = false, .greets = false, .late = true},
      {.name = "keys, and a recogniser that tells its last word only",
       .rare = Slice::kKeys,
       .rares = 2,
       .tools = false,
       .greets = false,
       .partials = false},
      {.name = "two rounds of tools", .greets = false, .two_replies = true},
      {.name = "a failing voice", .rare = Slice::kVoiceFails, .tools = false, .repeats = true},
      {.name = "a failing model", .rare = Slice::kModelFails, .ahead = true, .retries = true},
      {.name = "silent callers", .tools = false, .reprompts = true, .wrap_up = true},
      {.name = "fillers", .fillers = true},
      {.name = "a model that begins, no tool rounds", .greets = false, .rounds = false},
      {.name = "a call in a hurry", .rare = Slice::kLongTimers, .tools = false, .hurries = true},
      {.name = "going in circles", .tools = false, .circles = true},
      {.name = "estimates, replaced and timed words",
       .rare = Slice::kEstimates | Slice::kReplaces | Slice::kTimesWords,
       .murmurs = true,
       .partly = true,
       .tools = false},
  };
  return slices;
}

CallExplorer::CallExplorer(const CallTables& tables, const Slice& slice)
    : slice_(slice), core_(SmallOptions(slice), tables), start_(core_.s) {
  Restart();
}

void CallExplorer::Restart() {
  core_.s = start_;
  audit_ = {};
  promises_ = {};
  world_ = {};
  if (slice_.rare != Slice::kNothing) world_.rare = slice_.rares;
}

void CallExplorer::Load(const CallUniverse& universe) {
  core_.s = universe.core;
  audit_ = universe.audit;
  promises_ = universe.promises;
  world_ = universe.world;
}

CallUniverse CallExplorer::Save() const { return {core_.s, audit_, promises_, world_}; }

void CallExplorer::Choices(std::vector<Choice>* out) const {
  out->clear();
  if (audit_.finished) return;
  if (!audit_.line_up && !audit_.closed) {
    Can(out, Kind::kStart, 0);
    Can(out, Kind::kStart, 1);
    Can(out, Kind::kEndCall);
    Can(out, Kind::kClosed, 1);
    if (May(Slice::kApplicationSpeaks)) Can(out, Kind::kSay, 1);
    return;
  }
  const std::size_t next = NextTimer(audit_, true);
  if (next != 0) Can(out, Kind::kTimer, next);
  for (std::size_t i = 1; i < audit_.armed.size() && May(Slice::kLongTimers); ++i) {
    if (audit_.armed[i] != 0 && i != next && IsLong(i)) Can(out, Kind::kTimer, i);
  }
  if (audit_.clearing) {
    Can(out, Kind::kCleared);
    return;
  }
  if (audit_.run != 0) {
    Can(out, Kind::kToolResult, 0);
    Can(out, Kind::kToolResult, 1);
  }
  if (audit_.run == 0 && audit_.last_run > 0 && May(Slice::kStranger)) {
    Can(out, Kind::kLateResult);
  }
  if (audit_.closed) return;
  Can(out, Kind::kClosed, 1);
  if (audit_.hung_up) return;
  Can(out, Kind::kEndCall);
  ListenChoices(out);
  SpeakChoices(out);
  if (May(Slice::kLineLost)) Can(out, Kind::kClosed, 0);
  if (May(Slice::kApplicationSpeaks)) {
    Can(out, Kind::kSay, 0);
    Can(out, Kind::kSay, 1);
  }
  if (May(Slice::kDrained)) Can(out, Kind::kDrain);
  if (May(Slice::kDeafened)) Can(out, Kind::kDeaf);
  if (May(Slice::kStranger)) Can(out, Kind::kStrangeResult);
}

void CallExplorer::ListenChoices(std::vector<Choice>* out) const {
  if (!world_.sound) Can(out, Kind::kSound);
  // Where it is not late, the recogniser answers within the next stretch of speech.
  if (world_.sound && (audit_.flushes == 0 || slice_.late)) Can(out, Kind::kQuiet);
  for (std::size_t words = std::max(world_.said + 1u, slice_.murmurs ? 1u : 2u);
       words < (slice_.says_yes ? 3u : 2u) && !world_.closed_one && slice_.partials; ++words) {
    Can(out, Kind::kPartial, words);
  }
  if (audit_.flushes > 0) {
    Can(out, Kind::kFlushed, 1);
    if (world_.said != 0) Can(out, Kind::kFlushed, 0);
    if (!slice_.partials && !world_.closed_one) Can(out, Kind::kFlushed, 2);
  }
  if (world_.said != 0 && May(Slice::kClosedByItself)) Can(out, Kind::kFinal);
  if (May(Slice::kKeys)) {
    Can(out, Kind::kKey, 0);
    Can(out, Kind::kKey, 1);
  }
  if (world_.estimate != 0 && May(Slice::kEstimates)) {
    Can(out, Kind::kEstimated, 0);
    Can(out, Kind::kEstimated, 1);
  }
}

void CallExplorer::SpeakChoices(std::vector<Choice>* out) const {
  if (audit_.model != 0) {
    // Later replies are empty or fail.
    if (audit_.last_reply <= (slice_.two_replies ? 2 : 1) || world_.texts > 0) {
      if (world_.texts == 0) Can(out, Kind::kModelText);
      if (world_.calls == 0) {
        if (slice_.tools) Can(out, Kind::kModelCall, 0);
        Can(out, Kind::kModelCall, 1);
      }
    }
    Can(out, Kind::kModelDone, 0);
    if (May(Slice::kModelFails)) Can(out, Kind::kModelDone, 1);
  }
  for (const WorldSpeech& one : world_.speeches) {
    if (one.ended) continue;
    const bool begun = one.made_ms > 0;
    if (!begun) Can(out, Kind::kMade);
    if (!begun && May(Slice::kSlowVoice)) Can(out, Kind::kAudio);
    if (begun) Can(out, Kind::kSpeechEnd, 1);
    if (!begun && May(Slice::kReplaces)) Can(out, Kind::kReplaced);
    if (May(Slice::kTimesWords)) Can(out, Kind::kTimed);
    if (begun || May(Slice::kVoiceFails)) Can(out, Kind::kSpeechEnd, 0);
    break;
  }
  if (world_.position_ms < world_.sent_ms) {
    if (slice_.partly) Can(out, Kind::kHeard, 0);
    Can(out, Kind::kHeard, 1);
  }
}

bool CallExplorer::Silence(Choice* out) const {
  if (audit_.finished) return false;
  if (!audit_.line_up && !audit_.closed) {
    *out = {Kind::kStart, 0};
    return true;
  }
  if (audit_.clearing) {
    *out = {Kind::kCleared, 0};
    return true;
  }
  const std::size_t next = NextTimer(audit_, false);
  *out = {Kind::kTimer, static_cast<std::uint8_t>(next)};
  return next != 0;
}

// Nothing, a murmur, a turn. Words that ask for more would only move deadlines.
std::string_view CallExplorer::WordsSaid(std::size_t number) const {
  return number == 2 ? "yes" : number == 1 ? slice_.murmur : "";
}

CallEvent CallExplorer::Make(const Choice& choice) const {
  CallEvent event{audit_.now_us, {}};
  const bool flag = choice.arg != 0;
  auto making = std::find_if(world_.speeches.begin(), world_.speeches.end(),
                             [](const WorldSpeech& one) { return !one.ended; });
  switch (choice.kind) {
    case Kind::kStart:
      event.body = call_event::CallStarted{flag};
      break;
    case Kind::kSound:
      event.body = call_event::SpeechStarted{world_.audio_ms + 1, 60};
      break;
    case Kind::kQuiet:
      event.body = call_event::SpeechStopped{world_.audio_ms + 1, 140};
      break;
    case Kind::kPartial:
      event.body = call_event::Partial{std::string(WordsSaid(choice.arg))};
      break;
    case Kind::kFinal:
    case Kind::kFlushed: {
      const bool flushed = choice.kind == Kind::kFlushed;
      const std::size_t said = flushed ? (choice.arg == 1 ? world_.said : choice.arg) : world_.said;
      const std::string_view text = WordsSaid(said);
      event.body =
          call_event::Final{std::string(text), 900, flushed, world_.audio_ms, world_.audio_ms + 1};
      break;
    }
    case Kind::kKey:
      event.body = call_event::Dtmf{flag ? '#' : '1'};
      break;
    case Kind::kModelText:
      event.body = call_event::ModelText{audit_.model, std::string(kReply)};
      break;
    case Kind::kModelCall:
      event.body = call_event::ModelToolCall{audit_.model, {"c", flag ? "end_call" : "book", "{}"}};
      break;
    case Kind::kModelDone:
      event.body = call_event::ModelDone{
          .reply = audit_.model,
          .finish = flag ? call_event::ModelFinish::kFailed : call_event::ModelFinish::kComplete,
          .expectation_digest = 7};
      break;
    case Kind::kToolResult:
      event.body = call_event::ToolResult{audit_.run, flag, "r"};
      break;
    case Kind::kLateResult:
      event.body = call_event::ToolResult{audit_.last_run, true, "late"};
      break;
    case Kind::kEstimated:
      event.body = call_event::TurnEstimated{world_.estimate, flag ? 1000 : 0};
      break;
    case Kind::kReplaced:
      event.body = call_event::SpeechReplaced{making->id, "Else."};
      break;
    case Kind::kTimed: {
      // Its first word takes nearly all of the time.
      const auto speech = std::find_if(audit_.speeches.begin(), audit_.speeches.end(),
                                       [&](const auto& one) { return one.id == making->id; });
      const std::string& text = speech->text;
      const auto end = static_cast<std::int64_t>(std::min(text.find(' '), text.size()));
      event.body = call_event::SpeechWords{making->id, {{0, end, 0, kUtteranceMs - 50}}};
      break;
    }
    case Kind::kStrangeResult:
      event.body = call_event::ToolResult{audit_.last_run + 100, true, "r"};
      break;
    case Kind::kMade:
    case Kind::kAudio:
      event.body = call_event::SpeechAudio{making->id, world_.sent_ms, kUtteranceMs};
      break;
    case Kind::kSpeechEnd:
      event.body = call_event::SpeechEnd{making->id, making->made_ms, flag};
      break;
    case Kind::kHeard:
      event.body = call_event::Playout{
          flag ? world_.sent_ms : (world_.position_ms + world_.sent_ms + 1) / 2, true};
      break;
    case Kind::kCleared:
      event.body = call_event::PlayoutCleared{world_.sent_ms, true};
      break;
    case Kind::kTimer:
      // At its time, or later where another one came first.
      event.at_us = std::max(event.at_us, audit_.armed[choice.arg] - 1);
      event.body = call_event::TimerFired{static_cast<CallTimer>(choice.arg)};
      break;
    case Kind::kSay:
      event.body = call_event::Say{"News of the day.", flag};
      break;
    case Kind::kEndCall:
      // Nobody has picked up for a while.
      if (!audit_.line_up) event.at_us = 20'000'000;
      event.body = call_event::EndCall{CallEnd::kAgentHungUp, "", ""};
      break;
    case Kind::kDrain:
      event.body = call_event::Drain{};
      break;
    case Kind::kDeaf:
      event.body = call_event::RecognizerFailed{};
      break;
    case Kind::kClosed:
      event.body = call_event::MediaClosed{flag, ""};
      break;
  }
  return event;
}

// How the event changes the world itself.
void CallExplorer::Foresee(const Choice& choice, const CallEvent& event) {
  switch (choice.kind) {
    case Kind::kSound:
    case Kind::kQuiet:
      world_.sound = choice.kind == Kind::kSound;
      ++world_.audio_ms;
      break;
    case Kind::kPartial:
      world_.said = choice.arg;
      break;
    case Kind::kFinal:
      --world_.rare;
      [[fallthrough]];
    case Kind::kFlushed:
      world_.closed_one = world_.closed_one || world_.said != 0 || choice.arg == 2;
      world_.said = 0;
      ++world_.audio_ms;
      break;
    case Kind::kModelText:
      ++world_.texts;
      break;
    case Kind::kModelCall:
      ++world_.calls;
      break;
    case Kind::kMade:
    case Kind::kAudio:
    case Kind::kSpeechEnd: {
      auto making = std::find_if(world_.speeches.begin(), world_.speeches.end(),
                                 [](const WorldSpeech& one) { return !one.ended; });
      const bool ends = choice.kind == Kind::kSpeechEnd;
      if (choice.kind == Kind::kAudio || (ends && making->made_ms == 0)) --world_.rare;
      making->ended = ends;
      if (ends) break;
      making->start_ms = world_.sent_ms;
      making->made_ms += kUtteranceMs;
      world_.sent_ms += kUtteranceMs;
      break;
    }
    case Kind::kHeard:
      world_.position_ms = std::get<call_event::Playout>(event.body).position_ms;
      break;
    case Kind::kCleared:
      world_.position_ms = world_.sent_ms;
      break;
    case Kind::kTimer:
      if (IsLong(choice.arg) && choice.arg != NextTimer(audit_, true)) --world_.rare;
      break;
    case Kind::kModelDone:
      if (choice.arg == 1) --world_.rare;
      break;
    case Kind::kClosed:
      if (choice.arg == 0) --world_.rare;
      break;
    case Kind::kKey:
    case Kind::kSay:
    case Kind::kDrain:
    case Kind::kDeaf:
    case Kind::kStrangeResult:
    case Kind::kLateResult:
    case Kind::kEstimated:
    case Kind::kReplaced:
    case Kind::kTimed:
      --world_.rare;
      break;
    default:
      break;
  }
}

// How a command changes it.
void CallExplorer::Carry(const CallCommand& command) {
  auto forget = [this](UtteranceId id) {
    std::erase_if(world_.speeches, [id](const WorldSpeech& one) { return one.id == id; });
  };
  if (std::holds_alternative<call_command::AskModel>(command)) {
    world_.texts = world_.calls = 0;
  } else if (const auto* speak = std::get_if<call_command::Speak>(&command)) {
    world_.speeches.push_back({.id = speak->utterance});
  } else if (const auto* cancel = std::get_if<call_command::CancelSpeech>(&command)) {
    forget(cancel->utterance);
  } else if (const auto* estimate = std::get_if<call_command::EstimateTurn>(&command)) {
    world_.estimate = estimate->request;
  } else if (std::holds_alternative<call_command::ClearPlayout>(command)) {
    world_.position_ms = world_.sent_ms = (world_.position_ms + world_.sent_ms) / 2;
  } else if (const auto* settled = std::get_if<call_command::Settled>(&command)) {
    forget(settled->utterance);
  } else if (const auto* notice = std::get_if<call_command::Notice>(&command)) {
    if (notice->kind == call_command::NoticeKind::kTurnEnded ||
        notice->kind == call_command::NoticeKind::kTurnWithdrawn) {
      world_.closed_one = false;
    }
  }
}

std::string CallExplorer::Happen(const Choice& choice) {
  commands_.clear();
  std::string wrong = StepOnce(choice);
  // The voice is quick: audio and end are seen apart only when that is the rare thing.
  const bool making = std::any_of(world_.speeches.begin(), world_.speeches.end(),
                                  [](const WorldSpeech& one) { return !one.ended; });
  if (wrong.empty() && choice.kind == Kind::kMade && making) {
    wrong = StepOnce({Kind::kSpeechEnd, 1});
  }
  return wrong;
}

std::string CallExplorer::StepOnce(const Choice& choice) {
  const CallEvent event = Make(choice);
  Foresee(choice, event);
  promises_.OnEvent(event, audit_, core_.options());
  std::string wrong = audit_.OnEvent(event);
  const std::size_t first = commands_.size();
  core_.Step(event, &commands_);
  // Loops are told by what was said before: left to the tests, so that the past can be forgotten.
  core_.s.caller_said.fill(0);
  core_.s.agent_said.fill(0);
  for (std::size_t i = first; i < commands_.size(); ++i) {
    const CallCommand& command = commands_[i];
    if (wrong.empty()) wrong = audit_.OnCommand(command);
    if (wrong.empty()) wrong = promises_.OnCommand(command, audit_, core_.options());
    Carry(command);
  }
  if (wrong.empty()) wrong = audit_.AfterStep(core_.s);
  if (wrong.empty()) wrong = promises_.AfterStep(core_.s, audit_, core_.options());
  return wrong;
}

std::string CallExplorer::Describe(const Choice& choice) const { return ToString(Make(choice)); }

}  // namespace dragoman
