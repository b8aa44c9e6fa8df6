#include "dragoman/store/event_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/store/crc32c.h"

namespace dragoman {
namespace {

constexpr std::string_view kMagic = "DRGL";
constexpr std::uint32_t kVersion = 1;
constexpr size_t kFileHeader = 8;
constexpr size_t kRecordHeader = 16;
constexpr size_t kMaxWaiting = 16 << 20;
constexpr std::chrono::milliseconds kWriteInterval{100};

void PutLittleEndian(std::uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i, value >>= 8) out.push_back(static_cast<char>(value & 0xff));
}

std::uint64_t GetLittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

std::string FileHeader() {
  std::string header(kMagic);
  PutLittleEndian(kVersion, 4, header);
  return header;
}

void PutRecord(std::uint64_t sequence, std::string_view payload, std::string& out) {
  // Length, checksum, sequence; the checksum covers what stands behind it.
  std::array<char, kRecordHeader> header;
  auto put = [&header](std::uint64_t value, std::size_t at, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i, value >>= 8) header[at + i] = static_cast<char>(value);
  };
  put(payload.size(), 0, 4);
  put(sequence, 8, 8);
  put(Crc32c(payload, Crc32c({header.data() + 8, 8})), 4, 4);
  out.append(header.data(), header.size());
  out += payload;
}

absl::Status CheckName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (name.empty() || name.size() > 128 || name.front() == '.' ||
      name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return InvalidArgument("log name is '", name.substr(0, 140),
                           "'; expected 1 to 128 of [A-Za-z0-9._-], not beginning with a dot");
  }
  return absl::OkStatus();
}

absl::Status CheckRecord(std::string_view record) {
  if (record.size() <= kMaxEventRecordBytes) return absl::OkStatus();
  return InvalidArgument("record has ", record.size(), " bytes; expected at most ",
                         kMaxEventRecordBytes);
}

// --- files -------------------------------------------------------------------------------------

// What a log and the writer's thread share.
struct OpenFile {
  int descriptor = -1;
  Mutex mutex;
  std::condition_variable written;
  std::string waiting DRAGOMAN_GUARDED_BY(mutex);
  absl::Status status DRAGOMAN_GUARDED_BY(mutex);
  bool closing DRAGOMAN_GUARDED_BY(mutex) = false;
  bool closed DRAGOMAN_GUARDED_BY(mutex) = false;
};

absl::Status WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unavailable("event log: write failed: ", std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

class Writer {
 public:
  Writer() : thread_([this] { Run(); }) {}
  ~Writer() {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      wake_.notify_one();
    }
    thread_.join();
  }

  void Add(std::shared_ptr<OpenFile> file) {
    MutexLock lock(mutex_);
    files_.insert(std::move(file));
  }
  void Wake() {
    MutexLock lock(mutex_);
    urgent_ = true;
    wake_.notify_one();
  }

 private:
  void Run() {
    sigset_t signals;
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    bool stopping = false;
    while (!stopping) {
      std::set<std::shared_ptr<OpenFile>> files;
      {
        MutexLock lock(mutex_);
        lock.WaitFor(wake_, kWriteInterval, [this] { return urgent_ || stopping_; });
        urgent_ = false;
        stopping = stopping_;
        files = files_;
      }
      for (const std::shared_ptr<OpenFile>& file : files) {
        if (!WriteOne(*file)) continue;
        MutexLock lock(mutex_);
        files_.erase(file);
      }
    }
  }

  // True: the file is closed.
  static bool WriteOne(OpenFile& file) {
    std::string bytes;
    absl::Status status;
    bool closing = false;
    {
      MutexLock lock(file.mutex);
      bytes.swap(file.waiting);
      status = file.status;
      closing = file.closing;
    }
    if (status.ok() && !bytes.empty()) status = WriteAll(file.descriptor, bytes);
    if (closing) {
      if (status.ok() && fdatasync(file.descriptor) != 0) {
        status = Unavailable("event log: sync failed: ", std::strerror(errno));
      }
      close(file.descriptor);
    }
    MutexLock lock(file.mutex);
    file.status.Update(status);
    if (!closing) return false;
    file.closed = true;
    file.written.notify_all();
    return true;
  }

  Mutex mutex_;
  std::condition_variable wake_;
  std::set<std::shared_ptr<OpenFile>> files_ DRAGOMAN_GUARDED_BY(mutex_);
  bool urgent_ DRAGOMAN_GUARDED_BY(mutex_) = false;
  bool stopping_ DRAGOMAN_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

class FileEventLog : public EventLog {
 public:
  FileEventLog(std::shared_ptr<OpenFile> file, std::shared_ptr<Writer> writer)
      : file_(std::move(file)), writer_(std::move(writer)) {}
  ~FileEventLog() override { Close().IgnoreError(); }

  absl::Status Append(std::string_view record) override {
    DRAGOMAN_RETURN_IF_ERROR(CheckRecord(record));
    MutexLock lock(file_->mutex);
    if (file_->closing) return FailedPrecondition("event log: appended after Close");
    if (!file_->status.ok()) return file_->status;
    if (file_->waiting.size() + record.size() > kMaxWaiting) {
      return ResourceExhausted("event log: ", file_->waiting.size(), " bytes wait for the disk");
    }
    PutRecord(sequence_++, record, file_->waiting);
    return absl::OkStatus();
  }

  void Flush() override { writer_->Wake(); }

  absl::Status Close() override {
    {
      MutexLock lock(file_->mutex);
      file_->closing = true;
    }
    writer_->Wake();
    MutexLock lock(file_->mutex);
    lock.Wait(file_->written, [this] { return file_->closed; });
    return file_->status;
  }

 private:
  std::shared_ptr<OpenFile> file_;
  std::shared_ptr<Writer> writer_;  // the thread lives as long as a log needs it
  std::uint64_t sequence_ = 0;
};

class FileEventLogStore : public EventLogStore {
 public:
  explicit FileEventLogStore(std::string folder)
      : folder_(std::move(folder)), writer_(std::make_shared<Writer>()) {}

  absl::StatusOr<std::unique_ptr<EventLog>> Create(std::string_view name) override {
    DRAGOMAN_RETURN_IF_ERROR(CheckName(name));
    const std::string path = StrCat(folder_, "/", name, ".log");
    int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) {
      return MakeStatus(absl::StatusCode::kAlreadyExists, StrCat("event log ", path, " exists"));
    }
    if (descriptor < 0) {
      return Unavailable("event log: cannot create ", path, ": ", std::strerror(errno));
    }
    auto file = std::make_shared<OpenFile>();
    file->descriptor = descriptor;
    {
      MutexLock lock(file->mutex);
      file->waiting = FileHeader();
    }
    writer_->Add(file);
    return std::make_unique<FileEventLog>(std::move(file), writer_);
  }

 private:
  const std::string folder_;
  std::shared_ptr<Writer> writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLogStore>> MakeFileEventLogStore(const std::string& folder) {
  struct stat status{};
  if (stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return NotFound("event log folder ", folder, " does not exist");
  }
  return std::make_unique<FileEventLogStore>(folder);
}

// --- memory ------------------------------------------------------------------------------------

class MemoryEventLogStore::State {
 public:
  Mutex mutex;
  std::map<std::string, std::string, std::less<>> logs DRAGOMAN_GUARDED_BY(mutex);
};

namespace {

class MemoryEventLog : public EventLog {
 public:
  using AppendRecord = std::function<void(std::string_view, std::uint64_t)>;
  explicit MemoryEventLog(AppendRecord append) : append_(std::move(append)) {}
  absl::Status Append(std::string_view record) override {
    DRAGOMAN_RETURN_IF_ERROR(CheckRecord(record));
    if (closed_) return FailedPrecondition("event log: appended after Close");
    append_(record, sequence_++);
    return absl::OkStatus();
  }
  void Flush() override {}
  absl::Status Close() override {
    closed_ = true;
    return absl::OkStatus();
  }

 private:
  AppendRecord append_;
  std::uint64_t sequence_ = 0;
  bool closed_ = false;
};

}  // namespace

MemoryEventLogStore::MemoryEventLogStore() : state_(std::make_shared<State>()) {}
MemoryEventLogStore::~MemoryEventLogStore() = default;

absl::StatusOr<std::unique_ptr<EventLog>> MemoryEventLogStore::Create(std::string_view name) {
  DRAGOMAN_RETURN_IF_ERROR(CheckName(name));
  MutexLock lock(state_->mutex);
  auto [log, created] = state_->logs.try_emplace(std::string(name), FileHeader());
  if (!created) {
    return MakeStatus(absl::StatusCode::kAlreadyExists, StrCat("event log ", name, " exists"));
  }
  return std::make_unique<MemoryEventLog>(
      [state = state_, key = std::string(name)](std::string_view record, std::uint64_t sequence) {
        MutexLock held(state->mutex);
        PutRecord(sequence, record, state->logs[key]);
      });
}

std::string MemoryEventLogStore::Bytes(std::string_view name) const {
  MutexLock lock(state_->mutex);
  auto log = state_->logs.find(name);
  return log == state_->logs.end() ? std::string() : log->second;
}

// --- reading -----------------------------------------------------------------------------------

EventLogReader::EventLogReader(std::string bytes)
    : bytes_(std::move(bytes)), offset_(kFileHeader) {}

absl::StatusOr<EventLogReader> EventLogReader::FromBytes(std::string bytes) {
  if (bytes.size() < kFileHeader || std::string_view(bytes).substr(0, 4) != kMagic) {
    return InvalidArgument("not an event log: it does not begin with \"DRGL\" and a version");
  }
  const std::uint64_t version = GetLittleEndian(std::string_view(bytes).substr(4, 4));
  if (version != kVersion) {
    return Unimplemented("event log format version is ", version, "; this build reads ", kVersion);
  }
  return EventLogReader(std::move(bytes));
}

absl::StatusOr<EventLogReader> EventLogReader::Open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot open ", path, ": ", std::strerror(errno));
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto reader = FromBytes(std::move(bytes));
  if (!reader.ok()) return Annotate(reader.status(), path);
  return reader;
}

absl::StatusOr<std::string_view> EventLogReader::Next() {
  const std::string_view rest = std::string_view(bytes_).substr(offset_);
  if (rest.empty()) return MakeStatus(absl::StatusCode::kOutOfRange, "end of log");
  auto torn = [&] {
    torn_bytes_ = rest.size();
    return MakeStatus(absl::StatusCode::kOutOfRange, "end of log, with a torn record");
  };
  if (rest.size() < kRecordHeader) return torn();
  const std::uint64_t length = GetLittleEndian(rest.substr(0, 4));
  if (length > kMaxEventRecordBytes) {
    return DataLoss("record ", next_sequence_, " at byte ", offset_, " claims ", length,
                    " bytes; expected at most ", kMaxEventRecordBytes);
  }
  if (rest.size() - kRecordHeader < length) return torn();
  const std::uint64_t checksum = GetLittleEndian(rest.substr(4, 4));
  const std::uint64_t sequence = GetLittleEndian(rest.substr(8, 8));
  if (Crc32c(rest.substr(8, 8 + length)) != checksum) {
    return DataLoss("record ", next_sequence_, " at byte ", offset_,
                    " is damaged: checksum differs");
  }
  if (sequence != next_sequence_) {
    return DataLoss("record ", next_sequence_, " is missing: record ", sequence, " stands at byte ",
                    offset_);
  }
  offset_ += kRecordHeader + length;
  ++next_sequence_;
  return rest.substr(kRecordHeader, length);
}

}  // namespace dragoman
