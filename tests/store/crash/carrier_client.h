// The crash child's way to the counting carrier.
#ifndef DRAGOMAN_TESTS_STORE_CRASH_CARRIER_CLIENT_H_
#define DRAGOMAN_TESTS_STORE_CRASH_CARRIER_CLIENT_H_

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"
#include "dragoman/store/effect_journal.h"
#include "tests/store/crash/crash_points.h"

namespace dragoman {

// Talks to the counting carrier. Empty: no answer.
class CarrierClient : public EffectSender {
 public:
  CarrierClient(int port, Executor& executor, CrashPoints& points)
      : port_(port), executor_(executor), points_(points) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    std::istringstream answer(Ask(StrCat("PLACE ", intent.client_reference, " ", intent.to, " ",
                                         intent.from, " ", Micros())));
    std::string word, id;
    answer >> word >> id;
    SendResult result{.outcome = SendOutcome::kNoAnswer, .reference = id};
    if (word == "CONFIRMED") result.outcome = SendOutcome::kConfirmed;
    if (word == "ACCEPTED") result.outcome = SendOutcome::kAccepted;
    if (word == "REJECTED") result.outcome = SendOutcome::kRejected;
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }
  void LookUp(const IntentRecord& intent, WallTime first, WallTime last,
              absl::AnyInvocable<void(LookupResult)> done) override {
    std::istringstream answer(Ask(StrCat("FIND ", intent.client_reference, " ", intent.to, " ",
                                         intent.from, " ", first.time_since_epoch().count(), " ",
                                         last.time_since_epoch().count(), " ", Micros())));
    std::string word, id;
    answer >> word >> id;
    LookupResult result{.outcome = LookupOutcome::kFailed, .reference = id};
    if (word == "FOUND") result.outcome = LookupOutcome::kFound;
    if (word == "ABSENT") result.outcome = LookupOutcome::kAbsent;
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override {
    const std::string word = Ask(StrCat("POLL ", intent.provider_reference, " ", Micros()));
    PollResult result;
    if (word == "CONFIRMED") result.outcome = PollOutcome::kConfirmed;
    if (word == "PENDING") result.outcome = PollOutcome::kPending;
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }

 private:
  std::int64_t Micros() const { return executor_.WallNow().time_since_epoch().count(); }

  std::string Ask(const std::string& question) {
    const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    points_.Reach("carrier: before connect");
    std::string answer;
    if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      points_.Reach("carrier: connected");
      const std::string line = question + "\n";
      const size_t half = line.size() / 2;
      if (send(peer, line.data(), half, MSG_NOSIGNAL) > 0) {
        points_.Reach("carrier: half sent");
        if (send(peer, line.data() + half, line.size() - half, MSG_NOSIGNAL) > 0) {
          points_.Reach("carrier: sent");
          char byte = 0;
          while (read(peer, &byte, 1) == 1 && byte != '\n') answer += byte;
          points_.Reach("carrier: answered");
        }
      }
    }
    close(peer);
    return answer;
  }

  const int port_;
  Executor& executor_;
  CrashPoints& points_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_STORE_CRASH_CARRIER_CLIENT_H_
