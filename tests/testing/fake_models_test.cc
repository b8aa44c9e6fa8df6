// The fakes keep the contracts they stand for, and do what their scripts say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_embedding_model.h"
#include "tests/contract/chat_model_contract.h"
#include "tests/contract/embedding_model_contract.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct FakeChatHarness : ManualHarness {
  ChatModel& model() { return fake; }
  ChatRequest request() {
    return {.messages = {{.role = Role::kUser, .text = "hello"}},
            .tools = {{.name = "lookup", .parameters = "{}"}}};
  }
  void PrepareText() { fake.Enqueue(ScriptedReply::Say("Grüß Gott, how are you?")); }
  void PrepareToolCall() { fake.Enqueue(ScriptedReply::Call("c1", "lookup", "{}")); }
  static constexpr bool kCanStall = true;
  void PrepareStall() { fake.Enqueue(ScriptedReply::Stall()); }
  void PrepareStallAfterText() { fake.Enqueue(ScriptedReply::Say("One moment").ThenStall()); }
  static constexpr bool kCanFail = true;
  void PrepareFailure() {
    fake.Enqueue(ScriptedReply::Say("One moment").ThenFail(Unavailable("scripted")));
  }
  FakeChatModel fake;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, ChatModelContract, FakeChatHarness);

struct FakeEmbeddingHarness : ManualHarness {
  EmbeddingModel& model() { return fake; }
  void Prepare() {}
  FakeEmbeddingModel fake;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, EmbeddingModelContract, FakeEmbeddingHarness);

TEST(FakeChatModelTest, WordsComeAtTheScriptedTimes) {
  ManualExecutor executor;
  FakeChatModel model({ScriptedReply::Say("one two", milliseconds(300), milliseconds(50))});
  ChatListening listening;
  auto stream = model.Reply(FakeChatHarness().request(), executor, listening.Callbacks());
  ASSERT_THAT(stream, IsOk());

  executor.RunFor(milliseconds(299));
  EXPECT_THAT(listening.pieces, ElementsAre());
  executor.RunFor(milliseconds(1));
  EXPECT_THAT(listening.pieces, ElementsAre("one "));
  executor.RunFor(milliseconds(50));
  EXPECT_THAT(listening.pieces, ElementsAre("one ", "two"));
}

TEST(FakeChatModelTest, ARequestNobodyScriptedIsRefused) {
  ManualExecutor executor;
  FakeChatModel model;
  EXPECT_THAT(model.Reply(FakeChatHarness().request(), executor, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("request 1")));
}

TEST(FakeChatModelTest, CountsWhatWasCancelledByCancelAndByDestruction) {
  ManualExecutor executor;
  FakeChatModel model({ScriptedReply::Stall(), ScriptedReply::Stall(), ScriptedReply::Say("hi")});
  auto one = model.Reply(FakeChatHarness().request(), executor, {});
  auto two = model.Reply(FakeChatHarness().request(), executor, {});
  auto three = model.Reply(FakeChatHarness().request(), executor, {});
  EXPECT_EQ(model.open_streams(), 3);

  (*one)->Cancel();
  two->reset();
  executor.RunUntilIdle();
  three->reset();

  EXPECT_EQ(model.open_streams(), 0);
  EXPECT_EQ(model.cancelled_streams(), 2);
}

}  // namespace
}  // namespace dragoman
