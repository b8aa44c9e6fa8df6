#include "src/providers/openai/chat_request_body.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/openai/json_access.h"

namespace dragoman::openai {
namespace {

using Json = nlohmann::ordered_json;  // keeps the order of a schema, for caches and for readers

absl::StatusOr<Json> ParseObject(std::string_view text, std::string_view field) {
  Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!object.is_object()) return InvalidArgument(field, " is not a JSON object");
  return object;
}

// Strict schemas require every property, allow no other and know few keywords (OpenAI, "Structured
// Outputs"); what is not surely among those goes without `strict`.
bool AllowsStrict(const Json& schema) {
  constexpr std::array<std::string_view, 9> kKnown = {
      "type",  "title", "description", "properties", "required", "additionalProperties",
      "items", "enum",  "const"};
  if (!schema.is_object()) return false;
  for (const auto& [keyword, value] : schema.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), keyword) == kKnown.end()) return false;
    if (keyword == "items" && !AllowsStrict(value)) return false;
  }
  const auto type = schema.find("type");
  if (type == schema.end() || *type != "object") return !schema.contains("properties");
  const auto closed = schema.find("additionalProperties");
  const auto properties = schema.find("properties");
  const auto required = schema.find("required");
  if (closed == schema.end() || *closed != false) return false;
  if (properties == schema.end() || !properties->is_object()) return false;
  for (const auto& [name, property] : properties->items()) {
    if (required == schema.end() || !required->is_array() || !AllowsStrict(property) ||
        std::find(required->begin(), required->end(), name) == required->end()) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<Json> Tools(const ChatRequest& request, const OpenAiChatOptions& options) {
  Json tools = Json::array();
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const ToolSpec& spec = request.tools[i];
    Json function = {{"name", spec.name}};
    if (!spec.description.empty()) function["description"] = spec.description;
    if (!spec.parameters.empty()) {
      DRAGOMAN_ASSIGN_OR_RETURN(Json schema,
                                ParseObject(spec.parameters, StrCat("tools[", i, "].parameters")));
      const bool strict = options.strict_tools && AllowsStrict(schema);
      function["parameters"] = std::move(schema);
      if (strict) function["strict"] = true;
    }
    tools.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  return tools;
}

Json ToolResult(const std::string& id, const Message* result) {
  std::string content = "no result: the call was interrupted";
  if (result != nullptr) content = result->tool_failed ? "error: " + result->text : result->text;
  return {{"role", "tool"}, {"tool_call_id", id}, {"content", std::move(content)}};
}

void AddAssistant(const Message& message, const std::vector<Message>& history, std::size_t at,
                  Json& out) {
  const nlohmann::json state =
      message.vendor == "openai" ? ParseJson(message.vendor_state) : nlohmann::json();
  const std::string_view refusal = Text(Find(state, "refusal"));
  if (message.text.empty() && message.tool_calls.empty() && refusal.empty()) return;  // unheard
  Json turn = {{"role", "assistant"}, {"content", nullptr}};
  if (!message.text.empty()) turn["content"] = message.text;
  if (!refusal.empty()) turn["refusal"] = refusal;
  for (const ToolCall& call : message.tool_calls) {
    turn["tool_calls"].push_back(
        {{"id", call.id},
         {"type", "function"},
         {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  out.push_back(std::move(turn));
  for (const ToolCall& call : message.tool_calls) {
    const auto result = std::find_if(
        history.begin() + static_cast<std::ptrdiff_t>(at) + 1, history.end(),
        [&](const Message& m) { return m.role == Role::kTool && m.tool_call_id == call.id; });
    out.push_back(ToolResult(call.id, result == history.end() ? nullptr : &*result));
  }
}

// "Today is Friday, 2026-11-20.": the day only, so that it stays the same through a call and the
// prompt's cache holds.
std::string DateLine(std::chrono::sys_seconds now) {
  constexpr std::array<const char*, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const auto two = [](unsigned number) { return StrCat(number < 10 ? "0" : "", number); };
  return StrCat("Today is ", kDays[std::chrono::weekday(day).c_encoding()], ", ",
                static_cast<int>(date.year()), "-", two(static_cast<unsigned>(date.month())), "-",
                two(static_cast<unsigned>(date.day())), ".");
}

// What the model is told besides the agent's own words.
std::string Instructions(const ChatRequest& request, const OpenAiChatOptions& options) {
  std::string lines;
  if (request.now != std::chrono::sys_seconds()) lines += "\n" + DateLine(request.now);
  if (!request.response_schema.empty() && !options.supports_json_schema) {
    lines +=
        "\nAnswer with one JSON object that satisfies this JSON Schema: " + request.response_schema;
  }
  return lines;
}

Json Messages(const ChatRequest& request, const OpenAiChatOptions& options) {
  std::string instructions = Instructions(request, options);
  Json out = Json::array();
  if (!instructions.empty() && request.messages.front().role != Role::kSystem) {
    out.push_back({{"role", options.system_role}, {"content", instructions.substr(1)}});
    instructions.clear();
  }
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const Message& message = request.messages[i];
    if (message.role == Role::kSystem) {
      out.push_back({{"role", options.system_role},
                     {"content", message.text + std::exchange(instructions, {})}});
    } else if (message.role == Role::kUser) {
      out.push_back({{"role", "user"}, {"content", message.text}});
    } else if (message.role == Role::kAssistant) {
      AddAssistant(message, request.messages, i, out);
    }  // results stand behind their calls
  }
  return out;
}

absl::Status AddToolFields(const ChatRequest& request, const OpenAiChatOptions& options,
                           Json& body) {
  if (request.tools.empty()) return absl::OkStatus();
  if (request.tool_choice == ToolChoice::kNone && !options.supports_tool_choice) {
    return absl::OkStatus();  // then the model must not see them
  }
  DRAGOMAN_ASSIGN_OR_RETURN(body["tools"], Tools(request, options));
  if (options.supports_tool_choice) {
    body["tool_choice"] = request.tool_choice == ToolChoice::kAuto   ? "auto"
                          : request.tool_choice == ToolChoice::kNone ? "none"
                                                                     : "required";
  }
  if (options.supports_parallel_tools) body["parallel_tool_calls"] = options.parallel_tools;
  return absl::OkStatus();
}

absl::Status AddResponseFormat(const ChatRequest& request, const OpenAiChatOptions& options,
                               Json& body) {
  if (request.response_schema.empty()) return absl::OkStatus();
  DRAGOMAN_ASSIGN_OR_RETURN(Json schema, ParseObject(request.response_schema, "response_schema"));
  if (!options.supports_json_schema) {
    body["response_format"] = {{"type", "json_object"}};
    return absl::OkStatus();
  }
  const bool strict = AllowsStrict(schema);
  body["response_format"] = {
      {"type", "json_schema"},
      {"json_schema", {{"name", "reply"}, {"strict", strict}, {"schema", std::move(schema)}}}};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ChatRequestBody(const ChatRequest& request,
                                            const OpenAiChatOptions& options) {
  Json body = {{"model", options.model}, {"messages", Messages(request, options)}};
  DRAGOMAN_RETURN_IF_ERROR(AddToolFields(request, options, body));
  DRAGOMAN_RETURN_IF_ERROR(AddResponseFormat(request, options, body));
  body["stream"] = true;
  if (options.supports_stream_usage) body["stream_options"] = {{"include_usage", true}};
  body[options.max_tokens_field] = request.max_output_tokens;
  if (request.temperature_per_mille >= 0) {
    body["temperature"] = request.temperature_per_mille / 1000.0;
  }
  if (!options.reasoning_effort.empty()) body["reasoning_effort"] = options.reasoning_effort;
  if (options.send_cache_key && !request.conversation_id.empty()) {
    body["prompt_cache_key"] = request.conversation_id;
  }
  if (!options.extra_body.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(Json extra, ParseObject(options.extra_body, "extra_body"));
    body.update(extra);
  }
  // Arguments that a model wrote may hold anything: what is not UTF-8 is replaced.
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dragoman::openai
