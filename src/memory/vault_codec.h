// What is sealed, byte by byte: a value with its sinks, a user's list of rows, an export.
#ifndef DRAGOMAN_SRC_MEMORY_VAULT_CODEC_H_
#define DRAGOMAN_SRC_MEMORY_VAULT_CODEC_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/memory/vault.h"
#include "dragoman/store/records.h"
#include "src/memory/locked_bytes.h"

namespace dragoman::memory {

// Records of these names are the vault's own; no owner's record begins with '~'.
inline constexpr std::string_view kManifestRecord = "~rows";
inline constexpr std::string_view kManifestField = "~";
// A user that is none: its key says whether the master keys are those of this database.
inline constexpr std::string_view kCheckUser = "~vault";

// What a row is bound to: everything in it but the sealed bytes.
std::string RowBinding(std::string_view tenant, const VaultRecord& row);
std::string KeyBinding(std::string_view tenant, const UserKeyRecord& key);

// --- a value, as it is sealed --------------------------------------------------------------------
struct OpenedValue {
  LockedBytes text;  // owns what `value` points at
  SecretKind kind = SecretKind::kOther;
  Confidentiality confidentiality = Confidentiality::kSecret;
  WallTime created{};
  std::vector<SecretSink> sinks;
  std::string_view value;
};
// Padded to multiples of 64 bytes, so that the length of a row says little about that of the value.
absl::StatusOr<LockedBytes> EncodeValue(const VaultValue& value, WallTime created);
absl::StatusOr<OpenedValue> DecodeValue(LockedBytes text);

// --- the rows of a user --------------------------------------------------------------------------
struct ListedRow {
  std::int64_t version = 0;
  std::string digest;  // SHA-256 of what is sealed
  friend bool operator==(const ListedRow&, const ListedRow&) = default;
};
struct RowList {
  std::map<std::pair<std::string, std::string>, ListedRow> rows;  // by record and field
};
std::string EncodeRows(const RowList& list);
absl::StatusOr<RowList> DecodeRows(std::string_view text);

// --- an export -----------------------------------------------------------------------------------
struct ExportedRow {
  std::string record, field;
  std::string_view value;  // as EncodeValue made it
};
inline constexpr std::size_t kMostExported = 64 << 20;
// What is sealed; `salt` stands before it in the open.
absl::StatusOr<LockedBytes> EncodeExport(const std::vector<ExportedRow>& rows);
absl::StatusOr<std::vector<ExportedRow>> DecodeExport(std::string_view text);
std::string ExportHead(std::string_view salt);
// Salt and sealed part.
absl::StatusOr<std::pair<std::string, std::string>> SplitExport(std::string_view exported);

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_VAULT_CODEC_H_
