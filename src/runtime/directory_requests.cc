#include "src/runtime/directory_requests.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/store/audit.h"
#include "dragoman/store/digest.h"
#include "src/runtime/request_lines.h"
#include "src/runtime/retention.h"

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

bool HasFilesOf(const std::string& folder, const std::string& call) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (IsFileOfCall(at->path().filename().string(), call)) return true;
  }
  return false;
}

}  // namespace

bool DirectoryRequests::Handle(const std::string& what, const Json& request, const Reply& reply) {
  if (what == "stop.on" || what == "stop.off" || what == "stop.show") {
    HandleStop(what, request, reply);
  } else if (what == "task.hold" || what == "task.release") {
    Hold(request, what == "task.hold", reply);
  } else if (what == "task.holds") {
    ListHolds(reply);
  } else if (what == "audit.verify") {
    VerifyAudit(request, reply);
  } else {
    return false;
  }
  return true;
}

// --- the kill switch -----------------------------------------------------------------------------

void DirectoryRequests::HandleStop(const std::string& what, const Json& request,
                                   const Reply& reply) {
  absl::Status done;
  std::size_t cut = 0;
  if (what == "stop.on") {
    const absl::StatusOr<std::string> why = TextOf(request, "why");
    if (!why.ok()) return Fail(reply, why.status());
    const std::string reason = why->empty() ? "the owner said so" : *why;
    if (with_.calls_under_way) cut = with_.calls_under_way();
    done = with_.ledgers->StopAll(reason);
    if (with_.on_stop) with_.on_stop(reason);
  } else if (what == "stop.off") {
    done = with_.ledgers->LiftStop();
    if (done.ok() && with_.on_lift) with_.on_lift();
  }
  if (!done.ok()) return Fail(reply, done);
  const auto stopped = with_.ledgers->kill().Stopped(with_.tenant, "");
  Json line = {{"stopped", stopped.has_value()}, {"why", stopped.value_or("")}};
  if (what == "stop.on") line["calls_cut"] = cut;
  Send(reply, line);
}

void DirectoryRequests::VerifyAudit(const Json& request, const Reply& reply) {
  std::optional<AuditHead> anchor;
  if (const auto at = request.find("anchor_index");
      at != request.end() && at->is_number_integer()) {
    const absl::StatusOr<std::string> hash = TextOf(request, "anchor_hash");
    std::string bytes;
    for (std::size_t i = 0; hash.ok() && i + 1 < hash->size(); i += 2) {
      bytes.push_back(static_cast<char>(std::strtol(hash->substr(i, 2).c_str(), nullptr, 16)));
    }
    anchor = AuditHead{.index = at->get<std::int64_t>(), .hash = bytes};
  }
  auto report = std::make_shared<AuditReport>();
  const absl::Status taken = with_.store->Read(
      [report, anchor](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*report, dragoman::VerifyAudit(view, anchor));
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([report, reply](absl::Status status) {
        if (!status.ok()) return Fail(reply, status);
        Json line = {{"ok", !report->first_bad.has_value()},
                     {"rows", report->rows},
                     {"head_index", report->head.index},
                     {"head_hash", ToHex(report->head.hash)}};
        if (report->first_bad) line["first_bad"] = *report->first_bad;
        line["reason"] = report->reason;
        Send(reply, line);
      }));
  if (!taken.ok()) Fail(reply, taken);
}

// --- holds ---------------------------------------------------------------------------------------

// Of one goal, of one call that was answered, or of everything; a goal of somebody else is not
// there.
void DirectoryRequests::Hold(const Json& request, bool held, const Reply& reply) {
  const absl::StatusOr<std::string> given = TextOf(request, "goal");
  if (!given.ok()) return Fail(reply, given.status());
  const std::string& name = *given;
  const bool everything = Flag(request, "everything");
  if (name.empty() != everything) {
    return Fail(reply, InvalidArgument("name a goal or a call, or everything"));
  }
  auto known = std::make_shared<bool>(everything);
  const absl::Status taken = with_.store->Read(
      [known, name, held, user = with_.user](StoreView& view) {
        if (*known) return absl::OkStatus();
        DRAGOMAN_ASSIGN_OR_RETURN(const auto found, view.FindGoal(name));
        *known = found && found->user_id == user;
        if (*known || held) return absl::OkStatus();
        // A call whose files are gone otherwise can still be released.
        DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<HoldRecord> holds, view.ListHolds(user));
        for (const HoldRecord& hold : holds) *known = *known || hold.goal_id == name;
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([this, known, name, held, reply](const absl::Status& read) {
        if (!read.ok()) return Fail(reply, read);
        if (!*known && !HasFilesOf(with_.calls_folder, name)) {
          return Fail(reply, NotFound("no goal and no call '", name, "'"));
        }
        NoteHold(name, held, reply);
      }));
  if (!taken.ok()) Fail(reply, taken);
}

void DirectoryRequests::NoteHold(const std::string& name, bool held, const Reply& reply) {
  const WallTime now = with_.executor->WallNow();
  StoreTransaction transaction;
  if (held) {
    transaction.changes.emplace_back(
        HoldRecord{.user_id = with_.user, .goal_id = name, .since = now});
  } else {
    transaction.changes.emplace_back(
        DeleteRecord{.kind = DeletableKind::kHold, .user_id = with_.user, .id = name});
  }
  transaction.steps.push_back({.at = now,
                               .actor = "owner",
                               .action = held ? "held" : "released",
                               .delta = name.empty() ? "everything" : name});
  const absl::Status given = with_.store->Commit(
      std::move(transaction), *with_.executor,
      [reply](const absl::StatusOr<Committed>& kept) { Say(reply, kept.status()); });
  if (!given.ok()) Fail(reply, given);
}

void DirectoryRequests::ListHolds(const Reply& reply) {
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
