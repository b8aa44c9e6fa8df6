// What every EmbeddingModel does, run against each of them:
//
//   struct MyHarness : ManualHarness {          // or ThreadHarness
//     EmbeddingModel& model();
//     void Prepare();                           // before each Embed
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, EmbeddingModelContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_EMBEDDING_MODEL_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_EMBEDDING_MODEL_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/llm/embedding_model.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/harness.h"

namespace dragoman {

template <typename Harness>
class EmbeddingModelContract : public ::testing::Test {
 protected:
  using Texts = std::vector<std::string>;

  absl::Status Embed(Texts texts, std::function<void()> on_done = [] {}) {
    absl::Status status;
    harness.Prepare();
    harness.On([&] {
      inside_a_call = true;
      auto opened = harness.model().Embed(std::move(texts), harness.executor(),
                                          [this, on_done](absl::StatusOr<EmbeddingResult> result) {
                                            called_back_inside =
                                                called_back_inside || inside_a_call;
                                            done.push_back(std::move(result));
                                            on_done();
                                          });
      inside_a_call = false;
      status = opened.status();
      if (opened.ok()) call = *std::move(opened);
    });
    return status;
  }
  // The vectors, or nothing and a failed test.
  std::vector<std::vector<float>> VectorsOf(Texts texts) {
    done.clear();
    EXPECT_THAT(Embed(std::move(texts)), IsOk());
    EXPECT_TRUE(harness.RunUntil([&] { return !done.empty(); }));
    harness.Settle();
    EXPECT_EQ(done.size(), 1u);
    if (done.empty() || !done[0].ok()) return {};
    return done[0]->vectors;
  }
  void Cancel() {
    inside_a_call = true;
    call->Cancel();
    inside_a_call = false;
  }
  void TearDown() override {
    harness.On([&] { call.reset(); });
  }

  Harness harness;
  std::unique_ptr<EmbeddingCall> call;
  std::vector<absl::StatusOr<EmbeddingResult>> done;
  bool inside_a_call = false;
  bool called_back_inside = false;
};

TYPED_TEST_SUITE_P(EmbeddingModelContract);

TYPED_TEST_P(EmbeddingModelContract, OneVectorOfUnitLengthPerText) {
  const auto vectors = this->VectorsOf({"a red bicycle", "Grüße aus Köln", "x"});

  ASSERT_EQ(vectors.size(), 3u);
  for (const std::vector<float>& vector : vectors) {
    ASSERT_EQ(vector.size(), static_cast<size_t>(this->harness.model().dimensions()));
    double square = 0;
    for (float x : vector) square += static_cast<double>(x) * x;
    EXPECT_NEAR(square, 1.0, 1e-3);
  }
  EXPECT_FALSE(this->called_back_inside);
}

TYPED_TEST_P(EmbeddingModelContract, TheOrderIsThatOfTheTexts) {
  const auto one = this->VectorsOf({"a red bicycle", "the dentist on Tuesday"});
  const auto other = this->VectorsOf({"the dentist on Tuesday", "a red bicycle"});

  ASSERT_EQ(one.size(), 2u);
  ASSERT_EQ(other.size(), 2u);
  EXPECT_EQ(one[0], other[1]);
  EXPECT_EQ(one[1], other[0]);
  EXPECT_NE(one[0], one[1]);
}

TYPED_TEST_P(EmbeddingModelContract, AWholeBatchIsTakenAndOneMoreRefused) {
  const auto batch = static_cast<size_t>(this->harness.model().max_batch());
  EXPECT_EQ(this->VectorsOf(std::vector<std::string>(batch, "a")).size(), batch);
  EXPECT_THAT(this->Embed(std::vector<std::string>(batch + 1, "a")),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("texts")));
}

TYPED_TEST_P(EmbeddingModelContract, BadTextsAreRefusedNamingThem) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("texts"));
  EXPECT_THAT(this->Embed({}), refused);
  EXPECT_THAT(this->Embed({"fine", ""}), refused);
  EXPECT_THAT(this->Embed({"\xff"}), refused);
  this->harness.Settle();
  EXPECT_TRUE(this->done.empty());
}

TYPED_TEST_P(EmbeddingModelContract, CancelReportsCancelledOnce) {
  ASSERT_THAT(this->Embed({"a"}), IsOk());
  this->harness.On([&] {
    this->Cancel();
    this->Cancel();
  });
  ASSERT_TRUE(this->harness.RunUntil([&] { return !this->done.empty(); }));
  this->harness.Settle();

  ASSERT_EQ(this->done.size(), 1u);
  EXPECT_THAT(this->done[0], StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(this->called_back_inside);
}

TYPED_TEST_P(EmbeddingModelContract, CancelAfterTheEndDoesNothing) {
  this->VectorsOf({"a"});
  this->harness.On([&] { this->Cancel(); });
  this->harness.Settle();

  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(EmbeddingModelContract, ADestroyedCallIsSilent) {
  ASSERT_THAT(this->Embed({"a"}), IsOk());
  this->harness.On([&] { this->call.reset(); });
  this->harness.Settle();

  EXPECT_TRUE(this->done.empty());
}

TYPED_TEST_P(EmbeddingModelContract, DestructionInsideTheCompletionIsAllowed) {
  ASSERT_THAT(this->Embed({"a"}, [this] { this->call.reset(); }), IsOk());
  ASSERT_TRUE(this->harness.RunUntil([&] { return !this->done.empty(); }));
  this->harness.Settle();

  EXPECT_EQ(this->call, nullptr);
  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(EmbeddingModelContract, SaysWhatItIs) {
  EXPECT_NE(this->harness.model().name(), "");
  EXPECT_GE(this->harness.model().dimensions(), 1);
  EXPECT_GE(this->harness.model().max_batch(), 1);
}

REGISTER_TYPED_TEST_SUITE_P(EmbeddingModelContract, OneVectorOfUnitLengthPerText,
                            TheOrderIsThatOfTheTexts, AWholeBatchIsTakenAndOneMoreRefused,
                            BadTextsAreRefusedNamingThem, CancelReportsCancelledOnce,
                            CancelAfterTheEndDoesNothing, ADestroyedCallIsSilent,
                            DestructionInsideTheCompletionIsAllowed, SaysWhatItIs);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_EMBEDDING_MODEL_CONTRACT_H_
