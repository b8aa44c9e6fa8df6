// What of a call's audio reaches the disk, and what is silence there.
#include "src/agent/call_audio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dragoman/audio/wav.h"
#include "dragoman/safety/gates.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "src/agent/call_ears.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::Eq;

constexpr int kRate = 8000;
constexpr std::int16_t kCaller = 100;
constexpr std::int16_t kAgent = 200;

// A line that plays what it is given at once: what was queued is heard frame by frame.
class CallAudioTest : public ::testing::Test {
 protected:
  CallAudioTest() {
    char folder[] = "/tmp/dragoman-audio-XXXXXX";
    folder_ = mkdtemp(folder);
    auto made = CallAudio::Create(folder_ + "/a.audio", kRate, pool_, executor_,
                                  [this](const AudioPiece& piece) { pieces_.push_back(piece); });
    EXPECT_THAT(made, IsOk());
    audio_ = *std::move(made);
  }
  ~CallAudioTest() override { std::filesystem::remove_all(folder_); }

  void Talk(std::chrono::milliseconds time) {
    for (auto passed = 0ms; passed < time; passed += 20ms) {
      heard_ = std::min(heard_ + 20ms, queued_);
      audio_->CallerFrame(std::vector<std::int16_t>(160, kCaller), heard_);
      executor_.RunFor(20ms);
    }
  }
  void Say(std::chrono::milliseconds time, bool confidential) {
    audio_->AgentQueued(std::vector<std::int16_t>(static_cast<size_t>(time.count() * 8), kAgent),
                        confidential);
    queued_ += time;
  }
  std::size_t BytesOnDisk() { return std::filesystem::file_size(folder_ + "/a.audio"); }
  WavAudio Finish() {
    absl::Status done = absl::UnknownError("not done");
    audio_->Finish([&](absl::Status status) { done = std::move(status); });
    executor_.RunFor(1s);
    EXPECT_THAT(done, IsOk());
    EXPECT_THAT(RenderRecording(pieces_, kRate, folder_ + "/a.audio", folder_ + "/a.wav"), IsOk());
    auto wav = ReadWavFile(folder_ + "/a.wav");
    EXPECT_THAT(wav, IsOk());
    return *wav;
  }
  // Samples of a channel between two times.
  static std::vector<std::int16_t> Between(const WavAudio& wav, int channel,
                                           std::chrono::milliseconds from,
                                           std::chrono::milliseconds to) {
    const std::vector<std::int16_t> all = wav.Channel(channel);
    return {all.begin() + from.count() * 8, all.begin() + to.count() * 8};
  }

  std::string folder_;
  ManualExecutor executor_;
  ManualWorkPool pool_{executor_};
  std::vector<AudioPiece> pieces_;
  std::unique_ptr<CallAudio> audio_;
  std::chrono::milliseconds queued_{0}, heard_{0};
};

TEST_F(CallAudioTest, AConfidentialSentenceIsSilenceOnBothSidesAndTheRestIsKept_P13) {
  audio_->HoldBack();
  Talk(2s);
  Say(1s, false);
  Say(2s, true);
  Say(1s, false);
  Talk(6s);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 1, 2s, 2700ms), Each(Eq(kAgent)));
  EXPECT_THAT(Between(wav, 1, 2750ms, 5500ms), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 1, 5520ms, 5980ms), Each(Eq(kAgent)));
  EXPECT_THAT(Between(wav, 0, 0s, 2700ms), Each(Eq(kCaller)));
  EXPECT_THAT(Between(wav, 0, 2750ms, 5500ms), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 0, 5520ms, 8s), Each(Eq(kCaller)));
}

TEST_F(CallAudioTest, ConfidentialAudioIsSilenceAlsoWhereNothingIsHeldBack_P13) {
  Say(3s, true);
  Talk(4s);
  EXPECT_THAT(Between(Finish(), 1, 0s, 3s), Each(Eq(0)));
}

TEST_F(CallAudioTest, WhatWasQueuedAndClearedLeavesNoTrace_P13) {
  audio_->HoldBack();
  Say(4s, true);
  Talk(1s);
  audio_->AgentCleared(heard_);
  queued_ = heard_;
  Say(1s, false);
  Talk(3s);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 1500ms), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 1, 0s, 1500ms), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 1, 1520ms, 1980ms), Each(Eq(kAgent)));
}

TEST_F(CallAudioTest, WhatIsHeldBackIsNotOnTheDiskUntilItIsReleased_P13) {
  audio_->HoldBack();
  Talk(10s);
  EXPECT_EQ(BytesOnDisk(), 0u);
  audio_->Mute(3 * kRate, 5 * kRate);
  audio_->Release(8 * kRate);
  executor_.RunFor(100ms);
  EXPECT_EQ(BytesOnDisk(), 8u * kRate * 2);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 3s), Each(Eq(kCaller)));
  EXPECT_THAT(Between(wav, 0, 3s, 5s), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 0, 5s, 10s), Each(Eq(kCaller)));
}

TEST_F(CallAudioTest, WhatIsNeverReleasedIsSilenceAfterTwoMinutes_P13) {
  audio_->HoldBack();
  Talk(125s);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 5s), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 0, 6s, 125s), Each(Eq(kCaller)));
}

TEST_F(CallAudioTest, ACallWithoutSecretsIsWrittenSecondBySecond) {
  Say(500ms, false);
  Talk(3s);
  executor_.RunFor(100ms);
  EXPECT_EQ(BytesOnDisk(), 3u * kRate * 2);  // the agent's half second waits for more
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 3s), Each(Eq(kCaller)));
  EXPECT_THAT(Between(wav, 1, 0s, 500ms), Each(Eq(kAgent)));
}

// A gate that takes out what holds an X.
class CrossingGate : public SpeechGate {
 public:
  SpokenText Check(std::string_view, std::string_view sentence) override {
    return {.text = std::string(sentence)};
  }
  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(const SpokenText&,
                                                              const SynthesisOptions&, Executor&,
                                                              Callbacks) override {
    return absl::UnimplementedError("nothing is said");
  }
  HeardText Hear(std::string_view, std::string_view text, bool) override {
    if (text.find('X') == std::string_view::npos) return {.text = std::string(text)};
    return {.text = "*", .masked = true, .reaches_back = text.find("XX") != std::string_view::npos};
  }
};

class CallEarsTest : public CallAudioTest {
 protected:
  CallEarsTest() { audio_->HoldBack(); }
  // Speaks for a second, is understood half a second later.
  std::string Hear(const std::string& text) {
    CallEventBody started = call_event::SpeechStarted{Now(), 60};
    ears_.Take(started, audio_.get());
    Talk(1s);
    const std::int64_t end = Now();
    Talk(500ms);
    CallEventBody final = call_event::Final{text, -1, true, 0, end};
    ears_.Take(final, audio_.get());
    return std::get<call_event::Final>(final).text;
  }
  std::int64_t Now() const { return audio_->recorded() * 1000 / kRate; }

  CrossingGate gate_;
  CallEars ears_{gate_, "c1", kRate};
};

TEST_F(CallEarsTest, TheUtteranceThatWasMaskedIsSilenceFromItsFirstSound_P13) {
  Talk(1s);
  EXPECT_EQ(Hear("good morning"), "good morning");
  Talk(1s);
  EXPECT_EQ(Hear("my X is"), "*");
  Talk(1s);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 3200ms), Each(Eq(kCaller)));
  EXPECT_THAT(Between(wav, 0, 3200ms, 5s), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 0, 5s, 6s), Each(Eq(kCaller)));
}

TEST_F(CallEarsTest, WhatAPartialShowedIsMutedThoughTheFinalDoesNot_P13) {
  CallEventBody started = call_event::SpeechStarted{Now(), 60};
  ears_.Take(started, audio_.get());
  Talk(1s);
  CallEventBody partial = call_event::Partial{"X"};
  ears_.Take(partial, audio_.get());
  EXPECT_EQ(std::get<call_event::Partial>(partial).text, "*");
  CallEventBody final = call_event::Final{"eggs", -1, true, 0, Now()};
  ears_.Take(final, audio_.get());
  Talk(1s);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 1s), Each(Eq(0)));
  EXPECT_THAT(Between(wav, 0, 1s, 2s), Each(Eq(kCaller)));
}

TEST_F(CallEarsTest, AValueThatBeganATurnBeforeMutesThatTurnToo_P13) {
  Talk(1s);
  Hear("four two");
  Talk(1s);
  EXPECT_EQ(Hear("seven one XX"), "*");
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 700ms), Each(Eq(kCaller)));
  EXPECT_THAT(Between(wav, 0, 700ms, 5s), Each(Eq(0)));
}

TEST_F(CallEarsTest, WhatWasNotUnderstoodBeforeTheEndIsNotKept_P13) {
  Talk(1s);
  CallEventBody started = call_event::SpeechStarted{Now(), 60};
  ears_.Take(started, audio_.get());
  Talk(1s);
  ears_.End(true, *audio_);
  const WavAudio wav = Finish();
  EXPECT_THAT(Between(wav, 0, 0s, 700ms), Each(Eq(kCaller)));
  EXPECT_THAT(Between(wav, 0, 700ms, 2s), Each(Eq(0)));
}

}  // namespace
}  // namespace dragoman
