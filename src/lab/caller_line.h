// The caller's end of a carrier's protocol: what Twilio or Asterisk would say to the agent's
// server.
#ifndef DRAGOMAN_SRC_LAB_CALLER_LINE_H_
#define DRAGOMAN_SRC_LAB_CALLER_LINE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/random.h"
#include "dragoman/transport/byte_stream.h"
#include "dragoman/transport/web_socket.h"

namespace dragoman::lab {

// Only on its executor. Destruction drops the connection.
class CallerLine {
 public:
  struct Callbacks {
    absl::AnyInvocable<void()> on_open;  // frames may be sent from here on
    absl::AnyInvocable<void(std::span<const std::int16_t>)> on_audio;  // 8 kHz, any length
    absl::AnyInvocable<void(std::string_view name)> on_mark;
    absl::AnyInvocable<void()> on_clear;
    // A message that a real carrier would refuse or warn of (Twilio 31951). The call goes on.
    absl::AnyInvocable<void(std::string_view what)> on_complaint;
    absl::AnyInvocable<void(absl::Status)> on_closed;  // last; OK: properly
  };
  virtual ~CallerLine() = default;
  // `index` counts frames of 20 ms from the start of the call, sent or lost.
  virtual void SendFrame(std::span<const std::int16_t> samples, std::uint64_t index) = 0;
  virtual void SendKey(char key) = 0;
  virtual void ReturnMark(std::string_view name) = 0;  // nothing where there are no marks
  virtual void HangUp() = 0;                           // idempotent; on_closed follows
  virtual bool has_marks() const = 0;
};

struct TwilioCallerIds {
  std::string account_sid;
  std::string call_sid;
  std::string stream_sid;
  std::vector<std::pair<std::string, std::string>> parameters;
};
TwilioCallerIds MakeTwilioIds(Random& random);

// Opens a socket with the callbacks it is given; the line owns what comes back.
using OpenSocket = absl::AnyInvocable<std::unique_ptr<WebSocket>(WebSocketCallbacks)>;

// Twilio Media Streams (protocol "Call" 1.0.0): `connected` and `start` as soon as the socket is
// open.
std::unique_ptr<CallerLine> OpenTwilioLine(OpenSocket open, TwilioCallerIds ids,
                                           CallerLine::Callbacks callbacks);

// Asterisk AudioSocket: the UUID frame first. `uuid` has 16 bytes.
std::unique_ptr<CallerLine> OpenAudioSocketLine(std::unique_ptr<ByteStream> stream,
                                                std::span<const std::uint8_t> uuid,
                                                Executor& executor,
                                                CallerLine::Callbacks callbacks);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_CALLER_LINE_H_
