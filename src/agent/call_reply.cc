// The model's reply: asked for, gathered, cut into sentences, repeated when it fails.
#include <algorithm>
#include <utility>

#include "src/agent/call_core.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;
using call_event::ModelFinish;

constexpr std::int64_t kMaxReplyBytes = 64 * 1024;
constexpr std::size_t kMaxCalls = 16;
constexpr std::int64_t kDeadlineExceeded = 4;  // absl::StatusCode

}  // namespace

bool CallCore::ReplyHolds(Guard guard) const {
  const bool moving = playout() == PlayoutState::kClearing || playout() == PlayoutState::kStopped;
  switch (guard) {
    case Guard::kLineUp:
      return line() == LineState::kUp;
    case Guard::kYields:
      return line() == LineState::kUp && !s.insist;
    case Guard::kCanAsk:
      return line() == LineState::kUp && tool() == ToolState::kIdle && !moving;
    case Guard::kSameWords:
      return line() == LineState::kUp && !moving && WordsOf(s.held_turn) == s.asked_text;
    case Guard::kDifferentWords:
      return WordsOf(s.text) != s.asked_text;
    case Guard::kDoneWell: {
      const auto& done = std::get<call_event::ModelDone>(event_->body);
      return done.finish != ModelFinish::kFailed && (s.had_text || !s.calls.empty());
    }
    case Guard::kMayRetry:
      return FailedReply() && s.attempts < options_.model_retries;
    case Guard::kFailedFatally:
      return FailedReply() && s.failures + 1 >= options_.model_failures;
    case Guard::kFailed:
      return FailedReply();
    case Guard::kWantsEnd:
      return OnlyEndsCall();
    case Guard::kWantsTools:
      return s.finish != ModelFinish::kFailed && !s.calls.empty() &&
             s.rounds < options_.tool_rounds;
    case Guard::kWantsToolsAgain:
      return s.finish != ModelFinish::kFailed && !s.calls.empty();
    case Guard::kNextCallReady:
      return s.next_call < s.calls.size() && tool() == ToolState::kIdle && !moving && !FloorHeld();
    case Guard::kCallsDone:
      return s.next_call >= s.calls.size() && tool() == ToolState::kIdle && !moving && !FloorHeld();
    case Guard::kOwesAnswer:
      return OwesAnswer() && line() == LineState::kUp;
    case Guard::kTurnReady:
      return line() == LineState::kUp && tool() == ToolState::kIdle && !moving && !FloorHeld();
    default:
      return false;
  }
}

void CallCore::DoReply(Action action) {
  switch (action) {
    case Action::kAsk:
      return Ask(false);
    case Action::kAskAhead:
      return Ask(true);
    case Action::kTakeText:
      return TakeModelText();
    case Action::kCutChunks:
      return CutChunks(false);
    case Action::kTakeCall:
      return TakeModelCall();
    case Action::kNoteDone:
      return NoteDone();
    case Action::kNoteStalled:
      s.finish = ModelFinish::kFailed;
      s.error_code = kDeadlineExceeded;
      s.expectation = 0;
      s.expected_silence_ms = 0;
      s.reply_done = true;
      Raise(Trigger::kReplyDone);
      return;
    case Action::kCommit:
      s.asked_text.clear();
      DropWords();  // of a reply that was stopped before, and was to go on
      Give(call_command::CommitReply{s.reply});
      Tell(NoticeKind::kSpeculationKept, s.reply);
      TellAt(NoticeKind::kMarkModelAsked, s.now_us, s.turn);
      if (s.had_text && std::exchange(s.mark_text, false)) Tell(NoticeKind::kMarkFirstText, s.turn);
      if (s.reply_done) Raise(Trigger::kReplyDone);
      return;
    case Action::kCancelModel:
      if (std::exchange(s.stream_open, false)) Give(call_command::CancelModel{s.reply});
      return;
    case Action::kDropAhead:
      Tell(NoticeKind::kSpeculationDropped, s.reply);
      s.asked_text.clear();
      return DropReply();
    case Action::kDropReply:
      return DropReply();
    case Action::kTakeTurn:
      return TakeTurn();
    case Action::kKeepTurn:
      return AppendUser(std::exchange(s.held_turn, {}));
    case Action::kFinishText:
      return FinishText();
    case Action::kRecordCalls:
      return RecordCalls();
    case Action::kRunNextCall:
      if (!HasCall()) return;
      if (s.calls[s.next_call].name == options_.end_call_tool) {
        return AnswerCall(false, "the call was not ended: look at the other results first");
      }
      return Raise(Trigger::kRunTool);
    case Action::kAbandonCalls:
      return AbandonCalls();
    case Action::kAskAgain:
      ++s.rounds;
      s.attempts = 0;
      return;
    case Action::kAnswerEndCall:
      if (!HasCall()) return;
      s.goodbye = JsonStringMember(s.calls.front().arguments, "goodbye");
      AnswerCall(true, "the call ends now");
      Raise(Trigger::kEnd);
      return;
    case Action::kSayTooMany:
      return Queue(UtteranceKind::kPrompt, options_.too_many_tools, true);
    case Action::kRetry:
      ++s.attempts;
      Tell(NoticeKind::kModelFailed, s.error_code, "asked again");
      return;
    case Action::kApologise:
      ++s.failures;
      Tell(NoticeKind::kModelFailed, s.error_code, "apologised");
      s.calls.clear();
      return Queue(UtteranceKind::kPrompt, options_.apology, true);
    case Action::kGiveUp:
      Tell(NoticeKind::kModelFailed, s.error_code, "gave up");
      DropReply();
      return Raise(Trigger::kFatal);
    default:
      return;
  }
}

void CallCore::Ask(bool ahead) {
  DetachReply();
  FlushVoices();
  s.reply = ++s.last_reply;
  if (!ahead) s.owes_answer = true;
  s.stream_open = true;
  s.had_text = false;
  s.reply_done = false;
  s.error_code = 0;
  s.reply_bytes = 0;
  s.calls.clear();
  s.next_call = 0;
  s.recorded = false;
  s.abandon = false;
  s.model_us = s.now_us;
  call_command::AskModel ask{.reply = s.reply, .speculative = ahead};
  if (ahead) {
    s.asked_text = WordsOf(s.text);
    ask.provisional_text = s.text;
  }
  ask.context_version = s.context_version;
  ask.context_digest = s.context_digest;
  Give(std::move(ask));
  if (!ahead) TellAt(NoticeKind::kMarkModelAsked, s.now_us, s.turn);
}

void CallCore::TakeModelText() {
  const std::string& text = std::get<call_event::ModelText>(event_->body).text;
  s.model_us = s.now_us;
  const std::int64_t room = kMaxReplyBytes - s.reply_bytes;
  const std::string_view taken =
      Prefix(text, static_cast<std::size_t>(std::max<std::int64_t>(room, 0)));
  if (taken.size() < text.size()) Tell(NoticeKind::kIgnored, s.reply, "the reply is too long");
  s.reply_bytes += static_cast<std::int64_t>(taken.size());
  s.tail += taken;
  s.had_text = s.had_text || HasWords(taken);
  if (s.had_text && reply() == ReplyState::kThinking && std::exchange(s.mark_text, false)) {
    Tell(NoticeKind::kMarkFirstText, s.turn);
  }
}

void CallCore::TakeModelCall() {
  s.model_us = s.now_us;
  if (s.calls.size() >= kMaxCalls) {
    Tell(NoticeKind::kIgnored, s.reply, "the reply has too many tool calls");
    return;
  }
  s.calls.push_back(std::get<call_event::ModelToolCall>(event_->body).call);
}

void CallCore::NoteDone() {
  const auto& done = std::get<call_event::ModelDone>(event_->body);
  s.stream_open = false;
  s.reply_done = true;
  s.finish = done.finish;
  s.error_code = done.finish == ModelFinish::kFailed ? done.error_code : 0;
  s.expectation = done.expectation_digest;
  s.expected_silence_ms = std::clamp<std::int64_t>(done.end_silence_ms, 0, 60'000);
  if (reply() == ReplyState::kThinking) Raise(Trigger::kReplyDone);
}

// Whole sentences go to the voice; with `all`, the rest too.
void CallCore::CutChunks(bool all) {
  const ChunkRule rule{static_cast<std::size_t>(options_.min_chunk_chars),
                       static_cast<std::size_t>(options_.max_chunk_chars)};
  while (const std::size_t size = s.tail.empty() ? 0 : NextChunk(s.tail, all, rule)) {
    std::string chunk = s.tail.substr(0, size);
    s.tail.erase(0, size);
    if (!HasWords(chunk)) continue;
    if (s.voice == 0) {
      s.voice = NewVoice(UtteranceKind::kReply, s.reply);
      s.voices.back().open = true;
    }
    const std::size_t first = chunk.find_first_not_of(" \t\r\n");
    const std::size_t last = chunk.find_last_not_of(" \t\r\n");
    chunk = chunk.substr(first, last - first + 1);
    Voice* voice = FindVoice(s.voice);
    if (!voice) {
      s.broken = true;
      return;
    }
    voice->planned = JoinText(voice->planned, chunk);
    s.queue.push_back({.voice = s.voice,
                       .kind = UtteranceKind::kReply,
                       .text = std::move(chunk),
                       .interruptible = !s.insist});
  }
}

// What was cut into chunks is on its way; nothing more comes.
void CallCore::DetachReply() {
  if (Voice* voice = FindVoice(s.voice)) voice->open = false;
  s.voice = 0;
  s.tail.clear();
  CloseVoices();
}

// Nothing more of any reply is said. What is being said already is the playout's business; what it
// cuts of that is not said again.
void CallCore::DropReply() {
  s.first_reply = s.last_reply + 1;
  DropWords();
  DetachReply();
}

void CallCore::DropWords() {
  std::erase_if(s.queue, [](const Chunk& chunk) {
    return chunk.interruptible &&
           (chunk.kind == UtteranceKind::kReply || chunk.kind == UtteranceKind::kFiller);
  });
}

void CallCore::FinishText() {
  s.attempts = 0;
  if (s.finish == ModelFinish::kFailed) {
    ++s.failures;
    Tell(NoticeKind::kModelFailed, s.error_code, "cut short");
    s.tail.clear();  // an unfinished sentence
    s.calls.clear();
  } else {
    s.failures = 0;
    CutChunks(true);
    if (s.expectation != 0) Give(call_command::UseExpectation{s.reply, s.expectation});
    s.end_silence_ms = s.expected_silence_ms;
  }
  if (Voice* voice = FindVoice(s.voice)) {
    voice->open = false;
    if (Repeats(voice->planned, false)) Raise(Trigger::kLoop);
  }
}

void CallCore::TakeTurn() {
  s.rounds = 0;
  s.attempts = 0;
  s.insist = std::exchange(s.held_capped, false);
  s.owes_answer = true;
  s.first_reply = s.asked_text.empty() ? s.last_reply + 1 : s.reply;
  // What was to be said before is no answer to it.
  for (Chunk& one : s.queue) one.answers = false;
  for (Utterance& one : s.open) one.answers = false;
  std::string text = std::exchange(s.held_turn, {});
  const bool loop = Repeats(text, true);
  AppendUser(std::move(text));
  if (s.insist) Queue(UtteranceKind::kPrompt, options_.interruption, false);
  if (loop) Raise(Trigger::kLoop);
}

// A turn was taken, and nothing was said or waits to be said to it.
bool CallCore::OwesAnswer() const {
  return s.owes_answer &&
         std::none_of(s.queue.begin(), s.queue.end(), [](const Chunk& one) { return one.answers; });
}

// Failed or empty, and nothing of it is on its way to the caller.
bool CallCore::FailedReply() const {
  if (s.voice != 0) return false;
  if (s.finish == ModelFinish::kFailed) return true;
  return !s.had_text && s.calls.empty();
}

bool CallCore::OnlyEndsCall() const {
  return s.finish != ModelFinish::kFailed && s.calls.size() == 1 &&
         s.calls.front().name == options_.end_call_tool;
}

}  // namespace dragoman
