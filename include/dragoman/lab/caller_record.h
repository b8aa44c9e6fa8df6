// What the caller lived through: their side of a call, measured where a person would have sat.
#ifndef DRAGOMAN_LAB_CALLER_RECORD_H_
#define DRAGOMAN_LAB_CALLER_RECORD_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman::lab {

// Times are milliseconds since the line was open, as the caller saw it.
struct DRAGOMAN_EXPORT CallerTurn {
  std::int64_t ended_ms = 0;      // the caller's last sample left
  std::int64_t answered_ms = -1;  // the agent's first sound after it; -1: none before the next turn
  friend bool operator==(const CallerTurn&, const CallerTurn&) = default;
};

struct DRAGOMAN_EXPORT CallerDeed {
  std::int64_t at_ms = 0;
  int line = 0;      // of the step in the scenario file
  std::string what;  // "say: hello", "dtmf: 12#", "hang up"
  friend bool operator==(const CallerDeed&, const CallerDeed&) = default;
};

struct DRAGOMAN_EXPORT CallerRecord {
  bool connected = false;
  bool closed_properly = false;
  std::string close_detail;  // empty: properly
  bool hung_up = false;      // by the caller: by a step
  bool timed_out = false;    // by the caller: the scenario's time limit
  std::int64_t duration_ms = 0;
  std::vector<CallerTurn> turns;
  std::vector<CallerDeed> deeds;
  std::vector<int> steps_not_run;              // their lines in the file
  std::vector<std::string> complaints;         // messages that the carrier would have refused
  std::vector<std::int64_t> barge_in_stop_ms;  // interruption decided -> silence at the caller
  std::int64_t longest_owed_silence_ms = 0;
  std::int64_t owed_silence_at_ms = 0;
  std::int64_t heard_ms = 0;             // of the agent's audio
  std::int64_t cleared_ms = 0;           // received and dropped unheard at the agent's wish
  std::int64_t unheard_at_close_ms = 0;  // received, not played when the agent closed the line
  std::int64_t last_sound_ms = 0;        // when the agent was last heard
  int underruns = 0;
  int frames_sent = 0;
  int frames_lost = 0;
  int marks_returned = 0;
  int clears = 0;
  std::int64_t late_frames = 0;           // real time: sent more than 5 ms after their time
  std::vector<std::int64_t> lateness_us;  // real time: of each frame, against its schedule
  std::vector<std::int16_t> sent_audio;   // 8 kHz; the caller's, before the network
  std::vector<std::int16_t> heard_audio;  // 8 kHz; as long as the call

  std::uint64_t AudioHash() const;  // FNV-1a over both directions
};

// Without the audio and the lateness of each frame (its percentiles stay).
DRAGOMAN_EXPORT std::string ToJson(const CallerRecord& record);
DRAGOMAN_EXPORT absl::StatusOr<CallerRecord> CallerRecordFromJson(std::string_view json);

// Blocks: a stereo WAV file, the caller left, the agent right.
DRAGOMAN_EXPORT absl::Status WriteRecording(const CallerRecord& record, const std::string& path);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_CALLER_RECORD_H_
