#include <array>

#include "dragoman/tasks/task_events.h"
#include "src/tasks/task_tables.h"

namespace dragoman {
namespace {

template <typename Enum, std::size_t kSize>
constexpr std::string_view At(const std::array<std::string_view, kSize>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kSize ? names[index] : "?";
}

}  // namespace

std::string_view Name(TaskState state) {
  static constexpr std::array<std::string_view, kTaskStates> kNames = {"INIT",
                                                                       "GATHER_INFO",
                                                                       "RESEARCH",
                                                                       "READY_TO_EXECUTE",
                                                                       "CALL_IN_PROGRESS",
                                                                       "AWAITING_USER_INPUT",
                                                                       "SUMMARIZE",
                                                                       "COMPLETED",
                                                                       "FAILED",
                                                                       "ESCALATED",
                                                                       "CANCELLED"};
  return At(kNames, state);
}

bool IsFinal(TaskState state) { return state >= TaskState::kCompleted; }

std::string_view Name(TaskStepKind kind) {
  static constexpr std::array<std::string_view, 4> kNames = {"ask", "read", "act", "call"};
  return At(kNames, kind);
}

std::string_view Name(TaskTimer timer) {
  static constexpr std::array<std::string_view, kTaskTimers> kNames = {"deadline", "step", "wait",
                                                                       "call"};
  return At(kNames, timer);
}

std::string_view Name(TaskEventKind kind) {
  static constexpr std::array<std::string_view, kTaskEvents> kNames = {
      "start",        "planned",       "plan failed",  "allowed",         "must confirm",
      "refused",      "connected",     "call asks",    "step done",       "step failed",
      "step unclear", "reply awaited", "call dropped", "call needs info", "call needs secret",
      "answered",     "approved",      "declined",     "replan",          "cancel",
      "escalate",     "killed",        "stuck",        "summarized",      "summary failed",
      "timer",        "recovered"};
  return At(kNames, kind);
}

std::string_view Name(OwnerChoice choice) {
  static constexpr std::array<std::string_view, kOwnerChoices> kNames = {
      "text", "retry", "skip", "give up", "it happened", "it did not"};
  return At(kNames, choice);
}

std::string_view Name(TaskCommandKind kind) {
  static constexpr std::array<std::string_view, kTaskCommands> kNames = {
      "make plan",   "decide",    "execute",        "expect",  "withdraw",  "hang up",
      "answer call", "ask owner", "close question", "resolve", "summarize", "arm timer",
      "stop timer",  "end"};
  return At(kNames, kind);
}

std::string_view Name(TaskWait wait) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "nothing", "step", "approval", "failure", "unclear", "call question", "reply", "time"};
  return At(kNames, wait);
}

std::string_view Name(TaskStepStatus status) {
  static constexpr std::array<std::string_view, 4> kNames = {"pending", "done", "failed",
                                                             "skipped"};
  return At(kNames, status);
}

std::string_view Name(TaskGuard guard) {
  static constexpr std::array<std::string_view, kTaskGuards> kNames = {
      "",
      "nothing under way",
      "a plan is being made",
      "the step being decided",
      "the step under way",
      "the call under way",
      "not started",
      "resting",
      "a step failed",
      "deadline",
      "too late an answer",
      "waited long enough",
      "call too long",
      "answers the plan's question",
      "answers for the failed step",
      "answers whether it happened",
      "answers the call's question",
      "answers the approval",
      "the plan's question is open",
      "an approval is open",
      "a failed step's question is open",
      "it is asked whether it happened",
      "the call's question is open",
      "a time is awaited",
      "a reply is awaited",
      "the reply to the step under way",
      "the call that asked",
      "another plan can help",
      "plan is sound",
      "may be tried again",
      "may be planned anew",
      "the owner may be asked",
      "the call may ask",
      "next is a question",
      "next reads",
      "next must rest",
      "next reads but must rest",
      "there is a next step",
      "a required step failed for good",
      "too many steps",
      "the last one",
      "retry",
      "skip",
      "give up",
      "it happened",
      "it did not",
      "all that was required is done",
      "may be tried once more"};
  return At(kNames, guard);
}

std::string_view Name(TaskAction action) {
  static constexpr std::array<std::string_view, kTaskActions> kNames = {
      "",
      "make a plan",
      "take the plan",
      "no plan",
      "arm the deadline",
      "begin the next step",
      "ask the step's question",
      "execute",
      "execute what was approved",
      "ask for approval",
      "ask what to do",
      "ask whether it happened",
      "ask for the call",
      "await the reply",
      "await the time",
      "rest",
      "rested",
      "note that it is done",
      "note the failure",
      "note the refusal",
      "try again",
      "the step failed",
      "skip the step",
      "note the no",
      "note that nobody answered",
      "watch the call",
      "withdraw the step",
      "hang up",
      "answer the call",
      "tell the call: no answer",
      "resolve: done",
      "resolve: not done",
      "summarize",
      "let go of what is under way",
      "close the question",
      "command again",
      "note the reason",
      "out of time",
      "out of steps",
      "end"};
  return At(kNames, action);
}

}  // namespace dragoman
