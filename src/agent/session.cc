#include "dragoman/agent/session.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "dragoman/agent/call_log.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/agent/call_audio.h"
#include "src/agent/call_ears.h"
#include "src/agent/call_listener.h"
#include "src/agent/history.h"
#include "src/agent/model_asker.h"
#include "src/agent/speech_player.h"

namespace dragoman {
namespace {

// How long a key sounds with the gap behind it, and how late its echo may come.
constexpr std::int64_t kKeyMs = 250;
constexpr std::int64_t kKeyEchoMs = 1'000;

ToolSpec EndCallSpec(const std::string& name) {
  return {.name = name,
          .description =
              "Ends the call after a goodbye. Use it when everything is settled or the "
              "other party wants to go. Put the goodbye into `goodbye`.",
          .parameters = R"({"type":"object","properties":{"goodbye":{"type":"string"}}})",
          .effect = EffectClass::kRead};
}

// Feeds the machine and carries out what it commands. Nothing here decides anything.
class SessionImpl : public Session {
 public:
  SessionImpl(std::unique_ptr<Call> call, SessionOptions options,
              const SessionDependencies& dependencies, Callbacks callbacks)
      : call_(std::move(call)),
        executor_(call_->executor()),
        options_(std::move(options)),
        dependencies_(dependencies),
        callbacks_(std::move(callbacks)),
        start_(executor_.Now() - std::chrono::microseconds(
                                     options_.past.empty() ? 0 : options_.past.back().event.at_us)),
        machine_(options_.machine),
        model_(*dependencies.model, executor_,
               [this](CallEventBody event) { Feed(std::move(event)); }) {
    if (options_.log_name.empty()) options_.log_name = call_->info().id;
    options_.voice.sample_rate_hz = call_->media()->sample_rate_hz();
  }

  ~SessionImpl() override {
    // The parts go before the call whose stream they borrow; destroying the call hangs up.
    player_.reset();
    listener_.reset();
    runs_.clear();
  }

  absl::Status Open() {
    MediaStream& media = *call_->media();
    DRAGOMAN_ASSIGN_OR_RETURN(
        listener_,
        CallListener::Open(*dependencies_.recognizer, options_.language, media.sample_rate_hz(),
                           executor_,
                           {.on_event = [this](CallEventBody event) { Heard(std::move(event)); },
                            .on_frame = [this](const PcmFrame& frame) { Record(frame); }}));
    if (dependencies_.speech->Guards(call_->info().id)) {
      ears_.emplace(*dependencies_.speech, call_->info().id, media.sample_rate_hz());
    }
    if (options_.opening) listener_->Expect(*options_.opening, Digest(options_.opening));
    player_ = std::make_unique<SpeechPlayer>(
        call_->info().id, options_.voice, *dependencies_.speech, media, executor_,
        SpeechPlayer::Callbacks{
            .on_event = [this](CallEventBody event) { Feed(std::move(event)); },
            .on_played =
                [this](std::span<const std::int16_t> samples, bool confidential) {
                  if (audio_) audio_->AgentQueued(samples, confidential);
                  if (listener_) listener_->AgentQueued(samples);
                }});
    DRAGOMAN_RETURN_IF_ERROR(OpenLog());
    DRAGOMAN_RETURN_IF_ERROR(TakeUp());
    return OpenRecording();
  }

  void Begin() {
    call_->media()->Start(
        {.on_audio = lifetime_.Wrap([this](const PcmFrame& frame) {
           if (listener_) listener_->Hear(frame, call_->media()->position().position);
         }),
         .on_dtmf = lifetime_.Wrap([this](char digit) { Feed(call_event::Dtmf{digit}); }),
         .on_playout = lifetime_.Wrap([this](PlayoutPosition heard) {
           Feed(call_event::Playout{heard.position.count(), heard.acknowledged});
         }),
         .on_closed = lifetime_.Wrap([this](const absl::Status& status) {
           Feed(call_event::MediaClosed{status.ok(), std::string(MessageOf(status))});
         })});
    if (!options_.past.empty()) {
      executor_.Post(lifetime_.Wrap([this] {
        if (asked_) Do(*asked_);
      }));
      return;
    }
    executor_.Post(lifetime_.Wrap([this] {
      Feed(call_event::CallStarted{call_->info().direction == CallDirection::kOutbound});
    }));
  }

  absl::Status Say(std::string_view text, bool interruptible) override {
    if (machine_.finished()) return FailedPrecondition("said after the call ended");
    Feed(call_event::Say{std::string(text), interruptible});
    return absl::OkStatus();
  }

  void End(std::string_view goodbye) override {
    Feed(call_event::EndCall{CallEnd::kAgentHungUp, "ended by the application",
                             std::string(goodbye)});
  }
  absl::Status PressKeys(std::string_view keys) override {
    if (machine_.finished()) return FailedPrecondition("keys were pressed after the call ended");
    DRAGOMAN_RETURN_IF_ERROR(call_->media()->SendDtmf(keys));
    if (audio_) {
      const auto rate = options_.voice.sample_rate_hz;
      const auto sounds = static_cast<std::int64_t>(keys.size()) * kKeyMs + kKeyEchoMs;
      audio_->Mute(audio_->recorded(), audio_->recorded() + sounds * rate / 1000);
    }
    return absl::OkStatus();
  }
  void Abort() override { call_->HangUp(); }
  const CallInfo& info() const override { return call_->info(); }

 private:
  // --- a call that goes on ---------------------------------------------------------------------

  absl::Status TakeUp() {
    std::map<CallTimer, call_command::SetTimer> timers;
    for (std::size_t i = 0; i < options_.past.size(); ++i) {
      const CallStep& step = options_.past[i];
      commands_.clear();
      machine_.Step(step.event, &commands_);
      if (commands_ != step.commands) {
        return DataLoss("the past does not come out again: event ", i + 1, " (", Name(step.event),
                        ") has other commands than were recorded");
      }
      if (log_) log_->Write(step.event, step.commands);
      Pass(step.event.body, timers);
      for (const CallCommand& command : step.commands) Pass(command, timers);
    }
    if (!options_.past.empty()) audio_base_ms_ = options_.past.back().event.at_us / 1000;
    for (const auto& [which, timer] : timers) Do(timer);
    return absl::OkStatus();
  }

  void Pass(const CallEventBody& event, std::map<CallTimer, call_command::SetTimer>& timers) {
    if (const auto* fired = std::get_if<call_event::TimerFired>(&event)) {
      timers.erase(fired->timer);
    } else if (const auto* audio = std::get_if<call_event::SpeechAudio>(&event)) {
      speech_begin_ms_ = audio->start_ms;
      agent_base_ms_ = std::max(agent_base_ms_, audio->start_ms + audio->queued_ms);
    } else if (const auto* end = std::get_if<call_event::SpeechEnd>(&event)) {
      agent_base_ms_ = std::max(agent_base_ms_, speech_begin_ms_ + end->total_ms);
    } else if (const auto* heard = std::get_if<call_event::Playout>(&event)) {
      agent_base_ms_ = std::max(agent_base_ms_, heard->position_ms);
    } else if (std::holds_alternative<call_event::ModelDone>(event)) {
      asked_.reset();
    }
  }
  void Pass(const CallCommand& command, std::map<CallTimer, call_command::SetTimer>& timers) {
    if (const auto* set = std::get_if<call_command::SetTimer>(&command)) {
      timers[set->timer] = *set;
    } else if (const auto* stop = std::get_if<call_command::StopTimer>(&command)) {
      timers.erase(stop->timer);
    } else if (const auto* ask = std::get_if<call_command::AskModel>(&command)) {
      asked_ = *ask;
    } else if (std::holds_alternative<call_command::CancelModel>(command)) {
      asked_.reset();
    } else if (const auto* entry = std::get_if<call_command::AppendHistory>(&command)) {
      Do(*entry);
    } else if (const auto* change = std::get_if<call_command::AmendHistory>(&command)) {
      Do(*change);
    }
  }

  // The new line's time lines begin where those of the past end.
  void Shift(CallEventBody& body) const {
    if (auto* started = std::get_if<call_event::SpeechStarted>(&body)) {
      started->audio_ms += audio_base_ms_;
    } else if (auto* stopped = std::get_if<call_event::SpeechStopped>(&body)) {
      stopped->audio_ms += audio_base_ms_;
    } else if (auto* final = std::get_if<call_event::Final>(&body)) {
      final->audio_start_ms += audio_base_ms_;
      final->audio_end_ms += audio_base_ms_;
    } else if (auto* audio = std::get_if<call_event::SpeechAudio>(&body)) {
      audio->start_ms += agent_base_ms_;
    } else if (auto* heard = std::get_if<call_event::Playout>(&body)) {
      heard->position_ms += agent_base_ms_;
    } else if (auto* cleared = std::get_if<call_event::PlayoutCleared>(&body)) {
      cleared->position_ms += agent_base_ms_;
    }
  }

  // --- events in -------------------------------------------------------------------------------

  // Events that come while commands are being carried out wait for their turn. Observers run last,
  // and may destroy the session: nothing may follow a call of Feed.
  void Feed(CallEventBody event) {
    if (!options_.past.empty()) Shift(event);
    events_.push_back(std::move(event));
    if (feeding_) return;
    feeding_ = true;
    while (!events_.empty()) {
      CallEvent next{SinceStart().count(), std::move(events_.front())};
      events_.pop_front();
      commands_.clear();
      machine_.Step(next, &commands_);
      if (log_) log_->Write(next, commands_);
      if (callbacks_.on_event) narrator_.Tell(next, commands_, &shown_);
      for (const CallCommand& command : commands_) Execute(command);
    }
    feeding_ = false;
    Deliver();
  }

  // What the other party said, as it may be kept; from here on nobody sees anything else.
  void Heard(CallEventBody event) {
    if (ears_) ears_->Take(event, audio_.get());
    Feed(std::move(event));
  }

  std::chrono::microseconds SinceStart() const { return executor_.Now() - start_; }

  // --- commands out ----------------------------------------------------------------------------

  void Execute(const CallCommand& command) {
    std::visit([this](const auto& one) { Do(one); }, command);
  }

  void Do(const call_command::AskModel& ask) {
    ChatRequest request;
    request.messages = history_.Request(options_.instructions, ask.provisional_text);
    if (request.messages.empty()) {
      request.messages.push_back({.role = Role::kSystem, .text = "Begin the call."});
    }
    request.tools = dependencies_.effects->tools();
    request.tools.push_back(EndCallSpec(options_.machine.end_call_tool));
    request.conversation_id = call_->info().id;
    request.now = std::chrono::floor<std::chrono::seconds>(executor_.WallNow());
    model_.Ask(ask.reply, std::move(request));
  }
  void Do(const call_command::CancelModel& cancel) { model_.Cancel(cancel.reply); }
  void Do(const call_command::UseExpectation& use) {
    const ChatResult* result = model_.Find(use.reply);
    if (result && result->expects && listener_) listener_->Expect(*result->expects, use.digest);
  }
  void Do(const call_command::FlushRecognizer&) {
    if (listener_) listener_->Flush();
  }
  void Do(const call_command::EstimateTurn& estimate) {
    if (!dependencies_.turns) return;
    const std::int64_t request = estimate.request;
    estimate_ = dependencies_.turns->Estimate(
        {.transcript = estimate.text, .last_question = {}, .language = options_.language},
        executor_,
        {.on_estimate = lifetime_.Wrap(
             [this, request](int complete) { Feed(call_event::TurnEstimated{request, complete}); }),
         .on_failed = [](const absl::Status&) {}});
  }

  void Do(const call_command::RunTool& run) {
    // The intent is on its way to the disk before the effect begins.
    if (log_) log_->Flush();
    const ToolRunId id = run.run;
    runs_[id] = dependencies_.effects->Run(
        run.call, {.call_id = call_->info().id, .effect_key = StrCat(options_.log_name, "/", id)},
        executor_,
        lifetime_.Wrap([this, id, name = run.call.name, call_id = run.call.id,
                        arguments = run.call.arguments](absl::StatusOr<std::string> result) {
          runs_.erase(id);
          if (result.ok()) {
            report_.evidence.push_back(
                {.field = name, .value = arguments, .quote = *result, .tool_call_id = call_id});
          }
          Feed(call_event::ToolResult{
              id, result.ok(), result.ok() ? *result : std::string(MessageOf(result.status()))});
        }));
  }

  void Do(const call_command::Speak& speak) { player_->Speak(speak.utterance, speak.text); }
  void Do(const call_command::CancelSpeech& cancel) { player_->Cancel(cancel.utterance); }
  void Do(const call_command::ClearPlayout&) {
    MediaStream& media = *call_->media();
    media.Clear();
    const PlayoutPosition heard = media.position();
    if (audio_) audio_->AgentCleared(heard.position);
    if (listener_) listener_->AgentCleared(heard.position);
    events_.push_front(call_event::PlayoutCleared{heard.position.count(), heard.acknowledged});
  }

  void Do(const call_command::AppendHistory& entry) {
    if (entry.role == Role::kUser && callbacks_.on_heard) callbacks_.on_heard(entry.text);
    const ChatResult* reply = model_.Find(entry.reply);
    history_.Append(entry, reply ? &reply->message : nullptr);
  }
  void Do(const call_command::AmendHistory& change) {
    history_.Amend(change);
    const auto entry = static_cast<std::size_t>(change.entry);
    if (entry < history_.entries().size() && history_.entries()[entry].role == Role::kUser &&
        callbacks_.on_heard) {
      callbacks_.on_heard(change.text);
    }
  }
  void Do(const call_command::SetTimer& set) {
    auto [timer, unused] = timers_.try_emplace(set.timer, executor_);
    timer->second.StartAt(start_ + std::chrono::microseconds(set.at_us),
                          [this, which = set.timer] { Feed(call_event::TimerFired{which}); });
  }
  void Do(const call_command::StopTimer& stop) {
    if (auto timer = timers_.find(stop.timer); timer != timers_.end()) timer->second.Stop();
  }

  void Do(const call_command::HangUp&) { call_->HangUp(); }
  void Do(const call_command::Finish& finish) {
    report_.end = finish.end;
    report_.detail = finish.detail;
    Finish();
  }
  // For people and logs only.
  void Do(const call_command::CommitReply&) {}
  void Do(const call_command::Settled&) {}
  void Do(const call_command::SilenceReason&) {}
  // The listener learns from it who the caller is; what it makes of that comes back as events.
  void Do(const call_command::Notice& notice) {
    using call_command::NoticeKind;
    if (!listener_) return;
    if (notice.kind == NoticeKind::kTurnEnded) listener_->TurnEnded(notice.text);
    if (notice.kind != NoticeKind::kTurnWithdrawn) return;
    if (notice.text == "noise") listener_->TurnWasNoise();
    if (notice.text == "no words") listener_->TurnHadNoWords();
  }

  // --- for whoever follows ---------------------------------------------------------------------

  void Deliver() {
    if (delivering_) return;
    delivering_ = true;
    auto watch = lifetime_.Watch();
    for (size_t i = 0; i < shown_.size(); ++i) {
      const SessionEvent event = std::move(shown_[i]);  // an observer's Say adds to the list
      callbacks_.on_event(event);
      if (watch.expired()) return;
    }
    shown_.clear();
    delivering_ = false;
  }

  // --- log and recording -----------------------------------------------------------------------

  absl::Status OpenLog() {
    if (!dependencies_.logs) return absl::OkStatus();
    const CallInfo& call = call_->info();
    DRAGOMAN_ASSIGN_OR_RETURN(
        log_, CallLogWriter::Create(*dependencies_.logs, options_.log_name,
                                    {.tables_digest = CallTablesDigest(),
                                     .options = options_.machine,
                                     .call_id = call.id,
                                     .carrier = call.carrier,
                                     .from = call.from,
                                     .to = call.to,
                                     .outbound = call.direction == CallDirection::kOutbound,
                                     .sample_rate_hz = call_->media()->sample_rate_hz(),
                                     .started = executor_.WallNow()}));
    return absl::OkStatus();
  }

  absl::Status OpenRecording() {
    if (options_.recording_folder.empty() || !dependencies_.pool) return absl::OkStatus();
    DRAGOMAN_ASSIGN_OR_RETURN(
        audio_, CallAudio::Create(Path(".audio"), call_->media()->sample_rate_hz(),
                                  *dependencies_.pool, executor_, [this](const AudioPiece& piece) {
                                    pieces_.push_back(piece);
                                    if (log_) log_->Write(piece);
                                  }));
    if (ears_) audio_->HoldBack();
    return absl::OkStatus();
  }

  std::string Path(std::string_view ending) const {
    return StrCat(options_.recording_folder, "/", options_.log_name, ending);
  }

  void Record(const PcmFrame& frame) {
    if (!audio_) return;
    audio_->CallerFrame(frame.samples, call_->media()->position().position);
    if (ears_ && listener_) audio_->Release(listener_->settled());
  }

  // --- the end ---------------------------------------------------------------------------------

  void Finish() {
    if (ears_ && audio_) ears_->End(listener_->open(), *audio_);
    listener_->Close();
    player_->CancelAll();
    estimate_.reset();
    report_.call_id = call_->info().id;
    report_.duration = std::chrono::duration_cast<std::chrono::milliseconds>(SinceStart());
    report_.history = history_.Request({}, {});
    if (audio_) {
      audio_->Finish([this](const absl::Status& status) {
        Warn("recording", status);
        CloseFiles();
      });
    } else {
      CloseFiles();
    }
  }

  // Closing waits for the disk: on the pool where there is one.
  void CloseFiles() {
    auto work = [log = std::move(log_), pieces = std::move(pieces_), audio = Path(".audio"),
                 wav = Path(".wav"), rate = options_.voice.sample_rate_hz,
                 recorded = audio_ != nullptr]() -> absl::Status {
      absl::Status closed = log ? log->Close() : absl::OkStatus();
      if (recorded) closed.Update(RenderRecording(pieces, rate, audio, wav).status());
      return closed;
    };
    auto shared = std::make_shared<decltype(work)>(std::move(work));
    auto result = std::make_shared<absl::Status>();
    Task done = lifetime_.Wrap([this, result] {
      Warn("closing", *result);
      Report();
    });
    if (dependencies_.pool) {
      absl::Status submitted =
          dependencies_.pool->Submit({.run = [shared, result] { *result = (*shared)(); },
                                      .done = std::move(done),
                                      .modelled_duration = std::chrono::milliseconds(1)},
                                     executor_);
      if (submitted.ok()) return;
      done = lifetime_.Wrap([this] { Report(); });
    }
    *result = (*shared)();
    executor_.Post(std::move(done));
  }

  void Report() {
    auto done = std::move(callbacks_.on_done);
    if (done) done(std::move(report_));
  }

  void Warn(std::string_view what, const absl::Status& status) {
    if (status.ok() || !dependencies_.log) return;
    dependencies_.log->Write(
        LogLevel::kWarning, "session",
        StrCat("call ", call_->info().id, ": ", what, ": ", MessageOf(status)));
  }

  std::unique_ptr<Call> call_;
  Executor& executor_;
  SessionOptions options_;
  const SessionDependencies dependencies_;
  Callbacks callbacks_;
  const TimePoint start_;
  CallMachine machine_;
  History history_;
  CallReport report_;
  ModelAsker model_;
  std::optional<CallEars> ears_;  // where not all that is heard may be kept
  std::unique_ptr<CallListener> listener_;
  std::unique_ptr<SpeechPlayer> player_;
  std::unique_ptr<TurnEstimate> estimate_;
  std::map<ToolRunId, std::unique_ptr<ToolRun>> runs_;
  Narrator narrator_;
  std::optional<call_command::AskModel> asked_;  // of the past, not answered there
  std::int64_t audio_base_ms_ = 0, agent_base_ms_ = 0, speech_begin_ms_ = 0;
  std::map<CallTimer, Timer> timers_;
  std::unique_ptr<CallLogWriter> log_;
  std::unique_ptr<CallAudio> audio_;
  std::vector<AudioPiece> pieces_;
  std::deque<CallEventBody> events_;
  std::vector<CallCommand> commands_;
  std::vector<SessionEvent> shown_;
  bool feeding_ = false;
  bool delivering_ = false;
  Lifetime lifetime_;
};

}  // namespace

absl::Status SessionOptions::Validate() const {
  DRAGOMAN_RETURN_IF_ERROR(voice.Validate());
  return machine.Validate();
}

absl::StatusOr<std::unique_ptr<Session>> Session::Start(std::unique_ptr<Call> call,
                                                        SessionOptions options,
                                                        const SessionDependencies& dependencies,
                                                        Callbacks callbacks) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (!dependencies.recognizer || !dependencies.speech || !dependencies.model ||
      !dependencies.effects) {
    return InvalidArgument("dependencies: recognizer, speech, model and effects are all needed");
  }
  if (!call->media()) {
    return Unimplemented("call ", call->info().id,
                         " has no audio; text streams are not handled yet");
  }
  auto session = std::make_unique<SessionImpl>(std::move(call), std::move(options), dependencies,
                                               std::move(callbacks));
  DRAGOMAN_RETURN_IF_ERROR(session->Open());
  session->Begin();
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace dragoman
