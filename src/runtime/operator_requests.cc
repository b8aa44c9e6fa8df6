#include "src/runtime/operator_requests.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tasks/goal_log.h"
#include "dragoman/tasks/goal_plan.h"
#include "dragoman/tasks/task_log.h"
#include "src/runtime/request_lines.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;
using Reply = OperatorHost::Reply;

using request_lines::Fail;
using request_lines::Flag;
using request_lines::Iso;
using request_lines::Say;
using request_lines::Send;
using request_lines::TextOf;

constexpr std::int64_t kLongestDeadlineSeconds = 366ll * 24 * 3600;
constexpr int kMostListed = 1000;

Json GoalJson(const GoalRecord& goal) {
  Json json = {{"goal", goal.id},
               {"words", goal.request},
               {"state", goal.state},
               {"waiting_on", goal.waiting_on},
               {"priority", goal.priority},
               {"final", goal.final},
               {"created", Iso(goal.created)},
               {"updated", Iso(goal.updated)}};
  if (goal.erased) json["erased"] = true;
  if (goal.deadline) json["deadline"] = Iso(*goal.deadline);
  if (!goal.parent_id.empty()) json["parent"] = goal.parent_id;
  return json;
}

Json ReportJson(const GoalReport& report) {
  Json json = GoalJson(report.goal);
  json["steps"] = Json::array();
  for (const TaskStepProgress& step : report.progress.steps) {
    const GoalPlanStep* planned = report.plan.Find(step.step.id);
    Json one = {{"id", step.step.id},
                {"kind", Name(step.step.kind)},
                {"tool", planned == nullptr ? "" : planned->tool},
                {"status", Name(step.status)},
                {"attempt", step.attempt},
                {"detail", step.detail},
                {"receipt", step.receipt},
                {"optional", step.step.optional}};
    if (planned != nullptr) one["arguments"] = Json::parse(planned->arguments, nullptr, false);
    json["steps"].push_back(std::move(one));
  }
  if (report.progress.active >= 0) json["active"] = report.progress.active;
  json["effects"] = Json::array();
  for (const IntentRecord& effect : report.effects) {
    json["effects"].push_back({{"id", effect.effect_id},
                               {"step", effect.step},
                               {"attempt", effect.attempt_group},
                               {"tool", effect.tool},
                               {"state", Name(effect.state)},
                               {"to", effect.to},
                               {"reference", effect.provider_reference},
                               {"detail", effect.detail}});
  }
  if (!report.progress.question.empty()) {
    json["question"] = {{"id", report.progress.question},
                        {"about", Name(report.progress.wait)},
                        {"text", report.question_text}};
  }
  json["begun"] = report.progress.begun;
  json["reason"] = report.progress.reason;
  json["summary"] = report.summary;
  return json;
}

}  // namespace

OperatorRequests::OperatorRequests(Parts parts)
    : with_(std::move(parts)),
      directory_({.store = with_.store,
                  .executor = with_.executor,
                  .ledgers = with_.ledgers,
                  .tenant = with_.tenant,
                  .user = with_.user,
                  .calls_folder = with_.calls_folder,
                  .on_stop =
                      [this](const std::string& why) {
                        with_.agent->StopAll(StrCat("the kill switch is on: ", why));
                      },
                  .calls_under_way = with_.calls_under_way,
                  .on_lift = {}}) {}

void OperatorRequests::Handle(const std::string& line, Reply reply) {
  const Json request = Json::parse(line, nullptr, false);
  if (!request.is_object()) return Fail(reply, InvalidArgument("a request is a JSON object"));
  const absl::StatusOr<std::string> what = TextOf(request, "do");
  if (!what.ok()) return Fail(reply, what.status());
  // Before everything else: whatever is under way must not keep anybody from stopping it.
  if (what->starts_with("stop.") && directory_.Handle(*what, request, reply)) return;
  if (with_.erasure != nullptr && with_.erasure->under_way()) {
    return Fail(reply, FailedPrecondition("everything about the owner is being erased just now"));
  }
  if (directory_.Handle(*what, request, reply)) return;
  if (*what == "task.new") return NewGoal(request, std::move(reply));
  if (*what == "task.list") return ListGoals(request, std::move(reply));
  if (*what == "task.show") return ShowGoal(request, std::move(reply));
  if (*what == "task.log") return ShowLog(request, std::move(reply));
  if (*what == "task.answer") return Answer(request, std::move(reply));
  if (*what == "task.approve") return Approve(request, true, std::move(reply));
  if (*what == "task.deny") return Approve(request, false, std::move(reply));
  if (*what == "task.cancel") return Cancel(request, std::move(reply));
  if (*what == "task.replan") return Replan(request, std::move(reply));
  if (*what == "task.follow") return Follow(request, std::move(reply));
  if (*what == "task.export") return Export(request, std::move(reply));
  if (*what == "personal.show") return ShowPersonal(std::move(reply));
  if (*what == "personal.erase") return EraseEverything(std::move(reply));
  if (what->starts_with("memory.")) return HandleMemory(*what, request, std::move(reply));
  if (what->starts_with("vault.")) return HandleVault(*what, request, std::move(reply));
  Fail(reply, InvalidArgument("unknown request \"", *what, "\""));
}

std::string OperatorRequests::GoalOf(const Json& request) const {
  const absl::StatusOr<std::string> goal = TextOf(request, "goal");
  return goal.ok() ? *goal : "";
}

// --- following
// ------------------------------------------------------------------------------------

void OperatorRequests::OnUpdate(const GoalUpdate& update) {
  const bool asks = !update.question.empty();
  const bool approves =
      asks && update.about == TaskWait::kApproval && approves_itself_.contains(update.goal);
  const bool final = IsFinal(update.state);
  Json line = {{"goal", update.goal},         {"state", Name(update.state)},
               {"event", Name(update.event)}, {"step", update.step},
               {"detail", update.detail},     {"waiting_on", update.waiting_on}};
  if (asks) {
    line["question"] = {
        {"id", update.question}, {"about", Name(update.about)}, {"text", update.text}};
    line["approved"] = approves;
  }
  const auto found = followers_.find(update.goal);
  if (found != followers_.end()) {
    std::erase_if(found->second, [&](const Follower& follower) {
      const bool last = final || (asks && !approves && follower.until_it_waits);
      Send(follower.reply, {{"update", line}}, last);
      return last;
    });
    if (found->second.empty()) followers_.erase(found);
  }
  if (final) approves_itself_.erase(update.goal);
  if (approves) ApproveItself(update.goal);
}

void OperatorRequests::ApproveItself(const std::string& goal) {
  // Not inside the update: the goal is still at work.
  with_.executor->Post(lifetime_.Wrap([this, goal] {
    const TaskProgress* now = with_.agent->progress(goal);
    if (now == nullptr || now->wait != TaskWait::kApproval) return;
    with_.agent->Approve(goal, now->question,
                         {.channel = AnswerChannel::kOwnerConsole,
                          .tenant = with_.tenant,
                          .user = with_.user,
                          .yes = true},
                         [](absl::Status) {});
  }));
}

void OperatorRequests::FollowFrom(const std::string& goal, const Json& request, Reply reply) {
  if (Flag(request, "yes")) {
    approves_itself_.insert(goal);
    ApproveItself(goal);
  }
  if (Flag(request, "follow")) {
    followers_[goal].push_back({std::move(reply), !Flag(request, "stay")});
    return;
  }
  Send(reply, {{"ok", true}, {"goal", goal}});
}

void OperatorRequests::Follow(const Json& request, Reply reply) {
  const std::string goal = GoalOf(request);
  const TaskProgress* now = with_.agent->progress(goal);
  if (now == nullptr) return ShowGoal(request, std::move(reply));  // it has ended, or never was
  const bool waits =
      !now->question.empty() && !(now->wait == TaskWait::kApproval && Flag(request, "yes"));
  const bool in_call = now->wait == TaskWait::kCallQuestion && Flag(request, "stay_in_call");
  if (waits && !in_call && !Flag(request, "stay")) return ShowGoal(request, std::move(reply));
  Json follow = request;
  follow["follow"] = true;
  FollowFrom(goal, follow, std::move(reply));
}

void OperatorRequests::End() {
  for (auto& [goal, followers] : followers_) {
    for (const Follower& follower : followers) {
      Fail(follower.reply, Cancelled());
    }
  }
  followers_.clear();
}

// --- goals
// ----------------------------------------------------------------------------------------

void OperatorRequests::NewGoal(const Json& request, Reply reply) {
  if (const auto stopped = with_.ledgers->kill().Stopped(with_.tenant, "")) {
    return Fail(reply, FailedPrecondition(*stopped,
                                          "; no goal is taken until the kill switch is "
                                          "off (dragoman kill-switch off)"));
  }
  GoalRequest goal{.user = with_.user};
  const absl::StatusOr<std::string> words = TextOf(request, "words");
  const absl::StatusOr<std::string> plan = TextOf(request, "plan");
  const absl::StatusOr<std::string> name = TextOf(request, "plan_name");
  const absl::StatusOr<std::string> parent = TextOf(request, "parent");
  for (const auto* field : {&words, &plan, &name, &parent}) {
    if (!field->ok()) return Fail(reply, field->status());
  }
  goal.words = *words;
  goal.parent = *parent;
  if (const auto after = request.find("after"); after != request.end()) {
    if (!after->is_array()) return Fail(reply, InvalidArgument("after is no list"));
    for (const Json& other : *after) {
      if (!other.is_string()) return Fail(reply, InvalidArgument("after holds what is no id"));
      goal.after.push_back(other.get<std::string>());
    }
  }
  if (const auto priority = request.find("priority"); priority != request.end()) {
    if (!priority->is_number_integer())
      return Fail(reply, InvalidArgument("priority is no number"));
    goal.priority = priority->get<std::int64_t>();
  }
  if (const auto seconds = request.find("deadline_seconds"); seconds != request.end()) {
    if (!seconds->is_number_integer()) return Fail(reply, InvalidArgument("deadline is no number"));
    const auto wait = seconds->get<std::int64_t>();
    if (wait < 1 || wait > kLongestDeadlineSeconds) {
      return Fail(reply, InvalidArgument("deadline is in ", wait, " s; expected 1 to ",
                                         kLongestDeadlineSeconds));
    }
    goal.deadline = with_.executor->WallNow() + std::chrono::seconds(wait);
  }
  absl::StatusOr<GoalPlan> read =
      ParseGoalPlan(*plan, name->empty() ? "the plan" : *name, *with_.tools);
  if (!read.ok()) return Fail(reply, read.status());
  goal.plan = *std::move(read);
  with_.agent->NewGoal(std::move(goal), [this, request, reply](absl::StatusOr<std::string> made) {
    if (!made.ok()) return Fail(reply, made.status());
    Send(reply, {{"taken", *made}}, false);
    FollowFrom(*made, request, reply);
  });
}

void OperatorRequests::ListGoals(const Json& request, Reply reply) {
  auto goals = std::make_shared<Json>(Json::array());
  const bool all = Flag(request, "all");
  const absl::Status taken = with_.store->Read(
      [goals, all](StoreView& view) {
        std::string after;
        while (goals->size() < kMostListed) {
          DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<GoalRecord> page,
                                    view.ListGoals("", !all, after, 100));
          for (const GoalRecord& goal : page) goals->push_back(GoalJson(goal));
          if (page.size() < 100) break;
          after = page.back().id;
        }
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([goals, reply](absl::Status status) {
        if (!status.ok()) return Fail(reply, status);
        Send(reply, {{"ok", true}, {"goals", *goals}});
      }));
  if (!taken.ok()) Fail(reply, taken);
}

void OperatorRequests::ShowGoal(const Json& request, Reply reply) {
  auto shown = std::make_shared<Json>();
  const absl::Status taken = with_.store->Read(
      [shown, goal = GoalOf(request)](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const GoalReport report, ReadGoal(view, goal));
        *shown = ReportJson(report);
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([shown, reply](absl::Status status) {
        if (!status.ok()) return Fail(reply, status);
        Send(reply, {{"ok", true}, {"shown", *shown}});
      }));
  if (!taken.ok()) Fail(reply, taken);
}

void OperatorRequests::ShowLog(const Json& request, Reply reply) {
  auto rows = std::make_shared<Json>(Json::array());
  const absl::Status taken = with_.store->Read(
      [rows, goal = GoalOf(request)](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const auto known, view.FindGoal(goal));
        if (!known) return NotFound("no goal '", goal, "'");
        for (std::int64_t from = 1;; from += 256) {
          DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> page,
                                    view.ReadGoalLog(goal, from, 256));
          for (const LogRecord& row : page) {
            Json one = {{"index", row.index},           {"at", Iso(row.at)},
                        {"action", row.action},         {"state", row.state},
                        {"waiting_on", row.waiting_on}, {"commands", Json::array()}};
            if (const auto step = DecodeTaskStep(row.delta); step.ok()) {
              one["detail"] = step->event.detail;
              for (const TaskCommand& command : step->commands) {
                one["commands"].push_back(
                    StrCat(Name(command.kind), command.step.empty() ? "" : " ", command.step));
              }
            }
            rows->push_back(std::move(one));
          }
          if (page.size() < 256) return absl::OkStatus();
        }
      },
      *with_.executor, lifetime_.Wrap([rows, reply](absl::Status status) {
        if (!status.ok()) return Fail(reply, status);
        Send(reply, {{"ok", true}, {"log", *rows}});
      }));
  if (!taken.ok()) Fail(reply, taken);
}

void OperatorRequests::Answer(const Json& request, Reply reply) {
  const std::string goal = GoalOf(request);
  const TaskProgress* now = with_.agent->progress(goal);
  if (now == nullptr) return Fail(reply, NotFound("no open goal '", goal, "'"));
  const absl::StatusOr<std::string> text = TextOf(request, "text");
  const absl::StatusOr<std::string> named = TextOf(request, "choice");
  if (!text.ok() || !named.ok()) {
    return Fail(reply, text.ok() ? named.status() : text.status());
  }
  int choice = 0;
  while (choice < kOwnerChoices && Name(static_cast<OwnerChoice>(choice)) != *named) ++choice;
  if (named->empty()) choice = 0;
  if (choice == kOwnerChoices) {
    return Fail(reply, InvalidArgument("choice is \"", *named,
                                       "\"; expected retry, skip, give up, it happened or it did "
                                       "not"));
  }
  with_.agent->Answer(goal, now->question, static_cast<OwnerChoice>(choice), *text,
                      [this, goal, request, reply](absl::Status status) {
                        if (!status.ok()) return Fail(reply, status);
                        FollowFrom(goal, request, reply);
                      });
}

void OperatorRequests::Approve(const Json& request, bool yes, Reply reply) {
  const std::string goal = GoalOf(request);
  const TaskProgress* now = with_.agent->progress(goal);
  if (now == nullptr) return Fail(reply, NotFound("no open goal '", goal, "'"));
  with_.agent->Approve(goal, now->question,
                       {.channel = AnswerChannel::kOwnerConsole,
                        .tenant = with_.tenant,
                        .user = with_.user,
                        .yes = yes},
                       [this, goal, request, reply](absl::Status status) {
                         if (!status.ok()) return Fail(reply, status);
                         FollowFrom(goal, request, reply);
                       });
}

void OperatorRequests::Cancel(const Json& request, Reply reply) {
  const absl::StatusOr<std::string> why = TextOf(request, "why");
  with_.agent->Cancel(GoalOf(request), why.ok() && !why->empty() ? *why : "cancelled by its owner",
                      [reply](absl::Status status) { Say(reply, status); });
}

void OperatorRequests::Replan(const Json& request, Reply reply) {
  const std::string goal = GoalOf(request);
  const absl::StatusOr<std::string> plan = TextOf(request, "plan");
  const absl::StatusOr<std::string> name = TextOf(request, "plan_name");
  if (!plan.ok() || !name.ok()) return Fail(reply, plan.ok() ? name.status() : plan.status());
  absl::StatusOr<GoalPlan> read =
      ParseGoalPlan(*plan, name->empty() ? "the plan" : *name, *with_.tools);
  if (!read.ok()) return Fail(reply, read.status());
  with_.agent->Replan(goal, *std::move(read), [this, goal, request, reply](absl::Status status) {
    if (!status.ok()) return Fail(reply, status);
    FollowFrom(goal, request, reply);
  });
}

void OperatorRequests::Export(const Json& request, Reply reply) {
  auto bytes = std::make_shared<std::string>();
  const absl::Status taken = with_.store->Read(
      [bytes, goal = GoalOf(request)](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const GoalLog log, ReadGoalLog(view, goal));
        DRAGOMAN_ASSIGN_OR_RETURN(*bytes, EncodeGoalLog(log));
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([bytes, reply](absl::Status status) {
        if (!status.ok()) return Fail(reply, status);
        Send(reply, {{"ok", true}, {"exported", EncodeBase64(*bytes)}});
      }));
  if (!taken.ok()) Fail(reply, taken);
}

}  // namespace dragoman
