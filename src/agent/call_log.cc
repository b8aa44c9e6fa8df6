#include "dragoman/agent/call_log.h"

#include <array>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "src/agent/call_fields.h"
#include "src/agent/call_option_fields.h"
#include "src/wire/proto_codec.h"

namespace dragoman {
namespace {

using proto::Encoder;
using proto::RawField;
using proto::Walker;

// Field numbers of the messages that are written by hand below; the others stand in call_fields.h.
constexpr int kRecordHeader = 1;
constexpr int kRecordStep = 2;
constexpr int kRecordAudio = 3;
constexpr int kFirstBody = 2;  // of CallEvent.body and CallCommand.body: plus the variant's index

template <typename Variant>
void PutBody(const Variant& body, Encoder& encoder) {
  std::visit(
      [&]<typename T>(const T& value) {
        encoder.PutMessage(kFirstBody + static_cast<int>(body.index()),
                           [&](Encoder& inner) { Fields<T>::Visit(value, inner); });
      },
      body);
}

// Sets `body` to the alternative of `index`, decoded. False: there is no such alternative.
template <typename Variant, size_t... kIndex>
bool SetBody(size_t index, std::string_view bytes, Variant& body, absl::Status& status,
             std::index_sequence<kIndex...>) {
  return (... || (index == kIndex &&
                  (status = proto::Decode(bytes, body.template emplace<kIndex>()), true)));
}

template <typename Variant>
absl::Status DecodeBody(const RawField& field, std::string_view what, Variant& body) {
  const auto index = static_cast<size_t>(field.number - kFirstBody);
  absl::Status status;
  if (field.number < kFirstBody || field.type != proto::kBytes ||
      !SetBody(index, field.bytes, body, status,
               std::make_index_sequence<std::variant_size_v<Variant>>())) {
    return DataLoss(what, " of unknown kind ", field.number);
  }
  return Annotate(status, what);
}

void PutStep(const CallEvent& event, const std::vector<CallCommand>& commands, std::string& out) {
  Encoder record(out);
  record.PutMessage(kRecordStep, [&](Encoder& step) {
    step.PutMessage(1, [&](Encoder& inner) {
      inner(1, "at_us", event.at_us);
      PutBody(event.body, inner);
    });
    for (const CallCommand& command : commands) {
      step.PutMessage(2, [&](Encoder& inner) { PutBody(command, inner); });
    }
  });
}

absl::Status DecodeEvent(std::string_view bytes, CallEvent& event) {
  event.at_us = 0;
  bool has_body = false;
  for (Walker walker(bytes); !walker.done();) {
    RawField field;
    DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
    if (field.number == 1) {
      event.at_us = static_cast<std::int64_t>(field.varint);
      continue;
    }
    has_body = true;
    DRAGOMAN_RETURN_IF_ERROR(DecodeBody(field, "event", event.body));
  }
  return has_body ? absl::OkStatus() : DataLoss("event without a body");
}

absl::StatusOr<CallStep> DecodeStep(std::string_view bytes) {
  CallStep step;
  bool has_event = false;
  for (Walker walker(bytes); !walker.done();) {
    RawField field;
    DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
    if (field.type != proto::kBytes) return DataLoss("step's field ", field.number, " is damaged");
    if (field.number == 1) {
      has_event = true;
      DRAGOMAN_RETURN_IF_ERROR(DecodeEvent(field.bytes, step.event));
    } else if (field.number == 2) {
      RawField body;
      Walker command(field.bytes);
      if (command.done()) return DataLoss("command without a body");
      DRAGOMAN_RETURN_IF_ERROR(command.Next(&body));
      DRAGOMAN_RETURN_IF_ERROR(DecodeBody(body, "command", step.commands.emplace_back()));
    }
  }
  if (!has_event) return DataLoss("step without an event");
  return step;
}

// --- options -----------------------------------------------------------------------------------

struct OptionEntry {
  std::string name;
  std::int64_t number = 0;
  std::string text;
  std::vector<std::string> texts;
};

struct ToEntry {
  OptionEntry& entry;
  void operator()(std::chrono::milliseconds value) const { entry.number = value.count(); }
  void operator()(std::integral auto value) const { entry.number = value; }
  void operator()(const std::string& value) const { entry.text = value; }
  void operator()(const std::vector<std::string>& value) const { entry.texts = value; }
};

struct FromEntry {
  const OptionEntry& entry;
  void operator()(std::chrono::milliseconds& value) const {
    value = std::chrono::milliseconds(entry.number);
  }
  template <std::integral T>
  void operator()(T& value) const {
    value = static_cast<T>(entry.number);
  }
  void operator()(std::string& value) const { value = entry.text; }
  void operator()(std::vector<std::string>& value) const { value = entry.texts; }
};

}  // namespace

template <>
struct Fields<OptionEntry> {
  template <typename Value, typename Visitor>
  static void Visit(Value& value, Visitor&& visit) {
    visit(1, "name", value.name);
    visit(2, "number", value.number);
    visit(3, "text", value.text);
    visit(4, "texts", value.texts);
  }
};

namespace {

struct HeaderMessage {
  std::int64_t machine_version = 0;
  std::uint64_t tables_digest = 0;
  std::vector<OptionEntry> options;
  std::string call_id, carrier, from, to;
  bool outbound = false;
  std::int64_t sample_rate_hz = 0;
  std::int64_t started_us = 0;
};

}  // namespace

template <>
struct Fields<HeaderMessage> {
  template <typename Value, typename Visitor>
  static void Visit(Value& value, Visitor&& visit) {
    visit(1, "machine_version", value.machine_version);
    visit(2, "tables_digest", value.tables_digest);
    visit(3, "options", value.options);
    visit(4, "call_id", value.call_id);
    visit(5, "carrier", value.carrier);
    visit(6, "from", value.from);
    visit(7, "to", value.to);
    visit(8, "outbound", value.outbound);
    visit(9, "sample_rate_hz", value.sample_rate_hz);
    visit(10, "started_us", value.started_us);
  }
};

namespace {

absl::StatusOr<CallLogHeader> DecodeHeader(std::string_view bytes) {
  HeaderMessage message;
  DRAGOMAN_RETURN_IF_ERROR(proto::Decode(bytes, message));
  CallLogHeader header{.machine_version = message.machine_version,
                       .tables_digest = message.tables_digest,
                       .options = {},
                       .call_id = message.call_id,
                       .carrier = message.carrier,
                       .from = message.from,
                       .to = message.to,
                       .outbound = message.outbound,
                       .sample_rate_hz = message.sample_rate_hz,
                       .started = WallTime(std::chrono::microseconds(message.started_us))};
  for (const OptionEntry& entry : message.options) {
    bool known = false;
    VisitOptions(header.options, [&](std::string_view name, auto& member) {
      if (name != entry.name) return;
      known = true;
      FromEntry{entry}(member);
    });
    if (!known)
      return Unimplemented("option '", EscapeLine(entry.name), "' is unknown to this build");
  }
  return header;
}

// --- differences -------------------------------------------------------------------------------

std::string Show(const std::string& text) { return StrCat("\"", EscapeLine(text), "\""); }
template <proto::Scalar T>
std::string Show(const T& value) {
  return StrCat(static_cast<std::int64_t>(value));
}
template <typename T>
std::string Show(const std::vector<T>& values) {
  return StrCat(values.size(), " entries");
}
std::string Show(const ToolCall& call) {
  return StrCat(EscapeLine(call.name), "(", EscapeLine(call.arguments), ")");
}

template <typename T>
std::string FirstDifference(const T& expected, const T& got) {
  std::string difference;
  // The two are walked one inside the other: fields are few.
  Fields<T>::Visit(expected, [&](int number, const char* name, const auto& a) {
    Fields<T>::Visit(got, [&](int other, const char*, const auto& b) {
      if constexpr (std::is_same_v<decltype(a), decltype(b)>) {
        if (number != other || !difference.empty() || a == b) return;
        difference = StrCat(name, ": expected ", Show(a), ", got ", Show(b));
      }
    });
  });
  return difference;
}

}  // namespace

std::string Difference(const CallCommand& expected, const CallCommand& got) {
  if (expected.index() != got.index()) {
    return StrCat("kind: expected ", Name(expected), ", got ", Name(got));
  }
  return std::visit(
      [&]<typename T>(const T& value) { return FirstDifference(value, std::get<T>(got)); },
      expected);
}

std::string EncodeRecord(const CallLogHeader& header) {
  HeaderMessage message{.machine_version = header.machine_version,
                        .tables_digest = header.tables_digest,
                        .options = {},
                        .call_id = header.call_id,
                        .carrier = header.carrier,
                        .from = header.from,
                        .to = header.to,
                        .outbound = header.outbound,
                        .sample_rate_hz = header.sample_rate_hz,
                        .started_us = header.started.time_since_epoch().count()};
  VisitOptions(header.options, [&](const char* name, const auto& member) {
    OptionEntry& entry = message.options.emplace_back();
    entry.name = name;
    ToEntry{entry}(member);
  });
  std::string bytes;
  Encoder{bytes}(kRecordHeader, "header", message);
  return bytes;
}

std::string EncodeRecord(const CallLogReader::Record& record) {
  std::string bytes;
  if (const auto* step = std::get_if<CallStep>(&record)) {
    PutStep(step->event, step->commands, bytes);
  } else {
    Encoder{bytes}(kRecordAudio, "audio", std::get<AudioPiece>(record));
  }
  return bytes;
}

absl::StatusOr<std::variant<CallLogHeader, CallStep, AudioPiece>> DecodeRecord(
    std::string_view bytes) {
  RawField field;
  Walker walker(bytes);
  if (walker.done()) return DataLoss("empty record");
  DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
  if (field.type != proto::kBytes) return DataLoss("record of unknown kind ", field.number);
  switch (field.number) {
    case kRecordHeader:
      return DecodeHeader(field.bytes);
    case kRecordStep:
      return DecodeStep(field.bytes);
    case kRecordAudio: {
      AudioPiece piece;
      DRAGOMAN_RETURN_IF_ERROR(proto::Decode(field.bytes, piece));
      return piece;
    }
    default:
      return DataLoss("record of unknown kind ", field.number);
  }
}

absl::StatusOr<std::unique_ptr<CallLogWriter>> CallLogWriter::Create(EventLogStore& store,
                                                                     std::string_view name,
                                                                     const CallLogHeader& header) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto log, store.Create(name));
  std::unique_ptr<CallLogWriter> writer(new CallLogWriter(std::move(log)));
  writer->record_ = EncodeRecord(header);
  writer->Append();
  if (!writer->status_.ok()) return writer->status_;
  return writer;
}

void CallLogWriter::Write(const CallEvent& event, const std::vector<CallCommand>& commands) {
  record_.clear();
  PutStep(event, commands, record_);
  Append();
}

void CallLogWriter::Write(const AudioPiece& piece) {
  record_.clear();
  Encoder{record_}(kRecordAudio, "audio", piece);
  Append();
}

void CallLogWriter::Append() {
  if (status_.ok()) status_ = log_->Append(record_);
}

absl::Status CallLogWriter::Close() {
  status_.Update(log_->Close());
  return status_;
}

absl::StatusOr<CallLogReader> CallLogReader::Create(EventLogReader log) {
  CallLogReader reader(std::move(log));
  auto first = reader.log_.Next();
  if (!first.ok()) return Annotate(first.status(), "call log without a header");
  DRAGOMAN_ASSIGN_OR_RETURN(auto record, DecodeRecord(*first));
  auto* header = std::get_if<CallLogHeader>(&record);
  if (!header) return InvalidArgument("not a call's log: its first record is not a header");
  reader.header_ = std::move(*header);
  return reader;
}

absl::StatusOr<CallLogReader::Record> CallLogReader::Next() {
  DRAGOMAN_ASSIGN_OR_RETURN(std::string_view bytes, log_.Next());
  auto record = DecodeRecord(bytes);
  if (!record.ok()) {
    return Annotate(record.status(), StrCat("record ", log_.records_read() - 1));
  }
  if (auto* step = std::get_if<CallStep>(&*record)) return std::move(*step);
  if (auto* piece = std::get_if<AudioPiece>(&*record)) return *piece;
  return DataLoss("record ", log_.records_read() - 1, " is a second header");
}

}  // namespace dragoman
