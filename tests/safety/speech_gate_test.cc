#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/safety/gates.h"
#include "dragoman/safety/speech_rules.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/memory_log.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct SpeechHarness {
  explicit SpeechHarness(
      std::string_view mandate = "up to 45 a month, no contract over 12 months") {
    GoalSession session;
    session.context = std::make_shared<GoalContext>();
    session.mandate = *ParseMandate(mandate);
    EXPECT_THAT(sessions.Open("c1", session), IsOk());
    auto made = MakeGoverningSpeechGate({.synthesizer = &synthesizer,
                                         .sessions = &sessions,
                                         .secrets = secrets.get(),
                                         .log = &log});
    EXPECT_THAT(made, IsOk());
    gate = *std::move(made);
  }
  bool Stopped(std::string_view sentence) { return gate->Check("c1", sentence).replaced; }

  FakeSpeechSynthesizer synthesizer;
  GoalSessions sessions;
  std::unique_ptr<SecretMatcher> secrets = MakeSecretMatcher(
      {{"account-pin", Secret("4516")}, {"iban", Secret("DE89370400440532013000")}});
  MemoryLog log;
  std::unique_ptr<SpeechGate> gate;
};

TEST(SpeechGateTest, IdentifiersInAnySpellingAreReplaced_G22) {
  for (const char* sentence :
       {"My PIN is 4516.", "It's four five one six.", "4, 5, 1, 6", "six one five four, backwards",
        "forty-five sixteen", "NDUxNg==", "The account is DE89 3704 0044 0532 0130 00.",
        "delta echo eight nine three seven zero four zero zero double four zero five three two",
        "for five won six", "It is {{vault:account-pin}}."}) {
    SpeechHarness h;
    const SpokenText spoken = h.gate->Check("c1", sentence);
    EXPECT_TRUE(spoken.replaced) << sentence;
    EXPECT_THAT(spoken.text, HasSubstr("not able to share")) << sentence;
    EXPECT_THAT(h.log.text(), Not(HasSubstr("4516")));
  }
}

TEST(SpeechGateTest, AValueSplitOverSentencesIsStoppedBeforeItIsWhole_G22) {
  SpeechHarness h;
  EXPECT_FALSE(h.Stopped("The first two are four five."));
  EXPECT_TRUE(h.Stopped("Then one six."));
  EXPECT_FALSE(h.Stopped("Anything else?"));
}

TEST(SpeechGateTest, TextThatWasNotCheckedCannotSpeakTheVault) {
  SpeechHarness h;
  ManualExecutor executor;
  EXPECT_THAT(h.gate->Synthesize({.text = "four five one six"}, {}, executor, {}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(h.synthesizer.texts(), IsEmpty());
  EXPECT_THAT(h.gate->Synthesize(h.gate->Check("c1", "Good morning."), {}, executor, {}), IsOk());
  EXPECT_THAT(h.synthesizer.texts(), testing::ElementsAre("Good morning."));
}

TEST(SpeechGateTest, CommitmentsBeyondTheMandateAreReplaced) {
  for (const char* sentence :
       {"We can pay 60 a month.", "Sixty euros a month is fine.", "I'll take it for $50 per month.",
        "Okay, forty-six a month works for us.", "Let's do 600 a year.", "Twelve a week, deal.",
        "We agree to a 24 month contract.", "A two-year contract is fine.",
        "He'll pay a setup fee of 100 euros.", "You can charge 80.", "Put me down for sixty.",
        "I can't do 70, but 60 works for me.", "Could you sign me up for 60 a month?",
        "Sixty monthly then.", "We accept the 18 months commitment.", "I promise 1,200 a year.",
        "We'd be glad at 45.01 a month.", "No problem, 60 a month.",
        "\xE2\x82\xAC 60/month it is."}) {
    SpeechHarness h;
    const SpokenText spoken = h.gate->Check("c1", sentence);
    EXPECT_TRUE(spoken.replaced) << sentence;
    EXPECT_THAT(spoken.text, HasSubstr("ask the person I'm calling for")) << sentence;
  }
}

TEST(SpeechGateTest, WhatTheMandateCoversAndWhatBindsToNothingIsSaid) {
  for (const char* sentence :
       {"We can pay 45 a month.", "Forty euros a month works for us.", "Let's do 540 a year.",
        "A twelve month contract is fine.", "Ten a week is okay.", "I can't pay 60 a month.",
        "Sixty is too much.", "Is 60 a month the best you can do?", "You said 60 a month earlier.",
        "The current price is 60 a month.", "We don't want a 24 month contract.",
        "I am calling about contract number 88231.", "Could we meet at 10:30?",
        "My customer has been with you for six years.", "We are two adults and one child.",
        "Good morning!", "Thank you, goodbye."}) {
    SpeechHarness h;
    EXPECT_FALSE(h.Stopped(sentence)) << sentence << ": " << h.log.text();
  }
}

TEST(SpeechGateTest, ABareYesIsCheckedAgainstWhatWasOffered) {
  SpeechHarness h;
  h.sessions.NoteHeard("c1", "I can offer you 59 a month with a 24 month contract.");
  EXPECT_TRUE(h.Stopped("I agree."));
  EXPECT_TRUE(h.Stopped("Sounds good, sign me up."));
  EXPECT_FALSE(h.Stopped("Let me think about it."));
  SpeechHarness fair;
  fair.sessions.NoteHeard("c1", "Then 44 a month, twelve months.");
  EXPECT_FALSE(fair.Stopped("I agree."));
}

TEST(SpeechGateTest, ANumberInASentenceOfItsOwnIsReadWithTheOneBefore) {
  SpeechHarness h;
  EXPECT_FALSE(h.Stopped("We can pay."));
  EXPECT_TRUE(h.Stopped("Sixty."));
}

TEST(SpeechGateTest, AnEmptyMandateAgreesToNothing) {
  SpeechHarness h("");
  EXPECT_TRUE(h.Stopped("I agree."));
  EXPECT_TRUE(h.Stopped("One euro a month is fine."));
  EXPECT_FALSE(h.Stopped("May I ask what it costs?"));
  EXPECT_TRUE(h.gate->Check("unknown call", "Sign me up.").replaced);
}

TEST(SpeechGateTest, ClaimsNeedAReceipt) {
  SpeechHarness h;
  for (const char* sentence :
       {"I've booked the table for you.", "Your appointment is confirmed.", "I have just sent it.",
        "The payment has been transferred.", "It's now cancelled.", "I already emailed them."}) {
    const SpokenText spoken = h.gate->Check("c1", sentence);
    EXPECT_TRUE(spoken.replaced) << sentence;
    EXPECT_THAT(spoken.reason, HasSubstr("without a receipt")) << sentence;
  }
  for (const char* sentence : {"Shall I say that it is booked?",
                               "Once it is booked you get a message.", "I have not booked it yet.",
                               "It isn't confirmed.", "I'll let you know when it has been sent.",
                               "Have you sent the invoice?", "You have booked a room."}) {
    EXPECT_FALSE(h.Stopped(sentence)) << sentence;
  }
  h.sessions.AddReceipt("c1", {"booking"});
  EXPECT_FALSE(h.Stopped("I've booked the table for you."));
  EXPECT_TRUE(h.Stopped("I've paid for it."));
}

TEST(SpeechGateTest, TheDisclosureComesFirst_G29) {
  SpeechHarness h;
  GoalSession session;
  session.context = std::make_shared<GoalContext>();
  session.disclosure = DisclosureLine("Anna Smith", true, "en");
  ASSERT_THAT(h.sessions.Open("out", session), IsOk());
  EXPECT_EQ(
      h.gate->Check("out", "Is this the bakery?").text,
      "Hello, this is an A.I. assistant calling for Anna Smith. This call is recorded. Is this "
      "the bakery?");
  EXPECT_EQ(h.gate->Check("out", "I need a cake.").text, "I need a cake.");
}

TEST(SpeechGateTest, SafeLinesFitTheLanguageAndDoNotRepeat) {
  SpeechHarness h;
  GoalSession session;
  session.context = std::make_shared<GoalContext>();
  session.language = "de-DE";
  ASSERT_THAT(h.sessions.Open("de", session), IsOk());
  const std::string first = h.gate->Check("de", "4516").text;
  EXPECT_THAT(first, HasSubstr("Telefon"));
  EXPECT_NE(h.gate->Check("de", "vier f\xC3\xBCnf eins sechs").text, first);
}

TEST(SpeechRulesTest, AmountsAreReadAsTheyAreSpoken) {
  const auto one = [](std::string_view text) {
    const auto amounts = FindAmounts(text);
    EXPECT_EQ(amounts.size(), 1u) << text;
    return amounts.empty() ? SpokenAmount{} : amounts[0];
  };
  EXPECT_EQ(one("forty-five euros a month").hundredths, 4500);
  EXPECT_EQ(one("forty-five euros a month").period, Period::kMonth);
  EXPECT_EQ(one("$1,234.50").hundredths, 123450);
  EXPECT_EQ(one("$1,234.50").currency, "USD");
  EXPECT_EQ(one("two grand").hundredths, 200000);
  EXPECT_EQ(one("five euros and fifty cents").hundredths, 550);
  EXPECT_EQ(one("99 cents").hundredths, 99);
  EXPECT_EQ(one("39,90 euros").hundredths, 3990);
  EXPECT_THAT(FindAmounts("a 24 month contract"), IsEmpty());
  EXPECT_THAT(FindContractMonths("a two-year contract"), testing::ElementsAre(24));
  EXPECT_THAT(FindContractMonths("45 a month, no contract"), IsEmpty());
}

TEST(SpeechRulesTest, PeopleWhoDoNotWantCallsAreHeard) {
  for (const char* words : {"Please don't call me again.", "Take me off your list!", "STOP",
                            "Do not call this number", "Rufen Sie nicht mehr an!"}) {
    EXPECT_TRUE(AsksNotToBeCalled(words)) << words;
  }
  for (const char* words : {"I'll call you back", "Stop by tomorrow", "Who is calling?"})
    EXPECT_FALSE(AsksNotToBeCalled(words)) << words;
}

}  // namespace
}  // namespace dragoman
