// The carrier's end of the agent's audio: what was received plays on, frame by frame, and marks
// come back when it has passed them.
#ifndef DRAGOMAN_SRC_LAB_CALLER_PLAYOUT_H_
#define DRAGOMAN_SRC_LAB_CALLER_PLAYOUT_H_

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

// As Twilio describes its buffer (Media Streams, `mark` and `clear`): audio plays in order; a mark
// is returned when everything before it was played, at once when nothing waits; clear drops the
// audio and returns every pending mark. One thread at a time.
class CallerPlayout {
 public:
  void Append(std::span<const std::int16_t> samples);
  // The marks to return now: this one, when nothing waits.
  std::vector<std::string> AddMark(std::string name);
  // Drops what was not played. Returns the pending marks, oldest first.
  std::vector<std::string> Clear();

  // Plays the next samples; silence where nothing waits. Returns the marks that were passed.
  std::vector<std::string> Play(std::span<std::int16_t> out);

  milliseconds queued() const;
  milliseconds played()
      const;  // without the silence of an empty buffer and without what was cleared
  milliseconds cleared() const;  // dropped by Clear()
  // Times that the buffer ran dry in the middle of a frame or between frames with sound, and had
  // more within 200 ms: a hole that a listener hears.
  int underruns() const { return underruns_; }

 private:
  struct Mark {
    std::int64_t position;  // in samples appended and not cleared
    std::string name;
  };
  std::vector<std::string> TakePassed();

  std::deque<std::int16_t> samples_;
  std::deque<Mark> marks_;
  std::int64_t played_ = 0;
  std::int64_t cleared_ = 0;
  int dry_samples_ = -1;  // -1: not run dry after sound
  int underruns_ = 0;
  bool last_was_loud_ = false;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_CALLER_PLAYOUT_H_
