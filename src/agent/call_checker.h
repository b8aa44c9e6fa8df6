// The checker on tables of one's own: for mutants.
#ifndef DRAGOMAN_SRC_AGENT_CALL_CHECKER_H_
#define DRAGOMAN_SRC_AGENT_CALL_CHECKER_H_

#include <vector>

#include "dragoman/agent/call_checker.h"
#include "src/agent/call_tables.h"
#include "src/agent/call_world.h"

namespace dragoman {

CallCheckReport CheckCallSlices(const CallTables& tables, const std::vector<Slice>& slices,
                                const CallCheckOptions& options);
// By number of the row: whether the search of the shipped tables carries it out.
std::vector<bool> RowsUsed(const Slice& slice, const CallCheckOptions& options);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_CHECKER_H_
