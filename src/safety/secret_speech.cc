#include "src/safety/secret_speech.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/safety/safe_lines.h"
#include "src/safety/spoken_value.h"

namespace dragoman::safety {
namespace {

// The machine waits for the first audio for longer than that.
constexpr std::chrono::milliseconds kRevealWithin{1'000};
constexpr std::size_t kLongest = 200;  // bytes: nobody writes down more

class SecretSpeech : public SynthesisStream {
 public:
  SecretSpeech(const SpeechGateDependencies& with, const SpokenText& spoken, GoalSession session,
               SynthesisOptions options, Executor& executor, SpeechGate::Callbacks callbacks)
      : with_(with),
        written_(spoken.text),
        call_id_(spoken.call_id),
        session_(std::move(session)),
        options_(Confidential(std::move(options))),
        executor_(executor),
        callbacks_(std::move(callbacks)),
        spans_(FindVaultHandles(written_)),
        limit_(executor) {}

  void Begin() {
    for (const HandleSpan& span : spans_) values_.try_emplace(std::string(span.handle));
    wanted_ = values_.size();
    limit_.Start(kRevealWithin, [this] { GiveUp("it did not come in time"); });
    for (const auto& [handle, value] : values_) {
      with_.source->Reveal(session_.scope.user, handle, session_.session_sink,
                           session_.scope.secret_purpose,
                           reveals_.Wrap([this, handle = handle](absl::StatusOr<Secret> value) {
                             Revealed(handle, std::move(value));
                           }));
      if (ended_waiting_) return;
    }
  }

  void Cancel() override {
    if (stream_ != nullptr) return stream_->Cancel();
    StopWaiting();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

 private:
  static SynthesisOptions Confidential(SynthesisOptions options) {
    options.confidential = true;
    return options;
  }

  // A stretch of what is really said: where it lies there, and what it stands for.
  struct Piece {
    std::size_t begin = 0, end = 0;                  // said
    std::size_t written_begin = 0, written_end = 0;  // of the sentence with its handles
  };

  void Revealed(const std::string& handle, absl::StatusOr<Secret> value) {
    if (!value.ok()) return GiveUp(Name(value.status().code()));
    if (value->Reveal().size() > kLongest) return GiveUp("it is too long to be said");
    values_[handle] = SpokenValue(value->Reveal(), session_.language);
    if (values_[handle].Reveal().empty()) return GiveUp("it cannot be said");
    if (--wanted_ > 0) return;
    StopWaiting();
    Speak();
  }

  static std::string_view Name(absl::StatusCode code) {
    return code == absl::StatusCode::kPermissionDenied ? "the vault refuses it"
                                                       : "the vault does not give it";
  }

  void StopWaiting() {
    ended_waiting_ = true;
    reveals_.Renew();
    limit_.Stop();
  }

  void Speak() {
    std::string said;
    std::size_t size = written_.size();
    for (const HandleSpan& span : spans_) size += values_[std::string(span.handle)].Reveal().size();
    said.reserve(size);  // it must not move: what it leaves behind is not overwritten
    std::size_t at = 0;
    for (const HandleSpan& span : spans_) {
      said += written_.substr(at, span.begin - at);
      const std::string_view value = values_[std::string(span.handle)].Reveal();
      pieces_.push_back({said.size(), said.size() + value.size(), span.begin, span.end});
      said += value;
      at = span.end;
    }
    said += written_.substr(at);
    Secret whole(std::move(said));  // overwritten when it was handed over
    for (const auto& [handle, value] : values_) with_.sessions->NoteTold(call_id_, handle);
    values_.clear();
    Synthesize(whole.Reveal(), true);
  }

  // May be reached inside Begin, where callbacks are not expected yet.
  void GiveUp(std::string_view why) {
    StopWaiting();
    values_.clear();
    with_.log->Write(LogLevel::kError, "gate",
                     StrCat("a value of the vault was not spoken on call ", call_id_, ": ", why));
    executor_.Post(lifetime_.Wrap([this] {
      const std::string line(SafeLine(StopReason::kSecret, session_.language, 0));
      if (callbacks_.on_replaced) {
        const auto alive = lifetime_.Watch();
        callbacks_.on_replaced(line);
        if (alive.expired()) return;
      }
      pieces_.clear();
      Synthesize(line, false);
    }));
  }

  void Synthesize(std::string_view text, bool secret) {
    SpeechSynthesizer::Callbacks callbacks;
    callbacks.on_audio = lifetime_.Wrap([this](const PcmFrame& frame) {
      if (callbacks_.on_audio) callbacks_.on_audio(frame);
    });
    callbacks.on_words =
        lifetime_.Wrap([this](const std::vector<SpokenWord>& words) { Words(words); });
    callbacks.on_done = lifetime_.Wrap([this, secret](const absl::Status& status) {
      const auto alive = lifetime_.Watch();
      FlushWord();
      if (!alive.expired()) Done(secret ? Discreet(status) : status);
    });
    auto stream = with_.synthesizer->Synthesize(text, options_, executor_, std::move(callbacks));
    if (stream.ok()) {
      stream_ = *std::move(stream);
      return;
    }
    executor_.Post(lifetime_.Wrap(
        [this, status = secret ? Discreet(stream.status()) : stream.status()] { Done(status); }));
  }

  // A vendor's words may repeat the text that it was given.
  static absl::Status Discreet(const absl::Status& status) {
    if (status.ok()) return status;
    return MakeStatus(status.code(), "a sentence with a value of the vault could not be spoken");
  }

  // Words of a value are told as one, when the last of them is known: neither their number nor
  // their lengths are anybody's.
  void Words(const std::vector<SpokenWord>& words) {
    std::vector<SpokenWord> told;
    for (SpokenWord word : words) {
      const auto piece = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& one) {
        return word.text_begin < one.end && word.text_end > one.begin;
      });
      if (piece == pieces_.end()) {
        TakeWord(told);
        word.text_begin = Written(word.text_begin);
        word.text_end = Written(word.text_end);
        told.push_back(word);
        continue;
      }
      if (open_ && open_->text_begin != piece->written_begin) TakeWord(told);
      if (!open_) open_ = SpokenWord{piece->written_begin, piece->written_end, word.start, {}};
      open_->end = word.end;
    }
    if (!told.empty() && callbacks_.on_words) callbacks_.on_words(told);
  }
  void TakeWord(std::vector<SpokenWord>& told) {
    if (open_) told.push_back(*open_);
    open_.reset();
  }
  void FlushWord() {
    std::vector<SpokenWord> last;
    TakeWord(last);
    if (!last.empty() && callbacks_.on_words) callbacks_.on_words(last);
  }

  // A place outside the values, as it was written.
  std::size_t Written(std::size_t said) const {
    std::size_t at = said;
    for (const Piece& piece : pieces_) {
      if (said >= piece.end) at = piece.written_end + (said - piece.end);
    }
    return std::min(at, written_.size());
  }

  void Done(const absl::Status& status) {
    auto done = std::move(callbacks_.on_done);
    callbacks_.on_done = nullptr;
    if (done) done(status);  // may destroy this
  }

  const SpeechGateDependencies with_;
  const std::string written_;
  const std::string call_id_;
  const GoalSession session_;
  const SynthesisOptions options_;
  Executor& executor_;
  SpeechGate::Callbacks callbacks_;
  const std::vector<HandleSpan> spans_;   // views of written_
  std::map<std::string, Secret> values_;  // as they are said
  std::size_t wanted_ = 0;
  bool ended_waiting_ = false;
  std::vector<Piece> pieces_;
  std::optional<SpokenWord> open_;
  Timer limit_;
  std::unique_ptr<SynthesisStream> stream_;
  Lifetime reveals_;
  Lifetime lifetime_;
};

}  // namespace

std::unique_ptr<SynthesisStream> SpeakSecrets(const SpeechGateDependencies& with,
                                              const SpokenText& spoken, GoalSession session,
                                              const SynthesisOptions& options, Executor& executor,
                                              SpeechGate::Callbacks callbacks) {
  auto stream = std::make_unique<SecretSpeech>(with, spoken, std::move(session), options, executor,
                                               std::move(callbacks));
  stream->Begin();
  return stream;
}

}  // namespace dragoman::safety
