// Recognition and synthesis of text scenarios: words come from the script when their audio has been
// pushed, and every voice is a buzz. Nothing decodes, so the same seed gives the same call.
#ifndef DRAGOMAN_SRC_LAB_SCRIPTED_SPEECH_H_
#define DRAGOMAN_SRC_LAB_SCRIPTED_SPEECH_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "src/lab/sounds.h"

namespace dragoman::lab {

// Where the caller's words lie in the call's audio. One thread at a time.
struct WordTrack {
  std::vector<TimedWord> words;  // ascending, in samples of 8 kHz since the call's first frame
};

// Hears the words of `track` (borrowed): a partial when a word's last sample was pushed, a final at
// Flush. Answers come `latency` later. Streams count what they are pushed, from the call's start.
std::unique_ptr<SpeechRecognizer> MakeScriptedRecognizer(const WordTrack& track,
                                                         std::chrono::milliseconds latency);

// Speaks buzz, with the times of its words, the first piece after `latency`.
std::unique_ptr<SpeechSynthesizer> MakeBuzzSynthesizer(std::chrono::milliseconds latency);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_SCRIPTED_SPEECH_H_
