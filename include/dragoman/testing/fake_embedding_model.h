// An embedding model whose vectors a test can predict.
#ifndef DRAGOMAN_TESTING_FAKE_EMBEDDING_MODEL_H_
#define DRAGOMAN_TESTING_FAKE_EMBEDDING_MODEL_H_

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/llm/embedding_model.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ScriptedEmbedding {
  std::chrono::milliseconds after{0};
  absl::Status status = absl::OkStatus();
  bool stalls = false;
};

// Three dimensions. A text that was not Set has a vector of its own, derived from its bytes. Obeys
// the contract of EmbeddingModel. One thread at a time. Must outlive its calls.
class DRAGOMAN_EXPORT FakeEmbeddingModel : public EmbeddingModel {
 public:
  void Set(std::string text, std::vector<float> vector);  // of three numbers; is scaled to length 1
  void Enqueue(ScriptedEmbedding embedding);              // for the next Embed

  absl::StatusOr<std::unique_ptr<EmbeddingCall>> Embed(std::vector<std::string> texts,
                                                       Executor& executor, OnDone on_done) override;
  int dimensions() const override { return 3; }
  int max_batch() const override { return 16; }
  std::string_view name() const override { return "fake"; }

  const std::vector<std::vector<std::string>>& requests() const { return requests_; }

 private:
  std::map<std::string, std::vector<float>> vectors_;
  std::deque<ScriptedEmbedding> script_;
  std::vector<std::vector<std::string>> requests_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_EMBEDDING_MODEL_H_
