#include "src/runtime/tone_watch.h"

#include <utility>

namespace dragoman {
namespace {

constexpr int kRate = 8000;  // the detector's

class WatchedMedia : public MediaStream {
 public:
  WatchedMedia(MediaStream& media, std::function<void(const ToneEvent&)> on_tone)
      : media_(media), on_tone_(std::move(on_tone)) {}

  void Start(Callbacks callbacks) override {
    if (media_.sample_rate_hz() == kRate) {
      callbacks.on_audio = [this,
                            next = std::move(callbacks.on_audio)](const PcmFrame& frame) mutable {
        for (const ToneEvent& tone : detector_.Process(frame.samples)) on_tone_(tone);
        if (next) next(frame);
      };
    }
    media_.Start(std::move(callbacks));
  }
  int sample_rate_hz() const override { return media_.sample_rate_hz(); }
  absl::Status Play(const PcmFrame& frame) override { return media_.Play(frame); }
  void FlushPlay() override { media_.FlushPlay(); }
  void Clear() override { media_.Clear(); }
  absl::Status SendDtmf(std::string_view digits) override { return media_.SendDtmf(digits); }
  std::chrono::milliseconds sent() const override { return media_.sent(); }
  PlayoutPosition position() const override { return media_.position(); }
  std::chrono::milliseconds max_queued() const override { return media_.max_queued(); }

 private:
  MediaStream& media_;
  const std::function<void(const ToneEvent&)> on_tone_;
  ToneDetector detector_;
};

class WatchedCall : public Call {
 public:
  WatchedCall(std::unique_ptr<Call> call, std::function<void(const ToneEvent&)> on_tone)
      : call_(std::move(call)), media_(*call_->media(), std::move(on_tone)) {}
  const CallInfo& info() const override { return call_->info(); }
  Executor& executor() override { return call_->executor(); }
  MediaStream* media() override { return &media_; }
  void HangUp() override { call_->HangUp(); }

 private:
  std::unique_ptr<Call> call_;
  WatchedMedia media_;
};

}  // namespace

std::unique_ptr<Call> WatchTones(std::unique_ptr<Call> call,
                                 std::function<void(const ToneEvent&)> on_tone) {
  if (call->media() == nullptr) return call;  // text has no tones
  return std::make_unique<WatchedCall>(std::move(call), std::move(on_tone));
}

}  // namespace dragoman
