// What every SpeechRecognizer does, run against each of them:
//
//   struct MyHarness : ManualHarness {          // or ThreadHarness
//     SpeechRecognizer& recognizer();           // admits two streams at least
//     RecognitionOptions options();
//     PcmBuffer PrepareSpeech();                // audio in which the next stream hears words
//     static constexpr bool kCanStall = true;   // and then:
//     void PrepareStall();                      // nothing that is pushed gets consumed
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, SpeechRecognizerContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_SPEECH_RECOGNIZER_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_SPEECH_RECOGNIZER_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/text.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "tests/contract/harness.h"

namespace dragoman {

// What one stream called back.
struct RecognitionListening {
  std::vector<Transcript> transcripts;
  std::vector<absl::Status> done;
  int callbacks = 0;
  bool inside_a_call = false;
  bool called_back_inside = false;
  std::function<void(int)> on_each = [](int) {};

  SpeechRecognizer::Callbacks Callbacks() {
    SpeechRecognizer::Callbacks callbacks;
    callbacks.on_transcript = [this](Transcript transcript) {
      transcripts.push_back(std::move(transcript));
      Count();
    };
    callbacks.on_done = [this](absl::Status status) {
      done.push_back(std::move(status));
      Count();
    };
    return callbacks;
  }
  int flushed() const {
    return static_cast<int>(std::count_if(transcripts.begin(), transcripts.end(),
                                          [](const Transcript& t) { return t.from_flush; }));
  }

 private:
  void Count() {
    called_back_inside = called_back_inside || inside_a_call;
    on_each(callbacks++);
  }
};

template <typename Harness>
class SpeechRecognizerContract : public ::testing::Test {
 protected:
  static constexpr int kStates = 4;

  void Open() {
    harness.On([&] {
      listening.inside_a_call = true;
      auto opened =
          harness.recognizer().Open(harness.options(), harness.executor(), listening.Callbacks());
      listening.inside_a_call = false;
      ASSERT_THAT(opened, IsOk());
      stream = *std::move(opened);
    });
    ASSERT_NE(stream, nullptr);
  }

  // In frames of 20 ms, as from a line.
  void Push(const PcmBuffer& audio) {
    harness.On([&] {
      const size_t frame = static_cast<size_t>(audio.sample_rate_hz) / 50;
      std::span<const std::int16_t> rest = audio.samples;
      listening.inside_a_call = true;
      while (!rest.empty()) {
        const size_t size = std::min(frame, rest.size());
        ASSERT_THAT(stream->Push({rest.first(size), audio.sample_rate_hz}), IsOk());
        rest = rest.subspan(size);
      }
      listening.inside_a_call = false;
    });
  }
  void Do(void (RecognitionStream::*method)()) {
    harness.On([&] {
      listening.inside_a_call = true;
      (stream.get()->*method)();
      listening.inside_a_call = false;
    });
  }
  // Opened, audio pushed, flushed, finished: with nothing run in between.
  void OpenInState(int state) {
    const PcmBuffer speech = harness.PrepareSpeech();
    Open();
    if (state >= 1) Push(speech);
    if (state >= 2) Do(&RecognitionStream::Flush);
    if (state >= 3) Do(&RecognitionStream::Finish);
  }
  bool RunToTheEnd() {
    const bool ended = harness.RunUntil([&] { return !listening.done.empty(); });
    harness.Settle();
    return ended;
  }
  bool RunUntilFlushed(int times) {
    return harness.RunUntil([&, times] { return listening.flushed() >= times; });
  }
  void Renew() {
    harness.On([&] { stream.reset(); });
    harness.Settle();
    listening = RecognitionListening();
  }
  void TearDown() override {
    harness.On([&] { stream.reset(); });
    harness.Settle();
  }
  PcmBuffer Quiet(std::chrono::milliseconds length) {
    return Silence(length, harness.options().sample_rate_hz);
  }
  void ExpectRefused(const std::function<void(RecognitionOptions&)>& spoil,
                     const std::string& field) {
    RecognitionOptions options = harness.options();
    spoil(options);
    absl::Status refused;
    harness.On([&] {
      refused =
          harness.recognizer().Open(options, harness.executor(), listening.Callbacks()).status();
    });
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr(field)));
  }

  Harness harness;
  RecognitionListening listening;
  std::unique_ptr<RecognitionStream> stream;
};

TYPED_TEST_SUITE_P(SpeechRecognizerContract);

TYPED_TEST_P(SpeechRecognizerContract, WordsThatWereSaidComeBackByTheFlush) {
  const PcmBuffer speech = this->harness.PrepareSpeech();
  this->Open();
  this->Push(speech);
  this->Do(&RecognitionStream::Flush);
  ASSERT_TRUE(this->RunUntilFlushed(1));

  std::string finals;
  for (const Transcript& transcript : this->listening.transcripts) {
    EXPECT_TRUE(IsValidUtf8(transcript.text));
    if (transcript.is_final) finals += transcript.text;
  }
  EXPECT_NE(finals, "");
}

TYPED_TEST_P(SpeechRecognizerContract, SilenceIsAnsweredByAnEmptyFinal) {
  this->Open();
  this->Push(this->Quiet(std::chrono::milliseconds(1000)));
  this->Do(&RecognitionStream::Flush);
  ASSERT_TRUE(this->RunUntilFlushed(1));

  const Transcript& last = this->listening.transcripts.back();
  EXPECT_TRUE(last.is_final);
  EXPECT_EQ(last.text, "");
}

TYPED_TEST_P(SpeechRecognizerContract, EachFlushIsAnsweredByExactlyOneFinal) {
  const PcmBuffer speech = this->harness.PrepareSpeech();
  this->Open();
  this->Do(&RecognitionStream::Flush);  // before any audio
  this->Push(speech);
  this->Do(&RecognitionStream::Flush);
  this->Do(&RecognitionStream::Flush);  // with nothing in between
  ASSERT_TRUE(this->RunUntilFlushed(3));
  this->harness.Settle();

  EXPECT_EQ(this->listening.flushed(), 3);
  for (const Transcript& transcript : this->listening.transcripts) {
    EXPECT_TRUE(!transcript.from_flush || transcript.is_final);
  }
}

TYPED_TEST_P(SpeechRecognizerContract, TimesLieWithinTheAudioPushed) {
  const PcmBuffer speech = this->harness.PrepareSpeech();
  this->Open();
  this->Push(speech);
  this->Do(&RecognitionStream::Flush);
  ASSERT_TRUE(this->RunUntilFlushed(1));

  for (const Transcript& transcript : this->listening.transcripts) {
    EXPECT_LE(std::chrono::milliseconds(0), transcript.audio_start);
    EXPECT_LE(transcript.audio_start, transcript.audio_end);
    EXPECT_LE(transcript.audio_end, speech.duration() + std::chrono::milliseconds(20));
    EXPECT_LE(transcript.confidence_per_mille, 1000);
    EXPECT_GE(transcript.confidence_per_mille, -1);
    std::chrono::milliseconds last{0};
    for (const RecognizedWord& word : transcript.words) {
      EXPECT_LE(last, word.start);
      EXPECT_LE(word.start, word.end);
      last = word.start;
    }
  }
}

TYPED_TEST_P(SpeechRecognizerContract, WithoutPartialsOnlyFinalsCome) {
  const PcmBuffer speech = this->harness.PrepareSpeech();
  this->harness.On([&] {
    RecognitionOptions options = this->harness.options();
    options.partials = false;
    auto opened = this->harness.recognizer().Open(options, this->harness.executor(),
                                                  this->listening.Callbacks());
    ASSERT_THAT(opened, IsOk());
    this->stream = *std::move(opened);
  });
  this->Push(speech);
  this->Do(&RecognitionStream::Flush);
  ASSERT_TRUE(this->RunUntilFlushed(1));

  for (const Transcript& transcript : this->listening.transcripts) {
    EXPECT_TRUE(transcript.is_final);
  }
}

TYPED_TEST_P(SpeechRecognizerContract, FinishDeliversWhatIsPendingThenOneCompletion) {
  const PcmBuffer speech = this->harness.PrepareSpeech();
  this->Open();
  this->Push(speech);
  this->Do(&RecognitionStream::Flush);
  this->Do(&RecognitionStream::Finish);
  this->Do(&RecognitionStream::Finish);
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->listening.flushed(), 1);
  ASSERT_EQ(this->listening.done.size(), 1u);
  EXPECT_THAT(this->listening.done[0], IsOk());
}

TYPED_TEST_P(SpeechRecognizerContract, FinishWithoutAudioCompletes) {
  this->Open();
  this->Do(&RecognitionStream::Finish);
  ASSERT_TRUE(this->RunToTheEnd());

  ASSERT_EQ(this->listening.done.size(), 1u);
  EXPECT_THAT(this->listening.done[0], IsOk());
}

TYPED_TEST_P(SpeechRecognizerContract, AudioAfterFinishOrCancelIsRefused) {
  const PcmBuffer frame = this->Quiet(std::chrono::milliseconds(20));
  this->Open();
  this->Do(&RecognitionStream::Finish);
  this->harness.On([&] {
    EXPECT_THAT(this->stream->Push(frame), StatusIs(absl::StatusCode::kFailedPrecondition));
  });
  this->Renew();
  this->Open();
  this->Do(&RecognitionStream::Cancel);
  this->harness.On([&] {
    EXPECT_THAT(this->stream->Push(frame), StatusIs(absl::StatusCode::kFailedPrecondition));
  });
}

TYPED_TEST_P(SpeechRecognizerContract, AFrameOfAnotherRateIsRefused) {
  this->Open();
  this->harness.On([&] {
    const PcmBuffer frame = Silence(std::chrono::milliseconds(20), 11025);
    EXPECT_THAT(this->stream->Push(frame), StatusIs(absl::StatusCode::kInvalidArgument,
                                                    ::testing::HasSubstr("sample_rate_hz")));
  });
}

TYPED_TEST_P(SpeechRecognizerContract, CancelInEveryStateReportsCancelledOnce) {
  for (int state = 0; state < this->kStates; ++state) {
    SCOPED_TRACE(state);
    this->Renew();
    this->OpenInState(state);
    this->Do(&RecognitionStream::Cancel);
    this->Do(&RecognitionStream::Cancel);
    ASSERT_TRUE(this->RunToTheEnd());

    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
    EXPECT_FALSE(this->listening.called_back_inside);
  }
}

TYPED_TEST_P(SpeechRecognizerContract, NothingIsHeardAfterCancel) {
  this->OpenInState(2);
  this->listening.on_each = [&](int number) {
    if (number == 0) this->stream->Cancel();
  };
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->listening.transcripts.size(), 1u);
  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
}

TYPED_TEST_P(SpeechRecognizerContract, ADestroyedStreamIsSilentInEveryState) {
  for (int state = 0; state < this->kStates; ++state) {
    SCOPED_TRACE(state);
    this->Renew();
    this->OpenInState(state);
    int before = 0;
    this->harness.On([&] {
      before = this->listening.callbacks;
      this->stream.reset();
    });
    this->harness.Settle();

    EXPECT_EQ(this->listening.callbacks, before);
  }
}

TYPED_TEST_P(SpeechRecognizerContract, DestructionInsideAnyCallbackIsFollowedByNothing) {
  this->OpenInState(3);
  ASSERT_TRUE(this->RunToTheEnd());
  const int callbacks = this->listening.callbacks;
  for (int destroy_at = 0; destroy_at < callbacks; ++destroy_at) {
    SCOPED_TRACE(destroy_at);
    this->Renew();
    this->listening.on_each = [&](int number) {
      if (number == destroy_at) this->stream.reset();
    };
    this->OpenInState(3);
    ASSERT_TRUE(this->harness.RunUntil([&] { return this->stream == nullptr; }));
    this->harness.Settle();

    EXPECT_EQ(this->listening.callbacks, destroy_at + 1);
  }
}

TYPED_TEST_P(SpeechRecognizerContract, TheContextMayChangeAtAnyTime) {
  const PcmBuffer speech = this->harness.PrepareSpeech();
  this->Open();
  const auto set = [&](std::string id) {
    this->harness.On([&] { this->stream->SetContext({.id = id}); });
  };
  set("before");
  this->Push(speech);
  set("between");
  this->Do(&RecognitionStream::Flush);
  set("after the flush");
  this->Do(&RecognitionStream::Finish);
  set("after the end");
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->listening.flushed(), 1);
  EXPECT_THAT(this->listening.done[0], IsOk());
}

TYPED_TEST_P(SpeechRecognizerContract, StreamsDoNotDisturbEachOther) {
  this->OpenInState(2);
  RecognitionListening other;
  std::unique_ptr<RecognitionStream> second;
  this->harness.On([&] {
    auto opened = this->harness.recognizer().Open(this->harness.options(), this->harness.executor(),
                                                  other.Callbacks());
    ASSERT_THAT(opened, IsOk());
    second = *std::move(opened);
    second->Flush();
    this->stream->Cancel();
  });
  ASSERT_TRUE(this->harness.RunUntil([&] { return other.flushed() == 1; }));
  ASSERT_TRUE(this->RunToTheEnd());
  this->harness.On([&] { second.reset(); });

  EXPECT_EQ(other.transcripts.back().text, "");
}

TYPED_TEST_P(SpeechRecognizerContract, BadOptionsAreRefusedNamingTheField) {
  this->ExpectRefused([](RecognitionOptions& o) { o.sample_rate_hz = 4000; }, "sample_rate_hz");
  this->ExpectRefused([](RecognitionOptions& o) { o.context.phrases.assign(101, "a"); }, "phrases");
  EXPECT_EQ(this->listening.callbacks, 0);
}

TYPED_TEST_P(SpeechRecognizerContract, TheQueueIsBoundedAndARefusedFrameIsNotTaken) {
  if constexpr (TypeParam::kCanStall) {
    this->harness.PrepareStall();
    this->Open();
    const PcmBuffer second = this->Quiet(std::chrono::seconds(1));
    absl::Status refused;
    this->harness.On([&] {
      for (int i = 0; i < 600 && refused.ok(); ++i) refused = this->stream->Push(second);
    });
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
    this->Do(&RecognitionStream::Cancel);
    EXPECT_TRUE(this->RunToTheEnd());
  }
}

REGISTER_TYPED_TEST_SUITE_P(SpeechRecognizerContract, WordsThatWereSaidComeBackByTheFlush,
                            SilenceIsAnsweredByAnEmptyFinal, EachFlushIsAnsweredByExactlyOneFinal,
                            TimesLieWithinTheAudioPushed, WithoutPartialsOnlyFinalsCome,
                            FinishDeliversWhatIsPendingThenOneCompletion,
                            FinishWithoutAudioCompletes, AudioAfterFinishOrCancelIsRefused,
                            AFrameOfAnotherRateIsRefused, CancelInEveryStateReportsCancelledOnce,
                            NothingIsHeardAfterCancel, ADestroyedStreamIsSilentInEveryState,
                            DestructionInsideAnyCallbackIsFollowedByNothing,
                            TheContextMayChangeAtAnyTime, StreamsDoNotDisturbEachOther,
                            BadOptionsAreRefusedNamingTheField,
                            TheQueueIsBoundedAndARefusedFrameIsNotTaken);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_SPEECH_RECOGNIZER_CONTRACT_H_
