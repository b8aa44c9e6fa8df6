// Everything that can happen to a call machine, in small: the world that the checker explores.
#ifndef DRAGOMAN_SRC_AGENT_CALL_WORLD_H_
#define DRAGOMAN_SRC_AGENT_CALL_WORLD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/agent/call_audit.h"
#include "src/agent/call_core.h"
#include "src/agent/call_promises.h"

namespace dragoman {

// One thing that happens next.
struct Choice {
  enum class Kind : std::uint8_t {
    kStart,
    kSound,
    kQuiet,
    kPartial,
    kFinal,    // closed by the recogniser itself
    kFlushed,  // the answer to a flush
    kEstimated,
    kKey,
    kModelText,
    kModelCall,
    kModelDone,
    kToolResult,
    kLateResult,  // of a run that was given up
    kStrangeResult,
    kReplaced,   // by the speech gate
    kTimed,      // the words of an utterance
    kMade,       // all audio of an utterance at once
    kAudio,      // its beginning
    kSpeechEnd,  // the end of what began, or of nothing
    kHeard,
    kCleared,
    kTimer,
    kSay,
    kEndCall,
    kDrain,
    kDeaf,
    kClosed,
  };
  Kind kind{};
  std::uint8_t arg = 0;
  friend bool operator==(const Choice&, const Choice&) = default;
};

struct WorldSpeech {
  UtteranceId id = 0;
  std::int64_t start_ms = 0;
  std::int64_t made_ms = 0;
  bool ended = false;
};

// The world around the machine. Plain values.
struct World {
  bool sound = false;
  std::uint8_t said = 0;    // the words of the current utterance; 0: none
  bool closed_one = false;  // an utterance of this turn was closed already
  std::vector<WorldSpeech> speeches;
  std::int64_t sent_ms = 0;
  std::int64_t position_ms = 0;
  std::uint8_t texts = 0;  // of the current reply
  std::uint8_t calls = 0;
  int rare = 0;               // rare things that may still happen
  std::int64_t estimate = 0;  // the last that was asked for
  std::int64_t audio_ms = 0;
};

// A machine in its world. Copyable.
struct CallUniverse {
  CallState core;
  CallAudit audit;
  CallPromises promises;
  World world;
};

// What one search looks at: some of the machine's tolerances and the rare things of which one may
// happen in a call, so that a sum of small searches takes the place of one product.
struct Slice {
  enum Rare : std::uint32_t {
    kNothing = 0,
    kClosedByItself = 1u << 0,  // the recogniser closes an utterance unasked
    kKeys = 1u << 1,
    kApplicationSpeaks = 1u << 2,
    kDrained = 1u << 3,
    kDeafened = 1u << 4,
    kStranger = 1u << 5,    // a tool result that nobody waits for
    kModelFails = 1u << 6,  // at once; a model that keeps silent is not rare
    kVoiceFails = 1u << 7,  // likewise
    kSlowVoice = 1u << 8,   // an utterance is heard while it is being made
    kLongTimers = 1u << 9,  // fire before their turn
    kLineLost = 1u << 10,
    kEstimates = 1u << 11,
    kReplaces = 1u << 12,
    kTimesWords = 1u << 13,
  };
  std::string_view name;
  std::uint32_t rare = kNothing;
  int rares = 1;         // of them in a call
  bool murmurs = false;  // the caller says `murmur` as well as "yes"
  std::string_view murmur = "mm-hm";
  bool says_yes = true;
  bool partly = false;  // an utterance may be heard up to its middle
  bool ahead = false;   // the model may be asked ahead
  bool tools = true;
  bool greets = true;
  bool rounds = true;    // the model may call a tool
  bool hurries = false;  // the limit of the call is near
  bool circles = false;  // the first sentence is one too many of its kind
  bool reprompts = false;
  bool fillers = false;
  bool retries = false;  // of the model
  bool repeats = false;  // of an utterance that failed
  bool wrap_up = false;
  bool partials = true;      // the recogniser tells what it has heard so far
  bool late = false;         // it may answer when the caller has paused again
  bool short_times = false;  // it is soon known what a sound was
  bool two_replies = false;  // with content; else one
};
const std::vector<Slice>& CallSlices();

// Holds one universe at a time.
class CallExplorer {
 public:
  // `tables` are borrowed.
  CallExplorer(const CallTables& tables, const Slice& slice);

  void Restart();
  void Load(const CallUniverse& universe);
  CallUniverse Save() const;

  bool finished() const { return audit_.finished; }
  // Rare things that may still happen. No part of the digest: a state needs no look once the same
  // state with as many of them before it was seen.
  int fresh() const { return world_.rare; }
  // What can happen now.
  void Choices(std::vector<Choice>* out) const;
  // What happens when nobody does anything: the next timer, without the limit of the call's length.
  // False: nothing is armed.
  bool Silence(Choice* out) const;
  // Lets it happen. What is wrong then; empty: nothing.
  std::string Happen(const Choice& choice);
  // Equal for states that behave alike; docs/call-machine.md.
  std::uint64_t Digest() const;
  std::string Describe(const Choice& choice) const;
  std::string DescribeState() const { return core_.Describe(); }
  const CallState& state() const { return core_.s; }
  // What Happen made the machine give.
  const std::vector<CallCommand>& commands() const { return commands_; }

  // Which rows of the tables were carried out since CountRows.
  void CountRows() { core_.rows_used.assign(core_.tables().rows.size(), false); }
  const std::vector<bool>& rows_used() const { return core_.rows_used; }

 private:
  std::string StepOnce(const Choice& choice);
  void ListenChoices(std::vector<Choice>* out) const;
  void SpeakChoices(std::vector<Choice>* out) const;
  bool May(Slice::Rare rare) const { return world_.rare > 0 && (slice_.rare & rare) != 0; }
  std::string_view WordsSaid(std::size_t number) const;
  CallEvent Make(const Choice& choice) const;
  void Foresee(const Choice& choice, const CallEvent& event);
  void Carry(const CallCommand& command);

  Slice slice_;
  CallCore core_;
  const CallState start_;
  CallAudit audit_;
  CallPromises promises_;
  World world_;
  std::vector<CallCommand> commands_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_WORLD_H_
