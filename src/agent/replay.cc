#include "dragoman/agent/replay.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>
#include <variant>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

std::string Seconds(std::int64_t microseconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%lld.%03lld s",
                static_cast<long long>(microseconds / 1'000'000),
                static_cast<long long>(microseconds / 1000 % 1000));
  return text;
}

// How the two lists of one step differ: (kind of difference, sentence); empty when they do not.
std::pair<std::string, std::string> Compare(const CallStep& step,
                                            const std::vector<CallCommand>& got) {
  const size_t common = std::min(step.commands.size(), got.size());
  for (size_t i = 0; i < common; ++i) {
    const std::string difference = Difference(step.commands[i], got[i]);
    if (difference.empty()) continue;
    return {StrCat(Name(step.commands[i]), ": ", difference.substr(0, difference.find(':'))),
            StrCat("command ", i + 1, " (", Name(step.commands[i]), "): ", difference)};
  }
  if (step.commands.size() > got.size()) {
    const std::string_view name = Name(step.commands[common]);
    return {StrCat(name, ": missing"),
            StrCat("command ", common + 1, ": expected ", name, ", got no more commands")};
  }
  if (got.size() > common) {
    const std::string_view name = Name(got[common]);
    return {StrCat(name, ": not in the log"),
            StrCat("command ", common + 1, ": expected no more commands, got ", name)};
  }
  return {};
}

}  // namespace

absl::StatusOr<ReplayResult> ReplayCall(EventLogReader log) {
  return ReplayCall(std::move(log), [](const CallMachineOptions& options) {
    auto machine = std::make_shared<CallMachine>(options);  // std::function wants to be copied
    return [machine](const CallEvent& event, std::vector<CallCommand>* out) {
      machine->Step(event, out);
    };
  });
}

absl::StatusOr<ReplayResult> ReplayCall(EventLogReader log, const ReplayMachine& machine) {
  DRAGOMAN_ASSIGN_OR_RETURN(CallLogReader reader, CallLogReader::Create(std::move(log)));
  ReplayResult result;
  result.header = reader.header();
  DRAGOMAN_RETURN_IF_ERROR(Annotate(result.header.options.Validate(), "options in the log"));
  const bool same_machine = result.header.machine_version == kCallMachineVersion &&
                            result.header.tables_digest == CallTablesDigest();
  if (!same_machine) result.verdict = ReplayVerdict::kOtherMachine;
  const ReplayStep step_machine = machine(result.header.options);
  std::vector<CallCommand> got;
  while (true) {
    auto record = reader.Next();
    if (record.status().code() == absl::StatusCode::kOutOfRange) break;
    if (!record.ok()) return record.status();
    if (const auto* piece = std::get_if<AudioPiece>(&*record)) {
      result.audio.push_back(*piece);
      continue;
    }
    const CallStep& step = std::get<CallStep>(*record);
    ++result.events;
    got.clear();
    step_machine(step.event, &got);
    result.commands += static_cast<std::int64_t>(step.commands.size());
    for (const CallCommand& command : step.commands) {
      result.finished |= std::holds_alternative<call_command::Finish>(command);
    }
    auto [kind, sentence] = Compare(step, got);
    if (kind.empty()) continue;
    ++result.differences[kind];
    if (result.first_difference.empty()) {
      result.first_difference = StrCat("event ", result.events, " at ", Seconds(step.event.at_us),
                                       " (", Name(step.event), "): ", sentence);
    }
    if (same_machine) {
      result.verdict = ReplayVerdict::kDifferent;
      return result;
    }
  }
  result.torn_bytes = reader.torn_bytes();
  return result;
}

}  // namespace dragoman
