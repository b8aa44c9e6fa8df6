#include "dragoman/store/audit.h"

#include <limits>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"

namespace dragoman {

std::string AuditStart() { return std::string(32, '\0'); }

std::string AuditHash(const LogRecord& record, std::string_view previous) {
  FramedBytes bytes;
  bytes.Add(std::string_view("dragoman audit 1"))
      .Add(previous)
      .Add(record.index)
      .Add(record.goal_id)
      .Add(record.version)
      .Add(record.at.time_since_epoch().count())
      .Add(record.actor)
      .Add(record.action)
      .Add(record.state)
      .Add(record.waiting_on)
      .Add(std::int64_t{record.final})
      .Add(record.delta_digest.empty() ? Sha256Bytes({record.delta}) : record.delta_digest)
      .Add(record.topic)
      .Add(record.event_digest.empty() ? Sha256Bytes({record.event}) : record.event_digest);
  return Sha256Bytes({bytes.bytes()});
}

AuditVerifier::AuditVerifier() { report_.head.hash = AuditStart(); }

bool AuditVerifier::Check(const LogRecord& record) {
  if (report_.first_bad) return false;
  const std::int64_t expected = report_.head.index + 1;
  if (record.index != expected) {
    report_.first_bad = expected;
    report_.reason = StrCat("entry ", expected, " is missing; the next one is ", record.index);
    return false;
  }
  // Erased content leaves its digest behind; content beside a digest would not be covered by the
  // hash.
  const bool both = (!record.delta_digest.empty() && !record.delta.empty()) ||
                    (!record.event_digest.empty() && !record.event.empty());
  if (both || record.hash != AuditHash(record, report_.head.hash)) {
    report_.first_bad = expected;
    report_.reason = StrCat("entry ", expected, " does not match its hash");
    return false;
  }
  if (anchor_ && anchor_->index == expected && anchor_->hash != record.hash) {
    report_.first_bad = expected;
    report_.reason = StrCat("entry ", expected, " is not the one that was anchored");
    return false;
  }
  report_.rows += 1;
  report_.head = {.index = expected, .hash = record.hash};
  return true;
}

AuditReport AuditVerifier::Finish() const {
  AuditReport report = report_;
  if (!report.first_bad && anchor_ && report.head.index < anchor_->index) {
    report.first_bad = report.head.index + 1;
    report.reason = StrCat("the log ends at ", report.head.index, "; it had reached ",
                           anchor_->index, " when it was anchored");
  }
  return report;
}

absl::StatusOr<AuditReport> VerifyAudit(StoreView& view, const std::optional<AuditHead>& anchor) {
  constexpr int kPage = 1000;
  AuditVerifier verifier;
  if (anchor) verifier.Expect(*anchor);
  std::int64_t next = std::numeric_limits<std::int64_t>::min();  // forged rows may come before 1
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> page, view.ReadLog(next, kPage));
    for (const LogRecord& record : page) {
      if (!verifier.Check(record)) return verifier.Finish();
      next = record.index + 1;
    }
    if (page.size() < kPage) return verifier.Finish();
  }
}

}  // namespace dragoman
