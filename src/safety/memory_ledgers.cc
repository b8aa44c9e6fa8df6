#include "src/safety/memory_ledgers.h"

namespace dragoman {
namespace {

using Key = std::pair<std::string, std::string>;

}  // namespace

std::unique_ptr<CallLedger> MakeMemoryCallLedger() {
  return std::make_unique<safety::MemoryCallLedger>();
}
std::unique_ptr<RepeatLedger> MakeMemoryRepeatLedger() {
  return std::make_unique<safety::MemoryRepeatLedger>();
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
