#include "src/runtime/retention.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/memory/memories.h"
#include "src/runtime/erasure.h"
#include "src/toml/toml_table.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kBetweenSweeps{30};
constexpr std::chrono::seconds kMoreIsDue{1};
constexpr int kMostDays = 36'500;
// Of one sweep; forgetting a goal walks its whole log.
constexpr int kMostGoals = 16;
constexpr std::size_t kMostMemories = 256;
constexpr std::size_t kMostFiles = 256;

// Files carry the time of a clock that need not be the one of the process.
WallTime TimeOf(fs::file_time_type time) {
  return std::chrono::time_point_cast<WallTime::duration>(std::chrono::file_clock::to_sys(time));
}

}  // namespace

bool IsFileOfCall(std::string_view file, std::string_view call) {
  return !call.empty() && file.size() > call.size() && file.starts_with(call) &&
         file[call.size()] == '.';
}

absl::StatusOr<RetentionSettings> ReadRetention(const std::string& settings_file) {
  RetentionSettings settings;
  std::error_code error;
  if (!fs::exists(settings_file, error)) return settings;
  std::ifstream in(settings_file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return FailedPrecondition("cannot read ", settings_file);
  TomlErrors errors{.file = settings_file, .first = {}};
  DRAGOMAN_ASSIGN_OR_RETURN(TomlTable table, TomlTable::Parse(text.str(), errors));
  table.ReadTable("retention", [&settings](TomlTable& retention) {
    retention.Read("recordings", settings.recordings, 0, kMostDays);
    retention.Read("call_logs", settings.call_logs, 0, kMostDays);
    retention.Read("goals", settings.goals, 0, kMostDays);
    retention.Read("memories", settings.memories, 0, kMostDays);
    retention.Read("quarantined_memories", settings.quarantined_memories, 0, kMostDays);
    retention.RefuseOthers();
  });
  table.RefuseOthers();
  DRAGOMAN_RETURN_IF_ERROR(errors.first);
  return settings;
}

// What one sweep removes.
struct RetentionSweeper::Due {
  WallTime now{};
  bool all_held = false;
  std::set<std::string> held_goals;
  std::vector<std::string> held_calls;  // names, without their endings
  struct File {
    std::string path, noted;
  };
  std::vector<std::string> goals, memories;
  std::vector<File> files;
  bool more = false;

  bool empty() const { return goals.empty() && memories.empty() && files.empty(); }
  bool IsHeld(const std::string& file) const {
    return std::ranges::any_of(
        held_calls, [&file](const std::string& call) { return IsFileOfCall(file, call); });
  }
  bool IsPast(WallTime made, int days) const {
    return days > 0 && made + std::chrono::days(days) <= now;
  }
};

void RetentionSweeper::Start() {
  with_.executor->Post(lifetime_.Wrap([this] { Sweep(); }));
}

void RetentionSweeper::Sweep() {
  auto due = std::make_shared<Due>();
  due->now = with_.executor->WallNow();
  const absl::Status taken =
      with_.store->Read([this, due](StoreView& view) { return Look(view, *due); }, *with_.executor,
                        lifetime_.Wrap([this, due](const absl::Status& read) {
                          if (!read.ok()) return Removed(*due, read);
                          if (!due->all_held) FindFiles(*due);
                          Remove(due);
                        }));
  if (!taken.ok()) Removed(*due, taken);
}

// On a thread of the store; touches nothing of the sweeper that changes.
absl::Status RetentionSweeper::Look(StoreView& view, Due& due) const {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<HoldRecord> holds, view.ListHolds(with_.user));
  for (const HoldRecord& hold : holds) {
    due.all_held = due.all_held || hold.goal_id.empty();
    if (hold.goal_id.empty()) continue;
    due.held_goals.insert(hold.goal_id);
    due.held_calls.push_back(hold.goal_id);  // or it is a call that was answered
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<IntentRecord> effects,
                              view.ListIntents(hold.goal_id));
    for (const IntentRecord& effect : effects) {
      due.held_calls.push_back(CallNameOf(effect.effect_id));
    }
  }
  if (due.all_held) return absl::OkStatus();
  if (settings_.goals > 0) {
    const WallTime before = due.now - std::chrono::days(settings_.goals);
    std::string after;
    while (due.goals.size() < kMostGoals) {
      DRAGOMAN_ASSIGN_OR_RETURN(
          const std::vector<GoalRecord> ended,
          view.ListEndedGoals(before + std::chrono::microseconds(1), after, kMostGoals));
      for (const GoalRecord& goal : ended) {
        if (goal.user_id == with_.user && !due.held_goals.contains(goal.id) &&
            due.goals.size() < kMostGoals) {
          due.goals.push_back(goal.id);
        }
      }
      if (ended.size() < kMostGoals) break;
      after = ended.back().id;
    }
    due.more = due.goals.size() == kMostGoals;
  }
  for (std::string_view kind : kMemoryKinds) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<MemoryRecord> some,
                              view.ListMemories(with_.user, kind));
    for (const MemoryRecord& memory : some) {
      const int days = memory.quarantined ? settings_.quarantined_memories : settings_.memories;
      const bool past =
          due.IsPast(memory.created, days) || (memory.expires && *memory.expires <= due.now);
      if (!past || due.held_goals.contains(memory.goal_id)) continue;
      if (due.memories.size() == kMostMemories) {
        due.more = true;
        break;
      }
      due.memories.push_back(memory.id);
    }
  }
  return absl::OkStatus();
}

void RetentionSweeper::FindFiles(Due& due) const {
  FindFiles(with_.calls_folder, "", due);
  if (due.held_goals.empty()) FindFiles(with_.other_party_folder, "clinic/", due);
}

void RetentionSweeper::FindFiles(const std::string& folder, std::string_view prefix,
                                 Due& due) const {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::string ending = at->path().extension().string();
    int days = 0;
    if (ending == ".audio" || ending == ".wav" || ending == ".html") days = settings_.recordings;
    if (ending == ".log") days = settings_.call_logs;
    if (days == 0 || due.IsHeld(name)) continue;
    std::error_code gone;
    const fs::file_time_type written = at->last_write_time(gone);
    if (gone || !due.IsPast(TimeOf(written), days)) continue;
    if (due.files.size() == kMostFiles) {
      due.more = true;
      return;
    }
    due.files.push_back({at->path().string(), StrCat(prefix, name)});
  }
}

void RetentionSweeper::Remove(const std::shared_ptr<Due>& due) {
  if (due->empty()) return Removed(*due, absl::OkStatus());
  StoreTransaction transaction;
  std::string what;
  for (const std::string& goal : due->goals) {
    transaction.changes.emplace_back(ForgetGoal{.goal_id = goal});
    what += StrCat(what.empty() ? "" : " ", "goal ", goal);
  }
  for (const std::string& memory : due->memories) {
    transaction.changes.emplace_back(
        DeleteRecord{.kind = DeletableKind::kMemory, .user_id = with_.user, .id = memory});
    what += StrCat(what.empty() ? "" : " ", "memory ", memory);
  }
  for (const Due::File& file : due->files) {
    what += StrCat(what.empty() ? "" : " ", "file ", file.noted);
  }
  transaction.steps.push_back({.at = due->now,
                               .actor = "retention",
                               .action = "removed by its date",
                               .delta = std::move(what)});
  const absl::Status taken = with_.store->Commit(
      std::move(transaction), *with_.executor,
      lifetime_.Wrap([this, due](const absl::StatusOr<Committed>& committed) {
        if (committed.ok()) {
          std::error_code error;
          for (const Due::File& file : due->files) {
            fs::remove(file.path, error);
            if (!error) continue;
            with_.log->Write(LogLevel::kError, "retention",
                             StrCat("cannot remove ", file.noted, ": ", error.message()));
            due->more = false;  // not in a hurry again and again
          }
        }
        Removed(*due, committed.status());
      }));
  if (!taken.ok()) Removed(*due, taken);
}

void RetentionSweeper::Removed(const Due& due, const absl::Status& kept) {
  if (!kept.ok()) {
    with_.log->Write(LogLevel::kError, "retention", StrCat("cannot sweep: ", MessageOf(kept)));
  } else if (!due.empty()) {
    with_.log->Write(LogLevel::kInfo, "retention",
                     StrCat("removed by their date: ", due.goals.size(), " goals, ",
                            due.memories.size(), " memories, ", due.files.size(), " files"));
  }
  if (kept.ok() && due.more) {
    timer_.Start(kMoreIsDue, [this] { Sweep(); });
  } else {
    timer_.Start(kBetweenSweeps, [this] { Sweep(); });
  }
}

}  // namespace dragoman
