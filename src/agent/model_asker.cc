#include "src/agent/model_asker.h"

#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr std::chrono::milliseconds kGather{50};
constexpr size_t kResultsKept = 8;

call_event::ModelFinish ToEvent(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
    case FinishReason::kToolCalls:
      return call_event::ModelFinish::kComplete;
    case FinishReason::kLength:
      return call_event::ModelFinish::kLength;
    case FinishReason::kRefused:
      return call_event::ModelFinish::kRefused;
  }
  return call_event::ModelFinish::kFailed;
}

}  // namespace

std::uint64_t Digest(const std::optional<ReplyExpectation>& expectation) {
  if (!expectation) return 0;
  std::uint64_t hash = 14695981039346656037u;
  auto add = [&hash](std::string_view text) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    hash = (hash ^ 0xff) * 1099511628211u;  // a byte that no UTF-8 text has
  };
  add(expectation->state);
  add(expectation->grammar);
  for (const std::string& phrase : expectation->phrases) add(phrase);
  add(StrCat(expectation->end_silence));
  return hash;
}

ModelAsker::ModelAsker(ChatModel& model, Executor& executor, OnEvent on_event)
    : model_(model), executor_(executor), on_event_(std::move(on_event)), gather_(executor) {}

void ModelAsker::Ask(ReplyId reply, ChatRequest request) {
  lifetime_.Renew();  // nothing of an earlier reply comes any more
  current_ = reply;
  first_ = true;
  gathered_.clear();
  auto stream =
      model_.Reply(std::move(request), executor_,
                   {.on_text = lifetime_.Wrap([this](std::string_view text) { OnText(text); }),
                    .on_tool_call = {},
                    .on_done = lifetime_.Wrap(
                        [this](absl::StatusOr<ChatResult> result) { OnDone(std::move(result)); })});
  if (stream.ok()) {
    stream_ = *std::move(stream);
    return;
  }
  executor_.Post(lifetime_.Wrap([this, status = stream.status()] { OnDone(status); }));
}

void ModelAsker::Cancel(ReplyId reply) {
  if (current_ != reply) return;
  current_ = 0;
  stream_.reset();
  gather_.Stop();
}

const ChatResult* ModelAsker::Find(ReplyId reply) const {
  auto found = results_.find(reply);
  return found == results_.end() ? nullptr : &found->second;
}

void ModelAsker::OnText(std::string_view text) {
  if (current_ == 0 || text.empty()) return;
  gathered_ += text;
  if (first_) {
    first_ = false;
    SendText();
  } else if (!gather_.running()) {
    gather_.Start(kGather, [this] { SendText(); });
  }
}

bool ModelAsker::SendText() {
  gather_.Stop();
  if (gathered_.empty()) return true;
  auto watch = lifetime_.Watch();
  const ReplyId reply = current_;
  on_event_(call_event::ModelText{reply, std::exchange(gathered_, {})});
  return !watch.expired() && current_ == reply;
}

void ModelAsker::OnDone(absl::StatusOr<ChatResult> result) {
  if (current_ == 0) return;
  if (!SendText()) return;
  const ReplyId reply = current_;
  auto watch = lifetime_.Watch();
  call_event::ModelDone done{.reply = reply};
  if (result.ok()) {
    for (const ToolCall& call : result->message.tool_calls) {
      on_event_(call_event::ModelToolCall{reply, call});
      if (watch.expired() || current_ != reply) return;
    }
    done.finish = ToEvent(result->finish);
    done.expectation_digest = Digest(result->expects);
    done.end_silence_ms = result->expects ? result->expects->end_silence.count() : 0;
    results_[reply] = *std::move(result);
    if (results_.size() > kResultsKept) results_.erase(results_.begin());
  } else {
    done.finish = call_event::ModelFinish::kFailed;
    done.error_code = static_cast<std::int64_t>(result.status().code());
  }
  current_ = 0;
  stream_.reset();
  on_event_(std::move(done));
}

}  // namespace dragoman
