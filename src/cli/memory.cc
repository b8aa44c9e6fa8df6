// `dragoman memory ...`.
#include <functional>
#include <nlohmann/json.hpp>

#include "dragoman/core/status.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"
#include "src/cli/owner.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

using nlohmann::json;

int Run(const MemoryCommandOptions& options, const json& request,
        const std::function<std::string(const json&)>& render) {
  OperatorHostOptions host = options.common.host;
  host.work = false;
  host.listen = false;
  absl::StatusOr<Owner> owner = Owner::Open(host);
  if (!owner.ok()) return Complain(owner.status());
  const absl::StatusOr<json> answer = owner->Ask(request);
  if (!answer.ok()) return Complain(answer.status());
  Print(options.common.json ? answer->dump() + "\n" : render(*answer));
  return kOk;
}

std::string Clean(const json& object, const char* name) {
  return CleanText(object.value(name, ""));
}

std::string RenderMemory(const json& memory) {
  const bool quarantined = memory.value("quarantined", true);
  std::string sources;
  for (const json& source : memory.value("from", json::array())) {
    sources += StrCat(sources.empty() ? "" : "; ", CleanText(source.get<std::string>()));
  }
  const std::string id = Clean(memory, "id");
  std::string text = StrCat(id, "  ", Clean(memory, "kind"), ", ", Clean(memory, "created"));
  if (memory.contains("goal")) {
    text += StrCat(", goal ", Clean(memory, "goal"));
    if (memory.contains("step")) text += StrCat(", step ", Clean(memory, "step"));
  }
  text += StrCat("\n  from: ", sources.empty() ? "nobody vouched for it" : sources, "\n");
  if (quarantined) {
    text += StrCat("  QUARANTINED: goals do not use it until you say: dragoman memory accept ",
                   std::string_view(id).substr(0, 16), "\n");
  }
  return StrCat(text, "  ", Clean(memory, "text"), "\n");
}

std::string RenderMemories(const json& answer) {
  std::string text;
  for (const json& memory : answer["memories"]) text += RenderMemory(memory);
  return text.empty() ? "Nothing is remembered.\n" : text;
}

json Chosen(const MemoryCommandOptions& options, const char* what) {
  return {{"do", what},
          {"quarantined", options.quarantined},
          {"accepted", options.accepted},
          {"text", options.text},
          {"kind", options.kind}};
}

}  // namespace

int RunMemoryList(const MemoryCommandOptions& options) {
  return Run(options, Chosen(options, "memory.list"), RenderMemories);
}

int RunMemorySearch(const MemoryCommandOptions& options) {
  return Run(options, Chosen(options, "memory.search"), [](const json& answer) {
    return answer["memories"].empty() ? std::string("Nothing of that is remembered.\n")
                                      : RenderMemories(answer);
  });
}

int RunMemoryAdd(const MemoryCommandOptions& options) {
  return Run(options, Chosen(options, "memory.add"),
             [](const json& answer) { return RenderMemory(answer["memory"]); });
}

int RunMemoryAccept(const MemoryCommandOptions& options) {
  return Run(options, {{"do", "memory.accept"}, {"memory", options.id}}, [](const json& answer) {
    return StrCat("Accepted; goals may use it from now on as your own word.\n",
                  RenderMemory(answer["memory"]));
  });
}

int RunMemoryForget(const MemoryCommandOptions& options) {
  return Run(options, {{"do", "memory.forget"}, {"memory", options.id}}, [](const json& answer) {
    return StrCat(Clean(answer["memory"], "id"), " is forgotten\n");
  });
}

}  // namespace dragoman::cli
