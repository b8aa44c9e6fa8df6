#include "src/memory/vault_codec.h"

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"
#include "src/memory/frames.h"
#include "src/memory/sealing.h"
#include "src/memory/vault_rules.h"

namespace dragoman::memory {
namespace {

constexpr std::int64_t kValueFormat = 1;
constexpr std::int64_t kRowsFormat = 1;
constexpr std::int64_t kExportFormat = 1;
constexpr std::size_t kPadTo = 64;
constexpr std::string_view kExportTitle = "dragoman vault export, format 1\n";

absl::Status Strange(std::string_view what) {
  return DataLoss("what was sealed is no ", what, " of a format known here");
}

std::int64_t Micros(WallTime time) { return time.time_since_epoch().count(); }

}  // namespace

std::string RowBinding(std::string_view tenant, const VaultRecord& row) {
  return FramedBytes()
      .Add(std::string_view("dragoman vault row 1"))
      .Add(tenant)
      .Add(row.user_id)
      .Add(row.record)
      .Add(row.field)
      .Add(row.version)
      .Add(row.key_generation)
      .Add(Micros(row.updated))
      .bytes();
}

std::string KeyBinding(std::string_view tenant, const UserKeyRecord& key) {
  return FramedBytes()
      .Add(std::string_view("dragoman user key 1"))
      .Add(tenant)
      .Add(key.user_id)
      .Add(key.generation)
      .Add(key.master_version)
      .bytes();
}

absl::StatusOr<LockedBytes> EncodeValue(const VaultValue& value, WallTime created) {
  std::size_t size = 7 * 8 + value.value.Reveal().size();
  for (const SecretSink& sink : value.sinks) size += 16 + sink.sink.size() + sink.purpose.size();
  const std::size_t padding = (kPadTo - size % kPadTo) % kPadTo;
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes room, LockedBytes::Make(size + padding));
  LockedFrames frames(std::move(room));
  frames.Add(kValueFormat);
  frames.Add(static_cast<std::int64_t>(value.kind));
  frames.Add(static_cast<std::int64_t>(value.confidentiality));
  frames.Add(Micros(created));
  frames.Add(static_cast<std::int64_t>(value.sinks.size()));
  for (const SecretSink& sink : value.sinks) {
    frames.Add(std::string_view(sink.sink));
    frames.Add(std::string_view(sink.purpose));
  }
  frames.Add(value.value.Reveal());
  frames.Add(std::string_view(std::string(padding, '\0')));
  if (frames.full() || frames.used() != size + padding) return Internal("a value has two sizes");
  return frames.Take();
}

absl::StatusOr<OpenedValue> DecodeValue(LockedBytes text) {
  OpenedValue opened;
  opened.text = std::move(text);
  FrameReader reader(opened.text.view());
  const std::int64_t format = reader.Number();
  const std::int64_t kind = reader.Number();
  const std::int64_t confidentiality = reader.Number();
  opened.created = WallTime(std::chrono::microseconds(reader.Number()));
  const std::int64_t sinks = reader.Count(16);
  for (std::int64_t i = 0; i < sinks; ++i) {
    SecretSink sink;
    sink.sink = std::string(reader.Piece());
    sink.purpose = std::string(reader.Piece());
    if (!CheckSink(sink).ok()) return Strange("value");
    opened.sinks.push_back(std::move(sink));
  }
  opened.value = reader.Piece();
  reader.Piece();  // padding
  if (!reader.AtEnd() || format != kValueFormat || kind < 0 ||
      kind >= static_cast<std::int64_t>(SecretKind::kCardVerification) || confidentiality < 0 ||
      confidentiality > static_cast<std::int64_t>(Confidentiality::kSecret)) {
    return Strange("value");
  }
  opened.kind = static_cast<SecretKind>(kind);
  opened.confidentiality = static_cast<Confidentiality>(confidentiality);
  return opened;
}

std::string EncodeRows(const RowList& list) {
  FramedBytes bytes;
  bytes.Add(kRowsFormat).Add(static_cast<std::int64_t>(list.rows.size()));
  for (const auto& [name, row] : list.rows) {
    bytes.Add(name.first).Add(name.second).Add(row.version).Add(row.digest);
  }
  return bytes.bytes();
}

absl::StatusOr<RowList> DecodeRows(std::string_view text) {
  FrameReader reader(text);
  RowList list;
  if (reader.Number() != kRowsFormat) return Strange("list of rows");
  const std::int64_t count = reader.Count(32);
  for (std::int64_t i = 0; i < count; ++i) {
    std::pair<std::string, std::string> name;
    name.first = std::string(reader.Piece());
    name.second = std::string(reader.Piece());
    ListedRow row;
    row.version = reader.Number();
    row.digest = std::string(reader.Piece());
    list.rows.emplace(std::move(name), std::move(row));
  }
  if (!reader.AtEnd()) return Strange("list of rows");
  return list;
}

absl::StatusOr<LockedBytes> EncodeExport(const std::vector<ExportedRow>& rows) {
  std::size_t size = 16;
  for (const ExportedRow& row : rows) {
    size += 24 + row.record.size() + row.field.size() + row.value.size();
  }
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes room, LockedBytes::Make(size));
  LockedFrames frames(std::move(room));
  frames.Add(kExportFormat);
  frames.Add(static_cast<std::int64_t>(rows.size()));
  for (const ExportedRow& row : rows) {
    frames.Add(std::string_view(row.record));
    frames.Add(std::string_view(row.field));
    frames.Add(row.value);
  }
  if (frames.full()) return Internal("an export has two sizes");
  return frames.Take();
}

absl::StatusOr<std::vector<ExportedRow>> DecodeExport(std::string_view text) {
  FrameReader reader(text);
  if (reader.Number() != kExportFormat) return Strange("export");
  const std::int64_t count = reader.Count(24);
  std::vector<ExportedRow> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    ExportedRow row;
    row.record = std::string(reader.Piece());
    row.field = std::string(reader.Piece());
    row.value = reader.Piece();
    rows.push_back(std::move(row));
  }
  if (!reader.AtEnd()) return Strange("export");
  return rows;
}

std::string ExportHead(std::string_view salt) { return StrCat(kExportTitle, salt); }

absl::StatusOr<std::pair<std::string, std::string>> SplitExport(std::string_view exported) {
  if (!exported.starts_with(kExportTitle) ||
      exported.size() < kExportTitle.size() + kSaltBytes + kNonceBytes + kTagBytes) {
    return DataLoss("this is no export of a vault of a format known here");
  }
  if (exported.size() > kMostExported) {
    return DataLoss("the export has ", exported.size(), " bytes; expected at most ", kMostExported);
  }
  exported.remove_prefix(kExportTitle.size());
  return std::pair{std::string(exported.substr(0, kSaltBytes)),
                   std::string(exported.substr(kSaltBytes))};
}

}  // namespace dragoman::memory
