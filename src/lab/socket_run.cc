#include <condition_variable>
#include <functional>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "src/lab/child_caller.h"
#include "src/lab/live_caller.h"
#include "src/lab/run.h"
#include "src/net/http_server.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"
#include "src/net/tcp_stream.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kForReport{15'000};   // from the caller's end to the agent's report
constexpr milliseconds kForProcess{30'000};  // beyond the scenario's limit
constexpr std::string_view kPath = "/media";

// The machine's clock, with the wall clock set to the scenario's.
class ShiftedClock : public Clock {
 public:
  explicit ShiftedClock(WallTime now) : start_(system_.Now()), wall_(now) {}
  TimePoint Now() const override { return system_.Now(); }
  WallTime WallNow() const override { return wall_ + (system_.Now() - start_); }

 private:
  SystemClock system_;
  TimePoint start_;
  WallTime wall_;
};

// The agent's side: listens on a free port, answers one call.
class SocketRun {
 public:
  SocketRun(const Scenario& scenario, const ScenarioOptions& options, const std::string& folder)
      : scenario_(scenario),
        options_(options),
        folder_(folder),
        clock_(scenario.now),
        loop_(clock_) {}

  ~SocketRun() {
    http_.reset();
    tcp_.reset();
    RunAndWait(loop_, [this] {
      twilio_.reset();
      audio_socket_.reset();
      agent_.reset();
    });
    loop_.Stop();
  }

  absl::Status Prepare(AgentUnderTest& agent) {
    DRAGOMAN_ASSIGN_OR_RETURN(pool_, MakeThreadWorkPool({}));
    AgentEnvironment environment;
    environment.scenario = &scenario_;
    environment.executor = &loop_;
    environment.pool = pool_.get();
    environment.folder = folder_;
    environment.on_event = [this](const SessionEvent& event) { Happened(event); };
    environment.on_report = [this](const CallReport& report) { Reported(report); };
    DRAGOMAN_ASSIGN_OR_RETURN(agent_, agent.Prepare(std::move(environment)));
    return Listen();
  }

  absl::StatusOr<ScenarioResult> Run() {
    DRAGOMAN_ASSIGN_OR_RETURN(result_.caller,
                              options_.caller_program.empty() ? OnThread() : InProcess());
    {
      MutexLock lock(mutex_);
      lock.WaitFor(changed_, kForReport, [this]() DRAGOMAN_REQUIRES(mutex_) { return reported_; });
      follow_ = nullptr;
      result_.events = std::move(events_);
      result_.report = report_;
      result_.outcome = report_.end;
      result_.outcome_detail = reported_ ? report_.detail : "the agent gave no report";
    }
    RunAndWait(loop_, [this] { Collect(*agent_, options_, result_); });
    return std::move(result_);
  }

 private:
  absl::Status Listen() {
    if (scenario_.wire == Wire::kAudioSocket) return ListenAudioSocket();
    absl::Status status;
    RunAndWait(loop_, [&] {
      TwilioMediaDependencies dependencies;
      dependencies.executor = &loop_;
      dependencies.agent = &agent_->agent();
      auto acceptor = MakeTwilioMediaAcceptor({}, dependencies);
      status = acceptor.status();
      if (acceptor.ok()) twilio_ = *std::move(acceptor);
    });
    DRAGOMAN_RETURN_IF_ERROR(status);
    HttpRoutes routes;
    routes.upgrades[std::string(kPath)] = [this](const ServerRequest&) {
      HttpUpgrade upgrade;
      upgrade.loop = &loop_;
      upgrade.on_open = [this](std::unique_ptr<AcceptedWebSocket> socket) {
        twilio_->Accept(std::move(socket));
      };
      return upgrade;
    };
    DRAGOMAN_ASSIGN_OR_RETURN(http_, HttpServer::Listen({}, std::move(routes), loop_, NullLog()));
    target_ = StrCat("ws://127.0.0.1:", http_->port(), kPath);
    return absl::OkStatus();
  }

  absl::Status ListenAudioSocket() {
    absl::Status status;
    RunAndWait(loop_, [&] {
      AudioSocketOptions options;
      options.accept_any_uuid = true;
      AudioSocketDependencies dependencies;
      dependencies.executor = &loop_;
      dependencies.agent = &agent_->agent();
      auto acceptor = MakeAudioSocketAcceptor(options, dependencies);
      status = acceptor.status();
      if (acceptor.ok()) audio_socket_ = *std::move(acceptor);
    });
    DRAGOMAN_RETURN_IF_ERROR(status);
    DRAGOMAN_ASSIGN_OR_RETURN(
        tcp_, TcpAcceptor::Open("127.0.0.1", 0, loop_, [this](ConnectedSocket socket) {
          audio_socket_->Accept(AdoptTcpStream(loop_, std::move(socket), {}));
        }));
    target_ = StrCat("127.0.0.1:", tcp_->port());
    return absl::OkStatus();
  }

  absl::StatusOr<CallerRecord> OnThread() {
    DRAGOMAN_ASSIGN_OR_RETURN(
        auto voice, MakeCallerVoice(scenario_, options_.voice_program, options_.voice_cache));
    DRAGOMAN_ASSIGN_OR_RETURN(auto caller, LiveCaller::Create(scenario_, *voice));
    Follow([&caller = *caller](const SessionEvent& event) { caller.Tell(event); });
    DRAGOMAN_RETURN_IF_ERROR(caller->Start(target_));
    CallerRecord record = caller->Wait();
    Follow(nullptr);
    return record;
  }

  absl::StatusOr<CallerRecord> InProcess() {
    if (scenario_.file.empty())
      return FailedPrecondition("a caller in another process needs a scenario from a file");
    std::vector<std::string> arguments = {"--scenario", scenario_.file, "--target", target_};
    for (const auto& [flag, value] :
         {std::pair<std::string, std::string>{"--voice-program", options_.voice_program},
          {"--voice-cache", options_.voice_cache},
          {"--recording", options_.folder.empty() ? "" : folder_ + "/caller.wav"}}) {
      if (value.empty()) continue;
      arguments.push_back(flag);
      arguments.push_back(value);
    }
    DRAGOMAN_ASSIGN_OR_RETURN(auto child, ChildCaller::Spawn(options_.caller_program, arguments));
    Follow([&child = *child](const SessionEvent& event) { child.Tell(event); });
    auto record = child->Wait(scenario_.time_limit + kForProcess);
    Follow(nullptr);
    return record;
  }

  void Follow(std::function<void(const SessionEvent&)> follow) {
    MutexLock lock(mutex_);
    follow_ = std::move(follow);
  }

  // On the loop. What follows only posts or writes without waiting, so the lock is held meanwhile:
  // nobody is told anything after Follow(nullptr).
  void Happened(const SessionEvent& event) {
    if (options_.on_event) options_.on_event(event);
    MutexLock lock(mutex_);
    events_.push_back(event);
    if (follow_) follow_(event);
  }

  void Reported(const CallReport& report) {
    MutexLock lock(mutex_);
    report_ = report;
    reported_ = true;
    changed_.notify_all();
  }

  const Scenario& scenario_;
  const ScenarioOptions& options_;
  const std::string& folder_;
  ShiftedClock clock_;
  IoLoop loop_;
  std::unique_ptr<WorkPool> pool_;        // goes first: its work replies to the loop
  std::unique_ptr<PreparedAgent> agent_;  // on the loop, as the acceptors
  std::unique_ptr<TwilioMediaAcceptor> twilio_;
  std::unique_ptr<AudioSocketAcceptor> audio_socket_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<TcpAcceptor> tcp_;
  std::string target_;
  ScenarioResult result_;
  Mutex mutex_;
  std::condition_variable changed_;
  std::function<void(const SessionEvent&)> follow_ DRAGOMAN_GUARDED_BY(mutex_);
  std::vector<SessionEvent> events_ DRAGOMAN_GUARDED_BY(mutex_);
  CallReport report_ DRAGOMAN_GUARDED_BY(mutex_);
  bool reported_ DRAGOMAN_GUARDED_BY(mutex_) = false;
};

}  // namespace

absl::StatusOr<ScenarioResult> RunOnSocket(const Scenario& scenario, AgentUnderTest& agent,
                                           const ScenarioOptions& options,
                                           const std::string& folder) {
  SocketRun run(scenario, options, folder);
  DRAGOMAN_RETURN_IF_ERROR(run.Prepare(agent));
  return run.Run();
}

}  // namespace dragoman::lab
