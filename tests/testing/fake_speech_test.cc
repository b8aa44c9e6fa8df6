#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/fake_turn_detector.h"
#include "tests/contract/speech_recognizer_contract.h"
#include "tests/contract/speech_synthesizer_contract.h"
#include "tests/contract/turn_detector_contract.h"
#include "tests/contract/voice_activity_contract.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Field;

struct FakeRecognizerHarness : ManualHarness {
  SpeechRecognizer& recognizer() { return fake; }
  RecognitionOptions options() { return {.sample_rate_hz = 8000}; }
  PcmBuffer PrepareSpeech() {
    fake.Enqueue(ScriptedHearing::Words("tomorrow at ten", milliseconds(200), milliseconds(1000)));
    return Buzz(milliseconds(1200));
  }
  static constexpr bool kCanStall = true;
  void PrepareStall() { fake.Enqueue({.stalls = true}); }
  FakeSpeechRecognizer fake;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, SpeechRecognizerContract, FakeRecognizerHarness);

struct FakeSynthesizerHarness : ManualHarness {
  FakeSynthesizerHarness() { fake.SetVoices({"fake"}); }
  SpeechSynthesizer& synthesizer() { return fake; }
  SynthesisOptions options() { return {}; }
  static constexpr bool kReportsWords = true;
  FakeSpeechSynthesizer fake;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, SpeechSynthesizerContract, FakeSynthesizerHarness);

struct FakeTurnHarness : ManualHarness {
  TurnDetector& detector() { return fake; }
  FakeTurnDetector fake;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, TurnDetectorContract, FakeTurnHarness);

struct FakeVoiceActivityHarness {
  std::unique_ptr<VoiceActivityDetector> Make() {
    return std::make_unique<FakeVoiceActivityDetector>();
  }
  int sample_rate_hz() { return 8000; }
  PcmBuffer Speech() { return Buzz(milliseconds(1000)); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, VoiceActivityContract, FakeVoiceActivityHarness);

class FakeRecognizerTest : public ::testing::Test {
 protected:
  void Open() {
    auto opened = fake.Open({.sample_rate_hz = 8000}, executor, listening.Callbacks());
    ASSERT_THAT(opened, IsOk());
    stream = *std::move(opened);
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const Transcript& t : listening.transcripts) texts.push_back(t.text);
    return texts;
  }

  ManualExecutor executor;
  FakeSpeechRecognizer fake;
  RecognitionListening listening;
  std::unique_ptr<RecognitionStream> stream;
};

TEST_F(FakeRecognizerTest, WordsAreHeardWhenTheirAudioWasPushed) {
  fake.Enqueue(ScriptedHearing::Words("tomorrow at ten", milliseconds(100), milliseconds(400)));
  Open();
  ASSERT_THAT(stream->Push(Buzz(milliseconds(199))), IsOk());
  executor.RunUntilIdle();
  EXPECT_THAT(texts(), ElementsAre());
  ASSERT_THAT(stream->Push(Buzz(milliseconds(101))), IsOk());
  executor.RunUntilIdle();
  EXPECT_THAT(texts(), ElementsAre("tomorrow", "tomorrow at"));
}

TEST_F(FakeRecognizerTest, ALateTranscriptIsNotOvertakenByTheAnswerToTheFlush) {
  fake.Enqueue(
      {.events = {
           {.at = milliseconds(100), .delay = milliseconds(700), .transcript = {.text = "late"}}}});
  Open();
  ASSERT_THAT(stream->Push(Buzz(milliseconds(100))), IsOk());
  stream->Flush();
  executor.RunFor(milliseconds(699));
  EXPECT_THAT(texts(), ElementsAre());
  executor.RunFor(milliseconds(1));
  ASSERT_THAT(texts(), ElementsAre("late", "late"));
  EXPECT_TRUE(listening.transcripts[1].from_flush);
}

TEST_F(FakeRecognizerTest, AFlushCanGoUnanswered) {
  fake.Enqueue({.other_flushes = {.never = true}});
  Open();
  stream->Flush();
  executor.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(listening.callbacks, 0);
}

TEST_F(FakeRecognizerTest, TheTestSaysWhatIsHeardNow) {
  Open();
  fake.HearPartial("I would");
  fake.HearFinal("I would like that");
  executor.RunUntilIdle();
  ASSERT_THAT(texts(), ElementsAre("I would", "I would like that"));
  EXPECT_FALSE(listening.transcripts[0].is_final);
  EXPECT_TRUE(listening.transcripts[1].is_final);
}

TEST_F(FakeRecognizerTest, DiesAtTheScriptedPlace) {
  fake.Enqueue({.failure = Unavailable("scripted"), .failure_at = milliseconds(100)});
  Open();
  ASSERT_THAT(stream->Push(Buzz(milliseconds(99))), IsOk());
  executor.RunUntilIdle();
  EXPECT_THAT(listening.done, ElementsAre());
  ASSERT_THAT(stream->Push(Buzz(milliseconds(1))), IsOk());
  executor.RunUntilIdle();
  EXPECT_THAT(listening.done, ElementsAre(StatusIs(absl::StatusCode::kUnavailable)));
  EXPECT_EQ(fake.open_streams(), 0);
}

TEST(FakeSynthesizerTest, SixtyMillisecondsPerCharacterAndExactWords) {
  ManualExecutor executor;
  FakeSpeechSynthesizer fake;
  SynthesisListening listening;
  auto stream = fake.Synthesize("Grüß Gott", {}, executor, listening.Callbacks(8000));
  ASSERT_THAT(stream, IsOk());
  executor.RunUntilIdle();

  EXPECT_EQ(listening.audio.duration(), milliseconds(9 * 60));  // nine characters in eleven bytes
  ASSERT_EQ(listening.words.size(), 2u);
  EXPECT_EQ(listening.words[0].text_end, 6u);
  EXPECT_EQ(listening.words[0].end, milliseconds(240));
  EXPECT_EQ(listening.words[1].text_begin, 7u);
  EXPECT_EQ(listening.words[1].start, milliseconds(300));
  EXPECT_EQ(listening.words[1].end, milliseconds(540));
  EXPECT_EQ(listening.audio.samples[240 * 8], 0);  // the blank
  EXPECT_NE(listening.audio.samples[300 * 8], 0);
}

TEST(FakeSynthesizerTest, CanFailAndStallAfterSomeAudio) {
  ManualExecutor executor;
  FakeSpeechSynthesizer fake;
  fake.Enqueue({.failure = Unavailable("scripted"), .ends_after = milliseconds(100)});
  fake.Enqueue({.stalls = true, .ends_after = milliseconds(50)});
  SynthesisListening failing;
  SynthesisListening stalling;
  auto one = fake.Synthesize("some words", {}, executor, failing.Callbacks(8000));
  auto two = fake.Synthesize("some words", {}, executor, stalling.Callbacks(8000));
  executor.RunFor(std::chrono::minutes(5));

  EXPECT_EQ(failing.audio.duration(), milliseconds(100));
  EXPECT_THAT(failing.done, ElementsAre(StatusIs(absl::StatusCode::kUnavailable)));
  EXPECT_EQ(stalling.audio.duration(), milliseconds(50));
  EXPECT_TRUE(stalling.done.empty());
}

TEST(FakeSynthesizerTest, PacesItsFrames) {
  ManualExecutor executor;
  FakeSpeechSynthesizer fake({.first_audio_after = milliseconds(200),
                              .chunk = milliseconds(60),
                              .chunk_every = milliseconds(30)});
  SynthesisListening listening;
  auto stream = fake.Synthesize("abc", {}, executor, listening.Callbacks(8000));
  executor.RunFor(milliseconds(199));
  EXPECT_EQ(listening.frames, 0);
  executor.RunFor(milliseconds(1));
  EXPECT_EQ(listening.frames, 1);
  executor.RunFor(milliseconds(60));
  EXPECT_EQ(listening.frames, 3);
}

}  // namespace
}  // namespace dragoman
