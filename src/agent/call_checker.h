// The checker on tables of one's own: for mutants.
#ifndef DRAGOMAN_SRC_AGENT_CALL_CHECKER_H_
#define DRAGOMAN_SRC_AGENT_CALL_CHECKER_H_

#include <string>
#include <vector>

#include "dragoman/agent/call_checker.h"
#include "src/agent/call_tables.h"
#include "src/agent/call_world.h"

namespace dragoman {

CallCheckReport CheckCallSlices(const CallTables& tables, const std::vector<Slice>& slices,
                                const CallCheckOptions& options);
// Goes `way` from the start of a call, as far as it can be gone with `tables`, and searches on from
// there. What is wrong; empty: nothing.
std::string SearchBehind(const CallTables& tables, const Slice& slice,
                         const std::vector<Choice>& way, const CallCheckOptions& options);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_CHECKER_H_
