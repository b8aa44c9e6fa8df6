// A carrier whose calls ring and are answered as scripted; no phone rings.
#ifndef DRAGOMAN_TESTING_FAKE_CARRIER_H_
#define DRAGOMAN_TESTING_FAKE_CARRIER_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/carrier.h"
#include "dragoman/testing/fake_call.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ScriptedDial {
  std::optional<std::chrono::milliseconds> rings_after = std::chrono::milliseconds(500);
  std::chrono::milliseconds ends_after{3'000};  // since Place; beyond ring_timeout: kNoAnswer then
  DialOutcome outcome = DialOutcome::kAnswered;
  std::string detail = {};                  // the carrier's words
  FakeCallOptions call = {};                // for kAnswered; its numbers are those of the request
  absl::Status refusal = absl::OkStatus();  // not OK: Place returns it
};

// Obeys the contract of Carrier. One thread at a time. Must outlive its dials.
class DRAGOMAN_EXPORT FakeCarrier : public Carrier {
 public:
  void Enqueue(ScriptedDial dial);  // for the next Place; without one it is answered

  absl::StatusOr<std::unique_ptr<Dial>> Place(const DialRequest& request, Executor& executor,
                                              Callbacks callbacks) override;

  const std::vector<DialRequest>& requests() const { return requests_; }
  // The called parties, in the order in which they answered.
  std::size_t answered() const { return callers_.size(); }
  FakeCaller& called(std::size_t number = 0) { return *callers_.at(number); }
  int cancelled() const { return cancelled_; }  // dials cancelled or destroyed while they rang

 private:
  class FakeDial;

  std::deque<ScriptedDial> script_;
  std::vector<DialRequest> requests_;
  std::vector<std::unique_ptr<FakeCaller>> callers_;
  int cancelled_ = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_CARRIER_H_
