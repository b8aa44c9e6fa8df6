// What a model in an attacker's hands may write as arguments, against a schema with everything.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "dragoman/tools/tool.h"

namespace {

constexpr char kSchema[] = R"({
  "type": "object",
  "properties": {
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "format": "date"},
    "doctor": {"enum": ["Lane", "Patel", null, 5]},
    "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2},
    "patient": {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}},
                "required": ["name"], "patternProperties": {"^x[a-z]*$": {"type": "boolean"}}},
    "days": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
             "uniqueItems": true, "contains": {"const": "x"}}
  },
  "required": ["date"],
  "additionalProperties": false
})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* registry = [] {
    auto* made = new dragoman::ToolRegistry;
    auto tool = dragoman::MakeInlineTool(
        {.name = "book", .parameters = kSchema},
        [](const std::string& arguments) -> absl::StatusOr<std::string> { return arguments; });
    if (!tool.ok() || !made->Add(*std::move(tool)).ok()) __builtin_trap();
    return made;
  }();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const absl::Status status = registry->Validate({.id = "1", .name = "book", .arguments = text});
  if (!status.ok() && status.message().find('\n') != absl::string_view::npos) __builtin_trap();
  // The name of the tool is the model's too.
  registry->Validate({.id = "1", .name = text.substr(0, 80), .arguments = "{}"}).IgnoreError();
  return 0;
}
