#include "src/cli/fork_changes.h"

#include <algorithm>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::cli {
namespace {

const std::vector<std::string_view> kGoalKeys = {"answer", "choice", "approval", "policy", "plan"};
const std::vector<std::string_view> kCallKeys = {"answer", "model"};

std::string Listed(const std::vector<std::string_view>& keys) {
  std::string list;
  for (const std::string_view key : keys) list += StrCat(list.empty() ? "" : ", ", key);
  return list;
}

absl::Status CheckKey(std::string_view key, bool goal) {
  const auto& mine = goal ? kGoalKeys : kCallKeys;
  const auto& other = goal ? kCallKeys : kGoalKeys;
  const auto has = [&](const auto& keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (has(mine)) return absl::OkStatus();
  if (has(other)) {
    return InvalidArgument("--with ", key, " is for ", goal ? "calls" : "goals",
                           ", and this is the record of a ", goal ? "goal" : "call",
                           "; expected one of ", Listed(mine));
  }
  const std::string_view near = Nearest(key, mine);
  return InvalidArgument("--with ", EscapeLine(key), " is unknown",
                         near.empty() ? "" : StrCat("; did you mean ", near, "?"),
                         "; expected one of ", Listed(mine));
}

absl::Status TakeChoice(const std::string& value, ForkChanges& changes) {
  for (int i = 1; i < kOwnerChoices; ++i) {
    if (Name(static_cast<OwnerChoice>(i)) == value) changes.choice = static_cast<OwnerChoice>(i);
  }
  if (changes.choice) return absl::OkStatus();
  return InvalidArgument("choice is \"", EscapeLine(value),
                         "\"; expected retry, skip, give up, it happened or it did not");
}

}  // namespace

absl::StatusOr<ForkChanges> ReadForkChanges(const std::vector<std::string>& with, bool goal) {
  ForkChanges changes;
  for (const std::string& one : with) {
    const std::size_t equals = one.find('=');
    const std::string key = one.substr(0, equals);
    DRAGOMAN_RETURN_IF_ERROR(CheckKey(key, goal));
    if (equals == std::string::npos || equals + 1 == one.size()) {
      return InvalidArgument("--with ", key, " has no value; expected ", key, "=...");
    }
    const std::string value = one.substr(equals + 1);
    if (key == "answer") changes.answer = value;
    if (key == "policy") changes.policy = value;
    if (key == "plan") changes.plan = value;
    if (key == "model") changes.model = value;
    if (key == "choice") DRAGOMAN_RETURN_IF_ERROR(TakeChoice(value, changes));
    if (key == "approval") {
      if (value != "yes" && value != "no") {
        return InvalidArgument("approval is \"", EscapeLine(value), "\"; expected yes or no");
      }
      changes.approval = value == "yes";
    }
  }
  const int words =
      (changes.answer ? 1 : 0) + (changes.choice ? 1 : 0) + (changes.approval ? 1 : 0);
  if (words > 1) {
    return InvalidArgument("answer, choice and approval are all the owner's word; expected one");
  }
  if (words > 0 && !changes.plan.empty()) {
    return InvalidArgument(
        "another plan takes the place of the owner's word; expected one of them");
  }
  return changes;
}

std::string ForkChanges::Describe() const {
  std::string text;
  const auto add = [&](std::string_view what, std::string_view value) {
    text += StrCat(text.empty() ? "" : " and ", what, " ", value);
  };
  if (answer) add("the answer", StrCat("\"", EscapeLine(*answer), "\""));
  if (choice) add("the choice", StrCat("\"", Name(*choice), "\""));
  if (approval) add("the approval", *approval ? "given" : "refused");
  if (!policy.empty()) add("the policy", policy);
  if (!plan.empty()) add("the plan", plan);
  if (!model.empty()) add("the model", model);
  return text;
}

}  // namespace dragoman::cli
