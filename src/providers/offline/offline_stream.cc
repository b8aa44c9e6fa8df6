#include "src/providers/offline/offline_stream.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::offline {
namespace {

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
  OfflineStream(ChatResult result, Pace pace, Executor& executor, ChatModel::Callbacks callbacks)
      : result_(std::move(result)),
        pieces_(Pieces(result_.message.text)),
        between_(pace.between_words),
        callbacks_(std::move(callbacks)),
        timer_(executor),
        executor_(executor) {
    Next(pace.first_word);
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

}  // namespace

absl::Status CheckRequest(const ChatRequest& request) {
  if (absl::Status valid = request.Validate(); !valid.ok()) return Annotate(valid, "offline");
  if (!request.response_schema.empty()) {
    return Unimplemented("offline: response_schema is set; this model speaks free text only");
  }
  if (request.tool_choice == ToolChoice::kRequired) {
    return Unimplemented("offline: a tool is required; this model decides that itself");
  }
  return absl::OkStatus();
}

void FinishResult(const ChatRequest& request, ChatResult* result) {
  for (const Message& message : request.messages) {
    result->usage.input_tokens += static_cast<std::int64_t>(SplitWords(message.text).size());
  }
  result->usage.output_tokens = static_cast<std::int64_t>(SplitWords(result->message.text).size());
  const std::vector<std::string> pieces = Pieces(result->message.text);
  if (pieces.size() > static_cast<size_t>(request.max_output_tokens)) {
    result->message.text.clear();
    for (int i = 0; i < request.max_output_tokens; ++i) {
      result->message.text += pieces[static_cast<size_t>(i)];
    }
    result->message.tool_calls.clear();
    result->finish = FinishReason::kLength;
    return;
  }
  if (!result->message.tool_calls.empty()) result->finish = FinishReason::kToolCalls;
}

std::unique_ptr<ChatStream> StreamResult(ChatResult result, Pace pace, Executor& executor,
                                         ChatModel::Callbacks callbacks) {
  return std::make_unique<OfflineStream>(std::move(result), pace, executor, std::move(callbacks));
}

}  // namespace dragoman::offline
