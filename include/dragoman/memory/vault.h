// A person's secrets: sealed where they lie, named by handles everywhere else, given out only to
// the place they were put in for.
#ifndef DRAGOMAN_MEMORY_VAULT_H_
#define DRAGOMAN_MEMORY_VAULT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/provenance.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/random.h"
#include "dragoman/core/secret.h"
#include "dragoman/store/secret_matcher.h"
#include "dragoman/store/store.h"

namespace dragoman {

enum class SecretKind {
  kPassword,
  kPin,
  kAccountNumber,   // IBAN, customer number, contract number
  kCardNumber,      // digits alone, Luhn-valid; never with the code beside it
  kIdentityNumber,  // passport, social security, tax
  kAnswer,          // to a security question
  kApiKey,
  kOther,
  kCardVerification,  // CVV, CVC: always refused
  kOneTimeCode,       // SMS and TOTP codes, TANs: always refused
};
DRAGOMAN_EXPORT std::string_view Name(SecretKind kind);  // "pin"
// kInvalidArgument names the nearest kind.
DRAGOMAN_EXPORT absl::StatusOr<SecretKind> ParseSecretKind(std::string_view name);

// Where a secret may go and what for. Both are compared byte by byte.
struct DRAGOMAN_EXPORT SecretSink {
  std::string sink;     // "tel:+12015550123", "host:example.org", "mailto:a@example.org"
  std::string purpose;  // "authenticate": a-z, 0-9, '-' and '_', 1 to 64
  friend bool operator==(const SecretSink&, const SecretSink&) = default;
};

inline constexpr std::size_t kMaxSecretBytes = 16 << 10;
inline constexpr std::size_t kMaxVaultFields = 1000;  // of one user
inline constexpr std::size_t kMaxSecretSinks = 32;    // of one value

// "vault:bank/pin", the only name under which a secret is spoken of.
DRAGOMAN_EXPORT std::string MakeVaultHandle(std::string_view record, std::string_view field);

struct DRAGOMAN_EXPORT VaultValue {
  std::string record;  // "bank": letters, digits, '.', '_' and '-', 1 to 64
  std::string field;   // "pin": the same
  SecretKind kind = SecretKind::kOther;
  Confidentiality confidentiality = Confidentiality::kSecret;
  Secret value;  // UTF-8, at least 4 letters or digits (else speech cannot be scanned for it)
  // None: it goes nowhere, and is only recognised in what an agent is about to say or send.
  std::vector<SecretSink> sinks;

  // kInvalidArgument naming the field; kPermissionDenied naming the rule by which card verification
  // values and one-time codes are refused:
  //   kind               it says so itself
  //   name               a word of record or field does: cvv, cvc, cid, csc, otp, tan, totp, ...
  //   card_with_code     a card number with three or four digits of their own behind it
  // and, when it is put beside others (Vault::Put):
  //   code_beside_card   three or four digits, in a record with a card number
  // A six-digit code under an innocent name and kind cannot be told from a PIN, and is taken.
  absl::Status Validate() const;
};

// What can be seen of a secret.
struct DRAGOMAN_EXPORT VaultEntry {
  std::string handle;
  SecretKind kind = SecretKind::kOther;
  Confidentiality confidentiality = Confidentiality::kSecret;
  std::vector<SecretSink> sinks;
  std::int64_t version = 0;
  WallTime created{}, updated{};
  friend bool operator==(const VaultEntry&, const VaultEntry&) = default;
};

// What a governor and a speech gate ask. Both thread-safe, and kept up to date by the vault for as
// long as it lives; afterwards they answer with what they knew last.
struct DRAGOMAN_EXPORT VaultSecrets {
  std::shared_ptr<const SecretGrants> grants;    // handles with or without "vault:" in front
  std::shared_ptr<const SecretMatcher> matcher;  // handles as "vault:bank/pin"
};

struct DRAGOMAN_EXPORT VaultOptions {
  std::string tenant = "default";
  std::string key_file;      // of MasterKeys: "<data_dir>/vault.keys"
  std::string witness_file;  // "<data_dir>/vault.witness", best on another disk than the database
  std::string actor = "vault";          // in the audit; a pseudonym
  bool accept_missing_witness = false;  // start a new one where it was lost: rollbacks go unseen
  absl::Status Validate() const;
};

// All borrowed; must outlive the vault.
struct DRAGOMAN_EXPORT VaultDependencies {
  Store* store = nullptr;
  Executor* executor = nullptr;  // blocks a little for files: no media loop
  Random* random = nullptr;      // unguessable
};

// Each operation is written into the audit, with pseudonyms only, before anybody learns its result;
// what cannot be audited does not happen. Operations run one after another in the order asked for.
//
// Errors that every operation may have: kFailedPrecondition, this user's key was destroyed;
// kDataLoss, a row, a key or the list of rows was altered, swapped, removed or rolled back (nothing
// is given out, and the audit has an entry "vault alarm"); kResourceExhausted, 1000 operations
// wait; what the store says.
//
// Only on its executor. Destruction drops what waits; callbacks do not run after it.
class DRAGOMAN_EXPORT Vault {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;
  using Ended = absl::AnyInvocable<void(absl::Status)>;

  virtual ~Vault() = default;

  // Replaces the value of the same handle. A user's first value makes the user's key.
  // kResourceExhausted: the user has kMaxVaultFields.
  virtual void Put(std::string user, VaultValue value, Done<VaultEntry> done) = 0;
  // The only way to plaintext. kPermissionDenied: it was not put in for this sink and purpose.
  // kNotFound: no such handle.
  virtual void Reveal(std::string user, std::string handle, SecretSink to, Done<Secret> done) = 0;
  // In the order of their handles.
  virtual void List(std::string user, Done<std::vector<VaultEntry>> done) = 0;
  // A record with all its fields. kNotFound: it has none. Works on damaged ones too.
  virtual void Remove(std::string user, std::string record, Ended done) = 0;

  // A new data key for this user, and everything sealed anew by it, in one transaction. Gives its
  // generation.
  virtual void RotateUserKey(std::string user, Done<std::int64_t> done) = 0;
  // A new version of the master key, then every user's key wrapped by it, page by page while other
  // operations go on. Gives the version. Killed anywhere, the rest is done when the vault is opened
  // again.
  virtual void RotateMasterKey(Done<std::int64_t> done) = 0;
  // Forgets the older versions. Backups of the database from before the rotation are then
  // unreadable by anybody, for good. kFailedPrecondition: a user's key still needs one of them.
  virtual void RetireMasterKeys(Ended done) = 0;

  // Destroys the user's key and everything of the user in the store (EraseUser), and notes a
  // tombstone outside the database first: an old backup that is restored is erased again when the
  // vault is opened.
  virtual void Erase(std::string user, Ended done) = 0;
  // An erased user may have values again, under a key of the next generation. Nothing comes back.
  virtual void Readmit(std::string user, Ended done) = 0;
  // The owner says that an older state of this user's rows is meant: a backup was restored. What
  // the rows say counts from now on. Never undoes an erasure.
  virtual void AcceptRestored(std::string user, Ended done) = 0;

  // All values of one user, sealed by a passphrase (scrypt, AES-256-GCM), for Import. Both block
  // the executor for about half a second. A passphrase has at least 12 bytes.
  virtual void Export(std::string user, Secret passphrase, Done<std::string> done) = 0;
  // All or nothing; gives the number of values. kAlreadyExists: a handle is taken. kDataLoss: not
  // an export, altered, or another passphrase.
  virtual void Import(std::string user, std::string exported, Secret passphrase,
                      Done<std::int64_t> done) = 0;

  // For the gates of this user's sessions.
  virtual void WatchSecrets(std::string user, Done<VaultSecrets> done) = 0;
};

// The vault as the edges see it. Borrowed: must outlive the source, which lives on its executor.
DRAGOMAN_EXPORT std::unique_ptr<SecretSource> MakeSecretSource(Vault& vault);

// Whether a vault was opened in this database before: then its key file must be there. Tombstones
// of erased users are no vault.
DRAGOMAN_EXPORT absl::StatusOr<bool> HasVault(StoreView& view);

// Makes the master keys for a database that has no vault yet. `done` on the executor:
// kAlreadyExists, there is a key file; kFailedPrecondition, the database has a vault already, whose
// key file is missing: restore that. This alone makes a key file; opening never does.
DRAGOMAN_EXPORT void InitVault(const VaultOptions& options, const VaultDependencies& dependencies,
                               Vault::Ended done);

// Opens it: checks that the master keys are those of this database, applies tombstones again, ends
// a rotation that was cut short. kFailedPrecondition: the key file is missing, fits another
// database, lacks a version that is needed, or may be read by others; or the witness file is
// missing. kDataLoss: a file is damaged. Nothing is made or changed then.
DRAGOMAN_EXPORT void OpenVault(const VaultOptions& options, const VaultDependencies& dependencies,
                               Vault::Done<std::unique_ptr<Vault>> done);

}  // namespace dragoman
#endif  // DRAGOMAN_MEMORY_VAULT_H_
