// What every ChatModel does, run against each of them:
//
//   struct MyHarness : ManualHarness {          // or ThreadHarness
//     ChatModel& model();
//     ChatRequest request();                    // valid, with the tool "lookup"
//     void PrepareText();                       // the next Reply is text, in more than one piece
//     void PrepareToolCall();                   // the next Reply calls "lookup"
//     static constexpr bool kCanStall = true;   // and then:
//     void PrepareStall();                      // nothing comes
//     void PrepareStallAfterText();
//     static constexpr bool kCanFail = true;    // and then:
//     void PrepareFailure();                    // text, then the stream ends with kUnavailable
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, ChatModelContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_CHAT_MODEL_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_CHAT_MODEL_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/text.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/harness.h"

namespace dragoman {

// What one stream called back.
struct ChatListening {
  std::string text;
  std::vector<std::string> pieces;
  std::vector<ToolCall> calls;
  std::vector<absl::StatusOr<ChatResult>> done;
  int callbacks = 0;
  bool inside_a_call = false;                     // set while a method of the model runs
  bool called_back_inside = false;                // and it called back all the same
  std::function<void(int)> on_each = [](int) {};  // the number of the callback, from 0

  ChatModel::Callbacks Callbacks() {
    ChatModel::Callbacks callbacks;
    callbacks.on_text = [this](std::string_view piece) {
      text += piece;
      pieces.emplace_back(piece);
      Count();
    };
    callbacks.on_tool_call = [this](const ToolCall& call) {
      calls.push_back(call);
      Count();
    };
    callbacks.on_done = [this](absl::StatusOr<ChatResult> result) {
      done.push_back(std::move(result));
      Count();
    };
    return callbacks;
  }

 private:
  void Count() {
    called_back_inside = called_back_inside || inside_a_call;
    on_each(callbacks++);
  }
};

template <typename Harness>
class ChatModelContract : public ::testing::Test {
 protected:
  // Opens the stream; `listening` and `stream` live until the end of the test.
  void Reply(ChatRequest request) {
    harness.On([&] {
      listening.inside_a_call = true;
      auto opened =
          harness.model().Reply(std::move(request), harness.executor(), listening.Callbacks());
      listening.inside_a_call = false;
      status = opened.status();
      if (opened.ok()) stream = *std::move(opened);
    });
    ASSERT_THAT(status, IsOk());
  }
  void ReplyWithText() {
    harness.PrepareText();
    Reply(harness.request());
  }
  void Cancel() {
    listening.inside_a_call = true;
    stream->Cancel();
    listening.inside_a_call = false;
  }
  bool RunToTheEnd() {
    const bool ended = harness.RunUntil([&] { return !listening.done.empty(); });
    harness.Settle();
    return ended;
  }
  // How many callbacks an undisturbed reply makes.
  int CallbacksOfText() {
    ChatListening whole;
    std::unique_ptr<ChatStream> undisturbed;
    harness.PrepareText();
    harness.On([&] {
      auto opened = harness.model().Reply(harness.request(), harness.executor(), whole.Callbacks());
      if (opened.ok()) undisturbed = *std::move(opened);
    });
    harness.RunUntil([&] { return !whole.done.empty(); });
    harness.On([&] { undisturbed.reset(); });
    return whole.callbacks;
  }
  void Renew() {
    harness.On([&] { stream.reset(); });
    listening = ChatListening();
  }
  void TearDown() override {
    harness.On([&] { stream.reset(); });
  }
  void ExpectRefused(const std::function<void(ChatRequest&)>& spoil, const std::string& field) {
    ChatRequest request = harness.request();
    spoil(request);
    absl::Status refused;
    harness.On([&] {
      refused = harness.model().Reply(request, harness.executor(), listening.Callbacks()).status();
    });
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr(field)));
    EXPECT_EQ(listening.callbacks, 0);
  }

  Harness harness;
  ChatListening listening;
  absl::Status status;
  std::unique_ptr<ChatStream> stream;
};

TYPED_TEST_SUITE_P(ChatModelContract);

TYPED_TEST_P(ChatModelContract, TextThenExactlyOneCompletionThatHoldsAllOfIt) {
  this->ReplyWithText();
  ASSERT_TRUE(this->RunToTheEnd());

  auto& listening = this->listening;
  ASSERT_EQ(listening.done.size(), 1u);
  ASSERT_THAT(listening.done[0], IsOk());
  EXPECT_FALSE(listening.text.empty());
  EXPECT_EQ(listening.done[0]->message.text, listening.text);
  EXPECT_EQ(listening.done[0]->message.role, Role::kAssistant);
  EXPECT_EQ(listening.done[0]->finish, FinishReason::kStop);
  EXPECT_TRUE(listening.calls.empty());
}

TYPED_TEST_P(ChatModelContract, NothingIsCalledBackInsideReplyOrCancel) {
  this->ReplyWithText();
  this->harness.On([&] { this->Cancel(); });
  this->harness.Settle();

  EXPECT_FALSE(this->listening.called_back_inside);
}

TYPED_TEST_P(ChatModelContract, PiecesAreNotEmptyAndEndOnUtf8Borders) {
  this->ReplyWithText();
  ASSERT_TRUE(this->RunToTheEnd());

  for (const std::string& piece : this->listening.pieces) {
    EXPECT_FALSE(piece.empty());
    EXPECT_TRUE(IsValidUtf8(piece)) << piece;
  }
}

TYPED_TEST_P(ChatModelContract, AToolCallIsToldAndInTheResult) {
  this->harness.PrepareToolCall();
  this->Reply(this->harness.request());
  ASSERT_TRUE(this->RunToTheEnd());

  auto& listening = this->listening;
  ASSERT_EQ(listening.done.size(), 1u);
  ASSERT_THAT(listening.done[0], IsOk());
  EXPECT_EQ(listening.done[0]->finish, FinishReason::kToolCalls);
  ASSERT_FALSE(listening.calls.empty());
  EXPECT_EQ(listening.done[0]->message.tool_calls, listening.calls);
  EXPECT_EQ(listening.calls[0].name, "lookup");
  EXPECT_FALSE(listening.calls[0].id.empty());
}

TYPED_TEST_P(ChatModelContract, ATextListenerMayBeMissing) {
  this->harness.PrepareToolCall();
  this->harness.On([&] {
    ChatModel::Callbacks callbacks = this->listening.Callbacks();
    callbacks.on_text = nullptr;
    callbacks.on_tool_call = nullptr;
    auto opened = this->harness.model().Reply(this->harness.request(), this->harness.executor(),
                                              std::move(callbacks));
    ASSERT_THAT(opened, IsOk());
    this->stream = *std::move(opened);
  });
  ASSERT_TRUE(this->RunToTheEnd());

  ASSERT_EQ(this->listening.done.size(), 1u);
  EXPECT_THAT(this->listening.done[0], IsOk());
}

TYPED_TEST_P(ChatModelContract, CancelBeforeAnythingCameReportsCancelledOnce) {
  this->ReplyWithText();
  this->harness.On([&] {
    this->Cancel();
    this->Cancel();
  });
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->listening.text, "");
  ASSERT_EQ(this->listening.done.size(), 1u);
  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
}

TYPED_TEST_P(ChatModelContract, CancelInsideAnyCallbackIsFollowedByNothingButCancelled) {
  const int callbacks = this->CallbacksOfText();
  ASSERT_GE(callbacks, 3) << "the harness' text has less than two pieces";
  for (int cancel_at = 0; cancel_at + 1 < callbacks; ++cancel_at) {
    SCOPED_TRACE(cancel_at);
    this->Renew();
    this->ReplyWithText();
    this->listening.on_each = [&](int number) {
      if (number == cancel_at) this->Cancel();
    };
    ASSERT_TRUE(this->RunToTheEnd());

    EXPECT_EQ(this->listening.callbacks, cancel_at + 2);
    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
  }
}

TYPED_TEST_P(ChatModelContract, CancelAfterTheEndDoesNothing) {
  this->ReplyWithText();
  ASSERT_TRUE(this->RunToTheEnd());
  const int callbacks = this->listening.callbacks;

  this->harness.On([&] { this->Cancel(); });
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, callbacks);
}

TYPED_TEST_P(ChatModelContract, ADestroyedStreamIsSilent) {
  this->ReplyWithText();
  this->harness.On([&] { this->stream.reset(); });
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, 0);
}

TYPED_TEST_P(ChatModelContract, ACancelledAndDestroyedStreamIsSilent) {
  this->ReplyWithText();
  this->harness.On([&] {
    this->Cancel();
    this->stream.reset();
  });
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, 0);
}

TYPED_TEST_P(ChatModelContract, DestructionInsideAnyCallbackIsFollowedByNothing) {
  const int callbacks = this->CallbacksOfText();
  for (int destroy_at = 0; destroy_at < callbacks; ++destroy_at) {
    SCOPED_TRACE(destroy_at);
    this->Renew();
    this->ReplyWithText();
    this->listening.on_each = [&](int number) {
      if (number == destroy_at) this->stream.reset();
    };
    ASSERT_TRUE(this->harness.RunUntil([&] { return this->stream == nullptr; }));
    this->harness.Settle();

    EXPECT_EQ(this->listening.callbacks, destroy_at + 1);
  }
}

TYPED_TEST_P(ChatModelContract, StreamsDoNotDisturbEachOther) {
  this->ReplyWithText();
  ChatListening other;
  std::unique_ptr<ChatStream> cancelled;
  this->harness.PrepareText();
  this->harness.On([&] {
    auto opened = this->harness.model().Reply(this->harness.request(), this->harness.executor(),
                                              other.Callbacks());
    ASSERT_THAT(opened, IsOk());
    cancelled = *std::move(opened);
    cancelled->Cancel();
  });
  ASSERT_TRUE(this->RunToTheEnd());
  this->harness.On([&] { cancelled.reset(); });

  EXPECT_THAT(this->listening.done[0], IsOk());
  ASSERT_EQ(other.done.size(), 1u);
  EXPECT_THAT(other.done[0], StatusIs(absl::StatusCode::kCancelled));
}

TYPED_TEST_P(ChatModelContract, ABadRequestIsRefusedNamingTheField) {
  this->ExpectRefused([](ChatRequest& r) { r.messages.clear(); }, "messages");
  this->ExpectRefused([](ChatRequest& r) { r.messages.back().text = "\xc3("; }, "text");
  this->ExpectRefused([](ChatRequest& r) { r.max_output_tokens = 0; }, "max_output_tokens");
  this->ExpectRefused([](ChatRequest& r) { r.temperature_per_mille = 2001; },
                      "temperature_per_mille");
}

TYPED_TEST_P(ChatModelContract, AModelThatSaysNothingIsTooLate) {
  if constexpr (TypeParam::kCanStall) {
    this->harness.PrepareStall();
    ChatRequest request = this->harness.request();
    request.first_token_timeout = std::chrono::milliseconds(300);
    this->Reply(request);
    ASSERT_TRUE(this->RunToTheEnd());

    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
}

TYPED_TEST_P(ChatModelContract, AModelThatFallsSilentIsTooLate) {
  if constexpr (TypeParam::kCanStall) {
    this->harness.PrepareStallAfterText();
    ChatRequest request = this->harness.request();
    request.between_tokens_timeout = std::chrono::milliseconds(300);
    this->Reply(request);
    ASSERT_TRUE(this->RunToTheEnd());

    EXPECT_NE(this->listening.text, "");
    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
}

TYPED_TEST_P(ChatModelContract, AFailureAfterTextIsReportedOnce) {
  if constexpr (TypeParam::kCanFail) {
    this->harness.PrepareFailure();
    this->Reply(this->harness.request());
    ASSERT_TRUE(this->RunToTheEnd());

    EXPECT_NE(this->listening.text, "");
    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kUnavailable));
  }
}

TYPED_TEST_P(ChatModelContract, HasAName) { EXPECT_NE(this->harness.model().name(), ""); }

REGISTER_TYPED_TEST_SUITE_P(ChatModelContract, TextThenExactlyOneCompletionThatHoldsAllOfIt,
                            NothingIsCalledBackInsideReplyOrCancel,
                            PiecesAreNotEmptyAndEndOnUtf8Borders, AToolCallIsToldAndInTheResult,
                            ATextListenerMayBeMissing, CancelBeforeAnythingCameReportsCancelledOnce,
                            CancelInsideAnyCallbackIsFollowedByNothingButCancelled,
                            CancelAfterTheEndDoesNothing, ADestroyedStreamIsSilent,
                            ACancelledAndDestroyedStreamIsSilent,
                            DestructionInsideAnyCallbackIsFollowedByNothing,
                            StreamsDoNotDisturbEachOther, ABadRequestIsRefusedNamingTheField,
                            AModelThatSaysNothingIsTooLate, AModelThatFallsSilentIsTooLate,
                            AFailureAfterTextIsReportedOnce, HasAName);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_CHAT_MODEL_CONTRACT_H_
