// The log of a call: every event that its machine consumed, every command that it gave, and where
// its audio lies. The schema is src/proto/dragoman/v1/call_log.proto.
#ifndef DRAGOMAN_AGENT_CALL_LOG_H_
#define DRAGOMAN_AGENT_CALL_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/call_events.h"
#include "dragoman/agent/call_machine.h"
#include "dragoman/agent/recording.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/store/event_log.h"

namespace dragoman {

struct DRAGOMAN_EXPORT CallLogHeader {
  std::int64_t machine_version = kCallMachineVersion;
  std::uint64_t tables_digest = 0;  // CallTablesDigest()
  CallMachineOptions options;
  std::string call_id;
  std::string carrier;
  std::string from;
  std::string to;
  bool outbound = false;
  std::int64_t sample_rate_hz = 8000;  // of the audio beside the log
  WallTime started{};
  friend bool operator==(const CallLogHeader&, const CallLogHeader&) = default;
};

struct DRAGOMAN_EXPORT CallStep {
  CallEvent event;
  std::vector<CallCommand> commands;
  friend bool operator==(const CallStep&, const CallStep&) = default;
};

// One thread at a time, the call's. The first write error ends the log; Close reports it. The call
// goes on without.
class DRAGOMAN_EXPORT CallLogWriter {
 public:
  static absl::StatusOr<std::unique_ptr<CallLogWriter>> Create(EventLogStore& store,
                                                               std::string_view name,
                                                               const CallLogHeader& header);
  void Write(const CallEvent& event, const std::vector<CallCommand>& commands);
  void Write(const AudioPiece& piece);
  void Flush() { log_->Flush(); }
  absl::Status Close();  // blocks until written

 private:
  explicit CallLogWriter(std::unique_ptr<EventLog> log) : log_(std::move(log)) {}
  void Append();

  std::unique_ptr<EventLog> log_;
  std::string record_;  // reused
  absl::Status status_;
};

class DRAGOMAN_EXPORT CallLogReader {
 public:
  using Record = std::variant<CallStep, AudioPiece>;

  // Reads the header. kInvalidArgument: not a call's log; kUnimplemented: it has an option that
  // this build does not know; kDataLoss: damaged.
  static absl::StatusOr<CallLogReader> Create(EventLogReader log);

  const CallLogHeader& header() const { return header_; }
  // kOutOfRange at the end; kDataLoss names the record.
  absl::StatusOr<Record> Next();
  std::size_t torn_bytes() const { return log_.torn_bytes(); }
  std::uint64_t records_read() const { return log_.records_read(); }

 private:
  explicit CallLogReader(EventLogReader log) : log_(std::move(log)) {}
  EventLogReader log_;
  CallLogHeader header_;
};

// The first field in which two values differ: "text: expected \"a\", got \"b\"", "kind: expected
// speak, got hang_up"; empty when they are equal.
DRAGOMAN_EXPORT std::string Difference(const CallCommand& expected, const CallCommand& got);

// The encoded forms (Record messages), for tests and tools. Decode: kDataLoss names the field.
DRAGOMAN_EXPORT std::string EncodeRecord(const CallLogHeader& header);
DRAGOMAN_EXPORT std::string EncodeRecord(const CallLogReader::Record& record);
DRAGOMAN_EXPORT absl::StatusOr<std::variant<CallLogHeader, CallStep, AudioPiece>> DecodeRecord(
    std::string_view bytes);

}  // namespace dragoman

#endif  // DRAGOMAN_AGENT_CALL_LOG_H_
