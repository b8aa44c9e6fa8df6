// `dragoman vault ...` and `dragoman policy ...`.
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/runtime/policy_tools.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"
#include "src/cli/owner.h"
#include "src/cli/task_view.h"

namespace dragoman::cli {
namespace {

using nlohmann::json;

// One line from stdin; at a terminal without showing it. Never from the command line, which other
// people of the machine can see.
absl::StatusOr<std::string> ReadSecretLine() {
  const bool terminal = isatty(STDIN_FILENO) == 1;
  termios before{};
  if (terminal) {
    Print("Value (not shown): ");
    tcgetattr(STDIN_FILENO, &before);
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    Print("\n");
  }
  if (!read) return InvalidArgument("no value came on standard input");
  return line;
}

// "bank/pin", with or without "vault:" in front.
absl::StatusOr<std::pair<std::string, std::string>> SplitHandle(std::string handle) {
  if (handle.starts_with("vault:")) handle.erase(0, 6);
  const std::size_t slash = handle.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == handle.size()) {
    return InvalidArgument("handle is \"", handle, "\"; expected RECORD/FIELD, as in bank/pin");
  }
  return std::pair(handle.substr(0, slash), handle.substr(slash + 1));
}

OperatorHostOptions ForVault(const TaskOptions& options) {
  OperatorHostOptions host = options.host;
  host.work = false;
  host.listen = false;
  return host;
}

int Run(const TaskOptions& options, const json& request,
        const std::function<std::string(const json&)>& render) {
  absl::StatusOr<Owner> owner = Owner::Open(ForVault(options));
  if (!owner.ok()) return Complain(owner.status());
  const absl::StatusOr<json> answer = owner->Ask(request);
  if (!answer.ok()) return Complain(answer.status());
  Print(options.json ? answer->dump() + "\n" : render(*answer));
  return kOk;
}

}  // namespace

int RunVaultInit(const TaskOptions& options) {
  return Run(options, {{"do", "vault.init"}}, [&](const json&) {
    return StrCat("The master key is in ", options.host.data_dir,
                  "/vault.keys. Keep a copy of that file apart from the data: without it nobody "
                  "can read\nthe vault again, with it and the data everybody can. A process that "
                  "runs must be started anew.\n");
  });
}

int RunVaultPut(const VaultPutOptions& options) {
  const auto handle = SplitHandle(options.handle);
  if (!handle.ok()) return Complain(handle.status());
  json sinks = json::array();
  for (const std::string& text : options.sinks) {
    const std::size_t at = text.rfind('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
      return Complain(InvalidArgument("sink is \"", text,
                                      "\"; expected SINK=PURPOSE, as in "
                                      "tel:+12015550123=authenticate"));
    }
    sinks.push_back({{"sink", text.substr(0, at)}, {"purpose", text.substr(at + 1)}});
  }
  const absl::StatusOr<std::string> value = ReadSecretLine();
  if (!value.ok()) return Complain(value.status());
  return Run(options.common,
             {{"do", "vault.put"},
              {"record", handle->first},
              {"field", handle->second},
              {"kind", options.kind},
              {"value", *value},
              {"sinks", std::move(sinks)}},
             [](const json& answer) {
               return StrCat(answer["entry"].value("handle", ""), ", version ",
                             answer["entry"].value("version", 0), "\n");
             });
}

int RunVaultList(const TaskOptions& options) {
  return Run(options, {{"do", "vault.list"}}, [](const json& answer) {
    if (answer["entries"].empty()) return std::string("The vault is empty.\n");
    std::string text;
    for (const json& entry : answer["entries"]) {
      text += StrCat(entry.value("handle", ""), "  ", entry.value("kind", ""), ", since ",
                     entry.value("updated", ""), "\n");
      for (const json& sink : entry["sinks"]) {
        text += StrCat("  to ", sink.value("sink", ""), " for ", sink.value("purpose", ""), "\n");
      }
    }
    return text;
  });
}

int RunVaultRemove(const VaultPutOptions& options) {
  return Run(options.common, {{"do", "vault.remove"}, {"record", options.handle}},
             [&](const json&) { return StrCat("vault:", options.handle, " is gone\n"); });
}

int RunVaultRotate(const TaskOptions& options) {
  return Run(options, {{"do", "vault.rotate"}}, [](const json& answer) {
    return StrCat("The master key is version ", answer.value("version", 0),
                  " now; save the new vault.keys.\n");
  });
}

int RunVaultReadmit(const TaskOptions& options) {
  return Run(options, {{"do", "vault.readmit"}},
             [](const json&) { return "The vault takes values of yours again; it is empty.\n"; });
}

int RunPolicyCheck(const TaskOptions& options) {
  const auto policy = ReadPolicyFiles(options.host.policy_file, options.host.calling_rules_file);
  if (!policy.ok()) return Complain(policy.status());
  Print(
      StrCat("policy ", policy->version, ", calling rules ", policy->calling.version, ": sound\n"));
  return kOk;
}

int RunPolicyExplain(const PolicyQuestion& question) {
  const absl::StatusOr<Decision> decision = ExplainPolicy(question);
  if (!decision.ok()) return Complain(decision.status());
  Print(RenderDecision(*decision));
  return decision->verdict == Verdict::kDeny ? kFailed : kOk;
}

}  // namespace dragoman::cli
