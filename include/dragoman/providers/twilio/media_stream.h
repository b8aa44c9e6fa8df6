// Calls that Twilio brings as Media Streams: a WebSocket per call, mu-law in JSON.
//
// Source: Twilio documentation "Media Streams - WebSocket Messages" and "TwiML <Stream>" (read
// 2026-08). Two-way streams (<Connect><Stream>) only; what is played on a one-way stream is ignored
// by Twilio.
#ifndef DRAGOMAN_PROVIDERS_TWILIO_MEDIA_STREAM_H_
#define DRAGOMAN_PROVIDERS_TWILIO_MEDIA_STREAM_H_

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/telephony/call.h"
#include "dragoman/transport/web_socket.h"

namespace dragoman {

struct DRAGOMAN_EXPORT TwilioMediaOptions {
  // From the upgrade to the `start` message; a peer that says nothing is closed with 1008.
  std::chrono::milliseconds start_timeout{5'000};
  int max_pending = 256;  // sockets before their `start`; more are closed with 1013

  // Outbound. Larger messages cost fewer system calls; more audio ahead tolerates a busier machine,
  // and is what a `clear` must drop at the carrier. Field reports pace at most 0.4 s ahead.
  std::chrono::milliseconds merge_at_least{100};  // unless the line would run dry, or at FlushPlay
  std::chrono::milliseconds merge_at_most{200};
  std::chrono::milliseconds ahead{400};  // a message is sent while less than this waits there
  std::chrono::milliseconds mark_interval{400};    // between acknowledgements while audio flows
  std::chrono::milliseconds mark_patience{2'000};  // then the model's word is taken for a lost mark
  std::chrono::milliseconds max_queued{60'000};    // here; Play refuses beyond

  // Inbound.
  std::chrono::milliseconds max_gap{500};  // concealed; a longer hole is closed up
  // Audio that runs further ahead of the clock than this is dropped: a peer that floods.
  std::chrono::milliseconds max_lead{5'000};
  int max_bad_messages = 20;  // ignored and logged; one more closes with 1008

  absl::Status Validate() const;
};

// Turns accepted sockets into calls. Only on its executor. Destruction drops the sockets that have
// not become calls yet; calls belong to the agent.
class DRAGOMAN_EXPORT TwilioMediaAcceptor {
 public:
  virtual ~TwilioMediaAcceptor() = default;
  // After `connected` and `start` the agent gets the call: `info().id` is the call's SID,
  // `parameters` are the stream's custom parameters ("from" and "to" also fill those fields), plus
  // "streamSid" and "accountSid". A peer that breaks the protocol is closed and only logged.
  virtual void Accept(std::unique_ptr<AcceptedWebSocket> socket) = 0;
  virtual int pending() const = 0;
};

struct DRAGOMAN_EXPORT TwilioMediaDependencies {
  Executor* executor = nullptr;  // borrowed, as all here: must outlive the acceptor and its calls
  CallAgent* agent = nullptr;
  LogSink* log = &NullLog();
};

DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<TwilioMediaAcceptor>> MakeTwilioMediaAcceptor(
    const TwilioMediaOptions& options, const TwilioMediaDependencies& dependencies);

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_TWILIO_MEDIA_STREAM_H_
