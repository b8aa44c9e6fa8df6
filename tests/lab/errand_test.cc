#include "src/lab/errand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace dragoman::lab {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Monday the twenty third of February 2026.
Errand Smith() { return {.name = "smith", .date = "2026-02-23", .time = "10:30"}; }

std::string Did(ErrandPlayer& caller, std::string_view said) {
  const Step* step = caller.Answer(said);
  if (step == nullptr) return "nothing";
  if (step->action == ActionKind::kDtmf) return "keys " + step->keys;
  if (step->action == ActionKind::kHangUp) return "hangs up";
  return step->say.empty() ? "" : step->say[0].text;
}

constexpr std::string_view kReadBack =
    "I have Monday the twenty third of February at ten thirty in the morning with Doctor Lane, for "
    "Smith, S, M, I, T, H. Shall I book it?";

TEST(ErrandPlayerTest, AnswersWhatIsAsked) {
  ErrandPlayer caller(Smith(), 1);
  EXPECT_THAT(Did(caller, "Hello. How can I help you?"), HasSubstr("appointment"));
  EXPECT_THAT(Did(caller, "What day would suit you?"), HasSubstr("twenty third"));
  EXPECT_THAT(Did(caller, "What time would suit you?"),
              AnyOf(HasSubstr("thirty"), HasSubstr("ten")));
  EXPECT_EQ(Did(caller, "Please spell your last name for me."), "S. M. I. T. H.");
  EXPECT_EQ(Did(caller, "One moment, please."), "nothing");
  EXPECT_EQ(Did(caller, "Your appointment is booked. Is there anything else?"), "no thank you");
  EXPECT_EQ(Did(caller, "Thank you for calling. Goodbye."), "nothing");
}

TEST(ErrandPlayerTest, SaysTheSameInOtherWordsTheSecondTime) {
  ErrandPlayer caller(Smith(), 1);
  EXPECT_NE(Did(caller, "What day would suit you?"), Did(caller, "Please tell me a day."));
  Did(caller, "Your last name?");
  EXPECT_EQ(Did(caller, "Please spell your last name."), "sierra mike india tango hotel");
  EXPECT_EQ(Did(caller, "Please spell your last name."), "sierra mike india tango hotel");
}

TEST(ErrandPlayerTest, SaysYesOnlyToExactlyWhatIsWanted) {
  ErrandPlayer caller(Smith(), 1);
  EXPECT_EQ(Did(caller, kReadBack), "yes");
  for (const auto& [right, wrong, answer] : {std::tuple{"twenty third", "third", "no make it"},
                                             {"ten thirty", "ten", "no make it"},
                                             {"Smith, S,", "Smyth, S,", "no the name is wrong"},
                                             {"Monday", "Tuesday", "no make it"},
                                             {"morning", "evening", "no make it"}}) {
    std::string text(kReadBack);
    text.replace(text.find(right), std::string_view(right).size(), wrong);
    EXPECT_THAT(Did(caller, text), StartsWith(answer)) << text;
  }
}

TEST(ErrandPlayerTest, JudgesTheLastReadBackNotOneBeforeIt) {
  ErrandPlayer caller(Smith(), 1);
  EXPECT_THAT(Did(caller, std::string(kReadBack) +
                              " I have Monday the second of March at ten thirty in the morning, "
                              "for Smith, S, M, I, T, H. Shall I book it?"),
              StartsWith("no make it"));
}

TEST(ErrandPlayerTest, UsesTheKeysThatAreOffered) {
  ErrandPlayer caller(Smith(), 1);
  const std::string yes_no = " For yes, press one; for no, press two.";
  EXPECT_EQ(Did(caller, std::string(kReadBack) + yes_no), "keys 1");
  EXPECT_EQ(Did(caller, "I have Monday at ten, for Smith. Shall I book it?" + yes_no), "keys 2");
  EXPECT_EQ(Did(caller,
                "What should I change? For the day, press one; for the time, press two; "
                "for the name, press three."),
            "keys 1");
  EXPECT_EQ(Did(caller,
                "What day would suit you? You can use your keypad: the month and the day, "
                "with two digits each. Then press the pound key."),
            "keys 0223#");
  EXPECT_EQ(Did(caller,
                "What day would suit you? You can use your keypad: the day and the month, "
                "with two digits each."),
            "keys 2302");
  EXPECT_EQ(Did(caller, "What time? On your keypad, four digits. Then press the pound key."),
            "keys 1030#");
  EXPECT_EQ(Did(caller, "Your last name? You can use your keypad."), "keys 76484");
  EXPECT_EQ(Did(caller, "Your last name? Press two keys for each letter."), "keys 7461438142");
  EXPECT_EQ(Did(caller, "Is it Smyth, S, M, Y, T, H? Yes or no?" + yes_no), "keys 2");
  EXPECT_EQ(Did(caller,
                "Do you mean ten in the morning, or ten thirty in the morning? For ten in "
                "the morning, press one; for ten thirty in the morning, press two."),
            "keys 2");
  EXPECT_EQ(Did(caller, "I can't hear you. If you are there, please press one."), "keys 1");
}

TEST(ErrandPlayerTest, WithoutAKeypadTheCallerAnswersInWords) {
  Errand errand = Smith();
  errand.keypad = false;
  ErrandPlayer caller(errand, 1);
  EXPECT_EQ(Did(caller, std::string(kReadBack) + " For yes, press one; for no, press two."), "yes");
}

TEST(ErrandPlayerTest, CorrectsADayThatAnOfferShowsToBeMisheard) {
  ErrandPlayer caller(Smith(), 1);
  EXPECT_THAT(Did(caller,
                  "I have Thursday the fifth of March, at nine, or ten, for example. What "
                  "time would suit you?"),
              AllOf(StartsWith("no make it"), HasSubstr("twenty third")));
}

TEST(ErrandPlayerTest, WhoeverWantsAnAppointmentHasNoneThatCouldBeFound) {
  ErrandPlayer caller(Smith(), 1);
  const std::string spell = "Please spell your last name for me. ";
  EXPECT_THAT(Did(caller, "I cannot find an appointment for Smith, S, M, I, T, H. " + spell),
              HasSubstr("book an appointment"));
  const std::string keys =
      "You can use your keypad: press one key for each letter. Then press the "
      "pound key. To book an appointment, press one.";
  EXPECT_EQ(Did(caller, spell + keys), "keys 1#");
  EXPECT_EQ(Did(caller,
                "Is there anything else I can do? To cancel one, press one; to book an "
                "appointment, press two; if that is all, press three."),
            "keys 2");
}

TEST(ErrandPlayerTest, PatienceEnds) {
  ErrandPlayer caller(Smith(), 1);
  std::string last;
  for (int i = 0; i < 61; ++i) last = Did(caller, "What day would suit you?");
  EXPECT_EQ(last, "hangs up");
}

}  // namespace
}  // namespace dragoman::lab
