#include <deque>
#include <map>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/ledgers.h"

namespace dragoman {
namespace {

using Key = std::pair<std::string, std::string>;
using Times = std::deque<WallTime>;

// A time in the future (the wall clock was set back) counts as now: caps never loosen by it.
int CountSince(const Times& times, WallTime since) {
  int count = 0;
  for (WallTime time : times) count += time > since ? 1 : 0;
  return count;
}

class MemoryCallLedger : public CallLedger {
 public:
  absl::Status TryAttempt(std::string_view tenant, std::string_view user, std::string_view number,
                          const AttemptCaps& caps, WallTime now) override {
    const MutexLock lock(mutex_);
    DRAGOMAN_RETURN_IF_ERROR(CheckLocked(tenant, user, number, caps, now));
    Note(by_number_[{std::string(tenant), std::string(number)}], now);
    Note(by_user_[{std::string(tenant), std::string(user)}], now);
    return absl::OkStatus();
  }

  absl::Status CheckAttempt(std::string_view tenant, std::string_view user, std::string_view number,
                            const AttemptCaps& caps, WallTime now) const override {
    const MutexLock lock(mutex_);
    return CheckLocked(tenant, user, number, caps, now);
  }

  absl::Status Block(std::string_view tenant, std::string_view number, std::string_view why,
                     WallTime now) override {
    const MutexLock lock(mutex_);
    blocked_.emplace(Key{tenant, number}, std::pair{std::string(why), now});
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<std::string>> Blocked(std::string_view tenant,
                                                     std::string_view number) const override {
    const MutexLock lock(mutex_);
    const auto found = blocked_.find(Key{tenant, number});
    if (found == blocked_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second.first);
  }

  absl::Status RecordConsent(std::string_view tenant, std::string_view number,
                             const Consent& consent) override {
    const MutexLock lock(mutex_);
    consents_[Key{tenant, number}] = consent;
    return absl::OkStatus();
  }

  absl::StatusOr<Consent> ConsentOf(std::string_view tenant,
                                    std::string_view number) const override {
    const MutexLock lock(mutex_);
    const auto found = consents_.find(Key{tenant, number});
    return found == consents_.end() ? Consent{} : found->second;
  }

 private:
  static void Note(Times& times, WallTime now) {
    while (!times.empty() && times.front() <= now - std::chrono::hours(24)) times.pop_front();
    times.push_back(now);
  }

  static int Count(const std::map<Key, Times>& table, const Key& key, WallTime since) {
    const auto found = table.find(key);
    return found == table.end() ? 0 : CountSince(found->second, since);
  }

  absl::Status CheckLocked(std::string_view tenant, std::string_view user, std::string_view number,
                           const AttemptCaps& caps, WallTime now) const DRAGOMAN_REQUIRES(mutex_) {
    const WallTime hour = now - std::chrono::hours(1);
    const WallTime day = now - std::chrono::hours(24);
    const Key by_number{tenant, number};
    const Key by_user{tenant, user};
    struct Row {
      int made, cap;
      std::string_view what;
    };
    const Row rows[] = {
        {Count(by_number_, by_number, hour), caps.number_per_hour, "to this number in an hour"},
        {Count(by_number_, by_number, day), caps.number_per_day, "to this number in 24 hours"},
        {Count(by_user_, by_user, hour), caps.user_per_hour, "by this user in an hour"},
        {Count(by_user_, by_user, day), caps.user_per_day, "by this user in 24 hours"},
    };
    for (const Row& row : rows) {
      if (row.made >= row.cap)
        return ResourceExhausted(row.made, " calls ", row.what, "; at most ", row.cap);
    }
    return absl::OkStatus();
  }

  mutable Mutex mutex_;
  std::map<Key, Times> by_number_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<Key, Times> by_user_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<Key, std::pair<std::string, WallTime>> blocked_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<Key, Consent> consents_ DRAGOMAN_GUARDED_BY(mutex_);
};

class MemoryRepeatLedger : public RepeatLedger {
 public:
  absl::Status TryCall(std::string_view goal, std::string_view digest, int most) override {
    const MutexLock lock(mutex_);
    int& count = counts_[std::string(goal)][std::string(digest)];
    if (count >= most) return TooOften(count);
    ++count;
    return absl::OkStatus();
  }

  absl::Status CheckCall(std::string_view goal, std::string_view digest, int most) const override {
    const MutexLock lock(mutex_);
    const auto found = counts_.find(goal);
    if (found == counts_.end()) return most > 0 ? absl::OkStatus() : TooOften(0);
    const auto count = found->second.find(digest);
    const int made = count == found->second.end() ? 0 : count->second;
    return made < most ? absl::OkStatus() : TooOften(made);
  }

  void Progress(std::string_view goal) override {
    const MutexLock lock(mutex_);
    const auto found = counts_.find(goal);
    if (found != counts_.end()) counts_.erase(found);
  }

 private:
  static absl::Status TooOften(int count) {
    return ResourceExhausted("the same call was made ", count, " times without progress");
  }

  mutable Mutex mutex_;
  std::map<std::string, std::map<std::string, int, std::less<>>, std::less<>> counts_
      DRAGOMAN_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<CallLedger> MakeMemoryCallLedger() { return std::make_unique<MemoryCallLedger>(); }
std::unique_ptr<RepeatLedger> MakeMemoryRepeatLedger() {
  return std::make_unique<MemoryRepeatLedger>();
}

class KillSwitch::State {
 public:
  mutable Mutex mutex;
  std::optional<std::string> all DRAGOMAN_GUARDED_BY(mutex);
  std::map<std::string, std::string, std::less<>> tenants DRAGOMAN_GUARDED_BY(mutex);
  std::map<Key, std::string> goals DRAGOMAN_GUARDED_BY(mutex);
};

KillSwitch::KillSwitch() : state_(std::make_unique<State>()) {}
KillSwitch::~KillSwitch() = default;

void KillSwitch::StopAll(std::string why) {
  const MutexLock lock(state_->mutex);
  state_->all = std::move(why);
}

void KillSwitch::StopTenant(std::string_view tenant, std::string why) {
  const MutexLock lock(state_->mutex);
  state_->tenants[std::string(tenant)] = std::move(why);
}

void KillSwitch::StopGoal(std::string_view tenant, std::string_view goal, std::string why) {
  const MutexLock lock(state_->mutex);
  state_->goals[Key{tenant, goal}] = std::move(why);
}

void KillSwitch::Resume() {
  const MutexLock lock(state_->mutex);
  state_->all.reset();
  state_->tenants.clear();
  state_->goals.clear();
}

std::optional<std::string> KillSwitch::Stopped(std::string_view tenant,
                                               std::string_view goal) const {
  const MutexLock lock(state_->mutex);
  if (state_->all) return StrCat("everything is stopped: ", *state_->all);
  const auto of_tenant = state_->tenants.find(tenant);
  if (of_tenant != state_->tenants.end()) return StrCat("stopped: ", of_tenant->second);
  const auto of_goal = state_->goals.find(Key{tenant, goal});
  if (of_goal != state_->goals.end()) return StrCat("this goal is stopped: ", of_goal->second);
  return std::nullopt;
}

class MemoryDecisionLog::State {
 public:
  explicit State(std::size_t most) : most(most) {}
  const std::size_t most;
  mutable Mutex mutex;
  std::deque<DecisionRecord> records DRAGOMAN_GUARDED_BY(mutex);
};

MemoryDecisionLog::MemoryDecisionLog(std::size_t most) : state_(std::make_unique<State>(most)) {}
MemoryDecisionLog::~MemoryDecisionLog() = default;

absl::Status MemoryDecisionLog::Record(const DecisionRecord& record) {
  const MutexLock lock(state_->mutex);
  state_->records.push_back(record);
  if (state_->records.size() > state_->most) state_->records.pop_front();
  return absl::OkStatus();
}

std::vector<DecisionRecord> MemoryDecisionLog::records() const {
  const MutexLock lock(state_->mutex);
  return {state_->records.begin(), state_->records.end()};
}

}  // namespace dragoman
