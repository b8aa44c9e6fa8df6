// What happens inside the calls that the far side takes: rings, somebody answers, asks for the
// owner, hangs up; and how the operator hears of it, or does not.
#ifndef DRAGOMAN_TESTS_TASKS_SIMULATED_PHONE_H_
#define DRAGOMAN_TESTS_TASKS_SIMULATED_PHONE_H_

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/tasks/operator.h"
#include "tests/tasks/faulty_store.h"
#include "tests/tasks/simulated_far_side.h"

namespace dragoman {

// Outlives the processes, as the other end of a line does: a line is the process's that dialled,
// and news of it may come to the next one.
class SimulatedPhone : public GoalCalls {
 public:
  // `stream` of a goal's choices; `broken` is told what does not hold.
  SimulatedPhone(TurnExecutor& executor, Choices& choices, SimulatedFarSide& far,
                 FaultyStore& store, std::function<int(const std::string&)> stream,
                 std::function<void(std::string)> broken)
      : executor_(executor),
        choices_(choices),
        far_(far),
        store_(store),
        stream_(std::move(stream)),
        broken_(std::move(broken)) {}

  void Follow(std::function<void(const CallNews&)> tell) override { tell_ = std::move(tell); }
  void HangUp(const std::string& effect_id) override;
  void Answer(const std::string& effect_id, const std::string& words) override;

  void Dial(const IntentRecord& intent);  // the far side has taken it
  void ProcessDied();
  void CheckHungUp(const std::string& goal);                // it has ended
  std::vector<std::string> Heard(const std::string& goal);  // answers since the last time
  // In the end: what news after an end was about is as it was.
  absl::Status CheckEnds(StoreView& view);

  bool never_hangs_up = false;  // broken on purpose
  std::int64_t calls = 0, answers = 0;

 private:
  enum class Ends { kTold, kNotTold, kToldTwice, kToldLate, kToldFirst };
  struct Call {
    std::string goal, reference;
    int stream = 0;
    std::int64_t process = 0;
    Ends ends = Ends::kTold;
    bool hung_up = false, over = false;
    bool asking = false;  // told, not answered yet
    TimePoint asked{};
    int asks = 0;  // that it still has
  };
  Call* Live(const std::string& effect_id);
  bool Undecided(const Call& call);
  void After(std::chrono::seconds after, const std::string& effect_id,
             void (SimulatedPhone::*what)(const std::string&));
  void Connect(const std::string& effect_id);
  void Ask(const std::string& effect_id);
  void Drop(const std::string& effect_id);
  void End(const std::string& effect_id);
  void Over(const std::string& effect_id, Call& call, std::string why,
            std::optional<std::chrono::seconds> retry_after);
  void Tell(std::chrono::seconds after, CallNews news);
  void NoteEnds(const CallNews& news);

  TurnExecutor& executor_;
  Choices& choices_;
  SimulatedFarSide& far_;
  FaultyStore& store_;
  const std::function<int(const std::string&)> stream_;
  const std::function<void(std::string)> broken_;
  std::function<void(const CallNews&)> tell_;
  std::int64_t process_ = 0;
  std::map<std::string, Call> calls_;                      // by effect
  std::map<std::string, std::vector<std::string>> heard_;  // by goal
  std::map<std::string, IntentState> ended_effects_;       // when news of them came
  std::map<std::string, std::int64_t> ended_goals_;        // the version then
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_SIMULATED_PHONE_H_
