#include "src/providers/openai/chat_decoder.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/openai/json_access.h"

namespace dragoman::openai {

// Keeps the JSON library out of the header.
class ChatDecoder::Chunk {
 public:
  explicit Chunk(const nlohmann::json* value) : value_(value) {}
  Chunk operator[](const char* key) const { return Chunk(Find(value_, key)); }
  std::string_view text() const { return Text(value_); }
  std::optional<std::int64_t> integer() const { return Integer(value_); }
  bool is_object() const { return value_ != nullptr && value_->is_object(); }
  bool is_array() const { return value_ != nullptr && value_->is_array(); }
  std::string dump() const { return value_->dump(); }
  std::vector<Chunk> items() const {
    std::vector<Chunk> items;
    if (is_array()) {
      for (const nlohmann::json& item : *value_) items.emplace_back(&item);
    }
    return items;
  }

 private:
  const nlohmann::json* value_;
};

absl::StatusOr<std::string> ChatDecoder::Feed(std::string_view data) {
  if (Trim(data) == "[DONE]") {
    done_seen_ = true;
    return std::string();
  }
  const nlohmann::json parsed = ParseJson(data);
  if (!parsed.is_object()) return Internal("a chunk of the stream is not a JSON object");
  error_ = FromChunk(parsed, request_id_);
  if (error_) return error_->status;

  const Chunk chunk(&parsed);
  if (model_.empty()) model_ = chunk["model"].text();
  TakeUsage(chunk);
  std::string spoken;
  for (const Chunk& choice : chunk["choices"].items()) {
    if (choice["index"].integer().value_or(0) != 0) continue;
    const std::string_view reason = choice["finish_reason"].text();
    for (const char* field : {"delta", "message"}) {  // a stream's; a whole completion's
      if (const Chunk delta = choice[field]; delta.is_object()) {
        DRAGOMAN_RETURN_IF_ERROR(TakeDelta(delta, spoken));
      }
    }
    if (!reason.empty()) {
      finish_reason_ = reason;
      finish_seen_ = true;
    }
  }
  text_ += spoken;
  return spoken;
}

absl::Status ChatDecoder::TakeDelta(const Chunk& delta, std::string& spoken) {
  const std::string_view content = delta["content"].text();
  const std::string_view refusal = delta["refusal"].text();
  bool token = !content.empty() || !refusal.empty();
  spoken += strip_think_tags_ ? think_.Push(content) : std::string(content);
  refusal_ += refusal;
  for (const char* field : {"reasoning_content", "reasoning"}) {
    reasoning_ += delta[field].text();
    token = token || !delta[field].text().empty();
  }
  token = token || !delta["reasoning_details"].items().empty();
  for (const Chunk& item : delta["tool_calls"].items()) {
    DRAGOMAN_RETURN_IF_ERROR(TakeToolCall(item));
    token = true;
  }
  if (token) ++tokens_;
  return absl::OkStatus();
}

// The call that a fragment belongs to: by index; without one by id; without either the last one.
// Null: a new one.
ChatDecoder::PartialCall* ChatDecoder::CallOf(const Chunk& item) {
  const std::optional<std::int64_t> index = item["index"].integer();
  const std::string_view id = item["id"].text();
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const PartialCall& partial) {
    return index ? partial.index == index : !id.empty() && partial.call.id == id;
  });
  if (found != calls_.end()) return &*found;
  if (!index && id.empty() && !calls_.empty()) return &calls_.back();
  return nullptr;
}

absl::Status ChatDecoder::TakeToolCall(const Chunk& item) {
  PartialCall* partial = CallOf(item);
  if (partial == nullptr) {
    if (calls_.size() >= kMaxToolCalls) {
      return ResourceExhausted("the reply has more than ", kMaxToolCalls, " tool calls");
    }
    partial = &calls_.emplace_back();
    partial->index = item["index"].integer();
  }
  ToolCall& call = partial->call;
  if (call.id.empty()) call.id = item["id"].text();
  if (call.name.empty()) call.name = item["function"]["name"].text();
  const Chunk arguments = item["function"]["arguments"];
  // A string by the book; some servers send the object itself.
  call.arguments += arguments.is_object() ? arguments.dump() : std::string(arguments.text());
  return absl::OkStatus();
}

void ChatDecoder::TakeUsage(const Chunk& chunk) {
  Chunk usage = chunk["usage"];
  if (!usage.is_object()) usage = chunk["x_groq"]["usage"];
  if (!usage.is_object()) return;
  const std::int64_t prompt = usage["prompt_tokens"].integer().value_or(0);
  const std::int64_t completion = usage["completion_tokens"].integer().value_or(0);
  const std::int64_t total = usage["total_tokens"].integer().value_or(0);
  const std::int64_t cached = usage["prompt_tokens_details"]["cached_tokens"].integer().value_or(0);
  if (prompt < 0 || completion < 0 || cached < 0 || prompt > INT32_MAX || total > INT32_MAX) return;
  usage_ = Usage{.input_tokens = std::max<std::int64_t>(0, prompt - cached),
                 .cached_input_tokens = std::min(cached, prompt),
                 // xAI counts reasoning in the total only.
                 .output_tokens = std::max(completion, total - prompt)};
}

std::string ChatDecoder::FlushText() {
  std::string rest = think_.Finish();
  text_ += rest;
  return rest;
}

absl::StatusOr<std::vector<ToolCall>> ChatDecoder::TakeCalls() {
  std::vector<ToolCall> calls;
  for (PartialCall& partial : calls_) {
    ToolCall& call = partial.call;
    if (call.arguments.empty()) call.arguments = "{}";
    // Cut by the token limit in the middle of its arguments: must not run.
    if (finish_reason_ == "length" && !ParseJson(call.arguments).is_object()) continue;
    if (call.name.empty()) return Internal("a tool call came without a name");
    if (call.id.empty()) call.id = StrCat("call_", tokens_, "_", calls.size());
    calls.push_back(std::move(call));
  }
  return calls;
}

absl::StatusOr<ChatResult> ChatDecoder::Finish(std::size_t request_bytes) {
  if (!finish_seen_ && !(done_seen_ && token_seen())) {
    return Unavailable("the stream ended before the reply was finished");
  }
  ChatResult result;
  DRAGOMAN_ASSIGN_OR_RETURN(result.message.tool_calls, TakeCalls());
  if (finish_reason_ == "length") {
    result.finish = FinishReason::kLength;
  } else if (!refusal_.empty() || finish_reason_ == "content_filter") {
    result.finish = FinishReason::kRefused;
  } else if (!result.message.tool_calls.empty()) {
    result.finish = FinishReason::kToolCalls;
  }
  result.message.role = Role::kAssistant;
  result.message.text = std::move(text_);
  if (!refusal_.empty()) {
    result.message.vendor = "openai";
    result.message.vendor_state = nlohmann::json{{"refusal", refusal_}}.dump();
  }
  std::size_t output_bytes = result.message.text.size() + refusal_.size() + reasoning_.size();
  for (const ToolCall& call : result.message.tool_calls) output_bytes += call.arguments.size();
  // Four bytes a token: right within a factor of two for what people say in European languages.
  result.usage =
      usage_.value_or(Usage{.input_tokens = static_cast<std::int64_t>((request_bytes + 3) / 4),
                            .output_tokens = static_cast<std::int64_t>((output_bytes + 3) / 4),
                            .estimated = true});
  result.model = model_;
  result.request_id = request_id_;
  return result;
}

}  // namespace dragoman::openai
