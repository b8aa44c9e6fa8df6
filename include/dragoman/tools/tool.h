// What an agent can do beside talking.
#ifndef DRAGOMAN_TOOLS_TOOL_H_
#define DRAGOMAN_TOOLS_TOOL_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/message.h"
#include "dragoman/conversation/provenance.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

// A tool at work. Only on its executor. Destruction drops the result, not the effect.
class DRAGOMAN_EXPORT ToolRun {
 public:
  virtual ~ToolRun() = default;
  virtual void
  Cancel() = 0;  // idempotent; a wish: what was done stays done; on_done still comes once
};

// The result as JSON or plain text for the model; a failed status is told to the model as an error.
using ToolDone = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;

struct DRAGOMAN_EXPORT ToolContext {
  std::string call_id;       // the conversation it runs for
  std::string effect_key;    // the same for every attempt of one intent; de-duplicate by it
  std::string confirmation;  // the owner's answer that this run uses up; empty: whichever fits
  // Set by the gate from the goal that it runs for, never from arguments; empty: of nobody.
  std::string user = {}, goal = {}, step = {};
  // Of the top-level arguments, as they were decided on; one that is missing is Label{}.
  std::map<std::string, Label> labels = {};
};

// Thread-safe; must outlive its runs.
class DRAGOMAN_EXPORT Tool {
 public:
  virtual ~Tool() = default;
  virtual const ToolSpec& spec() const = 0;
  // `arguments` is a JSON object that passed the schema. `on_done` runs on `executor`, exactly once
  // unless the run is destroyed first, never inside Run.
  virtual std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                                       Executor& executor, ToolDone on_done) = 0;
};

// A tool from a function: `function(arguments)` runs on `executor` of the session, so it must be
// quick. What it throws becomes kInternal; of an effect that means "nobody knows whether it was
// done".
using ToolFunction = absl::AnyInvocable<absl::StatusOr<std::string>(const std::string& arguments)>;
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Tool>> MakeInlineTool(ToolSpec spec,
                                                                     ToolFunction function);

// What tools there are and how they must be called; runs none. Thread-safe.
class DRAGOMAN_EXPORT ToolCatalog {
 public:
  virtual ~ToolCatalog() = default;
  virtual const ToolSpec* FindSpec(std::string_view name) const = 0;  // null: no such tool
  virtual std::vector<ToolSpec> Specs() const = 0;                    // in the order added
  // Checks that `call` names a known tool and that its arguments satisfy the schema (JSON Schema
  // draft 7). kNotFound names the nearest tool; kInvalidArgument the field, its value and what was
  // expected.
  virtual absl::Status Validate(const ToolCall& call) const = 0;
};

// The tools of an agent. Filled before use, then read-only and thread-safe.
class DRAGOMAN_EXPORT ToolRegistry : public ToolCatalog {
 public:
  ToolRegistry();
  ~ToolRegistry() override;
  ToolRegistry(const ToolRegistry&) = delete;
  ToolRegistry& operator=(const ToolRegistry&) = delete;

  // kAlreadyExists: the name is taken. kInvalidArgument: the spec's name, schema or timeout.
  absl::Status Add(std::unique_ptr<Tool> tool);
  Tool* Find(std::string_view name) const;  // null: no such tool
  const ToolSpec* FindSpec(std::string_view name) const override;
  std::vector<ToolSpec> Specs() const override;
  absl::Status Validate(const ToolCall& call) const override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TOOLS_TOOL_H_
