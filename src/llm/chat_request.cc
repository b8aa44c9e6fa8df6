#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman {

std::string_view Name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kToolCalls:
      return "tool_calls";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kRefused:
      return "refused";
  }
  return "stop";
}

absl::Status ChatRequest::Validate() const {
  if (messages.empty()) return InvalidArgument("messages is empty; expected at least one");
  for (size_t i = 0; i < messages.size(); ++i) {
    if (!IsValidUtf8(messages[i].text)) {
      return InvalidArgument("messages[", i, "].text is not valid UTF-8");
    }
  }
  if (max_output_tokens < 1 || max_output_tokens > 128'000) {
    return InvalidArgument("max_output_tokens is ", max_output_tokens, "; expected 1 to 128000");
  }
  if (temperature_per_mille < -1 || temperature_per_mille > 2000) {
    return InvalidArgument("temperature_per_mille is ", temperature_per_mille,
                           "; expected 0 to 2000, or -1 for the model's default");
  }
  return absl::OkStatus();
}

}  // namespace dragoman
