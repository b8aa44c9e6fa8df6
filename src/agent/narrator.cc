#include "dragoman/agent/narrator.h"

#include <utility>
#include <variant>

#include "dragoman/conversation/call_report.h"

namespace dragoman {
namespace {

using Kind = SessionEvent::Kind;

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace

void Narrator::Tell(const CallEvent& event, const std::vector<CallCommand>& commands,
                    std::vector<SessionEvent>* out) {
  const std::chrono::microseconds now(event.at_us);
  auto tell = [&](Kind kind, std::int64_t id, std::string_view name, std::string_view text,
                  bool ok = true) {
    out->push_back({kind, now, id, std::string(name), std::string(text), ok});
  };
  std::visit(Overloaded{[&](const call_event::Partial& partial) {
                          tell(Kind::kUserPartial, 0, "", partial.text);
                        },
                        [&](const call_event::Dtmf& key) {
                          tell(Kind::kUserPressed, 0, "", std::string_view(&key.digit, 1));
                        },
                        [&](const call_event::ToolResult& result) {
                          auto run = tools_.extract(result.run);
                          tell(Kind::kToolReturned, result.run, run ? run.mapped() : std::string(),
                               result.text, result.ok);
                        },
                        [](const auto&) {}},
             event.body);
  Overloaded command{
      [&](const call_command::AppendHistory& entry) {
        if (entry.role == Role::kUser) tell(Kind::kUserSaid, 0, "", entry.text);
      },
      [&](const call_command::Speak& speak) {
        tell(Kind::kAgentSays, speak.utterance, Name(speak.kind), speak.text);
      },
      [&](const call_command::Settled& settled) {
        const bool whole = settled.unheard.empty();
        tell(Kind::kAgentHeard, settled.utterance, Name(settled.kind), settled.heard, whole);
        if (!whole) {
          tell(Kind::kAgentUnheard, settled.utterance, Name(settled.kind), settled.unheard, false);
        }
      },
      [&](const call_command::RunTool& run) {
        tools_[run.run] = run.call.name;
        tell(Kind::kToolCalled, run.run, run.call.name, run.call.arguments);
      },
      [&](const call_command::SilenceReason& silence) {
        tell(Kind::kNotice, 0, "silence", Name(silence.reason));
      },
      [&](const call_command::Notice& notice) {
        out->push_back({Kind::kNotice, std::chrono::microseconds(notice.at_us), notice.value,
                        std::string(Name(notice.kind)), notice.text, true});
      },
      [&](const call_command::Finish& finish) {
        tell(Kind::kEnded, 0, Name(finish.end), finish.detail);
      },
      [](const auto&) {}};
  for (const CallCommand& one : commands) std::visit(command, one);
}

}  // namespace dragoman
