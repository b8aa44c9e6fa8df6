#include "dragoman/tasks/goal_queue.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman {

absl::Status GoalQueueOptions::Validate() const {
  using std::chrono::seconds;
  if (most_running < 1 || most_running > 100'000) {
    return InvalidArgument("most_running is ", most_running, "; expected 1 to 100000");
  }
  if (most_waiting < 1 || most_waiting > 1'000'000) {
    return InvalidArgument("most_waiting is ", most_waiting, "; expected 1 to 1000000");
  }
  if (levels < 1 || levels > 100) {
    return InvalidArgument("levels is ", levels, "; expected 1 to 100");
  }
  if (aging < seconds(1) || aging > seconds(86'400)) {
    return InvalidArgument("aging is ", aging.count(), " s; expected 1 to 86400");
  }
  if (retry_after < seconds(1) || retry_after > most_retry_after) {
    return InvalidArgument("retry_after is ", retry_after.count(),
                           " s; expected 1 to most_retry_after");
  }
  if (most_retry_after > seconds(86'400)) {
    return InvalidArgument("most_retry_after is ", most_retry_after.count(),
                           " s; expected at most 86400");
  }
  return absl::OkStatus();
}

GoalQueue::GoalQueue(GoalQueueOptions options)
    : options_(options), shelves_(static_cast<std::size_t>(options.levels) + 1) {}

// "a -> b -> a", if what `goal` would wait for waits for it. Without recursion: chains are as long
// as the queue.
std::string GoalQueue::CircleThrough(std::string_view goal,
                                     const std::vector<std::string>& after) const {
  std::map<std::string, std::string, std::less<>> came_from;
  std::vector<std::string> open;
  const auto reach = [&](const std::string& id, std::string_view from) {
    if (came_from.emplace(id, from).second) open.push_back(id);
  };
  for (const std::string& id : after) reach(id, goal);
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    if (id == goal) {
      std::vector<std::string> way = {id};
      for (std::string at = came_from[id]; at != goal; at = came_from[at]) way.push_back(at);
      std::string words{goal};
      for (auto step = way.rbegin(); step != way.rend(); ++step) words += StrCat(" -> ", *step);
      return words;
    }
    const auto entry = waiting_.find(id);
    if (entry == waiting_.end()) continue;
    for (const std::string& next : entry->second.after) reach(next, id);
  }
  return "";
}

std::chrono::seconds GoalQueue::RetryAfter() const {
  const auto rounds = static_cast<std::int64_t>(waiting_.size() / options_.most_running) + 1;
  return std::min(options_.retry_after * rounds, options_.most_retry_after);
}

absl::Status GoalQueue::Add(const QueuedGoal& goal, TimePoint now,
                            std::chrono::seconds* retry_after) {
  if (goal.id.empty()) return InvalidArgument("the goal has no id");
  if (IsHere(goal.id)) {
    return InvalidArgument("goal \"", goal.id, "\" is in the queue");
  }
  if (goal.priority < 0 || goal.priority >= options_.levels) {
    return InvalidArgument("priority is ", goal.priority, "; expected 0 to ", options_.levels - 1);
  }
  // Nobody can wait for what was not there, so nothing but itself closes a circle.
  if (std::find(goal.after.begin(), goal.after.end(), goal.id) != goal.after.end()) {
    return InvalidArgument("goals wait for each other in a circle: ", goal.id, " -> ", goal.id);
  }
  if (waiting_.size() >= options_.most_waiting) {
    const std::chrono::seconds wait = RetryAfter();
    if (retry_after != nullptr) *retry_after = wait;
    return ResourceExhausted(waiting_.size(), " goals wait; expected another try in ", wait.count(),
                             " s");
  }
  Entry& entry = waiting_[goal.id];
  entry.priority = goal.priority;
  entry.deadline = goal.deadline.value_or(TimePoint::max());
  entry.number = ++added_;
  for (const std::string& id : goal.after) {
    if (!IsHere(id)) continue;  // it has ended
    entry.after.insert(id);
    followers_[id].insert(goal.id);
  }
  if (entry.after.empty()) MakeReady(goal.id, entry, now);
  return absl::OkStatus();
}

absl::Status GoalQueue::AddDependency(std::string_view goal, std::string_view after) {
  const auto entry = waiting_.find(goal);
  if (entry == waiting_.end()) {
    if (running_.contains(goal) || resting_.contains(goal))
      return FailedPrecondition("goal \"", goal, "\" runs already");
    return NotFound("no goal \"", goal, "\" waits");
  }
  const std::string other(after);
  if (const std::string circle = CircleThrough(goal, {other}); !circle.empty()) {
    return InvalidArgument("goals wait for each other in a circle: ", circle);
  }
  if (!IsHere(other)) return absl::OkStatus();
  if (entry->second.ready) TakeOff(entry->first, entry->second);
  entry->second.ready = false;
  entry->second.after.insert(other);
  followers_[other].insert(entry->first);
  return absl::OkStatus();
}

std::optional<std::string> GoalQueue::Next(TimePoint now) {
  if (running_.size() >= options_.most_running) return std::nullopt;
  Rise(now);
  for (const std::set<Place>& shelf : shelves_) {
    if (shelf.empty()) continue;
    std::string id = shelf.begin()->id;
    const auto entry = waiting_.find(id);
    TakeOff(id, entry->second);
    waiting_.erase(entry);
    running_.insert(id);
    return id;
  }
  return std::nullopt;
}

bool GoalQueue::IsHere(std::string_view goal) const {
  return waiting_.contains(goal) || running_.contains(goal) || resting_.contains(goal);
}

absl::Status GoalQueue::Rest(std::string_view goal) {
  const auto found = running_.find(goal);
  if (found == running_.end()) return NotFound("goal \"", goal, "\" does not run");
  resting_.insert(running_.extract(found));
  return absl::OkStatus();
}

absl::Status GoalQueue::End(std::string_view goal, TimePoint now) {
  std::set<std::string, std::less<>>& from = resting_.contains(goal) ? resting_ : running_;
  const auto found = from.find(goal);
  if (found == from.end()) return NotFound("goal \"", goal, "\" does not run");
  const std::string id = *found;
  from.erase(found);
  Release(id, now);
  return absl::OkStatus();
}

absl::Status GoalQueue::Cancel(std::string_view goal, TimePoint now) {
  const auto found = waiting_.find(goal);
  if (found == waiting_.end()) return NotFound("goal \"", goal, "\" does not wait");
  const std::string id = found->first;
  if (found->second.ready) TakeOff(id, found->second);
  for (const std::string& other : found->second.after) {
    const auto followers = followers_.find(other);
    followers->second.erase(id);
    if (followers->second.empty()) followers_.erase(followers);
  }
  waiting_.erase(found);
  Release(id, now);
  return absl::OkStatus();
}

std::vector<std::string> GoalQueue::WaitsFor(std::string_view goal) const {
  const auto entry = waiting_.find(goal);
  if (entry == waiting_.end()) return {};
  return {entry->second.after.begin(), entry->second.after.end()};
}

// On the first shelf who has waited longest is first, whatever its deadline.
GoalQueue::Place GoalQueue::PlaceOf(const std::string& id, const Entry& entry) const {
  const TimePoint deadline = entry.shelf == 0 ? TimePoint::min() : entry.deadline;
  return {deadline, entry.ready_at, entry.number, id};
}

void GoalQueue::MakeReady(const std::string& id, Entry& entry, TimePoint now) {
  entry.ready = true;
  entry.ready_at = now;
  Shelve(id, entry, static_cast<std::size_t>(entry.priority) + 1);
}

void GoalQueue::Shelve(const std::string& id, Entry& entry, std::size_t shelf) {
  entry.shelf = shelf;
  shelves_[shelf].insert(PlaceOf(id, entry));
  if (shelf == 0) {
    entry.rises_at = TimePoint::max();
    return;
  }
  // Level by level, and from the highest, once all have been waited through, before all others.
  const auto level = static_cast<int>(shelf) - 1;
  const int waited = level > 0 ? entry.priority - level + 1 : options_.levels;
  entry.rises_at = entry.ready_at + options_.aging * waited;
  rises_.emplace(entry.rises_at, id);
}

void GoalQueue::TakeOff(const std::string& id, const Entry& entry) {
  shelves_[entry.shelf].erase(PlaceOf(id, entry));
  rises_.erase({entry.rises_at, id});
}

void GoalQueue::Rise(TimePoint now) {
  while (!rises_.empty() && rises_.begin()->first <= now) {
    const std::string id = rises_.begin()->second;
    Entry& entry = waiting_.find(id)->second;
    TakeOff(id, entry);
    Shelve(id, entry, entry.shelf - 1);
  }
}

void GoalQueue::Release(std::string_view goal, TimePoint now) {
  const auto found = followers_.find(goal);
  if (found == followers_.end()) return;
  for (const std::string& id : found->second) {
    const auto entry = waiting_.find(id);
    if (entry == waiting_.end()) continue;
    entry->second.after.erase(std::string(goal));
    if (entry->second.after.empty()) MakeReady(id, entry->second, now);
  }
  followers_.erase(found);
}

}  // namespace dragoman
