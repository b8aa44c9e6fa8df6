// `dragoman task ...` and `dragoman operate`.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tasks/goal_plan.h"
#include "dragoman/tasks/task_events.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"
#include "src/cli/owner.h"
#include "src/cli/task_view.h"

namespace dragoman::cli {
namespace {

using nlohmann::json;

bool IsInteractive() { return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1; }

absl::StatusOr<std::string> ReadPlan(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || path.empty()) return NotFound("cannot read the plan \"", path, "\"");
  return text.str();
}

int ExitOf(const json& shown) {
  const std::string state = shown.value("state", "");
  if (state == "COMPLETED") return kOk;
  return shown.value("final", false) ? kFailed : kWaits;
}

// Asks the person at the terminal; none: end of input.
std::optional<json> AskPerson(const std::string& goal, const json& question) {
  const std::string about = question.value("about", "");
  Print(StrCat(CleanLines(question.value("text", "")), "\n"));
  const bool approval = about == "approval";
  if (approval) {
    Print("Yes or no? ");
  } else if (about == "failure") {
    Print("retry, skip or give up? ");
  } else if (about == "unclear") {
    Print("yes, it happened, or no? ");
  } else {
    Print("> ");
  }
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  const std::string word = ToLowerAscii(std::string(Trim(line)));
  const bool yes = word == "y" || word == "yes";
  json request = {{"goal", goal}, {"follow", true}};
  if (approval) {
    request["do"] = yes ? "task.approve" : "task.deny";
    return request;
  }
  request["do"] = "task.answer";
  if (about == "failure") {
    request["choice"] = word == "retry" || word == "skip" ? word : "give up";
  } else if (about == "unclear") {
    request["choice"] = yes ? "it happened" : "it did not";
  } else {
    request["text"] = line;
  }
  return request;
}

// Sends `request`, shows what happens until the goal ends or waits, and asks the person where there
// is one.
int FollowGoal(Owner& owner, json request, std::string goal, const TaskOptions& options) {
  while (true) {
    const auto show = [&](const json& line) {
      if (options.json) return Print(line.dump() + "\n");
      if (const auto taken = line.find("taken"); taken != line.end()) {
        goal = taken->get<std::string>();
        Print(StrCat("goal ", goal, "\n"));
      } else if (const auto update = line.find("update"); update != line.end()) {
        Print(RenderUpdate(*update));
      }
    };
    const absl::StatusOr<json> last = owner.Ask(request, show);
    if (!last.ok()) return Complain(last.status());
    show(*last);
    const absl::StatusOr<json> answer = owner.Ask({{"do", "task.show"}, {"goal", goal}});
    if (!answer.ok()) return Complain(answer.status());
    const json& shown = (*answer)["shown"];
    const auto question = shown.find("question");
    const bool on_the_line =
        question != shown.end() && question->value("about", "") == Name(TaskWait::kCallQuestion);
    if (on_the_line && owner.here() && (!IsInteractive() || options.json)) {
      // Ending now would hang up; who answers from elsewhere has a minute.
      request = {{"do", "task.follow"}, {"goal", goal}, {"stay_in_call", true}};
      if (options.yes) request["yes"] = true;
      continue;
    }
    if (question != shown.end() && IsInteractive() && !options.json) {
      if (std::optional<json> reply = AskPerson(goal, *question)) {
        request = *std::move(reply);
        if (options.yes) request["yes"] = true;
        continue;
      }
    }
    Print(options.json ? shown.dump() + "\n" : RenderOutcome(shown));
    return ExitOf(shown);
  }
}

json WithFlags(json request, const TaskOptions& options) {
  request["follow"] = true;
  request["yes"] = options.yes;
  return request;
}

// Where nobody owns the directory, a look at it sets nothing going and makes nothing.
absl::StatusOr<Owner> Look(const TaskOptions& options) {
  if (!std::filesystem::exists(options.host.data_dir)) {
    return NotFound("there is no data directory ", options.host.data_dir,
                    "; name one with --data or DRAGOMAN_DATA");
  }
  OperatorHostOptions host = options.host;
  host.work = false;
  host.listen = false;
  return Owner::Open(host);
}

int Simple(Owner& owner, const json& request, const TaskOptions& options,
           const std::function<std::string(const json&)>& render) {
  const absl::StatusOr<json> answer = owner.Ask(request);
  if (!answer.ok()) return Complain(answer.status());
  Print(options.json ? answer->dump() + "\n" : render(*answer));
  return kOk;
}

}  // namespace

int RunTaskNew(const TaskOptions& options) {
  const absl::StatusOr<std::string> plan = ReadPlan(options.plan);
  if (!plan.ok()) return Complain(plan.status());
  absl::StatusOr<Owner> owner = Owner::Open(options.host);
  if (!owner.ok()) return Complain(owner.status());
  if (owner->here() && !options.json) {
    if (plan->find("send_email") != std::string::npos && options.host.mail.smtp_url.empty()) {
      Print("No mail server is configured (--smtp): mails are a dry run.\n");
    }
    if (plan->find(kPlaceCallTool) != std::string::npos && !options.host.calls.loopback) {
      Print("No carrier is configured (--calls): phone calls are a dry run.\n");
    }
  }
  json request = {{"do", "task.new"},
                  {"words", options.words},
                  {"plan", *plan},
                  {"plan_name", options.plan},
                  {"priority", options.priority}};
  if (!options.parent.empty()) request["parent"] = options.parent;
  if (!options.after.empty()) request["after"] = options.after;
  if (options.deadline_seconds > 0) request["deadline_seconds"] = options.deadline_seconds;
  return FollowGoal(*owner, WithFlags(std::move(request), options), "", options);
}

int RunTaskResume(const TaskOptions& options) {
  absl::StatusOr<Owner> owner = Owner::Open(options.host);
  if (!owner.ok()) return Complain(owner.status());
  std::vector<std::string> goals = {options.goal};
  if (options.goal.empty()) {
    const absl::StatusOr<json> listed = owner->Ask({{"do", "task.list"}});
    if (!listed.ok()) return Complain(listed.status());
    goals.clear();
    for (const json& goal : (*listed)["goals"]) goals.push_back(goal.value("goal", ""));
    if (goals.empty()) Print("No goal is open.\n");
  }
  int worst = kOk;
  for (const std::string& goal : goals) {
    const int status = FollowGoal(
        *owner, WithFlags({{"do", "task.follow"}, {"goal", goal}}, options), goal, options);
    worst = std::max(worst, status);
  }
  return worst;
}

int RunTaskReply(const TaskOptions& options, const std::string& what) {
  absl::StatusOr<Owner> owner = Owner::Open(options.host);
  if (!owner.ok()) return Complain(owner.status());
  json request = {{"do", what}, {"goal", options.goal}};
  if (what == "task.answer") {
    request["text"] = options.words;
    if (!options.choice.empty()) request["choice"] = options.choice;
  }
  if (what == "task.replan") {
    const absl::StatusOr<std::string> plan = ReadPlan(options.plan);
    if (!plan.ok()) return Complain(plan.status());
    request["plan"] = *plan;
    request["plan_name"] = options.plan;
  }
  return FollowGoal(*owner, WithFlags(std::move(request), options), options.goal, options);
}

int RunTaskCancel(const TaskOptions& options) {
  absl::StatusOr<Owner> owner = Owner::Open(options.host);
  if (!owner.ok()) return Complain(owner.status());
  return Simple(*owner, {{"do", "task.cancel"}, {"goal", options.goal}, {"why", options.words}},
                options,
                [&](const json&) { return StrCat("goal ", options.goal, " cancelled\n"); });
}

int RunTaskList(const TaskOptions& options) {
  absl::StatusOr<Owner> owner = Look(options);
  if (!owner.ok()) return Complain(owner.status());
  return Simple(*owner, {{"do", "task.list"}, {"all", options.all}}, options, RenderGoals);
}

int RunTaskShow(const TaskOptions& options) {
  absl::StatusOr<Owner> owner = Look(options);
  if (!owner.ok()) return Complain(owner.status());
  return Simple(*owner, {{"do", "task.show"}, {"goal", options.goal}}, options,
                [](const json& answer) { return RenderGoal(answer["shown"]); });
}

int RunTaskLog(const TaskOptions& options) {
  if (!options.export_to.empty()) return RunTaskExport(options);
  absl::StatusOr<Owner> owner = Look(options);
  if (!owner.ok()) return Complain(owner.status());
  return Simple(*owner, {{"do", "task.log"}, {"goal", options.goal}}, options, RenderLog);
}

int RunAuditVerify(const TaskOptions& options) {
  absl::StatusOr<Owner> owner = Look(options);
  if (!owner.ok()) return Complain(owner.status());
  json request = {{"do", "audit.verify"}};
  if (!options.anchor.empty()) {
    const std::size_t colon = options.anchor.find(':');
    const std::string index = options.anchor.substr(0, colon);
    if (colon == std::string::npos || index.empty() || options.anchor.size() != colon + 65 ||
        index.find_first_not_of("0123456789") != std::string::npos || index.size() > 15) {
      return Complain(InvalidArgument("anchor is \"", options.anchor,
                                      "\"; expected INDEX:HASH as this command prints it"));
    }
    request["anchor_index"] = std::stoll(index);
    request["anchor_hash"] = options.anchor.substr(colon + 1);
  }
  const absl::StatusOr<json> answer = owner->Ask(request);
  if (!answer.ok()) return Complain(answer.status());
  Print(options.json ? answer->dump() + "\n" : RenderAudit(*answer));
  return answer->value("ok", false) ? kOk : kFailed;
}

int RunStop(const TaskOptions& options, const std::string& what) {
  absl::StatusOr<Asked> asked =
      AskWhoever(options.host.data_dir, {{"do", what}, {"why", options.words}});
  if (!asked.ok()) return Complain(asked.status());
  json& answer = asked->answer;
  answer["reached"] = asked->reached;
  Print(options.json ? answer.dump() + "\n" : RenderStop(answer, options.host.data_dir));
  return kOk;
}

int RunOperate(const TaskOptions& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  StderrLog log(LogLevel::kInfo);
  absl::StatusOr<std::unique_ptr<OperatorHost>> host = OperatorHost::Create(options.host, log);
  if (!host.ok()) return Complain(host.status());
  Print(StrCat("operator of ", options.host.data_dir, "; goals by: dragoman task new ... --data ",
               options.host.data_dir, "\n"));
  int signal = 0;
  sigwait(&signals, &signal);
  Print(StrCat("stopping; calls under way get ", options.drain_seconds,
               " s (again: they end now), open goals go on at the next start\n"));
  std::promise<void> drained;
  std::thread drains([&] {
    (*host)->Drain(std::chrono::seconds(options.drain_seconds));
    drained.set_value();
  });
  std::future<void> done = drained.get_future();
  while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const timespec wait{.tv_sec = 0, .tv_nsec = 100'000'000};
    if (sigtimedwait(&signals, nullptr, &wait) > 0) {
      (*host)->Drain(std::chrono::milliseconds(0));
    }
  }
  drains.join();
  return kOk;
}

}  // namespace dragoman::cli
