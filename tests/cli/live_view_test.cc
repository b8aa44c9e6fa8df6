#include "src/cli/live_view.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include "dragoman/agent/call_events.h"

namespace dragoman::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = SessionEvent::Kind;
using call_command::NoticeKind;

constexpr LiveViewOptions kPlain{.width = 60, .color = false, .redraw = false, .unicode = true};
constexpr LiveViewOptions kTerminal{.width = 60, .color = true, .redraw = true, .unicode = true};

SessionEvent Event(Kind kind, std::chrono::milliseconds at, std::string text, std::string name = "",
                   std::int64_t id = 0) {
  return {.kind = kind, .at = at, .id = id, .name = std::move(name), .text = std::move(text)};
}
SessionEvent Mark(NoticeKind kind, std::chrono::milliseconds at, std::int64_t turn) {
  return Event(Kind::kNotice, at, "", std::string(Name(kind)), turn);
}

TEST(LiveViewTest, EachTurnIsALineWithItsTimeAndSpeaker) {
  LiveView view(kPlain);
  EXPECT_EQ(view.Show(Event(Kind::kAgentSays, 250ms, "Good morning.", "greeting", 1)),
            "  0:00.2  agent     Good morning.\n");
  EXPECT_EQ(view.Show(Event(Kind::kUserSaid, 67'940ms, "Tuesday, please.")),
            "  1:07.9  caller    Tuesday, please.\n");
}

TEST(LiveViewTest, ALongTurnIsWrappedUnderItself) {
  LiveView view(kPlain);  // 60 columns, 40 of them for words
  EXPECT_EQ(view.Show(Event(Kind::kUserSaid, 0ms,
                            "I would like to book an appointment on Tuesday morning.")),
            "  0:00.0  caller    I would like to book an appointment on\n"
            "                    Tuesday morning.\n");
}

TEST(LiveViewTest, PartialWordsGrowInPlaceOnATerminalOnly) {
  LiveView plain(kPlain);
  EXPECT_EQ(plain.Show(Event(Kind::kUserPartial, 1s, "I would")), "");

  LiveView view({.width = 60, .color = false, .redraw = true});
  EXPECT_EQ(view.Show(Event(Kind::kUserPartial, 1s, "I would")),
            "\r\x1b[K  0:01.0  caller    I would");
  EXPECT_EQ(view.Show(Event(Kind::kUserPartial, 2s, "I would like")),
            "\r\x1b[K  0:02.0  caller    I would like");
  EXPECT_EQ(view.Show(Event(Kind::kUserSaid, 3s, "I would like Tuesday.")),
            "\r\x1b[K  0:03.0  caller    I would like Tuesday.\n");
  EXPECT_EQ(view.Show(Event(Kind::kAgentSays, 4s, "Fine.")), "  0:04.0  agent     Fine.\n");
}

TEST(LiveViewTest, APartialNeverFillsTheLastColumn) {
  LiveView view({.width = 60, .color = false, .redraw = true});
  const std::string shown = view.Show(Event(Kind::kUserPartial, 1s, std::string(200, 'x')));
  EXPECT_EQ(shown.size(), std::strlen("\r\x1b[K") + 59);
  EXPECT_THAT(shown, HasSubstr("caller    ...xxx"));
}

TEST(LiveViewTest, AnInterruptionShowsWhatWasNotHeard) {
  LiveView view(kPlain);
  EXPECT_EQ(view.Show(Event(Kind::kNotice, 5s, "no wait", std::string(Name(NoticeKind::kBargeIn)))),
            "  0:05.0  barge-in  the caller interrupts \"no wait\"\n");
  EXPECT_EQ(view.Show(Event(Kind::kAgentHeard, 5s, "I have nine", "reply", 4)), "");
  EXPECT_EQ(view.Show(Event(Kind::kAgentUnheard, 5s, "and eleven.", "reply", 4)),
            "  0:05.0            not heard: and eleven.\n");
}

TEST(LiveViewTest, AToolCallShowsItsResultAndHowLongItTook) {
  LiveView view(kPlain);
  EXPECT_EQ(view.Show(Event(Kind::kToolCalled, 1s, "{\"day\":2}", "find_slots", 7)),
            "  0:01.0  tool      find_slots {\"day\":2}\n");
  EXPECT_EQ(view.Show(Event(Kind::kToolReturned, 1420ms, "[9,10]", "find_slots", 7)),
            "  0:01.4  tool      find_slots (420 ms): [9,10]\n");
  SessionEvent failed = Event(Kind::kToolReturned, 2s, "no such day", "find_slots", 8);
  failed.ok = false;
  EXPECT_EQ(view.Show(failed), "  0:02.0  failed    find_slots: no such day\n");
}

TEST(LiveViewTest, ATurnsWaterfallAddsUpOnceItsReplyIsHeard) {
  LiveView view({.width = 100, .color = false, .redraw = false});
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkSpeechEnd, 3000ms, 1)), "");
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkEndpoint, 3400ms, 1)), "");
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkModelAsked, 3400ms, 1)), "");
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkFirstText, 3480ms, 1)), "");
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkFirstAudio, 3640ms, 1)), "");
  // 400 + 80 + 160 + 20 ms; a column is 40 ms, and what took any time has at least one.
  const std::string indent(20, ' ');
  EXPECT_EQ(
      view.Show(Mark(NoticeKind::kMarkHeard, 3660ms, 1)),
      indent +
          "answered in 660 ms pause 400 \xC2\xB7 model 80 \xC2\xB7 voice 160 \xC2\xB7 line 20\n" +
          indent +
          "\xE2\x96\x91\xE2\x96\x91\xE2\x96\x91\xE2\x96\x91\xE2\x96\x91"
          "\xE2\x96\x91\xE2\x96\x91\xE2\x96\x91\xE2\x96\x91\xE2\x96\x91"
          "\xE2\x96\x92\xE2\x96\x92\xE2\x96\x93\xE2\x96\x93\xE2\x96\x93\xE2\x96\x93"
          "\xE2\x96\x88\n");
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkHeard, 4000ms, 1)), "")
      << "only the first sound counts";
}

TEST(LiveViewTest, AModelThatWasAskedAheadIsToldSo) {
  LiveView view({.width = 100, .color = false, .redraw = false, .unicode = false});
  view.Show(Mark(NoticeKind::kMarkSpeechEnd, 3000ms, 2));
  view.Show(Mark(NoticeKind::kMarkModelAsked, 3150ms, 2));
  view.Show(Mark(NoticeKind::kMarkFirstText, 3200ms, 2));
  view.Show(Mark(NoticeKind::kMarkEndpoint, 3400ms, 2));
  view.Show(Mark(NoticeKind::kMarkFirstAudio, 3480ms, 2));
  EXPECT_EQ(view.Show(Mark(NoticeKind::kMarkHeard, 3480ms, 2)),
            std::string(20, ' ') +
                "answered in 480 ms pause 400, model 0, voice 80, line 0, asked 250 ahead\n" +
                std::string(20, ' ') + "..........vv\n");
}

TEST(LiveViewTest, AWaterfallFitsANarrowTerminal) {
  LiveView view({.width = 40, .color = false, .redraw = false, .unicode = false});
  view.Show(Mark(NoticeKind::kMarkSpeechEnd, 0ms, 1));
  view.Show(Mark(NoticeKind::kMarkEndpoint, 9000ms, 1));
  std::string shown = view.Show(Mark(NoticeKind::kMarkHeard, 9900ms, 1));
  while (!shown.empty()) {
    const std::size_t end = shown.find('\n');
    EXPECT_LE(end, 40u) << shown.substr(0, end);
    shown.erase(0, end + 1);
  }
}

TEST(LiveViewTest, WhatWasSaidCannotSteerTheTerminal) {
  LiveView view(kPlain);
  const std::string shown =
      view.Show(Event(Kind::kUserSaid, 0ms, "a\x1b[2J\x1b]0;x\x07\r\n  0:09.9  agent  forged"));
  EXPECT_EQ(
      shown,
      "  0:00.0  caller    a\xEF\xBF\xBD[2J\xEF\xBF\xBD]0;x\xEF\xBF\xBD 0:09.9 agent forged\n");
}

TEST(LiveViewTest, ColoursAreOnlyUsedWhenAskedFor) {
  LiveView plain(kPlain);
  EXPECT_THAT(plain.Show(Event(Kind::kNotice, 1s, "no", std::string(Name(NoticeKind::kBargeIn)))),
              Not(HasSubstr("\x1b")));
  LiveView view(kTerminal);
  const std::string shown =
      view.Show(Event(Kind::kNotice, 1s, "no", std::string(Name(NoticeKind::kBargeIn))));
  EXPECT_THAT(shown, HasSubstr("\x1b[1;31m"));
  EXPECT_TRUE(shown.ends_with("\x1b[0m\n"));
}

TEST(LiveViewTest, TheEndNamesItsReason) {
  LiveView view(kPlain);
  EXPECT_EQ(view.Show(Event(Kind::kEnded, 61s, "", "caller_hung_up")),
            "  1:01.0  end       caller hung up\n");
}

TEST(LiveViewOptionsTest, AFileGetsNoColoursAndTheWidthOfTheEnvironment) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const LiveViewOptions options = OptionsFor(ends[1], [](const char* name) -> const char* {
    if (std::strcmp(name, "COLUMNS") == 0) return "132";
    return std::strcmp(name, "LANG") == 0 ? "de_DE.UTF-8" : nullptr;
  });
  EXPECT_FALSE(options.color);
  EXPECT_FALSE(options.redraw);
  EXPECT_TRUE(options.unicode);
  EXPECT_EQ(options.width, 132);
  close(ends[0]);
  close(ends[1]);
}

TEST(LiveViewOptionsTest, NoColorIsRespectedOnATerminal) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  const LiveViewOptions plain = OptionsFor(terminal, [](const char* name) -> const char* {
    return std::strcmp(name, "NO_COLOR") == 0 ? "1" : nullptr;
  });
  EXPECT_FALSE(plain.color);
  EXPECT_TRUE(plain.redraw);
  EXPECT_FALSE(plain.unicode);  // no locale says so
  const LiveViewOptions dumb = OptionsFor(terminal, [](const char* name) -> const char* {
    return std::strcmp(name, "TERM") == 0 ? "dumb" : nullptr;
  });
  EXPECT_FALSE(dumb.redraw);
  EXPECT_TRUE(OptionsFor(terminal, [](const char*) -> const char* { return nullptr; }).color);
  close(terminal);
}

}  // namespace
}  // namespace dragoman::cli
