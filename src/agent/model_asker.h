// Asks the chat model on the machine's behalf and gathers its tokens into events.
#ifndef DRAGOMAN_SRC_AGENT_MODEL_ASKER_H_
#define DRAGOMAN_SRC_AGENT_MODEL_ASKER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "dragoman/agent/call_events.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman {

// One reply at a time. Text is gathered for up to 50 ms, the first piece goes at once. Only on its
// executor.
class ModelAsker {
 public:
  using OnEvent = absl::AnyInvocable<void(CallEventBody)>;
  ModelAsker(ChatModel& model, Executor& executor, OnEvent on_event);  // borrowed

  void Ask(ReplyId reply, ChatRequest request);
  void Cancel(ReplyId reply);
  // What a finished reply left behind; null when it is unknown or older than the last few.
  const ChatResult* Find(ReplyId reply) const;

 private:
  void OnText(std::string_view text);
  void OnDone(absl::StatusOr<ChatResult> result);
  bool SendText();  // false: the asker was destroyed, or the reply cancelled

  ChatModel& model_;
  Executor& executor_;
  OnEvent on_event_;
  ReplyId current_ = 0;
  std::unique_ptr<ChatStream> stream_;
  bool first_ = true;
  std::string gathered_;
  Timer gather_;
  std::map<ReplyId, ChatResult> results_;  // the last eight
  Lifetime lifetime_;
};

// FNV-1a 64 over what an expectation holds; 0 for none. Stands for it in the log.
std::uint64_t Digest(const std::optional<ReplyExpectation>& expectation);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_MODEL_ASKER_H_
