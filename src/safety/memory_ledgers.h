// Attempts, lists and repeats in memory, on their own and as what store-backed ledgers answer from.
#ifndef DRAGOMAN_SRC_SAFETY_MEMORY_LEDGERS_H_
#define DRAGOMAN_SRC_SAFETY_MEMORY_LEDGERS_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/ledgers.h"

namespace dragoman::safety {

using LedgerKey = std::pair<std::string, std::string>;
using AttemptTimes = std::deque<WallTime>;

// A time in the future (the wall clock was set back) counts as now: caps never loosen by it.
inline int CountSince(const AttemptTimes& times, WallTime since) {
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
  // What an earlier process counted, oldest first.
  void RestoreAttempt(std::string_view tenant, std::string_view user, std::string_view number,
                      WallTime at) {
    const MutexLock lock(mutex_);
    by_number_[{std::string(tenant), std::string(number)}].push_back(at);
    by_user_[{std::string(tenant), std::string(user)}].push_back(at);
  }

  absl::Status CheckAttempt(std::string_view tenant, std::string_view user, std::string_view number,
                            const AttemptCaps& caps, WallTime now) const override {
    const MutexLock lock(mutex_);
    return CheckLocked(tenant, user, number, caps, now);
  }

  absl::Status Block(std::string_view tenant, std::string_view number, std::string_view why,
                     WallTime now) override {
    const MutexLock lock(mutex_);
    blocked_.emplace(LedgerKey{tenant, number}, std::pair{std::string(why), now});
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<std::string>> Blocked(std::string_view tenant,
                                                     std::string_view number) const override {
    const MutexLock lock(mutex_);
    const auto found = blocked_.find(LedgerKey{tenant, number});
    if (found == blocked_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second.first);
  }

  absl::Status RecordConsent(std::string_view tenant, std::string_view number,
                             const Consent& consent) override {
    const MutexLock lock(mutex_);
    consents_[LedgerKey{tenant, number}] = consent;
    return absl::OkStatus();
  }

  absl::StatusOr<Consent> ConsentOf(std::string_view tenant,
                                    std::string_view number) const override {
    const MutexLock lock(mutex_);
    const auto found = consents_.find(LedgerKey{tenant, number});
    return found == consents_.end() ? Consent{} : found->second;
  }

 private:
  static void Note(AttemptTimes& times, WallTime now) {
    while (!times.empty() && times.front() <= now - std::chrono::hours(24)) times.pop_front();
    times.push_back(now);
  }

  static int Count(const std::map<LedgerKey, AttemptTimes>& table, const LedgerKey& key,
                   WallTime since) {
    const auto found = table.find(key);
    return found == table.end() ? 0 : CountSince(found->second, since);
  }

  absl::Status CheckLocked(std::string_view tenant, std::string_view user, std::string_view number,
                           const AttemptCaps& caps, WallTime now) const DRAGOMAN_REQUIRES(mutex_) {
    const WallTime hour = now - std::chrono::hours(1);
    const WallTime day = now - std::chrono::hours(24);
    const LedgerKey by_number{tenant, number};
    const LedgerKey by_user{tenant, user};
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
  std::map<LedgerKey, AttemptTimes> by_number_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<LedgerKey, AttemptTimes> by_user_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<LedgerKey, std::pair<std::string, WallTime>> blocked_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<LedgerKey, Consent> consents_ DRAGOMAN_GUARDED_BY(mutex_);
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

  int CountOf(std::string_view goal, std::string_view digest) const {
    const MutexLock lock(mutex_);
    const auto found = counts_.find(goal);
    if (found == counts_.end()) return 0;
    const auto count = found->second.find(digest);
    return count == found->second.end() ? 0 : count->second;
  }
  void Restore(const std::string& goal, const std::string& digest, int count) {
    const MutexLock lock(mutex_);
    counts_[goal][digest] = count;
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

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_MEMORY_LEDGERS_H_
