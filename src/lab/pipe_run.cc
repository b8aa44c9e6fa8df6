#include <array>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/testing/manual_executor.h"
#include "src/lab/run.h"
#include "src/lab/scripted_speech.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kOneWay{10};         // between carrier and agent
constexpr milliseconds kRecogniser{60};     // of scripted speech, to its transcript
constexpr milliseconds kVoice{120};         // to its first audio
constexpr milliseconds kAfterCall{30'000};  // for the agent's report
constexpr int kPoolThreads = 2;

PipeOptions LinePipe() {
  PipeOptions options;
  options.a_to_b.delay = kOneWay;
  options.b_to_a.delay = kOneWay;
  return options;
}

// One call in virtual time. Members go in reverse: the executor last.
class PipeRun {
 public:
  PipeRun(const Scenario& scenario, const ScenarioOptions& options, const std::string& folder)
      : scenario_(scenario),
        options_(options),
        folder_(folder),
        pool_(executor_, kPoolThreads),
        recognizer_(MakeScriptedRecognizer(track_, kRecogniser)),
        synthesizer_(MakeBuzzSynthesizer(kVoice)) {
    executor_.SetWallStart(scenario.now);
  }

  absl::Status Prepare(AgentUnderTest& agent) {
    DRAGOMAN_ASSIGN_OR_RETURN(
        auto voice, MakeCallerVoice(scenario_, options_.voice_program, options_.voice_cache));
    DRAGOMAN_ASSIGN_OR_RETURN(caller_, Caller::Create(scenario_, *voice, executor_));
    AgentEnvironment environment;
    environment.scenario = &scenario_;
    environment.executor = &executor_;
    environment.pool = &pool_;
    if (scenario_.kind == ScenarioKind::kText) {
      environment.recognizer = recognizer_.get();
      environment.synthesizer = synthesizer_.get();
    }
    environment.folder = folder_;
    environment.on_event = [this](const SessionEvent& event) {
      result_.events.push_back(event);
      if (options_.on_event) options_.on_event(event);
      Tell(*caller_, event);
    };
    environment.on_report = [this](const CallReport& report) {
      result_.report = report;
      reported_ = true;
    };
    DRAGOMAN_ASSIGN_OR_RETURN(agent_, agent.Prepare(std::move(environment)));
    return absl::OkStatus();
  }

  absl::StatusOr<ScenarioResult> Run() {
    DRAGOMAN_RETURN_IF_ERROR(Connect());
    while (!done_ && executor_.Now().time_since_epoch() < scenario_.time_limit + kAfterCall)
      executor_.RunFor(kFrame);
    const TimePoint until = executor_.Now() + kAfterCall;
    while (!reported_ && executor_.Now() < until) executor_.RunFor(kFrame);
    executor_.RunUntilIdle();
    result_.caller = caller_->TakeRecord();
    result_.outcome = result_.report.end;
    result_.outcome_detail = reported_ ? result_.report.detail : "the agent gave no report";
    Collect(*agent_, options_, result_);
    return std::move(result_);
  }

 private:
  absl::Status Connect() {
    if (scenario_.wire == Wire::kAudioSocket) return ConnectAudioSocket();
    TwilioMediaDependencies dependencies;
    dependencies.executor = &executor_;
    dependencies.agent = &agent_->agent();
    DRAGOMAN_ASSIGN_OR_RETURN(acceptor_, MakeTwilioMediaAcceptor({}, dependencies));
    WebSocketPipe pipe = MakeWebSocketPipe(executor_, LinePipe());
    acceptor_->Accept(std::move(pipe.b));
    SeededRandom random(scenario_.seed);
    OpenSocket open = [this, end = std::move(pipe.a)](WebSocketCallbacks callbacks) mutable {
      executor_.Post(std::move(callbacks.on_open));
      end->Start(std::move(callbacks));
      return std::move(end);
    };
    StartCaller([open = std::move(open),
                 ids = MakeTwilioIds(random)](CallerLine::Callbacks callbacks) mutable {
      return OpenTwilioLine(std::move(open), std::move(ids), std::move(callbacks));
    });
    return absl::OkStatus();
  }

  absl::Status ConnectAudioSocket() {
    AudioSocketOptions options;
    options.accept_any_uuid = true;
    AudioSocketDependencies dependencies;
    dependencies.executor = &executor_;
    dependencies.agent = &agent_->agent();
    DRAGOMAN_ASSIGN_OR_RETURN(audio_socket_, MakeAudioSocketAcceptor(options, dependencies));
    ByteStreamPipe pipe = MakeByteStreamPipe(executor_, LinePipe());
    audio_socket_->Accept(std::move(pipe.b));
    SeededRandom random(scenario_.seed);
    std::array<std::uint8_t, 16> uuid;
    for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(random.Next());
    StartCaller([this, uuid, end = std::move(pipe.a)](CallerLine::Callbacks callbacks) mutable {
      return OpenAudioSocketLine(std::move(end), uuid, executor_, std::move(callbacks));
    });
    return absl::OkStatus();
  }

  void StartCaller(Caller::OpenLine open) {
    caller_->Start(
        std::move(open),
        [this](const std::vector<TimedWord>& words) {
          track_.words.insert(track_.words.end(), words.begin(), words.end());
        },
        [this] { done_ = true; });
  }

  const Scenario& scenario_;
  const ScenarioOptions& options_;
  const std::string& folder_;
  ManualExecutor executor_;
  ManualWorkPool pool_;
  WordTrack track_;
  std::unique_ptr<SpeechRecognizer> recognizer_;
  std::unique_ptr<SpeechSynthesizer> synthesizer_;
  ScenarioResult result_;
  bool done_ = false;
  bool reported_ = false;
  std::unique_ptr<Caller> caller_;
  std::unique_ptr<PreparedAgent> agent_;
  std::unique_ptr<TwilioMediaAcceptor> acceptor_;
  std::unique_ptr<AudioSocketAcceptor> audio_socket_;
};

}  // namespace

absl::StatusOr<ScenarioResult> RunOnPipe(const Scenario& scenario, AgentUnderTest& agent,
                                         const ScenarioOptions& options,
                                         const std::string& folder) {
  PipeRun run(scenario, options, folder);
  DRAGOMAN_RETURN_IF_ERROR(run.Prepare(agent));
  return run.Run();
}

}  // namespace dragoman::lab
