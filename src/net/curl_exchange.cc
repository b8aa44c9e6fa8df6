#include "src/net/curl_exchange.h"

#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {

void CurlMailbox::PutHead(HttpResponseHead head) {
  MutexLock lock(mutex_);
  mail_.head = std::move(head);
  Notify();
}

bool CurlMailbox::PutBody(std::string_view bytes) {
  MutexLock lock(mutex_);
  // An empty box takes a piece of any size: curl's are at most 16 KiB.
  if (!mail_.body.empty() && mail_.body.size() + bytes.size() > max_buffered_) {
    mail_.resume = true;
    return false;
  }
  mail_.body += bytes;
  Notify();
  return true;
}

void CurlMailbox::PutDone(absl::Status status) {
  MutexLock lock(mutex_);
  mail_.done = std::move(status);
  Notify();
}

CurlMailbox::Mail CurlMailbox::Take() {
  MutexLock lock(mutex_);
  posted_ = false;
  return std::exchange(mail_, Mail());
}

void CurlMailbox::Detach() {
  MutexLock lock(mutex_);
  detached_ = true;
  mail_ = Mail();
}

// Posting under the lock: Detach must not return while a post is under way, for the executor may
// go next. Executors run nothing inside Post.
void CurlMailbox::Notify() {
  if (posted_ || detached_) return;
  posted_ = true;
  executor_.Post([self = shared_from_this()] { self->Deliver(); });
}

void CurlMailbox::Deliver() {
  if (listener_ != nullptr) listener_->OnMail();
}

CurlExchange::CurlExchange(CurlThread& thread, HttpRequest request, Executor& executor,
                           HttpTransport::Callbacks callbacks, std::size_t max_buffered)
    : thread_(thread),
      executor_(executor),
      callbacks_(std::make_shared<HttpTransport::Callbacks>(std::move(callbacks))) {
  absl::Status valid = request.Validate();
  mailbox_ = std::make_shared<CurlMailbox>(executor, max_buffered, std::move(request));
  mailbox_->SetListener(this);
  if (valid.ok()) valid = thread_.Start(mailbox_);
  if (!valid.ok()) Fail(std::move(valid));
}

CurlExchange::~CurlExchange() { Leave(); }

void CurlExchange::Cancel() {
  if (left_ || callbacks_ == nullptr) return;
  Fail(Cancelled());
}

void CurlExchange::OnMail() {
  auto callbacks = callbacks_;
  const auto alive = lifetime_.Watch();
  CurlMailbox::Mail mail = mailbox_->Take();
  if (mail.resume) thread_.Resume(mailbox_);
  if (mail.head && callbacks->on_head) {
    callbacks->on_head(*mail.head);
    if (alive.expired() || left_) return;
  }
  if (!mail.body.empty() && callbacks->on_body) {
    callbacks->on_body(mail.body);
    if (alive.expired() || left_) return;
  }
  if (!mail.done) return;
  left_ = true;  // the curl thread has let go by itself
  callbacks_ = nullptr;
  if (callbacks->on_done) callbacks->on_done(*std::move(mail.done));
}

void CurlExchange::Fail(absl::Status status) {
  Leave();
  executor_.Post(lifetime_.Wrap([this, status = std::move(status)] {
    auto callbacks = std::exchange(callbacks_, nullptr);
    if (callbacks->on_done) callbacks->on_done(status);
  }));
}

void CurlExchange::Leave() {
  mailbox_->SetListener(nullptr);
  mailbox_->Detach();
  if (std::exchange(left_, true)) return;
  thread_.Abort(mailbox_);
}

}  // namespace dragoman
