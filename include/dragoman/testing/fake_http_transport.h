// HTTP without a network: scripted exchanges, in pieces and in virtual time.
#ifndef DRAGOMAN_TESTING_FAKE_HTTP_TRANSPORT_H_
#define DRAGOMAN_TESTING_FAKE_HTTP_TRANSPORT_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/export.h"
#include "dragoman/core/mutex.h"
#include "dragoman/transport/http_transport.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ScriptedExchange {
  struct Piece {
    std::chrono::milliseconds after{0};  // since the piece before; the first: since the head
    std::string bytes = {};
  };
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::chrono::milliseconds head_after{0};
  std::vector<Piece> body = {};
  std::chrono::milliseconds done_after{0};
  absl::Status end = absl::OkStatus();  // after the body; not OK: the connection broke
  bool stalls = false;                  // after the body nothing comes: the timeouts decide
  bool no_head = false;                 // `end` or the stall comes instead of the head
  bool no_connection = false;           // the same, and connect_timeout decides over a stall

  static ScriptedExchange Reply(int status, std::string_view body);
  // Cut before each of these offsets, ascending.
  static ScriptedExchange InPieces(std::string_view body, const std::vector<std::size_t>& cuts,
                                   std::chrono::milliseconds every = {});
  static ScriptedExchange Broken(absl::Status status);  // no connection
  static ScriptedExchange Stalled();                    // connected, and then nothing
};

// Obeys the contract of HttpTransport, its timeouts and limits included. Thread-safe, except that
// the function of AnswerWith runs on whatever thread calls Send. Must outlive its exchanges.
class DRAGOMAN_EXPORT FakeHttpTransport : public HttpTransport {
 public:
  using Answer = std::function<ScriptedExchange(const HttpRequest&)>;

  FakeHttpTransport();
  ~FakeHttpTransport() override;

  void Enqueue(ScriptedExchange exchange);
  void AnswerWith(Answer answer);  // when none is left; else the exchange fails with kUnavailable

  std::unique_ptr<HttpExchange> Send(HttpRequest request, Executor& executor,
                                     Callbacks callbacks) override;

  std::vector<HttpRequest> requests() const;
  int open_exchanges() const;       // neither finished nor destroyed
  int cancelled_exchanges() const;  // by Cancel or by destruction, before their end

 private:
  class Exchange;
  struct Counts;

  mutable Mutex mutex_;
  std::deque<ScriptedExchange> script_ DRAGOMAN_GUARDED_BY(mutex_);
  Answer answer_ DRAGOMAN_GUARDED_BY(mutex_);
  std::vector<HttpRequest> requests_ DRAGOMAN_GUARDED_BY(mutex_);
  std::shared_ptr<Counts> counts_;  // shared with the exchanges
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_HTTP_TRANSPORT_H_
