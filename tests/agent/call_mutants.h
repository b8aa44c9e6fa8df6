// Call machines with one thing wrong, made from the tables: what the checker is measured with.
#ifndef DRAGOMAN_TESTS_AGENT_CALL_MUTANTS_H_
#define DRAGOMAN_TESTS_AGENT_CALL_MUTANTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/agent/call_tables.h"
#include "src/agent/call_world.h"

namespace dragoman {

struct CallMutant {
  std::string name;  // "delete: user quiet --dtmf--> keys"
  CallTables tables;
  int row = -1;  // that was changed; -1: none was
};

// For each row: without it; with the next state of its region as its target; without each of its
// actions. Each command never given, each timer never armed.
std::vector<CallMutant> MakeCallMutants();

// Walks through `slice` at random, `walks` times, with the same witnesses and nothing forgotten: a
// walk merges no states, and comes deeper than a search that is cut. What is wrong; empty: nothing.
std::string WalkCall(const CallTables& tables, const Slice& slice, int walks);

// A way through the shipped machine: things that happen, in a slice.
struct CallWay {
  std::size_t slice = 0;  // number in CallSlices()
  std::vector<Choice> choices;
};

// Where a mutant does something else than the shipped machine.
struct Differences {
  std::int64_t uses = 0;        // steps that carry out its row
  std::int64_t told = 0;        // of these: it gives other commands
  std::int64_t remembered = 0;  // it gives the same, and remembers something else
  std::vector<CallWay> ways;    // to some of them, unlike each other: the last step differs
};

// Searches the shipped machine, `states` in each slice, and lets each of `mutants` take each step
// that carries out the row in which it differs. In the order of `mutants`; those without a row are
// left out. Blocks, on two threads.
std::vector<Differences> CompareMutants(const std::vector<CallMutant>& mutants,
                                        std::int64_t states);

struct HuntBounds {
  std::int64_t from_start = 300;     // states of each slice in a first, short search
  std::int64_t without_row = 3'000;  // the same, for mutants without a changed row
  std::int64_t compared = 30'000;    // of the shipped machine beside those that are left
  std::vector<std::int64_t> behind = {40, 600};  // behind each place where one differs
};
struct MutantHunt {
  std::vector<std::string> same;       // did the same in each step that carries out the changed row
  std::vector<std::string> survivors;  // differ, and nothing was found wrong; or never carried out
};
// Blocks, on two threads.
MutantHunt HuntCallMutants(const std::vector<CallMutant>& mutants, const HuntBounds& bounds = {});

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_AGENT_CALL_MUTANTS_H_
