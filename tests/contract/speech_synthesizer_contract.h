// What every SpeechSynthesizer does, run against each of them:
//
//   struct MyHarness : ManualHarness {            // or ThreadHarness
//     SpeechSynthesizer& synthesizer();           // admits two streams at least
//     SynthesisOptions options();
//     static constexpr bool kReportsWords = true;
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, SpeechSynthesizerContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_SPEECH_SYNTHESIZER_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_SPEECH_SYNTHESIZER_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "tests/contract/harness.h"

namespace dragoman {

// What one stream called back.
struct SynthesisListening {
  PcmBuffer audio;
  std::vector<SpokenWord> words;
  std::vector<absl::Status> done;
  int callbacks = 0;
  int frames = 0;
  bool other_rate = false;  // a frame was not of audio.sample_rate_hz
  bool inside_a_call = false;
  bool called_back_inside = false;
  std::function<void(int)> on_each = [](int) {};

  SpeechSynthesizer::Callbacks Callbacks(int sample_rate_hz) {
    audio.sample_rate_hz = sample_rate_hz;
    SpeechSynthesizer::Callbacks callbacks;
    callbacks.on_audio = [this](const PcmFrame& frame) {
      other_rate = other_rate || frame.sample_rate_hz != audio.sample_rate_hz;
      audio.Append(frame);
      ++frames;
      Count();
    };
    callbacks.on_words = [this](const std::vector<SpokenWord>& more) {
      words.insert(words.end(), more.begin(), more.end());
      Count();
    };
    callbacks.on_done = [this](absl::Status status) {
      done.push_back(std::move(status));
      Count();
    };
    return callbacks;
  }

 private:
  void Count() {
    called_back_inside = called_back_inside || inside_a_call;
    on_each(callbacks++);
  }
};

template <typename Harness>
class SpeechSynthesizerContract : public ::testing::Test {
 protected:
  static constexpr std::string_view kText = "Good morning. How may I help you today?";

  absl::Status Open(std::string_view text, const SynthesisOptions& options) {
    absl::Status status;
    harness.On([&] {
      listening.inside_a_call = true;
      auto opened = harness.synthesizer().Synthesize(text, options, harness.executor(),
                                                     listening.Callbacks(options.sample_rate_hz));
      listening.inside_a_call = false;
      status = opened.status();
      if (opened.ok()) stream = *std::move(opened);
    });
    return status;
  }
  void Speak() { ASSERT_THAT(Open(kText, harness.options()), IsOk()); }
  void Cancel() {
    listening.inside_a_call = true;
    stream->Cancel();
    listening.inside_a_call = false;
  }
  bool RunToTheEnd() {
    const bool ended = harness.RunUntil([&] { return !listening.done.empty(); });
    harness.Settle();
    return ended;
  }
  void Renew() {
    harness.On([&] { stream.reset(); });
    harness.Settle();
    listening = SynthesisListening();
  }
  void TearDown() override {
    harness.On([&] { stream.reset(); });
    harness.Settle();
  }
  void ExpectRefused(std::string_view text, const SynthesisOptions& options,
                     const std::string& field) {
    EXPECT_THAT(Open(text, options),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr(field)));
    EXPECT_EQ(listening.callbacks, 0);
  }

  Harness harness;
  SynthesisListening listening;
  std::unique_ptr<SynthesisStream> stream;
};

TYPED_TEST_SUITE_P(SpeechSynthesizerContract);

TYPED_TEST_P(SpeechSynthesizerContract, AudioOfTheRateAskedForThenOneCompletion) {
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());

  auto& listening = this->listening;
  ASSERT_EQ(listening.done.size(), 1u);
  EXPECT_THAT(listening.done[0], IsOk());
  EXPECT_FALSE(listening.other_rate);
  // Nobody says these eight words in less than half a second, nor in more than ten.
  EXPECT_GT(listening.audio.duration(), std::chrono::milliseconds(500));
  EXPECT_LT(listening.audio.duration(), std::chrono::seconds(10));
}

TYPED_TEST_P(SpeechSynthesizerContract, NothingIsCalledBackInsideSynthesizeOrCancel) {
  this->Speak();
  this->harness.On([&] { this->Cancel(); });
  this->harness.Settle();

  EXPECT_FALSE(this->listening.called_back_inside);
}

TYPED_TEST_P(SpeechSynthesizerContract, WordsLieInTheTextAndInTheAudioInOrder) {
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());

  if constexpr (TypeParam::kReportsWords) {
    EXPECT_FALSE(this->listening.words.empty());
  }
  std::size_t text_at = 0;
  std::chrono::milliseconds audio_at{0};
  for (const SpokenWord& word : this->listening.words) {
    EXPECT_LE(text_at, word.text_begin);
    EXPECT_LT(word.text_begin, word.text_end);
    EXPECT_LE(word.text_end, this->kText.size());
    EXPECT_LE(audio_at, word.start);
    EXPECT_LE(word.start, word.end);
    text_at = word.text_end;
    audio_at = word.start;
  }
  EXPECT_LE(audio_at, this->listening.audio.duration());
}

TYPED_TEST_P(SpeechSynthesizerContract, AListenerForWordsMayBeMissing) {
  this->harness.On([&] {
    const SynthesisOptions options = this->harness.options();
    auto callbacks = this->listening.Callbacks(options.sample_rate_hz);
    callbacks.on_words = nullptr;
    auto opened = this->harness.synthesizer().Synthesize(
        this->kText, options, this->harness.executor(), std::move(callbacks));
    ASSERT_THAT(opened, IsOk());
    this->stream = *std::move(opened);
  });
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_THAT(this->listening.done[0], IsOk());
}

TYPED_TEST_P(SpeechSynthesizerContract, ALongerTextTakesLonger) {
  ASSERT_THAT(this->Open("Yes.", this->harness.options()), IsOk());
  ASSERT_TRUE(this->RunToTheEnd());
  const auto yes = this->listening.audio.duration();
  this->Renew();
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_LT(yes, this->listening.audio.duration());
}

TYPED_TEST_P(SpeechSynthesizerContract, CancelBeforeAnythingCameReportsCancelledOnce) {
  this->harness.On([&] {
    this->Speak();  // nothing can come before this task has ended
    this->Cancel();
    this->Cancel();
  });
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->listening.frames, 0);
  ASSERT_EQ(this->listening.done.size(), 1u);
  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
}

TYPED_TEST_P(SpeechSynthesizerContract, CancelInsideAnyOfTheFirstCallbacksIsFollowedByCancelled) {
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());
  const int callbacks = std::min(this->listening.callbacks, 6);
  for (int cancel_at = 0; cancel_at + 1 < callbacks; ++cancel_at) {
    SCOPED_TRACE(cancel_at);
    this->Renew();
    this->listening.on_each = [&](int number) {
      if (number == cancel_at) this->Cancel();
    };
    this->Speak();
    ASSERT_TRUE(this->RunToTheEnd());

    EXPECT_EQ(this->listening.callbacks, cancel_at + 2);
    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
  }
}

TYPED_TEST_P(SpeechSynthesizerContract, CancelAfterTheEndDoesNothing) {
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());
  const int callbacks = this->listening.callbacks;

  this->harness.On([&] { this->Cancel(); });
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, callbacks);
}

TYPED_TEST_P(SpeechSynthesizerContract, ADestroyedStreamIsSilent) {
  this->harness.On([&] {
    this->Speak();  // nothing can come before this task has ended
    this->stream.reset();
  });
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, 0);
}

TYPED_TEST_P(SpeechSynthesizerContract, DestructionInsideAnyOfTheFirstCallbacksIsTheEnd) {
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());
  const int callbacks = std::min(this->listening.callbacks, 6);
  for (int destroy_at = 0; destroy_at < callbacks; ++destroy_at) {
    SCOPED_TRACE(destroy_at);
    this->Renew();
    this->listening.on_each = [&](int number) {
      if (number == destroy_at) this->stream.reset();
    };
    this->Speak();
    ASSERT_TRUE(this->harness.RunUntil([&] { return this->stream == nullptr; }));
    this->harness.Settle();

    EXPECT_EQ(this->listening.callbacks, destroy_at + 1);
  }
}

TYPED_TEST_P(SpeechSynthesizerContract, DestructionInsideTheCompletionIsAllowed) {
  this->listening.on_each = [&](int) {
    if (!this->listening.done.empty()) this->stream.reset();
  };
  this->Speak();
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->stream, nullptr);
  EXPECT_EQ(this->listening.done.size(), 1u);
}

TYPED_TEST_P(SpeechSynthesizerContract, StreamsDoNotDisturbEachOther) {
  this->Speak();
  SynthesisListening other;
  std::unique_ptr<SynthesisStream> second;
  this->harness.On([&] {
    const SynthesisOptions options = this->harness.options();
    auto opened = this->harness.synthesizer().Synthesize(
        this->kText, options, this->harness.executor(), other.Callbacks(options.sample_rate_hz));
    ASSERT_THAT(opened, IsOk());
    second = *std::move(opened);
    second->Cancel();
  });
  ASSERT_TRUE(this->RunToTheEnd());
  ASSERT_TRUE(this->harness.RunUntil([&] { return !other.done.empty(); }));
  this->harness.On([&] { second.reset(); });

  EXPECT_THAT(this->listening.done[0], IsOk());
  EXPECT_THAT(other.done[0], StatusIs(absl::StatusCode::kCancelled));
}

TYPED_TEST_P(SpeechSynthesizerContract, BadTextIsRefusedNamingIt) {
  const SynthesisOptions options = this->harness.options();
  this->ExpectRefused("", options, "text");
  this->ExpectRefused("gr\xfc\xdf", options, "text");
  this->ExpectRefused(std::string(this->harness.synthesizer().max_text_bytes() + 1, 'a'), options,
                      "text");
}

TYPED_TEST_P(SpeechSynthesizerContract, BadOptionsAreRefusedNamingTheField) {
  SynthesisOptions options = this->harness.options();
  options.sample_rate_hz = 4000;
  this->ExpectRefused(this->kText, options, "sample_rate_hz");
  options = this->harness.options();
  options.speed_per_mille = 10;
  this->ExpectRefused(this->kText, options, "speed_per_mille");
  options = this->harness.options();
  options.voice = "no such voice";
  this->ExpectRefused(this->kText, options, "voice");
}

REGISTER_TYPED_TEST_SUITE_P(SpeechSynthesizerContract, AudioOfTheRateAskedForThenOneCompletion,
                            NothingIsCalledBackInsideSynthesizeOrCancel,
                            WordsLieInTheTextAndInTheAudioInOrder, AListenerForWordsMayBeMissing,
                            ALongerTextTakesLonger, CancelBeforeAnythingCameReportsCancelledOnce,
                            CancelInsideAnyOfTheFirstCallbacksIsFollowedByCancelled,
                            CancelAfterTheEndDoesNothing, ADestroyedStreamIsSilent,
                            DestructionInsideAnyOfTheFirstCallbacksIsTheEnd,
                            DestructionInsideTheCompletionIsAllowed, StreamsDoNotDisturbEachOther,
                            BadTextIsRefusedNamingIt, BadOptionsAreRefusedNamingTheField);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_SPEECH_SYNTHESIZER_CONTRACT_H_
