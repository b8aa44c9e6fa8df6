#include "dragoman/lab/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dragoman/audio/wav.h"
#include "dragoman/testing/matchers.h"
#include "tests/lab/plain_agent.h"

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Scenario Parse(std::string_view text) {
  auto scenario = ParseScenario(text, "x.toml");
  EXPECT_THAT(scenario, IsOk());
  return *std::move(scenario);
}

ScenarioResult Phone(std::string_view text, PlainOptions agent = {}) {
  PlainAgentUnderTest under_test(std::move(agent));
  auto result = RunScenario(Parse(text), under_test, {.keep_audio = true});
  EXPECT_THAT(result, IsOk());
  return result.ok() ? *std::move(result) : ScenarioResult{};
}

constexpr std::string_view kPolite = R"(
name = "polite"
seed = 5
[[step]]
when = "agent says /hello/"
delay = "500 ms"
say = "good morning"
[expect]
outcome = "agent_hung_up"
goodbye_heard = true
)";

TEST(RunScenarioTest, APoliteCallPassesAndIsMeasuredFromTheCallersSide) {
  ScenarioResult result = Phone(kPolite);
  EXPECT_THAT(result.failures, IsEmpty());
  EXPECT_TRUE(result.passed);
  ASSERT_EQ(result.caller.turns.size(), 1u);
  // The agent waits for 400 ms of silence; the line takes 10 ms each way.
  EXPECT_GE(result.latency_p50_ms, 400);
  EXPECT_LE(result.latency_p50_ms, 480);
  ASSERT_EQ(result.caller.deeds.size(), 1u);
  EXPECT_EQ(result.caller.deeds[0].what, "say: good morning");
  EXPECT_EQ(result.caller.unheard_at_close_ms, 0);
  EXPECT_GT(result.caller.marks_returned, 1);
  EXPECT_EQ(result.caller.underruns, 0);
  EXPECT_EQ(result.caller.sent_audio.size(), result.caller.heard_audio.size());
}

TEST(RunScenarioTest, TheSameSeedGivesTheSameAudioAndAnotherSeedAnother) {
  std::string noisy =
      std::string(kPolite) + "[caller]\nnoise = \"street\"\n[line]\njitter = \"40 ms\"\n";
  const auto first = Phone(noisy);
  EXPECT_EQ(Phone(noisy).audio_hash, first.audio_hash);
  EXPECT_EQ(Phone(noisy).events, first.events);
  noisy.replace(noisy.find("seed = 5"), 8, "seed = 6");
  EXPECT_NE(Phone(noisy).audio_hash, first.audio_hash);
}

TEST(RunScenarioTest, AClippedGoodbyeFails) {
  PlainOptions agent;
  agent.hangs_up_early = true;
  ScenarioResult result = Phone(kPolite, agent);
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.failures, Contains(HasSubstr("of the last words \"Goodbye.\"")));
}

TEST(RunScenarioTest, WordsInTheHistoryThatNobodyHeardFail) {
  PlainOptions agent;
  agent.lies = true;
  EXPECT_THAT(Phone(kPolite, agent).failures,
              Contains(HasSubstr("words that nobody heard: \"Hello. As I told you.\"")));
}

TEST(RunScenarioTest, AnAgentThatKeepsTheCallerWaitingFails) {
  PlainOptions agent;
  agent.wait = milliseconds(4500);
  EXPECT_THAT(Phone(kPolite, agent).failures, Contains(HasSubstr("owed the caller a word for 49")));
}

TEST(RunScenarioTest, BookingsAreComparedAsASet) {
  std::string text =
      std::string(kPolite) +
      "[[expect.booking]]\nname = \"Ann\"\ndate = \"2026-01-06\"\ntime = \"10:00\"\n";
  PlainOptions agent;
  EXPECT_THAT(Phone(text, agent).failures,
              ElementsAre("booked: none; expected: ann on 2026-01-06 at 10:00"));
  agent.bookings = {{"ann", "2026-01-06", "10:00"}};
  EXPECT_THAT(Phone(text, agent).failures, IsEmpty());
  agent.bookings.push_back({"ann", "2026-01-06", "10:00"});
  EXPECT_THAT(Phone(text, agent).failures, Contains(HasSubstr("booked twice")));
}

constexpr std::string_view kInterrupts = R"(
name = "interrupts"
[[step]]
when = "agent speaks 600 ms"
say = "stop please"
[expect]
barge_in_stop = "60 ms"
min_interruptions = 1
max_interruptions = 1
)";

TEST(RunScenarioTest, AnInterruptionIsHonouredAndTimedAtTheCaller) {
  PlainOptions agent;
  agent.lines = {"Welcome to a very long and winding story about nothing.", "Goodbye."};
  ScenarioResult result = Phone(kInterrupts, agent);
  EXPECT_THAT(result.failures, IsEmpty());
  EXPECT_EQ(result.caller.clears, 1);
  ASSERT_EQ(result.caller.barge_in_stop_ms.size(), 1u);
  EXPECT_LE(result.caller.barge_in_stop_ms[0], 40);
}

TEST(RunScenarioTest, AnAgentThatTalksOnIsFoundOut) {
  PlainOptions agent;
  agent.lines = {"Welcome to a very long and winding story about nothing.", "Goodbye."};
  agent.stops_when_interrupted = false;
  EXPECT_THAT(Phone(kInterrupts, agent).failures,
              Contains("the agent let itself be interrupted 0 times; expected at least 1"));
}

TEST(RunScenarioTest, MarksThatComeBackLateAndTwiceDoNotConfuseTheLine) {
  PlainOptions agent;
  agent.lines = {"Welcome to a very long and winding story about nothing.", "Goodbye."};
  ScenarioResult result = Phone(std::string(kInterrupts) + "[line]\nlate_marks = true\n", agent);
  EXPECT_THAT(result.failures, IsEmpty());
  EXPECT_EQ(result.outcome, CallEnd::kAgentHungUp);
}

TEST(RunScenarioTest, ACallThatNeverEndsIsCutAtItsLimitAndFails) {
  PlainOptions agent;
  agent.lines = {"Hello."};
  agent.patience = milliseconds(60'000);
  std::string text =
      "name = \"x\"\ntime_limit = \"5 s\"\n[[step]]\nwhen = \"agent says /never/\"\nsay = \"a\"\n";
  agent.lines = {"Hello.", "Goodbye."};
  ScenarioResult result = Phone(text, agent);
  EXPECT_THAT(result.failures, Contains(HasSubstr("still on after 5000 ms")));
  EXPECT_THAT(result.failures, Contains("the caller never came to the step in line 3"));
  EXPECT_TRUE(result.caller.timed_out);
}

TEST(RunScenarioTest, AHangUpEndsTheCallFromTheCallersSide) {
  ScenarioResult result = Phone(
      "name = \"x\"\n[[step]]\nwhen = \"agent speaks 200 ms\"\nhang_up = true\n"
      "[expect]\noutcome = \"caller_hung_up\"\n");
  EXPECT_THAT(result.failures, IsEmpty());
  EXPECT_TRUE(result.caller.hung_up);
}

TEST(RunScenarioTest, KeysArriveOnceEach) {
  ScenarioResult result = Phone("name = \"x\"\n[[step]]\nwhen = \"start\"\ndtmf = \"12#\"\n");
  std::string keys;
  for (const auto& event : result.events)
    if (event.kind == SessionEvent::Kind::kUserPressed) keys += event.text;
  EXPECT_EQ(keys, "12#");
}

TEST(RunScenarioTest, AFolderKeepsTheRecordingAndTheTranscript) {
  const std::string folder = ::testing::TempDir() + "lab-folder";
  PlainAgentUnderTest agent;
  auto result = RunScenario(Parse(kPolite), agent, {.folder = folder});
  ASSERT_THAT(result, IsOk());
  auto wav = ReadWavFile(result->recording);
  ASSERT_THAT(wav, IsOk());
  EXPECT_EQ(wav->channels, 2);
  EXPECT_GE(static_cast<std::int64_t>(wav->frames()), result->caller.duration_ms * 8 - 320);
  std::ifstream in(result->transcript);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_THAT(text, HasSubstr("caller (line 4)  say: good morning"));
  EXPECT_THAT(text, HasSubstr("agent       Goodbye."));
  std::filesystem::remove_all(folder);
}

TEST(CallerRecordTest, ItsReportSurvivesTheWayBetweenProcesses) {
  ScenarioResult result = Phone(kPolite);
  auto again = CallerRecordFromJson(ToJson(result.caller));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->turns, result.caller.turns);
  EXPECT_EQ(again->deeds, result.caller.deeds);
  EXPECT_EQ(again->marks_returned, result.caller.marks_returned);
  EXPECT_EQ(ToJson(*again).substr(0, 40), ToJson(result.caller).substr(0, 40));
  EXPECT_FALSE(CallerRecordFromJson("{}").ok());
  EXPECT_FALSE(CallerRecordFromJson("[").ok());
}

TEST(FormatReportTest, CountsKindsAndFailures) {
  ScenarioResult good, bad;
  good.passed = true;
  good.name = "good";
  bad.name = "bad";
  bad.kind = ScenarioKind::kAudio;
  bad.transport = Transport::kSocket;
  bad.failures = {"it rang"};
  std::string text = FormatReport({good, bad});
  EXPECT_THAT(text, HasSubstr("FAIL  bad"));
  EXPECT_THAT(text, HasSubstr("      it rang\n"));
  EXPECT_THAT(text, HasSubstr("2 scenarios: 0 audio in virtual time, 1 audio in real time, 1 text; "
                              "1 passed, 1 failed"));
}

}  // namespace
}  // namespace dragoman::lab
