// Append-only files of checksummed records: the truth about what a core consumed and commanded.
#ifndef DRAGOMAN_STORE_EVENT_LOG_H_
#define DRAGOMAN_STORE_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

// One open log. One thread at a time (the loop that owns the call); Append only copies into a
// buffer, the writer's thread does the I/O.
class DRAGOMAN_EXPORT EventLog {
 public:
  virtual ~EventLog() = default;  // closes: flushes what was appended
  // At most 1 MiB per record. kResourceExhausted: the bounded buffer is full, nothing was taken
  // (the disk is stuck). Any earlier write error is reported here from then on.
  virtual absl::Status Append(std::string_view record) = 0;
  virtual void Flush() = 0;          // asks the writer to write now; never blocks
  virtual absl::Status Close() = 0;  // blocks until written; idempotent; not on a media thread
};

// Opens logs. Thread-safe; must outlive them.
class DRAGOMAN_EXPORT EventLogStore {
 public:
  virtual ~EventLogStore() = default;
  // `name` of [A-Za-z0-9._-], 1 to 128; kAlreadyExists when there is one.
  virtual absl::StatusOr<std::unique_ptr<EventLog>> Create(std::string_view name) = 0;
};

inline constexpr std::size_t kMaxEventRecordBytes = 1 << 20;

// <folder>/<name>.log, created by Create. Its thread writes what was appended every 100 ms and at
// each Flush; a log is synced to the disk when it is closed. kNotFound: no such folder.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<EventLogStore>> MakeFileEventLogStore(
    const std::string& folder);

// Keeps the logs in memory, for tests and for calls whose log nobody keeps.
class DRAGOMAN_EXPORT MemoryEventLogStore : public EventLogStore {
 public:
  MemoryEventLogStore();
  ~MemoryEventLogStore() override;
  absl::StatusOr<std::unique_ptr<EventLog>> Create(std::string_view name) override;
  std::string Bytes(std::string_view name) const;  // as the file would be; empty: no such log

 private:
  class State;
  std::shared_ptr<State> state_;  // shared with the open logs
};

// Reads a log from its bytes. Little-endian: "DRGL", u32 format version (1); then for each record
// u32 payload length, u32 CRC-32C over sequence and payload, u64 sequence counted from 0, payload.
class DRAGOMAN_EXPORT EventLogReader {
 public:
  // kInvalidArgument: not a log. kUnimplemented: a newer format version.
  static absl::StatusOr<EventLogReader> FromBytes(std::string bytes);
  static absl::StatusOr<EventLogReader> Open(const std::string& path);

  // Next payload, valid until the reader goes. kOutOfRange at the end. kDataLoss names the record
  // and the offset: a flipped byte, a removed record (a gap in the sequence).
  absl::StatusOr<std::string_view> Next();
  // After the end: bytes of a record that was being written when the writer died; 0: none.
  std::size_t torn_bytes() const { return torn_bytes_; }
  std::uint64_t records_read() const { return next_sequence_; }

 private:
  explicit EventLogReader(std::string bytes);
  std::string bytes_;
  std::size_t offset_ = 0;
  std::size_t torn_bytes_ = 0;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_EVENT_LOG_H_
