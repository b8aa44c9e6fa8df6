#include "src/agent/call_promises.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/speech/turn_detector.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;

constexpr std::int64_t kStaleUs = 2'000'000;  // a transcript that comes later is a new one
constexpr std::size_t kWrapUp = 0;            // among unspoken words; kinds begin at 1
constexpr std::string_view kModelEnds = "the model ended the call";

std::int64_t Words(std::string_view text) { return CountWords(WordsOf(text)); }

}  // namespace

std::string CallPromises::Said() const {
  const std::string text = JoinText(segments_, partial_);
  return digits_.empty() ? text : JoinText(text, "dtmf: " + digits_);
}

void CallPromises::OnEvent(const CallEvent& event, const CallAudit& audit,
                           const CallMachineOptions& options) {
  step_ = {};
  step_.event = 1u << event.body.index();
  step_.now_us = std::max(audit.now_us, event.at_us);
  step_.stopped = stopped_;
  step_.silence = audit.silence;
  if (!audit.clearing && !audit.speeches.empty() && audit.speeches.front().interruptible) {
    step_.over = audit.speeches.front().id;
  }
  if (const auto* fired = std::get_if<call_event::TimerFired>(&event.body)) {
    const std::int64_t armed = audit.armed[static_cast<std::size_t>(fired->timer)];
    if (armed != 0 && step_.now_us >= armed - 1) step_.fired = fired->timer;
    if (step_.fired == CallTimer::kTurnCap) capped_ = true;
    if (step_.fired == CallTimer::kSpeculate) tried_ = Said();
    if (step_.fired == CallTimer::kFinal) {
      stale_ = audit.flushes;
      stale_until_us_ = step_.now_us + kStaleUs;
    }
    if (step_.fired == CallTimer::kTool) overdue_.push_back(audit.run);
  } else if (const auto* result = std::get_if<call_event::ToolResult>(&event.body)) {
    step_.result = audit.run != 0 && result->run == audit.run;
    step_.late_result = std::erase(overdue_, result->run) > 0;
    step_.stray = !step_.result && !step_.late_result;
  } else if (const auto* end = std::get_if<call_event::SpeechEnd>(&event.body)) {
    voice_failures_ = end->ok ? 0 : voice_failures_ + 1;
  } else if (const auto* estimate = std::get_if<call_event::TurnEstimated>(&event.body)) {
    step_.finished_words = estimate->request == asked_estimate_ && !unsure_ &&
                           estimate->complete_per_mille == 1000 && HasWords(Said()) &&
                           Said() == asked_words_;
  } else if (const auto* times = std::get_if<call_event::SpeechWords>(&event.body)) {
    timed_ = times->utterance;
    first_word_ms_ = times->words.front().end_ms;
  } else if (const auto* started = std::get_if<call_event::CallStarted>(&event.body)) {
    step_.outbound = started->outbound;
    asks_ = true;
    limit_us_ = step_.now_us + std::chrono::microseconds(options.call_limit).count();
  } else if (std::holds_alternative<call_event::Drain>(event.body)) {
    limit_us_ =
        std::min(limit_us_, step_.now_us + std::chrono::microseconds(options.drain_limit).count());
  } else if (std::holds_alternative<call_event::Say>(event.body)) {
    if (!ending_) {
      Unspoken(UtteranceKind::kApplication) += Words(std::get<call_event::Say>(event.body).text);
    }
  }
  if (const auto* end = std::get_if<call_event::EndCall>(&event.body); end && !ending_) {
    end_ = end->end;
  } else if (std::holds_alternative<call_event::RecognizerFailed>(event.body) && !ending_) {
    end_ = CallEnd::kFailed;
  } else if (const auto* closed = std::get_if<call_event::MediaClosed>(&event.body)) {
    if (!end_ && audit.hung_up) end_ = CallEnd::kFailed;  // for want of a voice
    if (!end_) end_ = closed->ok ? CallEnd::kCallerHungUp : CallEnd::kMediaLost;
  } else if (const auto* playout = std::get_if<call_event::Playout>(&event.body)) {
    if (!audit.clearing && !audit.speeches.empty()) {
      const CallAudit::Speech& front = audit.speeches.front();
      if (front.ended && front.end_ms >= 0 && playout->position_ms >= front.end_ms) {
        step_.heard = front.id;
      }
    }
  }
  TakeModel(event, audit);
  if (!audit.hung_up && !audit.closed) TakeWords(event, audit, options);
}

void CallPromises::TakeModel(const CallEvent& event, const CallAudit& audit) {
  if (audit.model == 0) return;
  if (const auto* text = std::get_if<call_event::ModelText>(&event.body)) {
    if (text->reply != audit.model) return;
    content_ = content_ || HasWords(text->text);
    reply_ += text->text;
    Unspoken(UtteranceKind::kReply) += Words(text->text);
  } else if (const auto* call = std::get_if<call_event::ModelToolCall>(&event.body)) {
    if (call->reply != audit.model) return;
    content_ = true;
    ++calls_;
  } else if (const auto* done = std::get_if<call_event::ModelDone>(&event.body)) {
    if (done->reply != audit.model) return;
    step_.model_failed = done->finish == call_event::ModelFinish::kFailed || !content_;
    step_.model_done = !audit.speculative;
    if (!step_.model_failed) retries_ = failures_ = 0;
    step_.expects = done->expectation_digest != 0;
    done_ahead_ = step_.done_ahead = audit.speculative && !step_.model_failed;
  }
}

// The transcript of the caller's turn, as any reader of the events would keep it.
void CallPromises::TakeWords(const CallEvent& event, const CallAudit& audit,
                             const CallMachineOptions& options) {
  const std::string before = Said();
  const bool stale = stale_ > 0 && step_.now_us < stale_until_us_;
  if (std::holds_alternative<call_event::SpeechStarted>(event.body)) {
    sound_ = true;
    flushed_ = false;
  } else if (std::holds_alternative<call_event::SpeechStopped>(event.body)) {
    sound_ = false;
  } else if (const auto* partial = std::get_if<call_event::Partial>(&event.body)) {
    if (stale) {
      MayBeTaken(partial->text);
    } else {
      flushed_ = flushed_ && partial->text == partial_;
      step_.heard_words = HasWords(partial->text);
      partial_ = partial->text;
    }
  } else if (const auto* final = std::get_if<call_event::Final>(&event.body)) {
    if (stale) {
      MayBeTaken(final->text);
    } else {
      partial_.clear();
      step_.heard_words = HasWords(final->text);
      if (step_.heard_words) segments_ = JoinText(segments_, final->text);
    }
    step_.late_words = stale && final->from_flush && !turn_open_;
    step_.transcribed = !stale && final->from_flush && audit.flushes == 1 &&
                        audit.silence == SilenceKind::kWaitingForTranscript;
    if (final->from_flush && stale_ > 0) --stale_;
  } else if (const auto* key = std::get_if<call_event::Dtmf>(&event.body)) {
    const bool ends = key->digit == '#' && !digits_.empty();
    step_.hash = ends && audit.silence == SilenceKind::kCollectingDigits;
    if (!ends && static_cast<int>(digits_.size()) < options.max_digits) digits_ += key->digit;
    step_.all_digits = static_cast<int>(digits_.size()) == options.max_digits &&
                       audit.silence == SilenceKind::kCollectingDigits;
    step_.meant = true;
  }
  if (Said() != before) asked_words_.clear();
  step_.new_words = Said() != before && HasWords(Said());
  if (!step_.new_words) return;
  step_.meant = step_.meant || !IsBackchannel(Said());
  if (!step_.meant) return;
  if (began_ && !ending_ && !insists_) {
    dropped_ = audit.speculative ? audit.last_reply - 1 : audit.last_reply;
  }
  // They may stop the reply that is being prepared, and are a turn to be answered themselves.
  Unspoken(UtteranceKind::kReply) = Unspoken(UtteranceKind::kFiller) = 0;
}

// The words of a late transcript.
void CallPromises::MayBeTaken(std::string_view text) {
  if (!HasWords(text)) return;
  unsure_ = doubted_ = true;
  Unspoken(UtteranceKind::kReply) = Unspoken(UtteranceKind::kFiller) = 0;
}

std::string CallPromises::OnCommand(const CallCommand& command, const CallAudit& audit,
                                    const CallMachineOptions& options) {
  step_.gave |= 1u << command.index();
  if (const auto* notice = std::get_if<call_command::Notice>(&command)) {
    return OnNotice(*notice, audit, options);
  }
  if (const auto* speak = std::get_if<call_command::Speak>(&command))
    return OnSpeak(*speak, options);
  if (const auto* entry = std::get_if<call_command::AppendHistory>(&command)) {
    return OnHistory(*entry, options);
  }
  if (const auto* change = std::get_if<call_command::AmendHistory>(&command)) {
    if (change->entry == user_entry_) {
      const std::int64_t words = Words(change->text);
      owed_words_ -= words - user_words_;
      user_words_ = words;
    }
  } else if (const auto* set = std::get_if<call_command::SetTimer>(&command)) {
    const bool long_enough = step_.fired == CallTimer::kEndOfTurn ||
                             step_.fired == CallTimer::kNoWords ||
                             step_.fired == CallTimer::kTurnCap || step_.fired == CallTimer::kFinal;
    if (set->timer == CallTimer::kFinal && !long_enough) return "the turn is closed too early";
  } else if (const auto* stop = std::get_if<call_command::StopTimer>(&command)) {
    const bool over = Told(NoticeKind::kTurnEnded) || Told(NoticeKind::kTurnWithdrawn) ||
                      (step_.event & EventBit<call_event::SpeechStarted>()) != 0 || audit.hung_up ||
                      audit.closed;
    if (stop->timer == CallTimer::kFinal && !over) return "the transcript is given up";
  } else if (const auto* settled = std::get_if<call_command::Settled>(&command)) {
    return OnSettled(*settled);
  } else if (const auto* ask = std::get_if<call_command::AskModel>(&command)) {
    if (ahead_open_) return "a speculation was neither kept nor dropped";
    if (!ask->speculative && !std::exchange(asks_, false)) return "the model is asked for nothing";
    doubted_ = false;
    calls_ = 0;
    content_ = done_ahead_ = false;
    began_ = true;
    unanswered_ = unanswered_ || !ask->speculative;
    ahead_open_ = ask->speculative;
    ahead_ = ask->speculative ? WordsOf(ask->provisional_text) : "";
    before_ = std::exchange(reply_, {});
    Unspoken(UtteranceKind::kReply) = 0;
    if (ending_) return "ask_model after the goodbye has begun";
    if (!ask->speculative && owed_words_ != 0) return "ask_model without a turn that was taken";
  } else if (std::holds_alternative<call_command::CommitReply>(command)) {
    if (owed_words_ != 0) return "commit_reply without the turn that was taken";
    step_.model_done = std::exchange(done_ahead_, false);
    ahead_open_ = asks_ = false;
  } else if (std::holds_alternative<call_command::CancelModel>(command)) {
    asks_ = asks_ || !audit.speculative;  // what was asked has no answer
  } else if (std::holds_alternative<call_command::CancelSpeech>(command)) {
    if (step_.fired == CallTimer::kSpeech && !std::exchange(step_.voice_failed, true)) {
      ++voice_failures_;
    }
  } else if (std::holds_alternative<call_command::RunTool>(command)) {
    if (ending_) return "run_tool after the goodbye has begun";
    if (rounds_ > options.tool_rounds) return "more rounds of tools than are allowed";
  } else if (const auto* estimate = std::get_if<call_command::EstimateTurn>(&command)) {
    asked_estimate_ = estimate->request;
    asked_words_ = estimate->text;
  } else if (std::holds_alternative<call_command::FlushRecognizer>(command)) {
    flushed_ = true;
  } else if (std::holds_alternative<call_command::HangUp>(command)) {
    const bool may = step_.fired == CallTimer::kGoodbye ||
                     voice_failures_ >= options.speech_failures || !audit.line_up;
    const std::int64_t left = Unspoken(UtteranceKind::kGoodbye) + Unspoken(UtteranceKind::kReply);
    if (!may && left > 0) return StrCat("hang_up before ", left, " words of the goodbye were said");
    if (!may && !audit.speeches.empty()) return "hang_up over what is being said";
  } else if (std::holds_alternative<call_command::Finish>(command)) {
    return Finished(std::get<call_command::Finish>(command), audit);
  }
  return {};
}

std::string CallPromises::OnNotice(const call_command::Notice& notice, const CallAudit& audit,
                                   const CallMachineOptions& options) {
  step_.told |= 1u << static_cast<int>(notice.kind);
  switch (notice.kind) {
    case NoticeKind::kTurnBegan:
      if (turn_open_) return "a turn begins within a turn";
      turn_open_ = true;
      return {};
    case NoticeKind::kTurnEnded:
    case NoticeKind::kTurnWithdrawn: {
      const std::string said = Said();
      const bool unsure = unsure_;
      asked_words_.clear();
      tried_.clear();
      segments_.clear();
      partial_.clear();
      digits_.clear();
      unsure_ = false;
      if (!turn_open_) return "a turn ends that did not begin";
      turn_open_ = false;
      if (notice.kind == NoticeKind::kTurnWithdrawn) {
        capped_ = false;
        asks_ = asks_ || unanswered_;
        const bool may = notice.text == "echo" || notice.text == "backchannel";
        if (!may && !unsure && HasWords(said)) return StrCat("\"", said, "\" is withdrawn");
        return {};
      }
      step_.ahead_fits = !unsure && !ending_ && WordsOf(notice.text) == ahead_ &&
                         (done_ahead_ || (audit.speculative && audit.model != 0)) &&
                         !audit.clearing;
      prompts_ = rounds_ = 0;
      asks_ = true;
      insists_ = insists_ || capped_;
      const bool insisted = std::exchange(capped_, false) && began_ && !ending_;
      owed_words_ += Words(notice.text);
      unanswered_ = !ending_;
      dropped_ = audit.speculative ? audit.last_reply - 1 : audit.last_reply;
      if (!audit.speculative) Unspoken(UtteranceKind::kReply) = 0;
      // The turn cuts what waits, but for what the caller must know.
      Unspoken(UtteranceKind::kGreeting) = Unspoken(UtteranceKind::kPrompt) = 0;
      greeted_ = greeted_ || began_;
      greets_ = std::any_of(
          audit.speeches.begin(), audit.speeches.end(),
          [](const CallAudit::Speech& one) { return one.kind == UtteranceKind::kGreeting; });
      if (insisted) Unspoken(UtteranceKind::kPrompt) = Words(options.interruption);
      if (!unsure && notice.text != said) {
        return StrCat("the turn \"", notice.text, "\" is not what was said: \"", said, "\"");
      }
      return {};
    }
    case NoticeKind::kStopped:
      stopped_ = true;
      return {};
    case NoticeKind::kBargeIn:
      cut_ = true;
      stopped_ = false;
      dropped_ = audit.last_reply;
      for (std::size_t kind = 0; kind < unspoken_.size(); ++kind) {
        if (kind != kWrapUp && kind != static_cast<std::size_t>(UtteranceKind::kApplication)) {
          unspoken_[kind] = 0;
        }
      }
      return {};
    case NoticeKind::kSpeculationDropped:
      if (!ahead_open_) return "a speculation is dropped that was not asked for";
      if (step_.done_ahead) return "the reply that was asked ahead is thrown away";
      done_ahead_ = ahead_open_ = false;
      Unspoken(UtteranceKind::kReply) = 0;
      return {};
    case NoticeKind::kModelFailed:
      Unspoken(UtteranceKind::kReply) = 0;
      if (notice.text == "asked again") {
        ++retries_;
        asks_ = true;
        return {};
      }
      if (notice.text != "cut short" && std::exchange(retries_, 0) < options.model_retries) {
        return "the model is not asked again";
      }
      if (++failures_ >= options.model_failures && notice.text == "apologised") {
        return "the call goes on with a model that fails";
      }
      if (notice.text == "apologised") Unspoken(UtteranceKind::kPrompt) += Words(options.apology);
      return {};
    case NoticeKind::kSpeechFailed:
      unspoken_ = {};
      return {};
    case NoticeKind::kIgnored:
      Unspoken(UtteranceKind::kApplication) = 0;
      return {};
    case NoticeKind::kFalseInterruption:
      stopped_ = false;
      return cut_ || (ending_ && !by_model_) ? "the agent goes on though it was cut" : "";
    case NoticeKind::kReprompt:
      ++prompts_;
      Unspoken(UtteranceKind::kPrompt) +=
          Words(options.reprompts[static_cast<std::size_t>(notice.value - 1)]);
      return {};
    case NoticeKind::kWrapUp:
      unspoken_[kWrapUp] = Words(options.wrap_up);
      return {};
    case NoticeKind::kEnding: {
      ending_ = true;
      stopped_ = false;
      by_model_ = notice.text == kModelEnds;
      unanswered_ = false;
      if (step_.fired == CallTimer::kCallLimit) {
        end_ = CallEnd::kTimeLimit;
        if (step_.now_us < limit_us_) return "the call ends before its time";
      }
      if (step_.fired == CallTimer::kCallerSilence) end_ = CallEnd::kSilentCaller;
      const bool failed = Told(NoticeKind::kModelFailed) && !Told(NoticeKind::kLoop);
      if (!end_) end_ = failed ? CallEnd::kFailed : CallEnd::kAgentHungUp;
      const std::int64_t reply = Unspoken(UtteranceKind::kReply);
      unspoken_ = {};
      // The model's own last words are its goodbye; else there must be one.
      const bool own = notice.text == kModelEnds &&
                       (reply > 0 || std::any_of(audit.speeches.begin(), audit.speeches.end(),
                                                 [](const CallAudit::Speech& one) {
                                                   return one.kind == UtteranceKind::kReply;
                                                 }));
      if (own) Unspoken(UtteranceKind::kReply) = reply;
      if (!own) Unspoken(UtteranceKind::kGoodbye) = 1;
      return {};
    }
    default:
      return {};
  }
}

std::string CallPromises::OnHistory(const call_command::AppendHistory& entry,
                                    const CallMachineOptions& options) {
  step_.recorded += entry.tool_calls.size();
  if (!entry.tool_calls.empty()) {
    ++rounds_;
    step_.ends_call =
        std::any_of(entry.tool_calls.begin(), entry.tool_calls.end(),
                    [&](const ToolCall& call) { return call.name == options.end_call_tool; });
  }
  if (entry.role == Role::kTool && step_.model_done && !step_.ends_call &&
      rounds_ <= options.tool_rounds) {
    return "a tool call is answered before it ran";
  }
  ++entries_;
  if (entry.role == Role::kTool) asks_ = true;
  if (entry.role != Role::kUser) return {};
  user_entry_ = entries_ - 1;
  user_words_ = Words(entry.text);
  owed_words_ -= user_words_;
  return {};
}

std::string CallPromises::OnSpeak(const call_command::Speak& speak,
                                  const CallMachineOptions& options) {
  began_ = true;
  if (stopped_) return "the agent goes on before it is known what the sound was";
  step_.spoke |= 1u << static_cast<int>(speak.kind);
  cut_ = false;
  const bool late_greeting = speak.kind == UtteranceKind::kGreeting && greeted_;
  if (late_greeting && !greets_ && !ending_) {
    return "a greeting goes on over the caller's turn";
  }
  const bool wraps_up =
      speak.kind == UtteranceKind::kPrompt && options.wrap_up.ends_with(speak.text);
  const bool first = wraps_up && unspoken_[kWrapUp] > 0;
  std::int64_t& words = first ? unspoken_[kWrapUp] : Unspoken(speak.kind);
  words = std::max<std::int64_t>(0, words - Words(speak.text));
  if (speak.kind == UtteranceKind::kGoodbye) words = 0;
  // The model's own last words.
  if (ending_ && speak.kind == UtteranceKind::kReply) Unspoken(UtteranceKind::kGoodbye) = 0;
  if (speak.kind != UtteranceKind::kFiller && speak.kind != UtteranceKind::kApplication &&
      !wraps_up && !late_greeting) {
    unanswered_ = false;
  }
  spoken_ = std::max(spoken_, speak.reply);
  if (ending_ && speak.kind == UtteranceKind::kFiller) return "a filler after the goodbye";
  if (speak.kind == UtteranceKind::kReply && speak.reply <= dropped_ && speak.interruptible) {
    return StrCat("words of reply ", speak.reply, " after the caller has cut it");
  }
  return {};
}

// What was not heard is said again, unless it was cut for the caller's words.
std::string CallPromises::OnSettled(const call_command::Settled& settled) {
  if (settled.utterance == timed_ && settled.heard_ms < first_word_ms_ && !settled.heard.empty()) {
    return "a word counts as heard before its time";
  }
  if (cut_ || ending_ || settled.kind == UtteranceKind::kFiller ||
      step_.fired == CallTimer::kPlayout || Told(NoticeKind::kSpeechFailed)) {
    return {};
  }
  Unspoken(settled.kind) += Words(settled.unheard);
  // An answer that is not heard may be asked for again.
  asks_ = asks_ || (settled.kind == UtteranceKind::kReply && HasWords(settled.unheard));
  return {};
}

std::string CallPromises::AfterStep(const CallState& state, const CallAudit& audit,
                                    const CallMachineOptions& options) const {
  if (audit.finished) return {};
  std::string untrue = StatesAreTrue(state, audit);
  if (!untrue.empty()) return untrue;
  for (const std::string& wrong :
       {Fired(audit), Answered(audit, options), TurnIsTrue(audit, options)}) {
    if (!wrong.empty()) return wrong;
  }
  if (!audit.line_up) return {};
  std::string wrong = SilenceIsTrue(audit, options);
  return wrong.empty() ? Armed(audit, options) : wrong;
}

std::uint64_t CallPromises::Digest(const CallAudit& audit) const {
  std::uint64_t hash = kFnvBasis;
  auto add = [&hash](std::int64_t value) {
    hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  };
  if (audit.hung_up || audit.closed) {
    add(unsure_ ? 1'000 : std::clamp<std::int64_t>(owed_words_ + Words(Said()), -3, 3));
    return hash;
  }
  hash = Fnv1a(hash, Said());
  add((unsure_ ? 1 : 0) | (turn_open_ ? 2 : 0) | (flushed_ && turn_open_ ? 4 : 0) |
      (unanswered_ ? 8 : 0) | (cut_ && !audit.speeches.empty() ? 16 : 0) | (capped_ ? 128 : 0) |
      (done_ahead_ ? 32 : 0) | (ending_ ? 64 : 0) | (stopped_ ? 256 : 0) | (asks_ ? 512 : 0) |
      (insists_ ? 1024 : 0));
  add(std::clamp<std::int64_t>(owed_words_, -3, 3));  // turns kept for a tool pile up
  const std::int64_t reply = unspoken_[static_cast<std::size_t>(UtteranceKind::kReply)];
  std::int64_t other = -reply;
  for (std::int64_t words : unspoken_) other += words;
  add(std::min<std::int64_t>(reply, 3));
  add(std::min<std::int64_t>(other, 3));
  add(audit.model != 0 || done_ahead_ ? static_cast<std::int64_t>(calls_) : 0);
  add(std::clamp<std::int64_t>(audit.last_reply - dropped_, 0, 1));
  return hash;
}

}  // namespace dragoman
