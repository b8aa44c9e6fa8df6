// The offline caller hears an office on a telephone line: Flite's voices, mu-law, PocketSphinx with
// the caller's own grammar. It prints how much of it is understood.
#include <gmock/gmock.h>

#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "tests/providers/offline/errand_call.h"
#include "tests/providers/offline/text_call.h"
#include "tests/providers/pocketsphinx/heard.h"

namespace dragoman {
namespace {

double AudioSeconds(bool add, double seconds) {
  static double total = 0;
  if (add) total += seconds;
  return total;
}

// What the recogniser makes of `text`, said by `voice`, with `grammar`.
std::string OnTheLine(std::string_view text, const std::string& voice, const std::string& grammar) {
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  TestPool().pool = &pool;
  const PcmBuffer line = Phoned(text, voice);
  AudioSeconds(true, static_cast<double>(line.samples.size()) / 8000);
  RecognitionOptions options;
  options.sample_rate_hz = 8000;
  options.context.id = "called";
  options.context.grammar = grammar;
  std::string heard;
  SpeechRecognizer::Callbacks callbacks;
  callbacks.on_transcript = [&](const Transcript& transcript) {
    if (transcript.is_final && !transcript.text.empty()) {
      heard += (heard.empty() ? "" : " ") + transcript.text;
    }
  };
  callbacks.on_done = [](const absl::Status&) {};
  auto stream = TestRecognizer().Open(options, executor, std::move(callbacks));
  EXPECT_TRUE(stream.ok()) << stream.status();
  const std::span<const std::int16_t> samples(line.samples);
  for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
    EXPECT_TRUE((*stream)->Push({samples.subspan(at, 160), 8000}).ok());
    executor.RunFor(std::chrono::milliseconds(20));
  }
  (*stream)->Flush();
  executor.RunFor(std::chrono::seconds(30));
  stream->reset();
  executor.RunFor(std::chrono::seconds(1));
  return heard;
}

CallErrand Visit() {
  return {.principal = "Anna Smith",
          .request = "I would like to book an appointment.",
          .facts = {{"day", "2026-03-03"},
                    {"time", "10:30"},
                    {"last name", "Smith"},
                    {"phone", "+12015550123"},
                    {"doctor", "Lane"}},
          .questions = {}};
}

struct Said {
  const char* text;
  const char* answer;  // what has to be said to it
};

constexpr Said kSentences[] = {
    {"How can I help you today?", "I would like to book an appointment."},
    {"Certainly. What day would suit you?", "Tuesday the third of March."},
    {"What time would you like?", "Ten thirty in the morning."},
    {"And may I have your last name, please?", "Smith."},
    {"Could you spell that for me?", "Sierra, Mike, India, Tango, Hotel."},
    {"Which doctor would you like to see?", "Doctor Lane."},
    {"What is the best phone number to reach you at?", "wo zero one"},
    {"One moment, please.", "Sure."},
    {"Sorry, I did not catch that. Could you say it again?", "I would like"},
    {"I have Tuesday, March the third, at half past ten, with Doctor Lane. Shall I book it?",
     "Yes, please."},
    {"So that is Tuesday the third of March at ten thirty, for Smith. Is that right?",
     "Yes, please."},
    {"I have Thursday, March the fifth, at half past ten. Shall I book it?", "No, I mean Tuesday"},
    {"I have Tuesday the third of March at eleven o'clock. Is that correct?", "No, I mean ten"},
};

// As people say it; nothing of the grammar was made for these.
constexpr Said kOthers[] = {
    {"Okay, and which day were you thinking of?", "Tuesday the third of March."},
    {"Alright, do you have a preferred time?", "Ten thirty in the morning."},
    {"Would you prefer morning or afternoon?", "Ten thirty in the morning."},
    {"Great. And what was the last name?", "Smith."},
    {"How do you spell that, please?", "Sierra, Mike, India, Tango, Hotel."},
    {"And who would you like to see?", "Doctor Lane."},
    {"Could I get a phone number for you?", "wo zero one"},
    {"Bear with me a moment while I look.", "Sure."},
    {"Alright, so I've got you down for Tuesday the third at half past ten.", "Yes"},
    {"We could do Tuesday, March third at ten thirty. Does that work for you?", "Yes, please."},
    {"Okay so that's Wednesday, March the fourth, at ten thirty. Is that correct?", "No, I mean"},
    {"Hi there, thanks for calling. What can we do for you?", "I would like to book"},
};

// Whether what is said to `one` is right; what was misheard is printed.
bool Understands(const Said& one, const std::string& voice) {
  ErrandCall call(Visit());
  call.Hear("How can I help you?");
  const std::string heard = OnTheLine(one.text, voice, call.expects.grammar);
  const std::string answer = call.Hear(heard);
  const bool right = answer.find(one.answer) != std::string::npos;
  if (!right) {
    std::printf("%s: %s\n  heard: %s\n  said: %s\n", voice.c_str(), one.text, heard.c_str(),
                answer.c_str());
  }
  if (std::string_view(one.answer).starts_with("No")) {
    EXPECT_THAT(answer, testing::Not(testing::HasSubstr("Yes"))) << voice << ": " << one.text;
  }
  return right;
}

constexpr const char* kVoices[] = {"slt", "awb", "rms"};

TEST(CallerAudioTest, MostSentencesOfAnOfficeAreUnderstoodAndNoWrongValueIsAgreedTo) {
  int understood = 0;
  const std::clock_t begun = std::clock();
  for (const char* voice : kVoices) {
    int of_voice = 0;
    for (const Said& one : kSentences) of_voice += Understands(one, voice) ? 1 : 0;
    std::printf("%s: %d understood\n", voice, of_voice);
    understood += of_voice;
  }
  const int all = static_cast<int>(std::size(kSentences) * std::size(kVoices));
  std::printf("all: %d of %d understood, %.2f s of processor for a second of audio\n", understood,
              all,
              static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC / AudioSeconds(false, 0));
  EXPECT_GE(understood * 100, all * 80);
}

TEST(CallerAudioTest, OtherWordingsAreUnderstoodMoreOftenThanNot) {
  int understood = 0;
  std::size_t next = 0;
  for (const Said& one : kOthers) {
    understood += Understands(one, kVoices[next++ % std::size(kVoices)]) ? 1 : 0;
  }
  std::printf("other wordings: %d of %d understood\n", understood,
              static_cast<int>(std::size(kOthers)));
  EXPECT_GE(understood * 2, static_cast<int>(std::size(kOthers)));
}

TEST(CallerAudioTest, AWholeCallInSoundOnBothSidesIsNeverReportedWrongly) {
  TextCall clinic;
  CallErrand errand = Visit();
  errand.facts = {{"day", "2026-03-03"}, {"time", "10:30"}, {"last name", "Smith"}};
  ErrandCall caller(errand);
  const auto opening = OfflineCallerOpening({.errand = errand});
  ASSERT_TRUE(opening.ok());
  std::string grammar = opening->grammar;
  std::string said = clinic.Begin();
  for (int turn = 0; turn < 20 && !caller.ended && !clinic.ended; ++turn) {
    const std::string heard = OnTheLine(said, "slt", grammar);
    const std::string answer = caller.Hear(heard);
    grammar = caller.expects.grammar;
    std::printf("clinic: %s\n  heard: %s\ncaller: %s\n", said.c_str(), heard.c_str(),
                answer.c_str());
    if (answer.empty() || caller.ended) break;
    const std::string understood = OnTheLine(answer, "rms", clinic.expects.grammar);
    std::printf("  heard: %s\n", understood.c_str());
    said = clinic.Say(understood.empty() ? "[unintelligible]" : understood);
  }
  const auto booked = clinic.Booked();
  const bool right = booked.size() == 1 && booked[0].date == "2026-03-03" &&
                     booked[0].time == "10:30" && booked[0].name == "Smith";
  std::printf("booked %d, reached %d\n", static_cast<int>(booked.size()), caller.reached() ? 1 : 0);
  EXPECT_TRUE(!caller.reached() || right) << caller.Transcript();
}

}  // namespace
}  // namespace dragoman
