// What offices may say, as a grammar: any of the phrases, days, times, names and amounts, in any
// order, several in one turn.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/caller_dialogue.h"
#include "src/providers/offline/grammar_rules.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

// Words of plain letters: whatever else is no word of the decoder's.
std::vector<std::string> PlainWords(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string& word : WordsOf(text)) {
    const bool plain = std::all_of(word.begin(), word.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || c == '\''; });
    if (plain && word.size() > 1) words.push_back(word);
  }
  return words;
}

// Before anything was asked for.
bool IsOpening(Cue cue) {
  switch (cue) {
    case Cue::kGreeting:
    case Cue::kHelp:
    case Cue::kAskName:
    case Cue::kIdentity:
    case Cue::kHold:
    case Cue::kOkay:
    case Cue::kKeys:
    case Cue::kVoicemail:
    case Cue::kWrongNumber:
    case Cue::kDoNotCall:
    case Cue::kTaken:
    case Cue::kGoodbye:
      return true;
    default:
      return false;
  }
}

std::string Phrases(bool opening) {
  std::string text;
  for (const CallerPhrase& phrase : CallerPhrases()) {
    if (!phrase.in_grammar || (opening && !IsOpening(phrase.cue))) continue;
    text += StrCat(text.empty() ? "" : " | ", phrase.pattern);
  }
  return text;
}

std::map<std::string, std::string> CalledRules(const CallErrand& errand) {
  std::map<std::string, std::string> rules = SharedRules();
  const CallerFacts facts(errand, sys_days{});
  std::set<std::string> surnames;
  for (std::string_view name : FrequentSurnames()) surnames.emplace(name);
  for (const std::string& name : PlainWords(facts.LastName())) surnames.insert(name);
  for (const std::string& name : PlainWords(facts.DoctorName())) surnames.insert(name);
  for (const std::string& name : surnames) {
    rules["surname"] += StrCat(rules["surname"].empty() ? "" : " | ", name);
  }
  // Our own spelling is likelier than any other row of letters.
  std::string own;
  for (const char c : facts.LastName()) {
    if (c >= 'a' && c <= 'z') own += StrCat(own.empty() ? "" : " ", std::string(1, c), ".");
  }
  rules["row"] = own.empty() ? "(<letter>)+" : "<own> | (<letter>)+";
  if (!own.empty()) rules["own"] = own;
  std::string first;
  for (const std::string& name : PlainWords(facts.FirstName())) first += name + " ";
  rules["who"] = StrCat(first.empty() ? "" : StrCat("[", Trim(first), "] "), "(<surname> [<row>]",
                        own.empty() ? ")" : " | <own>)");
  rules["day"] =
      "<weekday> [<dayofmonth>] | <dayofmonth> | today | tomorrow | next week | this week";
  rules["clock"] =
      "<hour> <minute> [<part>] | <hour> <part> | (half past | [a] quarter (past | after | to | "
      "of) | (five | ten | twenty) (past | to)) <hour> [<part>] | noon | midday";
  // Values follow each other: the sentence is begun once, and goes on cheaply.
  rules["piece"] =
      "[on | is | or | and | to] <day> | [at | or | and | from | to | until] <clock> | (at | or | "
      "and | from | to) (<hour> | eighteen | seventeen | sixteen | twenty) | with doctor <surname> "
      "| for <who>";
  rules["lead"] =
      "[so] (i have | we have | that's | that is | it's | it is) [you] [down] [for] | you're down "
      "for | how about | what about | do you mean | we are open | we're open | [i am | i'm] sorry "
      "[i have | we have] nothing (at | on) | we are closed on | i move your appointment | for | "
      "from";
  rules["values"] = "[<lead>] (<piece>)+";
  rules["spelled"] = "(spelled | spelling is | [the | last] name is) (<row> | <surname> [<row>])";
  rules["amount"] =
      "[that's | that is | that would be | it is | it's | it costs | a visit is | without "
      "insurance it is] (<small> | <tens> [<small>]) [hundred] [<tens> [<small>]] (dollars | euros "
      "| pounds)";
  rules["tens"] =
      "ten | fifteen | twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety";
  rules["small"] = "one | two | three | four | five | six | seven | eight | nine";
  rules["code"] =
      "[your] (reference | confirmation) [number | code] is (<letter> | <small> | zero | oh)+";
  return rules;
}

// How values of the vault are asked for, and repeated. False: there are none.
bool AddSecretRules(const CallErrand& errand, std::map<std::string, std::string>& rules) {
  std::string names;
  for (const auto& [name, value] : errand.facts) {
    if (OnlyVaultHandle(value).empty()) continue;
    std::string words;
    for (const std::string& word : PlainWords(name)) words += (words.empty() ? "" : " ") + word;
    if (words.empty()) continue;
    const std::size_t last = words.rfind(' ');
    names += StrCat(names.empty() ? "" : " | ", words);
    if (last != std::string::npos) names += StrCat(" | ", words.substr(last + 1));
  }
  if (names.empty()) return false;
  rules["secretname"] = names;
  rules["figure"] = "one | two | three | four | five | six | seven | eight | nine | zero | oh";
  rules["secret"] =
      "[and | please] (what is | what's | tell me | give me | read me | i need | can i have | may "
      "i "
      "have | enter | key in) (the | your) [account | telephone | security] <secretname> [number | "
      "code] [please | now | followed by the (pound | hash) key] | [so | thank you] (that is | "
      "that's | it is | i have) (<figure>)+";
  return true;
}

}  // namespace

ReplyExpectation CalledExpectation(const CallErrand& errand, bool opening) {
  ReplyExpectation expectation;
  expectation.state = opening ? "called_opening" : "called";
  auto rules = CalledRules(errand);
  rules["said"] = Phrases(opening);
  const std::string secret = AddSecretRules(errand, rules) ? " | <secret>" : "";
  // A star: the decoder expands what is under a plus twice.
  expectation.grammar = Assemble(
      rules, expectation.state,
      opening ? StrCat("(<said>", secret, ")*")
              : StrCat("(<said> | <values> | <spelled> | <amount> | <code>", secret, ")*"));
  for (int day = 0; day < 7; ++day) expectation.phrases.emplace_back(WeekdayName(day));
  for (unsigned month = 1; month <= 12; ++month) {
    expectation.phrases.emplace_back(MonthName(month));
  }
  for (const auto& [name, value] : errand.facts) {
    if (!OnlyVaultHandle(value).empty()) continue;
    if (expectation.phrases.size() < 100) expectation.phrases.push_back(value);
  }
  // Receptionists look things up between two sentences.
  expectation.end_silence = std::chrono::milliseconds(1000);
  return expectation;
}

}  // namespace dragoman::offline
