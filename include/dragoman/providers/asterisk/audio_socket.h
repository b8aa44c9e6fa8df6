// Calls that Asterisk brings over AudioSocket: a TCP connection per call, linear PCM in frames.
//
// Source: docs.asterisk.org "AudioSocket" (2026). The protocol has no secret, no mark and no flush:
// who connects is known by an unguessable UUID alone, the playout clock is ours, and what was sent
// is heard.
#ifndef DRAGOMAN_PROVIDERS_ASTERISK_AUDIO_SOCKET_H_
#define DRAGOMAN_PROVIDERS_ASTERISK_AUDIO_SOCKET_H_

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/telephony/call.h"
#include "dragoman/transport/byte_stream.h"

namespace dragoman {

struct DRAGOMAN_EXPORT AudioSocketOptions {
  // Of both directions. The dialplan application is always 8000; Dial() and external media use the
  // channel's rate. A frame of another rate ends the call.
  int sample_rate_hz = 8'000;
  // Late 2025 releases of Asterisk sent 16 kHz as frame type 0x11; since 2026 it means 12 kHz.
  int rate_of_type_11_hz = 12'000;
  // false: only registered UUIDs become calls. true: any; then the bind address must keep strangers
  // out.
  bool accept_any_uuid = false;
  std::chrono::milliseconds uuid_timeout{5'000};  // a peer that says nothing is closed
  int max_pending = 256;                          // connections before their UUID
  std::chrono::milliseconds max_queued{60'000};   // Play refuses beyond
  std::chrono::milliseconds max_lead{5'000};      // audio further ahead of the clock is dropped
  absl::Status Validate() const;
};

// Turns accepted connections into calls. Only on its executor. Destruction drops the connections
// that have not become calls yet; calls belong to the agent.
class DRAGOMAN_EXPORT AudioSocketAcceptor {
 public:
  virtual ~AudioSocketAcceptor() = default;
  // Expects one call with this UUID, once. `parameters` reach the agent in the call's info; "from"
  // and "to" also fill those fields. kInvalidArgument: not a UUID.
  virtual absl::Status Register(std::string_view uuid,
                                std::map<std::string, std::string> parameters) = 0;
  virtual void Unregister(std::string_view uuid) = 0;
  virtual void Accept(std::unique_ptr<ByteStream> stream) = 0;
  virtual int pending() const = 0;
};

struct DRAGOMAN_EXPORT AudioSocketDependencies {
  Executor* executor = nullptr;  // borrowed, as all here: must outlive the acceptor and its calls
  CallAgent* agent = nullptr;
  LogSink* log = &NullLog();
};

DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<AudioSocketAcceptor>> MakeAudioSocketAcceptor(
    const AudioSocketOptions& options, const AudioSocketDependencies& dependencies);

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_ASTERISK_AUDIO_SOCKET_H_
