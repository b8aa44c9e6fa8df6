// What must last, as records. Text is UTF-8 without NUL; what is called bytes is anything at all.
// Times are the caller's wall clock in UTC, kept to the microsecond.
#ifndef DRAGOMAN_STORE_RECORDS_H_
#define DRAGOMAN_STORE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/store/intent.h"

namespace dragoman {

struct DRAGOMAN_EXPORT UserRecord {
  std::string id;
  std::string display_name;
  std::string time_zone;  // IANA, "Europe/Berlin"; empty: not known
  std::string settings;   // JSON
  WallTime created{};
  friend bool operator==(const UserRecord&, const UserRecord&) = default;
};

// A row of `tasks`. State, version and the like change only by GoalStep.
struct DRAGOMAN_EXPORT GoalRecord {
  std::string id;
  std::string user_id;
  std::string parent_id;  // empty: a goal of its own
  std::string request;    // the owner's words, up to kMaxTextBytes; kept beside the row
  std::string state;      // a name of the task machine
  std::string waiting_on;
  std::int64_t priority = 0;  // higher first
  std::optional<WallTime> deadline;
  WallTime created{};
  WallTime updated{};
  std::int64_t version = 0;  // steps taken; a new goal has 0
  bool final = false;        // no step follows
  bool erased = false;       // its words are gone, and nothing of it is taken any more
  friend bool operator==(const GoalRecord&, const GoalRecord&) = default;
};

// One row of the task log, which is the audit entry too. `index` counts all of them from 1 without
// a gap; `hash` chains each to the one before (audit.h).
struct DRAGOMAN_EXPORT LogRecord {
  std::int64_t index = 0;
  std::string goal_id;  // empty: it belongs to no goal
  std::int64_t version = 0;
  WallTime at{};
  std::string actor;   // a pseudonym: an id, never a name or a number
  std::string action;  // "intent armed"
  std::string state;   // of the goal after this step
  std::string waiting_on;
  bool final = false;
  std::string delta;  // bytes that the task machine understands
  std::string topic;  // of the outgoing event; empty: none
  std::string event;  // its bytes
  // 32 bytes each, instead of what was erased; empty while it is there.
  std::string delta_digest, event_digest;
  std::string hash;  // 32 bytes
  friend bool operator==(const LogRecord&, const LogRecord&) = default;
};

struct DRAGOMAN_EXPORT PlanRecord {
  std::string goal_id;
  std::int64_t version = 0;
  std::string body;  // bytes
  WallTime created{};
  friend bool operator==(const PlanRecord&, const PlanRecord&) = default;
};

enum class ApprovalState { kPending, kApproved, kDenied, kUsed, kExpired };
struct DRAGOMAN_EXPORT ApprovalRecord {
  std::string id;  // unguessable
  std::string goal_id, user_id;
  std::string digest;  // what it binds
  std::string text;    // what the owner was shown
  ApprovalState state = ApprovalState::kPending;
  WallTime asked{};
  WallTime expires{};
  std::optional<WallTime> resolved;  // when it left kPending; then when it was used
  friend bool operator==(const ApprovalRecord&, const ApprovalRecord&) = default;
};

struct DRAGOMAN_EXPORT ContactRecord {
  std::string user_id, id;
  std::string name;
  std::string address;  // E.164 number or mail address
  std::string labels;   // provenance, as the governor writes it
  std::string note;
  WallTime updated{};
  friend bool operator==(const ContactRecord&, const ContactRecord&) = default;
};

// A sealed value; only the vault opens it. A put must carry a version above the stored one, and a
// generation that is not below that of the user's key (kFailedPrecondition: it comes too late).
struct DRAGOMAN_EXPORT VaultRecord {
  std::string user_id, record, field;
  std::int64_t version = 0;
  std::int64_t key_generation = 0;  // of the user's data key
  std::string sealed;               // bytes: nonce, ciphertext, tag
  WallTime updated{};
  friend bool operator==(const VaultRecord&, const VaultRecord&) = default;
};

// A user's data key, wrapped by the master key. `generation` never falls; a destroyed key stays as
// a tombstone, and no vault row of that generation or an older one is taken afterwards.
struct DRAGOMAN_EXPORT UserKeyRecord {
  std::string user_id;
  std::int64_t generation = 1;
  std::int64_t master_version = 0;
  std::string wrapped;  // bytes; empty: destroyed
  friend bool operator==(const UserKeyRecord&, const UserKeyRecord&) = default;
};

struct DRAGOMAN_EXPORT MemoryRecord {
  std::string user_id, id;
  std::string kind;  // "note", "preference"
  std::string body;  // bytes
  std::string labels;
  bool quarantined = false;  // from untrusted content, not accepted by the owner yet
  WallTime created{};
  std::optional<WallTime> expires = {};
  // Whose step wrote it; empty: no goal's. kFailedPrecondition: that goal was erased.
  std::string goal_id = {}, step = {};
  friend bool operator==(const MemoryRecord&, const MemoryRecord&) = default;
};

// Somebody has said that this must be kept: it is neither forgotten by its date nor erased.
struct DRAGOMAN_EXPORT HoldRecord {
  std::string user_id;
  std::string goal_id;  // empty: everything of the user
  WallTime since{};
  friend bool operator==(const HoldRecord&, const HoldRecord&) = default;
};

// One unit of one account: "goal g7", "micro-EUR".
struct DRAGOMAN_EXPORT BudgetRecord {
  std::string account, unit;
  std::int64_t reserved = 0;
  std::int64_t spent = 0;
  friend bool operator==(const BudgetRecord&, const BudgetRecord&) = default;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_RECORDS_H_
