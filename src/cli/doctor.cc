// `dragoman doctor` and `dragoman version`.
#include "dragoman/agent/call_machine.h"
#include "dragoman/core/status.h"
#include "dragoman/runtime/examination.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"

namespace dragoman::cli {

int RunDoctor(const RuntimeOptions& options) {
  RunVersion();
  bool good = true;
  for (const Finding& finding : Examine(options)) {
    const std::string_view mark = finding.health == Health::kGood       ? "[ok]      "
                                  : finding.health == Health::kOptional ? "[optional]"
                                                                        : "[missing] ";
    Print(StrCat(mark, " ", finding.what, ": ", finding.detail, "\n"));
    if (!finding.remedy.empty()) Print(StrCat("           -> ", finding.remedy, "\n"));
    good = good && finding.health != Health::kBad;
  }
  Print(good ? "Ready: dragoman demo\n" : "Something is missing; see above.\n");
  return good ? kOk : kFailed;
}

int RunVersion() {
  Print(StrCat("dragoman ", DRAGOMAN_VERSION, " (", DRAGOMAN_BUILD_TYPE, ", ", DRAGOMAN_COMPILER,
               "), call machine version ", kCallMachineVersion, "\n"));
  return kOk;
}

}  // namespace dragoman::cli
