// A bounded queue of samples between who produces audio in bursts and who sends it at a steady
// pace.
#ifndef DRAGOMAN_AUDIO_PCM_QUEUE_H_
#define DRAGOMAN_AUDIO_PCM_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

// One thread at a time. Memory grows by doubling to what was needed at most, never beyond
// `max_samples`, and is then kept: a queue that has seen its peak allocates nothing.
class DRAGOMAN_EXPORT PcmQueue {
 public:
  explicit PcmQueue(std::size_t max_samples) : max_samples_(max_samples) {}

  // All or nothing; false: there is no room for all of them.
  bool Push(std::span<const std::int16_t> samples);
  // Takes up to out.size() of the oldest samples; returns how many.
  std::size_t Pop(std::span<std::int16_t> out);
  // Drops everything; returns how many samples that were.
  std::size_t Clear();
  void ReleaseMemory();  // drops everything and gives the memory back

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t room() const { return max_samples_ - size_; }

 private:
  void Grow(std::size_t needed);

  std::size_t max_samples_;
  std::vector<std::int16_t> ring_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_PCM_QUEUE_H_
