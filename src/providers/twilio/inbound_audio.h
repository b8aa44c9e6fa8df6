// What comes out of a Twilio stream: pieces of any length with timestamps in, 20 ms frames without
// gaps out.
#ifndef DRAGOMAN_SRC_PROVIDERS_TWILIO_INBOUND_AUDIO_H_
#define DRAGOMAN_SRC_PROVIDERS_TWILIO_INBOUND_AUDIO_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dragoman/core/clock.h"

namespace dragoman {

struct InboundAudioLimits {
  std::chrono::milliseconds max_gap{500};
  std::chrono::milliseconds max_lead{5'000};
};

// One thread at a time. No allocation. Nothing is emitted from inside: the caller takes the frames,
// and may stop taking when one of them ended the call.
class InboundAudio {
 public:
  static constexpr std::size_t kFrame = 160;  // 20 ms at 8 kHz

  explicit InboundAudio(const InboundAudioLimits& limits) : limits_(limits) {}

  // A piece of mu-law whose first sample lies `timestamp_ms` after the start of the stream;
  // borrowed until NextFrame has returned an empty span.
  void Push(TimePoint now, std::uint64_t timestamp_ms, std::span<const std::uint8_t> mulaw);
  // The next whole frame, valid until the next call; empty: there is none.
  std::span<const std::int16_t> NextFrame();
  // At the end of the stream: what is left of a frame.
  std::span<const std::int16_t> Rest() const { return std::span(frame_).first(filled_); }

  struct Counters {
    std::int64_t concealed_samples = 0;  // made up for what was lost
    std::int64_t skipped_samples = 0;    // longer holes, closed up
    std::int64_t late_pieces = 0;        // came after their place was filled, or twice
    std::int64_t flood_pieces = 0;       // ran too far ahead of the clock
  };
  const Counters& counters() const { return counters_; }

 private:
  void Place(std::uint64_t start);
  void FillConcealed();

  const InboundAudioLimits limits_;
  std::array<std::int16_t, kFrame> frame_{};
  std::array<std::int16_t, kFrame> last_{};  // the last frame of real audio, for concealment
  std::size_t filled_ = 0;
  std::span<const std::uint8_t> piece_;
  std::uint64_t to_conceal_ = 0;  // samples
  std::uint64_t concealed_in_a_row_ = 0;
  std::uint64_t expected_ = 0;  // sample of the stream that comes next
  int late_in_a_row_ = 0;
  bool started_ = false;
  TimePoint started_at_{};
  std::uint64_t received_ = 0;  // samples, for the flood limit
  Counters counters_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_PROVIDERS_TWILIO_INBOUND_AUDIO_H_
