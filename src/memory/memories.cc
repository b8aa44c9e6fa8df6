#include "dragoman/memory/memories.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/memory/memory_search.h"

namespace dragoman {
namespace {

constexpr std::size_t kShortestBeginning = 6;  // of an id
constexpr std::size_t kMostFound = 100;

bool IsKind(std::string_view kind) {
  return std::find(std::begin(kMemoryKinds), std::end(kMemoryKinds), kind) !=
         std::end(kMemoryKinds);
}

Memory MemoryOf(const MemoryRecord& record) {
  Memory memory{.id = record.id,
                .kind = record.kind,
                .text = record.body,
                .label = {},
                .quarantined = record.quarantined,
                .goal = record.goal_id,
                .step = record.step,
                .created = record.created};
  // A label that cannot be read vouches for nothing.
  if (auto label = ParseLabel(record.labels); label.ok()) {
    memory.label = *std::move(label);
  } else {
    memory.quarantined = true;
  }
  if (memory.quarantined) memory.label.integrity = Integrity::kUntrusted;
  memory.label.quarantined = memory.quarantined;
  return memory;
}

bool Passes(const Memory& memory, MemoryFilter filter) {
  return filter == MemoryFilter::kAll ||
         memory.quarantined == (filter == MemoryFilter::kQuarantined);
}

// The one whose id is, or begins with, `id`.
absl::StatusOr<MemoryRecord> OneOf(const std::vector<MemoryRecord>& records, std::string_view id) {
  const MemoryRecord* found = nullptr;
  for (const MemoryRecord& record : records) {
    if (record.id == id) return record;
    if (id.size() < kShortestBeginning || !record.id.starts_with(id)) continue;
    if (found != nullptr) {
      return InvalidArgument("memory id \"", EscapeLine(id.substr(0, 80)), "\" fits ", found->id,
                             " and ", record.id, "; expected more of it");
    }
    found = &record;
  }
  if (found == nullptr) return NotFound("no memory '", EscapeLine(id.substr(0, 80)), "'");
  return *found;
}

// What stands in a person's memories is personal, whoever may read the plan it was written in.
Label Personal(Label label) {
  if (label.confidentiality == Confidentiality::kPublic) {
    label.confidentiality = Confidentiality::kPersonal;
    label.readers = Readers();
  }
  return label;
}

StoreView::Listed<MemoryRecord> ReadAll(StoreView& view, const std::string& user, WallTime now) {
  std::vector<MemoryRecord> records;
  for (std::string_view kind : kMemoryKinds) {
    DRAGOMAN_ASSIGN_OR_RETURN(std::vector<MemoryRecord> some, view.ListMemories(user, kind));
    for (MemoryRecord& record : some) {
      if (!record.expires || *record.expires > now) records.push_back(std::move(record));
    }
  }
  return records;
}

absl::StatusOr<std::vector<Memory>> SearchIn(StoreView& view, const std::string& user,
                                             const MemoryQuery& query, WallTime now) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<MemoryRecord> records, ReadAll(view, user, now));
  std::vector<Memory> among;
  for (const MemoryRecord& record : records) {
    if (!query.kind.empty() && record.kind != query.kind) continue;
    Memory memory = MemoryOf(record);
    if (Passes(memory, query.filter)) among.push_back(std::move(memory));
  }
  return memory::BestOf(std::move(among), query.words, query.limit);
}

}  // namespace

absl::Status MemoryText::Validate() const {
  if (!IsKind(kind)) {
    return InvalidArgument("kind is \"", EscapeLine(kind.substr(0, 40)),
                           "\"; expected note, fact, preference or procedure");
  }
  if (Trim(text).empty())
    return InvalidArgument("text is empty; expected what is to be remembered");
  if (text.size() > kMaxMemoryBytes) {
    return InvalidArgument("text has ", text.size(), " bytes; expected at most ", kMaxMemoryBytes);
  }
  if (!IsValidUtf8(text) || text.find('\0') != std::string::npos) {
    return InvalidArgument("text is not UTF-8 text without NUL");
  }
  for (const auto& [name, value] : {std::pair("goal", &goal), std::pair("step", &step)}) {
    if (value->size() > kMaxKeyBytes) {
      return InvalidArgument(name, " has ", value->size(), " bytes; expected at most ",
                             kMaxKeyBytes);
    }
  }
  return absl::OkStatus();
}

absl::Status MemoriesOptions::Validate() const {
  for (const auto& [name, value] :
       {std::pair("most", most), std::pair("most_quarantined", most_quarantined)}) {
    if (value < 1 || value > 100'000) {
      return InvalidArgument(name, " is ", value, "; expected 1 to 100000");
    }
  }
  for (const auto& [name, value] : {std::pair("most_bytes", most_bytes),
                                    std::pair("most_quarantined_bytes", most_quarantined_bytes)}) {
    if (value < 1 || value > (64u << 20)) {
      return InvalidArgument(name, " is ", value, "; expected 1 to 67108864");
    }
  }
  return absl::OkStatus();
}

Memories::Memories(MemoriesOptions options, MemoriesDependencies dependencies)
    : options_(options), with_(dependencies) {}

absl::StatusOr<std::unique_ptr<Memories>> Memories::Create(MemoriesOptions options,
                                                           MemoriesDependencies with) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (with.store == nullptr || with.executor == nullptr || with.random == nullptr) {
    return InvalidArgument("memories lack a store, an executor or random");
  }
  return std::unique_ptr<Memories>(new Memories(options, with));
}

// --- turns: what is counted before a write still holds when it is written -----------------------

void Memories::Enqueue(Operation operation) {
  waiting_.push_back(std::move(operation));
  if (std::exchange(busy_, true)) return;
  with_.executor->Post(lifetime_.Wrap([this] { StartNext(); }));
}

void Memories::StartNext() {
  if (waiting_.empty()) {
    busy_ = false;
    return;
  }
  Operation operation = std::move(waiting_.front());
  waiting_.pop_front();
  Task next = lifetime_.Wrap([this] { StartNext(); });
  auto held = std::make_shared<Task>(std::move(next));
  operation(Turn(nullptr, [executor = with_.executor, held](std::nullptr_t) {
    executor->Post(std::move(*held));
  }));
}

void Memories::Read(std::string user, absl::AnyInvocable<void(Records, Turn)> then_in) {
  auto then = std::make_shared<absl::AnyInvocable<void(Records, Turn)>>(std::move(then_in));
  Enqueue([this, user = std::move(user), then](Turn turn) {
    auto records = std::make_shared<std::vector<MemoryRecord>>();
    auto answer = lifetime_.Wrap([then, records, turn](const absl::Status& read) {
      if (!read.ok()) return (*then)(read, turn);
      (*then)(std::move(*records), turn);
    });
    const absl::Status taken = with_.store->Read(
        [records, user, now = with_.executor->WallNow()](StoreView& view) {
          DRAGOMAN_ASSIGN_OR_RETURN(*records, ReadAll(view, user, now));
          return absl::OkStatus();
        },
        *with_.executor, answer);
    if (!taken.ok()) with_.executor->Post([answer, taken]() mutable { answer(taken); });
  });
}

void Memories::Keep(Change change, std::string action, const std::string& id, Memory result,
                    Turn turn, std::shared_ptr<Done<Memory>> done) {
  StoreTransaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.steps.push_back({.at = with_.executor->WallNow(),
                               .actor = "memory",
                               .action = std::move(action),
                               .delta = id});
  const absl::Status taken = with_.store->Commit(
      std::move(transaction), *with_.executor,
      lifetime_.Wrap([done, result, turn](const absl::StatusOr<Committed>& committed) {
        if (!committed.ok()) return (*done)(committed.status());
        (*done)(result);
      }));
  if (!taken.ok()) (*done)(taken);
}

// --- operations ----------------------------------------------------------------------------------

absl::Status Memories::CheckPlace(const std::vector<MemoryRecord>& records, std::size_t bytes,
                                  bool quarantined) const {
  std::size_t count = 1;
  for (const MemoryRecord& record : records) {
    if (record.quarantined != quarantined) continue;
    ++count;
    bytes += record.body.size();
  }
  const std::size_t most = quarantined ? options_.most_quarantined : options_.most;
  const std::size_t most_bytes =
      quarantined ? options_.most_quarantined_bytes : options_.most_bytes;
  if (count <= most && bytes <= most_bytes) return absl::OkStatus();
  return ResourceExhausted("there is room for ", most, quarantined ? " quarantined" : "",
                           " memories and ", most_bytes, " bytes; with this there are ", count,
                           " and ", bytes, ": ", quarantined ? "accept or forget" : "forget",
                           " some first");
}

void Memories::Remember(std::string user, MemoryText what, Done<Memory> done_in) {
  auto done = std::make_shared<Done<Memory>>(std::move(done_in));
  absl::Status wrong = what.Validate();
  if (wrong.ok() && user.empty())
    wrong = InvalidArgument("memories belong to somebody; user is empty");
  if (!wrong.ok()) {
    return with_.executor->Post(lifetime_.Wrap([done, wrong] { (*done)(wrong); }));
  }
  Read(user, [this, user, what = std::move(what), done](Records records, const Turn& turn) mutable {
    if (!records.ok()) return (*done)(records.status());
    Remembered(user, std::move(what), *records, turn, done);
  });
}

void Memories::Remembered(const std::string& user, MemoryText what,
                          const std::vector<MemoryRecord>& records, Turn turn,
                          std::shared_ptr<Done<Memory>> done) {
  const std::string id = what.key.empty() ? MakeId("mem-", *with_.random).substr(0, 16)
                                          : StrCat(what.kind == kNoteKind ? "note-" : "mem-",
                                                   std::string_view(what.key).substr(0, 32));
  for (const MemoryRecord& record : records) {
    if (record.id == id) return (*done)(MemoryOf(record));  // told again, whatever became of it
  }
  const bool quarantined = what.label.integrity < Integrity::kUser || what.label.quarantined;
  const absl::Status place = CheckPlace(records, what.text.size(), quarantined);
  if (!place.ok()) return (*done)(place);
  Label label = Personal(std::move(what.label));
  label.quarantined = false;  // said by the row
  MemoryRecord record{.user_id = user,
                      .id = id,
                      .kind = std::move(what.kind),
                      .body = std::move(what.text),
                      .labels = FormatLabel(label),
                      .quarantined = quarantined,
                      .created = with_.executor->WallNow(),
                      .goal_id = std::move(what.goal),
                      .step = std::move(what.step)};
  Memory result = MemoryOf(record);
  Keep(std::move(record), quarantined ? "memory kept in quarantine" : "memory kept", id,
       std::move(result), std::move(turn), std::move(done));
}

void Memories::List(std::string user, MemoryFilter filter, Done<std::vector<Memory>> done_in) {
  Read(std::move(user), [filter, done = std::move(done_in)](Records records, const Turn&) mutable {
    if (!records.ok()) return done(records.status());
    std::vector<Memory> memories;
    for (const MemoryRecord& record : *records) {
      Memory memory = MemoryOf(record);
      if (Passes(memory, filter)) memories.push_back(std::move(memory));
    }
    std::sort(memories.begin(), memories.end(), [](const Memory& a, const Memory& b) {
      return std::pair(a.created, a.id) < std::pair(b.created, b.id);
    });
    done(std::move(memories));
  });
}

void Memories::Search(std::string user, MemoryQuery query, Done<std::vector<Memory>> done_in) {
  auto done = std::make_shared<Done<std::vector<Memory>>>(std::move(done_in));
  absl::Status wrong;
  if (query.limit < 1 || query.limit > kMostFound) {
    wrong = InvalidArgument("limit is ", query.limit, "; expected 1 to ", kMostFound);
  } else if (!query.kind.empty() && !IsKind(query.kind)) {
    wrong = InvalidArgument("kind is \"", EscapeLine(query.kind.substr(0, 40)),
                            "\"; expected note, fact, preference or procedure");
  }
  if (!wrong.ok()) {
    return with_.executor->Post(lifetime_.Wrap([done, wrong] { (*done)(wrong); }));
  }
  Enqueue([this, user = std::move(user), query = std::move(query), done](const Turn& turn) {
    auto found = std::make_shared<std::vector<Memory>>();
    auto answer = lifetime_.Wrap([found, done, turn](const absl::Status& read) {
      if (!read.ok()) return (*done)(read);
      (*done)(std::move(*found));
    });
    // Ranked where it is read: calls may live on our executor.
    const absl::Status taken = with_.store->Read(
        [found, user, query, now = with_.executor->WallNow()](StoreView& view) {
          DRAGOMAN_ASSIGN_OR_RETURN(*found, SearchIn(view, user, query, now));
          return absl::OkStatus();
        },
        *with_.executor, answer);
    if (!taken.ok()) with_.executor->Post([answer, taken]() mutable { answer(taken); });
  });
}

void Memories::Accept(std::string user, std::string id, Done<Memory> done_in) {
  auto done = std::make_shared<Done<Memory>>(std::move(done_in));
  Read(std::move(user), [this, id = std::move(id), done](Records records, const Turn& turn) {
    absl::StatusOr<MemoryRecord> found =
        records.ok() ? OneOf(*records, id) : absl::StatusOr<MemoryRecord>(records.status());
    if (!found.ok()) return (*done)(found.status());
    if (!found->quarantined && !MemoryOf(*found).quarantined) return (*done)(MemoryOf(*found));
    const absl::Status place = CheckPlace(*records, found->body.size(), false);
    if (!place.ok()) return (*done)(place);
    Label label = MemoryOf(*found).label;
    label.integrity = Integrity::kUser;
    label.quarantined = false;
    found->quarantined = false;
    found->labels = FormatLabel(label);
    Memory result = MemoryOf(*found);
    const std::string known = found->id;
    Keep(*std::move(found), "memory accepted", known, std::move(result), turn, done);
  });
}

void Memories::Forget(std::string user, std::string id, Done<Memory> done_in) {
  auto done = std::make_shared<Done<Memory>>(std::move(done_in));
  Read(user, [this, user, id = std::move(id), done](Records records, const Turn& turn) {
    absl::StatusOr<MemoryRecord> found =
        records.ok() ? OneOf(*records, id) : absl::StatusOr<MemoryRecord>(records.status());
    if (!found.ok()) return (*done)(found.status());
    auto held = std::make_shared<bool>(false);
    const absl::Status taken = with_.store->Read(
        [held, user, goal = found->goal_id](StoreView& view) {
          DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<HoldRecord> holds, view.ListHolds(user));
          for (const HoldRecord& hold : holds) {
            *held = *held || hold.goal_id.empty() || hold.goal_id == goal;
          }
          return absl::OkStatus();
        },
        *with_.executor,
        lifetime_.Wrap([this, held, user, found = *found, turn, done](const absl::Status& read) {
          if (!read.ok()) return (*done)(read);
          if (*held) {
            return (*done)(FailedPrecondition("memory ", found.id, " is held; release it first"));
          }
          Keep(DeleteRecord{.kind = DeletableKind::kMemory, .user_id = user, .id = found.id},
               "memory forgotten", found.id, MemoryOf(found), turn, done);
        }));
    if (!taken.ok()) (*done)(taken);
  });
}

}  // namespace dragoman
