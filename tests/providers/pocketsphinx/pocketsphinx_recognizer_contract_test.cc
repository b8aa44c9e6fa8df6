#include <gtest/gtest.h>

#include "tests/contract/harness.h"
#include "tests/contract/speech_recognizer_contract.h"
#include "tests/providers/pocketsphinx/heard.h"

namespace dragoman {
namespace {

struct PocketSphinxHarness : ManualHarness {
  PocketSphinxHarness() { TestPool().pool = &pool; }
  ~PocketSphinxHarness() {
    TestPool().stalled = false;
    TestPool().kept.clear();
    TestPool().pool = nullptr;
  }
  SpeechRecognizer& recognizer() { return TestRecognizer(); }
  RecognitionOptions options() {
    return {.sample_rate_hz = 8000,
            .context = {.id = "times",
                        .grammar = "#JSGF V1.0;\ngrammar t;\n"
                                   "public <t> = half past (nine | ten | eleven);\n"}};
  }
  PcmBuffer PrepareSpeech() {
    static const auto* speech = new PcmBuffer(Phoned("half past ten"));
    return *speech;
  }
  static constexpr bool kCanStall = true;
  void PrepareStall() { TestPool().stalled = true; }

  ManualWorkPool pool{executor()};
};
INSTANTIATE_TYPED_TEST_SUITE_P(PocketSphinx, SpeechRecognizerContract, PocketSphinxHarness);

}  // namespace
}  // namespace dragoman
