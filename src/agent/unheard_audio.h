// The caller's audio that no transcript covers yet.
#ifndef DRAGOMAN_SRC_AGENT_UNHEARD_AUDIO_H_
#define DRAGOMAN_SRC_AGENT_UNHEARD_AUDIO_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

// Kept as mu-law, a byte a sample, so that all of a long turn fits beside a call: what a phone line
// carries anyway. Positions are samples since the call's start. One thread at a time.
class UnheardAudio {
 public:
  // Of the oldest audio what is beyond `max_samples` is lost.
  explicit UnheardAudio(std::size_t max_samples) : max_samples_(max_samples) {}

  void Add(std::span<const std::int16_t> samples);
  void ForgetBefore(std::int64_t position);
  // Fills `out` from `position` on. Returns how many samples there were.
  std::size_t Read(std::int64_t position, std::span<std::int16_t> out) const;

  std::int64_t begin() const { return end_ - static_cast<std::int64_t>(codes_.size() - first_); }
  std::int64_t end() const { return end_; }

 private:
  const std::size_t max_samples_;
  std::vector<std::uint8_t> codes_;
  std::size_t first_ = 0;  // what lies before it in `codes_` was forgotten
  std::int64_t end_ = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_UNHEARD_AUDIO_H_
