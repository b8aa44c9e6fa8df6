#include "dragoman/providers/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "src/providers/sqlite/schema.h"
#include "src/providers/sqlite/view.h"
#include "src/providers/sqlite/writer.h"

namespace dragoman {
namespace {

using sqlite::Database;
using sqlite::Writer;

struct QueuedCommit {
  StoreTransaction transaction;
  Executor* executor = nullptr;
  CommitDone done;
  std::size_t bytes = 0;
};

struct QueuedRead {
  StoreReading reading;
  Executor* executor = nullptr;
  absl::AnyInvocable<void(absl::Status)> done;
};

// Keeps a second process from writing into the same file; goes with the process, however it ends.
class OwnerLock {
 public:
  static absl::StatusOr<std::unique_ptr<OwnerLock>> Take(const std::string& path) {
    const std::string name = path + ".owner";
    const int descriptor = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      return FailedPrecondition("the database cannot be written: ", name, ": ", strerror(errno));
    }
    std::unique_ptr<OwnerLock> lock(new OwnerLock(descriptor));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return FailedPrecondition("the database ", path, " belongs to another process that runs");
    }
    return lock;
  }
  ~OwnerLock() { close(descriptor_); }

 private:
  explicit OwnerLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

std::size_t SizeOf(const StoreTransaction& transaction) {
  std::size_t bytes = 256 * (1 + transaction.changes.size());
  for (const GoalStep& step : transaction.steps) {
    bytes += 256 + step.delta.size() + step.event.size();
  }
  for (const Change& change : transaction.changes) {
    if (const auto* goal = std::get_if<GoalRecord>(&change)) bytes += goal->request.size();
    if (const auto* plan = std::get_if<PlanRecord>(&change)) bytes += plan->body.size();
    if (const auto* memory = std::get_if<MemoryRecord>(&change)) bytes += memory->body.size();
    if (const auto* row = std::get_if<VaultRecord>(&change)) bytes += row->sealed.size();
    if (const auto* intent = std::get_if<IntentRecord>(&change)) bytes += intent->arguments.size();
    if (const auto* update = std::get_if<UpdateIntent>(&change)) {
      bytes += update->intent.arguments.size();
    }
  }
  return bytes;
}

// Commits in groups; the callbacks of one group that go to one executor travel in one task.
void CommitAndAnswer(Writer& writer, std::vector<QueuedCommit> group,
                     const std::function<void(std::string_view)>& probe) {
  std::vector<StoreTransaction> transactions;
  transactions.reserve(group.size());
  for (QueuedCommit& one : group) transactions.push_back(std::move(one.transaction));
  std::vector<absl::StatusOr<Committed>> results = writer.CommitGroup(std::move(transactions));

  using Answers = std::vector<std::pair<CommitDone, absl::StatusOr<Committed>>>;
  std::vector<std::pair<Executor*, Answers>> by_executor;
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto place = by_executor.begin();
    while (place != by_executor.end() && place->first != group[i].executor) ++place;
    if (place == by_executor.end()) {
      place = by_executor.insert(place, {group[i].executor, Answers()});
      place->second.reserve(group.size());
    }
    place->second.emplace_back(std::move(group[i].done), std::move(results[i]));
  }
  for (auto& [executor, answers] : by_executor) {
    executor->Post([answers = std::move(answers)]() mutable {
      for (auto& [done, result] : answers) done(std::move(result));
    });
  }
  if (probe) probe("group answered");
}

void AnswerRead(Database& database, QueuedRead read) {
  absl::Status result = sqlite::ReadMoment(database, read.reading);
  read.executor->Post([done = std::move(read.done), result = std::move(result)]() mutable {
    done(std::move(result));
  });
}

absl::Status QueueFull(std::string_view what, std::size_t waiting) {
  return ResourceExhausted("the store's queue is full: ", waiting, " ", what,
                           " are waiting; try again when one is done");
}

// --- on the caller's thread --------------------------------------------------------------------

class InlineSqliteStore : public Store {
 public:
  InlineSqliteStore(std::unique_ptr<OwnerLock> lock, std::unique_ptr<Writer> writer,
                    SqliteStoreDependencies dependencies)
      : lock_(std::move(lock)), writer_(std::move(writer)), probe_(std::move(dependencies.probe)) {}

  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override {
    DRAGOMAN_RETURN_IF_ERROR(transaction.Validate());
    std::vector<QueuedCommit> group;
    group.push_back({std::move(transaction), &executor, std::move(done), 0});
    CommitAndAnswer(*writer_, std::move(group), probe_);
    return absl::OkStatus();
  }
  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override {
    AnswerRead(writer_->database(), {std::move(reading), &executor, std::move(done)});
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<OwnerLock> lock_;  // goes last
  std::unique_ptr<Writer> writer_;
  const std::function<void(std::string_view)> probe_;
};

// --- on threads of its own ---------------------------------------------------------------------

class SqliteStore : public Store {
 public:
  SqliteStore(const SqliteStoreOptions& options, std::unique_ptr<OwnerLock> lock,
              std::unique_ptr<Writer> writer, std::unique_ptr<Database> reader,
              SqliteStoreDependencies dependencies)
      : options_(options),
        lock_(std::move(lock)),
        writer_(std::move(writer)),
        reader_(std::move(reader)),
        probe_(std::move(dependencies.probe)) {
    // Signals are the application's.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    writing_ = std::thread([this] { WriteLoop(); });
    if (reader_ != nullptr) reading_ = std::thread([this] { ReadLoop(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~SqliteStore() override {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
    }
    commit_waits_.notify_all();
    read_waits_.notify_all();
    writing_.join();
    if (reading_.joinable()) reading_.join();
    reader_.reset();  // before the writer, whose closing runs the last checkpoint
  }

  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override {
    DRAGOMAN_RETURN_IF_ERROR(transaction.Validate());
    QueuedCommit one{std::move(transaction), &executor, std::move(done), 0};
    one.bytes = SizeOf(one.transaction);
    bool wake = false;
    {
      MutexLock lock(mutex_);
      if (commits_.size() >= static_cast<std::size_t>(options_.max_queue) ||
          queued_bytes_ + one.bytes > options_.max_queue_bytes) {
        return QueueFull("commits", commits_.size());
      }
      queued_bytes_ += one.bytes;
      commits_.push_back(std::move(one));
      wake = commits_.size() == wake_at_;
    }
    if (wake) commit_waits_.notify_one();
    return absl::OkStatus();
  }

  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override {
    {
      MutexLock lock(mutex_);
      if (reads_.size() >= static_cast<std::size_t>(options_.max_queue)) {
        return QueueFull("reads", reads_.size());
      }
      reads_.push_back({std::move(reading), &executor, std::move(done)});
    }
    // In memory there is one connection, so the writer's thread reads too.
    (reader_ != nullptr ? read_waits_ : commit_waits_).notify_one();
    return absl::OkStatus();
  }

 private:
  void WriteLoop() {
    std::size_t last_group = 1;
    while (true) {
      std::vector<QueuedCommit> group;
      std::deque<QueuedRead> reads;
      {
        MutexLock lock(mutex_);
        wake_at_ = 1;
        lock.Wait(commit_waits_, [this] { return HasWorkForWriter() || stopping_; });
        // Those who were in the last group are about to come back: with them one fsync serves all.
        if (commits_.size() < last_group && !commits_.empty() && options_.gather.count() > 0) {
          wake_at_ = last_group;
          lock.WaitFor(commit_waits_, options_.gather,
                       [&] { return commits_.size() >= last_group || stopping_; });
        }
        if (stopping_ && !HasWorkForWriter()) return;
        while (!commits_.empty() && group.size() < static_cast<std::size_t>(options_.max_group)) {
          queued_bytes_ -= commits_.front().bytes;
          group.push_back(std::move(commits_.front()));
          commits_.pop_front();
        }
        if (reader_ == nullptr) reads.swap(reads_);
      }
      if (!group.empty()) {
        last_group = group.size();
        CommitAndAnswer(*writer_, std::move(group), probe_);
      }
      for (QueuedRead& read : reads) AnswerRead(writer_->database(), std::move(read));
    }
  }

  void ReadLoop() {
    while (true) {
      QueuedRead read;
      {
        MutexLock lock(mutex_);
        lock.Wait(read_waits_, [this] { return !reads_.empty() || stopping_; });
        if (reads_.empty()) return;
        read = std::move(reads_.front());
        reads_.pop_front();
      }
      AnswerRead(*reader_, std::move(read));
    }
  }

  bool HasWorkForWriter() const DRAGOMAN_REQUIRES(mutex_) {
    return !commits_.empty() || (reader_ == nullptr && !reads_.empty());
  }

  const SqliteStoreOptions options_;
  std::unique_ptr<OwnerLock> lock_;   // goes last
  std::unique_ptr<Writer> writer_;    // the writing thread's
  std::unique_ptr<Database> reader_;  // the reading thread's; null: in memory
  const std::function<void(std::string_view)> probe_;

  Mutex mutex_;
  std::condition_variable commit_waits_, read_waits_;
  std::deque<QueuedCommit> commits_ DRAGOMAN_GUARDED_BY(mutex_);
  std::deque<QueuedRead> reads_ DRAGOMAN_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
  std::size_t wake_at_ DRAGOMAN_GUARDED_BY(mutex_) = 1;  // commits waiting that wake the writer
  bool stopping_ DRAGOMAN_GUARDED_BY(mutex_) = false;
  std::thread writing_, reading_;
};

absl::StatusOr<std::unique_ptr<Database>> OpenReader(const SqliteStoreOptions& options) {
  DRAGOMAN_ASSIGN_OR_RETURN(std::unique_ptr<Database> reader,
                            Database::Open({.path = options.path,
                                            .vfs = options.vfs,
                                            .create = false,
                                            .lock_wait = options.lock_wait}));
  // Only the writer runs checkpoints: before 3.51.3 two connections that do can corrupt the log.
  DRAGOMAN_RETURN_IF_ERROR(
      reader->Script("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; "
                     "PRAGMA trusted_schema=OFF"));
  sqlite3_db_config(reader->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return reader;
}

}  // namespace

absl::Status SqliteStoreOptions::Validate() const {
  using std::chrono::milliseconds;
  if (lock_wait < milliseconds(0) || lock_wait > milliseconds(60'000)) {
    return InvalidArgument("lock_wait is ", lock_wait, "; expected 0 to 60000 ms");
  }
  if (max_queue < 1 || max_queue > 1'000'000) {
    return InvalidArgument("max_queue is ", max_queue, "; expected 1 to 1000000");
  }
  if (max_group < 1 || max_group > 10'000) {
    return InvalidArgument("max_group is ", max_group, "; expected 1 to 10000");
  }
  if (gather.count() < 0 || gather > milliseconds(10)) {
    return InvalidArgument("gather is ", gather.count(), " us; expected 0 to 10000");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Store>> MakeSqliteStore(const SqliteStoreOptions& options,
                                                       SqliteStoreDependencies dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  const bool in_memory = options.path.empty();
  std::unique_ptr<OwnerLock> lock;
  if (!in_memory) {
    DRAGOMAN_ASSIGN_OR_RETURN(lock, OwnerLock::Take(options.path));
  }
  DRAGOMAN_ASSIGN_OR_RETURN(
      std::unique_ptr<Database> database,
      Database::Open({.path = options.path, .vfs = options.vfs, .lock_wait = options.lock_wait}));
  DRAGOMAN_RETURN_IF_ERROR(Annotate(PrepareSchema(*database, dependencies.probe), options.path));
  auto writer = std::make_unique<Writer>(std::move(database), dependencies.probe);
  DRAGOMAN_RETURN_IF_ERROR(writer->Start());
  if (options.on_calling_thread) {
    return std::make_unique<InlineSqliteStore>(std::move(lock), std::move(writer),
                                               std::move(dependencies));
  }
  std::unique_ptr<Database> reader;
  if (!in_memory) {
    DRAGOMAN_ASSIGN_OR_RETURN(reader, OpenReader(options));
  }
  return std::make_unique<SqliteStore>(options, std::move(lock), std::move(writer),
                                       std::move(reader), std::move(dependencies));
}

}  // namespace dragoman
