// A real store with a bad disk before it.
#ifndef DRAGOMAN_TESTS_TASKS_FAULTY_STORE_H_
#define DRAGOMAN_TESTS_TASKS_FAULTY_STORE_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "dragoman/store/store.h"
#include "tests/tasks/simulation_choices.h"
#include "tests/tasks/turn_executor.h"

namespace dragoman {

// The process is no more: thrown at the moment it dies, caught by whoever simulates it.
struct ProcessDies {};

// What is refused, slow, kept or lost is the choices' to say; all within the contract of Store.
// Answers to `executor` come in the order of the commits. One thread at a time.
class FaultyStore : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> inner, TurnExecutor& executor, Choices& choices)
      : inner_(std::move(inner)), executor_(executor), choices_(choices) {}

  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override;
  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override;

  void Reopen() { broken_ = dying_ = false; }  // by the next process
  // The process has died in a commit. Somebody may have caught that: he gets no further.
  bool dying() const { return dying_; }
  bool broken() const { return broken_; }
  // Until when something of it failed.
  TimePoint troubled() const { return std::max(troubled_, down_until_); }
  // Past all faults, at once.
  absl::Status Look(StoreReading reading);

  bool may_die = false;  // a commit may throw ProcessDies
  std::int64_t commits = 0;

 private:
  using Result = absl::StatusOr<Committed>;
  [[noreturn]] void DieHere() {
    dying_ = true;
    throw ProcessDies();
  }
  Result Write(StoreTransaction transaction);
  Result Decide(StoreTransaction transaction);

  std::unique_ptr<Store> inner_;
  TurnExecutor& executor_;
  Choices& choices_;
  TimePoint answered_{};  // no answer comes before that of an earlier commit
  TimePoint down_until_{}, troubled_{};
  bool broken_ = false, dying_ = false;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_FAULTY_STORE_H_
