// The caller's side of Media Streams against the messages of Twilio's documentation, so that server
// and caller are not only checked against each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "dragoman/testing/fake_web_socket.h"
#include "dragoman/testing/manual_executor.h"
#include "src/lab/caller_line.h"
#include "src/lab/caller_playout.h"

namespace dragoman::lab {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

json Example(const std::string& name) {
  std::ifstream file(std::string(DRAGOMAN_SOURCE_DIR "/tests/wire/data/") + name);
  return json::parse(file);
}

// Types in place of values: what must agree between two messages of one kind.
json Shape(const json& value) {
  if (!value.is_object()) return value.type_name();
  json shape = json::object();
  for (const auto& [key, item] : value.items()) shape[key] = Shape(item);
  return shape;
}

class TwilioLineTest : public ::testing::Test {
 protected:
  void Open() {
    TwilioCallerIds ids;
    ids.account_sid = "AC0123456789abcdef0123456789abcdef";
    ids.call_sid = "CA0123456789abcdef0123456789abcdef";
    ids.stream_sid = "MZ0123456789abcdef0123456789abcdef";
    ids.parameters = {{"tenant", "acme"}, {"callId", "c-42"}};
    CallerLine::Callbacks callbacks;
    callbacks.on_open = [this] { opened_ = true; };
    callbacks.on_audio = [this](std::span<const std::int16_t> samples) {
      playout_.Append(samples);
      audio_ += static_cast<int>(samples.size());
    };
    callbacks.on_mark = [this](std::string_view name) {
      for (const auto& passed : playout_.AddMark(std::string(name))) line_->ReturnMark(passed);
    };
    callbacks.on_clear = [this] {
      for (const auto& passed : playout_.Clear()) line_->ReturnMark(passed);
    };
    callbacks.on_complaint = [this](std::string_view what) { complaints_.emplace_back(what); };
    callbacks.on_closed = [this](absl::Status status) { closed_ = status; };
    line_ = OpenTwilioLine(
        [this](WebSocketCallbacks socket) {
          return connector_.Connect({.url = "ws://agent/media"}, executor_, std::move(socket));
        },
        ids, std::move(callbacks));
    executor_.RunUntilIdle();
  }
  json Sent(std::size_t index) {
    executor_.RunUntilIdle();
    auto texts = connector_.peer().sent_text();
    return index < texts.size() ? json::parse(texts[index]) : json();
  }

  ManualExecutor executor_;
  FakeWebSocketConnector connector_;
  CallerPlayout playout_;
  std::unique_ptr<CallerLine> line_;
  bool opened_ = false;
  int audio_ = 0;
  std::vector<std::string> complaints_;
  absl::Status closed_ = absl::UnknownError("open");
};

TEST_F(TwilioLineTest, BeginsAsTwilioBeginsWithTheSameFieldsAndTypes) {
  Open();
  EXPECT_TRUE(opened_);
  EXPECT_EQ(Sent(0), Example("media-connected.json"));
  EXPECT_EQ(Sent(1), Example("media-start.json"));
}

TEST_F(TwilioLineTest, EveryMessageHasTheShapeOfItsExample) {
  Open();
  std::array<std::int16_t, 160> frame{};
  line_->SendFrame(frame, 0);
  line_->SendKey('5');
  line_->ReturnMark("utt-7-end");
  line_->HangUp();
  EXPECT_EQ(Shape(Sent(2)), Shape(Example("media-media.json")));
  EXPECT_EQ(Shape(Sent(3)), Shape(Example("media-dtmf.json")));
  EXPECT_EQ(Sent(3)["dtmf"], Example("media-dtmf.json")["dtmf"]);
  EXPECT_EQ(Shape(Sent(4)), Shape(Example("media-mark-from-twilio.json")));
  EXPECT_EQ(Sent(4)["mark"]["name"], "utt-7-end");
  EXPECT_EQ(Shape(Sent(5)), Shape(Example("media-stop.json")));
  EXPECT_EQ(Sent(5)["stop"], Example("media-stop.json")["stop"]);
}

TEST_F(TwilioLineTest, SequenceNumbersCountMessagesAndChunksCountFramesRecorded) {
  Open();
  std::array<std::int16_t, 160> frame{};
  line_->SendFrame(frame, 0);
  line_->SendFrame(frame, 3);  // two were lost on the way to the carrier
  line_->SendKey('1');
  EXPECT_EQ(Sent(2)["sequenceNumber"], "2");
  EXPECT_EQ(Sent(2)["media"]["chunk"], "1");
  EXPECT_EQ(Sent(2)["media"]["timestamp"], "0");
  EXPECT_EQ(Sent(3)["sequenceNumber"], "3");
  EXPECT_EQ(Sent(3)["media"]["chunk"], "4");
  EXPECT_EQ(Sent(3)["media"]["timestamp"], "60");
  EXPECT_EQ(Sent(4)["sequenceNumber"], "4");
}

TEST_F(TwilioLineTest, TheSessionScriptsMarksComeBackInItsOrder) {
  Open();
  const json script = Example("media-session-script.json");
  std::array<std::int16_t, 160> frame{};
  std::vector<std::string> returned;
  auto collect = [&] {
    executor_.RunUntilIdle();
    returned.clear();
    for (const auto& text : connector_.peer().sent_text()) {
      json message = json::parse(text);
      if (message["event"] == "mark") returned.push_back(message["mark"]["name"]);
    }
  };
  bool played_first = false;
  for (const json& entry : script["messages"]) {
    const json& message = entry["msg"];
    if (entry["dir"] == "out") {
      connector_.peer().SendText(message.dump());
      executor_.RunUntilIdle();
      continue;
    }
    if (message["event"] == "mark" && !played_first) {
      // Twilio returns "a" when what stands before it has been played; then comes the clear.
      played_first = true;
      for (int i = 0; i < 5; ++i) {
        for (const auto& name : playout_.Play(frame)) line_->ReturnMark(name);
      }
      collect();
      EXPECT_THAT(returned, ElementsAre("a"));
    }
  }
  collect();
  EXPECT_THAT(returned, ElementsAre("a", "b"));  // "b" at once, by the clear
  EXPECT_GT(playout_.cleared().count(), 0);
  EXPECT_GT(audio_, 0);
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(TwilioLineTest, WhatTwilioWouldWarnOfIsAComplaintAndTheCallGoesOn) {
  Open();
  connector_.peer().SendText(
      R"({"event":"media","streamSid":"MZother","media":{"payload":"/w=="}})");
  connector_.peer().SendText(
      R"({"event":"dance","streamSid":"MZ0123456789abcdef0123456789abcdef"})");
  connector_.peer().SendText("{");
  executor_.RunUntilIdle();
  EXPECT_EQ(complaints_.size(), 3u);
  EXPECT_EQ(audio_, 0);
  connector_.peer().SendText(
      R"({"event":"media","streamSid":"MZ0123456789abcdef0123456789abcdef","media":{"payload":"/w=="}})");
  executor_.RunUntilIdle();
  EXPECT_EQ(audio_, 1);
}

TEST_F(TwilioLineTest, ALineThatBreaksIsNotClosedProperly) {
  Open();
  connector_.peer().Drop(absl::UnavailableError("reset"));
  executor_.RunUntilIdle();
  EXPECT_FALSE(closed_.ok());
}

TEST_F(TwilioLineTest, AProperCloseIsOk) {
  Open();
  connector_.peer().Close(1000);
  executor_.RunUntilIdle();
  EXPECT_TRUE(closed_.ok()) << closed_;
}

}  // namespace
}  // namespace dragoman::lab
