#include "dragoman/runtime/clinic_session.h"

#include <string>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// For language models; the offline model works from the definition itself.
std::string Instructions(const AgentDefinition& clinic) {
  std::string text = StrCat(
      "You answer the telephone of ", clinic.house,
      ". You are an automated assistant and say so when asked. Everything you write is spoken, so "
      "use "
      "short plain sentences, no lists, no markup, and ask one question at a time. What the caller "
      "says reaches you through speech recognition: ask again when it makes no sense.\n"
      "You can: ");
  for (const GoalDefinition& goal : clinic.goals) text += StrCat(goal.ability, "; ");
  text +=
      "answer questions about the house. Use the tools for every fact about the calendar. Book, "
      "change or cancel only after you have read back the name, letter by letter, the day and the "
      "time, and the caller has said yes to exactly these. Never say that something is done before "
      "its tool said so. When everything is settled, call end_call.\n";
  for (const AnswerDefinition& answer : clinic.answers) {
    text += StrCat(answer.name, ": ", answer.text, "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<SessionOptions> ClinicSession(SessionOptions options,
                                             const AgentDefinition& clinic) {
  if (options.instructions.empty()) options.instructions = Instructions(clinic);
  if (options.machine.greeting.empty()) options.machine.greeting = clinic.greeting;
  // A caller whom the line drowns has keys left; the model offers more of them after the first.
  if (options.machine.reprompts == CallMachineOptions().reprompts) {
    options.machine.reprompts = {"Are you still there?",
                                 "I can't hear you. If you are there, please press one."};
  }
  if (!options.opening) {
    DRAGOMAN_ASSIGN_OR_RETURN(options.opening, ExpectationIn(clinic, "open"));
  }
  return options;
}

}  // namespace dragoman
