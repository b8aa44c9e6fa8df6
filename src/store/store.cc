#include "dragoman/store/store.h"

#include <type_traits>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

// Collects the first thing that is wrong.
class FieldCheck {
 public:
  FieldCheck& Key(std::string_view field, std::string_view value) {
    if (status_.ok() && value.empty()) status_ = InvalidArgument(field, " is empty");
    return OptionalKey(field, value);
  }
  FieldCheck& OptionalKey(std::string_view field, std::string_view value) {
    return Text(field, value, kMaxKeyBytes);
  }
  FieldCheck& Text(std::string_view field, std::string_view value,
                   std::size_t most = kMaxTextBytes) {
    Bytes(field, value, most);
    if (status_.ok() && (!IsValidUtf8(value) || value.find('\0') != std::string_view::npos)) {
      status_ = InvalidArgument(field, " is not UTF-8 text without NUL");
    }
    return *this;
  }
  FieldCheck& Bytes(std::string_view field, std::string_view value,
                    std::size_t most = kMaxTextBytes) {
    if (status_.ok() && value.size() > most) {
      status_ = InvalidArgument(field, " has ", value.size(), " bytes; expected at most ", most);
    }
    return *this;
  }
  FieldCheck& NotNegative(std::string_view field, std::int64_t value) {
    if (status_.ok() && value < 0) {
      status_ = InvalidArgument(field, " is ", value, "; expected 0 or more");
    }
    return *this;
  }
  absl::Status Result() const { return status_; }

 private:
  absl::Status status_;
};

absl::Status Check(const UserRecord& user) {
  return FieldCheck()
      .Key("user id", user.id)
      .Text("display_name", user.display_name)
      .OptionalKey("time_zone", user.time_zone)
      .Text("settings", user.settings)
      .Result();
}
absl::Status Check(const GoalRecord& goal) {
  if (goal.version != 0) return InvalidArgument("version of a new goal is ", goal.version);
  return FieldCheck()
      .Key("goal id", goal.id)
      .Key("user_id", goal.user_id)
      .OptionalKey("parent_id", goal.parent_id)
      .Text("request", goal.request)
      .Key("state", goal.state)
      .OptionalKey("waiting_on", goal.waiting_on)
      .Result();
}
absl::Status Check(const PlanRecord& plan) {
  return FieldCheck().Key("goal_id", plan.goal_id).Bytes("plan", plan.body).Result();
}
absl::Status Check(const IntentRecord& intent) {
  return FieldCheck()
      .Key("effect_id", intent.effect_id)
      .Key("goal_id", intent.goal_id)
      .OptionalKey("step", intent.step)
      .OptionalKey("tool", intent.tool)
      .Text("arguments", intent.arguments)
      .OptionalKey("client_reference", intent.client_reference)
      .OptionalKey("provider_reference", intent.provider_reference)
      .OptionalKey("to", intent.to)
      .OptionalKey("from", intent.from)
      .OptionalKey("approval_id", intent.approval_id)
      .OptionalKey("budget_account", intent.budget_account)
      .OptionalKey("budget_unit", intent.budget_unit)
      .NotNegative("budget_reserved", intent.budget_reserved)
      .Text("detail", intent.detail)
      .Result();
}
absl::Status Check(const UpdateIntent& update) { return Check(update.intent); }
absl::Status Check(const ApprovalRecord& approval) {
  return FieldCheck()
      .Key("approval id", approval.id)
      .OptionalKey("goal_id", approval.goal_id)
      .Key("user_id", approval.user_id)
      .Bytes("digest", approval.digest, kMaxKeyBytes)
      .Text("text", approval.text)
      .Result();
}
absl::Status Check(const ResolveApproval& resolve) {
  return FieldCheck().Key("approval id", resolve.id).Result();
}
absl::Status Check(const ContactRecord& contact) {
  return FieldCheck()
      .Key("user_id", contact.user_id)
      .Key("contact id", contact.id)
      .Text("name", contact.name)
      .OptionalKey("address", contact.address)
      .Text("labels", contact.labels)
      .Text("note", contact.note)
      .Result();
}
absl::Status Check(const VaultRecord& row) {
  return FieldCheck()
      .Key("user_id", row.user_id)
      .Key("record", row.record)
      .Key("field", row.field)
      .Bytes("sealed", row.sealed)
      .Result();
}
absl::Status Check(const UserKeyRecord& key) {
  return FieldCheck().Key("user_id", key.user_id).Bytes("wrapped", key.wrapped).Result();
}
absl::Status Check(const MemoryRecord& memory) {
  return FieldCheck()
      .Key("user_id", memory.user_id)
      .Key("memory id", memory.id)
      .Key("kind", memory.kind)
      .Bytes("body", memory.body)
      .Text("labels", memory.labels)
      .OptionalKey("goal_id", memory.goal_id)
      .OptionalKey("step", memory.step)
      .Result();
}
absl::Status Check(const HoldRecord& hold) {
  return FieldCheck().Key("user_id", hold.user_id).OptionalKey("goal_id", hold.goal_id).Result();
}
absl::Status Check(const ReserveBudget& reserve) {
  return FieldCheck()
      .Key("account", reserve.account)
      .Key("unit", reserve.unit)
      .NotNegative("amount", reserve.amount)
      .NotNegative("limit", reserve.limit)
      .Result();
}
absl::Status Check(const SettleBudget& settle) {
  return FieldCheck()
      .Key("account", settle.account)
      .Key("unit", settle.unit)
      .NotNegative("reserved", settle.reserved)
      .NotNegative("spent", settle.spent)
      .Result();
}
absl::Status Check(const AdvanceOutbox& advance) {
  return FieldCheck()
      .Key("consumer", advance.consumer)
      .NotNegative("index", advance.index)
      .Result();
}
absl::Status Check(const DeleteRecord& remove) {
  FieldCheck check;
  check.Key("user_id", remove.user_id).OptionalKey("id", remove.id);
  if (remove.kind != DeletableKind::kHold) check.Key("id", remove.id);
  return check.Result();
}
absl::Status Check(const EraseUser& erase) {
  return FieldCheck().Key("user_id", erase.user_id).Result();
}
absl::Status Check(const ForgetGoal& forget) {
  return FieldCheck().Key("goal_id", forget.goal_id).Result();
}

absl::Status Check(const GoalStep& step) {
  if (step.topic.empty() && !step.event.empty()) {
    return InvalidArgument("topic is empty beside an event; expected its name");
  }
  if (step.goal_id.empty() && (step.state || step.waiting_on || step.final)) {
    return InvalidArgument("goal_id is empty beside a state; expected the goal that changes");
  }
  return FieldCheck()
      .OptionalKey("goal_id", step.goal_id)
      .OptionalKey("state", step.state.value_or(""))
      .OptionalKey("waiting_on", step.waiting_on.value_or(""))
      .OptionalKey("actor", step.actor)
      .Key("action", step.action)
      .Bytes("delta", step.delta)
      .OptionalKey("topic", step.topic)
      .Bytes("event", step.event)
      .Result();
}

}  // namespace

absl::Status StoreTransaction::Validate() const {
  bool audited = !steps.empty();
  bool only_positions = !changes.empty();
  for (const Change& change : changes) {
    only_positions = only_positions && std::holds_alternative<AdvanceOutbox>(change);
    DRAGOMAN_RETURN_IF_ERROR(
        std::visit([](const auto& concrete) { return Check(concrete); }, change));
  }
  if (!audited && !only_positions) {
    return InvalidArgument("steps is empty; expected at least one: it is the audit entry");
  }
  for (const GoalStep& step : steps) DRAGOMAN_RETURN_IF_ERROR(Check(step));
  return absl::OkStatus();
}

}  // namespace dragoman
