// The two ways to run a scenario; runner.cc does what they share.
#ifndef DRAGOMAN_SRC_LAB_RUN_H_
#define DRAGOMAN_SRC_LAB_RUN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/lab/runner.h"
#include "src/lab/caller.h"

namespace dragoman::lab {

// The voice of the scenario's caller. kFailedPrecondition: audio without Flite, or without its
// program.
absl::StatusOr<std::unique_ptr<CallerVoice>> MakeCallerVoice(const Scenario& scenario,
                                                             const std::string& program,
                                                             const std::string& cache);

// What the caller may know of the agent's side.
void Tell(Caller& caller, const SessionEvent& event);

// Virtual time, in memory, on the calling thread. Fills the call's part of the result.
absl::StatusOr<ScenarioResult> RunOnPipe(const Scenario& scenario, AgentUnderTest& agent,
                                         const ScenarioOptions& options, const std::string& folder);

// Real time, over TCP on the loopback interface; the caller in a process of its own where
// `options.caller_program` says which, else on a thread.
absl::StatusOr<ScenarioResult> RunOnSocket(const Scenario& scenario, AgentUnderTest& agent,
                                           const ScenarioOptions& options,
                                           const std::string& folder);

// After the call, on the agent's executor: bookings, log, replay.
void Collect(PreparedAgent& agent, const ScenarioOptions& options, ScenarioResult& result);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_RUN_H_
