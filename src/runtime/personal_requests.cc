// Requests about everything that there is of the owner: what must be kept, and what is forgotten.
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "src/runtime/operator_requests.h"
#include "src/runtime/request_lines.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;
using request_lines::Fail;
using request_lines::Flag;
using request_lines::Iso;
using request_lines::Say;
using request_lines::Send;

Json ThingsJson(const PersonalThings& things) {
  return {{"goals", things.goals},       {"open_goals", things.open_goals},
          {"memories", things.memories}, {"secrets", things.secrets},
          {"contacts", things.contacts}, {"files", things.files},
          {"held", things.held}};
}

Erasure::Done ThingsTo(OperatorHost::Reply reply) {
  return [reply = std::move(reply)](absl::StatusOr<PersonalThings> things) {
    if (!things.ok()) return Fail(reply, things.status());
    Send(reply, {{"ok", true}, {"things", ThingsJson(*things)}});
  };
}

}  // namespace

void OperatorRequests::ShowPersonal(OperatorHost::Reply reply) {
  with_.erasure->Look(with_.user, ThingsTo(std::move(reply)));
}

void OperatorRequests::EraseEverything(OperatorHost::Reply reply) {
  with_.erasure->Erase(with_.user, ThingsTo(std::move(reply)));
}

// Of one goal, or of everything; a goal of somebody else is not there.
void OperatorRequests::Hold(const Json& request, bool held, OperatorHost::Reply reply) {
  const std::string goal = GoalOf(request);
  const bool everything = Flag(request, "everything");
  if (goal.empty() != everything) {
    return Fail(reply, InvalidArgument("name a goal, or everything"));
  }
  auto known = std::make_shared<bool>(everything);
  const absl::Status taken = with_.store->Read(
      [known, goal, user = with_.user](StoreView& view) {
        if (*known) return absl::OkStatus();
        DRAGOMAN_ASSIGN_OR_RETURN(const auto found, view.FindGoal(goal));
        *known = found && found->user_id == user;
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([this, known, goal, held, reply](const absl::Status& read) {
        if (!read.ok()) return Fail(reply, read);
        if (!*known) return Fail(reply, NotFound("no goal '", goal, "'"));
        const WallTime now = with_.executor->WallNow();
        StoreTransaction transaction;
        if (held) {
          transaction.changes.emplace_back(
              HoldRecord{.user_id = with_.user, .goal_id = goal, .since = now});
        } else {
          transaction.changes.emplace_back(
              DeleteRecord{.kind = DeletableKind::kHold, .user_id = with_.user, .id = goal});
        }
        transaction.steps.push_back({.at = now,
                                     .actor = "owner",
                                     .action = held ? "held" : "released",
                                     .delta = goal.empty() ? "everything" : goal});
        const absl::Status given =
            with_.store->Commit(std::move(transaction), *with_.executor,
                                [reply](const absl::StatusOr<Committed>& committed) {
                                  Say(reply, committed.status());
                                });
        if (!given.ok()) Fail(reply, given);
      }));
  if (!taken.ok()) Fail(reply, taken);
}

void OperatorRequests::ListHolds(OperatorHost::Reply reply) {
  auto holds = std::make_shared<Json>(Json::array());
  const absl::Status taken = with_.store->Read(
      [holds, user = with_.user](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<HoldRecord> listed, view.ListHolds(user));
        for (const HoldRecord& hold : listed) {
          holds->push_back({{"goal", hold.goal_id}, {"since", Iso(hold.since)}});
        }
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([holds, reply](const absl::Status& read) {
        if (!read.ok()) return Fail(reply, read);
        Send(reply, {{"ok", true}, {"holds", *holds}});
      }));
  if (!taken.ok()) Fail(reply, taken);
}

}  // namespace dragoman
