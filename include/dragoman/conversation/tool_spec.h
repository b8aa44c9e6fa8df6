// What a model is told of a tool, and what the governor knows of it.
#ifndef DRAGOMAN_CONVERSATION_TOOL_SPEC_H_
#define DRAGOMAN_CONVERSATION_TOOL_SPEC_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/conversation/provenance.h"
#include "dragoman/core/export.h"

namespace dragoman {

// What repeating the tool would do in the world.
enum class EffectClass {
  kRead,        // E0: pure or read-only; repeat freely
  kKeyedWrite,  // E1: the far side de-duplicates by our key
  kQueryable,   // E2: can be looked up after a crash
  kBlind,       // E3: cannot be looked up; the class of whatever declares none
};

// What a tool can do to its owner. The governor's policy decides by it; undeclared is refused.
enum class ToolRisk {
  kUndeclared,
  kRead,            // looks something up; what it sends is the question alone
  kLocal,           // writes what only the owner sees: a note, a question to the owner
  kOutward,         // somebody else notices: a call, a mail, a message, digits on a line
  kMoney,           // pays or obliges to pay
  kContract,        // signs, cancels, agrees to terms
  kIdentity,        // acts or proves in the owner's name: log in, change an address
  kLearn,           // writes preferences, procedures, contacts that later goals rely on
  kTransfer,        // connects third parties: transfer, conference, REFER
  kAdministrative,  // budgets, vault grants, policy, goals: never callable by a model
};

// What an argument is for. An argument without a role is payload: it reaches every destination.
enum class ArgumentRole {
  kPayload,
  kPhone,    // a number that is called
  kSms,      // a number that is written to
  kMail,     // an address, or an array of them
  kUrl,      // fetched or sent: its host learns all of it
  kQuery,    // asked of a service outside: a search
  kPayee,    // who gets the money
  kMoney,    // "39.90 EUR": what it may cost at most
  kMinutes,  // how long it may take at most, an integer
  kDigits,   // keys pressed on a line
  kCaller,   // which of our own numbers or addresses acts
};

struct DRAGOMAN_EXPORT ArgumentSpec {
  std::string name;  // a top-level argument
  ArgumentRole role = ArgumentRole::kPayload;
};

struct DRAGOMAN_EXPORT ToolSpec {
  std::string name;         // 1 to 64 of [A-Za-z0-9_-]
  std::string description;  // for the model: what it does, when to use it
  std::string parameters;   // JSON Schema of the argument object
  EffectClass effect = EffectClass::kBlind;
  std::chrono::milliseconds timeout{10'000};  // 1 ms to 10 min; then the model is told it failed
  ToolRisk risk = ToolRisk::kUndeclared;
  std::vector<ArgumentSpec> roles;  // of the arguments that are more than payload
  // What its results are worth when they come back: untrusted unless the owner vouches for the
  // service, and private unless the tool says that they are not.
  Integrity result_integrity = Integrity::kUntrusted;
  Confidentiality result_confidentiality = Confidentiality::kSensitive;
  // What its success proves, for whoever claims it aloud: "booking", "message", "payment",
  // "cancellation", "change", "call".
  std::vector<std::string> proves;
  // What it is told that is not the owner's own word, it keeps apart with its label until the owner
  // accepts it. Only then may a tool of kLearn be told such things at all.
  bool quarantines = false;
  // Its result is a JSON object whose member "label" is a line of FormatLabel: what the result is
  // worth, and never more than the two members above say. Without it the result has Label{}.
  bool labels_results = false;
};
// "outward"; "mail".
DRAGOMAN_EXPORT std::string_view Name(ToolRisk risk);
DRAGOMAN_EXPORT std::string_view Name(ArgumentRole role);

}  // namespace dragoman

#endif  // DRAGOMAN_CONVERSATION_TOOL_SPEC_H_
