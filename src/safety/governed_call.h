// A call that was placed with the governor's leave.
#ifndef DRAGOMAN_SRC_SAFETY_GOVERNED_CALL_H_
#define DRAGOMAN_SRC_SAFETY_GOVERNED_CALL_H_

#include <memory>
#include <optional>

#include "dragoman/core/log.h"
#include "dragoman/safety/governor.h"
#include "dragoman/telephony/call.h"

namespace dragoman::safety {

// Settles the reservation once, whichever way the dial or the call ends. Only on its executor.
class CallBill {
 public:
  CallBill(Governor& governor, Decision decision);
  ~CallBill();  // never connected: an attempt without minutes
  CallBill(const CallBill&) = delete;
  CallBill& operator=(const CallBill&) = delete;
  void Connected(TimePoint at);
  void Ended(TimePoint at);

 private:
  void SettleOnce(std::int64_t minutes);

  Governor& governor_;
  const Decision decision_;
  std::optional<TimePoint> connected_;
  bool settled_ = false;
};

// Hung up within a second of the kill switch (MakeWatchedCall); settles at its end.
std::unique_ptr<Call> MakeGovernedCall(std::unique_ptr<Call> call, Governor& governor,
                                       GoalScope scope, std::shared_ptr<CallBill> bill,
                                       LogSink& log);

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_GOVERNED_CALL_H_
