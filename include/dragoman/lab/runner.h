// Runs scenarios against an agent and says what was not as it must be.
#ifndef DRAGOMAN_LAB_RUNNER_H_
#define DRAGOMAN_LAB_RUNNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/call_report.h"
#include "dragoman/core/export.h"
#include "dragoman/lab/agent_under_test.h"
#include "dragoman/lab/caller_record.h"
#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

struct DRAGOMAN_EXPORT ScenarioResult {
  std::string name;
  std::string field_note;
  ScenarioKind kind = ScenarioKind::kText;
  Wire wire = Wire::kTwilio;
  Transport transport = Transport::kPipe;
  bool passed = false;
  std::vector<std::string> failures;  // each a sentence: what was, what was expected

  CallEnd outcome = CallEnd::kFailed;
  std::string outcome_detail;
  std::vector<Booking> bookings;
  std::vector<SessionEvent> events;  // of the agent, in order
  CallReport report;
  CallerRecord caller;           // its audio is dropped unless ScenarioOptions::keep_audio
  std::uint64_t audio_hash = 0;  // CallerRecord::AudioHash

  std::int64_t wall_ms = 0;  // real time that the run took
  // Of the caller's turns that were answered: last sample out to first sound in; -1: none.
  std::int64_t latency_p50_ms = -1;
  std::int64_t latency_max_ms = -1;

  std::string recording;  // paths; empty: not written
  std::string transcript;
  std::string event_log;
};

struct DRAGOMAN_EXPORT ScenarioOptions {
  // Exists or is made; each scenario gets a folder of its name within. Empty: a temporary folder
  // that is removed after the run, and no files in the result.
  std::string folder;
  bool keep_audio = false;
  bool check_replay = true;
  // The program dragoman-caller, for transport = "socket". Empty: the caller runs on a thread.
  std::string caller_program;
  // For kind = "audio": the program dragoman-flite-render, and where rendered lines are kept
  // (shared by runs; empty: a folder "dragoman-voices" among the system's temporary files).
  std::string voice_program;
  std::string voice_cache;
  // Follows a run as it goes, on the agent's executor: for kPipe the thread that runs it.
  std::function<void(const SessionEvent&)> on_event;
};

// Blocks until the call is over: as fast as it can be computed for kPipe, as long as the call takes
// for kSocket. An error is the lab's own (a voice is missing, a port cannot be opened); whatever
// the agent does wrong is in the result.
DRAGOMAN_EXPORT absl::StatusOr<ScenarioResult> RunScenario(const Scenario& scenario,
                                                           AgentUnderTest& agent,
                                                           const ScenarioOptions& options = {});

// The words of both sides with their times, as a person would write them down.
DRAGOMAN_EXPORT std::string FormatTranscript(const ScenarioResult& result);

// One line per scenario, then how many were audio, text and real time, and how many passed.
DRAGOMAN_EXPORT std::string FormatReport(const std::vector<ScenarioResult>& results);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_RUNNER_H_
