#include "src/providers/flite/spoken_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dragoman/testing/matchers.h"

namespace dragoman::flite {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> PiecesOf(std::string_view text) {
  auto pieces = SplitSpokenText(text);
  std::vector<std::string> texts;
  if (!pieces.ok()) return {"refused"};
  for (const SpokenPiece& piece : *pieces) texts.push_back(piece.text);
  return texts;
}

TEST(SpokenTextTest, ASentenceIsAPiece) {
  EXPECT_THAT(PiecesOf("It is free. Shall I book it? Yes!"),
              ElementsAre("It is free.", " Shall I book it?", " Yes!"));
}

TEST(SpokenTextTest, DotsOfAbbreviationsAndNumbersDoNotEndASentence) {
  EXPECT_THAT(PiecesOf("Dr. Lane at 3.5 miles, 10 a.m. sharp: A. N. N. A."),
              ElementsAre("Dr. Lane at 3.5 miles, 10 a.m. sharp: A. N. N. A."));
}

TEST(SpokenTextTest, ALongSentenceIsCutBehindItsLastComma) {
  const std::string head = std::string(100, 'a').replace(50, 1, " ") + ",";
  const auto pieces = PiecesOf(head + " " + std::string(50, 'b') + " " + std::string(30, 'c'));
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0], head);
}

TEST(SpokenTextTest, NoPieceIsLongerThan160AndNoWordLongerThan60) {
  for (char c : {'a', '9', ',', '(', 'Z'}) {
    auto pieces = SplitSpokenText(std::string(4000, c) + "x");
    ASSERT_THAT(pieces, IsOk());
    for (const SpokenPiece& piece : *pieces) {
      EXPECT_LE(piece.text.size(), 160u);
      EXPECT_EQ(piece.text.size(), piece.origin.size());
      EXPECT_TRUE(std::is_sorted(piece.origin.begin(), piece.origin.end()));
      std::size_t word = 0;
      for (char at : piece.text) {
        word = at == ' ' ? 0 : word + 1;
        EXPECT_LE(word, 60u);
      }
    }
  }
}

TEST(SpokenTextTest, OnlyPrintableAsciiIsLeft) {
  std::string every;
  for (int c = 1; c < 128; ++c) every += static_cast<char>(c);
  every += "\xc3\xbf\xe2\x82\xac\xf0\x9f\x98\x80";
  auto pieces = SplitSpokenText(every);
  ASSERT_THAT(pieces, IsOk());
  for (const SpokenPiece& piece : *pieces) {
    for (char c : piece.text) {
      EXPECT_GE(c, ' ');
      EXPECT_LT(c, 0x7f);
    }
  }
}

TEST(SpokenTextTest, AccentsAndTypographicMarksBecomeAscii) {
  EXPECT_THAT(PiecesOf("\xc3\x89milie\xe2\x80\x99s na\xc3\xafve \xe2\x82\xac"),
              ElementsAre("Emilie's naive euro "));
}

TEST(SpokenTextTest, MarksAloneAreNotSpoken) {
  EXPECT_THAT(PiecesOf("... !!! ??? ---"), ::testing::IsEmpty());
}

TEST(SpokenTextTest, WhatIsNotUtf8IsRefused) {
  EXPECT_THAT(SplitSpokenText("\xc3"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SplitSpokenText("\xed\xa0\x80"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SplitSpokenText("\xff\xfe"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace dragoman::flite
