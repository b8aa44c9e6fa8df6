// Forgets everything about one person: goals are ended, files go, then vault and store.
#ifndef DRAGOMAN_SRC_RUNTIME_ERASURE_H_
#define DRAGOMAN_SRC_RUNTIME_ERASURE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/memory/memories.h"
#include "dragoman/memory/vault.h"
#include "dragoman/store/store.h"
#include "dragoman/tasks/operator.h"

namespace dragoman {

// What there is of a person, or was.
struct PersonalThings {
  std::size_t goals = 0, open_goals = 0;
  std::size_t memories = 0;
  std::size_t secrets = 0;
  std::size_t contacts = 0;
  std::vector<std::string> files;  // names of call logs and recordings
  bool held = false;
};

// Only on its executor. One erasure at a time.
class Erasure {
 public:
  // All borrowed; `agent`, `memories` and `vault` may be null.
  struct Parts {
    Operator* agent = nullptr;
    std::function<std::size_t()> calls_under_way;  // may be empty: there are none
    Store* store = nullptr;
    Memories* memories = nullptr;
    Vault* vault = nullptr;
    Executor* executor = nullptr;
    // Logs and recordings: of calls that effects placed, which name them; of calls that were
    // answered, which are all taken for this person's, the owner of the directory.
    std::string calls_folder;
    // Of the other party of calls within the process: all of it is about this person's calls.
    std::string loopback_folder;
  };
  explicit Erasure(Parts parts) : with_(std::move(parts)), wait_(*with_.executor) {}

  using Done = absl::AnyInvocable<void(absl::StatusOr<PersonalThings>)>;
  void Look(const std::string& user, Done done);
  // In this order: what is held is refused (kFailedPrecondition); open goals are cancelled and
  // calls hung up; files are unlinked; vault and store are erased, with a tombstone that refuses
  // what comes late. Killed in between, it may be asked for again: what is gone is gone, and
  // nothing else was lost. `done` gets what there was. kUnavailable: calls do not end, or a file
  // cannot be removed; nothing of the store was erased then.
  void Erase(const std::string& user, Done done);

  bool under_way() const { return under_way_; }

 private:
  struct Run;
  void Begin(const std::shared_ptr<Run>& run);
  void AwaitCalls(const std::shared_ptr<Run>& run, int tries);
  void RemoveFiles(const std::shared_ptr<Run>& run);
  void EraseRows(const std::shared_ptr<Run>& run);
  void Commit(std::vector<Change> changes, std::string_view action, Vault::Ended then);
  void End(const std::shared_ptr<Run>& run, absl::Status status);
  absl::Status Unlink(const PersonalThings& things) const;

  const Parts with_;
  bool under_way_ = false;
  Timer wait_;
  Lifetime lifetime_;
};

// Files in `folder` that belong to these calls, by the effects that placed them.
std::vector<std::string> CallFilesOf(const std::string& folder,
                                     const std::vector<std::string>& effects);
// Logs, recordings and pages in `folder` of calls that no effect placed.
std::vector<std::string> AnsweredCallFiles(const std::string& folder);
// The name that a call's files begin with, up to their first dot.
std::string CallNameOf(const std::string& effect_id);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_ERASURE_H_
