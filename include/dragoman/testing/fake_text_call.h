// A call as text, in memory: the agent's end is a Call with a TextStream, the test is the caller.
#ifndef DRAGOMAN_TESTING_FAKE_TEXT_CALL_H_
#define DRAGOMAN_TESTING_FAKE_TEXT_CALL_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

// Only on the call's executor. Destruction hangs up. What it does arrives as a task, in order, and
// not before the agent's Start.
class DRAGOMAN_EXPORT FakeTextCaller {
 public:
  virtual ~FakeTextCaller() = default;
  virtual void Say(std::string_view text, bool is_final = true) = 0;
  virtual void Interrupt(std::string_view heard, std::chrono::milliseconds after) = 0;
  virtual void Press(char digit) = 0;
  virtual void HangUp() = 0;                   // on_closed reports OK
  virtual void Drop(absl::Status status) = 0;  // on_closed reports it
  virtual bool ended() const = 0;
  virtual bool agent_hung_up() const = 0;
  virtual std::vector<std::string> turns() const = 0;  // of the agent, each ended by `last`
  virtual std::string open_turn() const = 0;           // said since
  virtual std::string dtmf() const = 0;
};

struct DRAGOMAN_EXPORT FakeTextCallEnds {
  std::unique_ptr<Call> call;
  std::unique_ptr<FakeTextCaller> caller;
};

// `executor` is borrowed and must outlive both ends, which may go in any order.
DRAGOMAN_EXPORT FakeTextCallEnds MakeFakeTextCall(Executor& executor, CallInfo info = {});

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_TEXT_CALL_H_
