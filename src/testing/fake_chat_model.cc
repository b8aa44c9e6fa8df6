#include "dragoman/testing/fake_chat_model.h"

#include <atomic>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/testing/listener.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;

// "Good morning, sir." -> "Good ", "morning, ", "sir."
void AppendWords(std::string_view text, milliseconds first, milliseconds every,
                 std::vector<ScriptedReply::Event>& events) {
  milliseconds after = first;
  while (!text.empty()) {
    size_t end = text.find(' ');
    while (end != std::string_view::npos && end < text.size() && text[end] == ' ') ++end;
    events.push_back({.after = after, .text = std::string(text.substr(0, end))});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end);
    after = every;
  }
}

}  // namespace

ScriptedReply ScriptedReply::Say(std::string_view text, milliseconds first, milliseconds every) {
  ScriptedReply reply;
  AppendWords(text, first, every, reply.events);
  return reply;
}

ScriptedReply ScriptedReply::Call(std::string_view id, std::string_view tool,
                                  std::string_view arguments, milliseconds after) {
  return ScriptedReply().ThenCall(id, tool, arguments, after);
}

ScriptedReply ScriptedReply::Fail(absl::Status status, milliseconds after) {
  ScriptedReply reply;
  reply.status = std::move(status);
  reply.done_after = after;
  return reply;
}

ScriptedReply ScriptedReply::Stall() {
  ScriptedReply reply;
  reply.stalls = true;
  return reply;
}

ScriptedReply ScriptedReply::ThenSay(std::string_view text, milliseconds every) && {
  AppendWords(text, every, every, events);
  return std::move(*this);
}

ScriptedReply ScriptedReply::ThenCall(std::string_view id, std::string_view tool,
                                      std::string_view arguments, milliseconds after) && {
  events.push_back(
      {.after = after,
       .tool_call = ToolCall{
           .id = std::string(id), .name = std::string(tool), .arguments = std::string(arguments)}});
  return std::move(*this);
}

ScriptedReply ScriptedReply::ThenFail(absl::Status failure) && {
  status = std::move(failure);
  return std::move(*this);
}

ScriptedReply ScriptedReply::ThenStall() && {
  stalls = true;
  return std::move(*this);
}

struct FakeChatModel::Counts {
  std::atomic<int> open{0};
  std::atomic<int> cancelled{0};
};

class FakeChatModel::Stream : public ChatStream {
 public:
  Stream(ScriptedReply reply, const ChatRequest& request, Executor& executor, Callbacks callbacks,
         std::shared_ptr<Counts> counts)
      : reply_(std::move(reply)),
        first_timeout_(request.first_token_timeout),
        next_timeout_(request.between_tokens_timeout),
        executor_(executor),
        listener_(std::move(callbacks)),
        counts_(std::move(counts)),
        timer_(executor) {
    ++counts_->open;
    result_.message.role = Role::kAssistant;
    result_.model = "fake";
    result_.usage = reply_.usage;
    result_.expects = reply_.expects;
    Schedule();
  }

  ~Stream() override {
    if (listener_.finished()) return;
    --counts_->open;
    if (!cancelled_) ++counts_->cancelled;
  }

  void Cancel() override {
    if (cancelled_ || listener_.finished()) return;
    cancelled_ = true;
    ++counts_->cancelled;
    timer_.Stop();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

 private:
  void Schedule() {
    const milliseconds patience = next_ == 0 ? first_timeout_ : next_timeout_;
    const bool at_end = next_ == reply_.events.size();
    const milliseconds wait = at_end ? reply_.done_after : reply_.events[next_].after;
    if ((at_end && reply_.stalls) || wait > patience) {
      timer_.Start(patience, [this, patience] {
        Done(DeadlineExceeded(StrCat("fake: no token within ", patience)));
      });
    } else if (at_end) {
      timer_.Start(wait, [this] { End(); });
    } else {
      timer_.Start(wait, [this] { Deliver(); });
    }
  }

  void Deliver() {
    const ScriptedReply::Event event = reply_.events[next_++];
    if (event.tool_call) {
      result_.message.tool_calls.push_back(*event.tool_call);
      if (!listener_.Call(&Callbacks::on_tool_call, *event.tool_call)) return;
    } else {
      result_.message.text += event.text;
      if (!listener_.Call(&Callbacks::on_text, std::string_view(event.text))) return;
    }
    if (!cancelled_) Schedule();
  }

  void End() {
    if (!reply_.status.ok()) return Done(reply_.status);
    result_.finish = reply_.finish.value_or(
        result_.message.tool_calls.empty() ? FinishReason::kStop : FinishReason::kToolCalls);
    Done(std::move(result_));
  }

  void Done(absl::StatusOr<ChatResult> result) {
    --counts_->open;
    listener_.Finish(&Callbacks::on_done, std::move(result));
  }

  ScriptedReply reply_;
  const milliseconds first_timeout_;
  const milliseconds next_timeout_;
  Executor& executor_;
  Listener<Callbacks> listener_;
  std::shared_ptr<Counts> counts_;
  size_t next_ = 0;
  bool cancelled_ = false;
  ChatResult result_;
  Timer timer_;
  Lifetime lifetime_;
};

FakeChatModel::FakeChatModel() : counts_(std::make_shared<Counts>()) {}

FakeChatModel::FakeChatModel(std::vector<ScriptedReply> replies) : FakeChatModel() {
  for (ScriptedReply& reply : replies) Enqueue(std::move(reply));
}

FakeChatModel::~FakeChatModel() = default;

void FakeChatModel::Enqueue(ScriptedReply reply) {
  MutexLock lock(mutex_);
  replies_.push_back(std::move(reply));
}

void FakeChatModel::AnswerWith(Answer answer) {
  MutexLock lock(mutex_);
  answer_ = std::move(answer);
}

absl::StatusOr<std::unique_ptr<ChatStream>> FakeChatModel::Reply(ChatRequest request,
                                                                 Executor& executor,
                                                                 Callbacks callbacks) {
  DRAGOMAN_RETURN_IF_ERROR(request.Validate());
  std::optional<ScriptedReply> reply;
  Answer answer;
  size_t number = 0;
  {
    MutexLock lock(mutex_);
    requests_.push_back(request);
    number = requests_.size();
    answer = answer_;
    if (!replies_.empty()) {
      reply = std::move(replies_.front());
      replies_.pop_front();
    }
  }
  if (!reply && answer) reply = answer(request);
  if (!reply) return FailedPrecondition("fake: no reply was scripted for request ", number);
  if (!reply->refusal.ok()) return reply->refusal;
  return std::unique_ptr<ChatStream>(
      new Stream(*std::move(reply), request, executor, std::move(callbacks), counts_));
}

std::vector<ChatRequest> FakeChatModel::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

int FakeChatModel::open_streams() const { return counts_->open; }
int FakeChatModel::cancelled_streams() const { return counts_->cancelled; }

}  // namespace dragoman
