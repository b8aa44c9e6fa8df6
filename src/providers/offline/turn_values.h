// The values that a caller's turn brings: days, times, names, numbers, choices.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_TURN_VALUES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_TURN_VALUES_H_

#include <string>
#include <vector>

#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/understanding.h"

namespace dragoman::offline {

// "At three" includes three in the afternoon.
bool Includes(const TimeValue& said, minutes time);
// "Tuesday" points at whichever Tuesday is there.
bool PointsAt(const DateValue& said, sys_days date);

// Writes into the dialogue's values. What is given must outlive it.
class TurnValues {
 public:
  TurnValues(Dialogue& dialogue, const Asked& asked, const Understanding& heard)
      : dialogue_(dialogue), asked_(asked), heard_(heard) {}

  // Every value that the turn brings, wanted now or later. True when something changed.
  bool Take();

  // Each: true when the value differs from what stood there, or a note says why it cannot be.
  bool Set(const std::string& slot, const std::string& value);
  bool SetDate(const SlotDefinition& slot, sys_days date);
  bool SetDigits(const std::string& digits);
  void ClearDate();
  void ForgetLookup();

 private:
  bool TakeDate();
  bool TakeTime();
  bool TakeChoice(const std::string& slot, const Standing<std::string>& standing);
  sys_days WithinRange(const DateValue& date) const;
  std::vector<minutes> Halves(const TimeValue& time) const;
  bool Open(minutes time) const;

  Dialogue& dialogue_;
  const Asked& asked_;
  const Understanding& heard_;
};

}  // namespace dragoman::offline

#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_TURN_VALUES_H_
