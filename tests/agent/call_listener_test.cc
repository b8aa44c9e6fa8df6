#include "src/agent/call_listener.h"

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CallListenerTest : public ::testing::Test {
 protected:
  CallListenerTest() { Open(); }

  void Open() {
    auto listener =
        CallListener::Open(recognizer_, "en-US", 8000, executor_,
                           {.on_event = [this](CallEventBody event) { Note(std::move(event)); },
                            .on_frame = [](const PcmFrame&) {}});
    EXPECT_THAT(listener, IsOk());
    listener_ = *std::move(listener);
  }

  void Note(CallEventBody event) {
    if (std::holds_alternative<call_event::SpeechStarted>(event)) seen_.emplace_back("started");
    if (std::holds_alternative<call_event::SpeechStopped>(event)) seen_.emplace_back("stopped");
    if (const auto* partial = std::get_if<call_event::Partial>(&event))
      seen_.push_back(partial->text);
    if (const auto* final = std::get_if<call_event::Final>(&event))
      seen_.push_back("=" + final->text);
  }

  void Hear(const PcmBuffer& audio) {
    const std::span<const std::int16_t> samples(audio.samples);
    for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
      listener_->Hear({samples.subspan(at, 160), 8000}, 0ms);
      executor_.RunFor(20ms);
    }
  }
  // A voice far away that swells: 60 ms each at three levels.
  void HearOthers(std::chrono::milliseconds length) {
    for (auto passed = 0ms; passed < length; passed += 180ms) {
      for (const int amplitude : {300, 700, 500}) Hear(Buzz(60ms, 8000, amplitude));
    }
  }

  ManualExecutor executor_;
  FakeSpeechRecognizer recognizer_;
  std::vector<std::string> seen_;
  std::unique_ptr<CallListener> listener_;
};

TEST_F(CallListenerTest, WordsOnAQuietLineArePassedOnAlsoWithoutASound) {
  Hear(Silence(1s));
  recognizer_.HearPartial("yes");
  executor_.RunFor(100ms);
  EXPECT_THAT(seen_, ElementsAre("yes"));
}

TEST_F(CallListenerTest, WordsOfOthersInTheRoomAreNotTheCallers) {
  HearOthers(3s);
  recognizer_.HearPartial("what");
  executor_.RunFor(100ms);
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(CallListenerTest, AFlushIsAnsweredWithoutTheWordsOfOthers) {
  HearOthers(3s);
  recognizer_.HearPartial("what");
  listener_->Flush();
  executor_.RunFor(100ms);
  EXPECT_THAT(seen_, ElementsAre("="));
}

TEST_F(CallListenerTest, WordsOfACallerAboveTheOthersArePassedOn) {
  HearOthers(3s);
  Hear(Buzz(400ms));
  recognizer_.HearPartial("yes");
  HearOthers(400ms);
  listener_->Flush();
  executor_.RunFor(100ms);
  EXPECT_THAT(seen_, ElementsAre("started", "yes", "stopped", "=yes"));
}

TEST_F(CallListenerTest, WordsThatComeWhenTheirTurnWasGivenUpForWantOfAnyAreWordsOfANewOne) {
  for (const bool ended : {false, true}) {
    seen_.clear();
    recognizer_.Enqueue({.flushes = {{.text = "yes please", .delay = 50ms}}});
    Open();
    Hear(Silence(1s));
    listener_->Flush();
    if (ended) {
      listener_->TurnEnded("hello");
    } else {
      listener_->TurnHadNoWords();
    }
    executor_.RunFor(100ms);
    if (ended) {
      EXPECT_THAT(seen_, ElementsAre("=yes please"));
    } else {
      EXPECT_THAT(seen_, ElementsAre("=", "=yes please"));
    }
  }
}

TEST_F(CallListenerTest, TheAgentsEchoStartsNoSpeech) {
  const PcmBuffer agent = Buzz(2s);
  listener_->AgentQueued(agent.samples);
  const PcmBuffer echo = Buzz(20ms, 8000, 400);  // 26 dB below
  const PcmBuffer hush = Silence(20ms);
  for (int i = 0; i < 10; ++i) listener_->Hear(hush, 0ms);
  for (int i = 1; i <= 100; ++i) listener_->Hear(echo, i * 20ms);
  executor_.RunFor(100ms);
  EXPECT_THAT(seen_, IsEmpty());
}

}  // namespace
}  // namespace dragoman
