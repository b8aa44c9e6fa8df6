#include "dragoman/safety/watched_call.h"

#include <chrono>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr std::chrono::seconds kLook{1};

class WatchedCall : public Call {
 public:
  WatchedCall(std::unique_ptr<Call> call, std::function<std::optional<std::string>()> stopped,
              std::function<void()> on_end, LogSink& log)
      : call_(std::move(call)),
        stopped_(std::move(stopped)),
        on_end_(std::move(on_end)),
        log_(log),
        watch_(call_->executor()) {
    Watch();
  }

  ~WatchedCall() override {
    watch_.Stop();
    if (on_end_) on_end_();
  }

  const CallInfo& info() const override { return call_->info(); }
  Executor& executor() override { return call_->executor(); }
  MediaStream* media() override { return call_->media(); }
  TextStream* text() override { return call_->text(); }

  void HangUp() override {
    watch_.Stop();
    if (on_end_) on_end_();
    call_->HangUp();
  }

 private:
  void Watch() {
    watch_.Start(kLook, [this] {
      if (const auto why = stopped_()) {
        log_.Write(LogLevel::kWarning, "gate", StrCat("hung up ", info().id, ": ", *why));
        return HangUp();
      }
      Watch();
    });
  }

  std::unique_ptr<Call> call_;
  const std::function<std::optional<std::string>()> stopped_;
  const std::function<void()> on_end_;
  LogSink& log_;
  Timer watch_;
};

}  // namespace

std::unique_ptr<Call> MakeWatchedCall(std::unique_ptr<Call> call,
                                      std::function<std::optional<std::string>()> stopped,
                                      std::function<void()> on_end, LogSink& log) {
  return std::make_unique<WatchedCall>(std::move(call), std::move(stopped), std::move(on_end), log);
}

}  // namespace dragoman
