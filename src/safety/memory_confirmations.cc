#include "src/safety/memory_confirmations.h"

#include <array>

#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

std::string Member(std::string_view key, std::string_view text, bool first = false) {
  return StrCat(first ? "" : ",", JsonString(key), ":", JsonString(text));
}

// Members in canonical order; `extra` holds those that stand between "destinations" and "goal",
// and "nonce". The arguments stand as the text that they are: one canonical form, one digest.
std::string Canonical(const Binding& binding, const std::string& expiry, const std::string& nonce) {
  return StrCat("{", Member("arguments", binding.arguments, true),
                Member("caller", binding.caller_identity), Member("cost", binding.cost_ceiling),
                Member("destinations", binding.destinations), expiry, Member("goal", binding.goal),
                nonce, Member("policy", binding.policy_version),
                Member("schema", binding.schema_hash), Member("tenant", binding.tenant),
                Member("tool", binding.tool), Member("user", binding.user), "}");
}

}  // namespace

std::string DigestOf(const Binding& binding) { return Sha256Hex(Canonical(binding, "", "")); }

std::string DigestOf(const Binding& binding, WallTime expires, std::string_view nonce) {
  return Sha256Hex(Canonical(
      binding, StrCat(",", JsonString("expires"), ":", expires.time_since_epoch().count()),
      Member("nonce", nonce)));
}

bool IsOwnersChannel(AnswerChannel channel) {
  return channel == AnswerChannel::kOwnerConsole || channel == AnswerChannel::kOwnerApp ||
         channel == AnswerChannel::kOwnerLink;
}

std::string_view Name(ConfirmationState state) {
  constexpr std::array<std::string_view, 5> kNames = {"pending", "approved", "denied", "used up",
                                                      "expired"};
  return kNames[static_cast<std::size_t>(state)];
}

std::unique_ptr<ConfirmationBook> MakeMemoryConfirmationBook() {
  return std::make_unique<safety::MemoryConfirmationBook>();
}

}  // namespace dragoman
