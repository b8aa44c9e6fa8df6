// How values of a vault are named wherever they must not stand: in arguments, in what a model reads
// and says, in transcripts and logs: "{{vault:bank/pin}}".
#ifndef DRAGOMAN_CONVERSATION_VAULT_HANDLE_H_
#define DRAGOMAN_CONVERSATION_VAULT_HANDLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT HandleSpan {
  std::size_t begin = 0;    // bytes of the text, with the braces
  std::size_t end = 0;      // behind them
  std::string_view handle;  // "bank/pin", of the text; empty: it is not written as a handle is
};

// Every "{{vault:" in the text, in order. What follows must be 1 to 129 letters, digits, '.', '_',
// '-' and '/', then "}}"; else the span has no handle and goes to the end of what could be one.
DRAGOMAN_EXPORT std::vector<HandleSpan> FindVaultHandles(std::string_view text);

// The text is one handle and nothing else: "bank/pin". Empty: it is not.
DRAGOMAN_EXPORT std::string_view OnlyVaultHandle(std::string_view text);

// "bank/pin" or "vault:bank/pin" as it is written in texts.
DRAGOMAN_EXPORT std::string WrittenHandle(std::string_view handle);
// The text with "vault:bank/pin" in place of each handle: for results, which name a value to people
// and must not ask for it where they are passed on.
DRAGOMAN_EXPORT std::string NamedHandles(std::string_view text);
// A handle without "vault:" in front.
DRAGOMAN_EXPORT std::string_view BareHandle(std::string_view handle);

}  // namespace dragoman
#endif  // DRAGOMAN_CONVERSATION_VAULT_HANDLE_H_
