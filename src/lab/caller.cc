#include "src/lab/caller.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kGap{200};  // silence between words; longer: the agent stopped talking
constexpr std::uint64_t kFramesPerKey = 10;
constexpr std::chrono::seconds kCloseTimeout{3};
constexpr milliseconds kLateMarks{200};
constexpr std::chrono::microseconds kLate{5'000};

std::string Describe(const Step& step) {
  switch (step.action) {
    case ActionKind::kSay: {
      std::string words;
      for (const SpeechPiece& piece : step.say) words += (words.empty() ? "" : " ") + piece.text;
      return StrCat("say: ", words);
    }
    case ActionKind::kDtmf:
      return StrCat("dtmf: ", step.keys);
    case ActionKind::kNoise:
      return StrCat("noise: ", Name(step.noise));
    case ActionKind::kWait:
      return StrCat("wait: ", step.length);
    case ActionKind::kHangUp:
      return "hang up";
  }
  return "";
}

}  // namespace

void SilenceDebt::CallerBegins() {
  since_.reset();
  talked_over_ = false;
}

void SilenceDebt::CallerEnded(milliseconds now) {
  talked_over_ = ever_audible_ && now - last_audible_ < kGap;
  since_ = now;
}

void SilenceDebt::ToolReturned() { tools_ = std::max(tools_ - 1, 0); }

void SilenceDebt::Tick(milliseconds now, bool audible) {
  if (audible) {
    ever_audible_ = true;
    last_audible_ = now;
    // Sound that merely goes on is no answer; a tool at work keeps the debt open.
    if (!talked_over_) since_.reset();
    if (talked_over_) since_ = now;
  } else if (talked_over_ && now - last_audible_ >= kGap) {
    talked_over_ = false;
  }
  if (tools_ > 0 && !since_ && !audible) since_ = now;
  if (since_ && now - *since_ > longest_) {
    longest_ = now - *since_;
    longest_at_ = *since_;
  }
}

Caller::Caller(const Scenario& scenario, Executor& executor)
    : scenario_(scenario),
      executor_(executor),
      player_(scenario),
      noise_(scenario.caller.noise, RmsBelow(kSpeechRms, scenario.caller.snr_db),
             scenario.seed * 31 + 7),
      uplink_(scenario.line, scenario.seed * 131 + 17, executor,
              [this](std::span<const std::int16_t> frame, std::uint64_t index) {
                if (line_ && !leaving_) line_->SendFrame(frame, index);
              }),
      ticks_(executor),
      give_up_(executor) {}

absl::StatusOr<std::unique_ptr<Caller>> Caller::Create(const Scenario& scenario, CallerVoice& voice,
                                                       Executor& executor) {
  std::unique_ptr<Caller> caller(new Caller(scenario, executor));
  const std::span<const Step> lists[] = {scenario.steps, scenario.reactions,
                                         caller->player_.errand_steps()};
  for (const std::span<const Step> list : lists) {
    for (const Step& step : list) {
      if (step.action == ActionKind::kSay) {
        DRAGOMAN_ASSIGN_OR_RETURN(Clip clip, RenderSpeech(step, voice));
        Amplify(clip.samples, scenario.caller.level_db + step.level_db);
        caller->clips_[&step] = std::move(clip);
      } else if (step.action == ActionKind::kNoise) {
        caller->clips_[&step] = RenderNoise(step, scenario.seed * 7 + 3);
      }
    }
  }
  return caller;
}

void Caller::Start(OpenLine open, OnWords on_words, absl::AnyInvocable<void()> on_done) {
  on_words_ = std::move(on_words);
  on_done_ = std::move(on_done);
  CallerLine::Callbacks callbacks;
  callbacks.on_open = lifetime_.Wrap([this] { Opened(); });
  callbacks.on_audio = lifetime_.Wrap([this](std::span<const std::int16_t> samples) {
    if (!uplink_.StalledUntil()) return playout_.Append(samples);
    WhenNotStalled([this, held = std::vector<std::int16_t>(samples.begin(), samples.end())] {
      playout_.Append(held);
    });
  });
  callbacks.on_mark = lifetime_.Wrap([this](std::string_view name) {
    WhenNotStalled([this, held = std::string(name)] { ReturnMarks(playout_.AddMark(held)); });
  });
  callbacks.on_clear = lifetime_.Wrap([this] { WhenNotStalled([this] { Clear(); }); });
  callbacks.on_complaint = lifetime_.Wrap([this](std::string_view what) {
    if (record_.complaints.size() < 20) record_.complaints.emplace_back(what);
  });
  callbacks.on_closed = lifetime_.Wrap([this](absl::Status status) { Close(std::move(status)); });
  line_ = open(std::move(callbacks));
}

void Caller::WhenNotStalled(absl::AnyInvocable<void()> action) {
  auto until = uplink_.StalledUntil();
  if (!until) return action();
  executor_.RunAt(*until, lifetime_.Wrap([action = std::move(action)]() mutable { action(); }));
}

milliseconds Caller::Now() const {
  return std::chrono::duration_cast<milliseconds>(executor_.Now() - start_);
}

void Caller::Opened() {
  record_.connected = true;
  start_ = executor_.Now();
  uplink_.Start(start_);
  ticks_.StartAt(start_, lifetime_.Wrap([this] { Tick(); }));
}

void Caller::Tick() {
  if (closed_) return;
  const TimePoint due = start_ + kFrame * static_cast<std::int64_t>(frame_);
  const auto late = executor_.Now() - due;
  record_.lateness_us.push_back(late.count());
  if (late > kLate) ++record_.late_frames;
  const milliseconds now = kFrame * static_cast<std::int64_t>(frame_);

  std::array<std::int16_t, kFrameSamples> heard;
  PlayAgent(heard);
  const bool audible = Rms(heard) > kAudibleRms;
  if (audible) {
    last_audible_ = now;
    record_.last_sound_ms = now.count();
    if (!record_.turns.empty() && !deed_ && record_.turns.back().answered_ms < 0 &&
        now.count() > record_.turns.back().ended_ms)
      record_.turns.back().answered_ms = now.count();
  }
  WatchInterruption(now, audible);
  debt_.Tick(now, audible);

  if (deed_ && frame_ >= deed_ends_) EndOfDeed(now);
  const bool waiting = playout_.queued() > milliseconds(0);
  if (const Step* step = player_.Tick(now, audible, waiting, deed_ != nullptr)) Begin(*step, now);
  if (leaving_ || closed_) return;

  std::array<std::int16_t, kFrameSamples> frame{};
  FillFrame(frame);
  record_.sent_audio.insert(record_.sent_audio.end(), frame.begin(), frame.end());
  uplink_.Push(frame, frame_);
  ++frame_;
  if (now >= scenario_.time_limit) {
    record_.timed_out = true;
    return HangUp();
  }
  ticks_.StartAt(start_ + kFrame * static_cast<std::int64_t>(frame_),
                 lifetime_.Wrap([this] { Tick(); }));
}

void Caller::PlayAgent(std::span<std::int16_t> heard) {
  auto marks = playout_.Play(heard);
  record_.heard_audio.insert(record_.heard_audio.end(), heard.begin(), heard.end());
  ReturnMarks(marks);
}

void Caller::ReturnMarks(const std::vector<std::string>& marks) {
  if (leaving_ || closed_) return;
  for (const std::string& name : marks) {
    ++record_.marks_returned;
    line_->ReturnMark(name);
  }
}

void Caller::Clear() {
  ++record_.clears;
  auto marks = playout_.Clear();
  if (!scenario_.line.late_marks) return ReturnMarks(marks);
  executor_.RunAfter(kLateMarks, lifetime_.Wrap([this, marks = std::move(marks)] {
    ReturnMarks(marks);
    ReturnMarks(marks);
  }));
}

void Caller::Begin(const Step& step, milliseconds now) {
  record_.deeds.push_back({now.count(), step.line, Describe(step)});
  if (step.action == ActionKind::kHangUp) {
    record_.hung_up = true;
    return HangUp();
  }
  deed_ = &step;
  clip_ = nullptr;
  clip_at_ = 0;
  next_key_ = 0;
  std::uint64_t frames = 0;
  auto clip = clips_.find(&step);
  if (clip != clips_.end()) {
    clip_ = &clip->second;
    frames = (clip_->samples.size() + kFrameSamples - 1) / kFrameSamples;
    const auto shift = static_cast<std::int64_t>(frame_) * kFrameSamples;
    std::vector<TimedWord> words = clip_->words;
    for (TimedWord& word : words) {
      word.begin += shift;
      word.end += shift;
    }
    if (on_words_ && !words.empty()) on_words_(words);
  } else if (step.action == ActionKind::kDtmf) {
    frames = step.keys.size() * kFramesPerKey;
  } else {
    frames = static_cast<std::uint64_t>(step.length / kFrame);
  }
  deed_ends_ = frame_ + std::max<std::uint64_t>(frames, 1);
  if (!step.aside && step.action != ActionKind::kWait) debt_.CallerBegins();
}

void Caller::EndOfDeed(milliseconds now) {
  const Step& step = *std::exchange(deed_, nullptr);
  clip_ = nullptr;
  if (step.aside || step.action == ActionKind::kWait) return;
  record_.turns.push_back({now.count(), -1});
  debt_.CallerEnded(now);
}

void Caller::FillFrame(std::span<std::int16_t> frame) {
  if (clip_ && clip_at_ < clip_->samples.size()) {
    const std::size_t count = std::min(frame.size(), clip_->samples.size() - clip_at_);
    std::copy_n(clip_->samples.begin() + static_cast<std::ptrdiff_t>(clip_at_), count,
                frame.begin());
    clip_at_ += count;
  }
  if (deed_ && deed_->action == ActionKind::kDtmf && next_key_ < deed_->keys.size()) {
    const std::uint64_t done = deed_ends_ - frame_;  // frames left
    const std::uint64_t left = (deed_->keys.size() - next_key_) * kFramesPerKey;
    if (done <= left) line_->SendKey(deed_->keys[next_key_++]);
  }
  MixEcho(frame);
  noise_.Mix(frame);
}

void Caller::MixEcho(std::span<std::int16_t> frame) {
  if (scenario_.caller.echo_db <= -120) return;
  const std::int64_t delay = scenario_.caller.echo_delay.count() * kRate / 1000;
  const std::int64_t begin =
      static_cast<std::int64_t>(record_.heard_audio.size()) - kFrameSamples - delay;
  const int gain = RmsBelow(10'000, -scenario_.caller.echo_db);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const std::int64_t at = begin + static_cast<std::int64_t>(i);
    if (at < 0) continue;
    const std::int64_t echo = record_.heard_audio[static_cast<std::size_t>(at)];
    frame[i] = Saturate(frame[i] + echo * gain / 10'000);
  }
}

void Caller::WatchInterruption(milliseconds now, bool audible) {
  if (!decided_at_ || audible || now - last_audible_ < milliseconds(100)) return;
  const milliseconds stop = last_audible_ + kFrame - *decided_at_;
  record_.barge_in_stop_ms.push_back(std::max<std::int64_t>(stop.count(), 0));
  decided_at_.reset();
}

void Caller::AgentSays(std::int64_t utterance, std::string_view sentence) {
  player_.AgentSays(utterance, sentence);
}
void Caller::AgentHeard(std::int64_t utterance, std::string_view heard) {
  player_.AgentHeard(utterance, heard);
}
void Caller::ToolRuns(std::string_view name) {
  player_.ToolRuns(name);
  debt_.ToolRuns();
}
void Caller::ToolReturned() { debt_.ToolReturned(); }
void Caller::Interrupted() {
  if (!decided_at_) decided_at_ = Now();
}

void Caller::HangUp() {
  leaving_ = true;
  ticks_.Stop();
  // A server that never closes its side must not hold the caller.
  give_up_.Start(kCloseTimeout, lifetime_.Wrap([this] { Close(absl::OkStatus()); }));
  line_->HangUp();
}

void Caller::Close(absl::Status status) {
  if (closed_) return;
  closed_ = true;
  ticks_.Stop();
  give_up_.Stop();
  record_.closed_properly = status.ok();
  record_.close_detail = std::string(MessageOf(status));
  record_.duration_ms = record_.connected ? Now().count() : 0;
  record_.heard_ms = playout_.played().count();
  record_.cleared_ms = playout_.cleared().count();
  record_.unheard_at_close_ms = leaving_ ? 0 : playout_.queued().count();
  record_.underruns = playout_.underruns();
  record_.frames_sent = uplink_.sent();
  record_.frames_lost = uplink_.lost();
  record_.longest_owed_silence_ms = debt_.longest().count();
  record_.owed_silence_at_ms = debt_.longest_at().count();
  for (const Step* step : player_.NotRun()) record_.steps_not_run.push_back(step->line);
  if (on_done_) on_done_();
}

}  // namespace dragoman::lab
