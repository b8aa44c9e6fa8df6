// Puts packets of audio back in order and in time: loss, reordering, duplicates and jitter in, a
// frame every 20 ms out.
#ifndef DRAGOMAN_AUDIO_JITTER_BUFFER_H_
#define DRAGOMAN_AUDIO_JITTER_BUFFER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT JitterBufferOptions {
  int frame_samples = 160;                    // of each packet and of each Pop; 40 to 960
  std::chrono::milliseconds frame{20};        // their length; 5 to 60
  std::chrono::milliseconds start_delay{60};  // of the first packet; then it follows the line
  std::chrono::milliseconds least_delay{20};
  std::chrono::milliseconds most_delay{200};  // at most 16 frames; what is later is lost
  absl::Status Validate() const;
};

// Pure: time is passed in. One thread at a time; no allocation after Create.
//
// The delay follows the worst lateness of the last seconds: it grows when a packet is awaited (the
// gap is concealed without giving the packet up) and shrinks in quiet moments. Sequence numbers may
// wrap; a sender that starts anew (numbers far off, or a pause of a second) is followed after two
// packets.
class DRAGOMAN_EXPORT JitterBuffer {
 public:
  enum class Pushed {
    kTaken,
    kDuplicate,
    kLate,     // its place has been played
    kFar,      // numbered far off; the second one in a row restarts the buffer
    kBadSize,  // not frame_samples
  };
  enum class Popped {
    kAudio,
    kConcealed,  // lost or late: the last frame, fading within 80 ms to silence
    kSilence,    // nothing to play yet, or nothing came for longer than the fade
  };
  struct Counters {
    std::int64_t taken = 0, duplicates = 0, late = 0, far = 0, bad_size = 0;
    std::int64_t played = 0, lost = 0;  // lost: given up, its place concealed
    std::int64_t stretched = 0;         // frames concealed to gain delay
    std::int64_t dropped = 0;           // frames left out to lose delay
    std::int64_t restarts = 0;
  };

  static absl::StatusOr<JitterBuffer> Create(const JitterBufferOptions& options);

  Pushed Push(TimePoint now, std::uint16_t sequence, std::span<const std::int16_t> samples);
  // Call once per frame length. `out` holds frame_samples and is always filled.
  Popped Pop(TimePoint now, std::span<std::int16_t> out);
  void Reset();  // a new sender (SSRC); counters stay

  std::chrono::milliseconds target_delay() const;
  const Counters& counters() const { return counters_; }

 private:
  using Micros = std::chrono::microseconds;
  static constexpr std::size_t kSlots = 32;
  struct Slot {
    std::int64_t number = -1;  // unwrapped sequence number; -1: empty
  };

  explicit JitterBuffer(const JitterBufferOptions& options);
  void Start(TimePoint now, std::uint16_t sequence);
  void FollowLateness(TimePoint now, std::int64_t number);
  std::span<std::int16_t> Samples(std::int64_t number);
  bool Has(std::int64_t number) const;
  bool HasLater() const;
  bool MayDrop(Micros delay);
  void Conceal(std::span<std::int16_t> out);
  Popped Play(std::span<std::int16_t> out);
  Micros TimeOf(std::int64_t number) const { return number * frame_; }

  JitterBufferOptions options_;
  Micros frame_;
  std::vector<std::int16_t> samples_;  // kSlots frames
  std::vector<std::int16_t> last_;     // the last frame heard, for concealment
  Slot slots_[kSlots];

  bool started_ = false;  // a first packet came
  bool playing_ = false;
  TimePoint first_arrival_{};
  std::int64_t next_ = 0;     // to be played
  std::int64_t highest_ = 0;  // received
  Micros base_{0};            // least transit: arrival - number * frame
  Micros peak_{0};            // lateness over it, decaying
  int surplus_frames_ = 0;    // for how long there was more delay than wanted
  int concealed_ = 0;         // frames in a row
  std::uint16_t far_sequence_ = 0;
  bool far_seen_ = false;
  Counters counters_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_JITTER_BUFFER_H_
