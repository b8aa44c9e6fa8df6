// Text in, vectors out.
#ifndef DRAGOMAN_LLM_EMBEDDING_MODEL_H_
#define DRAGOMAN_LLM_EMBEDDING_MODEL_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/message.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT EmbeddingResult {
  std::vector<std::vector<float>>
      vectors;  // one per input in its order, each dimensions() long, unit length
  Usage usage;
};

// A request under way. Only on its executor. Destruction cancels without a callback.
class DRAGOMAN_EXPORT EmbeddingCall {
 public:
  virtual ~EmbeddingCall() = default;
  virtual void Cancel() = 0;  // idempotent; on_done reports kCancelled
};

// Thread-safe. Must outlive its calls.
class DRAGOMAN_EXPORT EmbeddingModel {
 public:
  using OnDone = absl::AnyInvocable<void(absl::StatusOr<EmbeddingResult>)>;  // exactly once
  virtual ~EmbeddingModel() = default;
  // `texts`: 1 to max_batch() of them, UTF-8, none empty; else kInvalidArgument. `on_done` runs on
  // `executor`, never inside Embed.
  virtual absl::StatusOr<std::unique_ptr<EmbeddingCall>> Embed(std::vector<std::string> texts,
                                                               Executor& executor,
                                                               OnDone on_done) = 0;
  virtual int dimensions() const = 0;
  virtual int max_batch() const = 0;
  virtual std::string_view name() const = 0;  // stored beside every vector
};

}  // namespace dragoman
#endif  // DRAGOMAN_LLM_EMBEDDING_MODEL_H_
