#include "dragoman/audio/jitter_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int64_t kFarFrames = 500;
constexpr microseconds kPause = std::chrono::seconds(1);
constexpr microseconds kBaseRise{20};   // per packet: a clock that is slow by 0.1 % is followed
constexpr microseconds kPeakFall{250};  // per packet: 12 ms of lateness are forgotten per second
constexpr int kSurplusBeforeDrop = 25;  // frames
constexpr int kFadeFrames = 4;
constexpr int kQuiet = 200;  // mean magnitude below which a frame can be left out unheard

}  // namespace

absl::Status JitterBufferOptions::Validate() const {
  if (frame_samples < 40 || frame_samples > 960) {
    return InvalidArgument("frame_samples is ", frame_samples, "; expected 40 to 960");
  }
  if (frame < milliseconds(5) || frame > milliseconds(60)) {
    return InvalidArgument("frame is ", frame, "; expected 5 ms to 60 ms");
  }
  if (least_delay < milliseconds(0) || least_delay > start_delay || start_delay > most_delay) {
    return InvalidArgument("delays are ", least_delay, ", ", start_delay, ", ", most_delay,
                           "; expected least <= start <= most");
  }
  if (most_delay > 16 * frame) {
    return InvalidArgument("most_delay is ", most_delay, "; expected at most ", 16 * frame);
  }
  return absl::OkStatus();
}

absl::StatusOr<JitterBuffer> JitterBuffer::Create(const JitterBufferOptions& options) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  return JitterBuffer(options);
}

JitterBuffer::JitterBuffer(const JitterBufferOptions& options)
    : options_(options),
      frame_(options.frame),
      samples_(kSlots * static_cast<size_t>(options.frame_samples)),
      last_(static_cast<size_t>(options.frame_samples)) {}

void JitterBuffer::Reset() {
  for (Slot& slot : slots_) slot.number = -1;
  std::fill(last_.begin(), last_.end(), std::int16_t{0});
  started_ = playing_ = far_seen_ = false;
  surplus_frames_ = concealed_ = 0;
}

void JitterBuffer::Start(TimePoint now, std::uint16_t sequence) {
  // Room below, so that packets overtaken by the first one still have a number of their own.
  next_ = highest_ = 0x10000 + std::int64_t{sequence};
  started_ = true;
  playing_ = false;
  first_arrival_ = now;
  base_ = now.time_since_epoch() - TimeOf(next_);
  peak_ = std::max(microseconds(0), microseconds(options_.start_delay) - frame_);
  surplus_frames_ = 0;
  far_seen_ = false;
}

JitterBuffer::Pushed JitterBuffer::Push(TimePoint now, std::uint16_t sequence,
                                        std::span<const std::int16_t> samples) {
  if (samples.size() != last_.size()) {
    ++counters_.bad_size;
    return Pushed::kBadSize;
  }
  if (!started_) Start(now, sequence);
  // The number nearest to the highest one that has these 16 bits (RFC 3550 appendix A.1).
  std::int64_t number =
      highest_ + static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(highest_));
  const microseconds lateness = now.time_since_epoch() - TimeOf(number) - base_;
  if (std::abs(number - highest_) > kFarFrames || lateness > kPause) {
    const bool again = far_seen_ && sequence == static_cast<std::uint16_t>(far_sequence_ + 1);
    if (!again) {
      far_seen_ = true;
      far_sequence_ = sequence;
      ++counters_.far;
      return Pushed::kFar;
    }
    ++counters_.restarts;
    Reset();
    Start(now, sequence);
    number = next_;
  }
  far_seen_ = false;
  if (!playing_ && number < next_ && number > highest_ - static_cast<std::int64_t>(kSlots) / 2) {
    next_ = number;  // overtaken on the way before anything was played
  }
  if (number < next_) {
    ++counters_.late;
    FollowLateness(now, number);
    return Pushed::kLate;
  }
  if (Has(number)) {
    ++counters_.duplicates;
    return Pushed::kDuplicate;
  }
  FollowLateness(now, number);
  // A burst beyond the ring pushes the oldest out: they would be too old to play.
  while (number - next_ >= static_cast<std::int64_t>(kSlots)) {
    ++(Has(next_) ? counters_.dropped : counters_.lost);
    slots_[static_cast<size_t>(next_) % kSlots].number = -1;
    ++next_;
  }
  slots_[static_cast<size_t>(number) % kSlots].number = number;
  std::copy(samples.begin(), samples.end(), Samples(number).begin());
  highest_ = std::max(highest_, number);
  ++counters_.taken;
  return Pushed::kTaken;
}

void JitterBuffer::FollowLateness(TimePoint now, std::int64_t number) {
  const microseconds transit = now.time_since_epoch() - TimeOf(number);
  base_ = std::min(base_ + kBaseRise, transit);
  peak_ = std::max(peak_ - kPeakFall, transit - base_);
}

std::chrono::milliseconds JitterBuffer::target_delay() const {
  const auto wanted = std::chrono::ceil<milliseconds>(peak_) + options_.frame / 2;
  return std::clamp(wanted, options_.least_delay, options_.most_delay);
}

std::span<std::int16_t> JitterBuffer::Samples(std::int64_t number) {
  return std::span(samples_).subspan(static_cast<size_t>(number) % kSlots * last_.size(),
                                     last_.size());
}

bool JitterBuffer::Has(std::int64_t number) const {
  return slots_[static_cast<size_t>(number) % kSlots].number == number;
}

bool JitterBuffer::HasLater() const { return highest_ > next_; }

// More delay than wanted for a while: the next frame is left out when it is quiet, or when waiting
// for a quiet one took too long.
bool JitterBuffer::MayDrop(Micros delay) {
  if (delay <= target_delay() + frame_) {
    surplus_frames_ = 0;
    return false;
  }
  if (++surplus_frames_ < kSurplusBeforeDrop || !Has(next_) || !Has(next_ + 1)) return false;
  std::int64_t sum = 0;
  for (std::int16_t sample : Samples(next_)) sum += std::abs(int{sample});
  const bool quiet = sum < kQuiet * static_cast<std::int64_t>(last_.size());
  return quiet || surplus_frames_ >= 4 * kSurplusBeforeDrop || delay > options_.most_delay + frame_;
}

JitterBuffer::Popped JitterBuffer::Pop(TimePoint now, std::span<std::int16_t> out) {
  assert(out.size() >= last_.size());
  out = out.first(last_.size());
  if (!playing_) {
    if (!started_ || now - first_arrival_ < options_.start_delay) {
      std::fill(out.begin(), out.end(), std::int16_t{0});
      return Popped::kSilence;
    }
    playing_ = true;
  }
  const Micros delay = now.time_since_epoch() - TimeOf(next_) - base_;
  if (MayDrop(delay)) {
    slots_[static_cast<size_t>(next_) % kSlots].number = -1;
    ++next_;
    ++counters_.dropped;
    surplus_frames_ = 0;
  }
  if (Has(next_)) return Play(out);

  // With nothing behind it either it may just be late, and is waited for while there is delay to
  // gain.
  if (HasLater() || delay >= options_.most_delay) {
    ++next_;
    ++counters_.lost;
  } else {
    ++counters_.stretched;
  }
  Conceal(out);
  return concealed_ > kFadeFrames ? Popped::kSilence : Popped::kConcealed;
}

JitterBuffer::Popped JitterBuffer::Play(std::span<std::int16_t> out) {
  const std::span<const std::int16_t> frame = Samples(next_);
  std::copy(frame.begin(), frame.end(), out.begin());
  std::copy(frame.begin(), frame.end(), last_.begin());
  if (concealed_ > 0) {  // fades in over a quarter of a frame: the waves do not meet
    const size_t fade = out.size() / 4;
    for (size_t i = 0; i < fade; ++i) {
      out[i] =
          static_cast<std::int16_t>(out[i] * static_cast<int>(i + 1) / static_cast<int>(fade + 1));
    }
  }
  concealed_ = 0;
  slots_[static_cast<size_t>(next_) % kSlots].number = -1;
  ++next_;
  ++counters_.played;
  return Popped::kAudio;
}

// The last frame again, a quarter softer at each sample's turn; every second time backwards, so
// that it begins where the one before ended.
void JitterBuffer::Conceal(std::span<std::int16_t> out) {
  ++concealed_;
  if (concealed_ > kFadeFrames) {
    std::fill(out.begin(), out.end(), std::int16_t{0});
    return;
  }
  const auto size = static_cast<int>(out.size());
  const int total = kFadeFrames * size;
  for (int i = 0; i < size; ++i) {
    const int from = concealed_ % 2 == 1 ? size - 1 - i : i;
    const int left = total - (concealed_ - 1) * size - i;
    out[static_cast<size_t>(i)] =
        static_cast<std::int16_t>(std::int64_t{last_[static_cast<size_t>(from)]} * left / total);
  }
}

}  // namespace dragoman
