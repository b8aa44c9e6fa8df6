#include "dragoman/providers/openai/openai_embedding_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"
#include "dragoman/testing/fake_http_transport.h"
#include "tests/contract/embedding_model_contract.h"
#include "tests/providers/openai/examples.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// A server: a vector of two numbers per text, derived from its length and first byte.
ScriptedExchange Answer(const HttpRequest& request) {
  const nlohmann::json body = nlohmann::json::parse(request.body);
  nlohmann::json data = nlohmann::json::array();
  for (const std::string text : body["input"]) {
    const float pair[2] = {static_cast<float>(text.size()), static_cast<float>(text[0])};
    nlohmann::json embedding = {pair[0], pair[1]};
    if (body["encoding_format"] == "base64") {
      embedding = EncodeBase64(std::string_view(reinterpret_cast<const char*>(pair), 8));
    }
    data.push_back({{"object", "embedding"}, {"index", data.size()}, {"embedding", embedding}});
  }
  return ScriptedExchange::Reply(200, nlohmann::json{{"data", data}}.dump());
}

struct OpenAiEmbeddingHarness : ManualHarness {
  OpenAiEmbeddingHarness() {
    http.AnswerWith(Answer);
    auto made = MakeOpenAiEmbeddingModel({.dimensions = 2}, {.http = &http});
    if (made.ok()) openai = *std::move(made);
  }
  EmbeddingModel& model() { return *openai; }
  void Prepare() {}
  FakeHttpTransport http;
  std::unique_ptr<EmbeddingModel> openai;
};
INSTANTIATE_TYPED_TEST_SUITE_P(OpenAi, EmbeddingModelContract, OpenAiEmbeddingHarness);

class OpenAiEmbeddingModelTest : public ::testing::Test {
 protected:
  absl::StatusOr<EmbeddingResult> Embed(std::vector<std::string> texts,
                                        OpenAiEmbeddingOptions options = {.dimensions = 2}) {
    auto model = MakeOpenAiEmbeddingModel(options, {.http = &http});
    EXPECT_THAT(model, IsOk());
    std::vector<absl::StatusOr<EmbeddingResult>> done;
    auto call = (*model)->Embed(
        std::move(texts), executor,
        [&](absl::StatusOr<EmbeddingResult> result) { done.push_back(std::move(result)); });
    EXPECT_THAT(call, IsOk());
    executor.RunFor(std::chrono::minutes(5));
    if (done.size() != 1) return Internal("on_done came ", done.size(), " times");
    return done[0];
  }

  ManualExecutor executor;
  FakeHttpTransport http;
};

TEST_F(OpenAiEmbeddingModelTest, TheExampleIsSortedByIndex) {
  http.Enqueue(ScriptedExchange::Reply(200, Example("embeddings.json")));
  auto result = Embed({"zero", "one"});
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->vectors, ElementsAre(ElementsAre(1.0f, 0.0f), ElementsAre(0.6f, 0.8f)));
  EXPECT_EQ(result->usage.input_tokens, 9);
}

TEST_F(OpenAiEmbeddingModelTest, AsksAsTheOptionsSay) {
  http.AnswerWith(Answer);
  ASSERT_THAT(Embed({"a"}, {.base_url = "http://localhost/v1",
                            .api_key = Secret("sk-test-key"),
                            .model = "small",
                            .dimensions = 2,
                            .send_dimensions = true,
                            .base64 = false}),
              IsOk());
  const HttpRequest request = http.requests().at(0);
  EXPECT_EQ(request.url, "http://localhost/v1/embeddings");
  EXPECT_THAT(request.headers, Contains(Pair("Authorization", "Bearer sk-test-key")));
  EXPECT_EQ(
      nlohmann::json::parse(request.body),
      (nlohmann::json{
          {"model", "small"}, {"input", {"a"}}, {"encoding_format", "float"}, {"dimensions", 2}}));
}

TEST_F(OpenAiEmbeddingModelTest, Base64IsLittleEndianFloats) {
  // 3.0 is 0x40400000, 4.0 is 0x40800000 (IEEE 754): the unit vector of (3, 4) is (0.6, 0.8).
  const std::string bytes("\x00\x00\x40\x40\x00\x00\x80\x40", 8);
  http.Enqueue(ScriptedExchange::Reply(
      200, R"({"data":[{"index":0,"embedding":")" + EncodeBase64(bytes) + R"("}]})"));
  auto result = Embed({"a"});
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->vectors, ElementsAre(ElementsAre(0.6f, 0.8f)));
}

TEST_F(OpenAiEmbeddingModelTest, AResponseThatDoesNotFitIsRefused) {
  for (const char* body :
       {"", "{}", R"({"data":[]})", R"({"data":[{"index":0,"embedding":[1]}]})",
        R"({"data":[{"index":1,"embedding":[1,0]}]})", R"({"data":[{"embedding":"AAA="}]})",
        R"({"data":[{"embedding":[0,0]}]})", R"({"data":[{"embedding":[1,"x"]}]})",
        R"({"data":[{"embedding":[1e39,0]}]})", R"({"data":[5]})",
        R"({"data":[{"embedding":[1,0]},{"embedding":[1,0]}]})"}) {
    http.Enqueue(ScriptedExchange::Reply(200, body));
    EXPECT_THAT(Embed({"a"}), StatusIs(StatusCode::kInternal, HasSubstr("openai: "))) << body;
  }
}

TEST_F(OpenAiEmbeddingModelTest, FailuresThatPassAreTriedAgain) {
  http.Enqueue(ScriptedExchange::Reply(500, "oops"));
  http.Enqueue(ScriptedExchange::Broken(Unavailable("connection refused")));
  http.AnswerWith(Answer);
  EXPECT_THAT(Embed({"a"}), IsOk());
  EXPECT_EQ(http.requests().size(), 3u);
}

TEST_F(OpenAiEmbeddingModelTest, ErrorsAreReported) {
  http.Enqueue(ScriptedExchange::Reply(401, R"({"error":{"message":"no"}})"));
  EXPECT_THAT(Embed({"a"}), StatusIs(StatusCode::kUnauthenticated, "openai: HTTP 401 \"no\""));
  http.Enqueue(ScriptedExchange::Stalled());
  EXPECT_THAT(Embed({"a"}, {.dimensions = 2, .timeout = milliseconds(500), .max_attempts = 1}),
              StatusIs(StatusCode::kDeadlineExceeded));
}

TEST(OpenAiEmbeddingOptionsTest, BadOptionsAreRefusedNamingTheField) {
  FakeHttpTransport http;
  const auto expect_refused = [&](const OpenAiEmbeddingOptions& options, const char* field) {
    EXPECT_THAT(MakeOpenAiEmbeddingModel(options, {.http = &http}),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(field)));
  };
  expect_refused({.base_url = ""}, "base_url");
  expect_refused({.model = ""}, "model");
  expect_refused({.dimensions = 0}, "dimensions");
  expect_refused({.max_batch = 5000}, "max_batch");
  expect_refused({.timeout = milliseconds(0)}, "timeout");
  EXPECT_THAT(MakeOpenAiEmbeddingModel({}, {}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("http")));
}

}  // namespace
}  // namespace dragoman
