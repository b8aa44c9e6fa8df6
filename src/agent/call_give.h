// CallCore::Give, for the files that carry out actions.
#ifndef DRAGOMAN_SRC_AGENT_CALL_GIVE_H_
#define DRAGOMAN_SRC_AGENT_CALL_GIVE_H_

#include <utility>

#include "src/agent/call_core.h"

namespace dragoman {

template <typename Command>
void CallCore::Give(Command command) {
  CallCommand given(std::in_place_type<Command>, std::move(command));
  if (tables_->no_command[given.index()]) return;
  out_->push_back(std::move(given));
}

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_GIVE_H_
