// What one stream has heard: audio in, transcripts out, without threads or clocks.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_HEARING_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_HEARING_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/speech/speech_recognizer.h"
#include "src/providers/pocketsphinx/decoder.h"
#include "src/providers/pocketsphinx/feature_repair.h"
#include "src/providers/pocketsphinx/log_mel.h"
#include "src/providers/pocketsphinx/speech_activity.h"
#include "src/providers/pocketsphinx/speech_mixture.h"

namespace dragoman::pocketsphinx {

// Constant, shared by all streams.
struct SpeechModel {
  CepstralTransform wide;                // of the model as it was trained
  CepstralTransform phone{kPhoneBands};  // of the model turned to the phone's band
  SpeechMixture mixture;
};

struct HearingOptions {
  int sample_rate_hz = 8000;  // 8000 or 16000
  bool partials = true;
  UpperBands upper = UpperBands::kUnknown;  // the others are for comparison
  bool use_repair = true;                   // false: plain cepstra less their mean
  bool phone_band = true;                   // as the decoder was loaded
  int accept_per_mille = 500;               // least confidence at which a grammar has the last word
};

// Results depend on the samples, contexts and closes, in their order, and on nothing else: not on
// how the audio is cut, nor on what the decoder did before. One thread at a time.
class Hearing {
 public:
  Hearing(const SpeechModel& model, Decoder& decoder, const HearingOptions& options);

  // At once when nobody is speaking, else from the next utterance on.
  absl::Status SetContext(const RecognitionContext& context);

  // True: the speaker has been silent, or speaking, for so long that the utterance should be
  // closed; what came behind that waits, and goes on with the next call (also with no samples).
  bool Listen(std::span<const std::int16_t> samples, std::optional<Transcript>& partial);

  // First step of closing: the grammar's pass. Empty: the general pass has to follow.
  std::optional<Transcript> Close(bool from_flush);
  // Second step.
  Transcript CloseByGeneralPass();

  // Of the utterance so far, for whoever models the duration of a pass.
  int speech_frames() const { return static_cast<int>(frames_.size() - begin_); }

 private:
  struct Judged {
    Hypothesis hypothesis;
    double strangeness = 0;  // 1 at the border of acceptance, more is worse
    double per_frame = 0;    // how much better free phones fit than these words
  };

  void TakeFrame(const Bands& frame);
  // On a noisy line what the grammar doubts is not guessed at; nothing: the line is clear.
  std::optional<Transcript> Unintelligible(std::size_t end, bool from_flush);
  void UpdatePartial(std::optional<Transcript>& partial);
  std::vector<Cepstrum> Cepstra(std::size_t begin, std::size_t end) const;
  Judged Judge(Hypothesis hypothesis, const Hypothesis& phones) const;
  Transcript ToTranscript(const Hypothesis& hypothesis, int confidence, bool from_flush) const;
  void Forget();

  const SpeechModel& model_;
  const CepstralTransform& transform_;  // what the decoder expects
  Decoder& decoder_;
  const HearingOptions options_;
  LogMel front_end_;
  SpeechActivity activity_;

  SearchSpace grammar_;                      // name empty: free speech
  std::optional<SearchSpace> next_grammar_;  // of the next utterance

  std::vector<std::int16_t> samples_;  // not yet a frame
  std::int64_t frame_count_ = 0;       // of the stream
  std::vector<Bands> frames_;          // of the utterance, with what came just before
  std::int64_t first_frame_ = 0;       // of frames_, within the stream
  bool started_ = false;
  std::size_t begin_ = 0;    // first of frames_ that is decoded
  std::size_t decoded_ = 0;  // frames given to the partial pass
  std::size_t partial_due_ = 0;
  bool partial_open_ = false;
  std::string last_partial_;

  // Between the two steps of closing.
  std::vector<Cepstrum> cepstra_;
  Judged judged_;
  Hypothesis phones_;
  bool from_flush_ = false;
};

// Logistic in strangeness, 500 at 1.
int ConfidencePerMille(double strangeness);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_HEARING_H_
