// The line: how a call begins, what it may cost, how it ends.
#include <algorithm>
#include <utility>

#include "src/agent/call_core.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;

constexpr std::size_t kMaxQueue = 8;  // chunks that the application may leave waiting
constexpr std::size_t kMaxSayBytes = 4096;

}  // namespace

bool CallCore::LineHolds(Guard guard) const {
  switch (guard) {
    case Guard::kWaitsForHello: {
      const auto* started = std::get_if<call_event::CallStarted>(&event_->body);
      return started && started->outbound && options_.hello_wait.count() > 0;
    }
    case Guard::kWrapUpDue:
      return !s.wrapped_up && s.now_us < s.limit_us;
    case Guard::kSilenceOver:
      return s.now_us >= s.caller_us + Ms(options_.caller_silence_end).count() * 1000;
    case Guard::kAllSaid:
      return AllSaid();
    case Guard::kMustHangUp:
      return !s.closed && !s.hung_up;
    case Guard::kClosed:
      return s.closed && tool() == ToolState::kIdle;
    default:
      return false;
  }
}

void CallCore::DoLine(Action action) {
  switch (action) {
    case Action::kStartCall:
      s.started_us = s.now_us;
      s.limit_us = s.now_us + Ms(options_.call_limit).count() * 1000;
      s.outbound = std::get<call_event::CallStarted>(event_->body).outbound;
      s.prompt_us = s.caller_us = s.owed_us = s.now_us;
      return;
    case Action::kGreet:
      return Greet();
    case Action::kQueueSay: {
      const auto& say = std::get<call_event::Say>(event_->body);
      if (s.queue.size() >= kMaxQueue || say.text.size() > kMaxSayBytes) {
        Tell(NoticeKind::kIgnored, 0, "too much to say at once");
        return;
      }
      return Queue(UtteranceKind::kApplication, say.text, say.interruptible);
    }
    case Action::kSayFiller: {
      if (options_.fillers.empty()) {
        s.broken = true;
        return;
      }
      const std::size_t last = options_.fillers.size() - 1;
      Queue(UtteranceKind::kFiller,
            options_.fillers[std::min<std::size_t>(static_cast<std::size_t>(s.fillers), last)],
            true);
      ++s.fillers;
      s.owed_us = s.now_us;
      return;
    }
    case Action::kReprompt:
      if (static_cast<std::size_t>(s.reprompts) >= options_.reprompts.size()) {
        s.broken = true;
        return;
      }
      Tell(NoticeKind::kReprompt, s.reprompts + 1);
      Queue(UtteranceKind::kPrompt, options_.reprompts[static_cast<std::size_t>(s.reprompts)],
            true);
      ++s.reprompts;
      s.prompt_us = s.now_us;
      return;
    case Action::kWrapUp:
      s.wrapped_up = true;
      Tell(NoticeKind::kWrapUp);
      Queue(UtteranceKind::kPrompt, options_.wrap_up, true);
      for (Chunk& one : s.queue) {
        if (one.voice != s.last_voice) continue;
        one.stays = true;
        one.answers = false;
      }
      return;
    case Action::kShortenCall:
      s.limit_us = std::min(s.limit_us, s.now_us + Ms(options_.drain_limit).count() * 1000);
      return;
    case Action::kEndByApplication: {
      const auto& end = std::get<call_event::EndCall>(event_->body);
      return StartEnding(end.end, end.detail, end.goodbye.empty() ? options_.goodbye : end.goodbye);
    }
    case Action::kEndByModel: {
      // The reply's own words may be the goodbye; they are said to their end. What was stopped
      // before them is not.
      std::erase_if(s.queue, [](const Chunk& one) {
        return one.kind != UtteranceKind::kReply && one.kind != UtteranceKind::kApplication;
      });
      const bool has_words = s.voice != 0 && VoiceInUse(s.voice);
      std::string goodbye = std::exchange(s.goodbye, {});
      if (goodbye.empty() && !has_words) goodbye = options_.goodbye;
      std::vector<Chunk> queue = std::move(s.queue);
      SayGoodbye(CallEnd::kAgentHungUp, "the model ended the call", goodbye);
      s.queue.insert(s.queue.begin(), std::make_move_iterator(queue.begin()),
                     std::make_move_iterator(queue.end()));
      s.goodbye_ms = Ms(options_.goodbye_limit).count() + LeftToSayMs();
      return;
    }
    case Action::kEndAtLimit:
      s.cut = true;
      StartEnding(CallEnd::kTimeLimit, "the call's time is over", options_.limit_goodbye);
      s.goodbye_ms = Ms(options_.limit_goodbye_limit).count();
      return;
    case Action::kEndSilent:
      return StartEnding(CallEnd::kSilentCaller, "the caller said nothing",
                         options_.silent_goodbye);
    case Action::kEndFailed:
      return StartEnding(CallEnd::kFailed, "the model failed", options_.failure_goodbye);
    case Action::kEndLoop:
      Tell(NoticeKind::kLoop);
      return StartEnding(CallEnd::kAgentHungUp, "the same words again and again",
                         options_.loop_goodbye);
    case Action::kEndDeaf:
      return StartEnding(CallEnd::kFailed, "the recogniser failed", options_.failure_goodbye);
    case Action::kEndVoiceless:
      s.end = CallEnd::kFailed;
      s.end_detail = "the voice failed";
      s.end_known = true;
      return;
    case Action::kLeaveLine:
      s.closing_us = s.now_us;
      s.queue.clear();
      return Raise(Trigger::kLineGone);
    case Action::kNoteClosed: {
      s.closed = true;
      const auto* closed = std::get_if<call_event::MediaClosed>(&event_->body);
      if (s.end_known || !closed) return;
      s.end = closed->ok ? CallEnd::kCallerHungUp : CallEnd::kMediaLost;
      s.end_detail = closed->detail;
      s.end_known = true;
      return;
    }
    case Action::kHangUp:
      s.hung_up = true;
      Give(call_command::HangUp{});
      return;
    case Action::kFinish:
      return Finish();
    default:
      return;
  }
}

// The model's words, or the option's; empty: nothing is said. What is being said goes on unless the
// time is up.
void CallCore::StartEnding(CallEnd end, std::string_view detail, std::string_view goodbye) {
  SayGoodbye(end, detail, goodbye);
  Raise(Trigger::kCallEnds);
}

void CallCore::SayGoodbye(CallEnd end, std::string_view detail, std::string_view goodbye) {
  s.end = end;
  s.end_detail = detail;
  s.end_known = true;
  s.ending_us = s.now_us;
  s.queue.clear();
  Tell(NoticeKind::kEnding, 0, detail);
  Queue(UtteranceKind::kGoodbye, goodbye, false);
  s.goodbye_ms = Ms(options_.goodbye_limit).count() + LeftToSayMs();
}

void CallCore::Greet() {
  s.prompt_us = s.caller_us = s.now_us;
  if (HasWords(options_.greeting)) {
    Queue(UtteranceKind::kGreeting, options_.greeting, options_.greeting_interruptible);
  } else {
    s.owed_us = s.now_us;
    Raise(Trigger::kOpen);
  }
}

bool CallCore::AllSaid() const {
  return playout() == PlayoutState::kSilent && s.queue.empty() && s.open.empty();
}

void CallCore::Finish() {
  CloseVoices();
  for (std::size_t timer = 0; timer < s.armed.size(); ++timer) {
    if (std::exchange(s.armed[timer], 0) != 0) {
      Give(call_command::StopTimer{static_cast<CallTimer>(timer)});
    }
  }
  if (std::exchange(s.silence, SilenceKind::kEnded) != SilenceKind::kEnded) {
    Give(call_command::SilenceReason{SilenceKind::kEnded});
  }
  Give(call_command::Finish{s.end, s.end_detail});
  s.finished = true;
}

}  // namespace dragoman
