// Mail, post, phone, bank and notes in memory: they outlive the processes that write to them, and
// know what was really done.
#ifndef DRAGOMAN_TESTS_TASKS_SIMULATED_FAR_SIDE_H_
#define DRAGOMAN_TESTS_TASKS_SIMULATED_FAR_SIDE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/store/effect_journal.h"
#include "dragoman/tools/tool.h"
#include "tests/tasks/simulation_choices.h"
#include "tests/tasks/turn_executor.h"

namespace dragoman {

std::vector<ToolSpec> SimulatedSpecs();  // all but `look_up`, which is run
ToolSpec SimulatedLookSpec();

class SimulatedFarSide : public EffectSender {
 public:
  struct Deed {
    int dispatches = 0;
    bool done = false;
    TimePoint undecided_until{};  // taken, or on its way: done or not from then on
    bool done_then = false;
    TimePoint sent{};
    int lookup = -1, lookups = 0;  // how it is looked up; -1: not chosen yet
    int poll = -1, polls = 0;
  };
  // `stream` of a goal's choices; `check` is called before anything else of a dispatch.
  SimulatedFarSide(TurnExecutor& executor, Choices& choices,
                   std::function<int(const std::string&)> stream,
                   std::function<void(const IntentRecord&, const Deed&)> check)
      : executor_(executor),
        choices_(choices),
        stream_(std::move(stream)),
        check_(std::move(check)) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override;
  void LookUp(const IntentRecord& intent, WallTime, WallTime,
              absl::AnyInvocable<void(LookupResult)> done) override;
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override;

  // Brings what was undecided up to now.
  const Deed& At(const std::string& reference);
  bool WasDone(const std::string& reference) { return At(reference).done; }
  // What was undecided is not any more.
  void Decide(const std::string& reference, bool done);
  std::function<void(const IntentRecord&)> on_call;  // one was taken; `At` says until when

  std::int64_t dispatches = 0;

 private:
  template <typename Result>
  using Answer = std::shared_ptr<absl::AnyInvocable<void(Result)>>;
  template <typename Result>
  void Say(Answer<Result> answer, Result result, std::chrono::microseconds after);
  void SayTwice(const Answer<SendResult>& answer, SendResult first, SendResult second);
  void Misbehave(const IntentRecord& intent, int stream, Deed& deed,
                 const Answer<SendResult>& answer);
  void Take(const IntentRecord& intent, int stream, Deed& deed, const Answer<SendResult>& answer);

  TurnExecutor& executor_;
  Choices& choices_;
  const std::function<int(const std::string&)> stream_;
  const std::function<void(const IntentRecord&, const Deed&)> check_;
  std::map<std::string, Deed> deeds_;  // by client reference
};

// `look_up`: run by the process itself, so that it dies with it.
class SimulatedLook : public Tool {
 public:
  SimulatedLook(TurnExecutor& executor, Choices& choices,
                std::function<int(const std::string&)> stream)
      : executor_(executor), choices_(choices), stream_(std::move(stream)) {}
  const ToolSpec& spec() const override { return spec_; }
  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override;
  std::map<std::string, int> answered;  // by effect key

 private:
  TurnExecutor& executor_;
  Choices& choices_;
  const std::function<int(const std::string&)> stream_;
  const ToolSpec spec_ = SimulatedLookSpec();
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_SIMULATED_FAR_SIDE_H_
