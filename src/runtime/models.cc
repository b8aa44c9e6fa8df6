#include "dragoman/runtime/models.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/offline/offline_caller_model.h"
#include "dragoman/providers/offline/offline_chat_model.h"
#include "dragoman/providers/openai/openai_chat_model.h"
#include "src/net/curl_http_transport.h"
#include "src/runtime/reply_state.h"

namespace dragoman {
namespace {

// A model, the connections it needs, and what to listen for after its questions.
class NetworkModel : public ChatModel {
 public:
  // What may be said to it after these words of its own; empty: anything.
  using Expects = std::function<std::optional<ReplyExpectation>(const std::string& text)>;
  NetworkModel(std::unique_ptr<HttpTransport> http, std::unique_ptr<ChatModel> model,
               Expects expects)
      : expects_(std::move(expects)), http_(std::move(http)), model_(std::move(model)) {}

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    callbacks.on_done =
        [this, done = std::move(callbacks.on_done)](absl::StatusOr<ChatResult> result) mutable {
          if (result.ok() && !result->expects && !result->message.text.empty()) {
            result->expects = expects_(result->message.text);
          }
          if (done) done(std::move(result));
        };
    return model_->Reply(std::move(request), executor, std::move(callbacks));
  }
  std::string_view name() const override { return model_->name(); }

 private:
  const Expects expects_;
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

absl::StatusOr<std::unique_ptr<ChatModel>> MakeNetworkModel(const RuntimeOptions& options,
                                                            const Clock& clock, LogSink& log,
                                                            NetworkModel::Expects expects) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto http, MakeCurlHttpTransport({}, {.clock = &clock}));
  DRAGOMAN_ASSIGN_OR_RETURN(
      auto model, MakeOpenAiChatModel(OptionsFor(options), {.http = http.get(), .log = &log}));
  return std::make_unique<NetworkModel>(std::move(http), std::move(model), std::move(expects));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChatModel>> MakeModel(const RuntimeOptions& options,
                                                     const Clock& clock, LogSink& log) {
  AgentDefinition clinic = ClinicReceptionist({});
  if (options.model_url.empty()) return MakeOfflineChatModel({.agent = std::move(clinic)});
  return MakeNetworkModel(
      options, clock, log,
      [clinic = std::move(clinic)](const std::string& text) -> std::optional<ReplyExpectation> {
        auto expectation = ExpectationIn(clinic, GuessStateAfter(clinic, text));
        if (!expectation.ok()) return std::nullopt;
        return *std::move(expectation);
      });
}

absl::StatusOr<std::unique_ptr<ChatModel>> MakeCallerModel(const RuntimeOptions& options,
                                                           const CallErrand& errand,
                                                           const Clock& clock, LogSink& log) {
  const OfflineCallerOptions caller{.errand = errand};
  if (options.model_url.empty()) return MakeOfflineCallerModel(caller);
  DRAGOMAN_ASSIGN_OR_RETURN(ReplyExpectation expectation, OfflineCallerExpectation(caller));
  return MakeNetworkModel(
      options, clock, log,
      [expectation = std::move(expectation)](const std::string&) { return expectation; });
}

}  // namespace dragoman
