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
TEST(OfflineGrammarTest, TheDecoderReadsEachGrammarIntoAtMostThreeThousandArcs) {
  const AgentDefinition agent = ClinicReceptionist({});
  err_set_logfp(nullptr);
  logmath_t* log = logmath_init(1.0001, 0, 0);
  for (const std::string& state : DialogueStates(agent)) {
    auto expectation = ExpectationIn(agent, state);
    ASSERT_TRUE(expectation.ok()) << expectation.status();
    jsgf_t* grammar = jsgf_parse_string(expectation->grammar.c_str(), nullptr);
    ASSERT_NE(grammar, nullptr) << expectation->grammar;
    jsgf_rule_t* rule = jsgf_get_public_rule(grammar);
    ASSERT_NE(rule, nullptr) << state;
    fsg_model_t* model = jsgf_build_fsg(grammar, rule, log, 1.0f);
    ASSERT_NE(model, nullptr) << state;
    int arcs = 0;
    int null_arcs = 0;
    for (int from = 0; from < fsg_model_n_state(model); ++from) {
      for (auto* arc = fsg_model_arcs(model, from); arc != nullptr; arc = fsg_arciter_next(arc)) {
        ++(fsg_link_wid(fsg_arciter_get(arc)) < 0 ? null_arcs : arcs);
      }
    }
    EXPECT_GT(arcs, 20) << state;
    EXPECT_LE(arcs, 3000) << state;
    RecordProperty(state, StrCat(arcs, " arcs, ", null_arcs, " null arcs"));
    fsg_model_free(model);
    jsgf_grammar_free(grammar);
  }
  logmath_free(log);
}
#endif

}  // namespace
}  // namespace dragoman
