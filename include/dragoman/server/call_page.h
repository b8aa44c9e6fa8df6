// One call as one page of HTML: waveform with turns, latency waterfall, transcript, player.
#ifndef DRAGOMAN_SERVER_CALL_PAGE_H_
#define DRAGOMAN_SERVER_CALL_PAGE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/audio/wav.h"
#include "dragoman/core/export.h"

namespace dragoman {

// All texts are untrusted UTF-8: what callers said, what tools and models wrote. The page shows
// them and nothing more; broken UTF-8, control characters and direction overrides become U+FFFD.
// All times are milliseconds since the call's start, which is where the recording starts.
enum class CallPageParty { kCaller, kAgent };

struct DRAGOMAN_EXPORT CallPageTurn {
  CallPageParty party = CallPageParty::kCaller;
  std::string text;     // what was said; the agent's: what was heard of it
  std::string unheard;  // the agent's: what was cut off; shown struck through
  std::string note;     // "greeting", "filler", "keypad"; empty: nothing to say
  std::chrono::milliseconds start{0};
  std::chrono::milliseconds end{0};
  bool interrupted = false;  // the agent's: by the caller
};

// How the agent came to answer one turn of the caller. A mark that was not reached is empty.
struct DRAGOMAN_EXPORT CallPageWaterfall {
  std::int64_t turn = 0;                                 // 1 is the caller's first
  std::string text;                                      // what the caller had said
  std::optional<std::chrono::milliseconds> speech_end;   // the caller's last sound
  std::optional<std::chrono::milliseconds> endpoint;     // the turn was taken to be over
  std::optional<std::chrono::milliseconds> model_asked;  // before `endpoint` when asked ahead
  std::optional<std::chrono::milliseconds> first_text;   // of the reply
  std::optional<std::chrono::milliseconds> first_audio;  // of the reply, given to the line
  std::optional<std::chrono::milliseconds> heard;        // the reply's first sound was heard
};

struct DRAGOMAN_EXPORT CallPageTool {
  std::string name;
  std::string arguments;  // JSON as the model wrote it
  std::string result;     // or the error
  bool ok = true;
  std::chrono::milliseconds start{0};
  std::chrono::milliseconds end{0};
};

// Something that a person reading the call wants to see between the turns.
struct DRAGOMAN_EXPORT CallPageMoment {
  std::chrono::milliseconds at{0};
  std::string text;           // "the caller interrupts"
  bool interruption = false;  // marked on the waveform
};

struct DRAGOMAN_EXPORT CallPageEvent {
  std::chrono::milliseconds at{0};
  std::string name;
  std::string text;
};

struct DRAGOMAN_EXPORT CallPageFact {  // "Model": "offline (rules and slots)"
  std::string name;
  std::string value;
};

struct DRAGOMAN_EXPORT CallPageCheck {  // what had to be true at the end
  std::string text;
  bool ok = true;
  std::string detail;  // why not
};

struct DRAGOMAN_EXPORT CallPageReplay {
  bool identical = false;
  std::int64_t commands = 0;  // compared
  std::string detail;         // the first difference
};

// A file beside the page. Only its name is used, so a path cannot lead anywhere else.
struct DRAGOMAN_EXPORT CallPageFile {
  std::string label;
  std::string name;
};

// Loudness over time, one value for each equal stretch of the call, 0 (silence) to 255 (full
// scale). Both of the same length, or both empty.
struct DRAGOMAN_EXPORT CallPagePeaks {
  std::vector<std::uint8_t> caller;
  std::vector<std::uint8_t> agent;
};

struct DRAGOMAN_EXPORT CallPageInput {
  std::string title = "Call";
  std::string subtitle;  // "+1 555 0100 to +1 555 0199, 21 November 2026, 10:15"
  std::string outcome;   // "agent_hung_up"; a detail may follow
  std::chrono::milliseconds duration{0};
  std::vector<CallPageFact> facts;
  std::vector<CallPageTurn> turns;  // any order; shown by time
  std::vector<CallPageWaterfall> waterfalls;
  std::vector<CallPageTool> tools;
  std::vector<CallPageMoment> moments;
  std::vector<CallPageEvent> events;
  std::vector<CallPageCheck> checks;
  std::optional<CallPageReplay> replay;
  CallPageFile audio;  // the stereo recording: caller left, agent right; no name: no player
  CallPagePeaks peaks;
  std::vector<CallPageFile> files;
};

// The loudest sample of each of `buckets` stretches (1 to 100,000) of a recording with one or two
// channels, the first being the caller. A recording shorter than `buckets` gives fewer.
// kInvalidArgument: no samples, more channels, buckets out of range.
DRAGOMAN_EXPORT absl::StatusOr<CallPagePeaks> MakeCallPagePeaks(const WavAudio& recording,
                                                                int buckets);

// A whole document that needs nothing else: style, script and pictures are inside; it opens no
// connection and runs no script but its own (its Content-Security-Policy says so). Light and dark,
// wide and narrow. The same input gives the same bytes.
DRAGOMAN_EXPORT std::string RenderCallPage(const CallPageInput& input);

}  // namespace dragoman

#endif  // DRAGOMAN_SERVER_CALL_PAGE_H_
