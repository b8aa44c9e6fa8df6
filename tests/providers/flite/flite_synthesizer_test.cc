#include "dragoman/providers/flite/flite_synthesizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/work_pool.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

struct Spoken {
  PcmBuffer audio;
  std::vector<SpokenWord> words;
  absl::Status status = absl::UnknownError("never done");
  milliseconds done_at{0};
};

class FliteSynthesizerTest : public ::testing::Test {
 protected:
  void SetUp() override { Make({}); }

  void Make(const FliteOptions& options) {
    auto made = MakeFliteSynthesizer(options, {.pool = &pool});
    ASSERT_THAT(made, IsOk());
    synthesizer = *std::move(made);
  }
  SpeechSynthesizer::Callbacks Into(Spoken& spoken) {
    SpeechSynthesizer::Callbacks callbacks;
    callbacks.on_audio = [&spoken](const PcmFrame& frame) { spoken.audio.Append(frame); };
    callbacks.on_words = [&spoken](const std::vector<SpokenWord>& words) {
      spoken.words.insert(spoken.words.end(), words.begin(), words.end());
    };
    callbacks.on_done = [this, &spoken](absl::Status status) {
      spoken.status = std::move(status);
      spoken.done_at = std::chrono::duration_cast<milliseconds>(executor.Now().time_since_epoch());
    };
    return callbacks;
  }
  Spoken Speak(std::string_view text, const SynthesisOptions& options = {}) {
    Spoken spoken;
    auto stream = synthesizer->Synthesize(text, options, executor, Into(spoken));
    spoken.status = stream.status();
    if (stream.ok()) executor.RunFor(std::chrono::minutes(5));
    return spoken;
  }

  ManualExecutor executor;
  ManualWorkPool pool{executor};
  std::unique_ptr<SpeechSynthesizer> synthesizer;
};

TEST_F(FliteSynthesizerTest, EveryVoiceSpeaks) {
  for (const std::string& voice : FliteVoices()) {
    SCOPED_TRACE(voice);
    const Spoken spoken = Speak("Your appointment is on Tuesday.", {.voice = voice});
    EXPECT_THAT(spoken.status, IsOk());
    EXPECT_GT(spoken.audio.duration(), milliseconds(1000));
    EXPECT_LT(spoken.audio.duration(), milliseconds(5000));
    EXPECT_GT(*std::max_element(spoken.audio.samples.begin(), spoken.audio.samples.end()), 3000);
  }
}

TEST_F(FliteSynthesizerTest, TheSameTextGivesTheSameSamplesWhateverWasSaidBefore) {
  Make({.max_cache_bytes = 0});
  const Spoken first = Speak("Half past ten is free.", {.voice = "rms"});
  Speak("Something else.", {.voice = "awb"});
  const Spoken second = Speak("Half past ten is free.", {.voice = "rms"});

  EXPECT_EQ(first.audio.samples, second.audio.samples);
}

TEST_F(FliteSynthesizerTest, TheHostsOwnRandomNumbersGoOnAsIfNothingHappened) {
  std::srand(7);
  const int first = std::rand();
  const int second = std::rand();
  std::srand(7);
  ASSERT_EQ(std::rand(), first);
  Speak("This sentence draws thousands of random numbers.");

  EXPECT_EQ(std::rand(), second);
}

TEST_F(FliteSynthesizerTest, WordTimesNameTheWordsOfTheText) {
  constexpr std::string_view kText = "Doctor Patel, at 10:30 on the 3rd. It costs $5.";
  const Spoken spoken = Speak(kText);

  std::vector<std::string> words;
  for (const SpokenWord& word : spoken.words) {
    words.emplace_back(kText.substr(word.text_begin, word.text_end - word.text_begin));
    EXPECT_LT(word.start, word.end);
  }
  EXPECT_THAT(words, ::testing::ElementsAre("Doctor", "Patel,", "at", "10:30", "on", "the", "3rd.",
                                            "It", "costs", "$5."));
  EXPECT_LE(spoken.words.back().end, spoken.audio.duration() + milliseconds(1));
  // "10:30" is two spoken words, longer than "at" beside it.
  EXPECT_GT(spoken.words[3].end - spoken.words[3].start,
            spoken.words[2].end - spoken.words[2].start);
}

TEST_F(FliteSynthesizerTest, WordTimesOfALaterSentenceCountFromTheFirstSample) {
  const Spoken spoken = Speak("One. Two.");

  ASSERT_EQ(spoken.words.size(), 2u);
  EXPECT_GE(spoken.words[1].start, spoken.words[0].end);
  EXPECT_EQ(spoken.words[1].text_begin, 5u);
}

TEST_F(FliteSynthesizerTest, PlacesInTheTextAreBytesAlsoBehindAccents) {
  constexpr std::string_view kText = "Caf\xc3\xa9 Zo\xc3\xab \xe2\x80\x9cnow\xe2\x80\x9d.";
  const Spoken spoken = Speak(kText);

  std::vector<std::string> words;
  for (const SpokenWord& word : spoken.words) {
    words.emplace_back(kText.substr(word.text_begin, word.text_end - word.text_begin));
  }
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[0], "Caf\xc3\xa9");
  EXPECT_EQ(words[1], "Zo\xc3\xab");
  EXPECT_THAT(words[2], HasSubstr("now"));
}

TEST_F(FliteSynthesizerTest, SpeedScalesTheDuration) {
  const auto normal = Speak("Please hold the line.").audio.duration();
  const auto fast = Speak("Please hold the line.", {.speed_per_mille = 2000}).audio.duration();

  EXPECT_GT(normal, fast * 3 / 2);
  EXPECT_LT(normal, fast * 5 / 2);
}

TEST_F(FliteSynthesizerTest, RatesDifferInSamplesNotInDuration) {
  const auto at_8000 = Speak("Hello there.", {.sample_rate_hz = 8000}).audio;
  auto at_16000 = Speak("Hello there.", {.sample_rate_hz = 16000}).audio;
  at_16000.sample_rate_hz = 16000;

  EXPECT_NEAR(static_cast<double>(at_8000.samples.size() * 2),
              static_cast<double>(at_16000.samples.size()), 64);
  EXPECT_THAT(Speak("Hello.", {.sample_rate_hz = 11025}).status,
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("8000, 16000, 24000 or 48000")));
}

TEST_F(FliteSynthesizerTest, ARepeatedPromptComesFromTheCacheAtOnce) {
  const Spoken first = Speak("One moment please.");
  const auto begun = executor.Now();
  Spoken second;
  auto stream = synthesizer->Synthesize("One moment please.", {}, executor, Into(second));
  ASSERT_THAT(stream, IsOk());
  executor.RunUntilIdle();

  EXPECT_THAT(second.status, IsOk());
  EXPECT_EQ(executor.Now(), begun);
  EXPECT_EQ(first.audio.samples, second.audio.samples);
}

TEST_F(FliteSynthesizerTest, AConfidentialSentenceIsNeitherKeptNorTakenFromWhatIsKept) {
  // Only what comes from the cache comes at once.
  const auto at_once = [&](const std::string& text, bool confidential) {
    Spoken spoken;
    spoken.status = absl::UnknownError("not done");
    auto stream =
        synthesizer->Synthesize(text, {.confidential = confidential}, executor, Into(spoken));
    EXPECT_THAT(stream, IsOk());
    executor.RunUntilIdle();
    const bool done = spoken.status.ok();
    executor.RunFor(std::chrono::seconds(10));
    EXPECT_THAT(spoken.status, IsOk());
    return done;
  };
  EXPECT_FALSE(at_once("Four two seven one.", true));
  EXPECT_FALSE(at_once("Four two seven one.", true));
  EXPECT_FALSE(at_once("Four two seven one.", false));
  EXPECT_TRUE(at_once("Four two seven one.", false));
  EXPECT_FALSE(at_once("Four two seven one.", true));
}

TEST_F(FliteSynthesizerTest, TheCacheDropsWhatIsOldestRatherThanGrow) {
  Make({.max_cache_bytes = 25'000});  // one short prompt of two
  Speak("One moment please.");
  Speak("Two moments please.");
  Spoken again;
  auto stream = synthesizer->Synthesize("One moment please.", {}, executor, Into(again));
  ASSERT_THAT(stream, IsOk());
  executor.RunUntilIdle();

  EXPECT_FALSE(again.status.ok());  // it has to be rendered again, which takes time
  executor.RunFor(std::chrono::seconds(1));
  EXPECT_THAT(again.status, IsOk());
}

TEST_F(FliteSynthesizerTest, HostileTextIsSpokenOrRefusedNeverMore) {
  const std::vector<std::string> texts = {
      std::string(4096, 'a'),
      std::string(4096, '9'),
      std::string(4096, '.'),
      std::string(4095, '(') + "x",
      std::string("a\0b\x01\x1b[31m", 9),
      "<audio src=\"x\"/> $(reboot) %s%n%p \\\\ `id`",
      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80 \xd0\xb4\xd0\xb0",
      "1e999999 -0 1/0 99:99 13/32/9999 $$$ 1,2,3,4,5,6,7,8,9 XIV MCMXCIX",
      "''''''' \"\"\" [[[ {{{ ### @@@ &&& === +++ ***",
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text.substr(0, 30));
    EXPECT_THAT(Speak(text).status, IsOk());
  }
}

TEST_F(FliteSynthesizerTest, TextBeyondTheLimitIsRefusedWithItsSize) {
  EXPECT_THAT(Speak(std::string(1 << 20, 'a')).status,
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("1048576 bytes")));
  EXPECT_THAT(Speak(" \n\t ").status, StatusIs(StatusCode::kInvalidArgument, HasSubstr("empty")));
}

TEST_F(FliteSynthesizerTest, MoreStreamsThanAdmittedAreRefused) {
  Make({.max_streams = 1});
  Spoken first;
  auto held = synthesizer->Synthesize("Hello.", {}, executor, Into(first));
  ASSERT_THAT(held, IsOk());

  EXPECT_THAT(Speak("Hello.").status, StatusIs(StatusCode::kResourceExhausted));
  held->reset();
  EXPECT_THAT(Speak("Hello.").status, IsOk());
}

TEST_F(FliteSynthesizerTest, CancelInALongTextEndsBeforeTheNextSentence) {
  Spoken spoken;
  auto callbacks = Into(spoken);
  std::unique_ptr<SynthesisStream> stream;
  callbacks.on_words = [&](const std::vector<SpokenWord>& words) {
    spoken.words.insert(spoken.words.end(), words.begin(), words.end());
    stream->Cancel();
  };
  auto opened =
      synthesizer->Synthesize("First one. Second one.", {}, executor, std::move(callbacks));
  ASSERT_THAT(opened, IsOk());
  stream = *std::move(opened);
  executor.RunFor(std::chrono::minutes(1));

  EXPECT_THAT(spoken.status, StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(spoken.words.size(), 2u);
  EXPECT_TRUE(spoken.audio.samples.empty());
}

TEST_F(FliteSynthesizerTest, BadOptionsOfTheFactoryAreNamed) {
  EXPECT_THAT(MakeFliteSynthesizer({.voice = "siri"}, {.pool = &pool}).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("siri")));
  EXPECT_THAT(MakeFliteSynthesizer({.max_streams = 0}, {.pool = &pool}).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("max_streams")));
  EXPECT_THAT(MakeFliteSynthesizer({}, {}).status(),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("pool")));
}

TEST_F(FliteSynthesizerTest, AnotherLanguageIsRefused) {
  EXPECT_THAT(Speak("Hallo.", {.language = "de-DE"}).status,
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("language")));
  EXPECT_THAT(Speak("Hello.", {.language = "en-GB"}).status, IsOk());
}

}  // namespace
}  // namespace dragoman
