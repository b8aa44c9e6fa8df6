// The shipped agent, to be phoned by the lab: the clinic's receptionist on local speech and the
// offline model, with the scenario's faults wrapped around its providers.
#ifndef DRAGOMAN_LAB_CLINIC_AGENT_H_
#define DRAGOMAN_LAB_CLINIC_AGENT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/lab/agent_under_test.h"
#include "dragoman/lab/recorded_call.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman::lab {

struct DRAGOMAN_EXPORT ClinicAgentOptions {
  std::string voice = "slt";   // the agent's, of Flite
  ChatModel* model = nullptr;  // borrowed; null: the offline model
  LogSink* log = &NullLog();   // borrowed
  // The call goes on after so many events of this one; tools that had run by then are run on the
  // book of this one first. Null: a call of its own. Borrowed.
  const RecordedCall* past = nullptr;
  std::size_t past_events = 0;
};

// Each Prepare loads what the call needs: for kind = "audio" a PocketSphinx decoder (0.3 s).
DRAGOMAN_EXPORT std::unique_ptr<AgentUnderTest> MakeClinicAgent(ClinicAgentOptions options = {});

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_CLINIC_AGENT_H_
