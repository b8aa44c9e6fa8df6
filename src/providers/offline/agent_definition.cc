#include "dragoman/providers/offline/agent_definition.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/offline/pattern.h"
#include "src/providers/offline/states.h"

namespace dragoman {
namespace offline {
namespace {

constexpr std::pair<std::string_view, StateKind> kWithName[] = {
    {"ask_", StateKind::kAskSlot},
    {"check_", StateKind::kConfirmValue},
    {"confirm_", StateKind::kConfirm},
};
constexpr std::pair<std::string_view, StateKind> kPlain[] = {
    {"open", StateKind::kOpen},
    {"offer", StateKind::kOffer},
    {"choose", StateKind::kChoose},
    {"which_detail", StateKind::kWhichDetail},
    {"anything_else", StateKind::kAnythingElse},
    {"handover", StateKind::kHandover},
};

}  // namespace

std::optional<StateName> ParseState(std::string_view state) {
  for (const auto& [name, kind] : kPlain) {
    if (state == name) return StateName{kind, ""};
  }
  for (const auto& [prefix, kind] : kWithName) {
    if (state.starts_with(prefix)) return StateName{kind, std::string(state.substr(prefix.size()))};
  }
  return std::nullopt;
}

std::string NameOf(const StateName& state) {
  for (const auto& [name, kind] : kPlain) {
    if (state.kind == kind) return std::string(name);
  }
  for (const auto& [prefix, kind] : kWithName) {
    if (state.kind == kind) return StrCat(prefix, state.name);
  }
  return "open";
}

namespace {

absl::Status CheckPatterns(std::string_view where, const std::vector<PhrasePattern>& patterns) {
  for (const PhrasePattern& pattern : patterns) {
    if (auto words = NeededWords(pattern); !words.ok()) return Annotate(words.status(), where);
  }
  return absl::OkStatus();
}

bool IsIdentifier(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

absl::Status CheckSlot(const SlotDefinition& slot) {
  const std::string where = StrCat("slot ", slot.name);
  if (!IsIdentifier(slot.name)) {
    return InvalidArgument("slot name is \"", slot.name, "\"; expected a-z 0-9 _");
  }
  if (slot.prompt.empty() || slot.prompt_again.empty() || slot.noun.empty()) {
    return InvalidArgument(where, " lacks prompt, prompt_again or noun");
  }
  if ((slot.type == SlotType::kChoice) == slot.choices.empty()) {
    return InvalidArgument(where, " has ", slot.choices.size(),
                           " choices; expected some for a choice, none else");
  }
  DRAGOMAN_RETURN_IF_ERROR(CheckPatterns(where, slot.nouns));
  for (const ChoiceDefinition& choice : slot.choices) {
    DRAGOMAN_RETURN_IF_ERROR(CheckPatterns(where, choice.synonyms));
  }
  return absl::OkStatus();
}

absl::Status CheckGoal(const AgentDefinition& agent, const GoalDefinition& goal) {
  const std::string where = StrCat("goal ", goal.name);
  if (!IsIdentifier(goal.name)) {
    return InvalidArgument("goal name is \"", goal.name, "\"; expected a-z 0-9 _");
  }
  DRAGOMAN_RETURN_IF_ERROR(CheckPatterns(where, goal.triggers));
  for (const auto* slots : {&goal.required, &goal.optional, &goal.find_by}) {
    for (const std::string& slot : *slots) {
      if (agent.FindSlot(slot) == nullptr) {
        return InvalidArgument(where, " names the unknown slot \"", slot, "\"");
      }
    }
  }
  for (const std::string& slot : goal.required) {
    if (goal.confirm.find("{" + slot + "}") == std::string::npos) {
      return InvalidArgument(where, " does not read back {", slot, "}; expected it in confirm");
    }
  }
  if (goal.commit_tool.empty() || goal.done.empty() || goal.ability.empty()) {
    return InvalidArgument(where, " lacks commit_tool, done or ability");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace offline

const SlotDefinition* AgentDefinition::FindSlot(std::string_view slot) const {
  for (const SlotDefinition& candidate : slots) {
    if (candidate.name == slot) return &candidate;
  }
  return nullptr;
}

const GoalDefinition* AgentDefinition::FindGoal(std::string_view goal) const {
  for (const GoalDefinition& candidate : goals) {
    if (candidate.name == goal) return &candidate;
  }
  return nullptr;
}

absl::Status AgentDefinition::Validate() const {
  if (house.empty() || greeting.empty()) return InvalidArgument("house or greeting is empty");
  if (goals.empty()) return InvalidArgument("goals is empty; expected at least one");
  for (const SlotDefinition& slot : slots) DRAGOMAN_RETURN_IF_ERROR(offline::CheckSlot(slot));
  for (const GoalDefinition& goal : goals) {
    DRAGOMAN_RETURN_IF_ERROR(offline::CheckGoal(*this, goal));
  }
  for (const AnswerDefinition& answer : answers) {
    DRAGOMAN_RETURN_IF_ERROR(
        offline::CheckPatterns(StrCat("answer ", answer.name), answer.triggers));
  }
  if (!message_goal.empty() && FindGoal(message_goal) == nullptr) {
    return InvalidArgument("message_goal names the unknown goal \"", message_goal, "\"");
  }
  if (horizon_days < 1 || horizon_days > 730) {
    return InvalidArgument("horizon_days is ", horizon_days, "; expected 1 to 730");
  }
  if (utc_offset < std::chrono::hours(-14) || utc_offset > std::chrono::hours(14)) {
    return InvalidArgument("utc_offset is ", utc_offset.count(), " minutes; expected -840 to 840");
  }
  for (const OpeningHours& day : hours) {
    if (day.opens < std::chrono::minutes(0) || day.closes < day.opens ||
        day.closes > std::chrono::hours(24)) {
      return InvalidArgument("hours open at ", day.opens.count(), " and close at ",
                             day.closes.count(), "; expected 0 <= opens <= closes <= 1440");
    }
  }
  return absl::OkStatus();
}

}  // namespace dragoman
