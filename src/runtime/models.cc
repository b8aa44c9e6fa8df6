#include "dragoman/runtime/models.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/offline/offline_chat_model.h"
#include "dragoman/providers/openai/openai_chat_model.h"
#include "src/net/curl_http_transport.h"

namespace dragoman {
namespace {

// A model and the connections it needs.
class NetworkModel : public ChatModel {
 public:
  NetworkModel(std::unique_ptr<HttpTransport> http, std::unique_ptr<ChatModel> model)
      : http_(std::move(http)), model_(std::move(model)) {}
  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    return model_->Reply(std::move(request), executor, std::move(callbacks));
  }
  std::string_view name() const override { return model_->name(); }

 private:
  std::unique_ptr<HttpTransport> http_;
  std::unique_ptr<ChatModel> model_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChatModel>> MakeModel(const RuntimeOptions& options,
                                                     const Clock& clock, LogSink& log) {
  if (options.model_url.empty()) return MakeOfflineChatModel({.agent = ClinicReceptionist({})});
  DRAGOMAN_ASSIGN_OR_RETURN(auto http, MakeCurlHttpTransport({}, {.clock = &clock}));
  DRAGOMAN_ASSIGN_OR_RETURN(auto model, MakeOpenAiChatModel({.base_url = options.model_url,
                                                             .api_key = options.model_key,
                                                             .model = options.model_name},
                                                            {.http = http.get(), .log = &log}));
  return std::make_unique<NetworkModel>(std::move(http), std::move(model));
}

}  // namespace dragoman
