#include "dragoman/safety/goal_context.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/core/text.h"
#include "dragoman/safety/destinations.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

// White space at the ends and its runs do not make another value; anything else does.
std::string Plain(std::string_view text) {
  std::string out;
  for (std::string_view word : SplitWords(text)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

std::string CanonicalValue(std::string_view text, ArgumentRole role, std::string_view home) {
  switch (role) {
    case ArgumentRole::kPhone: {
      const PhoneNumber number = ClassifyNumber(text, home);
      return number.e164.empty() ? Plain(text) : number.e164;
    }
    case ArgumentRole::kMail: {
      const absl::StatusOr<std::string> mail = CanonicalMail(text);
      return mail.ok() ? *mail : Plain(text);
    }
    case ArgumentRole::kUrl: {
      const absl::StatusOr<WebAddress> address = CanonicalUrl(text);
      return address.ok() ? address->url : Plain(text);
    }
    case ArgumentRole::kPayee:
      return CanonicalName(text);
    default:
      return Plain(text);
  }
}

constexpr ArgumentRole kForms[] = {ArgumentRole::kPayload, ArgumentRole::kPhone,
                                   ArgumentRole::kMail, ArgumentRole::kUrl, ArgumentRole::kPayee};

ArgumentRole FormOf(ArgumentRole role) {
  if (role == ArgumentRole::kSms) return ArgumentRole::kPhone;
  return std::find(std::begin(kForms), std::end(kForms), role) == std::end(kForms)
             ? ArgumentRole::kPayload
             : role;
}

}  // namespace

class GoalContext::State {
 public:
  explicit State(std::string home) : home(std::move(home)) {}

  Label LabelOf(std::string_view text, ArgumentRole role) const DRAGOMAN_REQUIRES(mutex) {
    const auto found = values.find({FormOf(role), CanonicalValue(text, FormOf(role), home)});
    return found == values.end() ? ModelOutputLabel(context) : found->second;
  }

  const std::string home;
  mutable Mutex mutex;
  Label context DRAGOMAN_GUARDED_BY(mutex) = LabelOfNothing();
  bool untrusted DRAGOMAN_GUARDED_BY(mutex) = false;
  bool private_data DRAGOMAN_GUARDED_BY(mutex) = false;
  std::map<std::pair<ArgumentRole, std::string>, Label> values DRAGOMAN_GUARDED_BY(mutex);
};

GoalContext::GoalContext(std::string home_country)
    : state_(std::make_unique<State>(std::move(home_country))) {}
GoalContext::~GoalContext() = default;

void GoalContext::Note(std::string_view text, const Label& label) {
  if (text.empty()) return;
  const MutexLock lock(state_->mutex);
  state_->context = Join(state_->context, label);
  state_->untrusted = state_->untrusted || label.integrity == Integrity::kUntrusted;
  state_->private_data = state_->private_data || label.confidentiality > Confidentiality::kPublic;
}

void GoalContext::NoteValue(std::string_view text, const Label& label) {
  Note(text, label);
  if (label.integrity < Integrity::kService) return;  // only trusted values keep their own label
  const MutexLock lock(state_->mutex);
  for (ArgumentRole role : kForms) {
    const auto [at, added] =
        state_->values.try_emplace({role, CanonicalValue(text, role, state_->home)}, label);
    if (added) continue;
    // Said twice: the better source vouches for it, the stricter secrecy stays.
    Label both = Join(at->second, label);
    both.integrity = std::max(at->second.integrity, label.integrity);
    at->second = std::move(both);
  }
}

Label GoalContext::OutputLabel() const {
  const MutexLock lock(state_->mutex);
  return ModelOutputLabel(state_->context);
}

Label GoalContext::LabelOfArgument(std::string_view canonical_json, ArgumentRole role) const {
  const absl::StatusOr<std::vector<std::string>> texts = TextsOf(canonical_json);
  const MutexLock lock(state_->mutex);
  if (!texts.ok() || texts->empty()) return ModelOutputLabel(state_->context);
  Label label = LabelOfNothing();
  for (const std::string& text : *texts) label = Join(label, state_->LabelOf(text, role));
  return label;
}

std::map<std::string, Label> GoalContext::LabelArguments(const ToolSpec& tool,
                                                         std::string_view arguments) const {
  std::map<std::string, Label> labels;
  const auto members = CanonicalMembers(arguments);
  if (!members.ok()) return labels;
  for (const auto& [name, value] : *members) {
    ArgumentRole role = ArgumentRole::kPayload;
    for (const ArgumentSpec& argument : tool.roles) {
      if (argument.name == name) role = argument.role;
    }
    labels[name] = LabelOfArgument(value, role);
  }
  return labels;
}

bool GoalContext::untrusted_input() const {
  const MutexLock lock(state_->mutex);
  return state_->untrusted;
}

bool GoalContext::private_data() const {
  const MutexLock lock(state_->mutex);
  return state_->private_data;
}

Label LabelOfToolResult(const ToolSpec& tool, std::string_view result, std::string source) {
  Label label{.integrity = tool.result_integrity,
              .confidentiality = tool.result_confidentiality,
              .readers = tool.result_confidentiality == Confidentiality::kPublic
                             ? Readers::Everyone()
                             : Readers(),
              .sources = {std::move(source)}};
  if (!tool.labels_results) return label;
  Label own;
  if (const auto members = CanonicalMembers(result); members.ok()) {
    for (const auto& [name, value] : *members) {
      if (name != "label") continue;
      const absl::StatusOr<std::vector<std::string>> line = TextsOf(value);
      if (!line.ok() || line->size() != 1) continue;
      if (auto parsed = ParseLabel(line->front()); parsed.ok()) own = *std::move(parsed);
    }
  }
  if (!own.sources.empty()) label.sources.clear();  // they say more than the tool's name
  return Join(label, own);
}

Label ModelOutputLabel(const Label& context) {
  Label label = context;
  label.integrity = std::min(label.integrity, Integrity::kDerived);
  return label;
}

}  // namespace dragoman
