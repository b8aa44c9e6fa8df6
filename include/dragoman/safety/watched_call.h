// A call that is hung up when somebody stops everything.
#ifndef DRAGOMAN_SAFETY_WATCHED_CALL_H_
#define DRAGOMAN_SAFETY_WATCHED_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

// Asks `stopped` every second on the call's executor; once it gives a reason, the call is hung up
// and the reason logged. `on_end` (may be empty) runs when the call is hung up from here and again
// when it goes. `log` is borrowed and must outlive the call.
DRAGOMAN_EXPORT std::unique_ptr<Call> MakeWatchedCall(
    std::unique_ptr<Call> call, std::function<std::optional<std::string>()> stopped,
    std::function<void()> on_end, LogSink& log);

}  // namespace dragoman

#endif  // DRAGOMAN_SAFETY_WATCHED_CALL_H_
