// What the tests of the recogniser share: one recogniser for all (it takes a second to load),
// speech from Flite on a phone line, and a listener.
#ifndef DRAGOMAN_TESTS_PROVIDERS_POCKETSPHINX_HEARD_H_
#define DRAGOMAN_TESTS_PROVIDERS_POCKETSPHINX_HEARD_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/pcm.h"

namespace dragoman {

// Work goes to whichever pool the running test has.
class BorrowedPool : public WorkPool {
 public:
  absl::Status Submit(Work work, Executor& reply_to) override {
    if (stalled) {
      kept.push_back(std::move(work));
      return absl::OkStatus();
    }
    return pool->Submit(std::move(work), reply_to);
  }
  WorkPool* pool = nullptr;
  bool stalled = false;
  std::vector<Work> kept;
};

inline BorrowedPool& TestPool() {
  static auto* pool = new BorrowedPool;
  return *pool;
}

inline SpeechRecognizer& TestRecognizer() {
  static auto* recognizer = [] {
    auto made = MakePocketSphinxRecognizer({.decoders = 2}, {.pool = &TestPool()});
    if (!made.ok()) {
      ADD_FAILURE() << made.status().ToString();
      std::abort();
    }
    return made->release();
  }();
  return *recognizer;
}

// A sentence by Flite, as a phone line of mu-law brings it, with silence around.
inline PcmBuffer Phoned(std::string_view text, std::string voice = "rms", int rate = 8000) {
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  auto synthesizer = MakeFliteSynthesizer({}, {.pool = &pool});
  PcmBuffer line = Silence(std::chrono::milliseconds(300), rate);
  auto stream =
      (*synthesizer)
          ->Synthesize(text, {.voice = std::move(voice), .sample_rate_hz = rate}, executor,
                       {.on_audio = [&](const PcmFrame& frame) { line.Append(frame); },
                        .on_words = nullptr,
                        .on_done = nullptr});
  EXPECT_TRUE(stream.ok()) << stream.status();
  executor.RunFor(std::chrono::minutes(1));
  line.Append(Silence(std::chrono::milliseconds(500), rate));
  for (std::int16_t& sample : line.samples) sample = DecodeMulaw(EncodeMulaw(sample));
  return line;
}

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_POCKETSPHINX_HEARD_H_
