// What a caller's turn says: values of slots after the corrections inside the turn, answers,
// wishes. A pure function of the words, the definition and what was asked.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_UNDERSTANDING_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_UNDERSTANDING_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/providers/offline/agent_definition.h"
#include "src/providers/offline/dates.h"
#include "src/providers/offline/states.h"
#include "src/providers/offline/times.h"
#include "src/providers/offline/words.h"

namespace dragoman::offline {

// A definition with its patterns expanded once. The definition is borrowed.
struct CompiledAgent {
  struct Phrases {
    std::string name;   // of the goal, answer or slot
    std::string value;  // of the choice
    std::vector<Words> sequences;
  };
  const AgentDefinition* agent = nullptr;
  std::vector<Phrases> goals;
  std::vector<Phrases> answers;
  std::vector<Phrases> choices;
  std::vector<Phrases> nouns;
};
CompiledAgent Compile(const AgentDefinition& agent);  // the definition is valid

// What was asked, as far as it was heard: the same words mean different things after different
// questions.
struct TurnContext {
  DateContext date;
  StateName asked;
  bool choosing = false;  // between days or times just named: "the second" is one of them
};

// The values of one slot that a turn leaves standing: none, one, or several that it does not decide
// between ("Thursday or Friday").
template <typename Value>
struct Standing {
  std::vector<Value> values;
  std::vector<Value> excluded;  // "not Thursday"
  bool said() const { return !values.empty(); }
  bool unclear() const { return values.size() > 1; }
};

struct SaidName {
  std::string name;      // lower case
  bool spelled = false;  // else only heard
  friend bool operator==(const SaidName&, const SaidName&) = default;
};

enum class Pick { kNone, kFirst, kSecond, kThird, kLast, kEarlier, kLater, kEither, kNeither };

struct Understanding {
  Standing<DateValue> date;
  Standing<TimeValue> time;
  std::map<std::string, Standing<std::string>> choices;  // by slot
  std::optional<SaidName> name;
  std::string digits;  // a number said digit by digit
  std::string keypad;  // keys pressed
  bool yes = false;
  bool no = false;
  bool lost = false;        // part of the turn could not be made out
  bool plain = false;       // nothing in the turn was left unexplained, no condition, no question
  bool correction = false;  // "actually", "I meant", "make that"
  bool any = false;         // "any time", "I don't mind"
  bool soonest = false;
  bool unsure = false;  // "I don't know"
  bool hold = false;    // "one moment"
  bool repeat = false;
  bool person = false;
  bool identity = false;  // "are you a robot?"
  bool goodbye = false;
  bool thanks = false;
  bool everything = false;  // is wrong
  Pick pick = Pick::kNone;
  std::optional<std::size_t> picked;  // by its key, from 0
  std::string goal;                   // wished for; empty: none
  std::string answer;                 // asked for
  std::vector<std::string> pointed;   // slots said to be wrong or to be changed
  bool empty = true;                  // nothing of the above
};

Understanding Understand(const CompiledAgent& agent, std::string_view text,
                         const TurnContext& context);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_UNDERSTANDING_H_
