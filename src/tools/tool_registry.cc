#include <algorithm>
#include <chrono>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tools/tool.h"
#include "src/tools/check_spec.h"

namespace dragoman {
namespace {

bool IsToolName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// A name that a model wrote, fit for one line of a message.
std::string Quoted(std::string_view name) {
  return StrCat("\"", EscapeLine(name.substr(0, 64)), "\"");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArgumentSchema>> CheckSpec(const ToolSpec& spec) {
  using std::chrono_literals::operator""ms;
  if (!IsToolName(spec.name)) {
    return InvalidArgument("tool name is ", Quoted(spec.name),
                           "; expected 1 to 64 of A-Z a-z 0-9 _ -");
  }
  if (spec.timeout < 1ms || spec.timeout > std::chrono::minutes(10)) {
    return InvalidArgument("timeout of tool ", Quoted(spec.name), " is ", spec.timeout,
                           "; expected 1 ms to 10 min");
  }
  auto schema = ArgumentSchema::Compile(spec.parameters);
  if (!schema.ok()) return Annotate(schema.status(), StrCat("tool ", Quoted(spec.name)));
  return schema;
}

class ToolRegistry::State {
 public:
  struct Entry {
    std::unique_ptr<Tool> tool;
    std::unique_ptr<ArgumentSchema> schema;
  };
  const Entry* Find(std::string_view name) const {
    for (const Entry& entry : entries) {
      if (entry.tool->spec().name == name) return &entry;
    }
    return nullptr;
  }
  std::vector<Entry> entries;  // an agent has few tools; their order is what models see
};

ToolRegistry::ToolRegistry() : state_(std::make_unique<State>()) {}
ToolRegistry::~ToolRegistry() = default;

absl::Status ToolRegistry::Add(std::unique_ptr<Tool> tool) {
  if (tool == nullptr) return InvalidArgument("tool is null; expected a tool");
  DRAGOMAN_ASSIGN_OR_RETURN(auto schema, CheckSpec(tool->spec()));
  if (Find(tool->spec().name) != nullptr) {
    return MakeStatus(absl::StatusCode::kAlreadyExists,
                      StrCat("a tool ", Quoted(tool->spec().name), " was added before"));
  }
  state_->entries.push_back({std::move(tool), std::move(schema)});
  return absl::OkStatus();
}

Tool* ToolRegistry::Find(std::string_view name) const {
  const State::Entry* entry = state_->Find(name);
  return entry == nullptr ? nullptr : entry->tool.get();
}

const ToolSpec* ToolRegistry::FindSpec(std::string_view name) const {
  const Tool* tool = Find(name);
  return tool == nullptr ? nullptr : &tool->spec();
}

std::vector<ToolSpec> ToolRegistry::Specs() const {
  std::vector<ToolSpec> specs;
  for (const State::Entry& entry : state_->entries) specs.push_back(entry.tool->spec());
  return specs;
}

absl::Status ToolRegistry::Validate(const ToolCall& call) const {
  const State::Entry* entry = state_->Find(call.name);
  if (entry == nullptr) {
    std::vector<std::string_view> names;
    std::string all;
    for (const State::Entry& known : state_->entries) {
      names.push_back(known.tool->spec().name);
      all += StrCat(all.empty() ? "" : ", ", names.back());
    }
    const std::string_view nearest = Nearest(std::string_view(call.name).substr(0, 64), names);
    if (!nearest.empty()) {
      return NotFound("no tool ", Quoted(call.name), "; did you mean \"", nearest, "\"?");
    }
    return NotFound("no tool ", Quoted(call.name), "; expected ", all.empty() ? "none" : all);
  }
  return entry->schema->Check(call.arguments);
}

}  // namespace dragoman
