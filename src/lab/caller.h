// The simulated caller: plays a scenario over a carrier's protocol and records what came back.
#ifndef DRAGOMAN_SRC_LAB_CALLER_H_
#define DRAGOMAN_SRC_LAB_CALLER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/lab/caller_record.h"
#include "dragoman/lab/scenario.h"
#include "src/lab/caller_line.h"
#include "src/lab/caller_playout.h"
#include "src/lab/caller_voice.h"
#include "src/lab/script_player.h"
#include "src/lab/sounds.h"
#include "src/lab/uplink.h"

namespace dragoman::lab {

// Times of what the agent owes the caller: a sound after each of the caller's turns, and while a
// tool runs. Pure; one thread at a time.
class SilenceDebt {
 public:
  void CallerBegins();                 // speaking: nothing is owed meanwhile
  void CallerEnded(milliseconds now);  // and expects an answer
  void ToolRuns() { ++tools_; }
  void ToolReturned();
  void Tick(milliseconds now, bool audible);

  milliseconds longest() const { return longest_; }
  milliseconds longest_at() const { return longest_at_; }  // when it began

 private:
  int tools_ = 0;
  bool talked_over_ = false;  // the agent was talking when the caller ended: it must stop first
  bool ever_audible_ = false;
  milliseconds last_audible_{0};
  std::optional<milliseconds> since_;
  milliseconds longest_{0};
  milliseconds longest_at_{0};
};

// Only on its executor. The scenario is borrowed.
class Caller {
 public:
  using OpenLine = absl::AnyInvocable<std::unique_ptr<CallerLine>(CallerLine::Callbacks)>;
  // Told where the caller's words lie, in samples from the start of the call, as they are begun.
  using OnWords = absl::AnyInvocable<void(const std::vector<TimedWord>&)>;

  // Renders every line first: blocks.
  static absl::StatusOr<std::unique_ptr<Caller>> Create(const Scenario& scenario,
                                                        CallerVoice& voice, Executor& executor);

  void Start(OpenLine open, OnWords on_words, absl::AnyInvocable<void()> on_done);

  // What the agent's side tells (its text cannot be had from the line).
  void AgentSays(std::int64_t utterance, std::string_view sentence);
  void AgentHeard(std::int64_t utterance, std::string_view heard);
  void ToolRuns(std::string_view name);
  void ToolReturned();
  void Interrupted();  // the agent decided to stop talking

  const CallerRecord& record() const { return record_; }
  CallerRecord TakeRecord() { return std::move(record_); }

 private:
  Caller(const Scenario& scenario, Executor& executor);

  void Opened();
  void Tick();
  void PlayAgent(std::span<std::int16_t> heard);
  void Begin(const Step& step, milliseconds now);
  void FillFrame(std::span<std::int16_t> frame);
  void MixEcho(std::span<std::int16_t> frame);
  void WatchInterruption(milliseconds now, bool audible);
  void EndOfDeed(milliseconds now);
  void ReturnMarks(const std::vector<std::string>& marks);
  void Clear();
  void WhenNotStalled(absl::AnyInvocable<void()> action);
  void Close(absl::Status status);
  void HangUp();
  milliseconds Now() const;

  const Scenario& scenario_;
  Executor& executor_;
  std::map<const Step*, Clip> clips_;
  ScriptPlayer player_;
  CallerPlayout playout_;
  NoiseSource noise_;
  Uplink uplink_;
  SilenceDebt debt_;
  OnWords on_words_;
  absl::AnyInvocable<void()> on_done_;
  std::unique_ptr<CallerLine> line_;

  TimePoint start_{};
  std::uint64_t frame_ = 0;
  const Step* deed_ = nullptr;  // under way
  const Clip* clip_ = nullptr;
  std::size_t clip_at_ = 0;
  std::uint64_t deed_ends_ = 0;  // frame number
  std::size_t next_key_ = 0;
  std::optional<milliseconds> decided_at_;  // an interruption whose silence has not come yet
  milliseconds last_audible_{0};
  bool closed_ = false;
  bool leaving_ = false;
  CallerRecord record_;
  Timer ticks_;
  Timer give_up_;
  Lifetime lifetime_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_CALLER_H_
