#include "src/lab/caller_playout.h"

#include <algorithm>
#include <utility>

#include "src/lab/sounds.h"

namespace dragoman::lab {
namespace {

constexpr int kHoleSamples = kRate / 5;  // a longer silence is a pause, not a hole

milliseconds ToLength(std::int64_t samples) { return milliseconds(samples * 1000 / kRate); }

}  // namespace

void CallerPlayout::Append(std::span<const std::int16_t> samples) {
  if (samples.empty()) return;
  if (dry_samples_ > 0 && dry_samples_ < kHoleSamples && last_was_loud_) {
    const std::size_t head = std::min<std::size_t>(samples.size(), kFrameSamples);
    if (Rms(samples.first(head)) > kAudibleRms) ++underruns_;
  }
  dry_samples_ = -1;
  samples_.insert(samples_.end(), samples.begin(), samples.end());
}

std::vector<std::string> CallerPlayout::AddMark(std::string name) {
  marks_.push_back({played_ + static_cast<std::int64_t>(samples_.size()), std::move(name)});
  return TakePassed();
}

std::vector<std::string> CallerPlayout::Clear() {
  cleared_ += static_cast<std::int64_t>(samples_.size());
  samples_.clear();
  dry_samples_ = -1;
  last_was_loud_ = false;
  std::vector<std::string> names;
  for (Mark& mark : marks_) names.push_back(std::move(mark.name));
  marks_.clear();
  return names;
}

std::vector<std::string> CallerPlayout::TakePassed() {
  std::vector<std::string> names;
  while (!marks_.empty() && marks_.front().position <= played_) {
    names.push_back(std::move(marks_.front().name));
    marks_.pop_front();
  }
  return names;
}

std::vector<std::string> CallerPlayout::Play(std::span<std::int16_t> out) {
  const std::size_t ready = std::min(out.size(), samples_.size());
  std::copy_n(samples_.begin(), ready, out.begin());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(ready), out.end(), std::int16_t{0});
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(ready));
  played_ += static_cast<std::int64_t>(ready);
  if (ready > 0) last_was_loud_ = Rms(out.first(ready)) > kAudibleRms;
  if (ready < out.size() && (dry_samples_ >= 0 || played_ > 0))
    dry_samples_ = std::max(dry_samples_, 0) + static_cast<int>(out.size() - ready);
  return TakePassed();
}

milliseconds CallerPlayout::queued() const {
  return ToLength(static_cast<std::int64_t>(samples_.size()));
}
milliseconds CallerPlayout::played() const { return ToLength(played_); }
milliseconds CallerPlayout::cleared() const { return ToLength(cleared_); }

}  // namespace dragoman::lab
