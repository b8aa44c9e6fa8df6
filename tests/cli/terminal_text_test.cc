#include "src/cli/terminal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman::cli {
namespace {

using ::testing::ElementsAre;

TEST(TerminalTextTest, EscapeSequencesAndDirectionOverridesAreMadeVisible) {
  EXPECT_EQ(CleanText("a\x1b[31mb"), "a\xEF\xBF\xBD[31mb");
  EXPECT_EQ(CleanText("a\xC2\x9B"
                      "31mb"),
            "a\xEF\xBF\xBD"
            "31mb");  // U+009B: CSI in one character
  EXPECT_EQ(CleanText("a\xE2\x80\xAE"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");  // U+202E
  EXPECT_EQ(CleanText("a\x07\x7F"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(CleanText("a\xFF\xE2\x82"), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(TerminalTextTest, WhiteSpaceOfEveryKindIsOneBlank) {
  EXPECT_EQ(CleanText(" a\r\n\tb\xE2\x80\xA8"
                      "c  "),
            "a b c");  // U+2028
  EXPECT_EQ(CleanText("\n"), "");
}

TEST(TerminalTextTest, WidthIsCountedInColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("\xC3\xBC"), 1);                  // u with diaeresis
  EXPECT_EQ(DisplayWidth("u\xCC\x88"), 1);                 // the same with a combining mark
  EXPECT_EQ(DisplayWidth("\xE4\xBD\xA0\xE5\xA5\xBD"), 4);  // two Chinese characters
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x91\x8B"), 2);          // an emoji
}

TEST(TerminalTextTest, TextIsBrokenAtBlanks) {
  EXPECT_THAT(WrapText("one two three four", 9), ElementsAre("one two", "three", "four"));
  EXPECT_THAT(WrapText("12345678 9", 10), ElementsAre("12345678 9"));
  EXPECT_THAT(WrapText("", 10), ElementsAre(""));
}

TEST(TerminalTextTest, AWordThatIsTooLongIsBrokenBetweenCharacters) {
  EXPECT_THAT(WrapText("ab 123456789012", 8), ElementsAre("ab", "12345678", "9012"));
  EXPECT_THAT(WrapText("\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0", 9),
              ElementsAre("\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD", "\xE4\xBD\xA0"));
}

TEST(TerminalTextTest, TheEndOfALongTextIsKept) {
  EXPECT_EQ(KeepEnd("short", 5), "short");
  EXPECT_EQ(KeepEnd("longer than that", 8), "... that");
}

}  // namespace
}  // namespace dragoman::cli
