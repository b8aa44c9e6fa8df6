// A carrier within the process: numbers are agents, and a call is a line in memory.
#ifndef DRAGOMAN_PROVIDERS_LOOPBACK_CARRIER_H_
#define DRAGOMAN_PROVIDERS_LOOPBACK_CARRIER_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/call.h"
#include "dragoman/telephony/carrier.h"

namespace dragoman {

// Who has a number, and what happens when it is dialled.
struct DRAGOMAN_EXPORT LoopbackCallee {
  CallAgent* agent = nullptr;  // borrowed; gets the call if `outcome` is kAnswered
  // Anything else is reported after `ring_time`; kNoAnswer and a ring_time beyond the request's
  // ring_timeout ring to the end.
  DialOutcome outcome = DialOutcome::kAnswered;
  std::chrono::milliseconds ring_time{0};
};

// Thread-safe; the calls that it makes live on the executor that they were dialled on. Numbers that
// nobody has give kInvalidNumber; an agent that destroys the call in Accept, kDeclined. Both ends
// of a call are Calls of carrier "loopback" with the request's client_reference as a parameter;
// audio is carried at 8000 Hz in frames of 20 ms, silence too, and what was carried counts as
// heard.
class DRAGOMAN_EXPORT LoopbackCarrier : public Carrier {
 public:
  virtual void Register(std::string_view number, LoopbackCallee callee) = 0;  // replaces
  virtual void Unregister(std::string_view number) = 0;
  virtual int placed() const = 0;  // dials so far
};

DRAGOMAN_EXPORT std::unique_ptr<LoopbackCarrier> MakeLoopbackCarrier();

// Both ends of a call that is connected already. They live on `executor`, which must outlive them,
// and may go in any order.
struct DRAGOMAN_EXPORT LoopbackLine {
  std::unique_ptr<Call> caller;
  std::unique_ptr<Call> callee;
};
DRAGOMAN_EXPORT LoopbackLine MakeLoopbackLine(Executor& executor, const CallInfo& info);

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_LOOPBACK_CARRIER_H_
