// Every expectation of a scenario passes where it is met, and fails for its own reason alone where
// it is not.
#include "src/lab/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = SessionEvent::Kind;

SessionEvent Event(Kind kind, std::int64_t id, std::string text, std::string name = "") {
  SessionEvent event;
  event.kind = kind;
  event.id = id;
  event.text = std::move(text);
  event.name = std::move(name);
  return event;
}

Message Assistant(std::string text) { return {.role = Role::kAssistant, .text = std::move(text)}; }

const Booking kSmith{"smith", "2026-01-06", "10:30"};
const Booking kNovak{"novak", "2026-01-07", "09:00"};

// A call in which everything went well: a greeting, a question, a tool, a goodbye that was heard.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() {
    scenario.transport = Transport::kPipe;
    result.caller.connected = true;
    result.caller.closed_properly = true;
    result.caller.duration_ms = 20'000;
    result.outcome = CallEnd::kAgentHungUp;
    result.bookings = {kSmith};
    result.events = {Event(Kind::kAgentSays, 1, "Hello."),
                     Event(Kind::kAgentHeard, 1, "Hello."),
                     Event(Kind::kUserSaid, 0, "tomorrow at ten thirty"),
                     Event(Kind::kToolCalled, 7, "{}", "book"),
                     Event(Kind::kToolReturned, 7, "{}", "book"),
                     Event(Kind::kAgentSays, 2, "It is booked."),
                     Event(Kind::kAgentHeard, 2, "It is booked."),
                     Event(Kind::kNotice, 0, "", "barge_in"),
                     Event(Kind::kUserSaid, 0, "thank you"),
                     Event(Kind::kAgentSays, 3, "Thank you for calling."),
                     Event(Kind::kAgentSays, 3, "Goodbye."),
                     Event(Kind::kAgentHeard, 3, "Thank you for calling. Goodbye."),
                     Event(Kind::kEnded, 0, "")};
    result.report.history = {Assistant("Hello."), Assistant("It is booked."),
                             Assistant("Thank you for calling. Goodbye.")};
  }

  std::vector<std::string> Failures() const { return Judge(scenario, result); }
  void ExpectPass() const { EXPECT_THAT(Failures(), IsEmpty()); }
  // One failure, with these words.
  template <typename... Words>
  void ExpectOne(const Words&... words) const {
    EXPECT_THAT(Failures(), ElementsAre(AllOf(HasSubstr(words)...)));
  }
  void Insert(std::size_t at, SessionEvent event) {
    result.events.insert(result.events.begin() + static_cast<std::ptrdiff_t>(at), std::move(event));
  }

  Scenario scenario;
  ScenarioResult result;
};

TEST_F(JudgeTest, ACallAsItMustBePasses) { ExpectPass(); }

TEST_F(JudgeTest, ALineThatNeverOpenedIsTheOnlyComplaintAboutTheLine) {
  result.caller.connected = false;
  result.caller.close_detail = "connection refused";
  result.caller.steps_not_run = {3};
  ExpectOne("never open", "connection refused");
}

TEST_F(JudgeTest, ACallStillOnAtTheLimitFails) {
  result.caller.timed_out = true;
  ExpectOne("still on after");
}

TEST_F(JudgeTest, MaxCallIsAnUpperBound) {
  scenario.expect.max_call = milliseconds(20'000);
  ExpectPass();
  result.caller.duration_ms = 20'001;
  ExpectOne("took 20001 ms", "at most");
}

TEST_F(JudgeTest, EachStepThatTheCallerNeverCameToIsNamedByItsLine) {
  result.caller.steps_not_run = {12, 30};
  EXPECT_THAT(Failures(), ElementsAre(HasSubstr("line 12"), HasSubstr("line 30")));
}

TEST_F(JudgeTest, MessagesThatTheCarrierWouldRefuseFail) {
  result.caller.complaints = {"mark before media"};
  ExpectOne("carrier would have refused", "mark before media");
}

TEST_F(JudgeTest, HolesInTheAgentsAudioFailOnACalmLineInVirtualTimeOnly) {
  result.caller.underruns = 2;
  ExpectOne("2 holes");
  scenario.line.stalls = {{milliseconds(1'000), milliseconds(500)}};
  ExpectPass();
  scenario.line.stalls.clear();
  scenario.faults = {{.where = FaultPlace::kSynthesizer, .what = FaultKind::kStall}};
  ExpectPass();
  scenario.faults = {{.where = FaultPlace::kModel}};
  ExpectOne("2 holes");
  scenario.transport = Transport::kSocket;
  ExpectPass();
}

TEST_F(JudgeTest, TheEndIsReportedOnceAndLast) {
  Insert(2, Event(Kind::kEnded, 0, ""));
  ExpectOne("reported the end 2 times");
  result.events.erase(result.events.begin() + 2);
  result.events.pop_back();
  EXPECT_THAT(Failures(), ElementsAre(HasSubstr("the end 0 times"), HasSubstr("after the end")));
  result.events.clear();
  result.report.history.clear();
  ExpectOne("the end 0 times");
}

TEST_F(JudgeTest, WithoutAnOutcomeAnyButAFailureWillDo) {
  result.outcome = CallEnd::kCallerHungUp;
  ExpectPass();
  result.outcome = CallEnd::kFailed;
  result.outcome_detail = "the model is gone";
  ExpectOne("the call failed", "the model is gone");
}

TEST_F(JudgeTest, OneOfTheOutcomesMustBeTheCalls) {
  scenario.expect.outcomes = {CallEnd::kAgentHungUp};
  ExpectPass();
  scenario.expect.outcomes = {CallEnd::kCallerHungUp, CallEnd::kFailed};
  ExpectOne("ended as agent_hung_up", "caller_hung_up or failed");
  result.outcome = CallEnd::kFailed;
  ExpectPass();
}

TEST_F(JudgeTest, BookingsAreExactlyTheExpectedOnesInAnyOrder) {
  scenario.expect.bookings = {kSmith};
  ExpectPass();
  scenario.expect.bookings = {kNovak};
  ExpectOne("booked: smith on 2026-01-06 at 10:30; expected: novak");
  scenario.expect.bookings = std::vector<Booking>{};
  ExpectOne("expected: none");
  result.bookings.clear();
  ExpectPass();
  scenario.expect.bookings = {kNovak, kSmith};
  ExpectOne("booked: none");
  result.bookings = {kSmith, kNovak};
  ExpectPass();
}

TEST_F(JudgeTest, TheSameBookingTwiceFailsWhateverIsExpected) {
  result.bookings = {kSmith, kNovak, kSmith};
  ExpectOne("booked twice");
}

TEST_F(JudgeTest, WhatTheAgentMustSayMustBeHeardWithinOneTurn) {
  scenario.expect.agent_says = {Pattern("it is booked")};
  ExpectPass();
  scenario.expect.agent_says = {Pattern("it is cancelled")};
  ExpectOne("never heard /it is cancelled/");
  // In two different turns.
  scenario.expect.agent_says = {Pattern("hello.*goodbye")};
  ExpectOne("never heard /hello.*goodbye/");
  // Said, but cut off before it was heard.
  scenario.expect.agent_says = {Pattern("surprise")};
  Insert(9, Event(Kind::kAgentSays, 9, "Surprise."));
  ExpectOne("never heard /surprise/");
}

TEST_F(JudgeTest, WhatTheAgentMustNeverSayCountsAlsoWhenNobodyHeardIt) {
  scenario.expect.agent_never_says = {Pattern("as an ai")};
  ExpectPass();
  Insert(9, Event(Kind::kAgentSays, 9, "As an AI I cannot."));
  ExpectOne("As an AI I cannot.", "expected never /as an ai/");
}

TEST_F(JudgeTest, TheCallersWordsMustBeUnderstood) {
  scenario.expect.caller_words = {Pattern("ten thirty")};
  ExpectPass();
  scenario.expect.caller_words = {Pattern("half past")};
  ExpectOne("never understood /half past/");
}

TEST_F(JudgeTest, ToolsRunAsOftenAsExpected) {
  scenario.expect.tool_calls = {{"book", 1}, {"cancel", 0}};
  ExpectPass();
  scenario.expect.tool_calls = {{"book", 2}};
  ExpectOne("book ran 1 times; expected 2");
  scenario.expect.tool_calls = {{"cancel", 1}};
  ExpectOne("cancel ran 0 times; expected 1");
}

TEST_F(JudgeTest, AToolsAnswerComesOnceAndAfterItsCall) {
  Insert(5, Event(Kind::kToolReturned, 7, "{}", "book"));
  ExpectOne("tool run 7 (book)", "twice or never begun");
}

TEST_F(JudgeTest, TheHistoryHoldsOnlyWhatWasHeard) {
  result.report.history.push_back(Assistant("Also your parking is booked."));
  ExpectOne("words that nobody heard", "Also your parking is booked.");
  // What the caller said, and empty entries of tool calls, are no words of the agent.
  result.report.history.back() = {.role = Role::kUser, .text = "never heard either"};
  result.report.history.push_back(Assistant(" "));
  ExpectPass();
}

TEST_F(JudgeTest, OwedSilenceHasALimitOfFourSecondsUnlessTheScenarioSetsOne) {
  result.caller.longest_owed_silence_ms = 4'000;
  ExpectPass();
  result.caller.longest_owed_silence_ms = 4'001;
  result.caller.owed_silence_at_ms = 7'000;
  ExpectOne("for 4001 ms from 7000 ms on");
  scenario.expect.max_owed_silence = milliseconds(5'000);
  ExpectPass();
}

TEST_F(JudgeTest, EachStopThatTookTooLongIsTold) {
  result.caller.barge_in_stop_ms = {40, 300, 10};
  ExpectPass();  // unchecked
  scenario.expect.barge_in_stop = milliseconds(300);
  ExpectPass();
  scenario.expect.barge_in_stop = milliseconds(60);
  ExpectOne("heard for 300 ms after it decided to stop");
}

TEST_F(JudgeTest, InterruptionsStayWithinTheirBounds) {
  scenario.expect.min_interruptions = 1;
  scenario.expect.max_interruptions = 1;
  ExpectPass();
  scenario.expect.min_interruptions = scenario.expect.max_interruptions = 2;
  ExpectOne("interrupted 1 times; expected at least 2");
  scenario.expect.min_interruptions = scenario.expect.max_interruptions = 0;
  ExpectOne("interrupted 1 times; expected at most 0");
  // Other notices are no interruptions.
  Insert(1, Event(Kind::kNotice, 0, "", "filler"));
  scenario.expect.max_interruptions = 1;
  ExpectPass();
}

class GoodbyeTest : public JudgeTest {
 protected:
  GoodbyeTest() { scenario.expect.goodbye_heard = true; }
};

TEST_F(GoodbyeTest, ThatWasHeardToItsEndPasses) { ExpectPass(); }

TEST_F(GoodbyeTest, NeedsAnAgentThatHangsUp) {
  result.outcome = CallEnd::kCallerHungUp;
  ExpectOne("no goodbye: the call ended as caller_hung_up");
}

TEST_F(GoodbyeTest, MustBeOne) {
  result.events[9].text = "Thank you";
  result.events[10].text = "for calling.";
  result.events[11].text = "Thank you for calling.";
  result.report.history.back() = Assistant("Thank you for calling.");
  ExpectOne("last words were \"Thank you for calling.\"; expected a goodbye");
}

TEST_F(GoodbyeTest, MustBeHeardWhole) {
  result.events[11].text = "Thank you for";
  result.report.history.back() = Assistant("Thank you for");
  ExpectOne("of the last words", "the caller heard \"Thank you for\"");
}

TEST_F(GoodbyeTest, MustBePlayedBeforeTheLineIsClosed) {
  result.caller.unheard_at_close_ms = 20;
  ExpectPass();
  result.caller.unheard_at_close_ms = 21;
  ExpectOne("closed 21 ms before the agent had finished");
}

TEST_F(GoodbyeTest, IsNotAskedForUnlessExpected) {
  scenario.expect.goodbye_heard = false;
  result.caller.unheard_at_close_ms = 500;
  ExpectPass();
}

}  // namespace
}  // namespace dragoman::lab
