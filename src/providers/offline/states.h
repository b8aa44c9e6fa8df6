// What the agent waits for: a kind, and the slot or goal it is about.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_STATES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_STATES_H_

#include <optional>
#include <string>
#include <string_view>

namespace dragoman::offline {

enum class StateKind {
  kOpen,          // "open": how can I help?
  kAskSlot,       // "ask_<slot>"
  kConfirmValue,  // "check_<slot>": a keyed name, is it this one?
  kConfirm,       // "confirm_<goal>": everything read back
  kOffer,         // "offer": free times, which one?
  kChoose,        // "choose": several appointments found, which one?
  kWhichDetail,   // "which_detail": what is wrong?
  kAnythingElse,  // "anything_else"
  kHandover,      // "handover": shall somebody call you back?
};

struct StateName {
  StateKind kind = StateKind::kOpen;
  std::string name;  // the slot or goal
};

std::optional<StateName> ParseState(std::string_view state);
std::string NameOf(const StateName& state);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_STATES_H_
