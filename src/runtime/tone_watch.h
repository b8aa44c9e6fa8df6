// Listens to the other party of a call for the tones of machines, beside whoever talks to it.
#ifndef DRAGOMAN_SRC_RUNTIME_TONE_WATCH_H_
#define DRAGOMAN_SRC_RUNTIME_TONE_WATCH_H_

#include <functional>
#include <memory>

#include "dragoman/audio/tones.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

// The same call; `on_tone` gets each tone as it is found, before the audio goes on, and must not
// touch the call. Lines of other rates than 8 kHz are not listened to.
std::unique_ptr<Call> WatchTones(std::unique_ptr<Call> call,
                                 std::function<void(const ToneEvent&)> on_tone);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_TONE_WATCH_H_
