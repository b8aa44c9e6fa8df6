// How an operation of the vault goes: its turn, what it reads, what it commits, what is audited.
#ifndef DRAGOMAN_SRC_MEMORY_SEALED_VAULT_RUN_H_
#define DRAGOMAN_SRC_MEMORY_SEALED_VAULT_RUN_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "dragoman/core/status.h"
#include "src/memory/sealed_vault.h"

namespace dragoman::memory {

inline constexpr std::size_t kMostWaiting = 1000;

// `prepare` decides over what was read and touches nothing; what it plans is one transaction with
// its audit entry. A failure is audited too, before it is told.
template <typename Result, typename Prepare>
void SealedVault::Run(Naming naming_in, std::optional<std::pair<std::string, std::string>> only,
                      Prepare prepare_in, Done<Result> done_in) {
  auto naming = std::make_shared<Naming>(std::move(naming_in));
  auto prepare = std::make_shared<Prepare>(std::move(prepare_in));
  auto done = std::make_shared<Done<Result>>(std::move(done_in));
  if (waiting_.size() >= kMostWaiting) {
    with_.executor->Post(lifetime_.Wrap([done] {
      (*done)(ResourceExhausted(kMostWaiting, " operations wait for the vault; try again later"));
    }));
    return;
  }
  Enqueue([this, naming, only = std::move(only), prepare, done](TurnHolder turn) {
    if (naming->user.empty() || naming->user.front() == '~' || naming->user.size() > kMaxKeyBytes) {
      return (*done)(InvalidArgument("user is no user; expected 1 to ", kMaxKeyBytes,
                                     " bytes that do not begin with '~'"));
    }
    ReadUser(naming->user, only, turn,
             [this, naming, prepare, done, turn](absl::StatusOr<UserRead> read) {
               if (!read.ok()) return (*done)(read.status());
               absl::StatusOr<Plan<Result>> plan = (*prepare)(*read);
               if (!plan.ok()) return Fail(naming, plan.status(), turn, done);
               Keep(naming, *std::move(plan), turn, done);
             });
  });
}

template <typename Result>
void SealedVault::Keep(const std::shared_ptr<Naming>& naming, Plan<Result> plan, TurnHolder turn,
                       std::shared_ptr<Done<Result>> done) {
  auto kept = std::make_shared<Plan<Result>>(std::move(plan));
  Commit(std::move(kept->changes), Audit(*naming, absl::OkStatus()), turn,
         [this, naming, kept, done, turn](const absl::Status& committed) {
           if (!committed.ok()) {
             ring_.Forget(naming->user);  // a key that was made for it is nobody's
             return (*done)(committed);
           }
           absl::Status noted;
           if (kept->seen) noted = witness_->NoteSeen(naming->user, *kept->seen);
           auto tell = [kept, done, noted, turn] {
             if (noted.ok()) return (*done)(std::move(kept->result));
             (*done)(Annotate(noted, "it was kept, but its witness was not"));
           };
           if (!kept->alters) return tell();
           Refresh(naming->user, turn, std::move(tell));
         });
}

template <typename Result>
void SealedVault::Fail(const std::shared_ptr<Naming>& naming, absl::Status why, TurnHolder turn,
                       std::shared_ptr<Done<Result>> done) {
  Commit({}, Audit(*naming, why), turn, [why, done, turn](const absl::Status&) { (*done)(why); });
}

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_SEALED_VAULT_RUN_H_
