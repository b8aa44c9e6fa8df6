// Which goal runs next: priorities with aging, deadlines, goals that wait for others, a bound.
#ifndef DRAGOMAN_TASKS_GOAL_QUEUE_H_
#define DRAGOMAN_TASKS_GOAL_QUEUE_H_

#include <chrono>
#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT GoalQueueOptions {
  std::size_t most_running = 16;      // goals that run at once
  std::size_t most_waiting = 10'000;  // those beyond it are refused
  int levels = 5;                     // priorities 0 (the highest) to levels - 1
  // A goal that may start rises one level for each that it has waited (THREATS.md, section 1).
  std::chrono::seconds aging{30};
  // What a refused caller is told, for each time that all places were taken anew by those who wait.
  std::chrono::seconds retry_after{1};
  std::chrono::seconds most_retry_after{300};

  absl::Status Validate() const;  // kInvalidArgument naming the field and range
};

// A goal that would run.
struct DRAGOMAN_EXPORT QueuedGoal {
  std::string id;                     // not empty, not in the queue
  int priority = 2;                   // 0 to levels - 1
  std::optional<TimePoint> deadline;  // the nearest first within a level; none: last
  std::vector<std::string> after;     // ids of goals that must have ended; unknown ones are ended
};

// Deterministic: what it gives depends on the calls and the times passed in, which never go back;
// it reads no clock. One thread at a time. Everything takes logarithmic time in the number of
// goals, but AddDependency, which walks through what those depend on.
//
// A goal that may start stands at its level, which is its priority less the times `aging` that it
// has waited, and not above 0. Of the highest level the nearest deadline is first, then who could
// start earliest, then who was added earliest. A goal of priority p therefore stands at level 0
// after p times `aging`; from then on only goals that stand there too and have a nearer deadline,
// or could start earlier, run before it. So that an endless stream of near deadlines does not
// starve it, one that has waited for `levels` times `aging` goes before all that have not.
class DRAGOMAN_EXPORT GoalQueue {
 public:
  explicit GoalQueue(GoalQueueOptions options = {});

  // kInvalidArgument: no id, one that is there, a priority out of range, or a circle, which is
  // named "a -> b -> a". kResourceExhausted: the queue is full; `retry_after`, if given, becomes
  // the time after which another attempt is sensible. Nothing was taken then.
  absl::Status Add(const QueuedGoal& goal, TimePoint now,
                   std::chrono::seconds* retry_after = nullptr);
  // A goal that is in the queue waits for another as well; not once it runs. Errors as above,
  // kNotFound and kFailedPrecondition.
  absl::Status AddDependency(std::string_view goal, std::string_view after);

  // The next goal, which runs from now on; none: nothing may start, or enough run.
  std::optional<std::string> Next(TimePoint now);
  // A goal that runs waits for somebody: it gives its place to another, has not ended, and goes on
  // without a place of its own. kNotFound: it does not run.
  absl::Status Rest(std::string_view goal);
  // A goal that an earlier process began is here as one that rests.
  void Resume(std::string goal) { resting_.insert(std::move(goal)); }
  // A goal that ran or rested has ended, however. Goals that waited for it may start from now on.
  // Those that need more of it than its end are told so by their own plan. kNotFound: it does not
  // run.
  absl::Status End(std::string_view goal, TimePoint now);
  // A goal that waits is taken out, which ends it. kNotFound: it does not wait.
  absl::Status Cancel(std::string_view goal, TimePoint now);

  std::size_t waiting() const { return waiting_.size(); }
  std::size_t running() const { return running_.size(); }
  // What `goal` still waits for: ids; empty: nothing, or it is not here.
  std::vector<std::string> WaitsFor(std::string_view goal) const;

 private:
  struct Entry {
    int priority = 0;
    TimePoint deadline;  // max: none
    std::size_t number = 0;
    std::set<std::string, std::less<>> after;
    // Once it may start.
    bool ready = false;
    TimePoint ready_at;
    std::size_t shelf = 0;
    TimePoint rises_at;  // to the next shelf; max: it is on the first
  };
  using Waiting = std::map<std::string, Entry, std::less<>>;
  struct Place {
    TimePoint deadline, ready_at;
    std::size_t number = 0;
    std::string id;
    auto operator<=>(const Place&) const = default;
  };

  bool IsHere(std::string_view goal) const;
  std::string CircleThrough(std::string_view goal, const std::vector<std::string>& after) const;
  std::chrono::seconds RetryAfter() const;
  Place PlaceOf(const std::string& id, const Entry& entry) const;
  void MakeReady(const std::string& id, Entry& entry, TimePoint now);
  void Shelve(const std::string& id, Entry& entry, std::size_t shelf);
  void TakeOff(const std::string& id, const Entry& entry);
  void Rise(TimePoint now);
  void Release(std::string_view goal, TimePoint now);

  GoalQueueOptions options_;
  Waiting waiting_;
  std::set<std::string, std::less<>> running_, resting_;
  // Those that may start: [0] before all others, then level by level.
  std::vector<std::set<Place>> shelves_;
  std::set<std::pair<TimePoint, std::string>> rises_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> followers_;
  std::size_t added_ = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_GOAL_QUEUE_H_
