// A chat model that says what the test scripted, when the test said so.
#ifndef DRAGOMAN_TESTING_FAKE_CHAT_MODEL_H_
#define DRAGOMAN_TESTING_FAKE_CHAT_MODEL_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/mutex.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman {

// One reply, as a sequence of pieces in time.
struct DRAGOMAN_EXPORT ScriptedReply {
  struct Event {
    std::chrono::milliseconds after{0};  // since the event before; the first: since Reply
    std::string text = {};               // a piece of text, or
    std::optional<ToolCall> tool_call = std::nullopt;  // a whole tool call
  };
  std::vector<Event> events = {};
  std::chrono::milliseconds done_after{0};  // since the last event
  bool stalls = false;                      // after the events nothing comes any more
  absl::Status status = absl::OkStatus();   // how it ends, after the events
  absl::Status refusal = absl::OkStatus();  // not OK: Reply itself returns it
  std::optional<FinishReason> finish =
      std::nullopt;  // else kToolCalls where there is one, or kStop
  Usage usage = {};
  std::optional<ReplyExpectation> expects = std::nullopt;

  // The text word by word, `every` apart, the first after `first`.
  static ScriptedReply Say(std::string_view text, std::chrono::milliseconds first = {},
                           std::chrono::milliseconds every = {});
  static ScriptedReply Call(std::string_view id, std::string_view tool, std::string_view arguments,
                            std::chrono::milliseconds after = {});
  static ScriptedReply Fail(absl::Status status, std::chrono::milliseconds after = {});
  static ScriptedReply Stall();

  // To chain: Say("One moment.").ThenCall("c1", "book", "{}").
  ScriptedReply ThenSay(std::string_view text, std::chrono::milliseconds every = {}) &&;
  ScriptedReply ThenCall(std::string_view id, std::string_view tool, std::string_view arguments,
                         std::chrono::milliseconds after = {}) &&;
  ScriptedReply ThenFail(absl::Status failure) &&;
  ScriptedReply ThenStall() &&;
};

// Obeys the contract of ChatModel, its timeouts included. Thread-safe, except that the function of
// AnswerWith runs on whatever thread calls Reply. Must outlive its streams.
class DRAGOMAN_EXPORT FakeChatModel : public ChatModel {
 public:
  using Answer = std::function<ScriptedReply(const ChatRequest&)>;

  FakeChatModel();
  explicit FakeChatModel(std::vector<ScriptedReply> replies);  // given in this order
  ~FakeChatModel() override;

  void Enqueue(ScriptedReply reply);
  void AnswerWith(Answer answer);  // what happens when no enqueued reply is left

  // kFailedPrecondition: nothing was scripted for this request.
  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override;
  std::string_view name() const override { return "fake"; }

  std::vector<ChatRequest> requests() const;  // every valid one, in order
  int open_streams() const;                   // neither finished nor destroyed
  int cancelled_streams() const;              // by Cancel or by destruction, before their end

 private:
  class Stream;
  struct Counts;

  mutable Mutex mutex_;
  std::deque<ScriptedReply> replies_ DRAGOMAN_GUARDED_BY(mutex_);
  Answer answer_ DRAGOMAN_GUARDED_BY(mutex_);
  std::vector<ChatRequest> requests_ DRAGOMAN_GUARDED_BY(mutex_);
  std::shared_ptr<Counts> counts_;  // shared with the streams
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_CHAT_MODEL_H_
