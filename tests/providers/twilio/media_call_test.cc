#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/testing/manual_executor.h"
#include "tests/providers/twilio/fake_carrier.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

class RecordingLog : public LogSink {
 public:
  std::vector<std::string> lines;

 protected:
  void WriteLine(LogLevel, std::string_view, std::string_view line) override {
    lines.emplace_back(line);
  }
};

class Agent : public CallAgent {
 public:
  void Accept(std::unique_ptr<Call> accepted) override {
    ++accepts;
    call = std::move(accepted);
    if (refuse) {
      call.reset();
    } else if (start) {
      StartMedia();
    }
  }
  void StartMedia() {
    call->media()->Start(
        {.on_audio =
             [this](const PcmFrame& frame) {
               audio.insert(audio.end(), frame.samples.begin(), frame.samples.end());
               if (drop_at_audio) call.reset();
             },
         .on_dtmf = [this](char digit) { digits += digit; },
         .on_playout = [this](PlayoutPosition at) { playout.push_back(at); },
         .on_closed = [this](absl::Status status) { closed.push_back(std::move(status)); }});
  }

  std::unique_ptr<Call> call;
  bool start = true;
  bool refuse = false;
  bool drop_at_audio = false;
  int accepts = 0;
  std::vector<std::int16_t> audio;
  std::string digits;
  std::vector<PlayoutPosition> playout;
  std::vector<absl::Status> closed;
};

class TwilioMediaTest : public ::testing::Test {
 protected:
  void SetUp() override { Make({}); }

  void Make(TwilioMediaOptions options, PipeOptions pipe_options = {}) {
    carrier_.reset();
    agent_.call.reset();
    acceptor_ =
        *MakeTwilioMediaAcceptor(options, {.executor = &executor_, .agent = &agent_, .log = &log_});
    carrier_ = Dial(std::move(pipe_options));
  }
  std::unique_ptr<FakeTwilioCarrier> Dial(PipeOptions pipe_options = {}) {
    WebSocketPipe pipe = MakeWebSocketPipe(executor_, std::move(pipe_options));
    acceptor_->Accept(std::move(pipe.a));
    return std::make_unique<FakeTwilioCarrier>(executor_, std::move(pipe.b));
  }
  void Connect() {
    carrier_->Connect();
    executor_.RunFor(1ms);
    ASSERT_NE(agent_.call, nullptr);
  }
  MediaStream& media() { return *agent_.call->media(); }

  absl::Status Play(milliseconds duration, std::int16_t level = 1000) {
    std::vector<std::int16_t> samples(static_cast<size_t>(duration.count()) * 8, level);
    return media().Play({samples, 8000});
  }
  std::vector<TwilioEvent> Events() {
    std::vector<TwilioEvent> events;
    for (const auto& one : carrier_->received) events.push_back(one.event);
    return events;
  }
  std::vector<std::size_t> MediaSizes() {
    std::vector<std::size_t> sizes;
    for (const auto& one : carrier_->received) {
      if (one.event == TwilioEvent::kMedia) sizes.push_back(one.bytes);
    }
    return sizes;
  }

  ManualExecutor executor_;
  RecordingLog log_;
  Agent agent_;
  std::unique_ptr<TwilioMediaAcceptor> acceptor_;
  std::unique_ptr<FakeTwilioCarrier> carrier_;
};

// ---- how a call begins

TEST_F(TwilioMediaTest, ConnectedAndStartMakeACallWithItsParameters) {
  Connect();
  const CallInfo& info = agent_.call->info();
  EXPECT_EQ(info.id, "CA1");
  EXPECT_EQ(info.carrier, "twilio");
  EXPECT_EQ(info.from, "+15550100");
  EXPECT_EQ(info.parameters.at("tenant"), "acme");
  EXPECT_EQ(info.parameters.at("streamSid"), "MZ1");
  EXPECT_EQ(media().sample_rate_hz(), 8000);
  EXPECT_EQ(acceptor_->pending(), 0);
}

TEST_F(TwilioMediaTest, ACallerThatConnectsAndSaysNothingIsClosedAfterFiveSeconds) {
  executor_.RunFor(4999ms);
  EXPECT_EQ(acceptor_->pending(), 1);
  EXPECT_FALSE(carrier_->closed);
  executor_.RunFor(2ms);
  EXPECT_EQ(acceptor_->pending(), 0);
  EXPECT_EQ(carrier_->closed, 1008);
  EXPECT_THAT(carrier_->close_reason, HasSubstr("no start message within 5000 ms"));
  EXPECT_EQ(agent_.accepts, 0);
}

TEST_F(TwilioMediaTest, SayingOnlyConnectedDoesNotBuyMoreTime) {
  executor_.RunFor(4s);
  carrier_->Send(R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
  executor_.RunFor(1001ms);
  EXPECT_EQ(carrier_->closed, 1008);
}

TEST_F(TwilioMediaTest, EventsOutOfOrderAtTheBeginningCloseWithTheReason) {
  struct Case {
    std::vector<std::string> messages;
    int code;
    std::string reason;
  };
  const std::string connected = R"({"event":"connected","protocol":"Call","version":"1.0.0"})";
  const std::string media =
      R"({"event":"media","streamSid":"MZ1","media":{"timestamp":"0","payload":""}})";
  const std::string start_wav =
      R"({"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","mediaFormat":)"
      R"({"encoding":"audio/wav","sampleRate":8000,"channels":1}}})";
  const Case cases[] = {
      {{media}, 1002, "twilio: media before connected"},
      {{connected, media}, 1002, "twilio: media before start"},
      {{connected, connected}, 1002, "twilio: connected before start"},
      {{R"({"event":"connected","protocol":"Fax"})"}, 1003, "protocol is \"Fax\""},
      {{connected, start_wav}, 1003, "media format is audio/wav"},
  };
  for (const Case& one : cases) {
    auto carrier = Dial();
    for (const std::string& message : one.messages) carrier->Send(message);
    executor_.RunFor(10ms);
    EXPECT_EQ(carrier->closed, one.code) << one.reason;
    EXPECT_THAT(carrier->close_reason, HasSubstr(one.reason));
  }
  EXPECT_EQ(agent_.accepts, 0);
}

TEST_F(TwilioMediaTest, MoreSilentSocketsThanAllowedAreTurnedAwayAndTheCallGoesOn) {
  Make({.max_pending = 2});
  Connect();
  auto first = Dial();
  auto second = Dial();
  auto third = Dial();
  executor_.RunFor(10ms);
  EXPECT_EQ(third->closed, 1013);
  EXPECT_EQ(acceptor_->pending(), 2);
  carrier_->Dtmf('7');
  executor_.RunFor(10ms);
  EXPECT_EQ(agent_.digits, "7");
}

TEST_F(TwilioMediaTest, AnAgentThatDestroysTheCallRefusesIt) {
  agent_.refuse = true;
  carrier_->Connect();
  executor_.RunFor(10ms);
  EXPECT_EQ(carrier_->closed, 1000);
}

TEST_F(TwilioMediaTest, WhatArrivesBeforeStartIsHeldAndDeliveredInOrder) {
  agent_.start = false;
  Connect();
  carrier_->Media(0, std::vector<std::uint8_t>(160, 0x80));
  carrier_->Dtmf('1');
  carrier_->Stop();
  executor_.RunFor(10ms);
  EXPECT_THAT(agent_.audio, IsEmpty());
  agent_.StartMedia();
  EXPECT_THAT(agent_.audio, IsEmpty());
  executor_.RunFor(10ms);
  EXPECT_THAT(agent_.audio, SizeIs(160));
  EXPECT_EQ(agent_.digits, "1");
  EXPECT_THAT(agent_.closed, ElementsAre(absl::OkStatus()));
}

TEST_F(TwilioMediaTest, ASocketLostBeforeStartIsReportedAfterIt) {
  agent_.start = false;
  Connect();
  carrier_->Drop();
  executor_.RunFor(10ms);
  agent_.StartMedia();
  executor_.RunFor(10ms);
  ASSERT_THAT(agent_.closed, SizeIs(1));
  EXPECT_EQ(agent_.closed[0].code(), absl::StatusCode::kUnavailable);
}

// ---- inbound

TEST_F(TwilioMediaTest, MediaBecomesPcmAndTheOutboundTrackIsLeftOut) {
  Connect();
  carrier_->Media(0, std::vector<std::uint8_t>(160, 0x80));
  carrier_->Media(0, std::vector<std::uint8_t>(160, 0x00), TwilioTrack::kOutbound);
  carrier_->Media(20, std::vector<std::uint8_t>(160, kMulawSilence));
  executor_.RunFor(1ms);
  ASSERT_THAT(agent_.audio, SizeIs(320));
  EXPECT_EQ(agent_.audio.front(), 32124);
  EXPECT_EQ(agent_.audio.back(), 0);
}

TEST_F(TwilioMediaTest, StopDeliversTheRestEndsTheStreamAndClosesTheSocket) {
  Connect();
  carrier_->Media(0, std::vector<std::uint8_t>(200, 0x80));
  carrier_->Stop();
  executor_.RunFor(10ms);
  EXPECT_THAT(agent_.audio, SizeIs(200));
  EXPECT_THAT(agent_.closed, ElementsAre(absl::OkStatus()));
  EXPECT_EQ(carrier_->closed, 1000);
  EXPECT_EQ(Play(20ms).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(TwilioMediaTest, ALostSocketEndsTheCallAsUnavailable) {
  Connect();
  carrier_->Drop();
  executor_.RunFor(10ms);
  ASSERT_THAT(agent_.closed, SizeIs(1));
  EXPECT_EQ(agent_.closed[0].code(), absl::StatusCode::kUnavailable);
}

TEST_F(TwilioMediaTest, BadMessagesAreIgnoredAndLoggedUntilThereAreTooMany) {
  Make({.max_bad_messages = 5});
  Connect();
  const std::string bad[] = {
      "not json",
      R"({"event":"media","streamSid":"MZ2","media":{"timestamp":"0","payload":"/w=="}})",
      R"({"event":"media","streamSid":"MZ1","media":{"timestamp":0,"payload":"/w=="}})",
      R"({"event":"connected","protocol":"Call"})",
      R"({"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","mediaFormat":)"
      R"({"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}})"};
  for (const std::string& message : bad) carrier_->Send(message);
  carrier_->Send(R"({"event":"weather"})");  // unknown, not bad
  carrier_->Dtmf('9');
  executor_.RunFor(10ms);
  EXPECT_EQ(agent_.digits, "9");
  EXPECT_THAT(log_.lines, ElementsAre(HasSubstr("not JSON at byte"),
                                      HasSubstr("media for stream \"MZ2\"; this one is MZ1"),
                                      HasSubstr("media.timestamp is a number"),
                                      HasSubstr("second connected in one stream"),
                                      HasSubstr("second start in one stream")));
  EXPECT_THAT(agent_.closed, IsEmpty());
  EXPECT_EQ(agent_.accepts, 1);
  carrier_->Send("[]");
  executor_.RunFor(10ms);
  ASSERT_THAT(agent_.closed, SizeIs(1));
  EXPECT_EQ(agent_.closed[0].code(), absl::StatusCode::kInternal);
  EXPECT_EQ(carrier_->closed, 1008);
}

TEST_F(TwilioMediaTest, ABinaryFrameClosesTheCall) {
  Connect();
  ASSERT_TRUE(carrier_->socket().SendBinary("x").ok());
  executor_.RunFor(10ms);
  EXPECT_EQ(carrier_->closed, 1003);
  EXPECT_THAT(agent_.closed, SizeIs(1));
}

TEST_F(TwilioMediaTest, ACallMayBeDestroyedInsideItsOwnCallback) {
  agent_.drop_at_audio = true;
  Connect();
  carrier_->Media(0, std::vector<std::uint8_t>(8'000, 0x80));
  executor_.RunFor(10ms);
  EXPECT_THAT(agent_.audio, SizeIs(160));
  EXPECT_THAT(agent_.closed, IsEmpty());
  EXPECT_EQ(carrier_->closed, 1000);
}

// ---- outbound

TEST_F(TwilioMediaTest, FramesPlayedTogetherShareMessagesOf200Ms) {
  Connect();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Play(20ms).ok());
  media().FlushPlay();
  executor_.RunUntilIdle();
  EXPECT_THAT(MediaSizes(), ElementsAre(1600, 1600));  // 400 ms ahead, then wait
  executor_.RunFor(2s);
  EXPECT_THAT(MediaSizes(), ElementsAre(1600, 1600, 1600, 1600, 1600));
  EXPECT_EQ(carrier_->Heard(), 8'000);
}

TEST_F(TwilioMediaTest, NeverMoreThan600MsWaitAtTheCarrierAndItNeverRunsDry) {
  Connect();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Play(1s).ok());
  media().FlushPlay();
  for (int i = 0; i < 945; ++i) {
    executor_.RunFor(10ms);
    ASSERT_LE(carrier_->Buffered(), 600ms);
    ASSERT_GT(carrier_->Buffered(), 0ms) << "after " << i * 10 << " ms";
  }
  EXPECT_THAT(MediaSizes(), Each(1600));
}

TEST_F(TwilioMediaTest, AudioAsSlowAsItIsHeardStillFlowsInTime) {
  Connect();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Play(20ms).ok());
    executor_.RunFor(20ms);
  }
  media().FlushPlay();
  executor_.RunFor(1s);
  EXPECT_EQ(carrier_->Heard(), 16'000);
}

TEST_F(TwilioMediaTest, AShortUtteranceGoesOutAtFlushWithItsMark) {
  Connect();
  ASSERT_TRUE(Play(20ms).ok());
  media().FlushPlay();
  executor_.RunUntilIdle();
  EXPECT_THAT(Events(), ElementsAre(TwilioEvent::kMedia, TwilioEvent::kMark));
  executor_.RunFor(19ms);
  EXPECT_THAT(agent_.playout, IsEmpty());
  executor_.RunFor(1ms);
  EXPECT_THAT(agent_.playout, ElementsAre(PlayoutPosition{20ms, true}));
}

TEST_F(TwilioMediaTest, MarksTellWhatWasHeardWhileItPlays) {
  Connect();
  ASSERT_TRUE(Play(2s).ok());
  media().FlushPlay();
  EXPECT_EQ(media().sent(), 2s);
  executor_.RunFor(450ms);
  EXPECT_THAT(agent_.playout, ElementsAre(PlayoutPosition{400ms, true}));
  EXPECT_EQ(media().position(), (PlayoutPosition{450ms, false}));  // modelled between marks
  executor_.RunFor(2s);
  EXPECT_THAT(agent_.playout,
              ElementsAre(PlayoutPosition{400ms, true}, PlayoutPosition{800ms, true},
                          PlayoutPosition{1200ms, true}, PlayoutPosition{1600ms, true},
                          PlayoutPosition{2s, true}));
  EXPECT_EQ(media().position(), (PlayoutPosition{2s, true}));
}

TEST_F(TwilioMediaTest, TheEndIsReportedEvenWithoutFlush) {
  Connect();
  ASSERT_TRUE(Play(300ms).ok());
  executor_.RunFor(1s);
  EXPECT_THAT(agent_.playout, ElementsAre(PlayoutPosition{300ms, true}));
}

TEST_F(TwilioMediaTest, ALastHalfMillisecondGetsItsMarkAndTheTimerComesToRest) {
  Connect();
  ASSERT_TRUE(Play(100ms).ok());
  media().FlushPlay();
  executor_.RunFor(1s);
  const std::vector<std::int16_t> half(4, 1000);
  ASSERT_TRUE(media().Play({half, 8000}).ok());
  executor_.RunFor(1s);  // with a timer that is due again and again at the same time: for ever
  EXPECT_THAT(agent_.playout,
              ElementsAre(PlayoutPosition{100ms, true}, PlayoutPosition{100ms, true}));
}

TEST_F(TwilioMediaTest, AMarkThatNeverComesBackIsReplacedByTheModel) {
  Connect();
  carrier_->echo_marks = false;
  ASSERT_TRUE(Play(300ms).ok());
  media().FlushPlay();
  executor_.RunFor(2200ms);
  EXPECT_THAT(agent_.playout, IsEmpty());
  executor_.RunFor(200ms);
  EXPECT_THAT(agent_.playout, ElementsAre(PlayoutPosition{300ms, false}));
  executor_.RunFor(60s);
  EXPECT_THAT(agent_.playout, SizeIs(1));
}

TEST_F(TwilioMediaTest, ClearStopsAtOnceAndCountsOnlyWhatWasHeard) {
  Connect();
  ASSERT_TRUE(Play(5s).ok());
  media().FlushPlay();
  executor_.RunFor(1'100ms);
  media().Clear();
  EXPECT_EQ(media().sent(), 1'100ms);
  EXPECT_EQ(media().position().position, 1'100ms);
  executor_.RunFor(5s);
  EXPECT_EQ(carrier_->Heard(), 1'100 * 8);
  EXPECT_EQ(carrier_->received.back().event, TwilioEvent::kClear);
  // Twilio returned the marks of what was never heard: they count for nothing.
  EXPECT_THAT(agent_.playout,
              ElementsAre(PlayoutPosition{400ms, true}, PlayoutPosition{800ms, true}));
  EXPECT_EQ(media().position().position, 1'100ms);
  EXPECT_EQ(media().sent(), 1'100ms);
}

TEST_F(TwilioMediaTest, WhatIsPlayedAfterClearFollowsOnTheTimeLineOfWhatWasHeard) {
  Connect();
  ASSERT_TRUE(Play(5s, 1000).ok());
  executor_.RunFor(300ms);
  media().Clear();
  ASSERT_TRUE(Play(200ms, -1000).ok());
  media().FlushPlay();
  EXPECT_EQ(media().sent(), 500ms);
  executor_.RunFor(1s);
  EXPECT_EQ(carrier_->Heard(), 500 * 8);
  EXPECT_EQ(carrier_->heard[300 * 8 - 1], EncodeMulaw(std::int16_t{1000}));
  EXPECT_EQ(carrier_->heard[300 * 8], EncodeMulaw(std::int16_t{-1000}));
  EXPECT_EQ(agent_.playout.back(), (PlayoutPosition{500ms, true}));
}

TEST_F(TwilioMediaTest, WithDelayOnTheLineAMarkThatCrossesAClearIsNotTakenForHeard) {
  Make({}, {.a_to_b = {.delay = 80ms}, .b_to_a = {.delay = 80ms}});
  carrier_->Connect();
  executor_.RunFor(200ms);
  ASSERT_TRUE(Play(5s).ok());
  executor_.RunFor(500ms);  // the carrier has played 420 ms; its mark at 400 ms is under way
  media().Clear();
  const auto heard = media().position().position;
  executor_.RunFor(2s);
  EXPECT_EQ(heard, 500ms);
  EXPECT_THAT(agent_.playout, IsEmpty());
  EXPECT_EQ(media().position().position, heard);
  EXPECT_EQ(media().sent(), heard);
}

TEST_F(TwilioMediaTest, ClearWithNothingOutThereSendsNothing) {
  Connect();
  media().Clear();
  ASSERT_TRUE(Play(100ms).ok());
  media().FlushPlay();
  executor_.RunFor(1s);
  media().Clear();
  executor_.RunFor(1s);
  EXPECT_THAT(Events(), ElementsAre(TwilioEvent::kMedia, TwilioEvent::kMark));
}

TEST_F(TwilioMediaTest, AudioClearedBeforeItWasSentNeverLeaves) {
  Connect();
  ASSERT_TRUE(Play(100ms).ok());
  media().Clear();
  executor_.RunFor(1s);
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_EQ(media().sent(), 0ms);
}

TEST_F(TwilioMediaTest, FiftyBargeInsASecondStayExact) {
  Connect();
  milliseconds heard{0};
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(Play(1s).ok());
    executor_.RunFor(20ms);
    heard += 20ms;
    media().Clear();
    ASSERT_EQ(media().sent(), heard);
  }
  executor_.RunFor(1s);
  EXPECT_EQ(carrier_->Heard(), heard.count() * 8);
}

TEST_F(TwilioMediaTest, EachUtteranceOfAQueueGetsItsOwnMark) {
  Connect();
  ASSERT_TRUE(Play(150ms).ok());
  media().FlushPlay();
  media().FlushPlay();  // nothing new: no second mark
  ASSERT_TRUE(Play(150ms).ok());
  media().FlushPlay();
  executor_.RunFor(1s);
  EXPECT_THAT(Events(), ElementsAre(TwilioEvent::kMedia, TwilioEvent::kMark, TwilioEvent::kMedia,
                                    TwilioEvent::kMark));
  EXPECT_THAT(agent_.playout,
              ElementsAre(PlayoutPosition{150ms, true}, PlayoutPosition{300ms, true}));
}

TEST_F(TwilioMediaTest, MoreThanTheQueueHoldsIsRefusedAndNothingTaken) {
  Make({.max_queued = 1s});
  Connect();
  EXPECT_TRUE(Play(900ms).ok());
  absl::Status refused = Play(200ms);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("expected at most 1000 ms"));
  EXPECT_EQ(media().sent(), 900ms);
}

TEST_F(TwilioMediaTest, AnotherSampleRateAndDtmfAreRefused) {
  Connect();
  std::vector<std::int16_t> samples(320);
  EXPECT_EQ(media().Play({samples, 16000}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(media().SendDtmf("1").code(), absl::StatusCode::kUnimplemented);
}

TEST_F(TwilioMediaTest, ForeignAndRepeatedMarksAreIgnored) {
  Connect();
  ASSERT_TRUE(Play(100ms).ok());
  media().FlushPlay();
  for (const char* name : {"utt-7", "", "999", "-1", "1x"}) carrier_->Mark(name);
  executor_.RunFor(1s);
  carrier_->Mark("1");
  executor_.RunFor(1s);
  EXPECT_THAT(agent_.playout, ElementsAre(PlayoutPosition{100ms, true}));
  EXPECT_THAT(agent_.closed, IsEmpty());
}

TEST_F(TwilioMediaTest, ACarrierThatStopsReadingEndsTheCallAsExhausted) {
  Make({.ahead = 5s}, {.a_to_b = {.delay = 1h, .max_queued_bytes = 20'000}});
  carrier_->Connect();
  executor_.RunFor(1ms);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Play(1s).ok());
  executor_.RunFor(1s);
  ASSERT_THAT(agent_.closed, SizeIs(1));
  EXPECT_EQ(agent_.closed[0].code(), absl::StatusCode::kResourceExhausted);
}

// ---- how a call ends

TEST_F(TwilioMediaTest, HangUpClosesOnceAndReportsFromATaskOfItsOwn) {
  Connect();
  ASSERT_TRUE(Play(5s).ok());
  executor_.RunFor(100ms);
  agent_.call->HangUp();
  agent_.call->HangUp();
  EXPECT_THAT(agent_.closed, IsEmpty());
  executor_.RunFor(1s);
  EXPECT_THAT(agent_.closed, ElementsAre(absl::OkStatus()));
  EXPECT_EQ(carrier_->closed, 1000);
  EXPECT_EQ(media().sent(), media().position().position);
}

TEST_F(TwilioMediaTest, OneCallThatMisbehavesLeavesTheOthersAlone) {
  Connect();
  std::unique_ptr<Call> good = std::move(agent_.call);
  auto hostile = Dial();
  hostile->Connect();
  executor_.RunFor(1ms);
  for (int i = 0; i < 100; ++i) hostile->Send("{");
  ASSERT_TRUE(good->media()->Play({std::vector<std::int16_t>(800), 8000}).ok());
  carrier_->Dtmf('3');
  executor_.RunFor(1s);
  EXPECT_EQ(hostile->closed, 1008);
  EXPECT_FALSE(carrier_->closed);
  EXPECT_EQ(agent_.digits, "3");
  EXPECT_EQ(carrier_->Heard(), 800);
}

TEST(TwilioMediaOptionsTest, ValidateNamesTheFieldAndItsRange) {
  ManualExecutor executor;
  Agent agent;
  auto refused = MakeTwilioMediaAcceptor({.merge_at_least = 200ms, .merge_at_most = 100ms},
                                         {.executor = &executor, .agent = &agent});
  EXPECT_EQ(MessageOf(refused.status()), "merge_at_most is 100 ms; expected 200 to 1000 ms");
  EXPECT_TRUE(TwilioMediaOptions().Validate().ok());
}

}  // namespace
}  // namespace dragoman
