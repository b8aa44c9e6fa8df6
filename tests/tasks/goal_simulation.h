// Goals in a world that goes wrong, from one seed: the real operator, journal, governor, ledgers
// and SQLite store on a virtual clock; far sides, owners, disks and processes that fail.
// docs/simulation.md tells what is simulated and what must hold.
#ifndef DRAGOMAN_TESTS_TASKS_GOAL_SIMULATION_H_
#define DRAGOMAN_TESTS_TASKS_GOAL_SIMULATION_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/tasks/simulation_choices.h"

namespace dragoman {

// What is broken on purpose, to prove that it is noticed.
enum class BrokenPart { kNone, kSendsMailTwice, kNeverHangsUp };

struct SimulationOptions {
  int goals = 50;
  bool keep_choices = false;  // and the trace
  BrokenPart broken = BrokenPart::kNone;
};

struct SimulationResult {
  std::string hash;                 // of the whole task log
  std::vector<std::string> breaks;  // of what must hold; each in one line
  std::array<std::int64_t, kFaults> fired{};
  std::map<std::string, std::int64_t> ended;  // by state
  std::int64_t refused = 0;                   // goals that were not taken
  std::int64_t waited = 0;                    // goals that were taken to wait for others
  std::int64_t calls = 0, answers = 0;        // taken by the far side; said to them
  std::int64_t commits = 0, dispatches = 0, processes = 0, turns = 0;
  ChoiceScript made;
  std::vector<std::string> trace;
};

SimulationResult Simulate(std::uint64_t seed, const SimulationOptions& options = {});
// Only the choices of the script; 0 everywhere else.
SimulationResult Simulate(const ChoiceScript& script, const SimulationOptions& options = {});

// The choices without which the first break is gone, and no others, as far as leaving out halves,
// quarters and so on finds them. At most `runs` simulations.
ChoiceScript Shrink(const SimulationResult& failed, const SimulationOptions& options,
                    int runs = 2000);
// A test to be pasted into goal_simulation_test.cc, with what happens in it as comments.
std::string PrintAsTest(const ChoiceScript& script, const SimulationOptions& options);

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_GOAL_SIMULATION_H_
