// The promises in words, and what is owed as a key by which states are told apart.
#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/tasks/task_promises.h"

namespace dragoman {
namespace {

constexpr std::pair<std::string_view, std::string_view> kWords[kTaskPromises] = {
    {"ends by itself",
     "whatever is owed has a limit of its own beside the goal's deadline: a timer is armed for it"},
    {"no circle",
     "but for the owner's wish for another plan no state comes again, so a goal whose timers fire "
     "ends, though nobody ever answers"},
    {"timers are taken", "a timer that fires in its time is never refused"},
    {"timers agree", "each timer that was armed is replaced, stopped or fires; none outlives it"},
    {"owed is taken", "the answer to what was commanded is taken in every state"},
    {"only owed is taken",
     "an answer to nothing, a late one, a doubled one, one for another attempt or another question "
     "is refused"},
    {"refused changes nothing", "an event that is refused changes nothing and commands nothing"},
    {"one execute", "a step's attempt is executed at most once: one dial for an intent"},
    {"permitted",
     "nothing is executed but what the governor allowed or the owner approved, for that attempt"},
    {"attempts grow",
     "another attempt comes only after the last one certainly did nothing; or it did something, no "
     "reply came, and the owner or a new plan wants it again"},
    {"done once", "a step that is done is never begun again and its receipt stays"},
    {"lets go",
     "what is under way when the goal stops acting is withdrawn; a call is hung up, also one that "
     "lasts too long"},
    {"ends quietly",
     "the step that ends a goal commands nothing but letting go, the owner's word and its end, "
     "with "
     "the reason where it is not completed; none follows"},
    {"stops at once",
     "cancelling, taking over, the kill switch and being stuck end the goal in that step"},
    {"questions close", "each question to the owner is closed before the next and before the end"},
    {"approvals end", "what awaited an approval is executed with it or withdrawn"},
    {"owner is heard",
     "a call that asks gets one answer, or none in time; the word on what may have happened "
     "reaches the journal"},
    {"completed means done",
     "COMPLETED only if every required step is done, or left out by the owner"},
    {"recovers",
     "after a restart exactly what is owed is commanded again, word for word, and nothing changes"},
    {"edges", "states follow each other as the list of edges says"},
    {"in place",
     "questions come before reads and reads before acts, as far as they can; after waiting a goal "
     "goes on where it was"},
    {"mends",
     "a failure is tried again, planned anew, put to the owner or final, in that order; once a "
     "required step has failed nothing more is begun"},
    {"bounded",
     "steps begun, questions and plans of its own making stay within the options' limits"},
};

}  // namespace

std::string_view Name(TaskPromise promise) {
  return kWords[static_cast<std::size_t>(promise)].first;
}
std::string_view Sentence(TaskPromise promise) {
  return kWords[static_cast<std::size_t>(promise)].second;
}

std::string Broken(TaskPromise promise, std::string_view what) {
  return StrCat(Name(promise), ": ", what);
}

TaskOwed::Step* TaskOwed::Find(std::string_view id) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.id == id; });
  return found == steps.end() ? nullptr : &*found;
}

TaskOwed::Tried& TaskOwed::TriedOf(std::string_view id) {
  const auto found =
      std::find_if(tried.begin(), tried.end(), [&](const Tried& one) { return one.id == id; });
  if (found != tried.end()) return *found;
  return tried.emplace_back(Tried{.id = std::string(id)});
}

namespace {

void Append(std::string& key, std::int64_t number) {
  key += std::to_string(number);
  key += ',';
}
void Append(std::string& key, std::string_view text) {
  Append(key, static_cast<std::int64_t>(text.size()));
  key += text;
}
void Append(std::string& key, const std::vector<std::string>& texts) {
  Append(key, static_cast<std::int64_t>(texts.size()));
  for (const std::string& text : texts) Append(key, text);
}
// Times are left out: a question's is the timer's.
void Append(std::string& key, const std::optional<TaskCommand>& command) {
  if (!command) return Append(key, -1);
  Append(key, static_cast<std::int64_t>(command->kind));
  Append(key, command->step);
  Append(key, command->attempt);
  Append(key, command->reference);
  Append(key, static_cast<std::int64_t>(command->about));
  Append(key, command->detail);
}

}  // namespace

void TaskOwed::AppendTo(std::string& key) const {
  Append(key, static_cast<std::int64_t>(steps.size()));
  for (const Step& step : steps) {
    Append(key, step.id);
    Append(key, static_cast<std::int64_t>(step.kind));
    Append(key, step.required * 4 + step.done * 2 + step.left_out);
    Append(key, step.needs);
    Append(key, step.receipt);
  }
  Append(key, static_cast<std::int64_t>(tried.size()));
  for (const Tried& one : tried) {
    Append(key, one.id);
    Append(key, one.decided);
    Append(key, one.executed);
    Append(key, one.undone * 2 + one.wanted);
  }
  for (const auto* command : {&plan, &decide, &question, &approval, &run}) Append(key, *command);
  Append(key, replanned * 8 + started * 4 + hung_up * 2 + summary);
  Append(key, static_cast<std::int64_t>(phase));
  Append(key, timers);
  Append(key, owner_replans);
  Append(key, static_cast<std::int64_t>(waits_from));
}

}  // namespace dragoman
