#include "dragoman/providers/openai/openai_chat_model.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/providers/openai/api_call.h"
#include "src/providers/openai/chat_decoder.h"
#include "src/providers/openai/chat_request_body.h"
#include "src/providers/openai/json_access.h"
#include "src/wire/sse.h"

namespace dragoman {
namespace {

using openai::ApiError;
using openai::Attempts;
using openai::ChatDecoder;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kMaxErrorBody = 64 << 10;
// The reply is whole; its usage and the end of the response may still come. Waiting for the end
// keeps the connection for the next turn.
constexpr milliseconds kUsagePatience{1'000};
constexpr milliseconds kEndPatience{100};

// What the streams of a model need of it; the model outlives them.
struct ChatSetup {
  OpenAiChatOptions options;
  OpenAiDependencies dependencies;
  openai::ApiAddress address;
  openai::RetryPolicy retries;
};

class OpenAiChatStream : public ChatStream {
 public:
  OpenAiChatStream(const ChatSetup& setup, std::string body, const ChatRequest& request,
                   Executor& executor, ChatModel::Callbacks callbacks)
      : setup_(setup),
        body_(std::move(body)),
        first_timeout_(request.first_token_timeout),
        between_timeout_(request.between_tokens_timeout),
        executor_(executor),
        callbacks_(std::make_shared<ChatModel::Callbacks>(std::move(callbacks))),
        attempts_(setup.retries, executor.Now(), executor.Now() + first_timeout_,
                  setup.dependencies.random),
        watchdog_(executor),
        backoff_(executor) {
    watchdog_.Start(first_timeout_, [this] { Late(first_timeout_); });
    Attempt();
  }

  void Cancel() override {
    if (cancelled_ || callbacks_ == nullptr) return;
    cancelled_ = true;
    Quiet();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

 private:
  void Attempt() {
    parser_ = SseParser();
    decoder_.emplace(setup_.options.strip_think_tags);
    head_ = HttpResponseHead();
    plain_body_.clear();
    HttpRequest request = setup_.address.Post("/chat/completions", body_);
    request.headers.emplace_back("Accept", "text/event-stream");
    request.total_timeout = setup_.options.max_reply_time;
    request.idle_timeout = setup_.options.max_reply_time;  // the watchdog is stricter
    request.max_response_bytes = setup_.options.max_reply_bytes;
    HttpTransport::Callbacks callbacks;
    callbacks.on_head = [this](const HttpResponseHead& head) { OnHead(head); };
    callbacks.on_body = [this](std::string_view bytes) { OnBody(bytes); };
    callbacks.on_done = [this](absl::Status status) { OnEnd(std::move(status)); };
    exchange_ = setup_.dependencies.http->Send(std::move(request), executor_, std::move(callbacks));
  }

  void OnHead(const HttpResponseHead& head) {
    head_ = head;
    decoder_->SetRequestId(openai::RequestId(head));
    streamed_ = head.status / 100 == 2 &&
                head.Header("content-type").find("application/json") == std::string_view::npos;
  }

  void OnBody(std::string_view bytes) {
    if (!streamed_) {
      const std::size_t limit =
          head_.status / 100 == 2 ? setup_.options.max_reply_bytes : kMaxErrorBody;
      plain_body_ += bytes.substr(0, limit - std::min(limit, plain_body_.size()));
      return;
    }
    const auto alive = lifetime_.Watch();
    absl::Status status =
        parser_.Push(bytes, [this](const SseEvent& event) { return OnData(event.data); });
    if (alive.expired() || callbacks_ == nullptr || cancelled_) return;
    if (!status.ok()) Fail({.status = std::move(status)});
  }

  // False: stop reading; this may be gone.
  bool OnData(std::string_view data) {
    if (decoder_->done_seen()) return true;  // nothing counts behind [DONE]
    const std::int64_t tokens = decoder_->tokens();
    absl::StatusOr<std::string> text = decoder_->Feed(data);
    if (!text.ok()) {
      Fail(decoder_->error().value_or(ApiError{.status = text.status()}));
      return false;
    }
    Rewind(decoder_->tokens() > tokens);
    return Speak(*text);
  }

  // Sets the watchdog for what comes next.
  void Rewind(bool token) {
    if (decoder_->done_seen()) {
      watchdog_.Start(kEndPatience, [this] { Complete(); });
    } else if (decoder_->finish_seen()) {
      watchdog_.Start(kUsagePatience, [this] { Complete(); });
    } else if (token) {
      watchdog_.Start(between_timeout_, [this] { Late(between_timeout_); });
    }
  }

  // False: the callback ended or destroyed this.
  bool Speak(const std::string& text) {
    if (text.empty() || !callbacks_->on_text) return true;
    return Call([&](ChatModel::Callbacks& callbacks) { callbacks.on_text(text); });
  }
  template <typename Function>
  bool Call(Function function) {
    const auto callbacks = callbacks_;  // the callback may destroy this
    const auto alive = lifetime_.Watch();
    function(*callbacks);
    return !alive.expired() && !cancelled_;
  }

  void OnEnd(absl::Status status) {
    if (decoder_->finish_seen() || decoder_->done_seen()) return Complete();  // whatever the end
    if (head_.status != 0 && head_.status / 100 != 2) {
      ApiError error = openai::FromResponse(head_, plain_body_);
      if (status.ok() || !plain_body_.empty()) return Fail(error);
    }
    if (!status.ok()) return Fail(openai::FromTransport(status));
    if (!streamed_) {
      if (OnData(plain_body_)) Complete();
      return;
    }
    bool stopped = false;
    status = parser_.Finish([&](const SseEvent& event) {
      // A last event without its end may be cut short: then the stream was.
      const bool cut = event.data != "[DONE]" && openai::ParseJson(event.data).is_discarded();
      stopped = !cut && !OnData(event.data);
      return !stopped;
    });
    if (stopped) return;
    if (!status.ok()) return Fail({.status = std::move(status)});
    Complete();
  }

  // The reply is as whole as it gets.
  void Complete() {
    if (!Speak(decoder_->FlushText())) return;
    absl::StatusOr<ChatResult> result = decoder_->Finish(body_.size());
    if (!result.ok()) {
      return Fail({.status = result.status(),
                   .retryable = result.status().code() == absl::StatusCode::kUnavailable});
    }
    for (const ToolCall& call : result->message.tool_calls) {
      const auto tell = [&](ChatModel::Callbacks& callbacks) {
        if (callbacks.on_tool_call) callbacks.on_tool_call(call);
      };
      if (!Call(tell)) return;
    }
    Done(std::move(result));
  }

  void Late(milliseconds limit) {
    std::string text = StrCat("no token within ", limit);
    if (!last_failure_.empty()) text += "; before that: " + last_failure_;
    Done(attempts_.Describe(DeadlineExceeded(text), executor_.Now(), setup_.options.api_key));
  }

  void Fail(ApiError error) {
    exchange_.reset();
    std::optional<microseconds> wait;
    if (!decoder_->token_seen()) wait = attempts_.Next(error, executor_.Now());
    if (!wait) {
      Done(attempts_.Describe(error.status, executor_.Now(), setup_.options.api_key));
      return;
    }
    last_failure_ = MessageOf(error.status);
    if (setup_.dependencies.log != nullptr) {
      setup_.dependencies.log->Write(
          LogLevel::kWarning, "openai",
          StrCat("attempt ", attempts_.made() - 1, " failed, next in ",
                 std::chrono::ceil<milliseconds>(*wait), ": ", last_failure_));
    }
    backoff_.Start(*wait, [this] { Attempt(); });
  }

  // Nothing comes any more.
  void Quiet() {
    exchange_.reset();
    watchdog_.Stop();
    backoff_.Stop();
  }

  void Done(absl::StatusOr<ChatResult> result) {
    Quiet();
    const auto callbacks = std::exchange(callbacks_, nullptr);
    if (callbacks != nullptr && callbacks->on_done) callbacks->on_done(std::move(result));
  }

  const ChatSetup& setup_;
  const std::string body_;
  const milliseconds first_timeout_;
  const milliseconds between_timeout_;
  Executor& executor_;
  std::shared_ptr<ChatModel::Callbacks>
      callbacks_;  // shared with a running one; null after the end
  Attempts attempts_;
  std::string last_failure_;
  SseParser parser_;
  std::optional<ChatDecoder> decoder_;
  HttpResponseHead head_;
  bool streamed_ = true;    // false: an error, or a server that does not stream
  std::string plain_body_;  // then its body
  bool cancelled_ = false;
  Timer watchdog_;
  Timer backoff_;
  std::unique_ptr<HttpExchange> exchange_;
  Lifetime lifetime_;
};

class OpenAiChatModel : public ChatModel {
 public:
  explicit OpenAiChatModel(ChatSetup setup)
      : setup_(std::move(setup)), name_("openai:" + setup_.options.model) {}

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(request.Validate());
    if (request.first_token_timeout.count() < 1) {
      return InvalidArgument("first_token_timeout is not positive");
    }
    if (request.between_tokens_timeout.count() < 1) {
      return InvalidArgument("between_tokens_timeout is not positive");
    }
    DRAGOMAN_ASSIGN_OR_RETURN(std::string body, openai::ChatRequestBody(request, setup_.options));
    return std::unique_ptr<ChatStream>(
        new OpenAiChatStream(setup_, std::move(body), request, executor, std::move(callbacks)));
  }

  std::string_view name() const override { return name_; }

 private:
  const ChatSetup setup_;
  const std::string name_;
};

openai::ApiAddress AddressOf(const OpenAiChatOptions& options) {
  openai::ApiAddress address{.base_url = options.base_url,
                             .api_key = options.api_key,
                             .headers = options.headers,
                             .connect_timeout = options.connect_timeout};
  if (!options.organization.empty()) {
    address.headers.emplace_back("OpenAI-Organization", options.organization);
  }
  if (!options.project.empty()) address.headers.emplace_back("OpenAI-Project", options.project);
  return address;
}

openai::RetryPolicy RetriesOf(const OpenAiChatOptions& options) {
  return {.max_attempts = options.max_attempts,
          .first_backoff = options.first_backoff,
          .max_backoff = options.max_backoff};
}

}  // namespace

absl::Status OpenAiChatOptions::Validate() const {
  DRAGOMAN_RETURN_IF_ERROR(AddressOf(*this).Validate());
  DRAGOMAN_RETURN_IF_ERROR(RetriesOf(*this).Validate());
  if (model.empty()) return InvalidArgument("model is empty; expected the name of a model");
  if (system_role != "system" && system_role != "developer") {
    return InvalidArgument("system_role is '", system_role, "'; expected system or developer");
  }
  if (max_tokens_field.empty()) {
    return InvalidArgument(
        "max_tokens_field is empty; expected max_completion_tokens or max_tokens");
  }
  if (!extra_body.empty() && !openai::ParseJson(extra_body).is_object()) {
    return InvalidArgument("extra_body is not a JSON object");
  }
  if (max_reply_time.count() < 1) return InvalidArgument("max_reply_time is not positive");
  if (max_reply_bytes < 1024) {
    return InvalidArgument("max_reply_bytes is ", max_reply_bytes, "; expected at least 1024");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ChatModel>> MakeOpenAiChatModel(
    const OpenAiChatOptions& options, const OpenAiDependencies& dependencies) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return Annotate(valid, "openai");
  if (dependencies.http == nullptr) {
    return InvalidArgument("openai: dependencies.http is null; expected a transport");
  }
  return std::unique_ptr<ChatModel>(new OpenAiChatModel({.options = options,
                                                         .dependencies = dependencies,
                                                         .address = AddressOf(options),
                                                         .retries = RetriesOf(options)}));
}

}  // namespace dragoman
