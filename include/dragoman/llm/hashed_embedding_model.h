// Embeddings without a model: hashed pieces of words. Finds the same words, not the same meaning.
#ifndef DRAGOMAN_LLM_HASHED_EMBEDDING_MODEL_H_
#define DRAGOMAN_LLM_HASHED_EMBEDDING_MODEL_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/llm/embedding_model.h"

namespace dragoman {

struct DRAGOMAN_EXPORT HashedEmbeddingOptions {
  int dimensions = 512;  // 16 to 16,384; fewer collide more
  int max_batch = 1024;  // 1 to 65,536
  absl::Status Validate() const;
};

// Each word, and each run of three to five characters of it, is hashed to a place and a sign (the
// hashing trick: Weinberger et al. 2009; subwords: Bojanowski et al. 2017); common function words
// of English count little. So "appointment" is near "appointments" and "apointment", and texts
// that share words are near each other. "Dentist" and "toothache" are strangers: for that, use a
// model (docs/models.md). Upper and lower case are told apart only beyond ASCII.
//
// Pure and deterministic: the same text gives the same vector on every machine and version; a
// change would change name(). Thread-safe.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<EmbeddingModel>> MakeHashedEmbeddingModel(
    const HashedEmbeddingOptions& options = {});

// Cosine of two vectors of the same length: 1 the same direction, 0 nothing in common. 0 when the
// lengths differ.
DRAGOMAN_EXPORT float CosineSimilarity(std::span<const float> a, std::span<const float> b);

}  // namespace dragoman

#endif  // DRAGOMAN_LLM_HASHED_EMBEDDING_MODEL_H_
