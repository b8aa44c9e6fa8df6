#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/testing/matchers.h"
#include "tests/providers/pocketsphinx/heard.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr char kTimes[] =
    "#JSGF V1.0;\ngrammar t;\n"
    "public <t> = [no i mean] (half past | quarter to) <hour> [in the (morning | evening)]"
    " | yes [please] | no;\n"
    "<hour> = one | two | three | four | five | six | seven | eight | nine | ten | eleven;\n";

class PocketSphinxRecognizerTest : public ::testing::Test {
 protected:
  void SetUp() override { TestPool().pool = &pool; }
  void TearDown() override {
    stream.reset();
    executor.RunFor(std::chrono::minutes(1));
    TestPool().pool = nullptr;
  }

  void Open(const RecognitionOptions& options) {
    auto opened = TestRecognizer().Open(
        options, executor,
        {.on_transcript = [this](Transcript heard) { transcripts.push_back(std::move(heard)); },
         .on_done = [this](absl::Status status) { done.push_back(std::move(status)); }});
    ASSERT_THAT(opened, IsOk());
    stream = *std::move(opened);
  }
  RecognitionOptions Times(bool partials = true) {
    return {.sample_rate_hz = 8000,
            .context = {.id = "times", .grammar = kTimes},
            .partials = partials};
  }
  // As a call does it: a frame every 20 ms.
  void Say(const PcmBuffer& audio) {
    const auto frame = static_cast<std::size_t>(audio.sample_rate_hz / 50);
    for (std::size_t at = 0; at < audio.samples.size(); at += frame) {
      const std::size_t size = std::min(frame, audio.samples.size() - at);
      ASSERT_THAT(stream->Push({std::span(audio.samples).subspan(at, size), audio.sample_rate_hz}),
                  IsOk());
      executor.RunFor(milliseconds(20));
    }
  }
  Transcript Flushed() {
    const std::size_t before = transcripts.size();
    stream->Flush();
    executor.RunFor(std::chrono::seconds(20));
    for (std::size_t i = before; i < transcripts.size(); ++i) {
      if (transcripts[i].from_flush) return transcripts[i];
    }
    ADD_FAILURE() << "no answer to the flush";
    return {};
  }

  ManualExecutor executor;
  ManualWorkPool pool{executor};
  std::vector<Transcript> transcripts;
  std::vector<absl::Status> done;
  std::unique_ptr<RecognitionStream> stream;
};

TEST_F(PocketSphinxRecognizerTest, SentencesOfTheGrammarAreHeardExactly) {
  Open(Times());
  for (const char* voice : {"rms", "awb"}) {
    SCOPED_TRACE(voice);
    Say(Phoned("quarter to four in the evening", voice));
    const Transcript heard = Flushed();
    EXPECT_EQ(heard.text, "quarter to four in the evening");
  }
}

TEST_F(PocketSphinxRecognizerTest, WordTimesLieWhereTheWordsWereSaid) {
  Open(Times());
  Say(Silence(std::chrono::seconds(5)));
  Say(Phoned("half past ten"));
  const Transcript heard = Flushed();

  ASSERT_EQ(heard.words.size(), 3u);
  // 5 s of silence, 0.3 s before the sentence, about 1 s of speech.
  EXPECT_GT(heard.words[0].start, milliseconds(5200));
  EXPECT_LT(heard.words[0].start, milliseconds(5500));
  EXPECT_LT(heard.words[2].end, milliseconds(6800));
  EXPECT_EQ(heard.audio_start, heard.words[0].start);
  EXPECT_EQ(heard.audio_end, heard.words[2].end);
}

TEST_F(PocketSphinxRecognizerTest, PartialsComeWhileTheCallerSpeaks) {
  Open(Times());
  Say(Phoned("quarter to eleven in the morning"));
  ASSERT_FALSE(transcripts.empty());
  for (const Transcript& partial : transcripts) {
    EXPECT_FALSE(partial.is_final);
    EXPECT_FALSE(partial.text.empty());
  }
}

TEST_F(PocketSphinxRecognizerTest, ASentenceFromOutsideTheGrammarIsDoubted) {
  Open(Times());
  Say(Phoned("my dog ate the calendar"));
  EXPECT_LT(Flushed().confidence_per_mille, 500);
}

// White noise some 12 dB below the voices.
PcmBuffer WithNoise(PcmBuffer line) {
  SeededRandom random(7);
  for (std::int16_t& sample : line.samples) {
    sample = static_cast<std::int16_t>(
        std::clamp<std::int64_t>(sample + random.Between(-900, 900), -32768, 32767));
  }
  return line;
}

TEST_F(PocketSphinxRecognizerTest, InNoiseWhatTheGrammarDoubtsIsNotGuessedAt) {
  Open(Times());
  Say(WithNoise(Silence(std::chrono::seconds(2), 8000)));
  Say(WithNoise(Phoned("we have been waiting for the parcel since november")));
  const Transcript heard = Flushed();
  EXPECT_EQ(heard.text, "[unintelligible]");
  EXPECT_EQ(heard.confidence_per_mille, 0);
}

TEST_F(PocketSphinxRecognizerTest, TheSameAudioGivesTheSameWordsWhateverWasHeardBefore) {
  const PcmBuffer question = Phoned("half past six in the morning", "awb");
  std::vector<std::string> heard;
  for (const char* before : {"no", "quarter to two", "my dog ate the calendar"}) {
    Open(Times());
    Say(Phoned(before, "slt"));
    Flushed();
    stream.reset();
    executor.RunFor(std::chrono::minutes(1));
    transcripts.clear();
    Open(Times());
    Say(question);
    const Transcript last = Flushed();
    std::string all;
    for (const Transcript& one : transcripts) {
      all += StrCat(one.text, "@", one.audio_end, "=", one.confidence_per_mille, ";");
    }
    for (const RecognizedWord& word : last.words) all += StrCat(word.start, "-", word.end, " ");
    heard.push_back(all);
    stream.reset();
    executor.RunFor(std::chrono::minutes(1));
    transcripts.clear();
  }
  EXPECT_THAT(heard[0], HasSubstr("half past six"));
  EXPECT_EQ(heard[0], heard[1]);
  EXPECT_EQ(heard[0], heard[2]);
}

TEST_F(PocketSphinxRecognizerTest, HowTheAudioIsCutDoesNotMatter) {
  const PcmBuffer audio = Phoned("half past six in the morning");
  std::vector<Transcript> finals;
  for (std::size_t size : {std::size_t{7}, std::size_t{160}, std::size_t{4000}}) {
    Open(Times(false));
    for (std::size_t at = 0; at < audio.samples.size(); at += size) {
      const std::size_t length = std::min(size, audio.samples.size() - at);
      ASSERT_THAT(stream->Push({std::span(audio.samples).subspan(at, length), 8000}), IsOk());
    }
    finals.push_back(Flushed());
    stream.reset();
    executor.RunFor(std::chrono::minutes(1));
  }
  EXPECT_EQ(finals[0].text, "half past six in the morning");
  for (const Transcript& one : finals) {
    EXPECT_EQ(one.text, finals[0].text);
    EXPECT_EQ(one.confidence_per_mille, finals[0].confidence_per_mille);
    EXPECT_EQ(one.audio_end, finals[0].audio_end);
  }
}

TEST_F(PocketSphinxRecognizerTest, AWordThatNoDictionaryHasIsHeard) {
  Open({.sample_rate_hz = 8000,
        .context = {.grammar = "#JSGF V1.0;\ngrammar d;\n"
                               "public <d> = with doctor (okafor | lindqvist | smith) please;\n"}});
  Say(Phoned("with doctor Okafor please"));
  EXPECT_EQ(Flushed().text, "with doctor okafor please");
}

TEST_F(PocketSphinxRecognizerTest, TheContextCountsFromTheNextUtteranceOn) {
  Open(Times());
  Say(Phoned("half past ten"));
  stream->SetContext({.id = "colours",
                      .grammar = "#JSGF V1.0;\ngrammar c;\npublic <c> = (red | green | blue)+;\n"});
  EXPECT_EQ(Flushed().text, "half past ten");
  Say(Phoned("green blue red"));
  EXPECT_EQ(Flushed().text, "green blue red");
}

TEST_F(PocketSphinxRecognizerTest, WithoutAGrammarGeneralEnglishIsHeard) {
  Open({.sample_rate_hz = 16000});
  Say(Phoned("the weather is good today", "rms", 16000));
  const Transcript heard = Flushed();
  // The general model is weak; it gets most of a plain sentence at full band width.
  EXPECT_THAT(heard.text, HasSubstr("weather"));
  EXPECT_FALSE(heard.words.empty());
}

TEST_F(PocketSphinxRecognizerTest, OtherRatesAreBroughtDown) {
  for (int rate : {16000, 24000, 48000}) {
    SCOPED_TRACE(rate);
    RecognitionOptions options = Times();
    options.sample_rate_hz = rate;
    Open(options);
    Say(Phoned("half past ten", "rms", rate));
    EXPECT_EQ(Flushed().text, "half past ten");
    stream.reset();
    executor.RunFor(std::chrono::minutes(1));
  }
  EXPECT_THAT(TestRecognizer().Open({.sample_rate_hz = 11025}, executor, {}).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("sample_rate_hz is 11025")));
}

TEST_F(PocketSphinxRecognizerTest, ALongSilenceClosesAnUtteranceByItself) {
  Open(Times());
  Say(Phoned("half past ten"));
  Say(Silence(std::chrono::seconds(4)));
  executor.RunFor(std::chrono::seconds(5));
  ASSERT_FALSE(transcripts.empty());
  const Transcript& last = transcripts.back();
  EXPECT_TRUE(last.is_final);
  EXPECT_FALSE(last.from_flush);
  EXPECT_EQ(last.text, "half past ten");
  EXPECT_EQ(Flushed().text, "");
}

TEST_F(PocketSphinxRecognizerTest, FinishClosesWhatWasBeingSaid) {
  Open(Times());
  Say(Phoned("half past ten"));
  stream->Finish();
  executor.RunFor(std::chrono::seconds(20));
  ASSERT_FALSE(transcripts.empty());
  EXPECT_EQ(transcripts.back().text, "half past ten");
  EXPECT_FALSE(transcripts.back().from_flush);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_THAT(done[0], IsOk());
}

TEST_F(PocketSphinxRecognizerTest, TheAnswerComesAfterTheModelledTimeOfTheDecode) {
  Open(Times());
  Say(Phoned("half past ten"));
  const std::size_t before = transcripts.size();
  stream->Flush();
  executor.RunUntilIdle();
  EXPECT_EQ(transcripts.size(), before);  // no time has passed
  executor.RunFor(std::chrono::seconds(2));
  EXPECT_GT(transcripts.size(), before);
}

TEST_F(PocketSphinxRecognizerTest, AThirdStreamOfTwoDecodersIsRefusedAndThenAdmitted) {
  Open(Times());
  auto second = TestRecognizer().Open(Times(), executor, {});
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(TestRecognizer().Open(Times(), executor, {}).status(),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("all 2 decoders are in use")));
  (*second)->Cancel();
  executor.RunUntilIdle();
  auto third = TestRecognizer().Open(Times(), executor, {});
  EXPECT_THAT(third, IsOk());
}

TEST_F(PocketSphinxRecognizerTest, ABadGrammarIsRefusedAtOpenAndCostsNoDecoder) {
  for (int i = 0; i < 4; ++i) {
    RecognitionOptions options = Times();
    options.context.grammar = "#JSGF V1.0;\ngrammar g;\npublic <a> = b";
    EXPECT_THAT(TestRecognizer().Open(options, executor, {}).status(),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("line 3")));
  }
  Open(Times());
}

TEST_F(PocketSphinxRecognizerTest, ABadGrammarInTheMiddleFallsBackToGeneralEnglish) {
  Open(Times());
  stream->SetContext({.id = "broken", .grammar = "nonsense"});
  Say(Phoned("half past ten"));
  const Transcript heard = Flushed();
  EXPECT_TRUE(heard.is_final);
  EXPECT_TRUE(done.empty());
}

TEST_F(PocketSphinxRecognizerTest, MoreGrammarsThanAreKeptReadyStillWork) {
  Open(Times());
  for (int i = 0; i < 30; ++i) {
    stream->SetContext({.grammar = StrCat("#JSGF V1.0;\ngrammar g;\npublic <g", i, "> = half past ",
                                          i % 2 == 0 ? "ten" : "nine", ";\n")});
  }
  stream->SetContext({.grammar = kTimes});
  Say(Phoned("half past six"));
  EXPECT_EQ(Flushed().text, "half past six");
}

TEST_F(PocketSphinxRecognizerTest, AnotherLanguageIsRefused) {
  RecognitionOptions options = Times();
  options.language = "pt-BR";
  EXPECT_THAT(TestRecognizer().Open(options, executor, {}).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("language")));
}

TEST(PocketSphinxOptionsTest, LimitsAreNamed) {
  EXPECT_THAT(MakePocketSphinxRecognizer({.decoders = 0}, {.pool = &TestPool()}).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("decoders is 0")));
  EXPECT_THAT(
      MakePocketSphinxRecognizer({.accept_per_mille = 1001}, {.pool = &TestPool()}).status(),
      StatusIs(StatusCode::kInvalidArgument, HasSubstr("accept_per_mille")));
  EXPECT_THAT(MakePocketSphinxRecognizer({}, {}).status(),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("pool")));
}

}  // namespace
}  // namespace dragoman
