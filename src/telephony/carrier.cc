#include "dragoman/telephony/carrier.h"

#include "dragoman/core/status.h"

namespace dragoman {

std::string_view Name(DialOutcome outcome) {
  switch (outcome) {
    case DialOutcome::kAnswered:
      return "answered";
    case DialOutcome::kBusy:
      return "busy";
    case DialOutcome::kNoAnswer:
      return "no_answer";
    case DialOutcome::kDeclined:
      return "declined";
    case DialOutcome::kInvalidNumber:
      return "invalid_number";
    case DialOutcome::kBlocked:
      return "blocked";
    case DialOutcome::kFailed:
      return "failed";
    case DialOutcome::kCancelled:
      return "cancelled";
  }
  return "failed";
}

absl::Status DialRequest::Validate() const {
  if (to.empty())
    return InvalidArgument("to is empty; expected a number in E.164, such as +15551234567");
  if (ring_timeout.count() < 5 || ring_timeout.count() > 600) {
    return InvalidArgument("ring_timeout is ", ring_timeout.count(), " s; expected 5 to 600 s");
  }
  if (time_limit.count() < 1 || time_limit.count() > 86'400) {
    return InvalidArgument("time_limit is ", time_limit.count(), " s; expected 1 to 86400 s");
  }
  return absl::OkStatus();
}

}  // namespace dragoman
