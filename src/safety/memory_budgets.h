// Budgets in memory, on their own and as what a store-backed ledger answers from.
#ifndef DRAGOMAN_SRC_SAFETY_MEMORY_BUDGETS_H_
#define DRAGOMAN_SRC_SAFETY_MEMORY_BUDGETS_H_

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/ledgers.h"

namespace dragoman::safety {

struct HeldReservation {
  std::vector<std::string> accounts;
  Amounts amounts;
};

inline std::int64_t AmountOfCurrency(const std::vector<Money>& money, std::string_view currency) {
  for (const Money& amount : money) {
    if (amount.currency == currency) return amount.hundredths;
  }
  return 0;
}

inline Amounts Negative(Amounts amounts) {
  for (Money& money : amounts.money) money.hundredths = -money.hundredths;
  amounts.calls = -amounts.calls;
  amounts.minutes = -amounts.minutes;
  amounts.messages = -amounts.messages;
  amounts.tokens = -amounts.tokens;
  amounts.steps = -amounts.steps;
  return amounts;
}

class MemoryBudgetLedger : public BudgetLedger {
 public:
  absl::StatusOr<std::string> Reserve(const std::vector<BudgetAccount>& accounts,
                                      const Amounts& worst_case) override {
    std::string id;
    {
      const MutexLock lock(mutex_);
      id = StrCat("r", ++last_);
    }
    DRAGOMAN_RETURN_IF_ERROR(ReserveAs(id, accounts, worst_case));
    return id;
  }

  // `id` is new.
  absl::Status ReserveAs(const std::string& id, const std::vector<BudgetAccount>& accounts,
                         const Amounts& worst_case) {
    const MutexLock lock(mutex_);
    DRAGOMAN_RETURN_IF_ERROR(CheckLocked(accounts, worst_case));
    HeldReservation reservation{.accounts = {}, .amounts = worst_case};
    for (const BudgetAccount& account : accounts) {
      used_[account.key] = Add(used_[account.key], worst_case);
      reservation.accounts.push_back(account.key);
    }
    open_.emplace(id, std::move(reservation));
    return absl::OkStatus();
  }

  // What an earlier process left: what is used, with what is reserved of it.
  void RestoreUsed(const std::string& account, const Amounts& used) {
    const MutexLock lock(mutex_);
    used_[account] = used;
  }
  void RestoreOpen(const std::string& id, HeldReservation reservation) {
    const MutexLock lock(mutex_);
    open_[id] = std::move(reservation);
  }

  absl::Status Check(const std::vector<BudgetAccount>& accounts,
                     const Amounts& worst_case) const override {
    const MutexLock lock(mutex_);
    return CheckLocked(accounts, worst_case);
  }

  absl::Status Settle(std::string_view reservation, const Amounts& actual) override {
    const MutexLock lock(mutex_);
    const auto found = open_.find(reservation);
    if (found == open_.end()) return NotFound("no open reservation ", reservation);
    for (const std::string& account : found->second.accounts) {
      used_[account] = Add(Add(used_[account], Negative(found->second.amounts)), actual);
    }
    open_.erase(found);
    return absl::OkStatus();
  }

  void Forget(std::string_view account) override {
    const MutexLock lock(mutex_);
    for (const auto& [id, reservation] : open_) {
      for (const std::string& held : reservation.accounts) {
        if (held == account) return;
      }
    }
    if (const auto found = used_.find(account); found != used_.end()) used_.erase(found);
  }

  Amounts Used(std::string_view account) const override {
    const MutexLock lock(mutex_);
    const auto found = used_.find(account);
    return found == used_.end() ? Amounts{} : found->second;
  }

 private:
  absl::Status CheckLocked(const std::vector<BudgetAccount>& accounts, const Amounts& more) const
      DRAGOMAN_REQUIRES(mutex_) {
    static const Amounts kNothing;
    for (const BudgetAccount& account : accounts) {
      const auto found = used_.find(account.key);
      const Amounts& used = found == used_.end() ? kNothing : found->second;
      DRAGOMAN_RETURN_IF_ERROR(Room(account, used, more));
      if (more.calls > 0 && account.parallel_calls > 0 &&
          OpenCalls(account.key) >= account.parallel_calls) {
        return ResourceExhausted(account.key, " has ", account.parallel_calls,
                                 " calls open; no more at once");
      }
    }
    return absl::OkStatus();
  }

  // `used + more` cannot overflow: both are bounded by limits or by a billion.
  static absl::Status Room(const BudgetAccount& account, const Amounts& used, const Amounts& more) {
    struct Row {
      std::string_view what;
      std::int64_t used, more, limit;
    };
    const Row rows[] = {
        {"calls", used.calls, more.calls, account.limits.calls},
        {"minutes", used.minutes, more.minutes, account.limits.minutes},
        {"messages", used.messages, more.messages, account.limits.messages},
        {"tokens", used.tokens, more.tokens, account.limits.tokens},
        {"steps", used.steps, more.steps, account.limits.steps},
    };
    for (const Row& row : rows) {
      if (row.more < 0) return InvalidArgument("a reservation of ", row.more, " ", row.what);
      if (row.more > 0 && row.more > row.limit - row.used) {
        return ResourceExhausted(account.key, ": ", row.more, " ", row.what, " more than ",
                                 row.used, " of ", row.limit);
      }
    }
    for (const Money& money : more.money) {
      const std::int64_t limit = AmountOfCurrency(account.limits.money, money.currency);
      const std::int64_t spent = AmountOfCurrency(used.money, money.currency);
      if (money.hundredths < 0) return InvalidArgument("a reservation of ", FormatMoney(money));
      if (money.hundredths > 0 && money.hundredths > limit - spent) {
        return ResourceExhausted(account.key, ": ", FormatMoney(money), " more than ",
                                 FormatMoney({spent, money.currency}), " of ",
                                 FormatMoney({limit, money.currency}));
      }
    }
    return absl::OkStatus();
  }

  int OpenCalls(std::string_view account) const DRAGOMAN_REQUIRES(mutex_) {
    int calls = 0;
    for (const auto& [id, reservation] : open_) {
      if (reservation.amounts.calls > 0 &&
          std::find(reservation.accounts.begin(), reservation.accounts.end(), account) !=
              reservation.accounts.end()) {
        ++calls;
      }
    }
    return calls;
  }

  mutable Mutex mutex_;
  std::map<std::string, Amounts, std::less<>> used_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<std::string, HeldReservation, std::less<>> open_ DRAGOMAN_GUARDED_BY(mutex_);
  std::uint64_t last_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_MEMORY_BUDGETS_H_
