// A live call as text, where the carrier does recognition and synthesis (Twilio ConversationRelay).
#ifndef DRAGOMAN_TELEPHONY_TEXT_STREAM_H_
#define DRAGOMAN_TELEPHONY_TEXT_STREAM_H_

#include <chrono>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Only on its executor; no method blocks.
class DRAGOMAN_EXPORT TextStream {
 public:
  struct Callbacks {  // on the stream's executor, one at a time
    absl::AnyInvocable<void(std::string_view text, bool is_final)>
        on_words;  // partials are cumulative
    // The other party interrupted; `heard` is what they had heard of the reply by then.
    absl::AnyInvocable<void(std::string_view heard, std::chrono::milliseconds after)>
        on_interrupted;
    absl::AnyInvocable<void(char digit)> on_dtmf;
    absl::AnyInvocable<void(absl::Status)> on_closed;  // last, exactly once unless destroyed first
  };
  virtual ~TextStream() = default;
  virtual void Start(Callbacks callbacks) = 0;  // once
  // Words to be spoken; white space counts. `last` ends the turn. kResourceExhausted: queue full.
  virtual absl::Status Say(std::string_view text, bool last) = 0;
  virtual absl::Status SendDtmf(std::string_view digits) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TELEPHONY_TEXT_STREAM_H_
