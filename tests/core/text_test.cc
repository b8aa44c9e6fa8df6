#include "dragoman/core/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TextTest, ValidUtf8OfEveryLengthIsAccepted) {
  for (const char* text :
       {"", "ascii", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0", 1)));
}

TEST(TextTest, OverlongFormsAreRefused) {
  for (const char* text : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                           "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf"}) {
    EXPECT_FALSE(IsValidUtf8(text));
  }
}

TEST(TextTest, SurrogatesAndPointsBeyondUnicodeAreRefused) {
  for (const char* text :
       {"\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(IsValidUtf8(text));
  }
}

TEST(TextTest, TruncatedAndStrayContinuationsAreRefused) {
  for (const char* text :
       {"\x80", "\xc2", "a\xe2\x82", "\xf0\x9f\x98", "\xc2\x41", "\xe2\x82\x41", "\xe2\x41\xac"}) {
    EXPECT_FALSE(IsValidUtf8(text));
  }
}

TEST(TextTest, LowerCaseTouchesAsciiLettersOnly) {
  EXPECT_EQ(ToLowerAscii("ABC xyz [@`{ 123 \xc3\x89"), "abc xyz [@`{ 123 \xc3\x89");
}

TEST(TextTest, TrimTakesWhiteSpaceAtTheEndsOnly) {
  EXPECT_EQ(Trim(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(Trim("   "), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(TextTest, WordsAreRunsOfNonBlankCharacters) {
  EXPECT_THAT(SplitWords("  one two,\tthree\n"), ElementsAre("one", "two,", "three"));
  EXPECT_THAT(SplitWords(" \n "), IsEmpty());
}

TEST(TextTest, EditDistanceCountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("same", "same"), 0);
  EXPECT_EQ(EditDistance("flaw", "lawn"), 2);
}

TEST(TextTest, NearestFindsATypingErrorAndNothingFartherAway) {
  EXPECT_EQ(Nearest("nosie", {"voice", "noise", "lines"}), "noise");
  EXPECT_EQ(Nearest("zzzzz", {"voice", "noise"}), "");
  EXPECT_EQ(Nearest("voice", {}), "");
}

TEST(TextTest, NearestPrefersTheFirstOfEqualCandidates) {
  EXPECT_EQ(Nearest("bat", {"cat", "hat"}), "cat");
}

}  // namespace
}  // namespace dragoman
