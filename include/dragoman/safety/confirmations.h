// What the owner was asked, in words made by code, and what the answer covers: these arguments,
// once, for a while.
#ifndef DRAGOMAN_SAFETY_CONFIRMATIONS_H_
#define DRAGOMAN_SAFETY_CONFIRMATIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Everything that an answer binds. Two bindings with an equal digest are equal.
struct DRAGOMAN_EXPORT Binding {
  std::string tool;
  std::string schema_hash;   // ToolFingerprint()
  std::string arguments;     // canonical JSON
  std::string destinations;  // canonical, each once, sorted, parted by blanks
  std::string caller_identity;
  std::string cost_ceiling;  // "0.50 EUR, 10 minutes"
  std::string goal, tenant, user;
  std::string policy_version;
};
// SHA-256 of the RFC 8785 form of the binding, without and with expiry and nonce.
DRAGOMAN_EXPORT std::string DigestOf(const Binding& binding);
DRAGOMAN_EXPORT std::string DigestOf(const Binding& binding, WallTime expires,
                                     std::string_view nonce);

// Where an answer came from. Only the owner's own, authenticated channels count.
enum class AnswerChannel {
  kOwnerConsole,  // the command line on the owner's machine
  kOwnerApp,      // a session that authenticated the owner
  kOwnerLink,     // a signed link sent to an address of the owner
  kCallee,        // the other party of a call
  kVoicemail,
  kMail,
  kCallerId,  // an inbound call that shows the owner's number
  kModel,     // any language model
};
DRAGOMAN_EXPORT bool IsOwnersChannel(AnswerChannel channel);

struct DRAGOMAN_EXPORT OwnerAnswer {
  AnswerChannel channel = AnswerChannel::kModel;
  std::string tenant, user;  // whom the channel authenticated
  bool yes = false;
};

enum class ConfirmationState { kPending, kApproved, kDenied, kUsed, kExpired };
DRAGOMAN_EXPORT std::string_view Name(ConfirmationState state);

struct DRAGOMAN_EXPORT Confirmation {
  std::string id;  // the nonce; unguessable
  Binding binding;
  std::string text;    // what the owner is shown, rendered from the arguments
  std::string digest;  // over binding, expiry and nonce
  WallTime expires{};
  std::vector<std::string> destinations;    // that count as the owner's own words once confirmed
  std::vector<std::string> personal_items;  // digests of the personal values they may receive
  ConfirmationState state = ConfirmationState::kPending;
};

// Thread-safe.
class DRAGOMAN_EXPORT ConfirmationBook {
 public:
  virtual ~ConfirmationBook() = default;
  // Keeps a pending question. One that is still open for the same binding is given back instead, so
  // that a model that asks again does not flood its owner. kResourceExhausted: more than 100 are
  // open for this user.
  virtual absl::StatusOr<Confirmation> Open(Confirmation confirmation, WallTime now) = 0;
  // kPermissionDenied: not the owner's channel, or another user's question. kFailedPrecondition:
  // answered before, used up, expired. kNotFound.
  virtual absl::Status Answer(std::string_view id, const OwnerAnswer& answer, WallTime now) = 0;
  virtual absl::StatusOr<Confirmation> Find(std::string_view id, WallTime now) const = 0;
  // An approved one for exactly this binding; none: there is none.
  virtual std::optional<Confirmation> FindApproved(const Binding& binding, WallTime now) const = 0;
  // Whether the owner said no to exactly this, and the question has not expired yet.
  virtual bool Refused(const Binding& binding, WallTime now) const = 0;
  // Uses it up, once. kFailedPrecondition: not approved, used up or expired. kPermissionDenied: it
  // binds something else.
  virtual absl::Status Consume(std::string_view id, const Binding& binding, WallTime now) = 0;
  // Whether a used confirmation of this goal covers the destination, and that it gets this item.
  virtual bool Covers(std::string_view tenant, std::string_view goal,
                      std::string_view destination) const = 0;
  virtual bool CoversItem(std::string_view tenant, std::string_view goal,
                          std::string_view destination, std::string_view item) const = 0;
  // What waits for this user, oldest first.
  virtual std::vector<Confirmation> Pending(std::string_view tenant, std::string_view user,
                                            WallTime now) const = 0;
};
DRAGOMAN_EXPORT std::unique_ptr<ConfirmationBook> MakeMemoryConfirmationBook();

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_CONFIRMATIONS_H_
