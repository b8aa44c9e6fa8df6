#include "src/wire/audio_socket.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kUuid = "3f2a0b1c-4d5e-6f70-8192-a3b4c5d6e7f8";

std::string Hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (text[i] == ' ') {
      --i;
      continue;
    }
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string Describe(const AudioSocketFrame& frame) {
  switch (frame.event) {
    case AudioSocketEvent::kUuid:
      return "uuid " + frame.uuid;
    case AudioSocketEvent::kAudio: {
      std::string text = StrCat("audio ", frame.sample_rate_hz);
      for (std::int16_t sample : frame.samples) text += StrCat(" ", sample);
      return text;
    }
    case AudioSocketEvent::kDtmf:
      return std::string("dtmf ") + frame.digit;
    case AudioSocketEvent::kHangUp:
      return "hang-up";
    case AudioSocketEvent::kError:
      return StrCat("error ", frame.error_code);
  }
  return "";
}

// All frames, and the error if there was one.
std::vector<std::string> Decode(AudioSocketDecoder& decoder, std::string_view bytes) {
  decoder.Append(bytes);
  std::vector<std::string> frames;
  AudioSocketFrame frame;
  while (true) {
    absl::StatusOr<bool> next = decoder.Next(frame);
    if (!next.ok()) {
      EXPECT_EQ(next.status().code(), absl::StatusCode::kInternal);
      frames.emplace_back(MessageOf(next.status()));
      return frames;
    }
    if (!*next) return frames;
    frames.push_back(Describe(frame));
  }
}
std::vector<std::string> Decode(std::string_view bytes) {
  AudioSocketDecoder decoder;
  return Decode(decoder, bytes);
}

// The example of docs.asterisk.org, shortened to three samples.
const std::string kSession = Hex("010010 3f2a0b1c4d5e6f708192a3b4c5d6e7f8") +
                             Hex("100006 0100 ffff 0080") + Hex("03000135") + Hex("000000");

TEST(AudioSocketTest, ReadsEachKindOfFrame) {
  EXPECT_THAT(Decode(kSession),
              ElementsAre(StrCat("uuid ", kUuid), "audio 8000 1 -1 -32768", "dtmf 5", "hang-up"));
  EXPECT_THAT(Decode(Hex("ff000102 ff0000")), ElementsAre("error 2", "error 0"));
}

TEST(AudioSocketTest, ReadsTheSameWhereverTheBytesAreCut) {
  for (std::size_t cut = 0; cut <= kSession.size(); ++cut) {
    AudioSocketDecoder decoder;
    auto frames = Decode(decoder, kSession.substr(0, cut));
    auto rest = Decode(decoder, kSession.substr(cut));
    frames.insert(frames.end(), rest.begin(), rest.end());
    EXPECT_EQ(frames, Decode(kSession)) << "cut at " << cut;
  }
}

TEST(AudioSocketTest, TypesNameTheSampleRate) {
  const char* rates[] = {"audio 8000 1",  "audio 12000 1", "audio 16000 1",
                         "audio 24000 1", "audio 32000 1", "audio 44100 1",
                         "audio 48000 1", "audio 96000 1", "audio 192000 1"};
  for (int i = 0; i < 9; ++i) {
    std::string frame = Hex("100002 0100");
    frame[0] = static_cast<char>(0x10 + i);
    EXPECT_THAT(Decode(frame), ElementsAre(rates[i]));
  }
}

TEST(AudioSocketTest, TheRateOfType11IsWhatTheConfigurationSays) {
  AudioSocketDecoder decoder(16'000);
  EXPECT_THAT(Decode(decoder, Hex("110002 0100 120002 0100")),
              ElementsAre("audio 16000 1", "audio 16000 1"));
}

TEST(AudioSocketTest, UnknownTypesAreSkippedByTheirLength_V10) {
  AudioSocketDecoder decoder;
  EXPECT_THAT(Decode(decoder, Hex("020003 aabbcc 190001 00 030001 39")), ElementsAre("dtmf 9"));
  EXPECT_EQ(decoder.skipped_frames(), 2);
}

TEST(AudioSocketTest, RefusesLengthsThatATypeCannotHave_V10) {
  EXPECT_THAT(Decode(Hex("100003")),
              ElementsAre("audiosocket: audio frame of 3 bytes; expected an even number"));
  EXPECT_THAT(Decode(Hex("01000f 000000000000000000000000000000")),
              ElementsAre("audiosocket: UUID frame of 15 bytes; expected 16"));
  EXPECT_THAT(Decode(Hex("000001 00")),
              ElementsAre("audiosocket: hang-up frame of 1 bytes; expected 0"));
  EXPECT_THAT(Decode(Hex("030002 3535")),
              ElementsAre("audiosocket: DTMF frame of 2 bytes; expected 1"));
  EXPECT_THAT(Decode(Hex("ff0002 0101")),
              ElementsAre("audiosocket: error frame of 2 bytes; expected at most 1"));
  EXPECT_THAT(Decode(Hex("030001 00")), ElementsAre(HasSubstr("digit is byte 0")));
}

TEST(AudioSocketTest, FramesBeforeABrokenOneAreDelivered) {
  EXPECT_THAT(Decode(Hex("030001 31 100001 00 030001 32")),
              ElementsAre("dtmf 1", HasSubstr("even number")));
}

TEST(AudioSocketTest, EncodesWhatTheDocumentationShows) {
  std::string out;
  ASSERT_TRUE(AppendAudioSocketUuid(kUuid, out).ok());
  ASSERT_TRUE(AppendAudioSocketAudio(std::vector<std::int16_t>{1, -1, -32768}, 8000, out).ok());
  AppendAudioSocketDtmf('5', out);
  AppendAudioSocketHangUp(out);
  EXPECT_EQ(out, kSession);
  out.clear();
  // 20 ms at 8 kHz.
  ASSERT_TRUE(AppendAudioSocketAudio(std::vector<std::int16_t>(160), 8000, out).ok());
  EXPECT_EQ(out, Hex("100140") + std::string(320, '\0'));
  out.clear();
  AppendAudioSocketError(4, out);
  EXPECT_EQ(out, Hex("ff000104"));
}

TEST(AudioSocketTest, RefusesToEncodeWhatHasNoFrame) {
  std::string out;
  EXPECT_FALSE(AppendAudioSocketAudio(std::vector<std::int16_t>(160), 11'025, out).ok());
  EXPECT_FALSE(AppendAudioSocketAudio(std::vector<std::int16_t>(32'768), 8'000, out).ok());
  EXPECT_FALSE(AppendAudioSocketUuid("3f2a0b1c", out).ok());
  EXPECT_FALSE(AppendAudioSocketUuid("3f2a0b1c-4d5e-6f70-8192-a3b4c5d6e7fg", out).ok());
  EXPECT_EQ(out, "");
}

TEST(AudioSocketTest, UuidsAreComparedInOneForm) {
  EXPECT_EQ(NormalizeUuid("3F2A0B1C4D5E6F708192A3B4C5D6E7F8").value(), kUuid);
  EXPECT_FALSE(NormalizeUuid("").ok());
}

}  // namespace
}  // namespace dragoman
