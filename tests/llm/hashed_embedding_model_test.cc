#include "dragoman/llm/hashed_embedding_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/random.h"
#include "tests/contract/embedding_model_contract.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

struct HashedHarness : ManualHarness {
  HashedHarness() {
    auto made = MakeHashedEmbeddingModel();
    if (made.ok()) hashed = *std::move(made);
  }
  EmbeddingModel& model() { return *hashed; }
  void Prepare() {}
  std::unique_ptr<EmbeddingModel> hashed;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Hashed, EmbeddingModelContract, HashedHarness);

std::vector<float> VectorOf(const std::string& text) {
  HashedHarness harness;
  std::vector<float> vector;
  auto call = harness.model().Embed({text}, harness.executor(),
                                    [&](absl::StatusOr<EmbeddingResult> result) {
                                      ASSERT_THAT(result, IsOk());
                                      vector = result->vectors[0];
                                    });
  EXPECT_THAT(call, IsOk());
  harness.Settle();
  return vector;
}

float Similarity(const std::string& a, const std::string& b) {
  return CosineSimilarity(VectorOf(a), VectorOf(b));
}

TEST(HashedEmbeddingModelTest, TheSameWordsInAnotherCaseAndOrderAreTheSame) {
  EXPECT_NEAR(Similarity("Book the dentist!", "the DENTIST, book"), 1.0, 1e-5);
}

TEST(HashedEmbeddingModelTest, FormsAndMisspellingsOfAWordAreNearItStrangersAreNot) {
  const float form = Similarity("appointment", "appointments");
  const float misspelled = Similarity("appointment", "apointment");
  const float stranger = Similarity("appointment", "bicycle");
  EXPECT_GT(form, 0.4);
  EXPECT_GT(misspelled, 0.3);
  EXPECT_LT(stranger, 0.15);
}

TEST(HashedEmbeddingModelTest, WhatATextIsAboutCountsMoreThanItsFunctionWords) {
  EXPECT_GT(Similarity("what is the price of the internet plan", "internet plan price"),
            Similarity("what is the price of the internet plan", "what is the name of the dog"));
}

TEST(HashedEmbeddingModelTest, MeaningIsNotUnderstood) {  // the documentation says so
  EXPECT_LT(Similarity("toothache", "dentist"), 0.2);
}

TEST(HashedEmbeddingModelTest, OtherScriptsAndTextsWithoutAWordHaveVectorsOfTheirOwn) {
  EXPECT_GT(Similarity("записаться на приём", "запись на приём"), 0.4);
  EXPECT_LT(Similarity("записаться", "отменить"), 0.2);
  EXPECT_NEAR(Similarity("?!", "?!"), 1.0, 1e-5);
  EXPECT_LT(Similarity("?!", "..."), 0.5);
}

// 200 notes of five words out of 24 and a number; each is looked up by two of its words, one of
// them misspelled, and the number.
TEST(HashedEmbeddingModelTest, ANoteIsFoundByHalfOfItsWords) {
  const std::vector<std::string> words = {
      "dentist", "internet", "contract", "bicycle", "insurance", "passport", "kitchen", "garden",
      "invoice", "landlord", "parking",  "airport", "birthday",  "medicine", "library", "engine",
      "window",  "holiday",  "teacher",  "plumber", "password",  "blanket",  "concert", "mountain"};
  SeededRandom random(7);
  std::vector<std::vector<std::string>> notes;
  std::vector<std::vector<float>> vectors;
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> note;
    std::string text;
    for (int j = 0; j < 5; ++j) note.push_back(words[random.Below(words.size())]);
    note.push_back("n" + std::to_string(1000 + i));
    for (const std::string& word : note) text += word + " ";
    notes.push_back(note);
    vectors.push_back(VectorOf(text));
  }
  int found = 0;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    std::string misspelled = notes[i][1];
    misspelled.erase(misspelled.size() / 2, 1);
    const auto query = VectorOf(notes[i][0] + " " + misspelled + " " + notes[i][5]);
    std::size_t best = 0;
    for (std::size_t j = 1; j < vectors.size(); ++j) {
      if (CosineSimilarity(query, vectors[j]) > CosineSimilarity(query, vectors[best])) best = j;
    }
    if (best == i) ++found;
  }
  EXPECT_GE(found, 170);  // docs/models.md: 88 % of such look-ups
}

TEST(HashedEmbeddingOptionsTest, BadOptionsAreRefusedNamingTheField) {
  EXPECT_THAT(MakeHashedEmbeddingModel({.dimensions = 8}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("dimensions")));
  EXPECT_THAT(MakeHashedEmbeddingModel({.max_batch = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_batch")));
}

TEST(CosineSimilarityTest, WorkedOutByHand) {
  const std::vector<float> a = {3, 4};
  const std::vector<float> b = {4, 3};
  const std::vector<float> c = {-4, 3};
  EXPECT_FLOAT_EQ(CosineSimilarity(a, a), 1.0f);
  EXPECT_FLOAT_EQ(CosineSimilarity(a, b), 0.96f);
  EXPECT_FLOAT_EQ(CosineSimilarity(a, c), 0.0f);
  EXPECT_EQ(CosineSimilarity(a, std::vector<float>{1}), 0);
  EXPECT_EQ(CosineSimilarity(a, std::vector<float>{0, 0}), 0);
}

}  // namespace
}  // namespace dragoman
