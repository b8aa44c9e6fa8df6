#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/providers/offline/agent_definition.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/offline/offline_caller_model.h"
#include "src/providers/offline/caller_dialogue.h"

#ifdef DRAGOMAN_HAVE_POCKETSPHINX
extern "C" {
#include <sphinxbase/err.h>
#include <sphinxbase/fsg_model.h>
#include <sphinxbase/jsgf.h>
#include <sphinxbase/logmath.h>
}
#endif

namespace dragoman {
namespace {

constexpr char kDictionary[] = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict";

// The words of a grammar: what stands in rule bodies outside <references>.
std::set<std::string> WordsOf(const std::string& grammar) {
  std::set<std::string> words;
  std::string word;
  bool in_body = false;
  bool in_reference = false;
  for (char c : grammar) {
    const bool separator = std::string_view(" \n|()[]*+;=<>").find(c) != std::string_view::npos;
    if (!separator && in_body && !in_reference) word += c;
    if (separator && !word.empty()) {
      words.insert(word);
      word.clear();
    }
    if (c == '=') in_body = true;
    if (c == ';') in_body = false;
    if (c == '<') in_reference = true;
    if (c == '>') in_reference = false;
  }
  return words;
}

TEST(OfflineGrammarTest, EveryWordIsInTheDictionaryOfTheDecoder) {
  std::ifstream file(kDictionary);
  if (!file) GTEST_SKIP() << "pocketsphinx-en-us is not installed: no " << kDictionary;
  std::set<std::string> known;
  for (std::string line; std::getline(file, line);) known.insert(line.substr(0, line.find(' ')));
  const AgentDefinition agent = ClinicReceptionist({});
  size_t checked = 0;
  for (const std::string& state : DialogueStates(agent)) {
    auto expectation = ExpectationIn(agent, state);
    ASSERT_TRUE(expectation.ok()) << expectation.status();
    for (const std::string& word : WordsOf(expectation->grammar)) {
      // Names that it lacks are added by letter to sound.
      if (std::ranges::find(agent.known_names, word) != agent.known_names.end()) continue;
      EXPECT_TRUE(known.contains(word)) << word << " of state " << state;
      ++checked;
    }
  }
  EXPECT_GT(checked, 1000u);
}

// Of an errand whose names are in the dictionary; others are heard by their letters.
CallErrand KnownNames() {
  return {.principal = "Anna Smith",
          .request = "I would like to book an appointment.",
          .facts = {{"day", "2026-03-03"}, {"last name", "Smith"}, {"doctor", "Lane"}},
          .questions = {}};
}

TEST(OfflineGrammarTest, EveryWordThatAnOfficeMaySayIsInTheDictionaryOfTheDecoder) {
  std::ifstream file(kDictionary);
  if (!file) GTEST_SKIP() << "pocketsphinx-en-us is not installed: no " << kDictionary;
  std::set<std::string> known;
  for (std::string line; std::getline(file, line);) known.insert(line.substr(0, line.find(' ')));
  for (const bool opening : {true, false}) {
    for (const std::string& word :
         WordsOf(offline::CalledExpectation(KnownNames(), opening).grammar)) {
      EXPECT_TRUE(known.contains(word)) << word;
    }
  }
}

TEST(OfflineGrammarTest, TheNamesOfTheErrandAreInTheCallersGrammar) {
  CallErrand errand = KnownNames();
  errand.facts = {{"last name", "Okafor"}, {"doctor", "Achebe"}};
  const auto words = WordsOf(offline::CalledExpectation(errand, false).grammar);
  EXPECT_TRUE(words.contains("okafor"));
  EXPECT_TRUE(words.contains("achebe"));
}

TEST(OfflineGrammarTest, TheCallersOpeningIsRefusedWithItsErrand) {
  auto opening = OfflineCallerOpening({.errand = {}});
  EXPECT_EQ(opening.status().code(), absl::StatusCode::kInvalidArgument);
  opening = OfflineCallerOpening({.errand = KnownNames(), .utc_offset = std::chrono::hours(15)});
  EXPECT_EQ(opening.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(OfflineGrammarTest, AnUnknownStateIsNamed) {
  auto expectation = ExpectationIn(ClinicReceptionist({}), "ask_shoe_size");
  EXPECT_EQ(expectation.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(expectation.status().message()), testing::HasSubstr("ask_shoe_size"));
}

TEST(OfflineGrammarTest, SpellingAndDigitsWaitLongerThanYesAndNo) {
  const AgentDefinition agent = ClinicReceptionist({});
  EXPECT_GT(ExpectationIn(agent, "ask_name")->end_silence, std::chrono::milliseconds(1000));
  EXPECT_GT(ExpectationIn(agent, "ask_phone")->end_silence, std::chrono::milliseconds(1000));
  EXPECT_EQ(ExpectationIn(agent, "confirm_book")->end_silence, std::chrono::milliseconds(0));
}

TEST(OfflineGrammarTest, ADoctorOfAnotherHouseIsInItsGrammarAndOursAreNot) {
  ClinicFacts facts;
  facts.doctors = {"Okafor"};
  const auto words = WordsOf(ExpectationIn(ClinicReceptionist(facts), "ask_doctor")->grammar);
  EXPECT_TRUE(words.contains("okafor"));
  EXPECT_FALSE(words.contains("patel"));
}

#ifdef DRAGOMAN_HAVE_POCKETSPHINX
// Arcs with words of the network that the decoder makes of a grammar; 0: it cannot.
int ArcsOf(const std::string& text, logmath_t* log) {
  jsgf_t* grammar = jsgf_parse_string(text.c_str(), nullptr);
  if (grammar == nullptr) return 0;
  jsgf_rule_t* rule = jsgf_get_public_rule(grammar);
  fsg_model_t* model = rule == nullptr ? nullptr : jsgf_build_fsg(grammar, rule, log, 1.0f);
  int arcs = 0;
  for (int from = 0; model != nullptr && from < fsg_model_n_state(model); ++from) {
    for (auto* arc = fsg_model_arcs(model, from); arc != nullptr; arc = fsg_arciter_next(arc)) {
      arcs += fsg_link_wid(fsg_arciter_get(arc)) < 0 ? 0 : 1;
    }
  }
  if (model != nullptr) fsg_model_free(model);
  jsgf_grammar_free(grammar);
  return arcs;
}

TEST(OfflineGrammarTest, TheDecoderReadsEachGrammarIntoAtMostThreeThousandArcs) {
  const AgentDefinition agent = ClinicReceptionist({});
  err_set_logfp(nullptr);
  logmath_t* log = logmath_init(1.0001, 0, 0);
  for (const std::string& state : DialogueStates(agent)) {
    auto expectation = ExpectationIn(agent, state);
    ASSERT_TRUE(expectation.ok()) << expectation.status();
    const int arcs = ArcsOf(expectation->grammar, log);
    EXPECT_GT(arcs, 20) << state;
    EXPECT_LE(arcs, 3000) << state;
    RecordProperty(state, arcs);
  }
  logmath_free(log);
}

TEST(OfflineGrammarTest, TheDecoderReadsTheCallersGrammarIntoAtMostFourThousandArcs) {
  err_set_logfp(nullptr);
  logmath_t* log = logmath_init(1.0001, 0, 0);
  CallErrand secret = KnownNames();
  secret.facts.emplace_back("account pin", "{{vault:bank/pin}}");
  for (const auto& [errand, opening] :
       {std::pair(KnownNames(), true), std::pair(KnownNames(), false), std::pair(secret, true),
        std::pair(secret, false)}) {
    const int arcs = ArcsOf(offline::CalledExpectation(errand, opening).grammar, log);
    EXPECT_GT(arcs, 100);
    EXPECT_LE(arcs, 4000);
    printf("the caller's grammar: %d arcs\n", arcs);
  }
  logmath_free(log);
}
#endif

}  // namespace
}  // namespace dragoman
