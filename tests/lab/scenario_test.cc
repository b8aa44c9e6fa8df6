#include "dragoman/lab/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "dragoman/core/status.h"

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kSmallest = R"(name = "small"
[[step]]
when = "start"
say = "hello"
)";

std::string ErrorOf(std::string_view text) {
  auto scenario = ParseScenario(text, "calls/x.toml");
  return scenario.ok() ? "no error" : std::string(MessageOf(scenario.status()));
}

TEST(ScenarioTest, TheSmallestFileIsATextCallOnTwilioInMemory) {
  auto scenario = ParseScenario(kSmallest, "x.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->name, "small");
  EXPECT_EQ(scenario->kind, ScenarioKind::kText);
  EXPECT_EQ(scenario->wire, Wire::kTwilio);
  EXPECT_EQ(scenario->transport, Transport::kPipe);
  ASSERT_EQ(scenario->steps.size(), 1u);
  EXPECT_EQ(scenario->steps[0].when.kind, CueKind::kStart);
  EXPECT_EQ(scenario->steps[0].say[0].text, "hello");
  EXPECT_EQ(scenario->steps[0].line, 2);
  EXPECT_FALSE(scenario->expect.bookings.has_value());
}

TEST(ScenarioTest, EveryPartOfAFullFileIsRead) {
  auto scenario = ParseScenario(R"(
name = "full"
kind = "audio"
wire = "audiosocket"
transport = "socket"
seed = 9
now = "2026-03-02 08:30"
time_limit = "2 min"
[caller]
voice = "slt"
speed_per_mille = 900
noise = "street"
snr_db = 12
echo_db = -25
echo_delay = "150 ms"
[line]
loss_per_mille = 100
jitter = "30 ms"
[[line.stall]]
at = "4 s"
length = "1.5 s"
[[fault]]
where = "tool"
what = "delay"
length = "3 s"
tool = "book_appointment"
[[taken]]
name = "Ann Lee"
date = "2026-03-03"
time = "09:00"
[[step]]
when = "agent says /your name|who are you/"
say = "I'd like <pause 700 ms> an appointment <spell Ann>"
[[reaction]]
when = "agent speaks 1.2 s of /monday/"
delay = "40 ms"
dtmf = "12#"
times = 2
[expect]
outcome = ["agent_hung_up", "caller_hung_up"]
agent_never_says = "cardiology"
tool_calls = { book_appointment = 1 }
barge_in_stop = "300 ms"
[[expect.booking]]
name = "Ann Lee"
date = "2026-03-03"
time = "10:00"
)",
                                "full.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->wire, Wire::kAudioSocket);
  EXPECT_EQ(scenario->now.time_since_epoch(), std::chrono::seconds(1772440200));
  EXPECT_EQ(scenario->time_limit, milliseconds(120'000));
  EXPECT_EQ(scenario->caller.noise, NoiseKind::kStreet);
  EXPECT_EQ(scenario->caller.echo_delay, milliseconds(150));
  EXPECT_EQ(scenario->line.loss_per_mille, 100);
  ASSERT_EQ(scenario->line.stalls.size(), 1u);
  EXPECT_EQ(scenario->line.stalls[0].length, milliseconds(1500));
  EXPECT_THAT(scenario->faults, ElementsAre(Fault{FaultPlace::kTool, FaultKind::kDelay, 1, 1,
                                                  milliseconds(3000), "book_appointment"}));
  ASSERT_EQ(scenario->steps.size(), 1u);
  const auto& say = scenario->steps[0].say;
  ASSERT_EQ(say.size(), 3u);
  EXPECT_EQ(say[0].pause_after, milliseconds(700));
  EXPECT_EQ(say[1].text, "an appointment");
  EXPECT_EQ(say[2].text, "A. N. N.");
  ASSERT_EQ(scenario->reactions.size(), 1u);
  EXPECT_EQ(scenario->reactions[0].when.kind, CueKind::kAgentSpeaks);
  EXPECT_EQ(scenario->reactions[0].when.length, milliseconds(1200));
  EXPECT_EQ(scenario->reactions[0].times, 2);
  EXPECT_THAT(scenario->expect.outcomes,
              ElementsAre(CallEnd::kAgentHungUp, CallEnd::kCallerHungUp));
  EXPECT_THAT(*scenario->expect.bookings, ElementsAre(Booking{"ann lee", "2026-03-03", "10:00"}));
  EXPECT_EQ(scenario->expect.tool_calls.at("book_appointment"), 1);
}

TEST(ScenarioTest, AnUnknownKeyIsNamedWithFileLineAndTheNearestKey) {
  EXPECT_EQ(
      ErrorOf("name = \"x\"\n[caller]\nvioce = \"rms\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
      "calls/x.toml:3: unknown key \"vioce\" in [caller]; did you mean \"voice\"?");
  EXPECT_EQ(ErrorOf("name = \"x\"\nzzzzzzzzzz = 1\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
            "calls/x.toml:2: unknown key \"zzzzzzzzzz\" in the file");
  EXPECT_EQ(ErrorOf("name = \"x\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n\ndleay = \"1 s\"\n"),
            "calls/x.toml:6: unknown key \"dleay\" in [[step]]; did you mean \"delay\"?");
}

TEST(ScenarioTest, AValueOutOfRangeIsNamedWithWhatWasExpected) {
  EXPECT_EQ(
      ErrorOf("name = \"x\"\n[caller]\nsnr_db = 90\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
      "calls/x.toml:3: snr_db is 90; expected -20 to 60");
  EXPECT_EQ(
      ErrorOf("name = \"x\"\ntime_limit = \"2 h\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
      "calls/x.toml:2: time_limit is \"2 h\"; expected a length of time such as \"700 ms\" or "
      "\"1.5 s\"");
  EXPECT_THAT(ErrorOf("name = \"x\"\ntime_limit = \"\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
              HasSubstr("calls/x.toml:2: time_limit is \"\"; expected a length of time"));
  EXPECT_EQ(ErrorOf("name = \"x\"\nkind = \"video\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
            "calls/x.toml:2: kind is \"video\"; expected one of audio, text");
  EXPECT_EQ(ErrorOf("name = 5\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"),
            "calls/x.toml:1: name is an integer; expected a string");
}

TEST(ScenarioTest, TheFirstErrorOfTheFileIsTheOneReported) {
  EXPECT_THAT(ErrorOf("name = \"x\"\nkind = \"video\"\nwire = \"pigeon\"\n"),
              HasSubstr("x.toml:2:"));
}

TEST(ScenarioTest, WhatIsNotTomlSaysSoWithItsLine) {
  EXPECT_THAT(ErrorOf("name = \"x\"\n\nkind = = 3\n"), HasSubstr("calls/x.toml:3: not TOML"));
  EXPECT_THAT(ErrorOf(std::string(70'000, 'a')), HasSubstr("expected at most 65536"));
  EXPECT_THAT(ErrorOf("name = \"\xff\"\n"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(ErrorOf("a = " + std::string(5'000, '[')), HasSubstr("nested deeper than 8"));
}

TEST(ScenarioTest, AStepDoesExactlyOneThing) {
  EXPECT_THAT(ErrorOf("name = \"x\"\n[[step]]\nwhen = \"start\"\n"), HasSubstr("exactly one of"));
  EXPECT_THAT(ErrorOf("name = \"x\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\ndtmf = \"1\"\n"),
              HasSubstr("exactly one of"));
}

TEST(ScenarioTest, ACueThatNobodyUnderstandsIsQuoted) {
  std::string error = ErrorOf("name = \"x\"\n[[step]]\nwhen = \"agent sings\"\nsay = \"a\"\n");
  EXPECT_THAT(error, HasSubstr("calls/x.toml:3: when is \"agent sings\"; expected \"start\""));
  EXPECT_THAT(ErrorOf("name = \"x\"\n[[step]]\nwhen = \"agent says name\"\nsay = \"a\"\n"),
              HasSubstr("between slashes"));
}

TEST(ScenarioTest, AnAudioScenarioMayNotAssertTranscripts) {
  EXPECT_THAT(ErrorOf("name = \"x\"\nkind = \"audio\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n"
                      "[expect]\ncaller_words = \"a\"\n"),
              HasSubstr("an audio scenario never asserts transcripts"));
}

TEST(ScenarioTest, FaultsAreCheckedAgainstWhatTheirPlaceCanDo) {
  const std::string head = "name = \"x\"\n[[step]]\nwhen = \"start\"\nsay = \"a\"\n[[fault]]\n";
  EXPECT_THAT(ErrorOf(head + "where = \"tool\"\nwhat = \"stall\"\nlength = \"1 s\"\n"),
              HasSubstr("a tool answers in one piece"));
  EXPECT_THAT(ErrorOf(head + "where = \"model\"\nwhat = \"delay\"\n"),
              HasSubstr("length is missing"));
  EXPECT_THAT(ErrorOf(head + "where = \"model\"\nwhat = \"fail\"\ntool = \"t\"\n"),
              HasSubstr("with where = \"tool\" only"));
}

TEST(ScenarioTest, AnErrandIsEnoughForACallerToAct) {
  auto scenario = ParseScenario(
      "name = \"x\"\n[errand]\nname = \"Smith\"\ndate = \"2026-02-23\"\ntime = \"10:30\"\n"
      "keypad = false\ndelay = \"900 ms\"\n",
      "x.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  ASSERT_TRUE(scenario->errand.has_value());
  EXPECT_EQ(scenario->errand->name, "smith");
  EXPECT_EQ(scenario->errand->time, "10:30");
  EXPECT_FALSE(scenario->errand->keypad);
  EXPECT_EQ(scenario->errand->delay, milliseconds(900));
}

TEST(ScenarioTest, AnErrandNeedsANameOfLettersADayAndATime) {
  EXPECT_THAT(ErrorOf("name = \"x\"\n[errand]\nname = \"R2\"\ndate = \"2026-02-23\"\n"
                      "time = \"10:30\"\n"),
              HasSubstr("name of 2 to 32 letters"));
  EXPECT_THAT(ErrorOf("name = \"x\"\n[errand]\nname = \"Jo\"\ndate = \"soon\"\n"
                      "time = \"10:30\"\n"),
              HasSubstr("such as \"2026-01-06\""));
  EXPECT_THAT(ErrorOf("name = \"x\"\n[errand]\nname = \"Jo\"\ndate = \"2026-02-23\"\n"),
              HasSubstr("such as \"10:00\""));
}

TEST(PatternTest, AlternativesAndGapsMatchInOrderWithoutCaseOrPunctuation) {
  EXPECT_TRUE(Pattern("your name").Matches("And YOUR   name, please?"));
  EXPECT_TRUE(Pattern("tuesday.*ten|monday").Matches("So Tuesday, January 6, at ten: right?"));
  EXPECT_FALSE(Pattern("ten.*tuesday").Matches("So Tuesday at ten"));
  EXPECT_TRUE(Pattern("ten.*tuesday|so tuesday").Matches("So, Tuesday at ten"));
  EXPECT_TRUE(Pattern("").Matches("anything"));
  EXPECT_FALSE(Pattern("name").Matches(""));
}

TEST(ParseSpeechTest, UnknownOrUnclosedMarksAreRefused) {
  EXPECT_THAT(std::string(MessageOf(ParseSpeech("a <sing> b").status())),
              HasSubstr("unknown mark <sing>"));
  EXPECT_THAT(std::string(MessageOf(ParseSpeech("a <pause 1 s").status())),
              HasSubstr("without its"));
  EXPECT_THAT(std::string(MessageOf(ParseSpeech("a <pause 11 s>").status())),
              HasSubstr("at most 10 s"));
  EXPECT_FALSE(ParseSpeech("").ok());
}

TEST(ParseSpeechTest, LettersComeInOneBreathOrOneByOne) {
  EXPECT_EQ(ParseSpeech("<spell Jo>")->at(0).text, "J. O.");
  auto slow = ParseSpeech("it's <spell Jo>", milliseconds(300));
  ASSERT_EQ(slow->size(), 3u);
  EXPECT_EQ(slow->at(1).text, "J.");
  EXPECT_EQ(slow->at(1).pause_after, milliseconds(300));
  EXPECT_FALSE(ParseSpeech("<spell R2D2>").ok());
  EXPECT_EQ(ParseSpeech("<nato Ax>")->at(0).text, "alpha x-ray");
  EXPECT_FALSE(ParseSpeech("<nato 7>").ok());
}

TEST(ScenarioTest, AMissingFileAndAnEmptyFolderAreNotFound) {
  EXPECT_EQ(LoadScenario("/nowhere/at/all.toml").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadScenarios("/nowhere/at/all").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace dragoman::lab
