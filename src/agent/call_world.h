// Everything that can happen to a call machine, in small: the world that the checker explores.
#ifndef DRAGOMAN_SRC_AGENT_CALL_WORLD_H_
#define DRAGOMAN_SRC_AGENT_CALL_WORLD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/agent/call_audit.h"
#include "src/agent/call_core.h"

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
    kKey,
    kModelText,
    kModelCall,
    kModelDone,
    kToolResult,
    kStrangeResult,
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
  std::uint8_t rare = 1;  // rare things that may still happen
  std::int64_t audio_ms = 0;
};

// A machine in its world. Copyable.
struct CallUniverse {
  CallState core;
  CallAudit audit;
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
  };
  std::string_view name;
  std::uint32_t rare = kNothing;
  bool reprompts = false;
  bool fillers = false;
  bool retries = false;  // of the model
  bool repeats = false;  // of an utterance that failed
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
  // Rare things may still happen. No part of the digest: a state that has them behind it needs no
  // look once the same state with them before it was seen.
  bool fresh() const { return world_.rare > 0; }
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

  // Which rows of the tables were carried out since CountRows.
  void CountRows() { core_.rows_used.assign(core_.tables().rows.size(), false); }
  const std::vector<bool>& rows_used() const { return core_.rows_used; }

 private:
  std::string StepOnce(const Choice& choice);
  void ListenChoices(std::vector<Choice>* out) const;
  void SpeakChoices(std::vector<Choice>* out) const;
  bool May(Slice::Rare rare) const { return world_.rare > 0 && (slice_.rare & rare) != 0; }
  CallEvent Make(const Choice& choice) const;
  void Foresee(const Choice& choice, const CallEvent& event);
  void Carry(const CallCommand& command);

  Slice slice_;
  CallCore core_;
  const CallState start_;
  CallAudit audit_;
  World world_;
  std::vector<CallCommand> commands_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_WORLD_H_
