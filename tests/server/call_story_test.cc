#include "dragoman/server/call_story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using call_command::NoticeKind;
using ::testing::HasSubstr;
using ::testing::SizeIs;

CallStep At(std::chrono::milliseconds at, CallEventBody body,
            std::vector<CallCommand> commands = {}) {
  return {{at.count() * 1000, std::move(body)}, std::move(commands)};
}

call_command::Notice Mark(NoticeKind kind, std::chrono::milliseconds at, std::int64_t turn) {
  return {.kind = kind, .at_us = at.count() * 1000, .value = turn};
}

call_command::Speak Says(UtteranceId id, std::string text,
                         UtteranceKind kind = UtteranceKind::kReply) {
  return {.utterance = id, .kind = kind, .text = std::move(text)};
}

CallPageInput PageOf(const std::vector<CallStep>& steps) {
  CallStory story;
  for (const CallStep& step : steps) story.Tell(step);
  CallPageInput page;
  story.FillPage(&page);
  return page;
}

TEST(CallStoryTest, ATurnOfTheCallerLiesWhereItSounded) {
  const auto page = PageOf({
      At(2100ms, call_event::SpeechStarted{.audio_ms = 2000, .lag_ms = 100}),
      At(3200ms, call_event::SpeechStopped{.audio_ms = 3100, .lag_ms = 100}),
      At(3800ms, call_event::TimerFired{CallTimer::kEndOfTurn},
         {call_command::AppendHistory{.role = Role::kUser, .text = "Tuesday, please."}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].party, CallPageParty::kCaller);
  EXPECT_EQ(page.turns[0].text, "Tuesday, please.");
  EXPECT_EQ(page.turns[0].start, 2000ms);
  EXPECT_EQ(page.turns[0].end, 3100ms);
}

TEST(CallStoryTest, APauseInsideATurnDoesNotDivideIt) {
  const auto page = PageOf({
      At(1000ms, call_event::SpeechStarted{.audio_ms = 1000}),
      At(1500ms, call_event::SpeechStopped{.audio_ms = 1500}),
      At(2000ms, call_event::SpeechStarted{.audio_ms = 2000}),
      At(2600ms, call_event::SpeechStopped{.audio_ms = 2600},
         {call_command::AppendHistory{.role = Role::kUser, .text = "I would, um, like"}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].start, 1000ms);
  EXPECT_EQ(page.turns[0].end, 2600ms);
}

TEST(CallStoryTest, ASoundThatWasNoTurnDoesNotStretchTheNextOne) {
  const auto page = PageOf({
      At(1000ms, call_event::SpeechStarted{.audio_ms = 1000}),
      At(1200ms, call_event::SpeechStopped{.audio_ms = 1200},
         {call_command::Notice{
             .kind = NoticeKind::kTurnWithdrawn, .at_us = 1'200'000, .text = "noise"}}),
      At(5000ms, call_event::SpeechStarted{.audio_ms = 5000}),
      At(6000ms, call_event::SpeechStopped{.audio_ms = 6000},
         {call_command::AppendHistory{.role = Role::kUser, .text = "Yes."}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].start, 5000ms);
  ASSERT_THAT(page.moments, SizeIs(1));
  EXPECT_THAT(page.moments[0].text, HasSubstr("noise"));
  EXPECT_FALSE(page.moments[0].interruption);
}

TEST(CallStoryTest, PressedKeysAreATurnByKeypad) {
  const auto page = PageOf({
      At(1000ms, call_event::Dtmf{'4'}),
      At(1400ms, call_event::Dtmf{'2'},
         {call_command::AppendHistory{.role = Role::kUser, .text = "42"}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].note, "keypad");
  EXPECT_EQ(page.turns[0].start, 1000ms);
  EXPECT_EQ(page.turns[0].end, 1400ms);
}

TEST(CallStoryTest, AnAmendedTurnIsShownAsItStandsInTheHistory) {
  const auto page = PageOf({
      At(900ms, call_event::TimerFired{CallTimer::kEndOfTurn},
         {call_command::AppendHistory{.role = Role::kAssistant, .text = "Hello."},
          call_command::AppendHistory{.role = Role::kUser, .text = "On"},
          call_command::AmendHistory{.entry = 1, .text = "On Tuesday"}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].text, "On Tuesday");
}

TEST(CallStoryTest, AnUtteranceSoundsWhenItsAudioReachesTheLine) {
  const auto page = PageOf({
      At(100ms, call_event::CallStarted{}, {Says(1, "Good morning.", UtteranceKind::kGreeting)}),
      At(250ms, call_event::SpeechAudio{.utterance = 1, .start_ms = 0, .queued_ms = 200}),
      At(300ms, call_event::SpeechAudio{.utterance = 1, .start_ms = 0, .queued_ms = 1000}),
      At(1300ms, call_event::Playout{.position_ms = 1000},
         {call_command::Settled{.utterance = 1, .heard = "Good morning.", .heard_ms = 1000}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].note, "greeting");
  EXPECT_EQ(page.turns[0].start, 250ms);
  EXPECT_EQ(page.turns[0].end, 1250ms);
  EXPECT_FALSE(page.turns[0].interrupted);
}

TEST(CallStoryTest, AnUtteranceThatWaitsBeginsWhereTheOneBeforeEnds) {
  const auto page = PageOf({
      At(0ms, call_event::CallStarted{}, {Says(1, "One."), Says(2, "Two.")}),
      At(100ms, call_event::SpeechAudio{.utterance = 1, .start_ms = 0, .queued_ms = 800}),
      At(200ms, call_event::SpeechAudio{.utterance = 2, .start_ms = 800, .queued_ms = 500}),
  });
  ASSERT_THAT(page.turns, SizeIs(2));
  EXPECT_EQ(page.turns[1].text, "Two.");
  EXPECT_EQ(page.turns[1].start, 900ms);
  EXPECT_EQ(page.turns[1].end, 1400ms);
}

TEST(CallStoryTest, AnInterruptedUtteranceShowsWhatWasHeardAndWhatWasNot) {
  const auto page = PageOf({
      At(0ms, call_event::CallStarted{}, {Says(1, "I have nine, ten and eleven.")}),
      At(100ms, call_event::SpeechAudio{.utterance = 1, .start_ms = 0, .queued_ms = 3000}),
      At(1400ms, call_event::PlayoutCleared{.position_ms = 1200},
         {call_command::Notice{.kind = NoticeKind::kBargeIn, .at_us = 1'390'000, .text = "no wait"},
          call_command::Settled{.utterance = 1,
                                .heard = "I have nine,",
                                .unheard = " ten and eleven.",
                                .heard_ms = 1200}}),
  });
  ASSERT_THAT(page.turns, SizeIs(1));
  EXPECT_EQ(page.turns[0].text, "I have nine,");
  EXPECT_EQ(page.turns[0].unheard, " ten and eleven.");
  EXPECT_EQ(page.turns[0].end, 1300ms);
  EXPECT_TRUE(page.turns[0].interrupted);
  ASSERT_THAT(page.moments, SizeIs(1));
  EXPECT_TRUE(page.moments[0].interruption);
  EXPECT_EQ(page.moments[0].at, 1390ms);
  EXPECT_THAT(page.moments[0].text, HasSubstr("no wait"));
}

TEST(CallStoryTest, TheMarksOfATurnMakeItsWaterfallAndTheFirstOfAKindCounts) {
  const auto page = PageOf({
      At(5000ms, call_event::TimerFired{CallTimer::kEndOfTurn},
         {Mark(NoticeKind::kMarkSpeechEnd, 4300ms, 2), Mark(NoticeKind::kMarkEndpoint, 5000ms, 2),
          call_command::Notice{.kind = NoticeKind::kTurnEnded, .value = 2, .text = "Half nine"},
          Mark(NoticeKind::kMarkModelAsked, 5000ms, 2)}),
      At(5100ms, call_event::ModelText{}, {Mark(NoticeKind::kMarkFirstText, 5100ms, 2)}),
      At(5200ms, call_event::SpeechAudio{}, {Mark(NoticeKind::kMarkFirstAudio, 5200ms, 2)}),
      At(5300ms, call_event::Playout{}, {Mark(NoticeKind::kMarkHeard, 5260ms, 2)}),
      At(6300ms, call_event::Playout{}, {Mark(NoticeKind::kMarkHeard, 6260ms, 2)}),
  });
  ASSERT_THAT(page.waterfalls, SizeIs(1));
  const CallPageWaterfall& waterfall = page.waterfalls[0];
  EXPECT_EQ(waterfall.turn, 2);
  EXPECT_EQ(waterfall.text, "Half nine");
  EXPECT_EQ(waterfall.speech_end, 4300ms);
  EXPECT_EQ(waterfall.endpoint, 5000ms);
  EXPECT_EQ(waterfall.model_asked, 5000ms);
  EXPECT_EQ(waterfall.first_text, 5100ms);
  EXPECT_EQ(waterfall.first_audio, 5200ms);
  EXPECT_EQ(waterfall.heard, 5260ms);
}

TEST(CallStoryTest, AToolRunsFromItsCallToItsResult) {
  const auto page = PageOf({
      At(1000ms, call_event::ModelDone{},
         {call_command::RunTool{.run = 3,
                                .call = {.id = "a", .name = "book", .arguments = "{\"t\":9}"}}}),
      At(1450ms, call_event::ToolResult{.run = 3, .ok = false, .text = "taken"}),
  });
  ASSERT_THAT(page.tools, SizeIs(1));
  EXPECT_EQ(page.tools[0].name, "book");
  EXPECT_EQ(page.tools[0].arguments, "{\"t\":9}");
  EXPECT_EQ(page.tools[0].result, "taken");
  EXPECT_FALSE(page.tools[0].ok);
  EXPECT_EQ(page.tools[0].start, 1000ms);
  EXPECT_EQ(page.tools[0].end, 1450ms);
}

TEST(CallStoryTest, TheEndIsTheLastEventAndItsReason) {
  const auto page = PageOf({
      At(9000ms, call_event::MediaClosed{.ok = true},
         {call_command::Finish{.end = CallEnd::kCallerHungUp, .detail = ""}}),
  });
  EXPECT_EQ(page.duration, 9000ms);
  EXPECT_EQ(page.outcome, "caller hung up");
  EXPECT_THAT(page.events, SizeIs(1));
}

TEST(CallStoryTest, TheTranscriptHasALineForEachByTime) {
  CallStory story;
  story.Tell(At(0ms, call_event::CallStarted{}, {Says(1, "Hello.")}));
  story.Tell(At(100ms, call_event::SpeechAudio{.utterance = 1, .start_ms = 0, .queued_ms = 500}));
  story.Tell(At(600ms, call_event::Playout{},
                {call_command::Settled{.utterance = 1, .heard = "Hello.", .heard_ms = 500}}));
  story.Tell(At(1000ms, call_event::SpeechStarted{.audio_ms = 1000}));
  story.Tell(At(2000ms, call_event::SpeechStopped{.audio_ms = 1900},
                {call_command::AppendHistory{.role = Role::kUser, .text = "Nine\no'clock"},
                 call_command::RunTool{.run = 1, .call = {.name = "book", .arguments = "{}"}}}));
  story.Tell(At(2100ms, call_event::ToolResult{.run = 1, .ok = true, .text = "done"}));
  EXPECT_EQ(story.Transcript(),
            "0:00.1    agent   Hello.\n"
            "0:01.0    caller  Nine\\no'clock\n"
            "0:02.0    tool    book {} -> done\n");
}

TEST(CallStoryTest, ASessionsEventsTellTheSameStory) {
  using Kind = SessionEvent::Kind;
  CallStory story;
  story.Tell(SessionEvent{
      .kind = Kind::kAgentSays, .at = 0s, .id = 1, .name = "greeting", .text = "Hello there."});
  story.Tell(SessionEvent{.kind = Kind::kNotice,
                          .at = 900ms,
                          .id = 1,
                          .name = std::string(Name(NoticeKind::kTurnBegan))});
  story.Tell(SessionEvent{.kind = Kind::kAgentHeard,
                          .at = 1s,
                          .id = 1,
                          .name = "greeting",
                          .text = "Hello",
                          .ok = false});
  story.Tell(SessionEvent{
      .kind = Kind::kAgentUnheard, .at = 1s, .id = 1, .name = "greeting", .text = "there."});
  story.Tell(SessionEvent{.kind = Kind::kNotice,
                          .at = 2s,
                          .id = 1,
                          .name = std::string(Name(NoticeKind::kMarkSpeechEnd))});
  story.Tell(SessionEvent{.kind = Kind::kUserSaid, .at = 2500ms, .text = "Nine."});
  EXPECT_EQ(story.latest_waterfall(), nullptr);
  story.Tell(SessionEvent{.kind = Kind::kNotice,
                          .at = 2700ms,
                          .id = 1,
                          .name = std::string(Name(NoticeKind::kMarkHeard))});
  story.Tell(SessionEvent{.kind = Kind::kEnded, .at = 3s, .name = "caller_hung_up"});
  ASSERT_NE(story.latest_waterfall(), nullptr);
  EXPECT_EQ(story.latest_waterfall()->heard, 2700ms);
  EXPECT_EQ(story.Transcript(),
            "0:00.0    agent   Hello [not heard: there.]\n"
            "0:00.9    caller  Nine.\n");
  CallPageInput page;
  story.FillPage(&page);
  EXPECT_EQ(page.outcome, "caller hung up");
  ASSERT_THAT(page.turns, SizeIs(2));
  EXPECT_EQ(page.turns[0].note, "greeting");
  EXPECT_EQ(page.turns[1].end, 2s);
}

}  // namespace
}  // namespace dragoman
