#include "src/net/curl_http_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/net/curl_exchange.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxHeaderBytes = 64 << 10;
constexpr std::size_t kMaxHeaders = 256;

struct EasyDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDelete {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One exchange on the curl thread.
class Transfer {
 public:
  Transfer(std::shared_ptr<CurlMailbox> mailbox, const CurlHttpOptions& options, const Clock& clock)
      : mailbox_(std::move(mailbox)), clock_(clock), easy_(curl_easy_init()) {
    started_ = last_byte_ = clock_.Now();
    SetTarget(options);
    SetRequest();
    SetCallbacks();
  }

  CURL* easy() const { return easy_.get(); }
  const std::shared_ptr<CurlMailbox>& mailbox() const { return mailbox_; }

  void Resume() {
    paused_ = false;
    last_byte_ = clock_.Now();
    curl_easy_pause(easy(), CURLPAUSE_CONT);  // delivers what waits inside
  }

  // When the next of our timeouts strikes. Curl itself watches over the connecting.
  TimePoint deadline() const {
    const TimePoint total = started_ + request().total_timeout;
    return connected_ && !paused_ ? std::min(total, last_byte_ + request().idle_timeout) : total;
  }
  absl::Status TimeoutStatus() const {
    if (clock_.Now() >= started_ + request().total_timeout) {
      return DeadlineExceeded(StrCat("no end of the response within ", request().total_timeout));
    }
    return DeadlineExceeded(StrCat("no byte received within ", request().idle_timeout));
  }

  absl::Status StatusOf(CURLcode code) const {
    if (!refused_.ok()) return refused_;
    const std::string words = error_[0] != '\0' ? error_ : curl_easy_strerror(code);
    switch (code) {
      case CURLE_OK:
        return absl::OkStatus();
      case CURLE_OPERATION_TIMEDOUT:
        return DeadlineExceeded(StrCat("no connection within ", request().connect_timeout));
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        return InvalidArgument("url: ", words);
      case CURLE_OUT_OF_MEMORY:
        return ResourceExhausted(words);
      case CURLE_WEIRD_SERVER_REPLY:
        return Internal(words);
      default:
        return Unavailable(words);
    }
  }

 private:
  const HttpRequest& request() const { return mailbox_->request; }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(easy(), option, value);
  }

  void SetTarget(const CurlHttpOptions& options) {
    Set(CURLOPT_URL, request().url.c_str());
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_PROXY, options.proxy.c_str());  // an empty one keeps curl from the environment
    Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's own answer is no answer
    Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_QUICK_EXIT, 1L);  // an abandoned name lookup must not hold the others up
    Set(CURLOPT_USERAGENT, options.user_agent.c_str());
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    if (!options.ca_file.empty()) Set(CURLOPT_CAINFO, options.ca_file.c_str());
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request().connect_timeout.count()));
    if (!request().repeatable) Set(CURLOPT_FRESH_CONNECT, 1L);
  }

  void SetRequest() {
    const std::string& method = request().method;
    const bool sends_body =
        !request().body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
    if (sends_body) {
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request().body.size()));
      Set(CURLOPT_POSTFIELDS, request().body.data());
    } else if (method == "HEAD") {
      Set(CURLOPT_NOBODY, 1L);
    }
    Set(CURLOPT_CUSTOMREQUEST, method.c_str());
    bool has_content_type = false;
    for (const auto& [name, value] : request().headers) {
      has_content_type = has_content_type || ToLowerAscii(name) == "content-type";
      AddHeader(value.empty() ? name + ";" : StrCat(name, ": ", value));  // ";": sent, but empty
    }
    AddHeader("Expect:");  // curl would wait a second for a 100 before a long body
    if (!has_content_type) AddHeader("Content-Type:");  // nor invent a form
    Set(CURLOPT_HTTPHEADER, headers_.get());
  }

  void AddHeader(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }

  void SetCallbacks() {
    Set(CURLOPT_ERRORBUFFER, error_);
    Set(CURLOPT_HEADERDATA, this);
    Set(CURLOPT_WRITEDATA, this);
    Set(CURLOPT_PREREQDATA, this);
    Set(
        CURLOPT_HEADERFUNCTION,
        +[](char* bytes, std::size_t, std::size_t size, void* self) -> std::size_t {
          return static_cast<Transfer*>(self)->OnHeader({bytes, size}) ? size : 0;
        });
    Set(
        CURLOPT_WRITEFUNCTION,
        +[](char* bytes, std::size_t, std::size_t size, void* self) -> std::size_t {
          return static_cast<Transfer*>(self)->OnBody({bytes, size});
        });
    Set(
        CURLOPT_PREREQFUNCTION, +[](void* self, char*, char*, int, int) -> int {
          auto* transfer = static_cast<Transfer*>(self);
          transfer->connected_ = true;
          transfer->last_byte_ = transfer->clock_.Now();
          return CURL_PREREQFUNC_OK;
        });
  }

  // False: the exchange ends.
  bool OnHeader(std::string_view line) {
    last_byte_ = clock_.Now();
    if (head_sent_) return true;  // trailers
    header_bytes_ += line.size();
    if (header_bytes_ > kMaxHeaderBytes || head_.headers.size() >= kMaxHeaders) {
      refused_ = ResourceExhausted("response has more than ", kMaxHeaders, " headers or ",
                                   kMaxHeaderBytes, " bytes of them");
      return false;
    }
    line = Trim(line);
    if (line.starts_with("HTTP/")) {
      head_ = HttpResponseHead();  // "HTTP/1.1 200 OK", "HTTP/2 200"
      const std::string_view code = line.substr(std::min(line.find(' '), line.size()));
      for (char digit : Trim(code).substr(0, 3)) head_.status = head_.status * 10 + (digit - '0');
    } else if (line.empty()) {
      if (head_.status / 100 == 1) return true;  // interim: the real one follows
      head_sent_ = true;
      mailbox_->PutHead(head_);
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      head_.headers.emplace_back(ToLowerAscii(line.substr(0, colon)), Trim(line.substr(colon + 1)));
    }
    return true;
  }

  std::size_t OnBody(std::string_view bytes) {
    last_byte_ = clock_.Now();
    if (received_ + bytes.size() > request().max_response_bytes) {
      refused_ =
          ResourceExhausted("response has more than ", request().max_response_bytes, " bytes");
      return 0;
    }
    if (!mailbox_->PutBody(bytes)) {
      paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    received_ += bytes.size();
    return bytes.size();
  }

  std::shared_ptr<CurlMailbox> mailbox_;
  const Clock& clock_;
  char error_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, ListDelete> headers_;
  HttpResponseHead head_;
  bool head_sent_ = false;
  std::size_t header_bytes_ = 0;
  std::size_t received_ = 0;
  bool connected_ = false;
  bool paused_ = false;
  TimePoint started_;
  TimePoint last_byte_;
  absl::Status refused_;                    // why we stopped it ourselves
  std::unique_ptr<CURL, EasyDelete> easy_;  // last: uses what is above
};

class CurlHttpTransport : public HttpTransport, private CurlThread {
 public:
  CurlHttpTransport(CurlHttpOptions options, const Clock& clock, CURLM* multi)
      : options_(std::move(options)), clock_(clock), multi_(multi) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS,
                      static_cast<long>(options_.max_idle_connections));
    thread_ = std::thread([this] { Run(); });
  }

  ~CurlHttpTransport() override {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    for (auto& [mailbox, transfer] : transfers_) {
      curl_multi_remove_handle(multi_, transfer->easy());
    }
    transfers_.clear();
    curl_multi_cleanup(multi_);
  }

  std::unique_ptr<HttpExchange> Send(HttpRequest request, Executor& executor,
                                     Callbacks callbacks) override {
    CurlThread& thread = *this;
    return std::make_unique<CurlExchange>(thread, std::move(request), executor,
                                          std::move(callbacks), options_.max_buffered_bytes);
  }

 private:
  enum class Action { kStart, kResume, kAbort };
  using Order = std::pair<Action, std::shared_ptr<CurlMailbox>>;

  // --- any thread
  absl::Status Start(std::shared_ptr<CurlMailbox> mailbox) override {
    if (open_.fetch_add(1) >= options_.max_exchanges) {
      open_.fetch_sub(1);
      return ResourceExhausted(options_.max_exchanges, " exchanges are under way already");
    }
    Give(Action::kStart, std::move(mailbox));
    return absl::OkStatus();
  }
  void Resume(std::shared_ptr<CurlMailbox> mailbox) override {
    Give(Action::kResume, std::move(mailbox));
  }
  void Abort(std::shared_ptr<CurlMailbox> mailbox) override {
    Give(Action::kAbort, std::move(mailbox));
  }
  void Give(Action action, std::shared_ptr<CurlMailbox> mailbox) {
    {
      MutexLock lock(mutex_);
      orders_.emplace_back(action, std::move(mailbox));
    }
    curl_multi_wakeup(multi_);
  }

  // --- the curl thread
  void Run() {
    sigset_t signals;  // the host's signals are not ours, and a closed pipe is an error code to us
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (TakeOrders()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) Finish(message->easy_handle, message->data.result);
      }
      const milliseconds wait = EndLateOnes();
      curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
  }

  // False: stop.
  bool TakeOrders() {
    std::vector<Order> orders;
    {
      MutexLock lock(mutex_);
      if (stopping_) return false;
      orders.swap(orders_);
    }
    for (auto& [action, mailbox] : orders) {
      const auto found = transfers_.find(mailbox.get());
      if (action == Action::kStart) {
        Add(std::move(mailbox));
      } else if (found == transfers_.end()) {
        continue;  // it ended in the meantime
      } else if (action == Action::kResume) {
        found->second->Resume();
      } else {
        Remove(found);
      }
    }
    return true;
  }

  void Add(std::shared_ptr<CurlMailbox> mailbox) {
    auto transfer = std::make_unique<Transfer>(mailbox, options_, clock_);
    curl_easy_setopt(transfer->easy(), CURLOPT_PRIVATE, mailbox.get());
    if (const CURLMcode code = curl_multi_add_handle(multi_, transfer->easy()); code != CURLM_OK) {
      open_.fetch_sub(1);
      mailbox->PutDone(Internal("curl: ", curl_multi_strerror(code)));
      return;
    }
    transfers_.emplace(mailbox.get(), std::move(transfer));
  }

  using Transfers = std::map<CurlMailbox*, std::unique_ptr<Transfer>>;

  Transfers::iterator Remove(Transfers::iterator transfer) {
    curl_multi_remove_handle(multi_, transfer->second->easy());
    open_.fetch_sub(1);
    return transfers_.erase(transfer);
  }

  void Finish(CURL* easy, CURLcode code) {
    char* key = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &key);
    const auto found = transfers_.find(reinterpret_cast<CurlMailbox*>(key));
    if (found == transfers_.end()) return;
    const absl::Status status = found->second->StatusOf(code);
    const auto mailbox = found->second->mailbox();
    Remove(found);
    mailbox->PutDone(status);
  }

  // Returns how long there is nothing to do for us.
  milliseconds EndLateOnes() {
    const TimePoint now = clock_.Now();
    TimePoint next = now + std::chrono::seconds(1);
    for (auto transfer = transfers_.begin(); transfer != transfers_.end();) {
      if (transfer->second->deadline() > now) {
        next = std::min(next, transfer->second->deadline());
        ++transfer;
        continue;
      }
      const absl::Status status = transfer->second->TimeoutStatus();
      const auto mailbox = transfer->second->mailbox();
      transfer = Remove(transfer);
      mailbox->PutDone(status);
    }
    return std::chrono::ceil<milliseconds>(next - now);
  }

  const CurlHttpOptions options_;
  const Clock& clock_;
  CURLM* const multi_;
  std::atomic<std::size_t> open_{0};
  Mutex mutex_;
  std::vector<Order> orders_ DRAGOMAN_GUARDED_BY(mutex_);
  bool stopping_ DRAGOMAN_GUARDED_BY(mutex_) = false;
  Transfers transfers_;  // only on the curl thread
  std::thread thread_;
};

const Clock& MachineClock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

absl::Status CurlHttpOptions::Validate() const {
  if (max_exchanges < 1) return InvalidArgument("max_exchanges is 0; expected at least 1");
  if (max_buffered_bytes < 1024) {
    return InvalidArgument("max_buffered_bytes is ", max_buffered_bytes,
                           "; expected at least 1024");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<HttpTransport>> MakeCurlHttpTransport(
    const CurlHttpOptions& options, const CurlHttpDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  // Thread-safe since curl 7.84, once per process, and never undone: others may use curl too.
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialized != CURLE_OK) return Internal("curl: ", curl_easy_strerror(initialized));
  const curl_version_info_data* version = curl_version_info(CURLVERSION_NOW);
  if ((version->features & CURL_VERSION_ASYNCHDNS) == 0) {
    return FailedPrecondition("curl ", version->version,
                              " looks names up in place; expected a build with c-ares or threads");
  }
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) return ResourceExhausted("curl: out of memory");
  return std::unique_ptr<HttpTransport>(new CurlHttpTransport(
      options, dependencies.clock != nullptr ? *dependencies.clock : MachineClock(), multi));
}

}  // namespace dragoman
