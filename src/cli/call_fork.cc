// `dragoman fork` for calls.
#include "dragoman/lab/call_fork.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/runtime/models.h"
#include "src/cli/fork_changes.h"
#include "src/cli/fork_view.h"
#include "src/cli/logs.h"
#include "src/cli/output.h"

namespace dragoman::cli {
namespace {

std::vector<SessionEvent> Told(const lab::RecordedCall& call) {
  Narrator narrator;
  std::vector<SessionEvent> events;
  for (const CallStep& step : call.steps) narrator.Tell(step.event, step.commands, &events);
  return events;
}

int ShowCallPoints(const lab::RecordedCall& call) {
  Print(
      StrCat("Call ", call.header.call_id, ", ", call.steps.size(),
             " events. --at N, then --with answer=TEXT or model=offline|URL. The agent waited for "
             "the caller at:\n"));
  for (const lab::CallForkPoint& point : lab::CallForkPoints(call)) {
    Print(RenderPoint(point.event, point.said, StrCat(point.at_ms / 1000, " s")));
  }
  return kBadUsage;
}

}  // namespace

int RunCallFork(const ForkOptions& options, const ForkChanges& changes, const std::string& bytes) {
  const auto call = lab::ReadRecordedCall(bytes);
  if (!call.ok()) return Complain(Annotate(call.status(), options.log));
  if (options.at == 0) return ShowCallPoints(*call);
  SystemClock clock;
  StderrLog log{LogLevel::kError};
  RuntimeOptions runtime = options.runtime;
  runtime.model_url = changes.model == "offline" ? "" : changes.model;
  const auto model = MakeModel(runtime, clock, log);
  if (!model.ok()) return Complain(model.status());
  // One over the network is asked while the call's time stands still.
  std::unique_ptr<ChatModel> stepped;
  if (!runtime.model_url.empty()) stepped = lab::MakeSteppedModel(**model);
  const auto fork =
      lab::ForkCall(*call, {.at = options.at,
                            .answer = changes.answer,
                            .model = stepped != nullptr ? stepped.get() : model->get(),
                            .log = &log});
  if (!fork.ok()) return Complain(Annotate(fork.status(), options.log));
  const std::int64_t at_us = fork->call.steps[static_cast<std::size_t>(fork->from) - 1].event.at_us;
  Print(StrCat("Call ", call->header.call_id, ": events 1 to ", fork->from,
               " came out as recorded; from there with ", changes.Describe(),
               " (model: ", (*model)->name(), ").\n"));
  if (fork->from > options.at) {
    Print(StrCat("At event ", options.at,
                 " something was under way; it ended as it was recorded, at event ", fork->from,
                 ".\n"));
  }
  Print("Virtual time, every effect dry: no carrier, and a book of its own in memory.\n\n");
  Print(RenderCallFutures(Told(*call), Told(fork->call), at_us));
  for (const lab::Booking& booking : fork->booked) {
    Print(StrCat("booked in the fork: ", booking.name, ", ", booking.date, " at ", booking.time,
                 "\n"));
  }
  const std::string path = options.output.empty()
                               ? StrCat(call->header.call_id, "-fork-", options.at, ".log")
                               : options.output;
  const absl::Status written = WritePrivateFile(path, fork->bytes);
  if (!written.ok()) return Complain(written);
  Print(StrCat("\nthe forked record is in ", path, "\n"));
  return kOk;
}

}  // namespace dragoman::cli
