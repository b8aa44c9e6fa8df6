#include "dragoman/audio/pcm_queue.h"

#include <algorithm>

namespace dragoman {

bool PcmQueue::Push(std::span<const std::int16_t> samples) {
  if (samples.size() > room()) return false;
  if (samples.empty()) return true;
  if (size_ + samples.size() > ring_.size()) Grow(size_ + samples.size());
  const size_t end = (first_ + size_) % ring_.size();
  const size_t straight = std::min(samples.size(), ring_.size() - end);
  std::copy_n(samples.begin(), straight, ring_.begin() + static_cast<std::ptrdiff_t>(end));
  std::copy(samples.begin() + static_cast<std::ptrdiff_t>(straight), samples.end(), ring_.begin());
  size_ += samples.size();
  return true;
}

std::size_t PcmQueue::Pop(std::span<std::int16_t> out) {
  const size_t count = std::min(out.size(), size_);
  if (count == 0) return 0;
  const size_t straight = std::min(count, ring_.size() - first_);
  std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(first_), straight, out.begin());
  std::copy_n(ring_.begin(), count - straight, out.begin() + static_cast<std::ptrdiff_t>(straight));
  first_ = (first_ + count) % ring_.size();
  size_ -= count;
  return count;
}

std::size_t PcmQueue::Clear() {
  const size_t dropped = size_;
  first_ = size_ = 0;
  return dropped;
}

void PcmQueue::ReleaseMemory() {
  Clear();
  ring_ = {};
}

void PcmQueue::Grow(std::size_t needed) {
  constexpr size_t kLeast = 1024;
  const size_t doubled = std::max({needed, 2 * ring_.size(), kLeast});
  std::vector<std::int16_t> larger(std::min(doubled, max_samples_));
  const size_t kept = size_;
  Pop(larger);
  ring_ = std::move(larger);
  first_ = 0;
  size_ = kept;
}

}  // namespace dragoman
