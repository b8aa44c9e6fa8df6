// Takes calls from carriers: Twilio Media Streams over WebSocket, Asterisk's AudioSocket over TCP.
#ifndef DRAGOMAN_SERVER_MEDIA_SERVER_H_
#define DRAGOMAN_SERVER_MEDIA_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/secret.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

struct DRAGOMAN_EXPORT MediaServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;                // HTTP and WebSocket; 0: any free one
  int audio_socket_port = -1;  // -1: no AudioSocket; 0: any free one
  // UUIDs that may call over AudioSocket (its only authentication), each once; empty: every
  // one.
  std::vector<std::string> audio_socket_ids;
  // The URL of /media as Twilio knows it ("wss://agent.example/media") and the account's token: the
  // upgrade's X-Twilio-Signature is checked. An empty token: it is not.
  std::string public_url;
  Secret auth_token;
  int media_loops = 0;  // threads that calls live on; 0: one less than there are cores, at least 1
  // True while no call is taken: an upgrade to /media is answered with 503, and so is /health,
  // whose status is "stopped" then. Asked on the server's thread; empty: calls are taken.
  std::function<bool()> closed;
  absl::Status Validate() const;
};

// Routes: GET /health (JSON: status "ok", or "stopped" with 503), WebSocket /media. Thread-safe.
// Destroy it after the agent's calls ended; its loops stop then.
class DRAGOMAN_EXPORT MediaServer {
 public:
  // `agent`, `log` and `clock` are borrowed and must outlive the server. `health` gives further
  // members of the /health object as JSON ("\"calls\":3"), from the server's thread; may be null.
  // kUnavailable: a port is in use, naming it.
  static absl::StatusOr<std::unique_ptr<MediaServer>> Start(const MediaServerOptions& options,
                                                            CallAgent& agent,
                                                            std::function<std::string()> health,
                                                            const Clock& clock, LogSink& log);
  virtual ~MediaServer() = default;

  virtual int port() const = 0;
  virtual int audio_socket_port() const = 0;  // -1: none
  virtual void StopListening() = 0;           // no new calls; those under way go on
};

}  // namespace dragoman

#endif  // DRAGOMAN_SERVER_MEDIA_SERVER_H_
