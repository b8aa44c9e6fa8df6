// A call that is connected, and whoever talks in it.
#ifndef DRAGOMAN_TELEPHONY_CALL_H_
#define DRAGOMAN_TELEPHONY_CALL_H_

#include <map>
#include <memory>
#include <string>

#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/media_stream.h"
#include "dragoman/telephony/text_stream.h"

namespace dragoman {

enum class CallDirection { kInbound, kOutbound };

struct DRAGOMAN_EXPORT CallInfo {
  std::string id;       // the carrier's: "CA..." at Twilio, the UUID at Asterisk
  std::string carrier;  // "twilio", "asterisk", "loopback"
  std::string from;     // E.164 where known; untrusted: caller ids are forged
  std::string to;
  CallDirection direction = CallDirection::kInbound;
  std::map<std::string, std::string>
      parameters;  // what the carrier's set-up passed along; untrusted
};

// A connected call. Lives on one executor from here to its end. Destruction hangs up.
class DRAGOMAN_EXPORT Call {
 public:
  virtual ~Call() = default;
  virtual const CallInfo& info() const = 0;
  virtual Executor& executor() = 0;
  // Exactly one of the two is not null; both belong to the call and live as long.
  virtual MediaStream* media() = 0;
  virtual TextStream* text() { return nullptr; }
  // Ends the call at once, whatever is still queued. Idempotent; the stream's on_closed follows.
  virtual void HangUp() = 0;
};

// Takes calls over: the agent's side of a carrier. Thread-safe; must outlive the calls it was
// given.
class DRAGOMAN_EXPORT CallAgent {
 public:
  virtual ~CallAgent() = default;
  // On the call's executor. Refusing is destroying the call.
  virtual void Accept(std::unique_ptr<Call> call) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TELEPHONY_CALL_H_
