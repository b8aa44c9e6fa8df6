// A phone call in memory: the agent's end is a Call, the test holds the caller's.
#ifndef DRAGOMAN_TESTING_FAKE_CALL_H_
#define DRAGOMAN_TESTING_FAKE_CALL_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/call.h"
#include "dragoman/testing/pcm.h"

namespace dragoman {

// How the line tells what was heard. The truth is the same in each: the caller's phone plays what
// it gets, in order, in time.
enum class Acknowledgement {
  kMarks,     // Twilio: a mark comes back when played, and all at once after Clear
  kModelled,  // AudioSocket: nothing comes back, a model is reported every 100 ms and at the end
  kSilent,    // a broken line: on_playout never comes; position() is the model's
};

struct DRAGOMAN_EXPORT FakeCallOptions {
  int sample_rate_hz = 8000;
  Acknowledgement acknowledgement = Acknowledgement::kMarks;
  std::chrono::milliseconds mark_every{200};  // besides the one of each FlushPlay
  std::chrono::milliseconds mark_delay{0};    // from played to acknowledged: the way back
  // A real line carries a frame every 20 ms, silence too. False: only what the test sends.
  bool ticks = true;
  std::chrono::milliseconds max_queued{60'000};
  CallInfo info{.id = "fake-call",
                .carrier = "fake",
                .from = "+15550100",
                .to = "+15550199",
                .direction = CallDirection::kInbound,
                .parameters = {}};
};

// The caller. Only on the call's executor. Destruction hangs up.
class DRAGOMAN_EXPORT FakeCaller {
 public:
  virtual ~FakeCaller() = default;

  // Queues audio that the agent receives in frames of 20 ms, one every 20 ms; a started frame is
  // filled up with silence. Nothing is delivered before the agent's Start.
  virtual void Speak(const PcmFrame& frame) = 0;
  virtual std::chrono::milliseconds speaking_left() const = 0;  // of what was queued
  virtual void Press(char digit) = 0;
  virtual void HangUp() = 0;                   // the agent's on_closed reports OK
  virtual void Drop(absl::Status status) = 0;  // the carrier's socket dies: on_closed reports it

  virtual bool ended() const = 0;  // by either side
  virtual bool agent_hung_up()
      const = 0;  // HangUp, or the call was destroyed, before the caller did

  // What has really been heard by now, in order, without pauses and without cleared audio.
  virtual PcmBuffer heard() const = 0;
  virtual PcmBuffer played() const = 0;  // that, and what waits to be heard
  virtual int clears() const = 0;        // calls of Clear
  virtual int flushes() const = 0;
  virtual std::string dtmf() const = 0;                    // pressed by the agent
  virtual std::chrono::microseconds underrun() const = 0;  // pauses inside utterances
};

struct DRAGOMAN_EXPORT FakeCallEnds {
  std::unique_ptr<Call> call;  // for CallAgent::Accept
  std::unique_ptr<FakeCaller> caller;
};

// `executor` is borrowed and must outlive both ends, which may go in any order.
DRAGOMAN_EXPORT FakeCallEnds MakeFakeCall(Executor& executor, FakeCallOptions options = {});

// Keeps the calls that it is given. One thread at a time.
class DRAGOMAN_EXPORT FakeCallAgent : public CallAgent {
 public:
  void Accept(std::unique_ptr<Call> call) override;
  void RefuseAll() { refuses_ = true; }  // destroys calls as they come

  int accepted() const { return accepted_; }  // refused ones too
  std::vector<std::unique_ptr<Call>>& calls() { return calls_; }

 private:
  std::vector<std::unique_ptr<Call>> calls_;
  int accepted_ = 0;
  bool refuses_ = false;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_CALL_H_
