#include "dragoman/server/call_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <string>

#include "dragoman/testing/matchers.h"
#include "src/server/call_page_assets.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Sha256Base64(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return std::string(base64.begin(), base64.begin() + length);
}

std::size_t Count(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

CallPageInput SmallCall() {
  CallPageInput call;
  call.title = "A call";
  call.duration = 10s;
  call.turns = {{.party = CallPageParty::kAgent, .text = "Hello?", .start = 500ms, .end = 1500ms},
                {.party = CallPageParty::kCaller, .text = "Tuesday.", .start = 2s, .end = 3s}};
  call.audio = {"Recording", "call.wav"};
  return call;
}

// Every place of the input that takes a text.
CallPageInput EverywhereOf(const std::string& text) {
  CallPageInput call;
  call.title = call.subtitle = call.outcome = text;
  call.duration = 10s;
  call.turns = {{.party = CallPageParty::kCaller, .text = text, .note = text, .end = 1s},
                {.party = CallPageParty::kAgent, .text = text, .unheard = text, .end = 1s}};
  call.waterfalls = {{.turn = 1, .text = text}, {.turn = 2, .text = text, .speech_end = 1s}};
  call.tools = {{.name = text, .arguments = text, .result = text, .ok = false}};
  call.moments = {{1s, text, true}, {1s, text, false}};
  call.events = {{1s, text, text}};
  call.checks = {{text, false, text}};
  call.facts = {{text, text}};
  call.replay = CallPageReplay{false, 1, text};
  call.audio = {text, text};
  call.files = {{text, text}};
  return call;
}

TEST(CallPageTest, TheScriptIsTheOneThatThePolicyAllows) {
  EXPECT_EQ(kCallPageScriptHash, Sha256Base64(kCallPageScript))
      << "the script changed: set kCallPageScriptHash in src/server/call_page_assets.cc";
  const std::string page = RenderCallPage(SmallCall());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("script-src 'sha256-" + std::string(kCallPageScriptHash) + "'\""));
  EXPECT_THAT(page, HasSubstr("<script>" + std::string(kCallPageScript) + "</script>"));
}

TEST(CallPageTest, HostileTextIsShownAndNeverRun) {
  const std::string page = RenderCallPage(
      EverywhereOf("</title></style></script><script>alert(1)</script>\"'><img src=x onerror=a>"));
  EXPECT_EQ(Count(page, "<script"), 1u);
  EXPECT_EQ(Count(page, "</script"), 1u);
  EXPECT_EQ(Count(page, "</title"), 1u);
  EXPECT_EQ(Count(page, "<img"), 0u);
  EXPECT_EQ(Count(page, "alert(1)</script"), 0u);
  // Shown once for each place, attributes included: nothing is dropped either.
  EXPECT_GE(Count(page, "&lt;script&gt;alert(1)"), 20u);
}

TEST(CallPageTest, BrokenTextLeavesAWholeDocument) {
  const std::string page = RenderCallPage(EverywhereOf(std::string("\xFF\x00\xE2\x80\xAE<", 6)));
  EXPECT_EQ(page.find('\0'), std::string::npos);
  EXPECT_EQ(Count(page, "\xE2\x80\xAE"), 0u);
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST(CallPageTest, NothingIsFetchedFromElsewhere) {
  const std::string page = RenderCallPage(EverywhereOf("http://example.org/x.js"));
  EXPECT_EQ(Count(page, "src=\"http"), 0u);
  EXPECT_EQ(Count(page, "href=\"http"), 0u);
  EXPECT_EQ(Count(page, "url("), 0u);
  EXPECT_EQ(Count(page, "@import"), 0u);
  EXPECT_EQ(Count(page, "<link"), 0u);
  EXPECT_THAT(page, HasSubstr("<audio preload=\"metadata\" src=\"./x.js\">"));
}

TEST(CallPageTest, TurnsLieOnTheWaveformWhereTheyWereSaid) {
  const std::string page = RenderCallPage(SmallCall());
  EXPECT_THAT(page, HasSubstr("data-t=\"0.500\" style=\"left:5.000%;width:10.000%\""));
  EXPECT_THAT(page, HasSubstr("data-t=\"2.000\" style=\"left:20.000%;width:10.000%\""));
}

TEST(CallPageTest, TheWaveformHasNoMoreStrokesThanCanBeToldApart) {
  CallPageInput call;
  call.duration = 10s;
  call.peaks.caller.assign(4200, 0);
  call.peaks.caller[4199] = 255;  // in the last of 420 strokes: 48 of 50 up and down
  call.peaks.agent.assign(100, 0);
  const std::string page = RenderCallPage(call);
  EXPECT_THAT(page, HasSubstr("viewBox=\"0 0 840 100\"><path d=\"M1 49v2M3 49v2"));
  EXPECT_THAT(page, HasSubstr("M837 49v2M839 2v96\"/>"));
  EXPECT_THAT(page, HasSubstr("viewBox=\"0 0 200 100\""));
}

TEST(CallPageTest, TheTranscriptIsInTheOrderOfTime) {
  CallPageInput call = SmallCall();
  std::swap(call.turns[0], call.turns[1]);
  call.moments = {{1s, "Between the two", true}};
  const std::string page = RenderCallPage(call);
  const std::string talk = page.substr(page.find("<ol class=\"talk\">"));
  EXPECT_LT(talk.find("Hello?"), talk.find("Between the two"));
  EXPECT_LT(talk.find("Between the two"), talk.find("Tuesday."));
}

TEST(CallPageTest, WhatWasNotHeardIsStruckOut) {
  CallPageInput call = SmallCall();
  call.turns[0].unheard = "Are you there?";
  EXPECT_THAT(RenderCallPage(call), HasSubstr("Are you there?</del>"));
}

TEST(CallPageTest, AWaterfallAddsUpFromTheLastSoundToTheFirst) {
  CallPageInput call = SmallCall();
  call.waterfalls = {{.turn = 1,
                      .text = "Tuesday.",
                      .speech_end = 3000ms,
                      .endpoint = 3300ms,
                      .model_asked = 3310ms,
                      .first_text = 3350ms,
                      .first_audio = 3470ms,
                      .heard = 3490ms}};
  const std::string page = RenderCallPage(call);
  EXPECT_THAT(page, HasSubstr("<b>490</b></div>"));
  EXPECT_THAT(page, HasSubstr("pause <b>300</b>"));
  EXPECT_THAT(page, HasSubstr("model <b>50</b>"));
  EXPECT_THAT(page, HasSubstr("voice <b>120</b>"));
  EXPECT_THAT(page, HasSubstr("line <b>20</b>"));
  EXPECT_THAT(page, HasSubstr("class=\"pause\" style=\"width:61.224%\""));
  EXPECT_THAT(page, Not(HasSubstr("ms ahead")));
}

TEST(CallPageTest, AModelThatWasAskedAheadTakesNoTimeOfItsOwn) {
  CallPageInput call = SmallCall();
  call.waterfalls = {{.turn = 1,
                      .text = "Tuesday.",
                      .speech_end = 3000ms,
                      .endpoint = 3300ms,
                      .model_asked = 3150ms,
                      .first_text = 3200ms,
                      .first_audio = 3340ms,
                      .heard = 3360ms}};
  const std::string page = RenderCallPage(call);
  EXPECT_THAT(page, HasSubstr("model <b>0</b>"));
  EXPECT_THAT(page, HasSubstr("voice <b>40</b>"));
  EXPECT_THAT(page, HasSubstr("asked 150 ms ahead"));
}

TEST(CallPageTest, ATurnThatWasNotAnsweredHasNoResponseTime) {
  CallPageInput call = SmallCall();
  call.waterfalls = {{.turn = 1, .text = "Tuesday.", .speech_end = 3s, .endpoint = 3300ms}};
  const std::string page = RenderCallPage(call);
  EXPECT_THAT(page, HasSubstr("pause <b>300</b>"));
  EXPECT_THAT(page, Not(HasSubstr("model <b>")));
  EXPECT_THAT(page, HasSubstr("Median response</dt><dd>\xE2\x80\x94</dd>"));
}

TEST(CallPageTest, TheReplaysVerdictIsTold) {
  CallPageInput call = SmallCall();
  EXPECT_THAT(RenderCallPage(call), Not(HasSubstr("class=\"verdict")));
  call.replay = CallPageReplay{true, 412, ""};
  EXPECT_THAT(RenderCallPage(call), HasSubstr("<b>Replay identical</b><span>412 commands"));
  call.replay = CallPageReplay{false, 3, "event 41: speak.text"};
  EXPECT_THAT(RenderCallPage(call), HasSubstr("<b>Replay differs</b><span>event 41: speak.text"));
}

TEST(CallPageTest, AnEmptyCallIsStillAPage) {
  const std::string page = RenderCallPage({});
  EXPECT_THAT(page, HasSubstr("Nobody said anything."));
  EXPECT_THAT(page, Not(HasSubstr("<audio")));
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST(CallPageTest, TheSameCallGivesTheSameBytes) {
  EXPECT_EQ(RenderCallPage(SmallCall()), RenderCallPage(SmallCall()));
}

TEST(CallPagePeaksTest, EachBucketHasItsLoudestSample) {
  // Left: 0, -16384, 100, 32767, -32768, 0. Right: 0, 0, 3213, 0, 0, 0. Two frames a bucket.
  const WavAudio wav{.channels = 2,
                     .sample_rate_hz = 8000,
                     .samples = {0, 0, -16384, 0, 100, 3213, 32767, 0, -32768, 0, 0, 0}};
  const auto peaks = MakeCallPagePeaks(wav, 3);
  ASSERT_THAT(peaks, IsOk());
  EXPECT_THAT(peaks->caller, ElementsAre(127, 255, 255));
  EXPECT_THAT(peaks->agent, ElementsAre(0, 25, 0));
}

TEST(CallPagePeaksTest, AMonoRecordingIsTheCallersAndAShortOneHasFewerBuckets) {
  const WavAudio wav{.channels = 1, .sample_rate_hz = 8000, .samples = {32767, -32767}};
  const auto peaks = MakeCallPagePeaks(wav, 100);
  ASSERT_THAT(peaks, IsOk());
  EXPECT_THAT(peaks->caller, ElementsAre(255, 255));
  EXPECT_THAT(peaks->agent, ElementsAre(0, 0));
}

TEST(CallPagePeaksTest, WhatIsNoRecordingIsRefused) {
  const WavAudio wav{.channels = 1, .sample_rate_hz = 8000, .samples = {1}};
  EXPECT_THAT(MakeCallPagePeaks(wav, 0), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeCallPagePeaks(wav, 100'001), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeCallPagePeaks({}, 10), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeCallPagePeaks({.channels = 3, .samples = {1, 2, 3}}, 10),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace dragoman
