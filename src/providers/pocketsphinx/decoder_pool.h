// The loaded decoders, lent to one stream each. Thread-safe.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_DECODER_POOL_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_DECODER_POOL_H_

#include <memory>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "src/providers/pocketsphinx/decoder.h"
#include "src/providers/pocketsphinx/hearing.h"

namespace dragoman::pocketsphinx {

// Shared: work under way may outlive its stream, and even the recogniser.
class DecoderPool : public std::enable_shared_from_this<DecoderPool> {
 public:
  DecoderPool(SpeechModel model, std::vector<std::unique_ptr<Decoder>> decoders)
      : model_(std::move(model)), size_(decoders.size()), free_(std::move(decoders)) {}

  const SpeechModel& model() const { return model_; }
  std::size_t size() const { return size_; }

  // Back in the pool when the last copy goes. Null: all are lent.
  std::shared_ptr<Decoder> Borrow() {
    std::unique_ptr<Decoder> decoder;
    {
      MutexLock lock(mutex_);
      if (free_.empty()) return nullptr;
      decoder = std::move(free_.back());
      free_.pop_back();
    }
    return {decoder.release(), [pool = shared_from_this()](Decoder* returned) {
              std::unique_ptr<Decoder> owned(returned);
              owned->End();
              MutexLock lock(pool->mutex_);
              pool->free_.push_back(std::move(owned));
            }};
  }

 private:
  const SpeechModel model_;
  const std::size_t size_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Decoder>> free_ DRAGOMAN_GUARDED_BY(mutex_);
};

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_DECODER_POOL_H_
