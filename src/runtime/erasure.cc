#include "src/runtime/erasure.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/memory/memories.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBetweenLooks{200};
constexpr int kMostLooks = 150;  // 30 s: calls are gone two seconds after they were hung up
constexpr int kPage = 256;

absl::Status LookAt(StoreView& view, const std::string& user, PersonalThings& things,
                    std::vector<std::string>& effects) {
  std::string after;
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<GoalRecord> goals,
                              view.ListGoals(user, false, after, kPage));
    for (const GoalRecord& goal : goals) {
      // The effects of goals that were erased before are still known by their ids.
      DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<IntentRecord> intents, view.ListIntents(goal.id));
      for (const IntentRecord& intent : intents) effects.push_back(intent.effect_id);
      if (goal.erased) continue;
      ++things.goals;
      if (!goal.final) ++things.open_goals;
    }
    if (goals.size() < kPage) break;
    after = goals.back().id;
  }
  for (std::string_view kind : kMemoryKinds) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<MemoryRecord> some, view.ListMemories(user, kind));
    things.memories += some.size();
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<VaultRecord> rows, view.ListVault(user));
  // The vault keeps a list of its rows beside them.
  things.secrets = rows.empty() ? 0 : rows.size() - 1;
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<ContactRecord> contacts, view.ListContacts(user));
  things.contacts = contacts.size();
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<HoldRecord> holds, view.ListHolds(user));
  things.held = !holds.empty();
  return absl::OkStatus();
}

}  // namespace

std::string CallNameOf(const std::string& effect_id) {
  return StrCat("call-", std::string_view(effect_id).substr(0, 16));
}

std::vector<std::string> CallFilesOf(const std::string& folder,
                                     const std::vector<std::string>& effects) {
  std::set<std::string> names;
  for (const std::string& effect : effects) names.insert(CallNameOf(effect));
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (names.contains(name.substr(0, name.find('.')))) files.push_back(name);
  }
  return files;
}

std::vector<std::string> AnsweredCallFiles(const std::string& folder) {
  // "call-" and the first sixteen digits of an effect's id: a placed one, whoever's it is.
  const std::string_view placed = "call-";
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::string ending = at->path().extension().string();
    const bool is_file_of_call =
        ending == ".log" || ending == ".audio" || ending == ".wav" || ending == ".html";
    const std::string_view call = std::string_view(name).substr(0, name.find('.'));
    const bool is_placed =
        call.starts_with(placed) && call.size() == placed.size() + 16 &&
        call.find_first_not_of("0123456789abcdef", placed.size()) == std::string_view::npos;
    if (is_file_of_call && !is_placed) files.push_back(name);
  }
  return files;
}

struct Erasure::Run {
  std::string user;
  Done done;
  PersonalThings things;
};

void Erasure::Look(const std::string& user, Done done_in) {
  auto done = std::make_shared<Done>(std::move(done_in));
  auto things = std::make_shared<PersonalThings>();
  auto effects = std::make_shared<std::vector<std::string>>();
  const absl::Status taken = with_.store->Read(
      [things, effects, user](StoreView& view) { return LookAt(view, user, *things, *effects); },
      *with_.executor, lifetime_.Wrap([this, things, effects, done](const absl::Status& read) {
        if (!read.ok()) return (*done)(read);
        things->files = CallFilesOf(with_.calls_folder, *effects);
        std::ranges::move(AnsweredCallFiles(with_.calls_folder), std::back_inserter(things->files));
        (*done)(std::move(*things));
      }));
  if (!taken.ok()) with_.executor->Post(lifetime_.Wrap([done, taken] { (*done)(taken); }));
}

void Erasure::Erase(const std::string& user, Done done) {
  auto run = std::make_shared<Run>(Run{.user = user, .done = std::move(done), .things = {}});
  if (std::exchange(under_way_, true)) {
    return with_.executor->Post(lifetime_.Wrap(
        [run] { run->done(FailedPrecondition("an erasure is under way already")); }));
  }
  if (with_.memories == nullptr) return Begin(run);
  // What was asked to be remembered before this has its turn before it.
  with_.memories->List(user, MemoryFilter::kAll,
                       lifetime_.Wrap([this, run](const absl::StatusOr<std::vector<Memory>>& all) {
                         if (!all.ok()) return End(run, all.status());
                         Begin(run);
                       }));
}

void Erasure::Begin(const std::shared_ptr<Run>& run) {
  Look(run->user, [this, run](absl::StatusOr<PersonalThings> things) {
    if (!things.ok()) return End(run, things.status());
    run->things = *std::move(things);
    if (run->things.held) {
      return End(run, FailedPrecondition("something of it is held: release it first"));
    }
    if (with_.agent == nullptr) return RemoveFiles(run);
    with_.agent->CancelAll(run->user, "everything about its owner is being erased",
                           lifetime_.Wrap([this, run](const absl::Status& ended) {
                             if (!ended.ok()) return End(run, ended);
                             AwaitCalls(run, 0);
                           }));
  });
}

// A call's files are whole, and nobody writes to them any more, when it is no longer counted.
void Erasure::AwaitCalls(const std::shared_ptr<Run>& run, int tries) {
  if (!with_.calls_under_way || with_.calls_under_way() == 0) return RemoveFiles(run);
  if (tries == kMostLooks) {
    return End(run, MakeStatus(absl::StatusCode::kUnavailable,
                               "calls that were hung up do not end; nothing was erased yet"));
  }
  wait_.Start(kBetweenLooks, [this, run, tries] { AwaitCalls(run, tries + 1); });
}

absl::Status Erasure::Unlink(const PersonalThings& things) const {
  std::error_code error;
  for (const std::string& name : things.files) {
    fs::remove(fs::path(with_.calls_folder) / name, error);
    if (error) {
      return MakeStatus(absl::StatusCode::kUnavailable,
                        StrCat(name, " cannot be removed: ", error.message()));
    }
  }
  if (with_.loopback_folder.empty()) return absl::OkStatus();
  for (fs::directory_iterator at(with_.loopback_folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    fs::remove(at->path(), gone);
    if (gone) {
      return MakeStatus(absl::StatusCode::kUnavailable,
                        StrCat("the other party's ", at->path().filename().string(),
                               " cannot be removed: ", gone.message()));
    }
  }
  return absl::OkStatus();
}

// Before the rows: afterwards nobody would know whose they were, and a kill in between would leave
// them for ever. Looked up anew, for what the last call left.
void Erasure::RemoveFiles(const std::shared_ptr<Run>& run) {
  Look(run->user, [this, run](absl::StatusOr<PersonalThings> things) {
    if (!things.ok()) return End(run, things.status());
    run->things.files = std::move(things->files);
    const absl::Status removed = Unlink(run->things);
    if (!removed.ok()) return End(run, removed);
    EraseRows(run);
  });
}

void Erasure::Commit(std::vector<Change> changes, std::string_view action, Vault::Ended then_in) {
  auto then = std::make_shared<Vault::Ended>(std::move(then_in));
  StoreTransaction transaction;
  transaction.changes = std::move(changes);
  transaction.steps.push_back(
      {.at = with_.executor->WallNow(), .actor = "erasure", .action = std::string(action)});
  const absl::Status taken =
      with_.store->Commit(std::move(transaction), *with_.executor,
                          lifetime_.Wrap([then](const absl::StatusOr<Committed>& committed) {
                            (*then)(committed.status());
                          }));
  if (!taken.ok()) (*then)(taken);
}

void Erasure::EraseRows(const std::shared_ptr<Run>& run) {
  auto erased = lifetime_.Wrap([this, run](absl::Status status) {
    if (!status.ok()) return End(run, std::move(status));
    // One more entry: a store that could not empty its log of writes because somebody read does it
    // behind the next one.
    Commit({}, "a person was erased", [this, run](absl::Status noted) { End(run, noted); });
  });
  if (with_.vault != nullptr) return with_.vault->Erase(run->user, std::move(erased));
  Commit({EraseUser{.user_id = run->user}}, "a person is erased", std::move(erased));
}

void Erasure::End(const std::shared_ptr<Run>& run, absl::Status status) {
  under_way_ = false;
  if (!status.ok()) return run->done(std::move(status));
  run->done(std::move(run->things));
}

}  // namespace dragoman
