// Holds a finished call against what its scenario says must be true.
#ifndef DRAGOMAN_SRC_LAB_JUDGE_H_
#define DRAGOMAN_SRC_LAB_JUDGE_H_

#include <string>
#include <vector>

#include "dragoman/lab/runner.h"
#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

// One sentence per thing that was not as it must be: the expectations of the scenario, and what
// must hold in every call (nothing unspoken in the history, tools answered, one report, no message
// that the carrier would refuse). `result` holds the call; its `failures` are not read.
std::vector<std::string> Judge(const Scenario& scenario, const ScenarioResult& result);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_JUDGE_H_
