#include "src/server/html.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace dragoman {
namespace {

using namespace std::chrono_literals;

TEST(HtmlTest, MarkupInTextBecomesEntities) {
  EXPECT_EQ(EscapeHtml("<b a='1' b=\"2\" c=`3`>&amp;"),
            "&lt;b a=&#39;1&#39; b=&quot;2&quot; c=&#96;3&#96;&gt;&amp;amp;");
}

TEST(HtmlTest, OtherLanguagesStayAsTheyAre) {
  EXPECT_EQ(EscapeHtml("Gr\xC3\xBC\xC3\x9F Gott, \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x91\x8B"),
            "Gr\xC3\xBC\xC3\x9F Gott, \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x91\x8B");
}

TEST(HtmlTest, BrokenUtf8BecomesTheReplacementCharacter) {
  // A lone continuation byte, an overlong '<', a surrogate, a character that was cut off.
  EXPECT_EQ(EscapeHtml("a\x80"), "a\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml("\xC0\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml("x\xE2\x82"), "x\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(HtmlTest, ControlCharactersAndDirectionOverridesAreNotPassedOn) {
  EXPECT_EQ(EscapeHtml(std::string_view("\0", 1)), "\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml("\x1B[31m\x7F"), "\xEF\xBF\xBD[31m\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml("\xC2\x85"), "\xEF\xBF\xBD");               // next line, U+0085
  EXPECT_EQ(EscapeHtml("\xE2\x80\xAEgpj"), "\xEF\xBF\xBDgpj");     // U+202E
  EXPECT_EQ(EscapeHtml("\xE2\x81\xA6x"), "\xEF\xBF\xBDx");         // U+2066
  EXPECT_EQ(EscapeHtml("\xC2\xA0 \xE2\x80\x94 \xE2\x81\x84\t\n"),  // no-break space, dashes
            "\xC2\xA0 \xE2\x80\x94 \xE2\x81\x84\t\n");
}

TEST(HtmlTest, AFileUrlIsANameBesideThePageAndNothingElse) {
  EXPECT_EQ(FileUrl("call.wav"), "./call.wav");
  EXPECT_EQ(FileUrl("/srv/calls/../a b?.wav"), "./a%20b%3F.wav");
  EXPECT_EQ(FileUrl("javascript:alert(1)"), "./javascript%3Aalert%281%29");
  EXPECT_EQ(FileUrl("C:\\calls\\x.wav"), "./x.wav");
  EXPECT_EQ(FileUrl("\xC3\xBC\"'<"), "./%C3%BC%22%27%3C");
  EXPECT_EQ(FileUrl(""), "");
  EXPECT_EQ(FileUrl("calls/.."), "");
}

TEST(HtmlTest, TimesAreWrittenForPeople) {
  EXPECT_EQ(ClockTime(0ms), "0:00.0");
  EXPECT_EQ(ClockTime(67'949ms), "1:07.9");
  EXPECT_EQ(ClockTime(600'000ms), "10:00.0");
  EXPECT_EQ(ClockTime(-5ms), "0:00.0");
  EXPECT_EQ(Duration(612ms), "612 ms");
  EXPECT_EQ(Duration(1'449ms), "1.4 s");
  EXPECT_EQ(Duration(125'900ms), "2 min 05 s");
}

TEST(HtmlTest, PartsAreWithinTheWhole) {
  EXPECT_EQ(Html().Percent(1, 3).Take(), "33.333%");
  EXPECT_EQ(Html().Percent(1, 1000).Take(), "0.100%");
  EXPECT_EQ(Html().Percent(5, 4).Take(), "100.000%");
  EXPECT_EQ(Html().Percent(-1, 4).Take(), "0.000%");
  EXPECT_EQ(Html().Percent(1, 0).Take(), "0.000%");
  EXPECT_EQ(Html().Seconds(12'034ms).Take(), "12.034");
}

}  // namespace
}  // namespace dragoman
