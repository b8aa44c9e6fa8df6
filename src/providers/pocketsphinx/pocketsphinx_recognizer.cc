#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"

#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "src/providers/pocketsphinx/decoder_pool.h"
#include "src/providers/pocketsphinx/stream.h"

namespace dragoman {
namespace pocketsphinx {
namespace {

class PocketSphinxRecognizer : public SpeechRecognizer {
 public:
  PocketSphinxRecognizer(const PocketSphinxOptions& options, std::shared_ptr<DecoderPool> decoders,
                         WorkPool& pool, LogSink& log)
      : options_(options), decoders_(std::move(decoders)), pool_(pool), log_(log) {}

  absl::StatusOr<std::unique_ptr<RecognitionStream>> Open(const RecognitionOptions& options,
                                                          Executor& executor,
                                                          Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(options.Validate());
    if (!options.language.empty() && !options.language.starts_with("en")) {
      return InvalidArgument("pocketsphinx: language is \"", options.language,
                             "\"; the model is English");
    }
    const int rate = options.sample_rate_hz;
    auto session = std::make_shared<Session>();
    if (rate != 8000 && rate != 16000) {
      auto resampler = Resampler::Create(rate, 16000);
      if (!resampler.ok()) {
        return InvalidArgument("pocketsphinx: sample_rate_hz is ", rate,
                               "; expected 8000, 16000, 24000 or 48000");
      }
      session->resampler = *std::move(resampler);
    }
    session->decoder = decoders_->Borrow();
    if (session->decoder == nullptr) {
      return ResourceExhausted("pocketsphinx: all ", decoders_->size(), " decoders are in use");
    }
    session->pool = decoders_;
    session->log = &log_;
    session->hearing =
        std::make_unique<Hearing>(decoders_->model(), *session->decoder,
                                  HearingOptions{.sample_rate_hz = rate == 8000 ? 8000 : 16000,
                                                 .partials = options.partials,
                                                 .accept_per_mille = options_.accept_per_mille});
    DRAGOMAN_RETURN_IF_ERROR(session->hearing->SetContext(options.context));
    return std::make_unique<Stream>(std::move(session), options, pool_, executor,
                                    std::move(callbacks));
  }

 private:
  const PocketSphinxOptions options_;
  const std::shared_ptr<DecoderPool> decoders_;
  WorkPool& pool_;
  LogSink& log_;
};

}  // namespace
}  // namespace pocketsphinx

absl::Status PocketSphinxOptions::Validate() const {
  if (decoders < 1 || decoders > 64) {
    return InvalidArgument("decoders is ", decoders, "; expected 1 to 64");
  }
  if (accept_per_mille < 0 || accept_per_mille > 1000) {
    return InvalidArgument("accept_per_mille is ", accept_per_mille, "; expected 0 to 1000");
  }
  return absl::OkStatus();
}

absl::Status CheckPocketSphinxModel(const std::string& model_directory) {
  return pocketsphinx::CheckModelFiles(model_directory).status();
}

absl::StatusOr<std::unique_ptr<SpeechRecognizer>> MakePocketSphinxRecognizer(
    const PocketSphinxOptions& options, const PocketSphinxDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (dependencies.pool == nullptr) {
    return FailedPrecondition("pocketsphinx: dependencies.pool is null; expected a work pool");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const auto files,
                            pocketsphinx::CheckModelFiles(options.model_directory));
  DRAGOMAN_ASSIGN_OR_RETURN(const auto densities, pocketsphinx::ReadDensities(files));
  pocketsphinx::SpeechModel model;
  model.mixture = pocketsphinx::BuildSpeechMixture(densities, model.wide);
  const pocketsphinx::PhoneBandMap map = pocketsphinx::MapToPhoneBand(densities);
  std::vector<std::unique_ptr<pocketsphinx::Decoder>> decoders;
  for (int i = 0; i < options.decoders; ++i) {
    DRAGOMAN_ASSIGN_OR_RETURN(auto decoder, pocketsphinx::Decoder::Load(files, &map));
    decoders.push_back(std::move(decoder));
  }
  LogSink& log = dependencies.log == nullptr ? NullLog() : *dependencies.log;
  return std::make_unique<pocketsphinx::PocketSphinxRecognizer>(
      options, std::make_shared<pocketsphinx::DecoderPool>(std::move(model), std::move(decoders)),
      *dependencies.pool, log);
}

}  // namespace dragoman
