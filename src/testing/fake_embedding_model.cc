#include "dragoman/testing/fake_embedding_model.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

std::vector<float> ToUnitLength(std::vector<float> vector) {
  double square = 0;
  for (float x : vector) square += static_cast<double>(x) * x;
  if (square == 0) return {1, 0, 0};
  for (float& x : vector) x = static_cast<float>(x / std::sqrt(square));
  return vector;
}

std::vector<float> VectorOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  SeededRandom random(hash);
  std::vector<float> vector(3);
  for (float& x : vector) x = static_cast<float>(random.Between(-1000, 1000));
  return ToUnitLength(std::move(vector));
}

class FakeCall : public EmbeddingCall {
 public:
  FakeCall(absl::StatusOr<EmbeddingResult> result, const ScriptedEmbedding& script,
           Executor& executor, EmbeddingModel::OnDone on_done)
      : result_(std::move(result)), on_done_(std::move(on_done)), timer_(executor) {
    if (!script.stalls) timer_.Start(script.after, [this] { Done(std::move(result_)); });
  }
  void Cancel() override {
    if (cancelled_ || done_) return;
    cancelled_ = true;
    timer_.Start(std::chrono::microseconds(0), [this] { Done(Cancelled()); });
  }

 private:
  void Done(absl::StatusOr<EmbeddingResult> result) {
    done_ = true;
    EmbeddingModel::OnDone on_done = std::move(on_done_);  // which may destroy this call
    on_done(std::move(result));
  }

  absl::StatusOr<EmbeddingResult> result_;
  EmbeddingModel::OnDone on_done_;
  bool cancelled_ = false;
  bool done_ = false;
  Timer timer_;
};

}  // namespace

void FakeEmbeddingModel::Set(std::string text, std::vector<float> vector) {
  vector.resize(3);
  vectors_[std::move(text)] = ToUnitLength(std::move(vector));
}

void FakeEmbeddingModel::Enqueue(ScriptedEmbedding embedding) {
  script_.push_back(std::move(embedding));
}

absl::StatusOr<std::unique_ptr<EmbeddingCall>> FakeEmbeddingModel::Embed(
    std::vector<std::string> texts, Executor& executor, OnDone on_done) {
  if (texts.empty() || texts.size() > static_cast<size_t>(max_batch())) {
    return InvalidArgument("texts has ", texts.size(), " entries; expected 1 to ", max_batch());
  }
  EmbeddingResult result;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) return InvalidArgument("texts[", i, "] is empty");
    if (!IsValidUtf8(texts[i])) return InvalidArgument("texts[", i, "] is not valid UTF-8");
    auto set = vectors_.find(texts[i]);
    result.vectors.push_back(set == vectors_.end() ? VectorOf(texts[i]) : set->second);
    result.usage.input_tokens += static_cast<std::int64_t>(SplitWords(texts[i]).size());
  }
  requests_.push_back(std::move(texts));
  ScriptedEmbedding script;
  if (!script_.empty()) {
    script = std::move(script_.front());
    script_.pop_front();
  }
  absl::StatusOr<EmbeddingResult> outcome = std::move(result);
  if (!script.status.ok()) outcome = script.status;
  return std::make_unique<FakeCall>(std::move(outcome), script, executor, std::move(on_done));
}

}  // namespace dragoman
