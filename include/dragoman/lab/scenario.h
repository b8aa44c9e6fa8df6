// One phone call as a file: who calls, what they say and do when, how bad the line is, what breaks
// inside the agent, and what must be true at the end. docs/scenarios.md has every key.
#ifndef DRAGOMAN_LAB_SCENARIO_H_
#define DRAGOMAN_LAB_SCENARIO_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/call_report.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman::lab {

using std::chrono::milliseconds;

// kAudio: the agent decodes the caller's voice. kText: the same call over the same wire, but the
// words reach the agent's recogniser from the script, each when its audio has been pushed, and both
// voices are a formant buzz: bit for bit the same on each run.
enum class ScenarioKind { kAudio, kText };
enum class Wire { kTwilio, kAudioSocket };
// kPipe: in memory, virtual time. kSocket: TCP on the loopback interface, real time, the caller in
// a process of its own.
enum class Transport { kPipe, kSocket };

enum class NoiseKind { kNone, kWhite, kHum, kBabble, kStreet, kKeyboard, kCough };

DRAGOMAN_EXPORT std::string_view Name(ScenarioKind kind);
DRAGOMAN_EXPORT std::string_view Name(Wire wire);
DRAGOMAN_EXPORT std::string_view Name(Transport transport);
DRAGOMAN_EXPORT std::string_view Name(NoiseKind kind);

// Words that the other party is listened for: alternatives separated by '|', each a row of pieces
// separated by ".*" that must occur in that order. ASCII case and runs of white space do not
// matter. Not a regular expression: matching is linear in the text.
class DRAGOMAN_EXPORT Pattern {
 public:
  Pattern() = default;
  explicit Pattern(std::string_view source);
  bool Matches(std::string_view text) const;  // an empty pattern matches everything
  const std::string& source() const { return source_; }
  bool empty() const { return source_.empty(); }

 private:
  std::string source_;
  std::vector<std::vector<std::string>> alternatives_;
};

// What the caller waits for.
enum class CueKind {
  kStart,        // "start": the line is open
  kAgentSays,    // "agent says /words/": said in the agent's turn, and the agent has paused
  kAgentSpeaks,  // "agent speaks 800 ms": heard without the caller answering; for interruptions
  kAgentSilent,  // "agent silent 3 s"
  kAfter,        // "after 2 s": since the step before was done
  kToolRuns,     // "tool book_appointment runs" or "tool runs"
};
struct DRAGOMAN_EXPORT Cue {
  CueKind kind = CueKind::kStart;
  Pattern words;     // kAgentSays; kAgentSpeaks "agent speaks 800 ms of /words/"
  std::string tool;  // kToolRuns; empty: any
  milliseconds length{0};
};

// A stretch of speech and the pause that follows it.
struct DRAGOMAN_EXPORT SpeechPiece {
  std::string text;  // empty: only the pause
  milliseconds pause_after{0};
};

enum class ActionKind { kSay, kDtmf, kNoise, kWait, kHangUp };

struct DRAGOMAN_EXPORT Step {
  Cue when;
  Pattern only_if;  // what the agent said since the caller spoke must match this too
  Pattern unless;   // and must not match this
  // From the cue to the action. For "agent says" it is the pause that tells the caller that the
  // agent has finished.
  milliseconds delay{0};
  ActionKind action = ActionKind::kWait;
  std::vector<SpeechPiece> say;        // kSay
  milliseconds repeat_for{0};          // kSay: said again and again for so long
  int level_db = 0;                    // kSay: louder or softer than the caller usually speaks
  std::string keys;                    // kDtmf
  NoiseKind noise = NoiseKind::kNone;  // kNoise
  milliseconds length{0};              // kNoise, kWait
  // Said beside the conversation ("mm-hm", a cough): what the agent said still waits for an answer.
  bool aside = false;
  int times = 1;          // reactions: may run so often
  bool optional = false;  // steps: the call may end without it
  int line = 0;           // in the file
};

struct DRAGOMAN_EXPORT CallerProfile {
  std::string voice = "rms";   // a Flite voice; kText ignores it
  int speed_per_mille = 1000;  // of speech
  int pitch_hz = 0;            // kText: of the buzz; 0: 110
  int level_db = 0;            // of speech; 0: -21 dBFS. The noise stays as loud as it is
  NoiseKind noise = NoiseKind::kNone;
  int snr_db = 20;     // of speech over `noise`
  int echo_db = -120;  // the agent's audio mixed back into the caller's; -120: none
  milliseconds echo_delay{120};
};

struct DRAGOMAN_EXPORT Stall {
  milliseconds at{0};  // from the start of the call
  milliseconds length{0};
};

// What the network does to the caller's frames before the carrier sees them, and to both directions
// during a stall.
struct DRAGOMAN_EXPORT LineProfile {
  int loss_per_mille = 0;
  int reorder_per_mille = 0;  // swapped with the frame after
  int duplicate_per_mille = 0;
  milliseconds jitter{0};  // each frame is late by 0 to this
  std::vector<Stall> stalls;
  bool late_marks = false;  // after a clear, the marks come back 200 ms later and once more
};

// Where the agent is made to fail.
enum class FaultPlace { kModel, kTool, kSynthesizer, kRecognizer };
enum class FaultKind {
  kDelay,  // answers `length` late
  kHang,   // never answers
  kFail,   // answers kUnavailable at once
  kDie,    // kUnavailable after the first piece of the answer
  kStall,  // stops for `length` after the first piece
  kEmpty,  // an answer with nothing in it
};
struct DRAGOMAN_EXPORT Fault {
  FaultPlace where = FaultPlace::kModel;
  FaultKind what = FaultKind::kFail;
  int at = 1;     // from this use on, the first being 1
  int times = 1;  // for so many uses
  milliseconds length{0};
  std::string tool;  // kTool: its name; empty: any
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct DRAGOMAN_EXPORT Booking {
  std::string name;  // lower case
  std::string date;  // "2026-01-06"
  std::string time;  // "10:00"
  friend bool operator==(const Booking&, const Booking&) = default;
  friend auto operator<=>(const Booking&, const Booking&) = default;
};

// A caller who wants this booked and does what they are asked: says it again in other words, spells
// the name (letters first, spelling words after that), keys it in where the agent offers keys,
// corrects what is read back wrongly, and says yes only to exactly this. Speaks when no step and no
// reaction fits.
struct DRAGOMAN_EXPORT Errand {
  std::string name;  // lower case, letters only
  std::string date;
  std::string time;
  bool keypad = true;       // false: has no keys, and answers in words
  milliseconds delay{700};  // the agent's pause that tells that it has finished
};

struct DRAGOMAN_EXPORT Expectations {
  std::optional<std::vector<Booking>> bookings;  // exactly these made by the call, in any order
  std::vector<CallEnd> outcomes;                 // one of them; empty: any but kFailed
  std::vector<Pattern> agent_says;               // in some turn of the agent
  std::vector<Pattern> agent_never_says;
  std::vector<Pattern> caller_words;      // kText only: in some final transcript
  std::map<std::string, int> tool_calls;  // name -> how often it ran
  bool goodbye_heard = false;  // the agent's last words were played to their end, then it hung up
  milliseconds max_owed_silence{4000};  // the agent owes a reply: never silent for longer
  milliseconds barge_in_stop{0};  // interruption decided -> caller hears nothing; 0: unchecked
  milliseconds max_call{0};       // 0: the scenario's time limit
  int min_interruptions = 0;      // agent stopped for the caller so often, at least
  int max_interruptions = -1;     // -1: any number
};

struct DRAGOMAN_EXPORT Scenario {
  std::string name;  // [a-z0-9-]
  std::string file;  // as loaded; empty: from text
  std::string about;
  std::string field_note;  // the class of FIELD-NOTES.md that it shows
  ScenarioKind kind = ScenarioKind::kText;
  Wire wire = Wire::kTwilio;
  Transport transport = Transport::kPipe;
  std::uint64_t seed = 1;
  WallTime now{};  // the wall clock when the call begins
  milliseconds time_limit{120'000};
  CallerProfile caller;
  LineProfile line;
  std::vector<Fault> faults;
  std::vector<Booking> taken;   // slots already booked when the call begins
  std::vector<Step> steps;      // one after the other
  std::vector<Step> reactions;  // whenever their cue comes, the first that fits
  std::optional<Errand> errand;
  Expectations expect;
};

// The scenario in `text`. kInvalidArgument names `file`, the line, the key, and the nearest known
// key or the value and the range expected. At most 64 KiB.
DRAGOMAN_EXPORT absl::StatusOr<Scenario> ParseScenario(std::string_view text,
                                                       std::string_view file);
// kNotFound: no such file.
DRAGOMAN_EXPORT absl::StatusOr<Scenario> LoadScenario(const std::string& path);
// Every *.toml of the folder in order of its name; fails at the first bad one or an empty folder.
DRAGOMAN_EXPORT absl::StatusOr<std::vector<Scenario>> LoadScenarios(const std::string& folder);

// "I'd like <pause 700ms> an appointment" in pieces; <spell SMITH> becomes "S. M. I. T. H." with
// `letter_pause` after each. kInvalidArgument: an unknown or unclosed mark, a pause above 10 s.
DRAGOMAN_EXPORT absl::StatusOr<std::vector<SpeechPiece>> ParseSpeech(
    std::string_view text, milliseconds letter_pause = milliseconds(0));

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_SCENARIO_H_
