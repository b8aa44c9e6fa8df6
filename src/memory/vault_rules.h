// What the vault takes and what it never does.
#ifndef DRAGOMAN_SRC_MEMORY_VAULT_RULES_H_
#define DRAGOMAN_SRC_MEMORY_VAULT_RULES_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/memory/vault.h"

namespace dragoman::memory {

// "vault:bank/pin", "bank/pin" -> record and field; none: it is no handle.
std::optional<std::pair<std::string, std::string>> SplitHandle(std::string_view handle);
bool IsVaultName(std::string_view name);
absl::Status CheckSink(const SecretSink& sink);

// The rule "code_beside_card": a field among the others of its record, given by their kinds and
// whether they could be a code.
bool CouldBeCardCode(std::string_view value);
absl::Status CheckNeighbour(SecretKind kind, bool could_be_code, SecretKind other_kind,
                            bool other_could_be_code);

// Mod 10 (ISO/IEC 7812-1, annex B) over 13 to 19 digits.
bool IsLuhnValid(std::string_view digits);

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_VAULT_RULES_H_
