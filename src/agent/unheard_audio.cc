#include "src/agent/unheard_audio.h"

#include <algorithm>

#include "dragoman/audio/g711.h"

namespace dragoman {

void UnheardAudio::Add(std::span<const std::int16_t> samples) {
  // What was forgotten is moved over seldom, not with each frame.
  if (first_ > 0 && first_ >= codes_.size() / 2) {
    codes_.erase(codes_.begin(), codes_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  const std::size_t old = codes_.size();
  codes_.resize(old + samples.size());
  EncodeMulaw(samples, std::span(codes_).subspan(old));
  end_ += static_cast<std::int64_t>(samples.size());
  ForgetBefore(end_ - static_cast<std::int64_t>(max_samples_));
}

void UnheardAudio::ForgetBefore(std::int64_t position) {
  if (position <= begin()) return;
  const std::int64_t more = std::min(position, end_) - begin();
  first_ += static_cast<std::size_t>(more);
}

std::size_t UnheardAudio::Read(std::int64_t position, std::span<std::int16_t> out) const {
  if (position < begin() || position >= end_) return 0;
  const std::size_t size = std::min(out.size(), static_cast<std::size_t>(end_ - position));
  const std::size_t from = first_ + static_cast<std::size_t>(position - begin());
  DecodeMulaw(std::span(codes_).subspan(from, size), out.first(size));
  return size;
}

}  // namespace dragoman
