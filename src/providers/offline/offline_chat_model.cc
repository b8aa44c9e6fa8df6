#include "dragoman/providers/offline/offline_chat_model.h"

#include <map>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/offline_stream.h"
#include "src/providers/offline/states.h"

namespace dragoman {
namespace {

using offline::Action;
using offline::Dialogue;

class OfflineChatModel : public ChatModel {
 public:
  explicit OfflineChatModel(OfflineChatModelOptions options)
      : options_(std::move(options)), compiled_(offline::Compile(options_.agent)) {
    for (const std::string& state : DialogueStates(options_.agent)) {
      if (auto expectation = ExpectationIn(options_.agent, state); expectation.ok()) {
        expectations_[state] = *std::move(expectation);
      }
    }
  }

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(offline::CheckRequest(request));
    return offline::StreamResult(Answer(request),
                                 {options_.first_word_delay, options_.between_words_delay},
                                 executor, std::move(callbacks));
  }

  std::string_view name() const override { return "offline"; }

 private:
  ChatResult Answer(const ChatRequest& request) const {
    Dialogue dialogue = Start(request);
    Replay(dialogue, request.messages);
    Action action = Decide(dialogue);
    ChatResult result;
    result.model = "offline rules: " + options_.agent.house;
    result.message.role = Role::kAssistant;
    result.message.text = std::move(action.text);
    result.message.tool_calls = std::move(action.calls);
    offline::FinishResult(request, &result);
    if (result.finish == FinishReason::kLength) return result;
    if (!result.message.text.empty()) {
      const offline::StateName& state = action.asks ? action.asks->state : dialogue.asked.state;
      auto expectation = expectations_.find(offline::NameOf(state));
      if (expectation != expectations_.end()) result.expects = expectation->second;
    }
    return result;
  }

  Dialogue Start(const ChatRequest& request) const {
    const auto local = request.now + options_.agent.utc_offset;
    const auto today = std::chrono::floor<std::chrono::days>(local);
    const bool dated = request.now != std::chrono::sys_seconds{};
    Dialogue dialogue(compiled_, dated ? today : std::chrono::sys_days{},
                      std::chrono::floor<std::chrono::minutes>(local - today));
    if (request.tool_choice != ToolChoice::kNone) dialogue.tools = request.tools;
    return dialogue;
  }

  const OfflineChatModelOptions options_;
  const offline::CompiledAgent compiled_;  // borrows options_.agent
  std::map<std::string, ReplyExpectation> expectations_;
};

}  // namespace

absl::Status OfflineChatModelOptions::Validate() const {
  using std::chrono_literals::operator""s;
  using std::chrono_literals::operator""ms;
  for (auto [what, delay] : {std::pair("first_word_delay", first_word_delay),
                             std::pair("between_words_delay", between_words_delay)}) {
    if (delay < 0ms || delay > 60s) {
      return InvalidArgument(what, " is ", delay, "; expected 0 to 60000 ms");
    }
  }
  return agent.Validate();
}

absl::StatusOr<std::unique_ptr<ChatModel>> MakeOfflineChatModel(OfflineChatModelOptions options) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return Annotate(valid, "offline");
  return std::make_unique<OfflineChatModel>(std::move(options));
}

}  // namespace dragoman
