// The rules from which grammars are put together.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_GRAMMAR_RULES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_GRAMMAR_RULES_H_

#include <map>
#include <string>

namespace dragoman::offline {

// Rules that every agent shares. Ordinals and hours are referred to as rarely as possible: a
// decoder expands each reference into arcs of its own.
const std::map<std::string, std::string>& SharedRules();

// JSGF of `top` and every rule that it needs.
std::string Assemble(const std::map<std::string, std::string>& rules, const std::string& state,
                     const std::string& top);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_GRAMMAR_RULES_H_
