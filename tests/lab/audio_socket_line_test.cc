#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/testing/manual_executor.h"
#include "src/lab/caller_line.h"

namespace dragoman::lab {
namespace {

using ::testing::ElementsAre;

class AudioSocketLineTest : public ::testing::Test {
 protected:
  AudioSocketLineTest() : pipe_(MakeByteStreamPipe(executor_)) {
    pipe_.b->Start({.on_bytes = [this](std::string_view bytes) { received_ += bytes; },
                    .on_closed = [](absl::Status) {}});
    CallerLine::Callbacks callbacks;
    callbacks.on_open = [this] { opened_ = true; };
    callbacks.on_audio = [this](std::span<const std::int16_t> samples) {
      audio_.insert(audio_.end(), samples.begin(), samples.end());
    };
    callbacks.on_complaint = [this](std::string_view what) { complaints_.emplace_back(what); };
    callbacks.on_closed = [this](absl::Status status) { closed_ = status; };
    std::array<std::uint8_t, 16> uuid;
    for (std::size_t i = 0; i < 16; ++i) uuid[i] = static_cast<std::uint8_t>(0x3f + i);
    line_ = OpenAudioSocketLine(std::move(pipe_.a), uuid, executor_, std::move(callbacks));
    executor_.RunUntilIdle();
  }

  ManualExecutor executor_;
  ByteStreamPipe pipe_;
  std::unique_ptr<CallerLine> line_;
  std::string received_;
  std::vector<std::int16_t> audio_;
  std::vector<std::string> complaints_;
  bool opened_ = false;
  absl::Status closed_ = absl::UnknownError("open");
};

// The bytes are those of the protocol's own example: 01 00 10 + uuid, 10 01 40 + audio, 03 00 01
// 35, 00 00 00.
TEST_F(AudioSocketLineTest, SpeaksTheFramesOfTheProtocolsExample) {
  EXPECT_TRUE(opened_);
  EXPECT_EQ(received_.substr(0, 3), std::string("\x01\x00\x10", 3));
  EXPECT_EQ(received_.size(), 19u);
  received_.clear();
  std::array<std::int16_t, 160> frame{};
  frame[0] = 0x1234;
  frame[1] = -2;
  line_->SendFrame(frame, 0);
  executor_.RunUntilIdle();
  EXPECT_EQ(received_.size(), 323u);
  EXPECT_EQ(received_.substr(0, 7), std::string("\x10\x01\x40\x34\x12\xfe\xff", 7));
  received_.clear();
  line_->SendKey('5');
  line_->HangUp();
  executor_.RunUntilIdle();
  EXPECT_EQ(received_, std::string("\x03\x00\x01\x35\x00\x00\x00", 7));
}

TEST_F(AudioSocketLineTest, HearsAudioInPiecesOfAnySizeAndTheHangUp) {
  const std::string bytes("\x10\x00\x04\x01\x00\xff\x7f\x10\x00\x02\x00\x80\x00\x00\x00", 15);
  for (char byte : bytes) {
    ASSERT_TRUE(pipe_.b->Write(std::string_view(&byte, 1)).ok());
    executor_.RunUntilIdle();
  }
  EXPECT_THAT(audio_, ElementsAre(1, 32767, -32768));
  executor_.RunFor(std::chrono::seconds(1));
  EXPECT_TRUE(closed_.ok()) << closed_;
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(AudioSocketLineTest, WhatAsteriskWouldNotUnderstandIsAComplaint) {
  ASSERT_TRUE(pipe_.b->Write(std::string("\x42\x00\x01x\x10\x00\x01y", 8)).ok());
  executor_.RunUntilIdle();
  EXPECT_EQ(complaints_.size(), 2u);
  EXPECT_TRUE(audio_.empty());
}

}  // namespace
}  // namespace dragoman::lab
