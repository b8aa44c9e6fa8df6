// What offices may say, as a grammar: any of the phrases, days, times, names and amounts, in any
// order, several in one turn.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

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

std::string Phrases(std::initializer_list<Cue> without) {
  std::string text;
  for (const CallerPhrase& phrase : CallerPhrases()) {
    if (std::find(without.begin(), without.end(), phrase.cue) != without.end()) continue;
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
  rules["row"] = own.empty() ? "<letter> <letter> (<letter>)+"
                             : StrCat(own, " | <letter> <letter> (<letter>)+");
  std::string first;
  for (const std::string& name : PlainWords(facts.FirstName())) first += name + " ";
  rules["person"] = StrCat("(doctor | mister | miss | for | under | name is) ",
                           first.empty() ? "" : StrCat("[", Trim(first), "] "), "<surname>");
  rules["when"] =
      "[on | for | is | it's | that's | at | and | or | from | to | until | between | around | by "
      "| "
      "till | nothing at] (<date> | <time> | <daypart>)";
  rules["amount"] =
      "(<hour> | <tens> [<small>]) [hundred] [<tens> [<small>]] (dollars | euros | pounds | cents)";
  rules["tens"] =
      "ten | fifteen | twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety";
  rules["small"] = "one | two | three | four | five | six | seven | eight | nine";
  rules["code"] =
      "[your] (reference | confirmation) [number | code] is (<letter> | <small> | zero | oh)+";
  rules["number"] =
      "(<small> | zero | oh) (<small> | zero | oh) (<small> | zero | oh) "
      "(<small> | zero | oh) (<small> | zero | oh)+";
  return rules;
}

}  // namespace

ReplyExpectation CalledExpectation(const CallErrand& errand, bool opening) {
  ReplyExpectation expectation;
  expectation.state = opening ? "called_opening" : "called";
  auto rules = CalledRules(errand);
  rules["said"] = Phrases({});
  expectation.grammar =
      Assemble(rules, expectation.state,
               opening ? "(<said>)+"
                       : "(<said> | <when> | <person> | <row> | <amount> | <code> | "
                         "<number>)+");
  for (int day = 0; day < 7; ++day) expectation.phrases.emplace_back(WeekdayName(day));
  for (unsigned month = 1; month <= 12; ++month) {
    expectation.phrases.emplace_back(MonthName(month));
  }
  for (const auto& [name, value] : errand.facts) {
    if (expectation.phrases.size() < 100) expectation.phrases.push_back(value);
  }
  // Receptionists look things up between two sentences.
  expectation.end_silence = std::chrono::milliseconds(1000);
  return expectation;
}

}  // namespace dragoman::offline
