#include "dragoman/core/number_words.h"

#include <gtest/gtest.h>

#include "dragoman/core/text.h"

namespace dragoman {
namespace {

TEST(NumberWordsTest, ReadsTheLongestNumberAtTheStart) {
  struct Case {
    const char* text;
    std::int64_t value;
    std::size_t words;
  };
  for (const Case& one :
       {Case{"forty five a month", 45, 2}, Case{"four five", 4, 1}, Case{"twenty twenty", 20, 1},
        Case{"a hundred and twenty", 120, 4},
        Case{"four thousand five hundred and sixteen", 4516, 6},
        Case{"forty five hundred", 4500, 3}, Case{"two grand", 2000, 2}, Case{"nineteen", 19, 1},
        Case{"zero", 0, 1}, Case{"a thousand", 1000, 2}, Case{"one hundred thousand", 100000, 3}}) {
    const auto words = SplitWords(one.text);
    const auto number = ReadNumber(words);
    ASSERT_TRUE(number.has_value()) << one.text;
    EXPECT_EQ(number->value, one.value) << one.text;
    EXPECT_EQ(number->words, one.words) << one.text;
  }
  for (const char* none : {"a", "a dog", "hundred", "hello", ""})
    EXPECT_FALSE(ReadNumber(SplitWords(none)).has_value()) << none;
}

}  // namespace
}  // namespace dragoman
