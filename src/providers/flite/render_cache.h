// Rendered pieces by text: the prompts that an agent says in every call. Thread-safe.
#ifndef DRAGOMAN_SRC_PROVIDERS_FLITE_RENDER_CACHE_H_
#define DRAGOMAN_SRC_PROVIDERS_FLITE_RENDER_CACHE_H_

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "dragoman/core/mutex.h"
#include "src/providers/flite/flite_engine.h"

namespace dragoman::flite {

class RenderCache {
 public:
  explicit RenderCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  static std::string Key(const SpokenPiece& piece, const RenderRequest& request);

  // Shared: a stream may still be delivering what the cache has dropped. Null: not there.
  std::shared_ptr<const Rendering> Find(const std::string& key);
  void Insert(const std::string& key, std::shared_ptr<const Rendering> rendering);

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const Rendering>>;

  const std::size_t max_bytes_;
  Mutex mutex_;
  std::list<Entry> entries_ DRAGOMAN_GUARDED_BY(mutex_);  // most recently used first
  std::map<std::string, std::list<Entry>::iterator> by_key_ DRAGOMAN_GUARDED_BY(mutex_);
  std::size_t bytes_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace dragoman::flite
#endif  // DRAGOMAN_SRC_PROVIDERS_FLITE_RENDER_CACHE_H_
