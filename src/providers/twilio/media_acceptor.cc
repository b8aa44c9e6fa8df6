#include <cstdint>
#include <map>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "src/providers/twilio/media_call.h"

namespace dragoman {
namespace {

constexpr std::uint16_t kTryAgainLater = 1013;  // IANA WebSocket close codes

class Acceptor : public TwilioMediaAcceptor {
 public:
  Acceptor(const TwilioMediaOptions& options, const TwilioMediaDependencies& dependencies)
      : options_(options), dependencies_(dependencies) {}

  void Accept(std::unique_ptr<AcceptedWebSocket> socket) override {
    if (pending() >= options_.max_pending) {
      dependencies_.log->Write(LogLevel::kWarning, "twilio",
                               StrCat("socket refused: ", pending(), " wait for their start"));
      socket->Close(kTryAgainLater, "too many streams without a start message");
      return;
    }
    const std::uint64_t id = ++last_id_;
    TwilioCall& call =
        *pending_
             .emplace(id, std::make_unique<TwilioCall>(options_, *dependencies_.executor,
                                                       *dependencies_.log, std::move(socket)))
             .first->second;
    call.Await({.on_started =
                    [this, id] {
                      std::unique_ptr<Call> started = std::move(pending_.extract(id).mapped());
                      dependencies_.agent->Accept(std::move(started));
                    },
                .on_refused = [this, id](absl::Status) { pending_.erase(id); }});
  }

  int pending() const override { return static_cast<int>(pending_.size()); }

 private:
  const TwilioMediaOptions options_;
  const TwilioMediaDependencies dependencies_;
  std::map<std::uint64_t, std::unique_ptr<TwilioCall>> pending_;
  std::uint64_t last_id_ = 0;
};

absl::Status CheckRange(std::string_view name, std::chrono::milliseconds value, int least,
                        int most) {
  if (value.count() >= least && value.count() <= most) return absl::OkStatus();
  return InvalidArgument(name, " is ", value, "; expected ", least, " to ", most, " ms");
}

}  // namespace

absl::Status TwilioMediaOptions::Validate() const {
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("start_timeout", start_timeout, 100, 60'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("merge_at_least", merge_at_least, 20, 1'000));
  DRAGOMAN_RETURN_IF_ERROR(
      CheckRange("merge_at_most", merge_at_most, static_cast<int>(merge_at_least.count()), 1'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("ahead", ahead, 100, 5'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("mark_interval", mark_interval, 20, 10'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("mark_patience", mark_patience, 100, 60'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("max_queued", max_queued, 1'000, 600'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("max_gap", max_gap, 0, 10'000));
  DRAGOMAN_RETURN_IF_ERROR(CheckRange("max_lead", max_lead, 100, 60'000));
  if (max_pending < 1)
    return InvalidArgument("max_pending is ", max_pending, "; expected 1 or more");
  if (max_bad_messages < 0) {
    return InvalidArgument("max_bad_messages is ", max_bad_messages, "; expected 0 or more");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TwilioMediaAcceptor>> MakeTwilioMediaAcceptor(
    const TwilioMediaOptions& options, const TwilioMediaDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (dependencies.executor == nullptr || dependencies.agent == nullptr) {
    return InvalidArgument("twilio: an executor and an agent are needed");
  }
  return std::unique_ptr<TwilioMediaAcceptor>(new Acceptor(options, dependencies));
}

}  // namespace dragoman
