#include "dragoman/providers/offline/offline_chat_model.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/states.h"

namespace dragoman {
namespace {

using offline::Action;
using offline::Dialogue;

// "One, two" in pieces of a word with the blank before it.
std::vector<std::string> Pieces(std::string_view text) {
  std::vector<std::string> pieces;
  size_t start = 0;
  while (start < text.size()) {
    const size_t blank = text.find(' ', start + 1);
    const size_t end = blank == std::string_view::npos ? text.size() : blank;
    pieces.emplace_back(text.substr(start, end - start));
    start = end;
  }
  return pieces;
}

class OfflineStream : public ChatStream {
 public:
  OfflineStream(ChatResult result, const OfflineChatModelOptions& options, Executor& executor,
                ChatModel::Callbacks callbacks)
      : result_(std::move(result)),
        pieces_(Pieces(result_.message.text)),
        between_(options.between_words_delay),
        callbacks_(std::move(callbacks)),
        timer_(executor),
        executor_(executor) {
    Next(options.first_word_delay);
  }

  void Cancel() override {
    if (done_ || cancelled_) return;
    cancelled_ = true;
    timer_.Stop();
    lifetime_.Renew();
    executor_.Post(lifetime_.Wrap([this] { Finish(Cancelled()); }));
  }

 private:
  void Next(std::chrono::milliseconds delay) {
    if (delay > std::chrono::milliseconds(0)) {
      timer_.Start(delay, [this] { Step(); });
    } else {
      executor_.Post(lifetime_.Wrap([this] { Step(); }));
    }
  }

  // One piece a task: whoever cancels in between gets no further word.
  void Step() {
    const auto alive = lifetime_.Watch();
    if (next_piece_ < pieces_.size()) {
      const std::string& piece = pieces_[next_piece_++];
      if (callbacks_.on_text) callbacks_.on_text(piece);
      if (!alive.expired() && !cancelled_) Next(between_);
      return;
    }
    if (next_call_ < result_.message.tool_calls.size()) {
      const ToolCall& call = result_.message.tool_calls[next_call_++];
      if (callbacks_.on_tool_call) callbacks_.on_tool_call(call);
      if (!alive.expired() && !cancelled_) Next(std::chrono::milliseconds(0));
      return;
    }
    Finish(std::move(result_));
  }

  void Finish(absl::StatusOr<ChatResult> result) {
    done_ = true;
    auto on_done = std::move(callbacks_.on_done);
    if (on_done) on_done(std::move(result));  // may destroy this stream
  }

  ChatResult result_;
  const std::vector<std::string> pieces_;
  const std::chrono::milliseconds between_;
  ChatModel::Callbacks callbacks_;
  Timer timer_;
  Executor& executor_;
  size_t next_piece_ = 0;
  size_t next_call_ = 0;
  bool cancelled_ = false;
  bool done_ = false;
  Lifetime lifetime_;
};

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
    if (absl::Status valid = request.Validate(); !valid.ok()) return Annotate(valid, name());
    if (!request.response_schema.empty()) {
      return Unimplemented("offline: response_schema is set; this model speaks free text only");
    }
    if (request.tool_choice == ToolChoice::kRequired) {
      return Unimplemented("offline: a tool is required; this model decides that itself");
    }
    return std::make_unique<OfflineStream>(Answer(request), options_, executor,
                                           std::move(callbacks));
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
    Count(request, &result);
    const std::vector<std::string> pieces = Pieces(result.message.text);
    if (pieces.size() > static_cast<size_t>(request.max_output_tokens)) {
      result.message.text.clear();
      for (int i = 0; i < request.max_output_tokens; ++i) {
        result.message.text += pieces[static_cast<size_t>(i)];
      }
      result.message.tool_calls.clear();
      result.finish = FinishReason::kLength;
      return result;
    }
    if (!result.message.tool_calls.empty()) result.finish = FinishReason::kToolCalls;
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

  // A word is a token here.
  static void Count(const ChatRequest& request, ChatResult* result) {
    for (const Message& message : request.messages) {
      result->usage.input_tokens += static_cast<std::int64_t>(SplitWords(message.text).size());
    }
    result->usage.output_tokens =
        static_cast<std::int64_t>(SplitWords(result->message.text).size());
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
