#include "src/providers/pocketsphinx/jsgf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dragoman/core/status.h"
#include "dragoman/testing/matchers.h"

namespace dragoman::pocketsphinx {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Grammar(const std::string& rules) { return "#JSGF V1.0;\ngrammar g;\n" + rules; }

void ExpectRefused(const std::string& text, const std::string& reason) {
  EXPECT_THAT(CheckGrammar(text), StatusIs(StatusCode::kInvalidArgument, HasSubstr(reason)))
      << text.substr(0, 80);
}

TEST(JsgfTest, WordsAreListedInLowerCase) {
  auto checked =
      CheckGrammar(Grammar("public <a> = [Please] book (<b> | I'd)* ; // words here do not count\n"
                           "<b> = /0.5/ a.m. {tag with words} | /2/ x-ray+ /* nor here */;\n"));
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(checked->words, ElementsAre("a.m.", "book", "i'd", "please", "x-ray"));
}

TEST(JsgfTest, WhatIsPassedOnIsAGrammarAgain) {
  auto checked = CheckGrammar(Grammar("public <a> = (go | [do] <b>)+ ;\n<b> = NOW;"));
  ASSERT_THAT(checked, IsOk());
  auto again = CheckGrammar(checked->text);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->text, checked->text);
  EXPECT_EQ(again->words, checked->words);
}

TEST(JsgfTest, OnlyTheFirstPublicRuleIsTheRoot) {
  auto checked = CheckGrammar(Grammar("<c> = x;\npublic <a> = y;\npublic <b> = z;\n"));
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(checked->text, HasSubstr("public <a>"));
  EXPECT_THAT(checked->text, ::testing::Not(HasSubstr("public <b>")));
}

TEST(JsgfTest, MistakesAreNamedWithTheirLine) {
  ExpectRefused("", "line 1");
  ExpectRefused("grammar g;\npublic <a> = b;", "#JSGF");
  ExpectRefused("#JSGF V1.0;\npublic <a> = b;", "line 2");
  ExpectRefused(Grammar("<a> = b;"), "no public rule");
  ExpectRefused(Grammar("public <a> = b"), "expected ';'");
  ExpectRefused(Grammar("public <a> = (b;"), "expected ')'");
  ExpectRefused(Grammar("public <a> = b | ;"), "line 3");
  ExpectRefused(Grammar("public <a> = \n\n ] ;"), "line 5");
  ExpectRefused(Grammar("public <a> = b;\n<a> = c;"), "defined twice");
  ExpectRefused(Grammar("public <a> = <nowhere>;"), "<nowhere>");
  ExpectRefused(Grammar("public <a> = b /* no end"), "comment");
  ExpectRefused(Grammar("public <a> = b {no end"), "tag");
  ExpectRefused(Grammar("public <a> = caf\xc3\xa9;"), "byte 195");
  ExpectRefused(Grammar(std::string("public <a> = b\0c;", 17)), "byte 0");
}

TEST(JsgfTest, FilesAreNeverRead) {
  ExpectRefused(Grammar("import <com.acme.dates.*>;\npublic <a> = b;"), "import");
}

TEST(JsgfTest, RecursionIsRefused) {
  ExpectRefused(Grammar("public <a> = b [<a>];"), "reached from itself");
  ExpectRefused(Grammar("public <a> = <b>;\n<b> = <c>;\n<c> = x | <b> y;"), "reached from itself");
}

TEST(JsgfTest, ExpansionIsBounded) {
  std::string rules = "public <r0> = <r1> <r1>;\n";
  for (int i = 1; i < 40; ++i) {
    rules += StrCat("<r", i, "> = <r", i + 1, "> <r", i + 1, ">;\n");
  }
  ExpectRefused(Grammar(rules + "<r40> = word;\n"), "expands to more than 200000 words");
}

TEST(JsgfTest, DepthSizeAndNamesAreBounded) {
  ExpectRefused(Grammar("public <a> = " + std::string(10'000, '(') + "b;"), "nested");
  ExpectRefused(Grammar("public <a> = " + std::string(kMaxGrammarBytes, 'b') + ";"), "bytes");
  ExpectRefused(Grammar("public <a> = " + std::string(100, 'b') + ";"), "longer than 64");
  std::string chain = "public <r0> = <r1>;\n";
  for (int i = 1; i < 3000; ++i) chain += StrCat("<r", i, "> = <r", i + 1, ">;\n");
  EXPECT_THAT(CheckGrammar(Grammar(chain + "<r3000> = end;\n")), IsOk());
}

}  // namespace
}  // namespace dragoman::pocketsphinx
