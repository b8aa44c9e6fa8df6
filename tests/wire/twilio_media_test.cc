#include "src/wire/twilio_media.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"
#include "tests/wire/examples.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr std::string_view kStreamSid = "MZ0123456789abcdef0123456789abcdef";
constexpr std::string_view kCallSid = "CA0123456789abcdef0123456789abcdef";
constexpr std::string_view kAccountSid = "AC0123456789abcdef0123456789abcdef";

using Sender = TwilioMediaDecoder::Sender;

TwilioMessage MustDecode(TwilioMediaDecoder& decoder, std::string_view text) {
  TwilioMessage message;
  absl::Status status = decoder.Decode(text, message);
  EXPECT_TRUE(status.ok()) << status << " for " << text;
  return message;
}

std::string Refusal(std::string_view text, Sender sender = Sender::kTwilio) {
  TwilioMediaDecoder decoder(sender);
  TwilioMessage message;
  absl::Status status = decoder.Decode(text, message);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(MessageOf(status));
}

std::string Base64Of(const TwilioMessage& message) {
  return EncodeBase64(std::string_view(reinterpret_cast<const char*>(message.payload.data()),
                                       message.payload.size()));
}

std::vector<std::uint8_t> Bytes(std::string_view base64) {
  std::string bytes = DecodeBase64(base64).value();
  return {bytes.begin(), bytes.end()};
}

TwilioStart ExampleStart() {
  return {.account_sid = std::string(kAccountSid),
          .stream_sid = std::string(kStreamSid),
          .call_sid = std::string(kCallSid),
          .custom_parameters = {{"tenant", "acme"}, {"callId", "c-42"}}};
}

// ---- the published examples, decoded

TEST(TwilioMediaDecoderTest, DecodesTheExampleOfConnected) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(decoder, WireExample("media-connected.json"));
  EXPECT_EQ(message.event, TwilioEvent::kConnected);
  EXPECT_EQ(message.protocol, "Call");
  EXPECT_EQ(message.version, "1.0.0");
}

TEST(TwilioMediaDecoderTest, DecodesTheExampleOfStart) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(decoder, WireExample("media-start.json"));
  EXPECT_EQ(message.event, TwilioEvent::kStart);
  EXPECT_EQ(message.sequence_number, 1u);
  EXPECT_EQ(message.start, ExampleStart());
  EXPECT_THAT(message.start.custom_parameters,
              ElementsAre(Pair("tenant", "acme"), Pair("callId", "c-42")));
}

TEST(TwilioMediaDecoderTest, DecodesTheExampleOfMedia) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(decoder, WireExample("media-media.json"));
  EXPECT_EQ(message.event, TwilioEvent::kMedia);
  EXPECT_EQ(message.sequence_number, 3u);
  EXPECT_EQ(message.stream_sid, kStreamSid);
  EXPECT_EQ(message.track, TwilioTrack::kInbound);
  EXPECT_EQ(message.chunk, 2u);
  EXPECT_EQ(message.timestamp_ms, 20u);
  EXPECT_EQ(message.payload.size(), 160u);
  EXPECT_EQ(Base64Of(message),
            ReadExample("media-media.json")["media"]["payload"].get<std::string>());
}

TEST(TwilioMediaDecoderTest, DecodesTheExampleOfTheOutboundTrack) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(decoder, WireExample("media-media-outbound-track.json"));
  EXPECT_EQ(message.track, TwilioTrack::kOutbound);
  EXPECT_EQ(std::vector<std::uint8_t>(message.payload.begin(), message.payload.end()),
            std::vector<std::uint8_t>(160, 0xff));
}

TEST(TwilioMediaDecoderTest, DecodesTheExamplesOfDtmfMarkAndStop) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(decoder, WireExample("media-dtmf.json"));
  EXPECT_EQ(message.event, TwilioEvent::kDtmf);
  EXPECT_EQ(message.digit, '5');
  EXPECT_EQ(message.sequence_number, 57u);
  message = MustDecode(decoder, WireExample("media-mark-from-twilio.json"));
  EXPECT_EQ(message.event, TwilioEvent::kMark);
  EXPECT_EQ(message.mark, "utt-7-end");
  message = MustDecode(decoder, WireExample("media-stop.json"));
  EXPECT_EQ(message.event, TwilioEvent::kStop);
  EXPECT_EQ(message.start.call_sid, kCallSid);
  EXPECT_EQ(message.start.account_sid, kAccountSid);
}

TEST(TwilioMediaDecoderTest, DecodesTheExamplesTowardsTwilio) {
  TwilioMediaDecoder decoder(Sender::kApplication);
  TwilioMessage message = MustDecode(decoder, WireExample("media-to-twilio-media.json"));
  EXPECT_EQ(message.event, TwilioEvent::kMedia);
  EXPECT_EQ(message.stream_sid, kStreamSid);
  EXPECT_EQ(Base64Of(message),
            ReadExample("media-to-twilio-media.json")["media"]["payload"].get<std::string>());
  message = MustDecode(decoder, WireExample("media-to-twilio-mark.json"));
  EXPECT_EQ(message.event, TwilioEvent::kMark);
  EXPECT_EQ(message.mark, "utt-7-end");
  EXPECT_EQ(MustDecode(decoder, WireExample("media-to-twilio-clear.json")).event,
            TwilioEvent::kClear);
}

TEST(TwilioMediaDecoderTest, DecodesEachMessageOfTheExampleSession) {
  TwilioMediaDecoder in(Sender::kTwilio);
  TwilioMediaDecoder out(Sender::kApplication);
  int messages = 0;
  const nlohmann::ordered_json script = ReadExample("media-session-script.json");
  for (const auto& step : script["messages"]) {
    MustDecode(step["dir"] == "in" ? in : out, step["msg"].dump());
    ++messages;
  }
  EXPECT_EQ(messages, 13);
}

// ---- the published examples, encoded

TEST(TwilioApplicationEncoderTest, EncodesTheExamplesByteForByte) {
  TwilioApplicationEncoder encoder(kStreamSid);
  std::string out;
  encoder.Media(
      Bytes(ReadExample("media-to-twilio-media.json")["media"]["payload"].get<std::string>()), out);
  EXPECT_EQ(out, WireExample("media-to-twilio-media.json"));
  encoder.Mark("utt-7-end", out);
  EXPECT_EQ(out, WireExample("media-to-twilio-mark.json"));
  encoder.Clear(out);
  EXPECT_EQ(out, WireExample("media-to-twilio-clear.json"));
}

TEST(TwilioCarrierEncoderTest, EncodesTheExamplesByteForByte) {
  TwilioCarrierEncoder encoder(ExampleStart());
  std::string out;
  encoder.Connected(out);
  EXPECT_EQ(out, WireExample("media-connected.json"));
  encoder.Start(out);
  EXPECT_EQ(out, WireExample("media-start.json"));

  encoder.SetNextNumbers(3, 2);
  encoder.Media(TwilioTrack::kInbound, 20,
                Bytes(ReadExample("media-media.json")["media"]["payload"].get<std::string>()), out);
  EXPECT_EQ(out, WireExample("media-media.json"));
  encoder.SetNextNumbers(4, 2);
  encoder.Media(TwilioTrack::kOutbound, 20, std::vector<std::uint8_t>(160, 0xff), out);
  EXPECT_EQ(out, WireExample("media-media-outbound-track.json"));
  encoder.SetNextNumbers(57, 1);
  encoder.Dtmf('5', out);
  EXPECT_EQ(out, WireExample("media-dtmf.json"));
  encoder.SetNextNumbers(80, 1);
  encoder.Mark("utt-7-end", out);
  EXPECT_EQ(out, WireExample("media-mark-from-twilio.json"));
  encoder.SetNextNumbers(951, 1);
  encoder.Stop(out);
  EXPECT_EQ(out, WireExample("media-stop.json"));
}

TEST(TwilioCarrierEncoderTest, CountsSequenceNumbersOverAllMessagesAndChunksPerTrack) {
  TwilioCarrierEncoder encoder(ExampleStart());
  TwilioMediaDecoder decoder(Sender::kTwilio);
  std::string out;
  encoder.Start(out);
  const std::vector<std::uint8_t> frame(160, 0x7e);
  encoder.Media(TwilioTrack::kInbound, 0, frame, out);
  TwilioMessage first = MustDecode(decoder, out);
  encoder.Dtmf('#', out);
  encoder.Media(TwilioTrack::kOutbound, 0, frame, out);
  TwilioMessage other_track = MustDecode(decoder, out);
  encoder.Media(TwilioTrack::kInbound, 20, frame, out);
  TwilioMessage second = MustDecode(decoder, out);
  EXPECT_EQ(first.sequence_number, 2u);
  EXPECT_EQ(first.chunk, 1u);
  EXPECT_EQ(other_track.sequence_number, 4u);
  EXPECT_EQ(other_track.chunk, 1u);
  EXPECT_EQ(second.sequence_number, 5u);
  EXPECT_EQ(second.chunk, 2u);
}

TEST(TwilioCarrierEncoderTest, NamesWithQuotesAndControlCharactersSurviveTheRoundTrip) {
  const std::string name = "a\"b\\c\nd\x01 caf\xc3\xa9";
  TwilioCarrierEncoder encoder(ExampleStart());
  std::string out;
  encoder.Mark(name, out);
  TwilioMediaDecoder decoder(Sender::kTwilio);
  EXPECT_EQ(MustDecode(decoder, out).mark, name);
}

// ---- shapes

std::string MediaText(int n, std::string_view payload) {
  return StrCat(R"({"event":"media","sequenceNumber":")", n + 1,
                R"(","media":{"track":"inbound","chunk":")", n, R"(","timestamp":")", n * 20,
                R"(","payload":")", payload, R"("},"streamSid":"MZ1"})");
}

TEST(TwilioMediaDecoderTest, FramesOfAKnownShapeTakeTheShortWayWithTheSameResult) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  for (int n = 1; n <= 12; ++n) {
    TwilioMessage message = MustDecode(decoder, MediaText(n, n % 2 == 0 ? "//9+" : "fn5+fg=="));
    EXPECT_EQ(message.sequence_number, static_cast<std::uint64_t>(n + 1));
    EXPECT_EQ(message.chunk, static_cast<std::uint64_t>(n));
    EXPECT_EQ(message.timestamp_ms, static_cast<std::uint64_t>(n * 20));
    EXPECT_EQ(message.stream_sid, "MZ1");
    EXPECT_EQ(message.payload.size(), n % 2 == 0 ? 3u : 4u);
  }
  EXPECT_EQ(decoder.shape_hits(), 11u);
}

TEST(TwilioMediaDecoderTest, AStrangeFrameInBetweenDoesNotDriveTheUsualShapeOut) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  MustDecode(decoder, MediaText(1, "fn5+"));
  for (int n = 2; n < 50; n += 2) {
    MustDecode(decoder, MediaText(n, "fn5+"));
    TwilioMessage strange = MustDecode(
        decoder, StrCat(R"({"streamSid":"MZ1","media":{"payload":"fn5+","extra)", n,
                        R"(":{"chunk":"9"},"timestamp":"40","track":"inbound"},"event":"media"})"));
    EXPECT_EQ(strange.chunk, 0u);
    EXPECT_EQ(strange.timestamp_ms, 40u);
  }
  EXPECT_EQ(decoder.shape_hits(), 24u);
}

TEST(TwilioMediaDecoderTest, AnotherStreamSidInTheSameShapeIsSeen) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  MustDecode(decoder, MediaText(1, "fn5+"));
  std::string other = MediaText(2, "fn5+");
  other.replace(other.find("MZ1"), 3, "MZ2");
  EXPECT_EQ(MustDecode(decoder, other).stream_sid, "MZ2");
}

TEST(TwilioMediaDecoderTest, AFrameOfAKnownShapeIsRefusedLikeAnyOther) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  MustDecode(decoder, MediaText(1, "fn5+"));
  TwilioMessage message;
  for (const char* payload : {"fn5", "fn5+!", "fn==5+==", "f\\u006e5+x", "fn 5"}) {
    EXPECT_FALSE(decoder.Decode(MediaText(2, payload), message).ok()) << payload;
  }
  EXPECT_TRUE(decoder.Decode(MediaText(2, R"(f\u006e5+)"), message).ok());
  EXPECT_EQ(message.payload.size(), 3u);
  std::string digits = MediaText(3, "fn5+");
  digits.replace(digits.find("\"60\""), 4, "\"6x\"");
  EXPECT_FALSE(decoder.Decode(digits, message).ok());
}

TEST(TwilioMediaDecoderTest, FieldsOfTheMessageBeforeDoNotShineThrough) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message;
  ASSERT_TRUE(decoder.Decode(MediaText(1, "fn5+"), message).ok());
  ASSERT_TRUE(decoder.Decode(WireExample("media-mark-from-twilio.json"), message).ok());
  EXPECT_TRUE(message.payload.empty());
  ASSERT_TRUE(decoder.Decode(MediaText(2, "fn5+"), message).ok());
  EXPECT_EQ(message.mark, "");
  EXPECT_EQ(message.payload.size(), 3u);
}

// ---- tolerance and refusal

TEST(TwilioMediaDecoderTest, AcceptsReorderedKeysExtraFieldsAndWhiteSpaceFromTwilio) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(
      decoder,
      "{ \"streamSid\" : \"MZ1\",\n \"new\":[1,{\"a\":null}], \"media\": {\"payload\":\"fn5+\","
      "\"timestamp\":\"40\", \"level\":3},\t\"event\":\"media\"}");
  EXPECT_EQ(message.timestamp_ms, 40u);
  EXPECT_EQ(message.sequence_number, 0u);
}

TEST(TwilioMediaDecoderTest, AnUnknownEventFromTwilioIsNoError) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  EXPECT_EQ(MustDecode(decoder, R"({"event":"weather","streamSid":"MZ1"})").event,
            TwilioEvent::kUnknown);
}

TEST(TwilioMediaDecoderTest, RefusesNumbersWhereStringsAreDue) {
  EXPECT_EQ(Refusal(R"({"event":"media","streamSid":"MZ1","media":{"timestamp":20,"payload":""}})"),
            "media.timestamp is a number; expected a string of digits");
  EXPECT_EQ(Refusal(R"({"event":"media","sequenceNumber":2,"streamSid":"MZ1","media":{}})"),
            "sequenceNumber is a number; expected a string of digits");
  EXPECT_EQ(Refusal(R"({"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":5}})"),
            "dtmf.digit is a number; expected a string");
}

TEST(TwilioMediaDecoderTest, NamesTheMissingField) {
  EXPECT_EQ(Refusal(R"({"streamSid":"MZ1"})"), "event is missing");
  EXPECT_EQ(Refusal(R"({"event":"media"})"), "streamSid is missing");
  EXPECT_EQ(Refusal(R"({"event":"media","streamSid":"MZ1"})"), "media is missing");
  EXPECT_EQ(Refusal(R"({"event":"media","streamSid":"MZ1","media":{"timestamp":"0"}})"),
            "media.payload is missing");
  EXPECT_EQ(Refusal(R"({"event":"start","streamSid":"MZ1","start":{"callSid":"CA1"}})"),
            "start.mediaFormat is missing");
}

TEST(TwilioMediaDecoderTest, RefusesMalformedJsonInvalidUtf8AndLoneSurrogates_A32) {
  EXPECT_THAT(Refusal("{\"event\":\"media\""), HasSubstr("not JSON at byte"));
  EXPECT_THAT(Refusal(""), HasSubstr("not JSON at byte"));
  EXPECT_EQ(Refusal("[]"), "message is not a JSON object");
  EXPECT_THAT(Refusal("{\"event\":\"mark\",\"streamSid\":\"M\xff\",\"mark\":{\"name\":\"a\"}}"),
              HasSubstr("not JSON at byte"));
  EXPECT_THAT(Refusal(R"({"event":"mark","streamSid":"\ud800","mark":{"name":"a"}})"),
              HasSubstr("not JSON at byte"));
}

TEST(TwilioMediaDecoderTest, RefusesDeepNestingManyFieldsAndLongNumbersWithoutReadingThem_A31) {
  EXPECT_EQ(Refusal(std::string(100'000, '[')), "nested deeper than 16");
  std::string many = R"({"event":"mark")";
  for (int i = 0; i < 600; ++i) many += StrCat(",\"k", i, "\":0");
  EXPECT_EQ(Refusal(many + "}"), "more than 512 fields");
  EXPECT_THAT(Refusal(StrCat(R"({"event":"media","n":1)", std::string(200'000, '0'), "}")),
              HasSubstr("JSON"));
  // As large as THREATS asks, with the limits out of the way that would refuse them by their size.
  const TwilioMediaDecoder::Limits huge{.max_message_bytes = std::size_t{64} << 20};
  TwilioMediaDecoder decoder(Sender::kTwilio, huge);
  TwilioMessage message;
  auto refusal = [&](const std::string& text) {
    return std::string(MessageOf(decoder.Decode(text, message)));
  };
  EXPECT_EQ(refusal(StrCat(R"({"event":)", std::string(10'000'000, '['))), "nested deeper than 16");
  std::string items = R"({"event":"media","list":[0)";
  for (int i = 0; i < 1'000'000; ++i) items += ",0";
  EXPECT_NE(refusal(items + "]}"), "");
  EXPECT_NE(refusal(StrCat(R"({"event":"media","n":1)", std::string(10'000'000, '0'), "}")), "");
  EXPECT_THAT(
      Refusal(R"({"event":"media","streamSid":"M","media":{"timestamp":"1234567890123456789",)"
              R"("payload":""}})"),
      HasSubstr("1 to 18 digits"));
}

TEST(TwilioMediaDecoderTest, RefusesMessagesAndPayloadsOverTheLimits) {
  TwilioMediaDecoder decoder(Sender::kTwilio, {.max_message_bytes = 400, .max_payload_bytes = 160});
  TwilioMessage message;
  std::string full = EncodeBase64(std::string(160, 'x'));
  std::string over = EncodeBase64(std::string(161, 'x'));
  EXPECT_TRUE(decoder.Decode(MediaText(1, full), message).ok());
  EXPECT_TRUE(decoder.Decode(MediaText(2, full), message).ok());
  EXPECT_EQ(decoder.shape_hits(), 1u);
  EXPECT_THAT(std::string(MessageOf(decoder.Decode(MediaText(3, over), message))),
              HasSubstr("at most 160 bytes"));
  EXPECT_THAT(
      std::string(MessageOf(decoder.Decode(MediaText(3, full) + std::string(200, ' '), message))),
      HasSubstr("expected at most 400"));
}

TEST(TwilioMediaDecoderTest, TowardsTwilioExtraFieldsAndForeignEventsAreRefusedAsTwilioDoes) {
  EXPECT_EQ(Refusal(R"({"event":"media","streamSid":"MZ1","media":{"payload":"","track":"x"}})",
                    Sender::kApplication),
            "media.track is not a field of this message");
  EXPECT_EQ(Refusal(R"({"event":"clear","streamSid":"MZ1","now":true})", Sender::kApplication),
            "now is not a field of this message");
  EXPECT_EQ(Refusal(R"({"event":"stop","streamSid":"MZ1"})", Sender::kApplication),
            "event \"stop\" is not media, mark or clear");
}

TEST(TwilioMediaDecoderTest, CustomParametersThatAreNotStringsKeepTheirText) {
  TwilioMediaDecoder decoder(Sender::kTwilio);
  TwilioMessage message = MustDecode(
      decoder, R"({"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","mediaFormat":)"
               R"({"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
               R"("customParameters":{"n":7,"ok":true,"s":"x"}}})");
  EXPECT_THAT(message.start.custom_parameters,
              ElementsAre(Pair("n", "7"), Pair("ok", "true"), Pair("s", "x")));
}

}  // namespace
}  // namespace dragoman
