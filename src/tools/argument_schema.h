// A tool's JSON Schema, compiled once; errors that tell a model what to write instead.
#ifndef DRAGOMAN_SRC_TOOLS_ARGUMENT_SCHEMA_H_
#define DRAGOMAN_SRC_TOOLS_ARGUMENT_SCHEMA_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dragoman {

// Immutable after Compile: Check may run on several threads.
class ArgumentSchema {
 public:
  // An empty text accepts any object. kInvalidArgument: not JSON, or not a schema of an object.
  static absl::StatusOr<std::unique_ptr<ArgumentSchema>> Compile(std::string_view schema);
  ~ArgumentSchema();

  // kInvalidArgument naming the field, its value and what was expected.
  absl::Status Check(std::string_view arguments) const;

 private:
  class State;
  explicit ArgumentSchema(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TOOLS_ARGUMENT_SCHEMA_H_
