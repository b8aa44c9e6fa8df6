#include "src/runtime/reply_state.h"

#include <algorithm>

#include "dragoman/providers/offline/clinic_receptionist.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

TEST(GuessStateAfterTest, AQuestionIsKnownByTheThingItNamesFirst) {
  const AgentDefinition clinic = ClinicReceptionist({});
  for (const auto& [reply, state] : {
           std::pair{"What day would suit you?", "ask_date"},
           {"Sure! When would you like to come in?", "ask_date"},
           {"What time on Tuesday the sixth of January would suit you?", "ask_time"},
           {"Which time, on the day after tomorrow?", "ask_time"},
           {"Please spell your last name for me, letter by letter.", "ask_name"},
           {"Could you spell that for me?", "ask_name"},
           {"And your surname?", "ask_name"},
           {"Which number can we call you back on?", "ask_phone"},
           {"Which doctor would you like to see?", "ask_doctor"},
           {"Is there anything else I can do?", "anything_else"},
           {"What should I change: the day, the time, or the name?", "which_detail"},
       }) {
    EXPECT_EQ(GuessStateAfter(clinic, reply), state) << reply;
  }
}

TEST(GuessStateAfterTest, AReadBackIsConfirmedWithTheGrammarOfItsGoal) {
  const AgentDefinition clinic = ClinicReceptionist({});
  for (const auto& [reply, state] : {
           std::pair{"I have Tuesday at ten thirty, for S M I T H. Shall I book it?",
                     "confirm_book"},
           {"So I move your appointment to Friday at nine. Is that right?", "confirm_reschedule"},
           {"That is Friday at nine. Shall I cancel it?", "confirm_cancel"},
           {"Someone will call back S M I T H with your message. Is that correct?",
            "confirm_message"},
       }) {
    EXPECT_EQ(GuessStateAfter(clinic, reply), state) << reply;
  }
}

TEST(GuessStateAfterTest, WordsInsideOtherWordsNameNothing) {
  const AgentDefinition clinic = ClinicReceptionist({});
  // "tuesday" holds "day", "sometimes" holds "time".
  EXPECT_EQ(GuessStateAfter(clinic, "We sometimes close on Tuesdays."), "open");
  EXPECT_EQ(GuessStateAfter(clinic, "What can I do for you?"), "open");
  EXPECT_EQ(GuessStateAfter(clinic, ""), "open");
  EXPECT_EQ(GuessStateAfter(clinic, "?!."), "open");
}

TEST(GuessStateAfterTest, TheQuestionCountsNotWhatIsSaidAfterIt) {
  EXPECT_EQ(GuessStateAfter(ClinicReceptionist({}), "What day would suit you? We open at eight."),
            "ask_date");
}

TEST(GuessStateAfterTest, EveryGuessIsAStateThatTheAgentHas) {
  AgentDefinition bare;
  EXPECT_EQ(GuessStateAfter(bare, "Shall I book it?"), "open");
  const AgentDefinition clinic = ClinicReceptionist({});
  const auto states = DialogueStates(clinic);
  for (const char* reply :
       {"Is that right?", "Shall I?", "The kind of visit?", "When?", "Spell!"}) {
    EXPECT_THAT(states, ::testing::Contains(GuessStateAfter(clinic, reply))) << reply;
  }
}

}  // namespace
}  // namespace dragoman
