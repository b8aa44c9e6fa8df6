#include "src/providers/flite/render_cache.h"

#include "dragoman/core/status.h"

namespace dragoman::flite {

// Word times carry byte positions, so the place of the piece in its text belongs to the key.
std::string RenderCache::Key(const SpokenPiece& piece, const RenderRequest& request) {
  std::string key = StrCat(request.voice, '|', request.sample_rate_hz, '|', request.speed_per_mille,
                           '|', piece.text);
  for (std::size_t i = 0; i < piece.origin.size(); ++i) {
    const std::size_t previous = i == 0 ? 0 : piece.origin[i - 1];
    if (i == 0 || piece.origin[i] != previous + 1) key += StrCat('|', i, ':', piece.origin[i]);
  }
  return key;
}

std::shared_ptr<const Rendering> RenderCache::Find(const std::string& key) {
  MutexLock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void RenderCache::Insert(const std::string& key, std::shared_ptr<const Rendering> rendering) {
  if (rendering->bytes() + key.size() > max_bytes_) return;
  MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;
  bytes_ += rendering->bytes() + key.size();
  entries_.emplace_front(key, std::move(rendering));
  by_key_[key] = entries_.begin();
  while (bytes_ > max_bytes_) {
    const Entry& oldest = entries_.back();
    bytes_ -= oldest.second->bytes() + oldest.first.size();
    by_key_.erase(oldest.first);
    entries_.pop_back();
  }
}

}  // namespace dragoman::flite
