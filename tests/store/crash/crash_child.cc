// Carries a handful of goals, a phone call each, through store and effect journal, and dies by
// kill -9 at the point that it was told. Started again on the same folder it goes on.
//
//   store_crash_child FOLDER PORT PREFIX POINT COUNT
//
// POINT is a name and COUNT which time it is reached; "any" counts every point; "-" never dies.
// Time is virtual: FOLDER/clock holds it, in memory that outlives the process.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/effect_journal.h"
#include "dragoman/store/store.h"
#include "tests/store/crash/crash_clock.h"

namespace dragoman {
namespace {

struct Arguments {
  std::string folder, prefix, point;
  int port = 0;
  int count = 0;
};

class CrashPoints {
 public:
  CrashPoints(std::string point, int count) : point_(std::move(point)), left_(count) {}
  void Reach(std::string_view name) {
    if (point_ == "-" || (point_ != "any" && point_ != name)) return;
    if (left_.fetch_sub(1) == 1) kill(getpid(), SIGKILL);
  }

 private:
  const std::string point_;
  std::atomic<int> left_;
};

// The store, with what is under way counted: virtual time stands still meanwhile.
class WatchedStore : public Store {
 public:
  explicit WatchedStore(Store& real) : real_(real) {}
  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override {
    ++under_way;
    absl::Status taken =
        real_.Commit(std::move(transaction), executor,
                     [this, done = std::move(done)](absl::StatusOr<Committed> committed) mutable {
                       --under_way;
                       done(std::move(committed));
                     });
    if (!taken.ok()) --under_way;
    return taken;
  }
  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override {
    ++under_way;
    absl::Status taken = real_.Read(std::move(reading), executor,
                                    [this, done = std::move(done)](absl::Status status) mutable {
                                      --under_way;
                                      done(std::move(status));
                                    });
    if (!taken.ok()) --under_way;
    return taken;
  }
  int under_way = 0;  // the executor's thread only

 private:
  Store& real_;
};

// Talks to the counting carrier. Empty: no answer.
class CarrierClient : public EffectSender {
 public:
  CarrierClient(int port, Executor& executor, CrashPoints& points)
      : port_(port), executor_(executor), points_(points) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    std::istringstream answer(Ask(StrCat("PLACE ", intent.client_reference, " ", intent.to, " ",
                                         intent.from, " ", Micros())));
    std::string word, id;
    answer >> word >> id;
    SendResult result{.outcome = SendOutcome::kNoAnswer, .reference = id};
    if (word == "CONFIRMED") result.outcome = SendOutcome::kConfirmed;
    if (word == "ACCEPTED") result.outcome = SendOutcome::kAccepted;
    if (word == "REJECTED") result.outcome = SendOutcome::kRejected;
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }
  void LookUp(const IntentRecord& intent, WallTime first, WallTime last,
              absl::AnyInvocable<void(LookupResult)> done) override {
    std::istringstream answer(Ask(StrCat("FIND ", intent.client_reference, " ", intent.to, " ",
                                         intent.from, " ", first.time_since_epoch().count(), " ",
                                         last.time_since_epoch().count(), " ", Micros())));
    std::string word, id;
    answer >> word >> id;
    LookupResult result{.outcome = LookupOutcome::kFailed, .reference = id};
    if (word == "FOUND") result.outcome = LookupOutcome::kFound;
    if (word == "ABSENT") result.outcome = LookupOutcome::kAbsent;
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override {
    const std::string word = Ask(StrCat("POLL ", intent.provider_reference, " ", Micros()));
    PollResult result;
    if (word == "CONFIRMED") result.outcome = PollOutcome::kConfirmed;
    if (word == "PENDING") result.outcome = PollOutcome::kPending;
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }

 private:
  std::int64_t Micros() const { return executor_.WallNow().time_since_epoch().count(); }

  std::string Ask(const std::string& question) {
    const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    points_.Reach("carrier: before connect");
    std::string answer;
    if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      points_.Reach("carrier: connected");
      const std::string line = question + "\n";
      const size_t half = line.size() / 2;
      if (send(peer, line.data(), half, MSG_NOSIGNAL) > 0) {
        points_.Reach("carrier: half sent");
        if (send(peer, line.data() + half, line.size() - half, MSG_NOSIGNAL) > 0) {
          points_.Reach("carrier: sent");
          char byte = 0;
          while (read(peer, &byte, 1) == 1 && byte != '\n') answer += byte;
          points_.Reach("carrier: answered");
        }
      }
    }
    close(peer);
    return answer;
  }

  const int port_;
  Executor& executor_;
  CrashPoints& points_;
};

// One goal: a call, tried again as a new intent where that is allowed, then an end.
class GoalRunner {
 public:
  GoalRunner(const Arguments& arguments, Executor& executor, Store& store, EffectJournal& journal,
             CrashPoints& points)
      : arguments_(arguments),
        executor_(executor),
        store_(store),
        journal_(journal),
        points_(points) {}

  int unfinished() const { return unfinished_; }

  void Start(int digit) {
    ++unfinished_;
    const std::string goal = "goal-" + std::to_string(digit);
    auto found = std::make_shared<std::optional<GoalRecord>>();
    Must(store_.Read(
        [found, goal](StoreView& view) {
          DRAGOMAN_ASSIGN_OR_RETURN(*found, view.FindGoal(goal));
          return absl::OkStatus();
        },
        executor_,
        [this, found, goal, digit](absl::Status status) {
          Must(status);
          if (!*found) return Create(goal, digit);
          if ((*found)->final) return Finished();
          Attempt(goal, digit, 1);
        }));
  }

  void OnFinal(const IntentRecord& record) {
    const auto waiting = waiting_.find(record.effect_id);
    if (waiting == waiting_.end()) return;
    const int digit = waiting->second;
    waiting_.erase(waiting);
    Ended(record, digit);
  }

 private:
  static void Must(const absl::Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "child: %s\n", status.ToString().c_str());
    _exit(2);
  }
  void Finished() { --unfinished_; }

  void Create(const std::string& goal, int digit) {
    StoreTransaction transaction;
    transaction.changes.push_back(
        GoalRecord{.id = goal, .user_id = "u1", .request = "call", .state = "INIT"});
    transaction.steps.push_back({.goal_id = goal, .actor = "u1", .action = "goal created"});
    Must(store_.Commit(std::move(transaction), executor_,
                       [this, goal, digit](absl::StatusOr<Committed> committed) {
                         Must(committed.status());
                         Acknowledge(goal);
                         points_.Reach("goal acknowledged");
                         Attempt(goal, digit, 1);
                       }));
  }

  // What the caller of the API would have seen.
  void Acknowledge(const std::string& goal) {
    const int file = open((arguments_.folder + "/acknowledged").c_str(),
                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string line = goal + "\n";
    if (write(file, line.data(), line.size()) < 0) _exit(2);
    close(file);
  }

  void Attempt(const std::string& goal, int digit, int group) {
    IntentRecord intent{.goal_id = goal,
                        .step = "call",
                        .attempt_group = group,
                        .tool = "place_call",
                        .effect = EffectClass::kQueryable,
                        .arguments = "{}",
                        .to = arguments_.prefix + std::to_string(digit),
                        .from = "+4930555",
                        .budget_account = goal,
                        .budget_unit = "call",
                        .budget_reserved = 1};
    intent.effect_id = MakeEffectId(goal, "call", group, "{}");
    // The folders of other rounds hold the same goals; the carrier must tell them apart.
    intent.client_reference =
        MakeEffectId(arguments_.prefix + goal, "call", group, "{}").substr(0, 32);
    journal_.Plan(intent, [this, digit](absl::StatusOr<IntentRecord> planned) {
      Must(planned.status());
      Continue(*planned, digit);
    });
  }

  void Continue(const IntentRecord& record, int digit) {
    if (IsFinal(record.state)) return Ended(record, digit);
    waiting_[record.effect_id] = digit;
    if (record.state == IntentState::kPlanned) {
      journal_.Approve(record.effect_id, [this, digit](absl::StatusOr<IntentRecord> approved) {
        Must(approved.status());
        Continue(*approved, digit);
      });
    } else if (record.state == IntentState::kApproved) {
      journal_.Execute(record.effect_id,
                       [](absl::StatusOr<IntentRecord> armed) { Must(armed.status()); });
    }
  }

  void Ended(const IntentRecord& record, int digit) {
    if (MayAttemptAgain(record.state)) {
      return Attempt(record.goal_id, digit, static_cast<int>(record.attempt_group) + 1);
    }
    const bool happened =
        record.state == IntentState::kConfirmed || record.state == IntentState::kDone;
    GoalStep step{.goal_id = record.goal_id,
                  .expected_version = 1,
                  .state = happened ? "COMPLETED" : "ESCALATED",
                  .final = true,
                  .actor = "worker",
                  .action = "goal ended",
                  .topic = "goal.final",
                  .event = record.goal_id};
    StoreTransaction transaction;
    transaction.steps.push_back(std::move(step));
    Must(store_.Commit(std::move(transaction), executor_,
                       [this](absl::StatusOr<Committed> committed) {
                         Must(committed.status());
                         points_.Reach("goal ended");
                         Finished();
                       }));
  }

  const Arguments& arguments_;
  Executor& executor_;
  Store& store_;
  EffectJournal& journal_;
  CrashPoints& points_;
  std::map<std::string, int> waiting_;
  int unfinished_ = 0;
};

int Run(const Arguments& arguments) {
  CrashClock clock(arguments.folder + "/clock");
  CrashPoints points(arguments.point, arguments.count);
  const auto probe = [&points](std::string_view name) { points.Reach(name); };
  PumpedExecutor executor(clock);
  auto real = MakeSqliteStore(
      {.path = arguments.folder + "/store.db"},
      {.probe = [&probe](std::string_view name) { probe(StrCat("store: ", name)); }});
  if (!real.ok()) {
    std::fprintf(stderr, "child: %s\n", real.status().ToString().c_str());
    return 2;
  }
  WatchedStore store(**real);
  CarrierClient carrier(arguments.port, executor, points);
  GoalRunner* runner = nullptr;
  auto journal = EffectJournal::Create(
      {}, {.store = &store,
           .executor = &executor,
           .sender = [&carrier](const IntentRecord&) { return &carrier; },
           .recheck = [](const IntentRecord&) { return std::vector<Change>{}; },
           .budget_limit = 5,
           .on_final = [&runner](const IntentRecord& record) { runner->OnFinal(record); },
           .probe = probe});
  if (!journal.ok()) return 2;
  GoalRunner goals(arguments, executor, store, **journal, points);
  runner = &goals;
  bool recovered = false;
  (*journal)->Recover([&](absl::Status status) {
    if (!status.ok()) _exit(2);
    recovered = true;
    for (int digit = 0; digit < 9; ++digit) goals.Start(digit);
  });
  while (!recovered || goals.unfinished() > 0 || (*journal)->open() > 0) {
    if (executor.RunReady() > 0) continue;
    if (store.under_way > 0) {
      std::this_thread::yield();
      continue;
    }
    const std::optional<TimePoint> next = executor.NextTimer();
    if (!next) {
      std::fprintf(stderr, "child: stuck with %d goals and %zu intents\n", goals.unfinished(),
                   (*journal)->open());
      return 3;
    }
    clock.AdvanceTo(*next);
  }
  return 0;
}

}  // namespace
}  // namespace dragoman

int main(int count, char** words) {
  if (count != 6) return 2;
  return dragoman::Run({.folder = words[1],
                        .prefix = words[3],
                        .point = words[4],
                        .port = std::atoi(words[2]),
                        .count = std::atoi(words[5])});
}
