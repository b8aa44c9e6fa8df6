// Explores the call machine itself, with everything that can happen to it.
#ifndef DRAGOMAN_AGENT_CALL_CHECKER_H_
#define DRAGOMAN_AGENT_CALL_CHECKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT CallCheckOptions {
  std::int64_t max_states = 10'000'000;  // of each slice; the search is cut there, and says so
};

// One search: the machine with some of its tolerances, in a world with some of its rare things.
struct DRAGOMAN_EXPORT CallCheckSlice {
  std::string name;
  std::int64_t states = 0;       // distinct
  std::int64_t transitions = 0;  // Steps taken
  std::int64_t depth = 0;        // events on the longest of the shortest ways to a state
  bool complete = false;         // nothing is left to explore
};

struct DRAGOMAN_EXPORT CallCheckReport {
  std::vector<CallCheckSlice> slices;
  std::int64_t states = 0;  // of all slices
  std::int64_t transitions = 0;
  bool complete = false;
  std::vector<std::string> unused_rows;  // rows of the tables that no slice carried out
  std::string violation;                 // empty: none was found
  std::vector<std::string> trace;        // the shortest way to it, one event a line
};

// Runs the machine's own Step breadth-first from the start of a call over an abstract world: a
// caller who speaks, murmurs, pauses and presses keys; a recogniser, a model, a tool and a voice
// that answer, fail or keep silent; a line that closes at any time. In every state it checks what
// src/agent/call_audit.h demands of events and commands (no word unaccounted for, nothing after
// hang-up, nothing spoken or run ahead of time, at most one reply, two utterances, one tool, a
// timer or an obligation and a named silence everywhere), and that the call ends by its own timers
// though nobody ever answers again, even without the limit of its length. docs/call-machine.md says
// which states count as one. Blocks.
DRAGOMAN_EXPORT CallCheckReport CheckCallMachine(const CallCheckOptions& options = {});

}  // namespace dragoman
#endif  // DRAGOMAN_AGENT_CALL_CHECKER_H_
