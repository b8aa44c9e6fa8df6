#include <cstdint>
#include <map>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "src/providers/asterisk/audio_socket_call.h"
#include "src/wire/audio_socket.h"

namespace dragoman {
namespace {

class Acceptor : public AudioSocketAcceptor {
 public:
  Acceptor(const AudioSocketOptions& options, const AudioSocketDependencies& dependencies)
      : options_(options), dependencies_(dependencies) {}

  absl::Status Register(std::string_view uuid,
                        std::map<std::string, std::string> parameters) override {
    DRAGOMAN_ASSIGN_OR_RETURN(std::string normal, NormalizeUuid(uuid));
    expected_[normal] = std::move(parameters);
    return absl::OkStatus();
  }

  void Unregister(std::string_view uuid) override {
    if (auto normal = NormalizeUuid(uuid); normal.ok()) expected_.erase(*normal);
  }

  void Accept(std::unique_ptr<ByteStream> stream) override {
    if (pending() >= options_.max_pending) {
      dependencies_.log->Write(LogLevel::kWarning, "asterisk",
                               StrCat("connection refused: ", pending(), " wait for their UUID"));
      return;
    }
    const std::uint64_t id = ++last_id_;
    AudioSocketCall& call =
        *pending_
             .emplace(id, std::make_unique<AudioSocketCall>(options_, *dependencies_.executor,
                                                            *dependencies_.log, std::move(stream)))
             .first->second;
    call.Await({.find = [this](const std::string& uuid) { return Find(uuid); },
                .on_started =
                    [this, id] {
                      std::unique_ptr<Call> started = std::move(pending_.extract(id).mapped());
                      dependencies_.agent->Accept(std::move(started));
                    },
                .on_refused = [this, id](absl::Status) { pending_.erase(id); }});
  }

  int pending() const override { return static_cast<int>(pending_.size()); }

 private:
  std::optional<std::map<std::string, std::string>> Find(const std::string& uuid) {
    if (auto node = expected_.extract(uuid)) return std::move(node.mapped());
    if (options_.accept_any_uuid) return std::map<std::string, std::string>();
    return std::nullopt;
  }

  const AudioSocketOptions options_;
  const AudioSocketDependencies dependencies_;
  std::map<std::string, std::map<std::string, std::string>> expected_;
  std::map<std::uint64_t, std::unique_ptr<AudioSocketCall>> pending_;
  std::uint64_t last_id_ = 0;
};

bool IsRate(int rate) {
  for (int known : {8'000, 12'000, 16'000, 24'000, 32'000, 48'000}) {
    if (rate == known) return true;
  }
  return false;
}

}  // namespace

absl::Status AudioSocketOptions::Validate() const {
  if (!IsRate(sample_rate_hz)) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz,
                           "; expected 8000, 12000, 16000, 24000, 32000 or 48000");
  }
  if (rate_of_type_11_hz != 12'000 && rate_of_type_11_hz != 16'000) {
    return InvalidArgument("rate_of_type_11_hz is ", rate_of_type_11_hz,
                           "; expected 12000 or 16000");
  }
  if (uuid_timeout.count() < 100 || uuid_timeout.count() > 60'000) {
    return InvalidArgument("uuid_timeout is ", uuid_timeout, "; expected 100 to 60000 ms");
  }
  if (max_pending < 1)
    return InvalidArgument("max_pending is ", max_pending, "; expected 1 or more");
  if (max_queued.count() < 1'000 || max_queued.count() > 600'000) {
    return InvalidArgument("max_queued is ", max_queued, "; expected 1000 to 600000 ms");
  }
  if (max_lead.count() < 100 || max_lead.count() > 60'000) {
    return InvalidArgument("max_lead is ", max_lead, "; expected 100 to 60000 ms");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<AudioSocketAcceptor>> MakeAudioSocketAcceptor(
    const AudioSocketOptions& options, const AudioSocketDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (dependencies.executor == nullptr || dependencies.agent == nullptr) {
    return InvalidArgument("asterisk: an executor and an agent are needed");
  }
  return std::unique_ptr<AudioSocketAcceptor>(new Acceptor(options, dependencies));
}

}  // namespace dragoman
