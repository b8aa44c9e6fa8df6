#include "dragoman/store/intent.h"

#include <algorithm>
#include <array>

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"

namespace dragoman {
namespace {

using S = IntentState;
using E = IntentEventKind;
using G = IntentGuard;
using C = IntentCommand;
using B = BudgetMove;

constexpr IntentRow kTable[] = {
    {S::kPlanned, E::kApproved, G::kAlways, S::kApproved, {}, B::kNone},
    {S::kPlanned, E::kWithdrawn, G::kAlways, S::kAbandoned, {}, B::kNone},
    {S::kPlanned, E::kRecovered, G::kAlways, S::kPlanned, C::kRecheck, B::kNone},

    {S::kApproved, E::kArm, G::kNotExpired, S::kArmed, C::kSend, B::kReserve},
    {S::kApproved, E::kArm, G::kAlways, S::kAbandoned, {}, B::kNone},
    {S::kApproved, E::kWithdrawn, G::kAlways, S::kAbandoned, {}, B::kNone},
    {S::kApproved, E::kRecovered, G::kAlways, S::kApproved, C::kRecheck, B::kNone},

    {S::kArmed, E::kAccepted, G::kAlways, S::kSent, {}, B::kNone},
    {S::kArmed, E::kConfirmed, G::kAlways, S::kConfirmed, {}, B::kSettle},
    {S::kArmed, E::kRejected, G::kAlways, S::kFailedDefinite, {}, B::kRelease},
    // Reading changes nothing, whatever became of it; the attempt is billed.
    {S::kArmed, E::kNoAnswer, G::kReadOnly, S::kFailedDefinite, {}, B::kSettle},
    {S::kArmed, E::kNoAnswer, G::kKeyIsFresh, S::kArmed, {}, B::kNone},
    {S::kArmed, E::kNoAnswer, G::kBlind, S::kNeedsHuman, C::kTellOwner, B::kSettle},
    {S::kArmed, E::kNoAnswer, G::kAlways, S::kUnknown, C::kLookUp, B::kNone},
    {S::kArmed, E::kNoSender, G::kAlways, S::kNeedsHuman, C::kTellOwner, B::kSettle},
    {S::kArmed, E::kTimer, G::kKeyIsFresh, S::kArmed, C::kSend, B::kNone},
    {S::kArmed, E::kTimer, G::kAlways, S::kUnknown, C::kLookUp, B::kNone},
    {S::kArmed, E::kRecovered, G::kReadOnly, S::kFailedDefinite, {}, B::kSettle},
    {S::kArmed, E::kRecovered, G::kKeyIsFresh, S::kArmed, C::kSend, B::kNone},
    {S::kArmed, E::kRecovered, G::kBlind, S::kNeedsHuman, C::kTellOwner, B::kSettle},
    {S::kArmed, E::kRecovered, G::kAlways, S::kUnknown, C::kLookUp, B::kNone},

    {S::kSent, E::kConfirmed, G::kAlways, S::kConfirmed, {}, B::kSettle},
    {S::kSent, E::kRejected, G::kAlways, S::kFailedDefinite, {}, B::kRelease},
    {S::kSent, E::kPending, G::kAlways, S::kSent, {}, B::kNone},
    {S::kSent, E::kPollFailed, G::kSilentTooLong, S::kUnknown, C::kLookUp, B::kNone},
    {S::kSent, E::kPollFailed, G::kAlways, S::kSent, {}, B::kNone},
    {S::kSent, E::kTimer, G::kAlways, S::kSent, C::kPoll, B::kNone},
    {S::kSent, E::kRecovered, G::kAlways, S::kSent, C::kPoll, B::kNone},

    {S::kUnknown, E::kFound, G::kAlways, S::kDone, {}, B::kSettle},
    {S::kUnknown, E::kConfirmed, G::kAlways, S::kDone, {}, B::kSettle},
    {S::kUnknown, E::kFoundSeveral, G::kAlways, S::kNeedsHuman, C::kTellOwner, B::kSettle},
    {S::kUnknown, E::kAbsent, G::kSecondNegative, S::kNotDone, {}, B::kRelease},
    {S::kUnknown, E::kAbsent, G::kAlways, S::kUnknown, {}, B::kNone},
    {S::kUnknown, E::kLookupFailed, G::kSilentTooLong, S::kNeedsHuman, C::kTellOwner, B::kSettle},
    {S::kUnknown, E::kLookupFailed, G::kAlways, S::kUnknown, {}, B::kNone},
    {S::kUnknown, E::kTimer, G::kAlways, S::kUnknown, C::kLookUp, B::kNone},
    {S::kUnknown, E::kRecovered, G::kAlways, S::kUnknown, C::kLookUp, B::kNone},

    // What was settled at the worst case stays settled.
    {S::kNeedsHuman, E::kOwnerSaysDone, G::kAlways, S::kDone, {}, B::kNone},
    {S::kNeedsHuman, E::kOwnerSaysNotDone, G::kAlways, S::kNotDone, {}, B::kNone},
    {S::kNeedsHuman, E::kConfirmed, G::kAlways, S::kDone, {}, B::kNone},
};

constexpr std::array<std::string_view, kIntentStates> kStateNames = {
    "PLANNED",         "APPROVED", "ARMED",    "SENT",        "UNKNOWN",  "CONFIRMED",
    "FAILED_DEFINITE", "DONE",     "NOT_DONE", "NEEDS_HUMAN", "ABANDONED"};
constexpr std::array<std::string_view, kIntentEvents> kEventNames = {
    "approved",        "withdrawn",          "arm",       "accepted",
    "confirmed",       "rejected",           "no answer", "no sender",
    "pending",         "poll failed",        "found",     "found several",
    "absent",          "lookup failed",      "timer",     "recovered",
    "owner says done", "owner says not done"};

// 5, 10, 20, 40, then every 60 s.
std::chrono::seconds Backoff(std::int64_t failures) {
  const std::int64_t doublings = std::clamp<std::int64_t>(failures - 1, 0, 4);
  return std::chrono::seconds(std::min<std::int64_t>(5ll << doublings, 60));
}
constexpr std::chrono::seconds kPollInterval{5};

bool Holds(IntentGuard guard, const IntentRecord& record, WallTime at) {
  switch (guard) {
    case G::kAlways:
      return true;
    case G::kNotExpired:
      return !record.expires || at < *record.expires;
    case G::kReadOnly:
      return record.effect == EffectClass::kRead;
    case G::kKeyIsFresh:
      return record.effect == EffectClass::kKeyedWrite && record.armed && at >= *record.armed &&
             at - *record.armed < record.key_window / 2;
    case G::kBlind:
      return record.effect == EffectClass::kBlind;
    case G::kSecondNegative:
      return record.first_negative && at - *record.first_negative >= kBetweenNegativeReads;
    case G::kSilentTooLong:
      return record.last_answer && at - *record.last_answer >= kLongestSilence;
  }
  return false;
}

// Where the time stands that a state waits for; every state that is not final and has no command
// under way gets a timer here.
void SetTimer(const IntentEvent& event, IntentRecord& record) {
  record.next_at.reset();
  switch (event.kind) {
    case E::kAccepted:
    case E::kPending:
      if (record.state == S::kSent) record.next_at = event.at + kPollInterval;
      break;
    case E::kAbsent:
      if (record.state == S::kUnknown) {
        record.next_at = *record.first_negative + kBetweenNegativeReads;
      }
      break;
    case E::kNoAnswer:
    case E::kPollFailed:
    case E::kLookupFailed:
      if (record.state == S::kArmed || record.state == S::kSent || record.state == S::kUnknown) {
        record.next_at = event.at + Backoff(record.failures);
      }
      break;
    default:
      break;
  }
}

void Note(const IntentEvent& event, IntentRecord& record) {
  switch (event.kind) {
    case E::kArm:
      if (record.state == S::kArmed) {
        record.armed = event.at;
        record.last_answer = event.at;
        record.fence = event.fence;
      }
      break;
    case E::kAccepted:
    case E::kConfirmed:
    case E::kFound:
    case E::kPending:
      if (!event.reference.empty()) record.provider_reference = event.reference;
      record.last_answer = event.at;
      record.failures = 0;
      break;
    case E::kRejected:
      record.last_answer = event.at;
      if (event.retry_after) record.not_before = event.at + *event.retry_after;
      break;
    case E::kAbsent:
      if (!record.first_negative) record.first_negative = event.at;
      record.last_answer = event.at;
      record.failures = 0;
      break;
    case E::kNoAnswer:
    case E::kPollFailed:
    case E::kLookupFailed:
      ++record.failures;
      break;
    case E::kRecovered: {
      // The wall clock may have been set while nobody ran, so times of before prove little: the far
      // side gets its grace, and two negative answers must both be given to this process.
      const WallTime earliest = event.at - kLongestSilence + kGraceAfterRecovery;
      if (record.last_answer)
        record.last_answer = std::clamp(*record.last_answer, earliest, event.at);
      record.first_negative.reset();
      break;
    }
    default:
      break;
  }
  if (!event.detail.empty()) record.detail = event.detail;
}

// What the owner is told when nobody can know.
std::string InPlainWords(const IntentRecord& record, IntentEventKind event) {
  std::string_view why = "there was no answer, and it cannot be looked up";
  if (event == E::kLookupFailed) why = "the far side has not answered for 15 minutes";
  if (event == E::kNoSender) why = "nothing is left here that could find out";
  if (event == E::kFoundSeveral) why = "the far side knows several that could be it";
  return StrCat("'", record.tool, "'", record.to.empty() ? "" : StrCat(" to ", record.to),
                " may or may not have happened: ", why, "; it will not be repeated by itself");
}

std::string_view Describe(IntentGuard guard) {
  switch (guard) {
    case G::kAlways:
      return "";
    case G::kNotExpired:
      return "not expired";
    case G::kReadOnly:
      return "E0";
    case G::kKeyIsFresh:
      return "E1, armed less than W/2 ago";
    case G::kBlind:
      return "E3";
    case G::kSecondNegative:
      return "60 s after the first negative lookup";
    case G::kSilentTooLong:
      return "no answer for 15 min";
  }
  return "";
}

std::string_view Describe(BudgetMove move) {
  switch (move) {
    case B::kNone:
      return "";
    case B::kReserve:
      return "reserve";
    case B::kRelease:
      return "release";
    case B::kSettle:
      return "settle";
  }
  return "";
}

}  // namespace

std::string_view Name(IntentState state) { return kStateNames[static_cast<size_t>(state)]; }
std::string_view Name(IntentEventKind kind) { return kEventNames[static_cast<size_t>(kind)]; }

std::string_view Name(IntentCommand command) {
  switch (command) {
    case C::kSend:
      return "send";
    case C::kPoll:
      return "poll";
    case C::kLookUp:
      return "look up";
    case C::kRecheck:
      return "check again";
    case C::kTellOwner:
      return "tell the owner";
  }
  return "";
}

bool IsFinal(IntentState state) {
  switch (state) {
    case S::kPlanned:
    case S::kApproved:
    case S::kArmed:
    case S::kSent:
    case S::kUnknown:
      return false;
    default:
      return true;
  }
}

bool MayAttemptAgain(IntentState state) {
  return state == S::kFailedDefinite || state == S::kNotDone;
}

absl::StatusOr<IntentDecision> StepIntent(const IntentRecord& record, const IntentEvent& event) {
  for (const IntentRow& row : kTable) {
    if (row.state != record.state || row.event != event.kind) continue;
    if (!Holds(row.guard, record, event.at)) continue;
    IntentDecision decision{.record = record, .commands = {}, .budget = row.budget};
    decision.record.state = row.next;
    Note(event, decision.record);
    // The clock of a new question starts with it.
    if (record.state != S::kUnknown && row.next == S::kUnknown) {
      decision.record.last_answer = event.at;
      decision.record.failures = 0;
    }
    if (row.next == S::kNeedsHuman) {
      decision.record.detail = InPlainWords(decision.record, event.kind);
    }
    SetTimer(event, decision.record);
    if (row.command) {
      decision.commands.push_back(*row.command);
      decision.record.next_at.reset();  // its answer moves the intent on
    }
    ++decision.record.revision;
    return decision;
  }
  return FailedPrecondition("intent ", record.effect_id.substr(0, 12), " is ", Name(record.state),
                            ", where '", Name(event.kind), "' has no place");
}

std::string MakeEffectId(std::string_view goal_id, std::string_view step,
                         std::int64_t attempt_group, std::string_view canonical_arguments) {
  FramedBytes bytes;
  bytes.Add(goal_id).Add(step).Add(attempt_group).Add(canonical_arguments);
  return ToHex(Sha256Bytes({bytes.bytes()}));
}

std::span<const IntentRow> IntentTable() { return kTable; }

std::string PrintIntentTable() {
  std::string text = "| state | event | if | next | then | budget |\n|---|---|---|---|---|---|\n";
  for (const IntentRow& row : kTable) {
    text += StrCat("| ", Name(row.state), " | ", Name(row.event), " | ", Describe(row.guard), " | ",
                   Name(row.next), " | ", row.command ? Name(*row.command) : "", " | ",
                   Describe(row.budget), " |\n");
  }
  return text;
}

}  // namespace dragoman
