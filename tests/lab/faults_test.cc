#include "dragoman/lab/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using enum FaultPlace;
using enum FaultKind;

ChatRequest Request() {
  ChatRequest request;
  request.messages.push_back({.role = Role::kUser, .text = "hello"});
  return request;
}

class FaultyModelTest : public ::testing::Test {
 protected:
  void Break(Fault fault) { model_ = WithFaults(inner_, {std::move(fault)}); }
  void Ask() {
    inner_.Enqueue(ScriptedReply::Say("one two three"));
    done_ = 0;
    text_.clear();
    ChatModel::Callbacks callbacks;
    callbacks.on_text = [this](std::string_view text) { text_ += text; };
    callbacks.on_done = [this](absl::StatusOr<ChatResult> result) {
      ++done_;
      result_ = std::move(result);
    };
    auto stream = model_->Reply(Request(), executor_, std::move(callbacks));
    ASSERT_THAT(stream, IsOk());
    stream_ = *std::move(stream);
    EXPECT_EQ(done_, 0);  // never inside Reply
    executor_.RunUntilIdle();
  }

  ManualExecutor executor_;
  FakeChatModel inner_;
  std::unique_ptr<ChatModel> model_;
  std::unique_ptr<ChatStream> stream_;
  std::string text_;
  int done_ = 0;
  absl::StatusOr<ChatResult> result_ = absl::UnknownError("open");
};

TEST_F(FaultyModelTest, OnlyTheUsesNamedBreak) {
  Break({kModel, kFail, 2, 1, {}, ""});
  Ask();
  EXPECT_EQ(text_, "one two three");
  EXPECT_THAT(result_, IsOk());
  Ask();
  EXPECT_EQ(text_, "");
  EXPECT_THAT(result_, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("model is down")));
  Ask();
  EXPECT_THAT(result_, IsOk());
}

TEST_F(FaultyModelTest, ADelayHoldsTheQuestionBack) {
  Break({kModel, kDelay, 1, 1, milliseconds(3000), ""});
  Ask();
  executor_.RunFor(milliseconds(2900));
  EXPECT_EQ(text_, "");
  executor_.RunFor(milliseconds(200));
  EXPECT_EQ(text_, "one two three");
  EXPECT_EQ(done_, 1);
}

TEST_F(FaultyModelTest, AHangNeverAnswersButCanBeCancelled) {
  Break({kModel, kHang, 1, 1, {}, ""});
  Ask();
  executor_.RunFor(std::chrono::hours(1));
  EXPECT_EQ(done_, 0);
  stream_->Cancel();
  executor_.RunUntilIdle();
  EXPECT_EQ(done_, 1);
  EXPECT_THAT(result_, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(FaultyModelTest, ADeathComesAfterTheFirstWord) {
  Break({kModel, kDie, 1, 1, {}, ""});
  Ask();
  EXPECT_FALSE(text_.empty());
  EXPECT_NE(text_, "one two three");
  EXPECT_EQ(done_, 1);
  EXPECT_THAT(result_, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(FaultyModelTest, AStallKeepsTheRestAndThenGivesAllOfIt) {
  Break({kModel, kStall, 1, 1, milliseconds(2000), ""});
  Ask();
  EXPECT_NE(text_, "one two three");
  executor_.RunFor(milliseconds(2100));
  EXPECT_EQ(text_, "one two three");
  EXPECT_EQ(done_, 1);
}

TEST_F(FaultyModelTest, AnEmptyReplySucceedsWithNothing) {
  Break({kModel, kEmpty, 1, 1, {}, ""});
  Ask();
  ASSERT_THAT(result_, IsOk());
  EXPECT_TRUE(result_->message.text.empty());
}

TEST_F(FaultyModelTest, DestroyingTheStreamSilencesEveryFault) {
  for (FaultKind kind : {kDelay, kHang, kFail, kDie, kStall, kEmpty}) {
    Break({kModel, kind, 1, 1, milliseconds(500), ""});
    inner_.Enqueue(ScriptedReply::Say("one two three"));
    int called = 0;
    ChatModel::Callbacks callbacks;
    callbacks.on_text = [&](std::string_view) { ++called; };
    callbacks.on_done = [&](absl::StatusOr<ChatResult>) { ++called; };
    auto stream = model_->Reply(Request(), executor_, std::move(callbacks));
    ASSERT_THAT(stream, IsOk());
    stream->reset();
    executor_.RunFor(milliseconds(1000));
    EXPECT_EQ(called, 0);
  }
}

TEST(FaultyToolTest, TheEffectHappensThoughTheAnswerIsLateOrLost) {
  ManualExecutor executor;
  for (FaultKind kind : {kDelay, kHang, kEmpty}) {
    auto owned =
        std::make_unique<FakeTool>(FakeTool::Spec("book"), ScriptedRun{.result = "{\"id\":1}"});
    FakeTool& inner = *owned;
    auto tool = WithFaults(std::move(owned), {{kTool, kind, 1, 1, milliseconds(4000), "book"}});
    std::optional<absl::StatusOr<std::string>> answer;
    auto run = tool->Run("{}", {}, executor,
                         [&](absl::StatusOr<std::string> result) { answer = std::move(result); });
    executor.RunFor(milliseconds(3900));
    EXPECT_EQ(inner.runs().size(), 1u);
    EXPECT_EQ(answer.has_value(), kind == kEmpty);
    executor.RunFor(milliseconds(200));
    EXPECT_EQ(answer.has_value(), kind != kHang);
    if (kind == kDelay) {
      EXPECT_EQ(**answer, "{\"id\":1}");
    }
    if (kind == kEmpty) {
      EXPECT_EQ(**answer, "");
    }
  }
}

TEST(FaultyToolTest, AFailedToolIsNeverRun) {
  ManualExecutor executor;
  auto owned = std::make_unique<FakeTool>(FakeTool::Spec("book"));
  FakeTool& inner = *owned;
  auto tool = WithFaults(std::move(owned), {{kTool, kFail, 1, 1, {}, ""}});
  absl::Status status;
  auto run = tool->Run("{}", {}, executor,
                       [&](absl::StatusOr<std::string> result) { status = result.status(); });
  executor.RunUntilIdle();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(inner.runs().empty());
}

TEST(FaultyVoiceTest, AStalledVoiceGoesOnAndADeadOneSaysSo) {
  ManualExecutor executor;
  FakeSpeechSynthesizer inner;
  for (FaultKind kind : {kStall, kDie}) {
    auto voice = WithFaults(inner, {{kSynthesizer, kind, 1, 1, milliseconds(2000), ""}});
    std::chrono::microseconds heard{0};
    std::optional<absl::Status> done;
    SpeechSynthesizer::Callbacks callbacks;
    callbacks.on_audio = [&](const PcmFrame& frame) { heard += frame.duration(); };
    callbacks.on_done = [&](absl::Status status) { done = status; };
    auto stream = voice->Synthesize("good morning", {}, executor, std::move(callbacks));
    ASSERT_THAT(stream, IsOk());
    executor.RunFor(milliseconds(1000));
    EXPECT_EQ(heard, milliseconds(20));  // the first frame
    executor.RunFor(milliseconds(1500));
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->ok(), kind == kStall);
    if (kind == kStall) {
      EXPECT_EQ(heard, inner.DurationOf("good morning"));
    }
  }
}

TEST(FaultyHearingTest, ARecogniserThatDiesReportsItOnceAfterItsFirstWords) {
  ManualExecutor executor;
  FakeSpeechRecognizer inner;
  inner.Enqueue(ScriptedHearing::Words("one two", milliseconds(100), milliseconds(500)));
  auto recognizer = WithFaults(inner, {{kRecognizer, kDie, 1, 1, {}, ""}});
  int transcripts = 0;
  std::vector<absl::Status> done;
  SpeechRecognizer::Callbacks callbacks;
  callbacks.on_transcript = [&](Transcript) { ++transcripts; };
  callbacks.on_done = [&](absl::Status status) { done.push_back(status); };
  RecognitionOptions options;
  options.sample_rate_hz = 8000;
  auto stream = recognizer->Open(options, executor, std::move(callbacks));
  ASSERT_THAT(stream, IsOk());
  std::vector<std::int16_t> frame(160, 0);
  for (int i = 0; i < 50; ++i) {
    (void)(*stream)->Push({frame, 8000});
    executor.RunFor(milliseconds(20));
  }
  EXPECT_EQ(transcripts, 1);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_THAT(done[0], StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace dragoman::lab
