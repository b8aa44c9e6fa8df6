#include "dragoman/runtime/models.h"

#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/offline/offline_chat_model.h"
#include "dragoman/providers/openai/openai_chat_model.h"
#include "src/net/curl_http_transport.h"

namespace dragoman {
namespace {

// What the agent has just asked for, by the words of its last sentence: which state's grammar helps
// the recogniser. A network model does not tell by itself.
std::string StateAfter(const AgentDefinition& agent, std::string_view reply) {
  std::string_view text = Trim(reply);
  while (!text.empty() && std::string_view(".!? ").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  const size_t last = text.find_last_of(".!?");
  const std::string question =
      ToLowerAscii(last == std::string_view::npos ? text : text.substr(last + 1));
  auto asks = [&question](std::string_view words) {
    return question.find(words) != std::string::npos;
  };
  if (asks("is that right") || asks("correct") || asks("shall i") || asks("should i")) {
    return StrCat("confirm_", agent.goals.front().name);
  }
  if (asks("anything else")) return "anything_else";
  if (asks("spell")) return "ask_name";
  for (const SlotDefinition& slot : agent.slots) {
    for (const PhrasePattern& noun : slot.nouns) {
      if (asks(noun)) return StrCat("ask_", slot.name);
    }
  }
  return "open";
}

// A model, the connections it needs, and what to listen for after its questions.
class NetworkModel : public ChatModel {
 public:
  NetworkModel(std::unique_ptr<HttpTransport> http, std::unique_ptr<ChatModel> model)
      : http_(std::move(http)), model_(std::move(model)) {}

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    callbacks.on_done =
        [this, done = std::move(callbacks.on_done)](absl::StatusOr<ChatResult> result) mutable {
          if (result.ok() && !result->expects && !result->message.text.empty()) {
            auto expectation = ExpectationIn(agent_, StateAfter(agent_, result->message.text));
            if (expectation.ok()) result->expects = *std::move(expectation);
          }
          if (done) done(std::move(result));
        };
    return model_->Reply(std::move(request), executor, std::move(callbacks));
  }
  std::string_view name() const override { return model_->name(); }

 private:
  const AgentDefinition agent_ = ClinicReceptionist({});
  std::unique_ptr<HttpTransport> http_;
  std::unique_ptr<ChatModel> model_;
};

// OpenAI's own service has moved on from fields that compatible servers still want, and the other
// way round (server documentation, August 2026).
OpenAiChatOptions OptionsFor(const RuntimeOptions& options) {
  OpenAiChatOptions chat{
      .base_url = options.model_url, .api_key = options.model_key, .model = options.model_name};
  if (options.model_url.find("api.openai.com") != std::string::npos) return chat;
  chat.max_tokens_field = "max_tokens";
  chat.supports_tool_choice = false;
  chat.supports_parallel_tools = false;
  chat.strict_tools = false;
  return chat;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChatModel>> MakeModel(const RuntimeOptions& options,
                                                     const Clock& clock, LogSink& log) {
  if (options.model_url.empty()) return MakeOfflineChatModel({.agent = ClinicReceptionist({})});
  DRAGOMAN_ASSIGN_OR_RETURN(auto http, MakeCurlHttpTransport({}, {.clock = &clock}));
  DRAGOMAN_ASSIGN_OR_RETURN(
      auto model, MakeOpenAiChatModel(OptionsFor(options), {.http = http.get(), .log = &log}));
  return std::make_unique<NetworkModel>(std::move(http), std::move(model));
}

}  // namespace dragoman
