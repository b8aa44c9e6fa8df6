#include <algorithm>
#include <cstdio>

#include "dragoman/core/status.h"
#include "dragoman/lab/runner.h"

namespace dragoman::lab {
namespace {

std::string Stamp(std::chrono::microseconds at) {
  char text[32];
  const long long ms = at.count() / 1000;
  std::snprintf(text, sizeof text, "%02lld:%02lld.%03lld", ms / 60'000, ms / 1000 % 60, ms % 1000);
  return text;
}

std::string Milliseconds(std::int64_t value) {
  return value < 0 ? std::string("-") : StrCat(value, " ms");
}

}  // namespace

std::string FormatTranscript(const ScenarioResult& result) {
  std::string text;
  std::size_t deed = 0;
  auto deeds_until = [&](std::chrono::microseconds at) {
    for (; deed < result.caller.deeds.size(); ++deed) {
      const CallerDeed& one = result.caller.deeds[deed];
      const std::chrono::microseconds when = std::chrono::milliseconds(one.at_ms);
      if (when > at) return;
      text += StrCat(Stamp(when), "  caller (line ", one.line, ")  ", one.what, "\n");
    }
  };
  using Kind = SessionEvent::Kind;
  for (const SessionEvent& event : result.events) {
    std::string line;
    switch (event.kind) {
      case Kind::kUserPartial:
        continue;
      case Kind::kUserSaid:
        line = StrCat("understood  ", event.text);
        break;
      case Kind::kUserPressed:
        line = StrCat("key         ", event.text);
        break;
      case Kind::kAgentSays:
        line = StrCat("agent       ", event.text);
        break;
      case Kind::kAgentHeard:
        line = StrCat("  heard     ", event.text);
        break;
      case Kind::kAgentUnheard:
        line = StrCat("  unheard   ", event.text);
        break;
      case Kind::kToolCalled:
        line = StrCat("tool        ", event.name, " ", event.text);
        break;
      case Kind::kToolReturned:
        line = StrCat("  answered  ", event.name, event.ok ? " " : " failed: ", event.text);
        break;
      case Kind::kNotice:
        line = StrCat("  (", event.name, " ", event.text, ")");
        break;
      case Kind::kEnded:
        line = StrCat("end         ", event.name, " ", event.text);
        break;
    }
    deeds_until(event.at);
    text += StrCat(Stamp(event.at), "  ", line, "\n");
  }
  deeds_until(std::chrono::hours(24));
  return text;
}

std::string FormatReport(const std::vector<ScenarioResult>& results) {
  std::string text;
  int audio = 0, words = 0, real_time = 0, passed = 0;
  for (const ScenarioResult& result : results) {
    const bool socket = result.transport == Transport::kSocket;
    real_time += socket;
    audio += !socket && result.kind == ScenarioKind::kAudio;
    words += !socket && result.kind == ScenarioKind::kText;
    passed += result.passed;
    text += StrCat(result.passed ? "pass  " : "FAIL  ", result.name, "  (", Name(result.kind), ", ",
                   Name(result.wire), ", ", socket ? "real time" : "virtual time", "; call ",
                   result.caller.duration_ms / 1000, " s in ", result.wall_ms, " ms; answers p50 ",
                   Milliseconds(result.latency_p50_ms), ", max ",
                   Milliseconds(result.latency_max_ms), ")\n");
    for (const std::string& failure : result.failures) text += StrCat("      ", failure, "\n");
  }
  text += StrCat(results.size(), " scenarios: ", audio, " audio in virtual time, ", real_time,
                 " audio in real time, ", words, " text; ", passed, " passed, ",
                 static_cast<int>(results.size()) - passed, " failed\n");
  return text;
}

}  // namespace dragoman::lab
