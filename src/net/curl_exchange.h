// One HTTP exchange between the thread that drives curl and the executor that listens.
#ifndef DRAGOMAN_SRC_NET_CURL_EXCHANGE_H_
#define DRAGOMAN_SRC_NET_CURL_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/mutex.h"
#include "dragoman/transport/http_transport.h"

namespace dragoman {

class CurlExchange;

// What both sides share. The curl thread fills it and posts one task; the task empties it. Shared
// because either side may let go first.
class CurlMailbox : public std::enable_shared_from_this<CurlMailbox> {
 public:
  CurlMailbox(Executor& executor, std::size_t max_buffered, HttpRequest request)
      : request(std::move(request)), executor_(executor), max_buffered_(max_buffered) {}

  const HttpRequest request;

  // --- curl thread
  void PutHead(HttpResponseHead head);
  // False: the consumer lags, nothing was taken; TakeMail will ask for the rest to be resumed.
  bool PutBody(std::string_view bytes);
  void PutDone(absl::Status status);

  // --- executor
  struct Mail {
    std::optional<HttpResponseHead> head;
    std::string body;
    std::optional<absl::Status> done;
    bool resume = false;  // the curl thread waits for room
  };
  Mail Take();
  void SetListener(CurlExchange* listener) { listener_ = listener; }  // null: gone
  // Nothing is posted to the executor after it returns.
  void Detach();

 private:
  void Notify() DRAGOMAN_REQUIRES(mutex_);
  void Deliver();

  Executor& executor_;
  const std::size_t max_buffered_;
  CurlExchange* listener_ = nullptr;  // only on the executor
  Mutex mutex_;
  Mail mail_ DRAGOMAN_GUARDED_BY(mutex_);
  bool posted_ DRAGOMAN_GUARDED_BY(mutex_) = false;
  bool detached_ DRAGOMAN_GUARDED_BY(mutex_) = false;
};

// The thread that drives curl, as an exchange sees it. Thread-safe.
class CurlThread {
 public:
  virtual ~CurlThread() = default;
  // kResourceExhausted: too many exchanges.
  virtual absl::Status Start(std::shared_ptr<CurlMailbox> mailbox) = 0;
  virtual void Resume(std::shared_ptr<CurlMailbox> mailbox) = 0;
  virtual void Abort(std::shared_ptr<CurlMailbox> mailbox) = 0;
};

// Only on its executor.
class CurlExchange : public HttpExchange {
 public:
  CurlExchange(CurlThread& thread, HttpRequest request, Executor& executor,
               HttpTransport::Callbacks callbacks, std::size_t max_buffered);
  ~CurlExchange() override;
  void Cancel() override;

  void OnMail();  // by the mailbox

 private:
  void Fail(absl::Status status);  // not inside the caller's Send or Cancel
  void Leave();

  CurlThread& thread_;
  Executor& executor_;
  std::shared_ptr<CurlMailbox> mailbox_;
  // Shared with a running callback, which may destroy the exchange; null after on_done.
  std::shared_ptr<HttpTransport::Callbacks> callbacks_;
  bool left_ = false;  // the curl thread has nothing to do with it any more
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_CURL_EXCHANGE_H_
