#include "dragoman/providers/flite/flite_synthesizer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <span>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/providers/flite/flite_engine.h"
#include "src/providers/flite/render_cache.h"
#include "src/providers/flite/spoken_text.h"

namespace dragoman {
namespace flite {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Seen on one core: 12 ms per second of speech, which is about 14 characters.
constexpr microseconds kModelledPerCharacter{900};
constexpr microseconds kModelledStart{2000};
constexpr milliseconds kFrame{100};
constexpr milliseconds kRetry{20};

struct Shared {  // between the synthesizer and its streams, which may outlive a call of either
  explicit Shared(const FliteOptions& options) : cache(options.max_cache_bytes) {}
  RenderCache cache;
  std::atomic<std::size_t> streams{0};
};

struct Result {
  absl::StatusOr<std::shared_ptr<const Rendering>> rendering = Cancelled();
};

class Stream : public SynthesisStream {
 public:
  Stream(std::vector<SpokenPiece> pieces, RenderRequest request, bool confidential, WorkPool& pool,
         std::shared_ptr<Shared> shared, Executor& executor, SpeechSynthesizer::Callbacks callbacks)
      : confidential_(confidential),
        pieces_(std::move(pieces)),
        request_(std::move(request)),
        pool_(pool),
        shared_(std::move(shared)),
        executor_(executor),
        callbacks_(std::make_shared<SpeechSynthesizer::Callbacks>(std::move(callbacks))),
        retry_(executor) {
    executor_.Post(lifetime_.Wrap([this] { Next(); }));
  }

  ~Stream() override {
    cancelled_->store(true, std::memory_order_relaxed);
    shared_->streams.fetch_sub(1, std::memory_order_relaxed);
  }

  void Cancel() override {
    if (ended_ || cancelled_->exchange(true, std::memory_order_relaxed)) return;
    retry_.Stop();
    lifetime_.Renew();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

 private:
  void Next() {
    if (piece_ == pieces_.size()) return Done(absl::OkStatus());
    if (confidential_) return Submit("");  // no key: it is neither looked for nor kept
    const std::string key = RenderCache::Key(pieces_[piece_], request_);
    if (auto cached = shared_->cache.Find(key)) {
      executor_.Post(lifetime_.Wrap([this, cached = std::move(cached)] { Deliver(*cached); }));
      return;
    }
    Submit(key);
  }

  void Submit(const std::string& key) {
    const SpokenPiece& piece = pieces_[piece_];
    auto result = std::make_shared<Result>();
    Work work;
    work.run = [piece, request = request_, key, result, shared = shared_, gone = cancelled_] {
      if (gone->load(std::memory_order_relaxed)) return;
      auto rendering = RenderPiece(piece, request);
      if (!rendering.ok()) {
        result->rendering = rendering.status();
        return;
      }
      auto kept = std::make_shared<const Rendering>(*std::move(rendering));
      if (!key.empty()) shared->cache.Insert(key, kept);
      result->rendering = std::move(kept);
    };
    work.done = lifetime_.Wrap([this, result] {
      if (!result->rendering.ok()) return Done(result->rendering.status());
      Deliver(**result->rendering);
    });
    work.modelled_duration =
        kModelledStart + kModelledPerCharacter * static_cast<int>(piece.text.size());
    const absl::Status status = pool_.Submit(std::move(work), executor_);
    if (status.ok()) return;
    if (status.code() != absl::StatusCode::kResourceExhausted) {
      return Done(Annotate(status, "flite"));
    }
    retry_.Start(kRetry, lifetime_.Wrap([this, key] { Submit(key); }));
  }

  void Deliver(const Rendering& borrowed) {
    const Rendering rendering = borrowed;  // a callback may destroy what holds it
    const auto alive = lifetime_.Watch();
    const auto callbacks = callbacks_;
    if (!rendering.words.empty() && callbacks->on_words) {
      std::vector<SpokenWord> words = rendering.words;
      const milliseconds offset = std::chrono::duration_cast<milliseconds>(
          microseconds(delivered_ * 1'000'000 / request_.sample_rate_hz));
      for (SpokenWord& word : words) {
        word.start += offset;
        word.end += offset;
      }
      callbacks->on_words(words);
      if (alive.expired()) return;
    }
    std::span<const std::int16_t> rest = rendering.samples;
    const auto step = static_cast<std::size_t>(SampleCount(kFrame, request_.sample_rate_hz));
    delivered_ += static_cast<std::int64_t>(rest.size());
    while (!rest.empty()) {
      const std::size_t size = std::min(step, rest.size());
      if (callbacks->on_audio) callbacks->on_audio({rest.first(size), request_.sample_rate_hz});
      if (alive.expired()) return;  // destroyed or cancelled inside
      rest = rest.subspan(size);
    }
    ++piece_;
    Next();
  }

  void Done(absl::Status status) {
    ended_ = true;
    auto on_done = std::move(callbacks_->on_done);
    if (on_done) on_done(std::move(status));
  }

  const bool confidential_;
  const std::vector<SpokenPiece> pieces_;
  const RenderRequest request_;
  WorkPool& pool_;
  const std::shared_ptr<Shared> shared_;
  Executor& executor_;
  // Held by each call of a callback as well: one of them may destroy the stream.
  std::shared_ptr<SpeechSynthesizer::Callbacks> callbacks_;
  // Shared with work under way, which skips its rendering.
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  std::size_t piece_ = 0;
  std::int64_t delivered_ = 0;
  bool ended_ = false;
  Timer retry_;
  Lifetime lifetime_;
};

class FliteSynthesizer : public SpeechSynthesizer {
 public:
  FliteSynthesizer(FliteOptions options, WorkPool& pool)
      : options_(std::move(options)), pool_(pool), shared_(std::make_shared<Shared>(options_)) {}

  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(std::string_view text,
                                                              const SynthesisOptions& options,
                                                              Executor& executor,
                                                              Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(options.Validate());
    RenderRequest request{.voice = options.voice.empty() ? options_.voice : options.voice,
                          .sample_rate_hz = options.sample_rate_hz,
                          .speed_per_mille = options.speed_per_mille};
    DRAGOMAN_RETURN_IF_ERROR(CheckRequest(request));
    if (!options.language.empty() && !options.language.starts_with("en")) {
      return InvalidArgument("flite: language is \"", options.language,
                             "\"; the voices are English");
    }
    DRAGOMAN_ASSIGN_OR_RETURN(auto pieces, SplitSpokenText(text));
    if (shared_->streams.fetch_add(1, std::memory_order_relaxed) >= options_.max_streams) {
      shared_->streams.fetch_sub(1, std::memory_order_relaxed);
      return ResourceExhausted("flite: ", options_.max_streams, " syntheses are under way");
    }
    return std::make_unique<Stream>(std::move(pieces), std::move(request), options.confidential,
                                    pool_, shared_, executor, std::move(callbacks));
  }

  std::size_t max_text_bytes() const override { return kMaxTextBytes; }

 private:
  const FliteOptions options_;
  WorkPool& pool_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace
}  // namespace flite

absl::Status FliteOptions::Validate() const {
  if (!flite::KnowsVoice(voice)) return flite::CheckRequest({.voice = voice});
  if (max_streams < 1 || max_streams > 4096) {
    return InvalidArgument("max_streams is ", max_streams, "; expected 1 to 4096");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SpeechSynthesizer>> MakeFliteSynthesizer(
    const FliteOptions& options, const FliteDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (dependencies.pool == nullptr) {
    return FailedPrecondition("flite: dependencies.pool is null; expected a work pool");
  }
  return std::make_unique<flite::FliteSynthesizer>(options, *dependencies.pool);
}

}  // namespace dragoman
