#include "dragoman/agent/session_agent.h"

#include <map>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// A call's place in the agent. The session itself is touched on its executor only.
struct Seat {
  explicit Seat(Executor& executor) : executor(executor), cut(executor) {}
  Executor& executor;
  std::unique_ptr<Session> session;
  Timer cut;
  bool leaving = false;
};

class SessionAgentImpl : public SessionAgent {
 public:
  SessionAgentImpl(SessionAgentOptions options, const SessionDependencies& dependencies,
                   Follow follow)
      : options_(std::move(options)), dependencies_(dependencies), follow_(std::move(follow)) {}

  void Accept(std::unique_ptr<Call> call) override {
    Executor& executor = call->executor();
    auto seat = std::make_shared<Seat>(executor);
    std::int64_t number = 0;
    Session::Callbacks callbacks;
    {
      MutexLock lock(mutex_);
      if (stopping_ || static_cast<int>(seats_.size()) >= options_.max_calls) {
        ++refused_;
        Log(LogLevel::kWarning, StrCat("call ", call->info().id,
                                       " refused: ", stopping_ ? "stopping" : "max_calls reached"));
        return;  // destroying the call hangs it up
      }
      number = ++last_number_;
      seats_.emplace(number, seat);
      if (follow_) callbacks = follow_(call->info());
    }
    callbacks.on_done = [this, number,
                         inner = std::move(callbacks.on_done)](CallReport report) mutable {
      if (inner) inner(std::move(report));
      Leave(number);
    };
    const std::string id = call->info().id;
    auto session =
        Session::Start(std::move(call), options_.session, dependencies_, std::move(callbacks));
    if (!session.ok()) {
      MutexLock lock(mutex_);
      ++refused_;
      Log(LogLevel::kError, StrCat("call ", id, ": ", MessageOf(session.status())));
      executor.Post([this, number] { Leave(number); });
      return;
    }
    seat->session = *std::move(session);
  }

  int active_calls() const override {
    MutexLock lock(mutex_);
    return static_cast<int>(seats_.size());
  }
  std::int64_t refused_calls() const override {
    MutexLock lock(mutex_);
    return refused_;
  }

  void Stop(std::chrono::milliseconds patience, absl::AnyInvocable<void()> done) override {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      if (!seats_.empty()) {
        stopped_ = std::move(done);
        for (auto& [number, seat] : seats_) {
          seat->executor.Post([seat = seat, patience] { SayGoodbye(*seat, patience); });
        }
        return;
      }
    }
    if (done) done();
  }

 private:
  static void SayGoodbye(Seat& seat, std::chrono::milliseconds patience) {
    if (!seat.session || seat.leaving) return;
    seat.cut.Start(patience, [&seat] {
      if (seat.session) seat.session->Abort();
    });
    seat.session->End("");
  }

  // On the call's executor, possibly inside the session's own callback: the seat goes posted.
  void Leave(std::int64_t number) {
    std::shared_ptr<Seat> seat;
    {
      MutexLock lock(mutex_);
      auto found = seats_.find(number);
      if (found == seats_.end()) return;
      seat = found->second;
    }
    if (std::exchange(seat->leaving, true)) return;
    seat->cut.Stop();
    Executor& executor = seat->executor;
    executor.Post([this, number, seat = std::move(seat)]() mutable {
      seat->session.reset();
      absl::AnyInvocable<void()> stopped;
      {
        MutexLock lock(mutex_);
        seats_.erase(number);
        if (seats_.empty() && stopping_) stopped = std::move(stopped_);
      }
      seat.reset();
      if (stopped) stopped();
    });
  }

  void Log(LogLevel level, const std::string& line) {
    if (dependencies_.log) dependencies_.log->Write(level, "agent", line);
  }

  const SessionAgentOptions options_;
  const SessionDependencies dependencies_;
  mutable Mutex mutex_;
  Follow follow_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<std::int64_t, std::shared_ptr<Seat>> seats_ DRAGOMAN_GUARDED_BY(mutex_);
  std::int64_t last_number_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
  std::int64_t refused_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
  bool stopping_ DRAGOMAN_GUARDED_BY(mutex_) = false;
  absl::AnyInvocable<void()> stopped_ DRAGOMAN_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status SessionAgentOptions::Validate() const {
  if (max_calls < 1 || max_calls > 100'000) {
    return InvalidArgument("max_calls is ", max_calls, "; expected 1 to 100000");
  }
  return session.Validate();
}

absl::StatusOr<std::unique_ptr<SessionAgent>> SessionAgent::Create(
    SessionAgentOptions options, const SessionDependencies& dependencies, Follow follow) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<SessionAgent>(
      new SessionAgentImpl(std::move(options), dependencies, std::move(follow)));
}

}  // namespace dragoman
