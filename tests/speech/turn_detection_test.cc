#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dragoman/speech/turn_detector.h"

// The utterances are written by hand, after what people say to a receptionist on the phone. What
// counts is the side of 500 on which a turn falls, and the order of near pairs.
namespace dragoman {
namespace {

class Finished : public testing::TestWithParam<std::string_view> {};
TEST_P(Finished, IsRatedAsADoneTurn) { EXPECT_GT(EstimateCompleteness(GetParam()), 500); }
INSTANTIATE_TEST_SUITE_P(
    Turn, Finished,
    testing::Values(
        // Answers
        "yes", "no", "yeah", "Yes.", "no thanks", "yes it is", "no i can't", "yes i do",
        "i think so", "that's right", "that's correct", "okay", "not yet", "of course",
        "yes please", "it is", "no not today", "i don't know",
        // Dates and times
        "tomorrow at ten", "monday", "next tuesday", "on march third", "the third of march",
        "at three thirty pm", "ten thirty", "half past ten", "in the morning", "at noon",
        "friday at 10:30", "may fifth at two", "around four", "june 12th",
        "the week after next week", "at nine o'clock", "on the twenty third", "the second of may",
        "as soon as possible", "ten am", "at 9 a.m.", "that's all i need", "what does it look like",
        "how are you",
        // Numbers
        "five five five one two three four", "five five five oh one two three four five six", "2",
        "nineteen eighty four", "555 0123", "0171 555 0123",
        // Sentences
        "i would like to book an appointment for tomorrow", "i want to cancel my appointment",
        "my name is peter miller", "can i speak to a person", "what are your opening hours",
        "where are you from", "how much does it cost", "i'm calling about my bill",
        "could you repeat that please", "no that's all thank you", "thanks bye", "hello",
        "it hurts when i chew on the left side", "that works for me", "can you come in",
        "if you have something on monday i'd take it", "the dentist", "peter miller", "i hope so"));

class Unfinished : public testing::TestWithParam<std::string_view> {};
TEST_P(Unfinished, IsRatedAsATurnThatGoesOn) { EXPECT_LT(EstimateCompleteness(GetParam()), 500); }
INSTANTIATE_TEST_SUITE_P(
    Turn, Unfinished,
    testing::Values(
        // Nothing, hesitation, holding the floor
        "", "   ", "...", "uh", "i would like um", "on monday uhh", "well er", "hold on",
        "one moment", "let me see", "no wait", "tomorrow actually",
        // Open ends
        "i would like to", "i'd like", "my name is", "my name's", "and", "i want to book an",
        "i want to book", "because", "tomorrow and", "monday or", "it's for my", "at", "the", "i",
        "i'm calling about", "i was wondering if", "can you", "is it possible to", "i need a",
        "i think i", "yes but", "no i", "on the", "between two and", "i'd prefer the", "so",
        "the third of", "half past", "i'm", "there's", "it should be before", "i don't know if",
        "do you have something this", "so i am", "would you", "maybe", "a quarter to",
        // More is to come
        "on march", "five five five", "zero one seven one five", "555 12", "my number is oh one",
        "m i l l", "it's spelled m e", "if you have something on monday", "on the twenty",
        "tomorrow at ten,", "i would like..."));

TEST(TurnDetectionTest, RangeIsPerMille) {
  for (std::string_view text : {"", "yes", "i would like to", "um", "tomorrow at ten", "x"}) {
    EXPECT_GE(EstimateCompleteness(text), 0) << text;
    EXPECT_LE(EstimateCompleteness(text), 1000) << text;
  }
}

TEST(TurnDetectionTest, CaseAndPunctuationDoNotChangeTheSide) {
  EXPECT_EQ(EstimateCompleteness("My name is"), EstimateCompleteness("my name is"));
  EXPECT_LT(EstimateCompleteness("I would like to..."), 500);
  EXPECT_GT(EstimateCompleteness("Tomorrow, at ten."), 500);
}

TEST(TurnDetectionTest, AQuestionMarkSaysMoreThanNothing) {
  EXPECT_GT(EstimateCompleteness("is the doctor in town?"),
            EstimateCompleteness("is the doctor in town"));
}

TEST(TurnDetectionTest, AnswersAreRatedAboveFragments) {
  EXPECT_GT(EstimateCompleteness("yes"), EstimateCompleteness("peter"));
  EXPECT_GT(EstimateCompleteness("tomorrow at ten"), EstimateCompleteness("peter miller"));
  EXPECT_LT(EstimateCompleteness("my name is uh"), EstimateCompleteness("m i l l"));
}

TEST(TurnDetectionTest, HostileTextIsRatedToo) {
  const std::string long_text(100000, 'a');
  EXPECT_GE(EstimateCompleteness(long_text), 0);
  EXPECT_GE(EstimateCompleteness("\xff\xfe ' - : . ---"), 0);
  EXPECT_GE(EstimateCompleteness("' '' -:. :"), 0);
}

TEST(TurnDetectionTest, HesitationsAreHeardAtTheEndOnly) {
  for (std::string_view text :
       {"um", "uh", "Uhh...", "i would like ummm", "monday, er", "let me think", "erm", "hmm"}) {
    EXPECT_TRUE(EndsInHesitation(text)) << text;
  }
  for (std::string_view text :
       {"", "um monday", "uh-huh", "uh huh", "yes", "number", "her", "mm-hm"}) {
    EXPECT_FALSE(EndsInHesitation(text)) << text;
  }
}

TEST(TurnDetectionTest, BackchannelsAreWholeTurns) {
  for (std::string_view text :
       {"mm-hm", "Mm hm.", "uh-huh", "uh huh", "right", "okay", "okay right", "yeah", "yeah okay",
        "i see", "oh i see", "got it", "all right", "mhm"}) {
    EXPECT_TRUE(IsBackchannel(text)) << text;
  }
  for (std::string_view text :
       {"", "yes", "no", "wait", "stop", "okay but", "right there", "um", "okay um",
        "i see a problem", "okay okay okay okay okay", "yeah tomorrow", "hello"}) {
    EXPECT_FALSE(IsBackchannel(text)) << text;
  }
}

}  // namespace
}  // namespace dragoman
