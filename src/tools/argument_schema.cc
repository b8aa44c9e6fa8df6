#include "src/tools/argument_schema.h"

// Without it valijson ends the process at a bad schema.
#define VALIJSON_USE_EXCEPTIONS 1

#include <algorithm>
#include <exception>
#include <regex>
#include <set>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "dragoman/core/status.h"
#include "src/tools/json_limits.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;

// std::regex recurses once per character, so what a pattern looks at stays short.
constexpr size_t kMaxMatchedBytes = 1024;

// Refuses an object that names a key twice: two readers could see two different values.
absl::StatusOr<Json> ParseStrict(std::string_view text) {
  std::vector<std::set<std::string>> open;
  std::string twice;
  auto see = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      auto key = parsed.get<std::string>();
      if (!open.back().insert(key).second && twice.empty()) twice = key;
    }
    return true;
  };
  try {
    Json json = Json::parse(text.begin(), text.end(), see);
    if (!twice.empty()) return InvalidArgument("names the field \"", twice, "\" twice");
    return json;
  } catch (const Json::parse_error& error) {
    return InvalidArgument("is not JSON: error at byte ", error.byte);
  } catch (const Json::exception&) {  // 1e999
    return InvalidArgument("holds a number out of range");
  }
}

std::string Short(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= 80) return text;
  size_t end = 77;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

void AppendBound(const Json& schema, const char* key, const char* words, std::string* out) {
  if (auto it = schema.find(key); it != schema.end()) *out += StrCat(words, Short(*it));
}

// "one of "a", "b"", "a string that matches ^x$", "an integer from 1 to 5".
std::string Expectation(const Json& schema) {
  if (!schema.is_object()) return "nothing here";
  if (auto it = schema.find("const"); it != schema.end()) return Short(*it);
  if (auto it = schema.find("enum"); it != schema.end()) {
    std::string list;
    for (const Json& value : *it) list += (list.empty() ? "" : ", ") + Short(value);
    return "one of " + list;
  }
  std::string text = "a value";
  if (auto it = schema.find("type"); it != schema.end()) {
    text = it->is_string() ? it->get<std::string>() : Short(*it);
    text = (text == "integer" || text == "array" || text == "object" ? "an " : "a ") + text;
  }
  AppendBound(schema, "minimum", " of at least ", &text);
  AppendBound(schema, "exclusiveMinimum", " above ", &text);
  AppendBound(schema, "maximum", " of at most ", &text);
  AppendBound(schema, "exclusiveMaximum", " below ", &text);
  AppendBound(schema, "minLength", " with a length of at least ", &text);
  AppendBound(schema, "maxLength", " with a length of at most ", &text);
  AppendBound(schema, "minItems", " with at least this many items: ", &text);
  AppendBound(schema, "maxItems", " with at most this many items: ", &text);
  AppendBound(schema, "pattern", " that matches ", &text);
  AppendBound(schema, "format", " in the format ", &text);
  if (auto it = schema.find("description"); it != schema.end()) text += " (" + Short(*it) + ")";
  return text;
}

// valijson names a place as "<root>", "[date]", "[items]", "[0]".
std::vector<std::string> PathOf(const std::vector<std::string>& context) {
  std::vector<std::string> path;
  for (const std::string& step : context) {
    if (step.size() > 2 && step.front() == '[') path.push_back(step.substr(1, step.size() - 2));
  }
  return path;
}

const Json* Descend(const Json* value, const std::string& step) {
  if (value == nullptr) return nullptr;
  if (value->is_object()) {
    auto it = value->find(step);
    return it == value->end() ? nullptr : &*it;
  }
  if (value->is_array() && !step.empty() && step.size() < 9 &&
      std::all_of(step.begin(), step.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    const size_t index = std::stoul(step);
    return index < value->size() ? &(*value)[index] : nullptr;
  }
  return nullptr;
}

const Json* DescendSchema(const Json* schema, const std::string& step) {
  if (schema == nullptr || !schema->is_object()) return nullptr;
  if (auto it = schema->find("properties"); it != schema->end() && it->contains(step)) {
    return &(*it)[step];
  }
  auto it = schema->find("items");
  return it == schema->end() ? nullptr : &*it;
}

std::string FieldName(const std::vector<std::string>& path) {
  std::string name;
  for (const std::string& step : path) name += (name.empty() ? "" : ".") + step;
  return name.empty() ? "the argument object" : name;
}

// The missing or superfluous member of an object, which is what its author wants to hear first.
absl::Status ExplainMembers(const std::string& field, const Json& schema, const Json& value) {
  const std::string where = field == "the argument object" ? "" : field + ".";
  if (auto it = schema.find("required"); it != schema.end() && it->is_array()) {
    for (const Json& name : *it) {
      if (name.is_string() && !value.contains(name.get<std::string>())) {
        const Json* inner = DescendSchema(&schema, name.get<std::string>());
        return InvalidArgument(where, name.get<std::string>(), " is missing; expected ",
                               Expectation(inner == nullptr ? Json::object() : *inner));
      }
    }
  }
  auto additional = schema.find("additionalProperties");
  if (additional == schema.end() || *additional != false) return absl::OkStatus();
  const Json properties = schema.value("properties", Json::object());
  std::string known;
  for (const auto& [name, ignored] : properties.items())
    known += (known.empty() ? "" : ", ") + name;
  for (const auto& [name, member] : value.items()) {
    if (!properties.contains(name)) {
      return InvalidArgument(where, name, " is ", Short(member), "; expected no such field, only ",
                             known.empty() ? "an empty object" : known);
    }
  }
  return absl::OkStatus();
}

absl::Status Explain(const Json& schema, const Json& arguments,
                     const valijson::ValidationResults::Error& error) {
  const std::vector<std::string> path = PathOf(error.context);
  const Json* value = &arguments;
  const Json* rule = &schema;
  for (const std::string& step : path) {
    value = Descend(value, step);
    rule = DescendSchema(rule, step);
  }
  const std::string field = FieldName(path);
  if (value == nullptr || rule == nullptr) {
    return InvalidArgument(field, " does not fit the schema: ", error.description);
  }
  if (value->is_object() && rule->is_object()) {
    DRAGOMAN_RETURN_IF_ERROR(ExplainMembers(field, *rule, *value));
  }
  return InvalidArgument(field, " is ", Short(*value), "; expected ", Expectation(*rule));
}

// The deepest error is the most exact one: outer levels only say that an inner one failed.
absl::Status FirstError(const Json& schema, const Json& arguments,
                        valijson::ValidationResults* results) {
  valijson::ValidationResults::Error error;
  valijson::ValidationResults::Error best;
  while (results->popError(error)) {
    if (error.context.size() > best.context.size()) best = error;
  }
  return Explain(schema, arguments, best);
}

bool UsesPatterns(const Json& schema) {
  if (schema.is_array()) return std::any_of(schema.begin(), schema.end(), UsesPatterns);
  if (!schema.is_object()) return false;
  for (const auto& [key, value] : schema.items()) {
    if (key == "pattern" || key == "patternProperties" || key == "format") return true;
    if (UsesPatterns(value)) return true;
  }
  return false;
}

// valijson compiles a pattern when it first meets it; a bad one must not surface during a call.
void CompilePatterns(const Json& schema) {
  if (!schema.is_structured()) return;
  for (const auto& [key, value] : schema.items()) {
    if (key == "pattern" && value.is_string()) std::regex probe(value.get<std::string>());
    CompilePatterns(value);
  }
}

absl::Status CheckMatchedStrings(const std::string& field, const Json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().size() > kMaxMatchedBytes) {
    return InvalidArgument(field, " has ", value.get_ref<const std::string&>().size(),
                           " bytes; expected at most ", kMaxMatchedBytes);
  }
  if (!value.is_structured()) return absl::OkStatus();
  for (const auto& [key, member] : value.items()) {
    if (key.size() > kMaxMatchedBytes) {
      return InvalidArgument("a field name has ", key.size(), " bytes; expected at most ",
                             kMaxMatchedBytes);
    }
    DRAGOMAN_RETURN_IF_ERROR(CheckMatchedStrings(key, member));
  }
  return absl::OkStatus();
}

}  // namespace

class ArgumentSchema::State {
 public:
  Json schema;
  valijson::Schema compiled;
  bool uses_patterns = false;
};

ArgumentSchema::ArgumentSchema(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArgumentSchema::~ArgumentSchema() = default;

absl::StatusOr<std::unique_ptr<ArgumentSchema>> ArgumentSchema::Compile(std::string_view schema) {
  auto state = std::make_unique<State>();
  if (schema.empty()) schema = R"({"type":"object"})";
  DRAGOMAN_RETURN_IF_ERROR(CheckJsonLimits("parameters", schema, {}));
  auto parsed = ParseStrict(schema);
  if (!parsed.ok()) return InvalidArgument("parameters ", MessageOf(parsed.status()));
  state->schema = *std::move(parsed);
  if (!state->schema.is_object() || state->schema.value("type", Json()) != "object") {
    return InvalidArgument(
        "parameters is not the JSON Schema of an object; expected \"type\": \"object\"");
  }
  state->uses_patterns = UsesPatterns(state->schema);
  try {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(state->schema), state->compiled);
    CompilePatterns(state->schema);
  } catch (const std::exception& error) {
    return InvalidArgument("parameters is not a JSON Schema: ", error.what());
  }
  return std::unique_ptr<ArgumentSchema>(new ArgumentSchema(std::move(state)));
}

absl::Status ArgumentSchema::Check(std::string_view arguments) const {
  DRAGOMAN_RETURN_IF_ERROR(CheckJsonLimits("the argument object", arguments, {}));
  auto parsed = ParseStrict(arguments);
  if (!parsed.ok()) return InvalidArgument("the argument object ", MessageOf(parsed.status()));
  if (!parsed->is_object()) {
    return InvalidArgument("the argument object is ", Short(*parsed), "; expected a JSON object");
  }
  if (state_->uses_patterns) {
    DRAGOMAN_RETURN_IF_ERROR(CheckMatchedStrings("the argument object", *parsed));
  }
  try {
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(state_->compiled, valijson::adapters::NlohmannJsonAdapter(*parsed),
                           &results)) {
      return absl::OkStatus();
    }
    return FirstError(state_->schema, *parsed, &results);
  } catch (const std::exception& error) {
    return InvalidArgument("the argument object cannot be checked: ", error.what());
  }
}

}  // namespace dragoman
