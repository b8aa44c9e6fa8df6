#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/offline/agent_definition.h"
#include "src/providers/offline/grammar_rules.h"
#include "src/providers/offline/states.h"
#include "src/providers/offline/wording.h"

namespace dragoman {
namespace offline {

const std::map<std::string, std::string>& SharedRules() {
  static const auto* rules = new std::map<std::string, std::string>{
      {"um", "um | uh | er | well | so | hello | hi | okay"},
      {"polite", "please | thanks | thank you"},
      {"yes",
       "(yes | yeah | yep | sure | correct | exactly | absolutely | perfect | okay | right) "
       "[please | that's right | that's correct | that's fine | book it | thank you] | "
       "(that's | that is) (right | correct | fine | good | perfect) | please do | go ahead | "
       "of course | sounds good | that works"},
      {"no",
       "(no | nope) [thanks | thank you | that's wrong | that's not right | it's not] | wrong | "
       "that's wrong | (that's | that is) not (right | correct) | incorrect | not quite"},
      {"fix",
       "[no | wait | sorry | actually] (make (that | it) | i mean | i meant | change it to | can "
       "we "
       "do | could we do | how about | what about | rather) | no | actually | sorry | wait"},
      {"want",
       "i'd like to | i would like to | i want to | i need to | can i | could i | can you | could "
       "you | i'm calling to"},
      {"weekday", "monday | tuesday | wednesday | thursday | friday | saturday | sunday"},
      {"month",
       "january | february | march | april | may | june | july | august | september | october | "
       "november | december"},
      {"ones", "first | second | third | fourth | fifth | sixth | seventh | eighth | ninth"},
      {"ordinal",
       "[twenty] <ones> | tenth | eleventh | twelfth | thirteenth | fourteenth | fifteenth | "
       "sixteenth | seventeenth | eighteenth | nineteenth | twentieth | thirtieth | thirty first"},
      // Never a bare ordinal: "fifth" and "tenth" are what an "at" in front of an hour is heard as.
      {"dayofmonth", "(<month> [the] | the) <ordinal> | [the] <ordinal> of <month>"},
      {"date",
       "today | tomorrow | [the] day after tomorrow | [this | next | coming] <weekday> [week] | "
       "[<weekday>] <dayofmonth> | (this | next) week | in (a week | two weeks | three weeks)"},
      {"hour",
       "one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve"},
      {"minute",
       "o'clock | thirty [five] | fifteen | forty [five] | twenty [five] | fifty [five] | ten | oh "
       "five"},
      {"part", "a.m. | p.m. | in the (morning | afternoon | evening)"},
      {"time",
       "(<hour> [<minute>] | (half past | [a] quarter (past | after | to | of) | (five | ten | "
       "twenty) (past | to)) <hour>) [<part>] | noon | midday"},
      {"daypart", "[in the] (morning | afternoon | evening)"},
      {"soon",
       "as soon as possible | [the] (first | earliest | next) (available | free) [appointment | "
       "slot | time | day] | (any | whatever) (day | time) | (any day | any time) (is fine | "
       "works)"},
      {"moment", "[on | for] <date> [[at] <time> | <daypart>]  | [at | around] <time> [on <date>]"},
      {"letter",
       "a. | b. | c. | d. | e. | f. | g. | h. | i. | j. | k. | l. | m. | n. | o. | p. | q. | r. | "
       "s. | t. | u. | v. | w. | x. | y. | z."},
      {"nato",
       "alpha | bravo | charlie | delta | echo | foxtrot | golf | hotel | india | juliet | kilo | "
       "lima | mike | november | oscar | papa | quebec | romeo | sierra | tango | uniform | victor "
       "| whiskey | x-ray | yankee | zulu"},
      {"example",
       "apple | boy | cat | dog | egg | fish | girl | house | ice | john | king | love | mother | "
       "nancy | orange | peter | queen | robert | sugar | tom | uncle | victor | water | yellow | "
       "zebra"},
      {"spelling", "[double] <letter> [as in <example>] | <nato> | hyphen | apostrophe"},
      {"spelled", "(<spelling>)+"},
      {"digits",
       "([double | triple] (zero | oh | one | two | three | four | five | six | seven | eight | "
       "nine))+"},
      {"pick",
       "[the] (first | second | third | last | earlier | later) [one] | either [one] | neither | "
       "none [of them]"},
      {"person",
       "[can i | could i | i want to | i'd like to] (speak | talk) (to | with) (a (person | human "
       "| "
       "receptionist) | an agent)"},
      {"repeat", "[sorry] (what | pardon | [can you] repeat that | [can you] say that again)"},
      {"hold", "[just] (one | a) (moment | second | minute) [please] | (hold | hang) on [please]"},
      {"bye",
       "goodbye | bye [bye] | that's all [thanks | thank you] | that's it | nothing else | never "
       "mind"},
  };
  return *rules;
}

namespace {

std::string Alternatives(const std::vector<PhrasePattern>& patterns) {
  std::string text;
  for (const PhrasePattern& pattern : patterns) text += (text.empty() ? "" : " | ") + pattern;
  return text;
}

// The rules of one agent: the shared ones and those made from its definition.
std::map<std::string, std::string> RulesOf(const AgentDefinition& agent) {
  std::map<std::string, std::string> rules = SharedRules();
  std::vector<PhrasePattern> wishes;
  for (const GoalDefinition& goal : agent.goals) {
    wishes.insert(wishes.end(), goal.triggers.begin(), goal.triggers.end());
  }
  rules["wish"] = "[<want>] (" + Alternatives(wishes) + ")";
  std::vector<PhrasePattern> questions;
  for (const AnswerDefinition& answer : agent.answers) {
    questions.insert(questions.end(), answer.triggers.begin(), answer.triggers.end());
  }
  rules["question"] = Alternatives(questions);
  std::vector<PhrasePattern> nouns;
  std::vector<PhrasePattern> choices;
  for (const SlotDefinition& slot : agent.slots) {
    nouns.insert(nouns.end(), slot.nouns.begin(), slot.nouns.end());
    std::vector<PhrasePattern> own;
    for (const ChoiceDefinition& choice : slot.choices) {
      own.insert(own.end(), choice.synonyms.begin(), choice.synonyms.end());
    }
    choices.insert(choices.end(), own.begin(), own.end());
    if (!own.empty()) rules["choice_" + slot.name] = Alternatives(own);
  }
  rules["noun"] = Alternatives(nouns);
  // Who callers say they are; machines that phone for somebody must say so. A name that is not
  // among the known ones is heard as another, which does no harm: nothing is made of it.
  std::string names;
  for (const std::string& name : agent.known_names) {
    const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    if (plain && !name.empty()) names += (names.empty() ? "" : " | ") + name;
  }
  if (!names.empty()) {
    rules["known"] = names;
    rules["intro"] =
        "[<um>] (this is | my name is) (<known> [<known>] | an (a. i. | automated | "
        "virtual) assistant) [calling] [(for | on behalf of) <known> [<known>]] [this call is "
        "recorded]";
  }
  rules["detail"] = "[with | for] [a] (" + Alternatives(choices) + ")";
  rules["aside"] = "<person> | <repeat> | <hold> | <bye>";
  if (!questions.empty()) rules["aside"] += " | <question>";
  return rules;
}

std::string SlotAnswer(const SlotDefinition& slot) {
  switch (slot.type) {
    case SlotType::kDate:
    case SlotType::kTime:
      return "[<fix>] <moment> [<polite>] | <daypart> | <soon>";
    case SlotType::kName:
      return "[my [last] name is | it's] <spelled>";
    case SlotType::kDigits:
      return "[it's | my number is] <digits>";
    case SlotType::kChoice:
      return StrCat("[<fix>] [with | for] [a] <choice_", slot.name,
                    "> [<polite>] | <soon> | i don't "
                    "(mind | care)");
  }
  return "";
}

std::string TopRule(const AgentDefinition& agent, const StateName& state) {
  switch (state.kind) {
    case StateKind::kOpen:
      return StrCat(agent.known_names.empty() ? "" : "[<intro>] ",
                    "([<um>] <wish> [<detail>] [<moment>] [<polite>] | [<um>] <moment> | <aside>)");
    case StateKind::kAskSlot:
      return "[<um>] (" + SlotAnswer(*agent.FindSlot(state.name)) + ") | <wish> | <aside>";
    case StateKind::kOffer:
      return "[<um>] (<pick> | [<fix>] <moment> [<polite>] | <daypart> | <soon>) | <yes> | <no> | "
             "<aside>";
    case StateKind::kChoose:
      return "[<um>] (<pick> | <moment>) | <yes> | <no> | <aside>";
    case StateKind::kConfirm:
      return "[<um>] (<yes> | <no> | <fix> <moment> [<polite>] | [no] the <noun> [is wrong]) | "
             "<wish> | <aside>";
    case StateKind::kConfirmValue:
      // A "yes" sounds like a letter or two; who spells the name again gives more of them.
      return "[<um>] (<yes> | <no>) | <spelling> <spelling> <spelled> | <aside>";
    case StateKind::kWhichDetail:
      return "[<um>] (the <noun> [and the <noun>] [is wrong] | [<fix>] <moment> | <no> | nothing | "
             "everything) | <wish> | <aside>";
    case StateKind::kAnythingElse:
      return "[<um>] (<yes> | <no> [that's all] [<polite>] | thanks | thank you) | <wish> "
             "[<moment>] | "
             "<aside>";
    case StateKind::kHandover:
      return "[<um>] (<yes> | <no>) | <wish> | <aside>";
  }
  return "";
}

// Names of the rules that `text` refers to, in order.
std::vector<std::string> References(std::string_view text) {
  std::vector<std::string> names;
  for (size_t open = text.find('<'); open != std::string_view::npos; open = text.find('<', open)) {
    const size_t close = text.find('>', open);
    if (close == std::string_view::npos) break;
    names.emplace_back(text.substr(open + 1, close - open - 1));
    open = close;
  }
  return names;
}

}  // namespace

std::string Assemble(const std::map<std::string, std::string>& rules, const std::string& state,
                     const std::string& top) {
  std::vector<std::string> needed;
  std::set<std::string> seen;
  const auto need = [&](std::string_view body) {
    for (std::string& name : References(body)) {
      if (seen.insert(name).second) needed.push_back(std::move(name));
    }
  };
  need(top);
  std::string text = StrCat("#JSGF V1.0;\ngrammar ", state, ";\npublic <turn> = ", top, ";\n");
  for (size_t i = 0; i < needed.size(); ++i) {
    const std::string& body = rules.at(needed[i]);
    text += StrCat("<", std::string(needed[i]), "> = ", body, ";\n");
    need(body);
  }
  return text;
}

namespace {

std::vector<std::string> PhrasesFor(const AgentDefinition& agent, const StateName& state) {
  std::vector<std::string> phrases;
  for (const SlotDefinition& slot : agent.slots) {
    if (state.kind == StateKind::kAskSlot && slot.name != state.name) continue;
    for (const ChoiceDefinition& choice : slot.choices) phrases.push_back(choice.spoken);
  }
  const bool dates =
      state.kind == StateKind::kOpen || state.kind == StateKind::kOffer ||
      (state.kind == StateKind::kAskSlot && agent.FindSlot(state.name)->type == SlotType::kDate);
  for (int day = 0; dates && day < 7; ++day) phrases.emplace_back(WeekdayName(day));
  for (unsigned month = 1; dates && month <= 12; ++month) phrases.emplace_back(MonthName(month));
  if (phrases.size() > 100) phrases.resize(100);
  return phrases;
}

}  // namespace
}  // namespace offline

std::vector<std::string> DialogueStates(const AgentDefinition& agent) {
  std::vector<std::string> states = {"open"};
  for (const SlotDefinition& slot : agent.slots) states.push_back("ask_" + slot.name);
  for (const SlotDefinition& slot : agent.slots) {
    if (slot.type == SlotType::kName) states.push_back("check_" + slot.name);
  }
  for (const GoalDefinition& goal : agent.goals) states.push_back("confirm_" + goal.name);
  for (const char* state : {"offer", "choose", "which_detail", "anything_else", "handover"}) {
    states.emplace_back(state);
  }
  return states;
}

absl::StatusOr<ReplyExpectation> ExpectationIn(const AgentDefinition& agent,
                                               std::string_view state) {
  const auto states = DialogueStates(agent);
  const auto parsed = offline::ParseState(state);
  if (!parsed.has_value() || std::find(states.begin(), states.end(), state) == states.end()) {
    return NotFound("no dialogue state \"", state, "\"");
  }
  ReplyExpectation expectation;
  expectation.state = std::string(state);
  expectation.grammar = offline::Assemble(offline::RulesOf(agent), expectation.state,
                                          offline::TopRule(agent, *parsed));
  expectation.phrases = offline::PhrasesFor(agent, *parsed);
  if (parsed->kind == offline::StateKind::kAskSlot) {
    expectation.end_silence = agent.FindSlot(parsed->name)->end_silence;
  }
  return expectation;
}

}  // namespace dragoman
