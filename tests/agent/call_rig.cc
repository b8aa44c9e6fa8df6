#include "tests/agent/call_rig.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dragoman {
namespace {

constexpr int kMaxSteps = 20'000;  // a mutant may never come to an end

}  // namespace

const CallTables*& TablesUnderTest() {
  static const CallTables* tables = &ShippedCallTables();
  return tables;
}

CallRig::CallRig(CallMachineOptions options) : core_(std::move(options), *TablesUnderTest()) {}

void CallRig::Run(std::int64_t ms) {
  const std::int64_t until = now_us_ + ms * 1000;
  while (static_cast<int>(steps_.size()) < kMaxSteps) {
    CallTimer timer{};
    std::int64_t due = until + 1;
    for (const auto& [which, at] : timers_) {
      if (at < due) {
        due = at;
        timer = which;
      }
    }
    if (!agenda_.empty() && agenda_.begin()->first <= due) {
      if (agenda_.begin()->first > until) break;
      auto next = agenda_.extract(agenda_.begin());
      now_us_ = std::max(now_us_, next.key());
      next.mapped()();
    } else if (due <= until) {
      now_us_ = std::max(now_us_, due);
      timers_.erase(timer);
      Feed(call_event::TimerFired{timer});
    } else {
      break;
    }
  }
  now_us_ = until;
}

void CallRig::Fault(const std::string& what, const CallEvent& event) {
  ADD_FAILURE() << what << "\n  at " << ToString(event) << "\n  in " << core_.Describe();
}

void CallRig::Feed(CallEventBody body) {
  waiting_.push_back(std::move(body));
  if (stepping_) return;
  stepping_ = true;
  while (!waiting_.empty() && static_cast<int>(steps_.size()) < kMaxSteps) {
    CallEvent event{now_us_, std::move(waiting_.front())};
    waiting_.erase(waiting_.begin());
    if (audit_.finished) continue;
    if (std::string wrong = audit_.OnEvent(event); !wrong.empty()) Fault(wrong, event);
    std::vector<CallCommand> given;
    core_.Step(event, &given);
    for (const CallCommand& command : given) {
      if (std::string wrong = audit_.OnCommand(command); !wrong.empty()) Fault(wrong, event);
    }
    if (std::string wrong = audit_.AfterStep(core_.s); !wrong.empty()) Fault(wrong, event);
    for (const CallCommand& command : given) Execute(command);
    commands_.insert(commands_.end(), given.begin(), given.end());
    steps_.emplace_back(std::move(event), std::move(given));
  }
  stepping_ = false;
}

// --- the caller ----------------------------------------------------------------------------------

void CallRig::SoundOn(std::int64_t lag_ms) {
  last_audio_ms_ = now_ms() - lag_ms;
  Feed(call_event::SpeechStarted{last_audio_ms_, lag_ms});
}

void CallRig::SoundOff(std::int64_t lag_ms) {
  last_audio_ms_ = now_ms() - lag_ms;
  Feed(call_event::SpeechStopped{last_audio_ms_, lag_ms});
}

void CallRig::Partial(std::string_view text) {
  partial_ = text;
  Feed(call_event::Partial{partial_});
}

void CallRig::Says(std::string_view text, std::int64_t ms) {
  Run(60);
  SoundOn();
  Run(ms - 60);
  if (!text.empty()) Partial(text);
  Run(140);
  SoundOff();
}

void CallRig::Turn(std::string_view text) {
  Says(text);
  Run(1000);
}

void CallRig::Press(std::string_view keys) {
  for (char key : keys) Feed(call_event::Dtmf{key});
}

// --- the model -----------------------------------------------------------------------------------

void CallRig::Text(std::string_view text) {
  Feed(call_event::ModelText{reply_, std::string(text)});
}

void CallRig::Call(std::string_view name, std::string_view arguments) {
  Feed(call_event::ModelToolCall{
      reply_, {"call-" + std::string(name), std::string(name), std::string(arguments)}});
}

void CallRig::Done(call_event::ModelFinish finish, std::int64_t end_silence_ms) {
  Feed(call_event::ModelDone{reply_, finish, 0, 0, end_silence_ms});
}

// --- the driver ----------------------------------------------------------------------------------

void CallRig::Execute(const CallCommand& command) {
  if (const auto* ask = std::get_if<call_command::AskModel>(&command)) {
    reply_ = ask->reply;
  } else if (const auto* run = std::get_if<call_command::RunTool>(&command)) {
    tool_run_ = run->run;
  } else if (std::holds_alternative<call_command::FlushRecognizer>(command)) {
    if (!behave.answer_flush) return;
    At(now_us_ + behave.final_ms * 1000, [this, end = last_audio_ms_] {
      std::string text = std::exchange(partial_, {});
      Feed(call_event::Final{std::move(text), 900, true, 0, end});
    });
  } else if (const auto* speak = std::get_if<call_command::Speak>(&command)) {
    spoken_.push_back(speak->text);
    spoken_at_.emplace_back(speak->text, now_ms());
    syntheses_.push_back({speak->utterance, speak->text});
    Synthesize();
  } else if (const auto* cancel = std::get_if<call_command::CancelSpeech>(&command)) {
    if (!syntheses_.empty() && syntheses_.front().id == cancel->utterance) {
      ++generation_;
      synthesizing_ = false;
    }
    std::erase_if(syntheses_, [&](const Synthesis& one) { return one.id == cancel->utterance; });
    Synthesize();
  } else if (std::holds_alternative<call_command::ClearPlayout>(command)) {
    sent_ms_ = base_ms_ = Position();
    base_us_ = now_us_;
    if (!behave.lose_clears) {
      waiting_.insert(waiting_.begin(), call_event::PlayoutCleared{sent_ms_, true});
    }
  } else if (const auto* set = std::get_if<call_command::SetTimer>(&command)) {
    timers_[set->timer] = set->at_us;
  } else if (const auto* stop = std::get_if<call_command::StopTimer>(&command)) {
    timers_.erase(stop->timer);
  } else if (std::holds_alternative<call_command::HangUp>(command)) {
    if (behave.answer_hang_up) {
      At(now_us_ + 20'000, [this] { Feed(call_event::MediaClosed{true, ""}); });
    }
  } else if (const auto* settled = std::get_if<call_command::Settled>(&command)) {
    if (!settled->heard.empty()) heard_.push_back(settled->heard);
  } else if (const auto* entry = std::get_if<call_command::AppendHistory>(&command)) {
    history_.push_back({.role = entry->role,
                        .text = entry->text,
                        .tool_calls = entry->tool_calls,
                        .tool_call_id = entry->tool_call_id,
                        .tool_failed = entry->tool_failed});
  } else if (const auto* change = std::get_if<call_command::AmendHistory>(&command)) {
    if (change->entry >= 0 && change->entry < static_cast<std::int64_t>(history_.size())) {
      history_[static_cast<std::size_t>(change->entry)].text = change->text;
      history_[static_cast<std::size_t>(change->entry)].tool_failed = change->tool_failed;
    }
  }
}

void CallRig::Synthesize() {
  if (synthesizing_ || syntheses_.empty() || behave.mute) return;
  synthesizing_ = true;
  At(now_us_ + behave.first_audio_ms * 1000, [this, generation = generation_] {
    if (generation != generation_) return;
    ++generation_;
    synthesizing_ = false;
    const Synthesis one = syntheses_.front();
    syntheses_.erase(syntheses_.begin());
    std::int64_t total = static_cast<std::int64_t>(one.text.size()) * behave.ms_per_char;
    bool ok = true;
    if (behave.fail_speeches > 0) {
      --behave.fail_speeches;
      total = 0;
      ok = false;
    } else if (behave.fail_after_ms >= 0) {
      total = std::exchange(behave.fail_after_ms, -1);
      ok = false;
    }
    if (total > 0) {
      base_ms_ = Position();
      base_us_ = now_us_;
      const std::int64_t start = sent_ms_;
      sent_ms_ += total;
      if (behave.word_times) {
        call_event::SpeechWords times{.utterance = one.id, .words = {}};
        std::size_t begin = 0;
        while (begin < one.text.size()) {
          std::size_t end = one.text.find(' ', begin);
          if (end == std::string::npos) end = one.text.size();
          times.words.push_back({static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end),
                                 static_cast<std::int64_t>(begin) * behave.ms_per_char,
                                 static_cast<std::int64_t>(end) * behave.ms_per_char});
          begin = end + 1;
        }
        Feed(std::move(times));
      }
      Feed(call_event::SpeechAudio{one.id, start, total});
      Report();
    }
    Feed(call_event::SpeechEnd{one.id, total, ok});
    Synthesize();
  });
}

std::int64_t CallRig::Position() const {
  return std::min(sent_ms_, base_ms_ + (now_us_ - base_us_) / 1000);
}

// Every 100 ms while something plays, and at its end.
void CallRig::Report() {
  if (reporting_) return;
  reporting_ = true;
  const std::int64_t next = std::min<std::int64_t>(100, sent_ms_ - Position());
  At(now_us_ + next * 1000, [this] {
    reporting_ = false;
    const std::int64_t position = Position();
    if (position < sent_ms_) Report();
    if (!behave.lose_marks) Feed(call_event::Playout{position, true});
  });
}

// --- what came of it -----------------------------------------------------------------------------

std::vector<std::string> CallRig::history() const {
  std::vector<std::string> lines;
  for (const Message& message : history_) {
    std::string line;
    if (message.role == Role::kUser) line = "user: " + message.text;
    if (message.role == Role::kAssistant) {
      if (message.text.empty() && message.tool_calls.empty()) continue;
      line = "agent: " + message.text;
      for (const ToolCall& call : message.tool_calls) line += " [" + call.name + "]";
    }
    if (message.role == Role::kTool) {
      line = (message.tool_failed ? "tool failed: " : "tool: ") + message.text;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

int CallRig::Noticed(call_command::NoticeKind kind) const {
  int count = 0;
  for (const CallCommand& command : commands_) {
    const auto* notice = std::get_if<call_command::Notice>(&command);
    count += notice && notice->kind == kind;
  }
  return count;
}

std::string CallRig::NoticeText(call_command::NoticeKind kind) const {
  std::string text;
  for (const CallCommand& command : commands_) {
    const auto* notice = std::get_if<call_command::Notice>(&command);
    if (notice && notice->kind == kind) text = notice->text;
  }
  return text;
}

std::int64_t CallRig::NoticeAtMs(call_command::NoticeKind kind) const {
  std::int64_t at = -1;
  for (const CallCommand& command : commands_) {
    const auto* notice = std::get_if<call_command::Notice>(&command);
    if (notice && notice->kind == kind) at = notice->at_us / 1000;
  }
  return at;
}

std::int64_t CallRig::spoken_at_ms(std::string_view text) const {
  for (const auto& [said, at] : spoken_at_) {
    if (said == text) return at;
  }
  return -1;
}

}  // namespace dragoman
