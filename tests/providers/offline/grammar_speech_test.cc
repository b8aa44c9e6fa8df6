// What the grammars let a recogniser hear, the model must understand: sentences drawn from each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/offline/agent_definition.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "src/providers/offline/understanding.h"

namespace dragoman {
namespace {

// Draws sentences from JSGF as far as our grammars use it: references, groups, options,
// alternatives, and repetition of the thing before.
class Sampler {
 public:
  Sampler(const std::string& grammar, std::uint64_t seed) : random_(seed) {
    size_t at = 0;
    while ((at = grammar.find('<', at)) != std::string::npos) {
      const size_t close = grammar.find('>', at);
      const size_t end = grammar.find(";\n", close);
      const std::string name = grammar.substr(at + 1, close - at - 1);
      rules_[name] = grammar.substr(close + 4, end - close - 4);  // after "> = "
      at = end;
    }
  }
  std::string Draw() {
    std::string text = Rule("turn", 0);
    std::string words;
    for (std::string_view word : SplitWords(text)) words += StrCat(words.empty() ? "" : " ", word);
    return words;
  }

 private:
  std::string Rule(const std::string& name, int depth) {
    EXPECT_TRUE(rules_.contains(name)) << name;
    EXPECT_LT(depth, 30) << "recursion through " << name;
    const std::string body = rules_[name];
    size_t at = 0;
    std::string text = Alternatives(body, &at, depth + 1);
    EXPECT_EQ(at, body.size()) << name << ": " << body;
    return text;
  }
  std::string Alternatives(const std::string& body, size_t* at, int depth) {
    std::vector<std::string> all = {Sequence(body, at, depth)};
    while (*at < body.size() && body[*at] == '|') {
      ++*at;
      all.push_back(Sequence(body, at, depth));
    }
    return all[random_.Below(all.size())];
  }
  std::string Sequence(const std::string& body, size_t* at, int depth) {
    std::string text;
    while (*at < body.size()) {
      const char c = body[*at];
      if (c == '|' || c == ')' || c == ']') break;
      if (c == ' ') {
        ++*at;
        continue;
      }
      const size_t start = *at;
      std::string item = Item(body, at, depth);
      if (*at < body.size() && body[*at] == '+') {
        const size_t after = *at + 1;
        for (std::uint64_t more = 1 + random_.Below(6); more > 0; --more) {
          *at = start;
          item += " " + Item(body, at, depth);
        }
        *at = after;
      }
      text += " " + item;
    }
    return text;
  }
  std::string Item(const std::string& body, size_t* at, int depth) {
    const char c = body[(*at)];
    if (c == '(' || c == '[') {
      ++*at;
      std::string inner = Alternatives(body, at, depth);
      EXPECT_TRUE(*at < body.size() && body[*at] == (c == '(' ? ')' : ']')) << body;
      ++*at;
      return c == '(' || random_.Chance(500) ? inner : "";
    }
    if (c == '<') {
      const size_t close = body.find('>', *at);
      const std::string name = body.substr(*at + 1, close - *at - 1);
      *at = close + 1;
      return Rule(name, depth);
    }
    const size_t end = body.find_first_of(" |()[]<+", *at);
    const std::string word = body.substr(*at, end - *at);
    *at = end == std::string::npos ? body.size() : end;
    return word;
  }

  std::map<std::string, std::string> rules_;
  SeededRandom random_;
};

TEST(OfflineGrammarSpeechTest, NearlyEverySentenceOfAGrammarMeansSomethingInItsState) {
  const AgentDefinition agent = ClinicReceptionist({});
  const offline::CompiledAgent compiled = offline::Compile(agent);
  for (const std::string& state : DialogueStates(agent)) {
    Sampler sampler(ExpectationIn(agent, state)->grammar, 11);
    int understood = 0;
    std::string lost;
    constexpr int kSentences = 200;
    for (int i = 0; i < kSentences; ++i) {
      const std::string sentence = sampler.Draw();
      offline::TurnContext context;
      context.asked = *offline::ParseState(state);
      context.date.today = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);
      const auto heard = offline::Understand(compiled, sentence, context);
      if (heard.empty) {
        lost += StrCat("  ", sentence, "\n");
      } else {
        ++understood;
      }
    }
    EXPECT_GE(understood, kSentences * 97 / 100) << state << " lost:\n" << lost;
  }
}

// Answers that the grammar has no word for beyond the ones we know are taken whole, so that a yes
// that was recognised is a yes that confirms.
TEST(OfflineGrammarSpeechTest, EveryYesOfTheGrammarIsAPlainYesAndEveryNoIsNone) {
  const AgentDefinition agent = ClinicReceptionist({});
  const offline::CompiledAgent compiled = offline::Compile(agent);
  const std::string grammar = ExpectationIn(agent, "confirm_book")->grammar;
  for (const char* rule : {"yes", "no"}) {
    const std::string top = StrCat("public <turn> = <", rule, ">;\n");
    const size_t begin = grammar.find("public <turn>");
    const size_t end = grammar.find(";\n", begin) + 2;
    Sampler sampler(grammar.substr(0, begin) + top + grammar.substr(end), 5);
    std::set<std::string> sentences;
    for (int i = 0; i < 300; ++i) sentences.insert(sampler.Draw());
    for (const std::string& sentence : sentences) {
      offline::TurnContext context;
      context.asked = *offline::ParseState("confirm_book");
      const auto heard = offline::Understand(compiled, sentence, context);
      EXPECT_EQ(heard.yes, std::string(rule) == "yes") << sentence;
      EXPECT_EQ(heard.no, std::string(rule) == "no") << sentence;
      EXPECT_TRUE(heard.plain) << sentence;
    }
  }
}

}  // namespace
}  // namespace dragoman
