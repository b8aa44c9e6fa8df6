// What is removed by its date, and the sweeper that removes it.
#ifndef DRAGOMAN_SRC_RUNTIME_RETENTION_H_
#define DRAGOMAN_SRC_RUNTIME_RETENTION_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/log.h"
#include "dragoman/store/store.h"

namespace dragoman {

// In days from the end of a call, the end of a goal, the making of a memory; 0: kept for good.
// Calls that goals placed and calls that were answered are alike.
struct RetentionSettings {
  int recordings = 30;  // <name>.audio, <name>.wav and <name>.html: a page holds the audio
  int call_logs = 90;   // <name>.log
  int goals = 0;        // that have ended
  int memories = 0;     // that the owner said or accepted
  int quarantined_memories = 0;
  friend bool operator==(const RetentionSettings&, const RetentionSettings&) = default;
};

// [retention] of a data directory's settings.toml; none: the defaults. kInvalidArgument names file,
// line and key.
absl::StatusOr<RetentionSettings> ReadRetention(const std::string& settings_file);

// Whether the file is one of a call's: the call's name, a dot, anything.
bool IsFileOfCall(std::string_view file, std::string_view call);

// Sweeps when it is started, and then every half hour; what is past its date is gone an hour later
// at most. Each sweep takes a bounded number of things: one transaction that forgets rows and notes
// in the audit, by ids alone, what goes, and then the files. Where more is due, the next sweep
// follows a second later. Killed in between it begins again: what was noted and is still there is
// noted again. What is held stays. Only on its executor.
class RetentionSweeper {
 public:
  struct Parts {  // borrowed
    Store* store = nullptr;
    Executor* executor = nullptr;
    LogSink* log = &NullLog();
    std::string calls_folder;
    // Of the other party of calls within the process; may be empty. Whose calls these were their
    // names do not tell, so they stay while anything is held.
    std::string other_party_folder = {};
    std::string user;
  };
  RetentionSweeper(RetentionSettings settings, Parts parts)
      : settings_(settings), with_(std::move(parts)), timer_(*with_.executor) {}
  void Start();

 private:
  struct Due;
  void Sweep();
  absl::Status Look(StoreView& view, Due& due) const;
  void FindFiles(Due& due) const;
  void FindFiles(const std::string& folder, std::string_view prefix, Due& due) const;
  void Remove(const std::shared_ptr<Due>& due);
  void Removed(const Due& due, const absl::Status& kept);

  const RetentionSettings settings_;
  const Parts with_;
  Timer timer_;
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_RETENTION_H_
