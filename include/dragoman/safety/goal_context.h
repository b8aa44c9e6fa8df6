// What a goal's session has read, and so what its model's words are worth.
#ifndef DRAGOMAN_SAFETY_GOAL_CONTEXT_H_
#define DRAGOMAN_SAFETY_GOAL_CONTEXT_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "dragoman/conversation/provenance.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Thread-safe. Everything that enters the model's context is noted here first; a model's words have
// the join of all of it and are derived, except a value that equals a noted trusted one.
class DRAGOMAN_EXPORT GoalContext {
 public:
  explicit GoalContext(std::string home_country = "US");  // of numbers without a country code
  ~GoalContext();

  // `text` came into the context with this label.
  void Note(std::string_view text, const Label& label);
  // A single trusted value (a number, an address, a name) of which a model may make use: `text` is
  // noted, and an argument that equals it in canonical form has its label.
  void NoteValue(std::string_view text, const Label& label);

  Label OutputLabel() const;  // of whatever the model writes
  // Of one argument, given as canonical JSON; of an array, the join over its elements. A number, an
  // address or a URL is compared in the form of its role.
  Label LabelOfArgument(std::string_view canonical_json, ArgumentRole role) const;
  // Labels for each member of an argument object; empty when it cannot be read.
  std::map<std::string, Label> LabelArguments(const ToolSpec& tool,
                                              std::string_view arguments) const;

  bool untrusted_input() const;
  bool private_data() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// What a tool's result is worth: what its spec says, or, where the tool labels its results, what
// stands in the result, and never more than the spec allows. `source` is for people.
DRAGOMAN_EXPORT Label LabelOfToolResult(const ToolSpec& tool, std::string_view result,
                                        std::string source);

// What a model writes when it has seen `context`.
DRAGOMAN_EXPORT Label ModelOutputLabel(const Label& context);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_GOAL_CONTEXT_H_
