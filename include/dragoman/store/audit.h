// The audit chain over the task log: who changes, removes or swaps a row breaks it there.
#ifndef DRAGOMAN_STORE_AUDIT_H_
#define DRAGOMAN_STORE_AUDIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/store/store.h"

namespace dragoman {

// The hash of `record` after one with `previous` (32 zero bytes before the first). Covers every
// field; of delta and event their digests, so that erasing them leaves the chain valid.
DRAGOMAN_EXPORT std::string AuditHash(const LogRecord& record, std::string_view previous);
DRAGOMAN_EXPORT std::string AuditStart();

struct DRAGOMAN_EXPORT AuditReport {
  std::int64_t rows = 0;  // that are proven
  AuditHead head;         // of the last of them
  // The first index that is not as it was written: altered, missing, out of order, or cut off.
  std::optional<std::int64_t> first_bad;
  std::string reason;  // one line; empty when all is well
};

// Checks rows in order, one by one. One thread at a time.
class DRAGOMAN_EXPORT AuditVerifier {
 public:
  AuditVerifier();
  // False: this row breaks the chain; later ones are ignored.
  bool Check(const LogRecord& record);
  // `anchor`: a head noted down earlier, outside the database; a chain that ends before it was cut,
  // one that has another hash there was rewritten.
  AuditReport Finish() const;
  // Before the first Check.
  void Expect(AuditHead anchor) { anchor_ = std::move(anchor); }

 private:
  AuditReport report_;
  std::optional<AuditHead> anchor_;
};

// Walks the whole log of a view. A broken chain is no error of this function: see the report.
DRAGOMAN_EXPORT absl::StatusOr<AuditReport> VerifyAudit(
    StoreView& view, const std::optional<AuditHead>& anchor = std::nullopt);

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_AUDIT_H_
