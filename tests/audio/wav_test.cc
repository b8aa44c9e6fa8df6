#include "dragoman/audio/wav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

Bytes FromHex(const std::string& hex) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// Headers for one second of audio each; tests/audio/data/wav-headers.json.
Bytes PublishedHeader(const char* name) {
  std::ifstream file(DRAGOMAN_SOURCE_DIR "/tests/audio/data/wav-headers.json");
  return FromHex(nlohmann::json::parse(file).at(name).get<std::string>());
}

void Number(Bytes& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i, value >>= 8) bytes.push_back(static_cast<std::uint8_t>(value));
}
void Text(Bytes& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

struct Format {
  std::uint32_t tag = 1, channels = 1, rate = 8000, align = 2, bits = 16;
};
Bytes Body(const Format& format) {
  Bytes bytes;
  Number(bytes, format.tag, 2);
  Number(bytes, format.channels, 2);
  Number(bytes, format.rate, 4);
  Number(bytes, format.rate * format.align, 4);
  Number(bytes, format.align, 2);
  Number(bytes, format.bits, 2);
  return bytes;
}
void Chunk(Bytes& file, std::string_view id, const Bytes& body, std::int64_t claimed = -1) {
  Text(file, id);
  Number(
      file,
      claimed < 0 ? static_cast<std::uint32_t>(body.size()) : static_cast<std::uint32_t>(claimed),
      4);
  file.insert(file.end(), body.begin(), body.end());
  if (body.size() % 2 == 1) file.push_back(0);
}
Bytes Riff() {
  Bytes file;
  Text(file, "RIFF");
  Number(file, 0, 4);
  Text(file, "WAVE");
  return file;
}
Bytes FileOf(const Format& format, const Bytes& data, std::int64_t claimed = -1) {
  Bytes file = Riff();
  Chunk(file, "fmt ", Body(format));
  Chunk(file, "data", data, claimed);
  return file;
}
const Bytes kTwoSamples = {0x01, 0x00, 0xff, 0xff};  // 1, -1

std::string ErrorOf(const Bytes& file) {
  const auto view = ParseWav(file);
  if (view.ok()) return "accepted";
  EXPECT_EQ(view.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(MessageOf(view.status()));
}

TEST(WavReaderTest, PublishedHeadersParse) {
  struct Expected {
    const char* name;
    WavEncoding encoding;
    int rate;
    size_t bytes;
  };
  for (const Expected& expected :
       {Expected{"pcm16_mono_16000", WavEncoding::kPcm16, 16000, 32000},
        Expected{"pcm16_mono_24000", WavEncoding::kPcm16, 24000, 48000},
        Expected{"mulaw_mono_8000_16byte_fmt", WavEncoding::kMulaw, 8000, 8000},
        Expected{"mulaw_mono_8000_18byte_fmt_plus_fact", WavEncoding::kMulaw, 8000, 8000}}) {
    Bytes file = PublishedHeader(expected.name);
    file.resize(file.size() + expected.bytes);
    const auto view = ParseWav(file);
    ASSERT_TRUE(view.ok()) << expected.name << ": " << view.status();
    EXPECT_EQ(view->encoding, expected.encoding);
    EXPECT_EQ(view->sample_rate_hz, expected.rate);
    EXPECT_EQ(view->channels, 1);
    EXPECT_EQ(view->frames(), static_cast<size_t>(expected.rate));
  }
}

TEST(WavReaderTest, Pcm16IsLittleEndian) {
  const auto audio = DecodeWav(FileOf({}, kTwoSamples));
  ASSERT_TRUE(audio.ok());
  EXPECT_THAT(audio->samples, ElementsAre(1, -1));
}

TEST(WavReaderTest, CompandedAudioIsDecoded) {
  const auto mulaw = DecodeWav(FileOf({.tag = 7, .align = 1, .bits = 8}, {0xff, 0x80, 0x00, 0x7e}));
  ASSERT_TRUE(mulaw.ok());
  EXPECT_THAT(mulaw->samples, ElementsAre(0, 32124, -32124, -8));
  const auto alaw = DecodeWav(FileOf({.tag = 6, .align = 1, .bits = 8}, {0xd5, 0x55}));
  ASSERT_TRUE(alaw.ok());
  EXPECT_THAT(alaw->samples, ElementsAre(8, -8));
}

TEST(WavReaderTest, StereoChannelsComeApart) {
  const auto audio = DecodeWav(FileOf({.channels = 2, .align = 4}, {1, 0, 2, 0, 3, 0, 4, 0}));
  ASSERT_TRUE(audio.ok());
  EXPECT_EQ(audio->frames(), 2u);
  EXPECT_THAT(audio->Channel(0), ElementsAre(1, 3));
  EXPECT_THAT(audio->Channel(1), ElementsAre(2, 4));
}

TEST(WavReaderTest, UnknownChunksAndTheirPaddingAreSkipped) {
  Bytes file = Riff();
  Chunk(file, "JUNK", {1, 2, 3});  // odd: one pad byte follows
  Chunk(file, "fmt ", Body({}));
  Chunk(file, "LIST", {});
  Chunk(file, "bext", Bytes(602));
  Chunk(file, "data", kTwoSamples);
  Chunk(file, "LIST", {1, 2});  // behind the audio: not audio
  const auto audio = DecodeWav(file);
  ASSERT_TRUE(audio.ok()) << audio.status();
  EXPECT_THAT(audio->samples, ElementsAre(1, -1));
}

TEST(WavReaderTest, AStreamedDataSizeMeansUntilTheEnd) {
  for (std::int64_t claimed : {std::int64_t{0}, std::int64_t{0xffffffff}, std::int64_t{1000}}) {
    const auto audio = DecodeWav(FileOf({}, kTwoSamples, claimed));
    ASSERT_TRUE(audio.ok()) << claimed;
    EXPECT_THAT(audio->samples, ElementsAre(1, -1)) << claimed;
  }
}

TEST(WavReaderTest, HalfAFrameAtTheEndIsLeftOut) {
  Bytes file = FileOf({}, kTwoSamples, 0);
  file.push_back(7);
  const auto audio = DecodeWav(file);
  ASSERT_TRUE(audio.ok());
  EXPECT_EQ(audio->samples.size(), 2u);
}

Bytes Extensible(std::uint32_t tag, const Bytes& tail) {
  Bytes format = Body({.tag = 0xfffe});
  Number(format, 22, 2);
  Number(format, 16, 2);
  Number(format, 4, 4);
  Number(format, tag, 2);
  format.insert(format.end(), tail.begin(), tail.end());
  Bytes file = Riff();
  Chunk(file, "fmt ", format);
  Chunk(file, "data", kTwoSamples);
  return file;
}
const Bytes kGuidTail = FromHex("000000001000800000aa00389b71");

TEST(WavReaderTest, ExtensibleFilesNameTheirFormatInTheGuid) {
  const auto audio = DecodeWav(Extensible(1, kGuidTail));
  ASSERT_TRUE(audio.ok()) << audio.status();
  EXPECT_THAT(audio->samples, ElementsAre(1, -1));
  EXPECT_THAT(ErrorOf(Extensible(3, kGuidTail)), HasSubstr("format tag is 3"));
  EXPECT_THAT(ErrorOf(Extensible(1, Bytes(14, 9))), HasSubstr("no known GUID"));
}

TEST(WavReaderTest, EachFaultIsNamed) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("file has 0 bytes"));
  EXPECT_THAT(ErrorOf(Bytes(100, 'x')), HasSubstr("begins with \"xxxx\""));
  EXPECT_THAT(ErrorOf(FileOf({.tag = 3, .align = 4, .bits = 32}, {})),
              HasSubstr("format tag is 3"));
  EXPECT_THAT(ErrorOf(FileOf({.bits = 24}, {})), HasSubstr("24 bits"));
  EXPECT_THAT(ErrorOf(FileOf({.tag = 7, .align = 1, .bits = 16}, {})), HasSubstr("expected 8"));
  EXPECT_THAT(ErrorOf(FileOf({.channels = 0, .align = 0}, {})), HasSubstr("0 channels"));
  EXPECT_THAT(ErrorOf(FileOf({.channels = 9, .align = 18}, {})), HasSubstr("9 channels"));
  EXPECT_THAT(ErrorOf(FileOf({.rate = 0}, {})), HasSubstr("sample rate is 0"));
  EXPECT_THAT(ErrorOf(FileOf({.rate = 4'000'000'000}, {})), HasSubstr("sample rate is 4000000000"));
  EXPECT_THAT(ErrorOf(FileOf({.align = 4}, {})), HasSubstr("block align is 4; expected 2"));
}

TEST(WavReaderTest, ChunksInTheWrongOrderOrShapeAreNamed) {
  Bytes data_first = Riff();
  Chunk(data_first, "data", kTwoSamples);
  EXPECT_THAT(ErrorOf(data_first), HasSubstr("before any fmt"));

  Bytes no_data = Riff();
  Chunk(no_data, "fmt ", Body({}));
  EXPECT_THAT(ErrorOf(no_data), HasSubstr("no data chunk"));

  Bytes two_formats = Riff();
  Chunk(two_formats, "fmt ", Body({}));
  Chunk(two_formats, "fmt ", Body({}));
  EXPECT_THAT(ErrorOf(two_formats), HasSubstr("second fmt chunk at byte 36"));

  Bytes short_format = Riff();
  Chunk(short_format, "fmt ", Bytes(14));
  EXPECT_THAT(ErrorOf(short_format), HasSubstr("fmt chunk has 14 bytes"));

  Bytes runs_over = Riff();
  Chunk(runs_over, "L\x01ST", Bytes(4), 5000);
  EXPECT_THAT(ErrorOf(runs_over), HasSubstr("\"L?ST\" at byte 12 has 5000 bytes; only 4 are left"));
}

TEST(WavReaderTest, EveryTruncationIsRefusedOrShorter) {
  const Bytes whole = FileOf({}, kTwoSamples);
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto view = ParseWav(std::span(whole).first(size));
    EXPECT_EQ(view.ok(), size >= 44) << size;
    if (!view.ok()) continue;
    EXPECT_EQ(view->frames(), (size - 44) / 2);
  }
}

class WavFileTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "dragoman_wav_" +
            testing::UnitTest::GetInstance()->current_test_info()->name() + ".wav";
  }
  void TearDown() override { std::filesystem::remove(path_); }
  Bytes FileBytes() const {
    std::ifstream file(path_, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }
  std::string path_;
};

TEST_F(WavFileTest, TheHeaderOfASecondIsThePublishedOne) {
  auto writer = WavWriter::Create(path_, 16000, 1);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Write(std::vector<std::int16_t>(16000)).ok());
  ASSERT_TRUE((*writer)->Close().ok());
  const Bytes bytes = FileBytes();
  ASSERT_EQ(bytes.size(), 44u + 32000u);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 44), PublishedHeader("pcm16_mono_16000"));
}

TEST_F(WavFileTest, WhatIsWrittenIsReadBack) {
  auto writer = WavWriter::Create(path_, 8000, 2);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(
      (*writer)
          ->WriteStereo(std::vector<std::int16_t>{1, -2, 3}, std::vector<std::int16_t>{-32768})
          .ok());
  ASSERT_TRUE((*writer)->Write(std::vector<std::int16_t>{7, 8}).ok());
  EXPECT_EQ((*writer)->frames_written(), 4);
  ASSERT_TRUE((*writer)->Close().ok());
  const auto audio = ReadWavFile(path_);
  ASSERT_TRUE(audio.ok()) << audio.status();
  EXPECT_EQ(audio->channels, 2);
  EXPECT_THAT(audio->Channel(0), ElementsAre(1, -2, 3, 7));
  EXPECT_THAT(audio->Channel(1), ElementsAre(-32768, 0, 0, 8));
}

TEST_F(WavFileTest, ARecordingWhoseWriterNeverClosedIsReadToItsEnd) {
  {
    auto writer = WavWriter::Create(path_, 8000, 1);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Write(std::vector<std::int16_t>{5, 6}).ok());
    ASSERT_TRUE((*writer)->Close().ok());
  }
  Bytes killed = FileBytes();
  for (size_t i : {4, 5, 6, 7, 40, 41, 42, 43}) killed[i] = 0xff;  // as Create writes the header
  const auto audio = DecodeWav(killed);
  ASSERT_TRUE(audio.ok());
  EXPECT_THAT(audio->samples, ElementsAre(5, 6));
}

TEST_F(WavFileTest, TheHeaderBeforeCloseSaysUnknownLength) {
  auto writer = WavWriter::Create(path_, 8000, 1);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Write(std::vector<std::int16_t>(40000)).ok());  // beyond any file buffer
  const auto audio = ReadWavFile(path_);
  ASSERT_TRUE(audio.ok()) << audio.status();
  EXPECT_GT(audio->frames(), 30000u);
}

TEST_F(WavFileTest, WritingAfterCloseIsRefusedAndCloseIsIdempotent) {
  auto writer = WavWriter::Create(path_, 8000, 2);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->Write(std::vector<std::int16_t>(3)).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE((*writer)->Close().ok());
  EXPECT_TRUE((*writer)->Close().ok());
  EXPECT_EQ((*writer)->Write(std::vector<std::int16_t>(2)).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(WavFileTest, AFullDiskIsReportedOnceAndForAll) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  auto writer = WavWriter::Create("/dev/full", 8000, 1);
  ASSERT_TRUE(writer.ok());
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    status = (*writer)->Write(std::vector<std::int16_t>(8000));
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("No space left"));
  EXPECT_EQ((*writer)->Close(), status);
}

TEST_F(WavFileTest, MissingOversizedAndForeignFilesAreClearErrors) {
  EXPECT_EQ(ReadWavFile(path_ + ".none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(WavWriter::Create(path_ + "/no/such/folder.wav", 8000, 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(WavWriter::Create(path_, 8000, 3).status().code(), absl::StatusCode::kInvalidArgument);
  std::ofstream(path_) << "hello, this is not audio";
  const auto foreign = ReadWavFile(path_);
  EXPECT_EQ(foreign.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(foreign.status())), HasSubstr(path_));
  EXPECT_EQ(ReadWavFile(path_, 10).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace dragoman
