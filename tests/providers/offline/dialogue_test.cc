// Whole calls in text, through the gate and the clinic's real tools, in virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/providers/offline/text_call.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

auto Appointment(const char* name, const char* date, const char* time) {
  return AllOf(Field("name", &ClinicAppointment::name, name),
               Field("date", &ClinicAppointment::date, date),
               Field("time", &ClinicAppointment::time, time));
}

int CallsOf(const TextCall& call, std::string_view tool) {
  int count = 0;
  for (const ToolCall& made : call.calls) count += made.name == tool;
  return count;
}

// Up to the question whether to book Thursday the eighth at half past ten for Kim.
void UpToTheReadBack(TextCall& call) {
  call.Begin();
  call.Say("i'd like to book an appointment");
  call.Say("thursday");
  call.Say("half past ten");
  const std::string said = call.Say("k i m");
  ASSERT_THAT(said, AllOf(HasSubstr("Thursday the eighth of January"), HasSubstr("ten thirty"),
                          HasSubstr("K, I, M"), HasSubstr("Shall I book it?")));
}

TEST(OfflineDialogueTest, SaysThatItIsAMachineBeforeAnythingElse) {
  TextCall call;
  EXPECT_THAT(call.Begin(), HasSubstr("automated assistant of Riverside Clinic"));

  TextCall spoken_to;
  EXPECT_THAT(spoken_to.Say("i'd like an appointment"), HasSubstr("automated assistant"));
}

TEST(OfflineDialogueTest, AsksAboutItselfAreAnsweredHonestlyAndTheQuestionIsAskedAgain) {
  TextCall call;
  call.Begin();
  call.Say("i want to book an appointment");
  EXPECT_THAT(call.Say("am i talking to a robot"),
              AllOf(HasSubstr("not a person"), HasSubstr("What day")));
}

TEST(OfflineDialogueTest, BooksWhatWasReadBackAndConfirmed) {
  TextCall call;
  UpToTheReadBack(call);
  EXPECT_THAT(call.Booked(), IsEmpty());
  EXPECT_THAT(call.Say("yes please"), HasSubstr("is booked"));
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kim", "2026-01-08", "10:30")));
  EXPECT_THAT(call.Say("no thank you"), HasSubstr("Goodbye"));
  EXPECT_TRUE(call.ended);
}

TEST(OfflineDialogueTest, EverythingInOneSentenceNeedsOnlyTheReadBack) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("hi my name is rosa delgado i'd like to see doctor patel on friday at a "
                       "quarter to three no sorry at three"),
              AllOf(HasSubstr("Friday the ninth of January"), HasSubstr("three in the afternoon"),
                    HasSubstr("Doctor Patel"), HasSubstr("D, E, L, G, A, D, O")));
  call.Say("that's right");
  ASSERT_EQ(call.Booked().size(), 1u);
  EXPECT_EQ(call.Booked()[0].doctor, "Patel");
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Rosa Delgado", "2026-01-09", "15:00")));
}

TEST(OfflineDialogueTest, NothingButAPlainYesConfirms) {
  for (const char* answer : {"maybe",
                             "i think so",
                             "yes no",
                             "yes but wait",
                             "if doctor lane is there yes",
                             "what did you say yes to",
                             "hello",
                             "mhm blah",
                             "yes or no",
                             "i guess",
                             "book",
                             "did you say yes",
                             "not yet",
                             "i don't think so",
                             "yes?",
                             "yes it sounded like kim to me",
                             "yeah whatever the weather",
                             "dtmf: 1",
                             "ten",
                             "the weather is nice"}) {
    TextCall call;
    UpToTheReadBack(call);
    call.Say(answer);
    EXPECT_THAT(call.Booked(), IsEmpty()) << answer;
    EXPECT_FALSE(call.ended) << answer;
  }
}

TEST(OfflineDialogueTest, EveryUsualYesConfirms) {
  for (const char* answer :
       {"yes", "Yes.", "yeah", "yep that's right", "correct", "yes that is correct", "sure",
        "go ahead", "sounds good", "okay", "perfect thank you", "yes please do",
        "yes book it please", "that works for me thanks", "yes thursday at half past ten",
        "um yes uh please", "yes yes", "absolutely", "that's fine"}) {
    TextCall call;
    UpToTheReadBack(call);
    call.Say(answer);
    EXPECT_EQ(call.Booked().size(), 1u) << answer;
  }
}

TEST(OfflineDialogueTest, ACorrectionAtTheReadBackIsReadBackAgain) {
  TextCall call;
  UpToTheReadBack(call);
  EXPECT_THAT(call.Say("no make that friday"),
              AllOf(HasSubstr("Friday the ninth"), HasSubstr("Shall I book it?")));
  EXPECT_THAT(call.Booked(), IsEmpty());
  EXPECT_THAT(call.Say("yes but at eleven"),
              AllOf(HasSubstr("eleven in the morning"), HasSubstr("Shall I book it?")));
  EXPECT_THAT(call.Booked(), IsEmpty());
  call.Say("yes");
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kim", "2026-01-09", "11:00")));
}

TEST(OfflineDialogueTest, AMisheardNameIsSpelledAgain) {
  TextCall call;
  UpToTheReadBack(call);
  EXPECT_THAT(call.Say("no"), HasSubstr("What should I change"));
  EXPECT_THAT(call.Say("the name"), HasSubstr("spell"));
  EXPECT_THAT(call.Say("kilo india november"), HasSubstr("K, I, N"));
  call.Say("yes");
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kin", "2026-01-08", "10:30")));
}

TEST(OfflineDialogueTest, ThreeTimesNoEndsInAnOfferAndNothingIsBooked) {
  TextCall call;
  UpToTheReadBack(call);
  call.Say("no");
  call.Say("no");
  EXPECT_THAT(call.Say("no"), HasSubstr("call you back"));
  EXPECT_THAT(call.Say("no"), HasSubstr("not booked"));
  EXPECT_THAT(call.Say("no"), HasSubstr("Goodbye"));
  EXPECT_TRUE(call.ended);
  EXPECT_THAT(call.Booked(), IsEmpty());
}

TEST(OfflineDialogueTest, AYesToAReadBackCutOffBeforeItsLastValueIsNotEnough) {
  for (const char* heard : {"I have", "I have Thursday the eighth of January at",
                            "at ten thirty in the morning with Doctor Lane, for Kim, K, I"}) {
    TextCall call;
    UpToTheReadBack(call);
    call.HearUntil(heard);
    EXPECT_THAT(call.Say("yes"), HasSubstr("Shall I book it?")) << heard;
    EXPECT_THAT(call.Booked(), IsEmpty()) << heard;
    call.Say("yes");
    EXPECT_EQ(call.Booked().size(), 1u) << heard;
  }
}

TEST(OfflineDialogueTest, AYesOverTheQuestionItselfIsEnough) {
  TextCall call;
  UpToTheReadBack(call);
  call.HearUntil("K, I, M. Shall");
  call.Say("yes");
  EXPECT_EQ(call.Booked().size(), 1u);
}

TEST(OfflineDialogueTest, AReadBackThatNobodyHeardIsSaidAgain) {
  TextCall call;
  UpToTheReadBack(call);
  call.HearOnly(0);
  EXPECT_THAT(call.Say("hello are you there yes"), HasSubstr("Shall I book it?"));
  EXPECT_THAT(call.Booked(), IsEmpty());
}

TEST(OfflineDialogueTest, AReadBackThatWasReplacedByOtherWordsConfirmsNothing) {
  TextCall call;
  UpToTheReadBack(call);
  call.history.back().text = "I cannot say that.";
  EXPECT_THAT(call.Say("yes"), HasSubstr("Shall I book it?"));
  EXPECT_THAT(call.Booked(), IsEmpty());
}

TEST(OfflineDialogueTest, AnOfferThatWasNotHeardCannotBePicked) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday please");
  call.HearUntil("at eight in the morning");
  EXPECT_THAT(call.Say("the second one"), Not(HasSubstr("spell")));
  EXPECT_THAT(call.Say("the second one"), HasSubstr("spell"));
}

TEST(OfflineDialogueTest, AFillerOfTheAgentAndAPromptForSilenceDoNotDisturbTheDialogue) {
  TextCall call;
  UpToTheReadBack(call);
  Message filler{.role = Role::kAssistant, .text = "Are you still there?"};
  call.history.push_back(filler);
  call.Say("yes");
  EXPECT_EQ(call.Booked().size(), 1u);
}

TEST(OfflineDialogueTest, AReplyThatWentOnAfterAFalseInterruptionCountsAsHeard) {
  TextCall call;
  UpToTheReadBack(call);
  const std::string whole = call.history.back().text;
  const size_t middle = whole.find(" with Doctor");
  call.history.back().text = whole.substr(0, middle);
  call.history.push_back({.role = Role::kAssistant, .text = whole.substr(middle)});
  call.Say("yes");
  EXPECT_EQ(call.Booked().size(), 1u);
}

TEST(OfflineDialogueTest, BookingHappensOnceHoweverOftenTheModelIsAskedAgain) {
  TextCall call;
  UpToTheReadBack(call);
  call.Say("yes");
  call.Say("yes");
  call.Say("yes please book it");
  call.Say("what");
  EXPECT_EQ(CallsOf(call, "book_appointment"), 1);
  EXPECT_EQ(call.Booked().size(), 1u);
}

TEST(OfflineDialogueTest, AConfirmationThatWasNotHeardIsRepeatedNotRedone) {
  TextCall call;
  UpToTheReadBack(call);
  call.Say("yes");
  call.HearOnly(0);
  EXPECT_THAT(call.Say("hello"), HasSubstr("is booked"));
  EXPECT_EQ(CallsOf(call, "book_appointment"), 1);
}

TEST(OfflineDialogueTest, AnAbsentToolResultIsNotTakenForSuccessAndNotRepeated) {
  TextCall call;
  UpToTheReadBack(call);
  call.history.push_back({.role = Role::kUser, .text = "yes"});
  ChatResult wants = call.Reply();
  ASSERT_EQ(wants.message.tool_calls.size(), 1u);
  call.history.push_back(wants.message);  // and its result never comes
  EXPECT_THAT(call.Say("hello"), AllOf(HasSubstr("cannot tell whether"), Not(HasSubstr("booked"))));
  EXPECT_EQ(CallsOf(call, "book_appointment"), 0);
}

TEST(OfflineDialogueTest, APlaceTakenMeanwhileLeadsToOtherOffers) {
  TextCall call;
  UpToTheReadBack(call);
  TextCall* const other = &call;
  bool stolen = false;
  call.instead = [&](const ToolCall& made) -> std::optional<absl::StatusOr<std::string>> {
    if (made.name != "book_appointment" || stolen) return std::nullopt;
    stolen = true;
    // Somebody else books all three doctors at that time.
    for (const char* doctor : {"Lane", "Patel", "Novak"}) {
      ToolCall theft{.id = StrCat("t", doctor),
                     .name = "book_appointment",
                     .arguments = StrCat(R"({"name":"Thief","date":"2026-01-08","time":"10:30",)",
                                         R"("doctor":")", doctor, R"("})")};
      EXPECT_TRUE(other->RunForOthers(theft).ok());
    }
    return std::nullopt;
  };
  EXPECT_THAT(call.Say("yes"), AllOf(HasSubstr("could not book"), HasSubstr("ten in the morning"),
                                     HasSubstr("eleven in the morning")));
  EXPECT_THAT(call.Say("eleven then"), HasSubstr("Shall I book it?"));
  call.Say("yes");
  EXPECT_THAT(call.Booked(), Contains(Appointment("Kim", "2026-01-08", "11:00")));
}

TEST(OfflineDialogueTest, ACalendarThatFailsIsAskedTwiceThenACallBackIsOffered) {
  TextCall call;
  call.instead = [](const ToolCall& made) -> std::optional<absl::StatusOr<std::string>> {
    if (made.name != "check_availability") return std::nullopt;
    return Unavailable("database is locked");
  };
  call.Begin();
  EXPECT_THAT(call.Say("an appointment tomorrow please"),
              AllOf(HasSubstr("does not answer"), HasSubstr("message")));
  EXPECT_EQ(CallsOf(call, "check_availability"), 2);
  EXPECT_THAT(call.Say("yes please"), HasSubstr("spell"));
  call.Say("k i m");
  EXPECT_THAT(call.Say("five five five one two three four"), HasSubstr("five five five"));
  call.Say("yes");
  EXPECT_THAT(*call.clinic->Messages(),
              ElementsAre(ClinicMessage{.name = "Kim", .phone = "5551234", .message = ""}));
}

TEST(OfflineDialogueTest, ABookingThatFailsTwiceIsNotClaimed) {
  TextCall call;
  UpToTheReadBack(call);
  call.instead = [](const ToolCall& made) -> std::optional<absl::StatusOr<std::string>> {
    if (made.name != "book_appointment") return std::nullopt;
    return Unavailable("disk I/O error");
  };
  EXPECT_THAT(call.Say("yes"), Not(HasSubstr("is booked")));
  EXPECT_THAT(call.Say("yes"), AllOf(Not(HasSubstr("is booked")), HasSubstr("call")));
  EXPECT_LE(CallsOf(call, "book_appointment"), 2);
}

TEST(OfflineDialogueTest, AClosedDayIsSaidAndTheNextOneIsOffered) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("an appointment next sunday please"),
              AllOf(HasSubstr("closed on Sunday the eighteenth"),
                    HasSubstr("Monday the nineteenth of January")));
}

TEST(OfflineDialogueTest, ATimeOutsideTheHoursIsRefusedWithWhatThereIs) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("an appointment on friday at seven in the evening"),
              AllOf(HasSubstr("nothing at seven in the evening"), HasSubstr("five thirty")));
}

TEST(OfflineDialogueTest, AWeekdayThatDoesNotFitItsNumberIsAskedAbout) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("an appointment on friday the fifteenth"),
              AllOf(HasSubstr("Thursday the fifteenth"), HasSubstr("Friday the ninth")));
  EXPECT_THAT(call.Say("the fifteenth"), HasSubstr("Thursday the fifteenth of January"));
}

TEST(OfflineDialogueTest, TwoDaysInOneBreathAreAskedAbout) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("an appointment on thursday or friday"), HasSubstr("Do you mean"));
  EXPECT_THAT(call.Say("the second"), HasSubstr("Friday the ninth of January"));
}

TEST(OfflineDialogueTest, AKeyedNameIsProposedAndOnlyTakenWithAYes) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday at ten");
  EXPECT_THAT(call.Say("dtmf: 546"), HasSubstr("Kim"));  // keys of k, i, m
  EXPECT_THAT(call.Say("yes"), AllOf(HasSubstr("K, I, M"), HasSubstr("Shall I book it?")));
}

TEST(OfflineDialogueTest, AKeyedNameWithKeyAndPlaceNeedsNoList) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday at ten");
  // q is the second of key 7, u the second of 8, i the third of 4, t the first of 8.
  EXPECT_THAT(call.Say("dtmf: 72824381"), HasSubstr("Quit, Q, U, I, T"));
  EXPECT_THAT(call.Say("dtmf: 99999"), HasSubstr("no name on these keys"));
}

TEST(OfflineDialogueTest, AnAppointmentIsFoundByNameMovedAndCancelled) {
  TextCall call;
  UpToTheReadBack(call);
  call.Say("yes");
  EXPECT_THAT(call.Say("can you move it to friday at nine"),
              AllOf(HasSubstr("Friday the ninth"), HasSubstr("Is that right?")));
  call.Say("yes");
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kim", "2026-01-09", "09:00")));
  EXPECT_THAT(call.Say("cancel my appointment please"), HasSubstr("Shall I cancel it?"));
  EXPECT_THAT(call.Booked(), Not(IsEmpty()));
  call.Say("yes");
  EXPECT_THAT(call.Booked(), IsEmpty());
}

TEST(OfflineDialogueTest, AnUnknownNameIsSpelledAgainThenACallBackIsOffered) {
  TextCall call;
  call.Begin();
  call.Say("i need to cancel my appointment");
  EXPECT_THAT(call.Say("x u"), AllOf(HasSubstr("cannot find"), HasSubstr("spell")));
  EXPECT_THAT(call.Say("x u o"), HasSubstr("Shall I take a message"));
}

TEST(OfflineDialogueTest, OfTwoAppointmentsTheCallerChooses) {
  TextCall call;
  UpToTheReadBack(call);
  call.Say("yes");
  call.Say("i'd like to book another appointment");
  call.Say("next tuesday at two");
  call.Say("yes");
  ASSERT_EQ(call.Booked().size(), 2u);
  EXPECT_THAT(call.Say("cancel my appointment"), HasSubstr("Which one"));
  EXPECT_THAT(call.Say("the one on tuesday"), HasSubstr("Tuesday the thirteenth"));
  call.Say("yes");
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kim", "2026-01-08", "10:30")));
}

TEST(OfflineDialogueTest, AQuestionInBetweenIsAnsweredAndTheThreadKept) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday please");
  EXPECT_THAT(call.Say("when are you open"),
              AllOf(HasSubstr("Monday to Friday"), HasSubstr("eight"), HasSubstr("What time")));
}

TEST(OfflineDialogueTest, WhatIsNotUnderstoodTwiceLeadsToAnotherWay) {
  TextCall call;
  call.Begin();
  call.Say("i'd like an appointment");
  EXPECT_THAT(call.Say("purple monkey dishwasher"),
              AllOf(HasSubstr("did not understand"), HasSubstr("for example")));
  EXPECT_THAT(call.Say("we'd all maradona what our model"),
              AllOf(HasSubstr("tell me a day"), HasSubstr("keypad"), HasSubstr("pound key")));
  EXPECT_THAT(call.Say("blah blah"), AllOf(HasSubstr("take a message"), HasSubstr("press one")));
  EXPECT_THAT(call.Say("blah blah blah"), HasSubstr("?"));
  EXPECT_THAT(call.Say("blah blah blah blah"), HasSubstr("Goodbye"));
  EXPECT_TRUE(call.ended);
}

// A line on which nothing is understood.
std::string Twice(TextCall& call, std::string_view text) {
  call.Say(text);
  return call.Say(text);
}

TEST(OfflineDialogueTest, ACallIsBookedWithKeysAlone) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(Twice(call, "[unintelligible]"), HasSubstr("To book an appointment, press one"));
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("the month and the day, with two digits each"));
  EXPECT_THAT(call.Say("dtmf: 0203"),
              AllOf(HasSubstr("Tuesday the third of February"), HasSubstr("four digits")));
  EXPECT_THAT(call.Say("dtmf: 1030"), HasSubstr("press one key for each letter"));
  EXPECT_THAT(call.Say("dtmf: 546"),
              AllOf(HasSubstr("Is it Kim"), HasSubstr("For yes, press one")));
  EXPECT_THAT(call.Say("dtmf: 1"),
              AllOf(HasSubstr("Tuesday the third of February at ten thirty in the morning"),
                    HasSubstr("K, I, M"), HasSubstr("For yes, press one; for no, press two.")));
  EXPECT_THAT(call.Booked(), IsEmpty());
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("is booked"));
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kim", "2026-02-03", "10:30")));
  EXPECT_THAT(call.Say("dtmf: 2"), HasSubstr("Goodbye"));
}

TEST(OfflineDialogueTest, AWishThatWasMisheardIsPutRightWithAKeyOrInWords) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("five to nine postpone an appointment"), HasSubstr("last name"));
  EXPECT_THAT(Twice(call, "[unintelligible]"), HasSubstr("To book an appointment, press one."));
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("What day"));
  EXPECT_EQ(CallsOf(call, "find_appointment"), 0);

  TextCall clear;
  clear.Begin();
  clear.Say("postpone an appointment");
  EXPECT_THAT(clear.Say("k i m"), HasSubstr("cannot find an appointment"));
  EXPECT_THAT(clear.Say("no i want to book an appointment"), HasSubstr("What day"));
}

TEST(OfflineDialogueTest, WhereNothingWasDoneTheKeysBehindAnythingElseAreTheWishes) {
  TextCall call;
  call.Begin();
  call.Say("postpone an appointment");
  call.Say("k i m");
  EXPECT_THAT(call.Say("k i m s"), HasSubstr("take a message"));
  EXPECT_THAT(call.Say("no"),
              AllOf(HasSubstr("not booked or changed"), HasSubstr("To book an appointment, press"),
                    HasSubstr("if that is all, press four")));
  EXPECT_THAT(call.Say("[unintelligible]"),
              AllOf(HasSubstr("did not understand"), HasSubstr("To book an appointment, press")));
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("What day"));
  EXPECT_FALSE(call.ended);

  call.history.resize(call.history.size() - 2);
  EXPECT_THAT(call.Say("dtmf: 4"), HasSubstr("Goodbye"));
  EXPECT_TRUE(call.ended);
}

TEST(OfflineDialogueTest, AKeyIsNoOtherWishOnceTheAppointmentWasFound) {
  TextCall call;
  UpToTheReadBack(call);
  call.Say("yes");
  EXPECT_THAT(call.Say("i want to move my appointment"), HasSubstr("Your appointment is on"));
  EXPECT_THAT(Twice(call, "[unintelligible]"), Not(HasSubstr("To book")));
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("do not know what these keys mean"));
}

TEST(OfflineDialogueTest, AWrongValueIsFoundAndChangedWithKeys) {
  TextCall call;
  UpToTheReadBack(call);
  EXPECT_THAT(Twice(call, "[unintelligible]"), HasSubstr("For yes, press one"));
  EXPECT_THAT(call.Say("dtmf: 2"),
              HasSubstr("For the day, press one; for the time, press two; for the name, press"));
  EXPECT_THAT(call.Say("dtmf: 2"), AllOf(HasSubstr("What time"), HasSubstr("four digits")));
  // The house is closed at four in the night.
  EXPECT_THAT(call.Say("dtmf: 0400"), HasSubstr("four in the afternoon"));
  call.Say("dtmf: 1");
  EXPECT_THAT(call.Booked(), ElementsAre(Appointment("Kim", "2026-01-08", "16:00")));
}

TEST(OfflineDialogueTest, AKeyThatWasNotNamedYetConfirmsNothing) {
  for (const char* heard : {"Thursday the eighth", "Shall I book it?", "For yes"}) {
    TextCall call;
    UpToTheReadBack(call);
    ASSERT_THAT(Twice(call, "[unintelligible]"), HasSubstr("For yes, press one"));
    call.HearUntil(heard);
    call.Say("dtmf: 1");
    EXPECT_THAT(call.Booked(), IsEmpty()) << heard;
  }
}

TEST(OfflineDialogueTest, KeysThatAreNoDayAndNoTimeAreAskedForAgain) {
  for (const char* keys : {"dtmf: 1332", "dtmf: 0230", "dtmf: 02", "dtmf: 020304", "dtmf: 0000"}) {
    TextCall call;
    call.Begin();
    call.Say("i'd like an appointment");
    Twice(call, "[unintelligible]");
    EXPECT_THAT(call.Say(keys), AllOf(HasSubstr("do not know"), HasSubstr("What day"))) << keys;
  }
  for (const char* keys : {"dtmf: 2460", "dtmf: 1060", "dtmf: 12"}) {
    TextCall call;
    call.Begin();
    call.Say("an appointment on thursday");
    Twice(call, "[unintelligible]");
    EXPECT_THAT(call.Say(keys), HasSubstr("four digits")) << keys;
    EXPECT_EQ(call.expects.state, "offer") << keys;
  }
}

TEST(OfflineDialogueTest, WhereKeysOfANameLeadNowhereTwoKeysALetterAreExplained) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday at ten");
  Twice(call, "[unintelligible]");
  EXPECT_THAT(call.Say("dtmf: 99999"), HasSubstr("For B, press two, two."));
  EXPECT_THAT(call.Say("dtmf: 72824381"), HasSubstr("Is it Quit, Q, U, I, T?"));
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("Shall I book it?"));
}

TEST(OfflineDialogueTest, WhatCouldNotBeMadeOutIsNoName) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday at ten");
  EXPECT_THAT(call.Say("[unintelligible]"), HasSubstr("did not understand"));
  EXPECT_EQ(call.expects.state, "ask_name");
  call.Say("k i m");
  call.Say("[unintelligible] yes");
  EXPECT_THAT(call.Booked(), IsEmpty());
}

TEST(OfflineDialogueTest, WhoeverIsNotHeardForNoiseIsToldWhatToDoBeforeTheGoodbye) {
  TextCall call;
  call.Begin();
  for (int i = 0; i < 4; ++i) call.Say("[unintelligible]");
  EXPECT_THAT(call.Say("[unintelligible]"),
              AllOf(HasSubstr("call again from a quieter place"), HasSubstr("Goodbye")));
  EXPECT_TRUE(call.ended);
}

TEST(OfflineDialogueTest, WhereWordsAreMisheardAGoodbyeHasToComeTwice) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("[unintelligible] bye bye"), HasSubstr("did not understand"));
  EXPECT_FALSE(call.ended);
  EXPECT_THAT(call.Say("goodbye"), HasSubstr("Goodbye"));
  EXPECT_TRUE(call.ended);
}

TEST(OfflineDialogueTest, WhoeverPressesKeysUnaskedIsOfferedThem) {
  TextCall call;
  call.Begin();
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("To book an appointment, press one"));
  EXPECT_THAT(call.Say("dtmf: 1"), HasSubstr("What day"));
}

TEST(OfflineDialogueTest, TwoCorrectionsOfWhatWasReadBackBringTheKeys) {
  TextCall call;
  UpToTheReadBack(call);
  EXPECT_THAT(call.Say("no make it friday"), Not(HasSubstr("press")));
  EXPECT_THAT(call.Say("no make it eleven"), HasSubstr("For yes, press one"));
}

TEST(OfflineDialogueTest, AChangeOfMindAboutTheWishDropsItsValues) {
  TextCall call;
  UpToTheReadBack(call);
  EXPECT_THAT(call.Say("no actually i want to cancel my appointment"), HasSubstr("cannot find"));
  EXPECT_THAT(call.Booked(), IsEmpty());
}

TEST(OfflineDialogueTest, AGoodbyeInTheMiddleEndsTheCallAndSaysThatNothingWasDone) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday please");
  EXPECT_THAT(call.Say("never mind goodbye"), AllOf(HasSubstr("not"), HasSubstr("Goodbye")));
  EXPECT_TRUE(call.ended);
}

TEST(OfflineDialogueTest, SomebodyWhoAsksForTimeGetsItAndTheQuestionStands) {
  TextCall call;
  call.Begin();
  call.Say("an appointment on thursday at ten");
  EXPECT_THAT(call.Say("hang on a second"), HasSubstr("Take your time"));
  EXPECT_EQ(call.expects.state, "ask_name");
  EXPECT_THAT(call.Say("k i m"), HasSubstr("Shall I book it?"));
}

TEST(OfflineDialogueTest, WithoutADateItDoesNotGuessOne) {
  TextCall call;
  call.executor.SetWallStart(WallTime{});
  call.Begin();
  call.Say("an appointment please");
  EXPECT_THAT(call.Say("thursday"), HasSubstr("did not understand"));
  EXPECT_EQ(CallsOf(call, "check_availability"), 0);
}

TEST(OfflineDialogueTest, MidnightBetweenReadBackAndYesBooksNoOtherDay) {
  TextCall call;
  call.Begin();
  call.Say("an appointment tomorrow at ten");
  const std::string said = call.Say("k i m");
  ASSERT_THAT(said, HasSubstr("Tuesday the sixth"));
  call.executor.RunFor(std::chrono::hours(16));  // it is Tuesday now
  EXPECT_THAT(call.Say("yes"), HasSubstr("Shall I book it?"));
  EXPECT_THAT(call.Booked(), IsEmpty());
}

}  // namespace
}  // namespace dragoman
