#include "dragoman/providers/offline/offline_caller_model.h"

#include <string_view>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/offline/caller_dialogue.h"
#include "src/providers/offline/offline_stream.h"

namespace dragoman {
namespace {

class OfflineCallerModel : public ChatModel {
 public:
  explicit OfflineCallerModel(OfflineCallerOptions options)
      : options_(std::move(options)),
        expects_(offline::CalledExpectation(options_.errand, false)) {}

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(offline::CheckRequest(request));
    return offline::StreamResult(Answer(request), {}, executor, std::move(callbacks));
  }

  std::string_view name() const override { return "offline caller"; }

 private:
  ChatResult Answer(const ChatRequest& request) const {
    const auto local = request.now + options_.utc_offset;
    const bool dated = request.now != std::chrono::sys_seconds{};
    const auto today =
        dated ? std::chrono::floor<std::chrono::days>(local) : std::chrono::sys_days{};
    offline::CallerDialogue dialogue(
        options_.errand, today,
        request.tool_choice == ToolChoice::kNone ? std::vector<ToolSpec>{} : request.tools);
    dialogue.Replay(request.messages);
    offline::CallerAction action = dialogue.Next();
    ChatResult result;
    result.model = "offline rules: a caller";
    result.message.role = Role::kAssistant;
    result.message.text = std::move(action.text);
    if (action.call) result.message.tool_calls.push_back(*std::move(action.call));
    offline::FinishResult(request, &result);
    if (!result.message.text.empty()) result.expects = expects_;
    return result;
  }

  const OfflineCallerOptions options_;
  const ReplyExpectation expects_;
};

}  // namespace

absl::Status OfflineCallerOptions::Validate() const {
  if (utc_offset < std::chrono::hours(-14) || utc_offset > std::chrono::hours(14)) {
    return InvalidArgument("utc_offset is ", utc_offset, "; expected -840 to 840 minutes");
  }
  return Annotate(errand.Validate(), "errand");
}

absl::StatusOr<std::unique_ptr<ChatModel>> MakeOfflineCallerModel(OfflineCallerOptions options) {
  if (absl::Status valid = options.Validate(); !valid.ok())
    return Annotate(valid, "offline caller");
  return std::make_unique<OfflineCallerModel>(std::move(options));
}

absl::StatusOr<ReplyExpectation> OfflineCallerOpening(const OfflineCallerOptions& options) {
  if (absl::Status valid = options.Validate(); !valid.ok())
    return Annotate(valid, "offline caller");
  return offline::CalledExpectation(options.errand, true);
}

absl::StatusOr<ReplyExpectation> OfflineCallerExpectation(const OfflineCallerOptions& options) {
  if (absl::Status valid = options.Validate(); !valid.ok())
    return Annotate(valid, "offline caller");
  return offline::CalledExpectation(options.errand, false);
}

}  // namespace dragoman
