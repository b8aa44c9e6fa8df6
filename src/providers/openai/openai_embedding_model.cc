#include "dragoman/providers/openai/openai_embedding_model.h"

#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "dragoman/core/base64.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/openai/api_call.h"
#include "src/providers/openai/json_access.h"

namespace dragoman {
namespace {

using openai::Find;
using std::chrono::microseconds;
using std::chrono::milliseconds;

struct EmbeddingSetup {
  OpenAiEmbeddingOptions options;
  OpenAiDependencies dependencies;
  openai::ApiAddress address;
  openai::RetryPolicy retries;
};

// Floats of a JSON array, or of base64 over little-endian float32.
absl::StatusOr<std::vector<float>> ReadVector(const nlohmann::json* value) {
  std::vector<float> vector;
  if (value != nullptr && value->is_array()) {
    for (const nlohmann::json& number : *value) {
      if (!number.is_number()) return Internal("a vector holds something that is not a number");
      vector.push_back(number.get<float>());
    }
    return vector;
  }
  const std::optional<std::string> bytes = DecodeBase64(openai::Text(value));
  if (!bytes || bytes->empty() || bytes->size() % 4 != 0) {
    return Internal("a vector is neither a list of numbers nor base64 of floats");
  }
  for (std::size_t at = 0; at < bytes->size(); at += 4) {
    std::uint32_t bits = 0;
    for (int byte = 3; byte >= 0; --byte) {
      bits = bits << 8 | static_cast<unsigned char>((*bytes)[at + static_cast<std::size_t>(byte)]);
    }
    float number = 0;
    std::memcpy(&number, &bits, sizeof(number));
    vector.push_back(number);
  }
  return vector;
}

absl::Status ToUnitLength(std::vector<float>& vector) {
  double square = 0;
  for (float x : vector) square += static_cast<double>(x) * x;
  const double length = std::sqrt(square);
  if (!std::isfinite(length) || length < 1e-12) return Internal("a vector has no length");
  for (float& x : vector) x = static_cast<float>(x / length);
  return absl::OkStatus();
}

absl::StatusOr<EmbeddingResult> ReadResponse(const nlohmann::json& parsed, std::size_t texts,
                                             int dimensions) {
  const nlohmann::json* data = Find(parsed, "data");
  if (data == nullptr || !data->is_array() || data->size() != texts) {
    return Internal("the response does not hold ", texts, " vectors");
  }
  EmbeddingResult result;
  result.vectors.resize(texts);
  for (std::size_t place = 0; place < texts; ++place) {
    const nlohmann::json& item = (*data)[place];
    const std::int64_t index =
        openai::Integer(Find(item, "index")).value_or(static_cast<std::int64_t>(place));
    if (index < 0 || index >= static_cast<std::int64_t>(texts) ||
        !result.vectors[static_cast<std::size_t>(index)].empty()) {
      return Internal("the response has index ", index, " twice or out of range");
    }
    DRAGOMAN_ASSIGN_OR_RETURN(std::vector<float> vector, ReadVector(Find(item, "embedding")));
    if (vector.size() != static_cast<std::size_t>(dimensions)) {
      return Internal("a vector has ", vector.size(), " numbers; expected dimensions, ",
                      dimensions);
    }
    DRAGOMAN_RETURN_IF_ERROR(ToUnitLength(vector));
    result.vectors[static_cast<std::size_t>(index)] = std::move(vector);
  }
  result.usage.input_tokens =
      openai::Integer(Find(Find(parsed, "usage"), "prompt_tokens")).value_or(0);
  return result;
}

class OpenAiEmbeddingCall : public EmbeddingCall {
 public:
  OpenAiEmbeddingCall(const EmbeddingSetup& setup, std::string body, std::size_t texts,
                      Executor& executor, EmbeddingModel::OnDone on_done)
      : setup_(setup),
        body_(std::move(body)),
        texts_(texts),
        executor_(executor),
        on_done_(std::move(on_done)),
        attempts_(setup.retries, executor.Now(), executor.Now() + setup.options.timeout,
                  setup.dependencies.random),
        watchdog_(executor),
        backoff_(executor) {
    watchdog_.Start(setup_.options.timeout, [this] {
      Done(attempts_.Describe(DeadlineExceeded(StrCat("no answer within ", setup_.options.timeout)),
                              executor_.Now(), setup_.options.api_key));
    });
    Attempt();
  }

  void Cancel() override {
    if (ended_) return;
    ended_ = true;
    Quiet();
    executor_.Post(lifetime_.Wrap([this] { Tell(Cancelled()); }));
  }

 private:
  void Attempt() {
    head_ = HttpResponseHead();
    response_.clear();
    HttpRequest request = setup_.address.Post("/embeddings", body_);
    request.total_timeout = request.idle_timeout = setup_.options.timeout;
    // A float takes at most 24 characters with its comma.
    request.max_response_bytes =
        (64 << 10) + texts_ * (static_cast<std::size_t>(setup_.options.dimensions) * 24 + 256);
    HttpTransport::Callbacks callbacks;
    callbacks.on_head = [this](const HttpResponseHead& head) { head_ = head; };
    callbacks.on_body = [this](std::string_view bytes) { response_ += bytes; };
    callbacks.on_done = [this](absl::Status status) { OnEnd(std::move(status)); };
    exchange_ = setup_.dependencies.http->Send(std::move(request), executor_, std::move(callbacks));
  }

  void OnEnd(absl::Status status) {
    if (!status.ok()) return Fail(openai::FromTransport(status));
    if (head_.status / 100 != 2) return Fail(openai::FromResponse(head_, response_));
    const nlohmann::json parsed = openai::ParseJson(response_);
    if (auto error = openai::FromChunk(parsed, openai::RequestId(head_))) return Fail(*error);
    auto result = ReadResponse(parsed, texts_, setup_.options.dimensions);
    if (!result.ok()) return Fail({.status = result.status()});
    Done(std::move(result));
  }

  void Fail(const openai::ApiError& error) {
    exchange_.reset();
    if (const auto wait = attempts_.Next(error, executor_.Now())) {
      backoff_.Start(*wait, [this] { Attempt(); });
      return;
    }
    Done(attempts_.Describe(error.status, executor_.Now(), setup_.options.api_key));
  }

  void Quiet() {
    exchange_.reset();
    watchdog_.Stop();
    backoff_.Stop();
  }
  void Done(absl::StatusOr<EmbeddingResult> result) {
    ended_ = true;
    Quiet();
    Tell(std::move(result));
  }
  void Tell(absl::StatusOr<EmbeddingResult> result) {
    EmbeddingModel::OnDone on_done = std::move(on_done_);  // which may destroy this
    if (on_done) on_done(std::move(result));
  }

  const EmbeddingSetup& setup_;
  const std::string body_;
  const std::size_t texts_;
  Executor& executor_;
  EmbeddingModel::OnDone on_done_;
  openai::Attempts attempts_;
  HttpResponseHead head_;
  std::string response_;
  bool ended_ = false;
  Timer watchdog_;
  Timer backoff_;
  std::unique_ptr<HttpExchange> exchange_;
  Lifetime lifetime_;
};

class OpenAiEmbeddingModel : public EmbeddingModel {
 public:
  explicit OpenAiEmbeddingModel(EmbeddingSetup setup)
      : setup_(std::move(setup)), name_("openai:" + setup_.options.model) {}

  absl::StatusOr<std::unique_ptr<EmbeddingCall>> Embed(std::vector<std::string> texts,
                                                       Executor& executor,
                                                       OnDone on_done) override {
    if (texts.empty() || texts.size() > static_cast<std::size_t>(max_batch())) {
      return InvalidArgument("texts has ", texts.size(), " entries; expected 1 to ", max_batch());
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].empty()) return InvalidArgument("texts[", i, "] is empty");
      if (!IsValidUtf8(texts[i])) return InvalidArgument("texts[", i, "] is not valid UTF-8");
    }
    nlohmann::ordered_json body = {{"model", setup_.options.model},
                                   {"input", texts},
                                   {"encoding_format", setup_.options.base64 ? "base64" : "float"}};
    if (setup_.options.send_dimensions) body["dimensions"] = setup_.options.dimensions;
    return std::unique_ptr<EmbeddingCall>(
        new OpenAiEmbeddingCall(setup_, body.dump(), texts.size(), executor, std::move(on_done)));
  }
  int dimensions() const override { return setup_.options.dimensions; }
  int max_batch() const override { return setup_.options.max_batch; }
  std::string_view name() const override { return name_; }

 private:
  const EmbeddingSetup setup_;
  const std::string name_;
};

openai::ApiAddress AddressOf(const OpenAiEmbeddingOptions& options) {
  return {.base_url = options.base_url,
          .api_key = options.api_key,
          .headers = options.headers,
          .connect_timeout = options.connect_timeout};
}

openai::RetryPolicy RetriesOf(const OpenAiEmbeddingOptions& options) {
  return {.max_attempts = options.max_attempts,
          .first_backoff = options.first_backoff,
          .max_backoff = options.max_backoff};
}

}  // namespace

absl::Status OpenAiEmbeddingOptions::Validate() const {
  DRAGOMAN_RETURN_IF_ERROR(AddressOf(*this).Validate());
  DRAGOMAN_RETURN_IF_ERROR(RetriesOf(*this).Validate());
  if (model.empty()) return InvalidArgument("model is empty; expected the name of a model");
  if (dimensions < 1 || dimensions > 16'384) {
    return InvalidArgument("dimensions is ", dimensions, "; expected 1 to 16384");
  }
  if (max_batch < 1 || max_batch > 2048) {
    return InvalidArgument("max_batch is ", max_batch, "; expected 1 to 2048");
  }
  if (timeout.count() < 1) return InvalidArgument("timeout is not positive");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<EmbeddingModel>> MakeOpenAiEmbeddingModel(
    const OpenAiEmbeddingOptions& options, const OpenAiDependencies& dependencies) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return Annotate(valid, "openai");
  if (dependencies.http == nullptr) {
    return InvalidArgument("openai: dependencies.http is null; expected a transport");
  }
  return std::unique_ptr<EmbeddingModel>(new OpenAiEmbeddingModel({.options = options,
                                                                   .dependencies = dependencies,
                                                                   .address = AddressOf(options),
                                                                   .retries = RetriesOf(options)}));
}

}  // namespace dragoman
