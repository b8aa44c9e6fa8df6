#include "src/providers/twilio/inbound_audio.h"

#include <algorithm>

#include "dragoman/audio/g711.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kSamplesPerMs = 8;
// Carriers round timestamps; less than a frame off is no hole.
constexpr std::uint64_t kTolerance = InboundAudio::kFrame;
// So many late pieces in a row are a clock that was set back, not late pieces.
constexpr int kMaxLateInARow = 50;

}  // namespace

void InboundAudio::Push(TimePoint now, std::uint64_t timestamp_ms,
                        std::span<const std::uint8_t> mulaw) {
  piece_ = {};
  if (mulaw.empty()) return;
  const std::uint64_t start = timestamp_ms * kSamplesPerMs;
  if (!started_) {
    started_ = true;
    started_at_ = now;
    expected_ = start;
  }
  const auto elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_at_);
  const auto allowed =
      static_cast<std::uint64_t>((elapsed_ms + limits_.max_lead).count()) * kSamplesPerMs;
  if (received_ + mulaw.size() > allowed) {
    ++counters_.flood_pieces;
    return;
  }
  received_ += mulaw.size();
  piece_ = mulaw;
  Place(start);
}

// Decides what of the piece is new and what is missing before it.
void InboundAudio::Place(std::uint64_t start) {
  if (start + kTolerance <= expected_) {
    const std::uint64_t overlap = expected_ - start;
    if (++late_in_a_row_ > kMaxLateInARow) {
      expected_ = start;
    } else if (overlap >= piece_.size()) {
      ++counters_.late_pieces;
      piece_ = {};
      return;
    } else {
      piece_ = piece_.subspan(static_cast<std::size_t>(overlap));
      start = expected_;
    }
  } else if (start >= expected_ + kTolerance) {
    const std::uint64_t gap = start - expected_;
    const auto most = static_cast<std::uint64_t>(limits_.max_gap.count()) * kSamplesPerMs;
    to_conceal_ = std::min(gap, most);
    counters_.concealed_samples += static_cast<std::int64_t>(to_conceal_);
    counters_.skipped_samples += static_cast<std::int64_t>(gap - to_conceal_);
    expected_ = start;
  }
  late_in_a_row_ = 0;
  expected_ += piece_.size();
}

std::span<const std::int16_t> InboundAudio::NextFrame() {
  if (filled_ == kFrame) filled_ = 0;  // the frame handed out before
  if (to_conceal_ > 0) FillConcealed();
  if (to_conceal_ == 0 && filled_ < kFrame && !piece_.empty()) {
    const std::size_t size = std::min(kFrame - filled_, piece_.size());
    DecodeMulaw(piece_.first(size), std::span(frame_).subspan(filled_));
    piece_ = piece_.subspan(size);
    filled_ += size;
    concealed_in_a_row_ = 0;
    if (filled_ == kFrame) last_ = frame_;
  }
  return filled_ == kFrame ? std::span<const std::int16_t>(frame_)
                           : std::span<const std::int16_t>();
}

// The last frame again, fading to silence over 60 ms: a short hole is not heard as one, and a long
// one does not buzz.
void InboundAudio::FillConcealed() {
  constexpr std::uint64_t kFade = 3 * kFrame;
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(kFrame - filled_, to_conceal_));
  for (std::size_t i = 0; i < size; ++i, ++concealed_in_a_row_) {
    const std::uint64_t at = concealed_in_a_row_;
    const auto gain = at < kFade ? static_cast<std::int64_t>(kFade - at) : 0;
    const std::int64_t sample = last_[at % kFrame];
    frame_[filled_ + i] = static_cast<std::int16_t>(sample * gain / static_cast<int>(kFade));
  }
  filled_ += size;
  to_conceal_ -= size;
}

}  // namespace dragoman
