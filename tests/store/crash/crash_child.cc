// Carries a handful of goals, a phone call or a mail each, through store and effect journal, and
// dies by kill -9 at the point that it was told. Started again on the same folder it goes on.
//
//   store_crash_child FOLDER CARRIER SMTP IMAP PREFIX POINT COUNT GOAL...
//
// Three ports. POINT is a name and COUNT which time it is reached; "any" counts every point; "-"
// never dies. Time is virtual: FOLDER/clock holds it, in memory that outlives the process.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/mail/mail_sender.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/effect_journal.h"
#include "dragoman/store/outbox_publisher.h"
#include "dragoman/store/store.h"
#include "tests/store/crash/carrier_client.h"
#include "tests/store/crash/crash_clock.h"
#include "tests/store/crash/crash_points.h"
#include "tests/store/crash/file_consumer.h"
#include "tests/store/crash/goal_runner.h"

namespace dragoman {
namespace {

absl::StatusOr<std::unique_ptr<EffectSender>> MakeMail(const CrashArguments& arguments,
                                                       std::chrono::milliseconds patience,
                                                       Executor& executor, WorkPool& pool) {
  MailServer server{.host = "127.0.0.1",
                    .port = arguments.smtp,
                    .security = MailSecurity::kPlain,
                    .user = "agent",
                    .password = Secret("correct horse")};
  MailOptions options{.smtp = server,
                      .from_address = "agent@example.org",
                      .lookup = MailLookup{.imap = server},
                      .connect_timeout = patience,
                      .timeout = patience};
  options.lookup->imap.port = arguments.imap;
  return MakeMailSender(options, {.executor = &executor, .pool = &pool});
}

int Run(const CrashArguments& arguments) {
  CrashClock clock(arguments.folder + "/clock");
  CrashPoints points(arguments.point, arguments.count);
  const auto probe = [&points](std::string_view name) { points.Reach(name); };
  AwaitedExecutor executor(clock);
  auto real = MakeSqliteStore(
      {.path = arguments.folder + "/store.db"},
      {.probe = [&probe](std::string_view name) { probe(StrCat("store: ", name)); }});
  if (!real.ok()) {
    std::fprintf(stderr, "child: %s\n", real.status().ToString().c_str());
    return 2;
  }
  WatchedStore store(**real);
  auto threads = MakeThreadWorkPool({.threads = 2});
  if (!threads.ok()) return 2;
  WatchedPool pool(**threads, points);
  CarrierClient carrier(arguments.carrier, executor, points);
  const auto mail = MakeMail(arguments, std::chrono::seconds(20), executor, pool);
  // To recipients that end in 5, whose answer never comes.
  const auto hasty = MakeMail(arguments, std::chrono::milliseconds(200), executor, pool);
  if (!mail.ok() || !hasty.ok()) return 2;
  GoalRunner* runner = nullptr;
  auto journal = EffectJournal::Create(
      {}, {.store = &store,
           .executor = &executor,
           .sender = [&](const IntentRecord& intent) -> EffectSender* {
             if (intent.tool == "place_call") return &carrier;
             const bool late = intent.goal_id == "m5" && intent.state == IntentState::kArmed;
             return late ? hasty->get() : mail->get();
           },
           .recheck = [](const IntentRecord&) { return std::vector<Change>{}; },
           .budget_limit = 5,
           .on_final = [&runner](const IntentRecord& record) { runner->OnFinal(record); },
           .probe = probe});
  if (!journal.ok()) return 2;
  GoalRunner goals(arguments, executor, store, **journal, points);
  runner = &goals;
  FileConsumer consumer(arguments.folder + "/consumed", executor, points);
  auto publisher = OutboxPublisher::Create(
      {.consumer = "file", .batch = 8, .advance_every = 3, .idle = std::chrono::hours(1)},
      {.store = &store,
       .executor = &executor,
       .sink = &consumer,
       .probe = [&](std::string_view name) { probe(StrCat("outbox: ", name)); }});
  if (!publisher.ok()) return 2;
  std::size_t steps_seen = 0;
  const TimePoint begun = executor.Now();
  bool recovered = false;
  (*journal)->Recover([&](absl::Status status) {
    if (!status.ok()) _exit(2);
    recovered = true;
    for (const std::string& goal : arguments.goals) goals.Start(goal);
  });
  while (!recovered || goals.unfinished() > 0 || (*journal)->open() > 0 || !(*publisher)->idle() ||
         steps_seen != store.steps) {
    if (executor.RunReady() > 0) continue;
    if (store.under_way > 0 || pool.under_way > 0) {
      executor.AwaitPost();
      continue;
    }
    if (steps_seen != store.steps) {
      steps_seen = store.steps;
      (*publisher)->Wake();
      continue;
    }
    const std::optional<TimePoint> next = executor.NextTimer();
    if (!next || *next > begun + std::chrono::hours(24)) {
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
  if (count < 9) return 2;
  return dragoman::Run({.folder = words[1],
                        .prefix = words[5],
                        .point = words[6],
                        .goals = {words + 8, words + count},
                        .count = std::atoi(words[7]),
                        .carrier = std::atoi(words[2]),
                        .smtp = std::atoi(words[3]),
                        .imap = std::atoi(words[4])});
}
