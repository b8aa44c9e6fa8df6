// A call in virtual time around the bare machine: a caller, a recogniser, a voice and a line that
// behave unless a test says otherwise. The model and the tools are played by the test.
#ifndef DRAGOMAN_TESTS_AGENT_CALL_RIG_H_
#define DRAGOMAN_TESTS_AGENT_CALL_RIG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/agent/call_machine.h"
#include "src/agent/call_audit.h"
#include "src/agent/call_core.h"

namespace dragoman {

// The tables that a rig runs on: the shipped ones unless a mutant is being tested.
const CallTables*& TablesUnderTest();

// Greets with "Hi.", speculates on nothing, has no time that runs out.
inline CallMachineOptions PlainOptions() {
  CallMachineOptions options;
  options.greeting = "Hi.";
  options.speculate = false;
  options.wrap_up_before = std::chrono::milliseconds(0);
  return options;
}

class CallRig {
 public:
  explicit CallRig(CallMachineOptions options = {});

  // --- time
  void Run(std::int64_t ms);  // what is due happens, in order
  std::int64_t now_ms() const { return now_us_ / 1000; }

  // --- what happens to the machine, now
  void Feed(CallEventBody body);
  void Start(bool outbound = false) { Feed(call_event::CallStarted{outbound}); }
  void SoundOn(std::int64_t lag_ms = 60);
  void SoundOff(std::int64_t lag_ms = 140);
  // The recogniser's view of what is being said; a flush answers with the last one.
  void Partial(std::string_view text);
  // Speaks for `ms` and falls silent; the words are recognised at the end.
  void Says(std::string_view text, std::int64_t ms = 600);
  // Says, and waits until the turn is over.
  void Turn(std::string_view text);
  void Press(std::string_view keys);

  // --- the model: for the reply asked for last
  void Text(std::string_view text);
  void Call(std::string_view name, std::string_view arguments = "{}");
  void Done(call_event::ModelFinish finish = call_event::ModelFinish::kComplete,
            std::int64_t end_silence_ms = 0);
  void Reply(std::string_view text) {
    Text(text);
    Done();
  }
  void FailModel(std::int64_t code = 14) {
    Feed(call_event::ModelDone{reply_, call_event::ModelFinish::kFailed, code, 0, 0});
  }
  void ToolDone(std::string_view text, bool ok = true) {
    Feed(call_event::ToolResult{tool_run_, ok, std::string(text)});
  }

  // --- how the voice and the line behave
  struct Behaviour {
    std::int64_t ms_per_char = 50;
    std::int64_t first_audio_ms = 100;
    bool word_times = false;
    int fail_speeches = 0;            // so many syntheses fail before any audio
    std::int64_t fail_after_ms = -1;  // the next synthesis ends with an error after so much audio
    bool mute = false;                // the synthesizer never answers
    bool lose_marks = false;          // nothing is reported as heard
    bool lose_clears = false;         // nor is a clear answered
    bool answer_flush = true;
    std::int64_t final_ms = 100;  // from a flush to its final
    bool answer_hang_up = true;
  };
  Behaviour behave;

  // --- what came of it
  std::vector<std::string> spoken() const { return spoken_; }  // texts of Speak
  std::vector<std::string> heard() const { return heard_; }    // of Settled, when not empty
  std::vector<std::string> history()
      const;  // "user: ...", "agent: ...", "tool: ..." (without empties)
  const std::vector<CallCommand>& commands() const { return commands_; }
  template <typename Command>
  int Count() const {
    int count = 0;
    for (const CallCommand& command : commands_) count += std::holds_alternative<Command>(command);
    return count;
  }
  template <typename Command>
  const Command& Last() const {
    static const Command none{};
    for (auto one = commands_.rbegin(); one != commands_.rend(); ++one) {
      if (const auto* found = std::get_if<Command>(&*one)) return *found;
    }
    return none;
  }
  int Noticed(call_command::NoticeKind kind) const;
  std::string NoticeText(call_command::NoticeKind kind) const;   // of the last
  std::int64_t NoticeAtMs(call_command::NoticeKind kind) const;  // of the last; -1
  bool finished() const { return audit_.finished; }
  SilenceKind silence() const { return core_.s.silence; }
  std::string states() const { return core_.Describe(); }
  bool Armed(CallTimer timer) const { return timers_.contains(timer); }
  bool talking() const { return sent_ms_ > Position(); }   // the agent is audible
  std::int64_t spoken_at_ms(std::string_view text) const;  // when Speak was given; -1: never
  const std::vector<std::pair<CallEvent, std::vector<CallCommand>>>& steps() const {
    return steps_;
  }
  const CallState& state() const { return core_.s; }

 private:
  struct Synthesis {
    UtteranceId id;
    std::string text;
  };

  void At(std::int64_t us, std::function<void()> what) { agenda_.emplace(us, std::move(what)); }
  void Execute(const CallCommand& command);
  void Fault(const std::string& what, const CallEvent& event);
  void Synthesize();
  void Play(std::int64_t ms);
  void Report();
  std::int64_t Position() const;

  CallCore core_;
  CallAudit audit_;
  std::int64_t now_us_ = 0;
  std::multimap<std::int64_t, std::function<void()>> agenda_;
  std::map<CallTimer, std::int64_t> timers_;
  std::vector<CallEventBody> waiting_;
  bool stepping_ = false;
  std::vector<CallCommand> commands_;
  std::vector<std::pair<CallEvent, std::vector<CallCommand>>> steps_;

  std::string partial_;
  std::string closed_by_flush_;
  bool recogniser_closed_ = true;  // nothing was said since the last final
  std::int64_t last_audio_ms_ = 0;
  ReplyId reply_ = 0;
  ToolRunId tool_run_ = 0;
  std::vector<Synthesis> syntheses_;
  bool synthesizing_ = false;
  std::int64_t generation_ = 0;  // of the synthesizer's work; a cancel starts a new one
  std::int64_t sent_ms_ = 0;
  std::int64_t base_ms_ = 0;
  std::int64_t base_us_ = 0;
  bool reporting_ = false;
  std::vector<std::string> spoken_;
  std::vector<std::pair<std::string, std::int64_t>> spoken_at_;
  std::vector<std::string> heard_;
  std::vector<Message> history_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_AGENT_CALL_RIG_H_
