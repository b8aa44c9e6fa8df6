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

// Searches with the shipped tables and with mutants, slice by slice, with few states first; then
// walks.
class MutantHunt {
 public:
  // A slice is searched up to each of `bounds` (states) in turn.
  MutantHunt(std::vector<std::int64_t> bounds, int walks);

  // What the checker finds wrong; empty: nothing. Thread-safe.
  std::string Catch(const CallMutant& mutant) const;

 private:
  std::vector<std::int64_t> bounds_;
  int walks_;
  std::vector<std::vector<std::vector<bool>>> used_;  // by bound and slice: rows carried out
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_AGENT_CALL_MUTANTS_H_
