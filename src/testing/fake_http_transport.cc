#include "dragoman/testing/fake_http_transport.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/testing/listener.h"

namespace dragoman {

using std::chrono::milliseconds;

ScriptedExchange ScriptedExchange::Reply(int status, std::string_view body) {
  ScriptedExchange exchange = InPieces(body, {});
  exchange.status = status;
  return exchange;
}

ScriptedExchange ScriptedExchange::InPieces(std::string_view body,
                                            const std::vector<std::size_t>& cuts,
                                            milliseconds every) {
  ScriptedExchange exchange;
  std::size_t from = 0;
  const auto add = [&](std::size_t until) {
    if (until > from) {
      exchange.body.push_back(
          {.after = every, .bytes = std::string(body.substr(from, until - from))});
    }
    from = std::max(from, until);
  };
  for (std::size_t cut : cuts) add(std::min(cut, body.size()));
  add(body.size());
  return exchange;
}

ScriptedExchange ScriptedExchange::Broken(absl::Status status) {
  ScriptedExchange exchange;
  exchange.end = std::move(status);
  exchange.no_head = exchange.no_connection = true;
  return exchange;
}

ScriptedExchange ScriptedExchange::Stalled() {
  ScriptedExchange exchange;
  exchange.stalls = exchange.no_head = true;
  return exchange;
}

struct FakeHttpTransport::Counts {
  std::atomic<int> open{0};
  std::atomic<int> cancelled{0};
};

class FakeHttpTransport::Exchange : public HttpExchange {
 public:
  Exchange(ScriptedExchange script, const HttpRequest& request, Executor& executor,
           Callbacks callbacks, std::shared_ptr<Counts> counts)
      : script_(std::move(script)),
        idle_timeout_(request.idle_timeout),
        max_bytes_(request.max_response_bytes),
        ends_at_(executor.Now() + request.total_timeout),
        executor_(executor),
        listener_(std::move(callbacks)),
        counts_(std::move(counts)),
        timer_(executor) {
    ++counts_->open;
    if (absl::Status valid = request.Validate(); !valid.ok()) {
      executor_.Post(lifetime_.Wrap([this, valid] { Done(valid); }));
    } else if (!script_.no_head) {
      Wait(script_.head_after, idle_timeout_, "no byte received within ", [this] { Head(); });
    } else if (script_.stalls) {
      const bool connecting = script_.no_connection;
      Wait(std::nullopt, connecting ? request.connect_timeout : idle_timeout_,
           connecting ? "no connection within " : "no byte received within ", [] {});
    } else {
      Wait(script_.head_after, idle_timeout_, "no byte received within ", [this] { End(); });
    }
  }

  ~Exchange() override {
    if (listener_.finished()) return;
    --counts_->open;
    if (!cancelled_) ++counts_->cancelled;
  }

  void Cancel() override {
    if (cancelled_ || listener_.finished()) return;
    cancelled_ = true;
    ++counts_->cancelled;
    timer_.Stop();
    lifetime_.Renew();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

 private:
  // Runs `next` after `wait` (never when there is none) unless a timeout comes first.
  template <typename Next>
  void Wait(std::optional<milliseconds> wait, milliseconds patience, std::string_view complaint,
            Next next) {
    const TimePoint now = executor_.Now();
    const TimePoint due = wait ? now + *wait : TimePoint::max();
    if (due <= std::min(now + patience, ends_at_)) {
      timer_.StartAt(due, std::move(next));
    } else if (now + patience < ends_at_) {
      timer_.Start(patience,
                   [this, text = StrCat(complaint, patience)] { Done(DeadlineExceeded(text)); });
    } else {
      timer_.StartAt(ends_at_, [this] { Done(DeadlineExceeded("total_timeout has passed")); });
    }
  }

  void Head() {
    HttpResponseHead head{.status = script_.status, .headers = script_.headers};
    for (auto& [name, value] : head.headers) name = ToLowerAscii(name);
    if (!listener_.Call(&Callbacks::on_head, head) || cancelled_) return;
    Schedule();
  }

  void Schedule() {
    if (next_ < script_.body.size()) {
      Wait(script_.body[next_].after, idle_timeout_, "no byte received within ",
           [this] { Body(); });
    } else if (script_.stalls) {
      Wait(std::nullopt, idle_timeout_, "no byte received within ", [] {});
    } else {
      Wait(script_.done_after, idle_timeout_, "no byte received within ", [this] { End(); });
    }
  }

  void Body() {
    const std::string bytes = script_.body[next_++].bytes;
    received_ += bytes.size();
    if (received_ > max_bytes_) {
      return Done(ResourceExhausted("response has more than ", max_bytes_, " bytes"));
    }
    if (!listener_.Call(&Callbacks::on_body, std::string_view(bytes)) || cancelled_) return;
    Schedule();
  }

  void End() { Done(script_.end); }

  void Done(absl::Status status) {
    --counts_->open;
    listener_.Finish(&Callbacks::on_done, std::move(status));
  }

  ScriptedExchange script_;
  const milliseconds idle_timeout_;
  const std::size_t max_bytes_;
  const TimePoint ends_at_;
  Executor& executor_;
  Listener<Callbacks> listener_;
  std::shared_ptr<Counts> counts_;
  std::size_t next_ = 0;
  std::size_t received_ = 0;
  bool cancelled_ = false;
  Timer timer_;
  Lifetime lifetime_;
};

FakeHttpTransport::FakeHttpTransport() : counts_(std::make_shared<Counts>()) {}
FakeHttpTransport::~FakeHttpTransport() = default;

void FakeHttpTransport::Enqueue(ScriptedExchange exchange) {
  MutexLock lock(mutex_);
  script_.push_back(std::move(exchange));
}

void FakeHttpTransport::AnswerWith(Answer answer) {
  MutexLock lock(mutex_);
  answer_ = std::move(answer);
}

std::unique_ptr<HttpExchange> FakeHttpTransport::Send(HttpRequest request, Executor& executor,
                                                      Callbacks callbacks) {
  std::optional<ScriptedExchange> script;
  Answer answer;
  {
    MutexLock lock(mutex_);
    requests_.push_back(request);
    answer = answer_;
    if (!script_.empty()) {
      script = std::move(script_.front());
      script_.pop_front();
    }
  }
  if (!script && answer) script = answer(request);
  if (!script) script = ScriptedExchange::Broken(Unavailable("fake: no exchange was scripted"));
  return std::make_unique<Exchange>(*std::move(script), request, executor, std::move(callbacks),
                                    counts_);
}

std::vector<HttpRequest> FakeHttpTransport::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

int FakeHttpTransport::open_exchanges() const { return counts_->open; }
int FakeHttpTransport::cancelled_exchanges() const { return counts_->cancelled; }

}  // namespace dragoman
