// Finds the vault's values in text, however they are spelled, without giving them away.
#ifndef DRAGOMAN_STORE_SECRET_MATCHER_H_
#define DRAGOMAN_STORE_SECRET_MATCHER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/secret.h"

namespace dragoman {

struct DRAGOMAN_EXPORT SecretHit {
  std::string handle;     // of the vault: "account-pin"
  std::size_t begin = 0;  // bytes of the text that spell it, roughly
  std::size_t end = 0;
  std::string_view form;  // how: "digits", "spelled", "reversed", "base64", ...; a literal
};

// Thread-safe.
class DRAGOMAN_EXPORT SecretMatcher {
 public:
  virtual ~SecretMatcher() = default;
  // Values that end behind the first `from` bytes of `text`: what stands before is context that was
  // looked at already. At most one hit per handle. `text` may be any bytes.
  virtual std::vector<SecretHit> Find(std::string_view text, std::size_t from = 0) const = 0;
  // For taking one value out of a text: every stretch that ends behind `from` and spells it, as far
  // as it goes, in any order and overlapping; with `least_digits` not 0 also whatever spells so
  // many of its digits in a row, or half of its letters (at least 4). `handle` with or without
  // "vault:".
  virtual std::vector<SecretHit> FindAll(std::string_view handle, std::string_view text,
                                         std::size_t from, std::size_t least_digits) const = 0;
};

struct DRAGOMAN_EXPORT SecretValue {
  std::string handle;
  Secret value;  // at least 4 letters or digits, else it cannot be told from ordinary text
};
// Keeps folded forms of the values in memory, overwritten at the end. Values that are too short are
// left out: `skipped`, if not null, learns their handles. Recognises a value spaced, punctuated,
// in other scripts' look-alikes, reversed, in base64, hexadecimal or percent escapes; its digits as
// words (English; single digits also in German, French, Spanish, Italian, Portuguese), in pairs and
// numbers ("forty-five sixteen", "double four"), its letters by name or in the NATO alphabet; and
// with a few words between its parts. Of a value of 8 and more, any 3/5 in one run count.
DRAGOMAN_EXPORT std::unique_ptr<SecretMatcher> MakeSecretMatcher(
    std::vector<SecretValue> values, std::vector<std::string>* skipped = nullptr);

// Where a secret may go. Thread-safe.
class DRAGOMAN_EXPORT SecretGrants {
 public:
  virtual ~SecretGrants() = default;
  // `sink` as in Readers, "tel:+12015550123"; `purpose` is the goal's: "authenticate".
  virtual bool MayReceive(std::string_view handle, std::string_view sink,
                          std::string_view purpose) const = 0;
  // What its owner declared, for the owner's eyes: "tel:+12015550123 for authenticate".
  virtual std::vector<std::string> Declared(std::string_view handle) const {
    (void)handle;
    return {};
  }
};

// The plaintext, for the edge where it is spoken or keyed. Only on its executor; must outlive
// whoever waits for it.
class DRAGOMAN_EXPORT SecretSource {
 public:
  using Revealed = absl::AnyInvocable<void(absl::StatusOr<Secret>)>;
  virtual ~SecretSource() = default;
  // As Vault::Reveal: audited, and refused with kPermissionDenied where `sink` and `purpose` are
  // not those that the owner declared. `done` runs once, or never when the source is destroyed
  // first.
  virtual void Reveal(const std::string& user, const std::string& handle, const std::string& sink,
                      const std::string& purpose, Revealed done) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_SECRET_MATCHER_H_
