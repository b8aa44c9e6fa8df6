#include "src/lab/script_player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/lab/caller.h"

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Scenario Parse(std::string_view steps) {
  auto scenario = ParseScenario("name = \"x\"\n" + std::string(steps), "x.toml");
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return *std::move(scenario);
}

// Plays frames into the player and notes what it does and when.
class Stage {
 public:
  explicit Stage(std::string_view steps) : scenario_(Parse(steps)), player_(scenario_) {}

  ScriptPlayer& player() { return player_; }
  // Runs for `length`; returns the lines of the steps begun. Each step takes `deed` time.
  std::vector<int> Run(milliseconds length, bool audible, bool waiting = false) {
    std::vector<int> lines;
    for (milliseconds end = now_ + length; now_ < end; now_ += milliseconds(20)) {
      const Step* step = player_.Tick(now_, audible, waiting, now_ < busy_until_);
      if (!step) continue;
      lines.push_back(step->line);
      began_.push_back(now_);
      busy_until_ = now_ + milliseconds(400);
    }
    return lines;
  }
  std::vector<milliseconds> began_;

 private:
  Scenario scenario_;
  ScriptPlayer player_;
  milliseconds now_{0};
  milliseconds busy_until_{0};
};

TEST(ScriptPlayerTest, TheCallerAnswersOnceTheQuestionWasHeardAndThePauseIsOver) {
  Stage stage("[[step]]\nwhen = \"agent says /name/\"\ndelay = \"500 ms\"\nsay = \"a\"\n");
  stage.player().AgentSays(1, "What is your name?");
  EXPECT_THAT(stage.Run(milliseconds(900), false), IsEmpty());  // said, but not heard yet
  EXPECT_THAT(stage.Run(milliseconds(1000), true), IsEmpty());  // the agent is talking
  EXPECT_THAT(stage.Run(milliseconds(480), false), IsEmpty());
  EXPECT_THAT(stage.Run(milliseconds(100), false), ElementsAre(2));
}

TEST(ScriptPlayerTest, AudioThatStillWaitsInTheCarriersBufferIsNotAPause) {
  Stage stage("[[step]]\nwhen = \"agent says /name/\"\nsay = \"a\"\n");
  stage.player().AgentSays(1, "Your name?");
  stage.Run(milliseconds(500), true);
  EXPECT_THAT(stage.Run(milliseconds(2000), false, true), IsEmpty());
  EXPECT_THAT(stage.Run(milliseconds(100), false, false), ElementsAre(2));
}

TEST(ScriptPlayerTest, StepsGoInOrderAndReactionsWheneverTheyFit) {
  Stage stage(
      "[[step]]\nwhen = \"agent says /day/\"\nsay = \"a\"\n"        // line 2
      "[[step]]\nwhen = \"agent says /time/\"\nsay = \"b\"\n"       // line 5
      "[[reaction]]\nwhen = \"agent says /sorry/\"\nsay = \"c\"\n"  // line 8
      "times = 2\n");
  auto hear = [&](std::string_view sentence) {
    stage.player().AgentSays(1, sentence);
    stage.Run(milliseconds(400), true);
    return stage.Run(milliseconds(1500), false);
  };
  EXPECT_THAT(hear("At what time?"), IsEmpty());  // the first step has not come
  EXPECT_THAT(hear("Sorry?"), ElementsAre(8));
  EXPECT_THAT(hear("On what day?"), ElementsAre(2));
  EXPECT_THAT(hear("Sorry?"), ElementsAre(8));
  EXPECT_THAT(hear("Sorry?"), IsEmpty());  // twice is enough
  EXPECT_THAT(hear("At what time?"), ElementsAre(5));
  EXPECT_THAT(stage.player().NotRun(), IsEmpty());
}

TEST(ScriptPlayerTest, AnInterruptionCountsSoundNotTime) {
  Stage stage("[[step]]\nwhen = \"agent speaks 800 ms\"\nsay = \"stop\"\n");
  stage.player().AgentSays(1, "A long story.");
  EXPECT_THAT(stage.Run(milliseconds(400), true), IsEmpty());
  EXPECT_THAT(stage.Run(milliseconds(2000), false), IsEmpty());
  EXPECT_THAT(stage.Run(milliseconds(380), true), IsEmpty());
  EXPECT_THAT(stage.Run(milliseconds(100), true), ElementsAre(2));
}

TEST(ScriptPlayerTest, ConditionsOnTheSameWordsChooseBetweenYesAndNo) {
  Stage stage(
      "[[reaction]]\nwhen = \"agent says /right/\"\nonly_if = \"tuesday\"\nsay = \"yes\"\ntimes = "
      "9\n"
      "[[reaction]]\nwhen = \"agent says /right/\"\nunless = \"tuesday\"\nsay = \"no\"\ntimes = "
      "9\n");
  auto hear = [&](std::string_view sentence) {
    stage.player().AgentSays(1, sentence);
    stage.Run(milliseconds(400), true);
    return stage.Run(milliseconds(1500), false);
  };
  EXPECT_THAT(hear("Monday at ten, is that right?"), ElementsAre(7));
  EXPECT_THAT(hear("Tuesday at ten, is that right?"), ElementsAre(2));
}

TEST(ScriptPlayerTest, AnAsideDoesNotAnswerAndWhatWasNeverHeardIsForgotten) {
  Stage stage(
      "[[step]]\nwhen = \"agent speaks 200 ms\"\nsay = \"mm-hm\"\naside = true\n"  // line 2
      "[[step]]\nwhen = \"agent says /name/\"\nsay = \"Ann\"\n");                  // line 6
  stage.player().AgentSays(1, "Your name?");
  EXPECT_THAT(stage.Run(milliseconds(1000), true), ElementsAre(2));
  EXPECT_THAT(stage.Run(milliseconds(1500), false), ElementsAre(6));

  Stage other("[[step]]\nwhen = \"agent says /name/\"\nsay = \"Ann\"\n");
  other.player().AgentSays(1, "Your name?");
  other.player().AgentHeard(1, "");
  other.player().AgentSays(2, "Hello.");
  other.Run(milliseconds(400), true);
  EXPECT_THAT(other.Run(milliseconds(1500), false), IsEmpty());
}

TEST(ScriptPlayerTest, ToolsSilenceAndTheClockAreCuesToo) {
  Stage stage(
      "[[step]]\nwhen = \"agent silent 2 s\"\nsay = \"hello\"\n"                     // line 2
      "[[step]]\nwhen = \"after 1 s\"\nsay = \"hello again\"\n"                      // line 5
      "[[step]]\nwhen = \"tool book runs\"\ndelay = \"200 ms\"\nhang_up = true\n");  // line 8
  EXPECT_THAT(stage.Run(milliseconds(4000), false), ElementsAre(2, 5));
  // Begun at 2.0 s, done at 2.4 s; a second later the next.
  EXPECT_THAT(stage.began_, ElementsAre(milliseconds(2000), milliseconds(3400)));
  stage.player().ToolRuns("find");
  EXPECT_THAT(stage.Run(milliseconds(1000), false), IsEmpty());
  stage.player().ToolRuns("book");
  EXPECT_THAT(stage.Run(milliseconds(180), false), IsEmpty());
  EXPECT_THAT(stage.Run(milliseconds(60), false), ElementsAre(8));
}

TEST(ScriptPlayerTest, StepsThatNeverCameAreToldUnlessTheyWereOptional) {
  Stage stage(
      "[[step]]\nwhen = \"agent says /never/\"\nsay = \"a\"\n"
      "[[step]]\nwhen = \"agent says /never/\"\nsay = \"b\"\noptional = true\n");
  stage.Run(milliseconds(1000), false);
  auto left = stage.player().NotRun();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0]->line, 2);
}

// Feeds frames of 20 ms.
void Frames(SilenceDebt& debt, milliseconds& now, milliseconds length, bool audible) {
  for (milliseconds end = now + length; now < end; now += milliseconds(20)) debt.Tick(now, audible);
}

TEST(SilenceDebtTest, CountsFromTheCallersLastSoundToTheAgentsFirst) {
  SilenceDebt debt;
  milliseconds now{0};
  Frames(debt, now, milliseconds(5000), false);  // nothing is owed yet
  EXPECT_EQ(debt.longest(), milliseconds(0));
  debt.CallerEnded(now);
  Frames(debt, now, milliseconds(700), false);
  Frames(debt, now, milliseconds(1000), true);
  Frames(debt, now, milliseconds(9000), false);
  EXPECT_EQ(debt.longest(), milliseconds(680));  // the last silent frame began 680 ms after
  EXPECT_EQ(debt.longest_at(), milliseconds(5000));
}

TEST(SilenceDebtTest, SoundThatMerelyGoesOnIsNoAnswer) {
  SilenceDebt debt;
  milliseconds now{0};
  Frames(debt, now, milliseconds(1000), true);
  debt.CallerEnded(now);  // an interruption
  Frames(debt, now, milliseconds(200), true);
  Frames(debt, now, milliseconds(3000), false);
  EXPECT_GT(debt.longest(), milliseconds(2900));
}

TEST(SilenceDebtTest, ARunningToolOwesAWordToo) {
  SilenceDebt debt;
  milliseconds now{0};
  debt.CallerEnded(now);
  Frames(debt, now, milliseconds(200), false);
  Frames(debt, now, milliseconds(600), true);
  debt.ToolRuns();
  Frames(debt, now, milliseconds(2000), false);
  debt.ToolReturned();
  Frames(debt, now, milliseconds(500), false);
  Frames(debt, now, milliseconds(200), true);
  EXPECT_EQ(debt.longest(), milliseconds(2480));
}

}  // namespace
}  // namespace dragoman::lab
