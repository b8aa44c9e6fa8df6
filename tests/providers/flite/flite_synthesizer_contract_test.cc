#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "tests/contract/harness.h"
#include "tests/contract/speech_synthesizer_contract.h"

namespace dragoman {
namespace {

struct FliteHarness : ManualHarness {
  FliteHarness() {
    auto made = MakeFliteSynthesizer({}, {.pool = &pool});
    if (made.ok()) made_ = *std::move(made);
  }
  SpeechSynthesizer& synthesizer() { return *made_; }
  SynthesisOptions options() { return {}; }
  static constexpr bool kReportsWords = true;

  ManualWorkPool pool{executor()};
  std::unique_ptr<SpeechSynthesizer> made_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Flite, SpeechSynthesizerContract, FliteHarness);

// Members in the order that lets the executor's thread end last.
struct ThreadedFliteHarness : ThreadHarness {
  ThreadedFliteHarness() {
    auto threads = MakeThreadWorkPool({.threads = 2});
    if (!threads.ok()) return;
    pool = *std::move(threads);
    auto made = MakeFliteSynthesizer({.max_cache_bytes = 0}, {.pool = pool.get()});
    if (made.ok()) made_ = *std::move(made);
  }
  SpeechSynthesizer& synthesizer() { return *made_; }
  SynthesisOptions options() { return {.voice = "kal", .sample_rate_hz = 16000}; }
  static constexpr bool kReportsWords = true;

  std::unique_ptr<WorkPool> pool;
  std::unique_ptr<SpeechSynthesizer> made_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(FliteOnThreads, SpeechSynthesizerContract, ThreadedFliteHarness);

}  // namespace
}  // namespace dragoman
