#include "src/runtime/reply_state.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

// Lower-case words between single blanks, with a blank at both ends: " what day suits you ". So a
// search for " day " finds no "tuesday".
std::string Words(std::string_view text) {
  std::string words = " ";
  for (char c : ToLowerAscii(text)) {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || (c & 0x80);
    if (part) {
      words += c;
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

// The last sentence that asks, else the last one.
std::string_view LastQuestion(std::string_view reply) {
  std::string_view last, question;
  while (!reply.empty()) {
    const std::size_t end = reply.find_first_of(".!?");
    const std::string_view sentence = Trim(reply.substr(0, end));
    if (!sentence.empty()) {
      last = sentence;
      if (end != std::string_view::npos && reply[end] == '?') question = sentence;
    }
    reply.remove_prefix(end == std::string_view::npos ? reply.size() : end + 1);
  }
  return question.empty() ? last : question;
}

bool AnyOf(const std::string& words, const std::vector<std::string_view>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&words](std::string_view phrase) {
    return words.find(StrCat(" ", phrase, " ")) != std::string::npos;
  });
}

// A pattern without what may be left out: "[phone] number" is "number".
std::string Core(std::string_view pattern) {
  std::string core;
  int depth = 0;
  for (char c : pattern) {
    if (c == '[') ++depth;
    if (depth == 0) core += c;
    if (c == ']') --depth;
  }
  return Words(core);
}

// What the reply proposes to do, for the words with which it may be corrected.
std::string GoalIn(const AgentDefinition& agent, const std::string& words) {
  struct Verb {
    std::string_view goal;
    std::vector<std::string_view> words;
  };
  static const std::vector<Verb> kVerbs = {
      {"cancel", {"cancel", "canceled", "cancelled"}},
      {"reschedule", {"reschedule", "move", "change", "moved", "changed"}},
      {"book", {"book", "booked", "schedule", "appointment", "have"}},
      {"message", {"message", "call back"}}};
  for (const Verb& verb : kVerbs) {
    if (agent.FindGoal(verb.goal) && AnyOf(words, verb.words)) return std::string(verb.goal);
  }
  return agent.goals.empty() ? "" : agent.goals.front().name;
}

}  // namespace

std::string GuessStateAfter(const AgentDefinition& agent, std::string_view reply) {
  const std::string question = Words(LastQuestion(reply));
  if (AnyOf(question, {"anything else", "something else"})) return "anything_else";
  if (AnyOf(question, {"what should i change", "what shall i change", "what should be changed",
                       "what is wrong", "what's wrong", "which part", "what was wrong"})) {
    return "which_detail";
  }
  if (AnyOf(question, {"is that right", "is this right", "is that correct", "is this correct",
                       "correct", "shall i", "should i", "do you confirm", "do i have that right",
                       "does that sound right", "ok to", "okay to"})) {
    const std::string goal = GoalIn(agent, Words(reply));
    if (!goal.empty()) return StrCat("confirm_", goal);
  }
  // "What time on Tuesday, the day after tomorrow?" asks for what it names first.
  const SlotDefinition* asked = nullptr;
  std::size_t first = kNowhere;
  for (const SlotDefinition& slot : agent.slots) {
    for (const PhrasePattern& noun : slot.nouns) {
      const std::size_t at = question.find(Core(noun));
      if (at < first) {
        first = at;
        asked = &slot;
      }
    }
    if (slot.type == SlotType::kName && AnyOf(question, {"spell", "spelled"})) {
      return StrCat("ask_", slot.name);
    }
  }
  if (asked) return StrCat("ask_", asked->name);
  for (const SlotDefinition& slot : agent.slots) {
    if (slot.type == SlotType::kDate && AnyOf(question, {"when"})) return StrCat("ask_", slot.name);
  }
  return "open";
}

}  // namespace dragoman
