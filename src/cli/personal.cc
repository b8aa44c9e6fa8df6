// `dragoman erase`, `dragoman task hold` and `dragoman task release`.
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"
#include "src/cli/owner.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kYesInWords = "forget me";

OperatorHostOptions ToLook(const TaskOptions& options) {
  OperatorHostOptions host = options.host;
  host.work = false;
  host.listen = false;
  return host;
}

std::string Count(const json& things, const char* name, const char* one, const char* many) {
  const json& value = things.at(name);
  const std::size_t count = value.is_array() ? value.size() : value.get<std::size_t>();
  if (count == 0) return "";
  return StrCat("  ", count, " ", count == 1 ? one : many, "\n");
}

std::string DescribeThings(const json& things) {
  const std::string text =
      StrCat(Count(things, "goals", "goal with its words, plan and results",
                   "goals with their words, plans and results"),
             Count(things, "open_goals", "of them open: it is stopped, its call hung up",
                   "of them open: they are stopped, calls hung up"),
             Count(things, "memories", "memory", "memories"),
             Count(things, "secrets", "secret in the vault, and its key",
                   "secrets in the vault, and their key"),
             Count(things, "contacts", "contact", "contacts"),
             Count(things, "files", "file of calls (logs, recordings)",
                   "files of calls (logs, recordings)"));
  return text.empty() ? "  nothing\n" : text;
}

bool SaysYes(const std::string& data_dir) {
  Print(StrCat("Nothing of it in ", data_dir, " can be brought back. Type \"", kYesInWords,
               "\" to go on: "));
  std::string line;
  return std::getline(std::cin, line) && Trim(line) == kYesInWords;
}

int Held(const TaskOptions& options, const char* what) {
  const absl::StatusOr<Asked> asked = AskWhoever(
      options.host.data_dir, {{"do", what}, {"goal", options.goal}, {"everything", options.all}});
  if (!asked.ok()) return Complain(asked.status());
  const bool holds = std::string_view(what) == "task.hold";
  const std::string which = options.all ? "everything" : CleanText(options.goal);
  Print(options.json ? asked->answer.dump() + "\n"
                     : StrCat(which, holds ? " is held: it is neither removed by its date nor "
                                             "erased, until you release it\n"
                                           : " is released\n"));
  return kOk;
}

}  // namespace

int RunTaskHold(const TaskOptions& options) { return Held(options, "task.hold"); }
int RunTaskRelease(const TaskOptions& options) { return Held(options, "task.release"); }

int RunErase(const TaskOptions& options) {
  absl::StatusOr<Owner> owner = Owner::Open(ToLook(options));
  if (!owner.ok()) return Complain(owner.status());
  const absl::StatusOr<json> shown = owner->Ask({{"do", "personal.show"}});
  if (!shown.ok()) return Complain(shown.status());
  const json& things = (*shown)["things"];
  if (!options.yes) {
    if (isatty(STDIN_FILENO) != 1) {
      Print(StrCat("This would be forgotten for good:\n", DescribeThings(things)));
      return Complain(InvalidArgument("nothing was erased; say so by --yes"));
    }
    Print(StrCat("This will be forgotten for good:\n", DescribeThings(things)));
    if (!SaysYes(CleanText(options.host.data_dir))) {
      Print("Nothing was erased.\n");
      return kFailed;
    }
  }
  const absl::StatusOr<json> erased = owner->Ask({{"do", "personal.erase"}});
  if (!erased.ok()) return Complain(erased.status());
  Print(options.json
            ? erased->dump() + "\n"
            : StrCat("Forgotten:\n", DescribeThings((*erased)["things"]),
                     "The audit keeps that something was done, by ids alone. Backups of the "
                     "directory, exported records and\nwhat others were told are not within "
                     "reach.\n"));
  return kOk;
}

}  // namespace dragoman::cli
