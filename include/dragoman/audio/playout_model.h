// How much of the audio sent to a peer has been heard: the peer is modelled as a queue that drains
// in real time.
#ifndef DRAGOMAN_AUDIO_PLAYOUT_MODEL_H_
#define DRAGOMAN_AUDIO_PLAYOUT_MODEL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Pure: time is passed in, and should not go back (an earlier time counts as the latest one seen).
// One thread at a time.
//
// The time line is that of the audio: it starts at 0 with the first sample ever sent, stands still
// while nothing plays, and Clear() takes back what was not heard. A peer starts to play with the
// first byte; after it ran dry, with the next one.
//
// Marks are the peer's acknowledgements ("everything before this has been played", Twilio `mark`).
// A carrier answers `clear` by returning every pending mark at once (Twilio Media Streams,
// `clear`), so a mark that comes back after Clear() counts only as far as the model had come at the
// Clear().
class DRAGOMAN_EXPORT PlayoutModel {
 public:
  using Duration = std::chrono::microseconds;
  static constexpr std::size_t kMaxPendingMarks = 1024;

  // The peer receives audio of this length at `now`. Running dry before it, within an utterance,
  // is an underrun. Lengths below 0 count as 0.
  void Append(TimePoint now, Duration length);
  // What follows is a new utterance: the silence before it is meant.
  void EndUtterance() { utterance_open_ = false; }
  // The peer drops what it has not played. Returns how much that was; afterwards sent() is the
  // position.
  Duration Clear(TimePoint now);

  Duration sent() const { return sent_; }
  // Never goes back; never behind acknowledged(), never beyond sent().
  Duration Position(TimePoint now) const;
  Duration Queued(TimePoint now) const { return sent_ - Position(now); }
  // When everything sent so far will have been, or was, played.
  TimePoint drained_at() const { return anchor_ + (sent_ - base_); }

  // A mark behind all audio sent so far; ids count up from 1. 0: kMaxPendingMarks are pending
  // already, send none.
  std::uint64_t AddMark();
  // The peer returned a mark; the marks before it are thereby acknowledged too. Returns the
  // position that it proves, or nothing for a mark that is not pending (a repeat, or the peer's
  // invention). A mark that comes before the model expected it moves the model forward.
  std::optional<Duration> Acknowledge(TimePoint now, std::uint64_t mark);
  Duration acknowledged() const { return acknowledged_; }
  std::size_t pending_marks() const { return pending_.size(); }

  std::int64_t underruns() const { return underruns_; }
  Duration underrun_time() const { return underrun_time_; }

 private:
  struct Mark {
    std::uint64_t id;
    Duration position;
  };

  Duration sent_{0};
  Duration base_{0};  // position at anchor_, from where it grows up to sent_
  TimePoint anchor_{};
  bool utterance_open_ = false;
  Duration acknowledged_{0};
  std::vector<Mark> pending_;  // in the order sent
  std::uint64_t last_mark_ = 0;
  std::int64_t underruns_ = 0;
  Duration underrun_time_{0};
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_PLAYOUT_MODEL_H_
