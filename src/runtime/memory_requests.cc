// Requests about what is remembered of the owner. Whose memories they are is never in a request.
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "src/runtime/operator_requests.h"
#include "src/runtime/request_lines.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;
using request_lines::Fail;
using request_lines::Flag;
using request_lines::Iso;
using request_lines::Send;
using request_lines::TextOf;

constexpr std::size_t kMostFound = 20;

Json MemoryJson(const Memory& memory) {
  Json json = {{"id", memory.id},
               {"kind", memory.kind},
               {"text", memory.text},
               {"quarantined", memory.quarantined},
               {"label", FormatLabel(memory.label)},
               {"from", memory.label.sources},
               {"created", Iso(memory.created)}};
  if (!memory.goal.empty()) json["goal"] = memory.goal;
  if (!memory.step.empty()) json["step"] = memory.step;
  return json;
}

MemoryFilter FilterOf(const Json& request) {
  if (Flag(request, "quarantined")) return MemoryFilter::kQuarantined;
  return Flag(request, "accepted") ? MemoryFilter::kAccepted : MemoryFilter::kAll;
}

Memories::Done<Memory> OneTo(OperatorHost::Reply reply) {
  return [reply = std::move(reply)](absl::StatusOr<Memory> memory) {
    if (!memory.ok()) return Fail(reply, memory.status());
    Send(reply, {{"ok", true}, {"memory", MemoryJson(*memory)}});
  };
}

Memories::Done<std::vector<Memory>> AllTo(OperatorHost::Reply reply) {
  return [reply = std::move(reply)](absl::StatusOr<std::vector<Memory>> memories) {
    if (!memories.ok()) return Fail(reply, memories.status());
    Json listed = Json::array();
    for (const Memory& memory : *memories) listed.push_back(MemoryJson(memory));
    Send(reply, {{"ok", true}, {"memories", std::move(listed)}});
  };
}

}  // namespace

void OperatorRequests::HandleMemory(const std::string& what, const Json& request,
                                    OperatorHost::Reply reply) {
  Memories& memories = *with_.memories;
  const absl::StatusOr<std::string> id = TextOf(request, "memory");
  const absl::StatusOr<std::string> kind = TextOf(request, "kind");
  const absl::StatusOr<std::string> text = TextOf(request, "text");
  for (const auto* field : {&id, &kind, &text}) {
    if (!field->ok()) return Fail(reply, field->status());
  }
  if (what == "memory.add") {
    MemoryText added{.text = *text, .label = UserLabel(Confidentiality::kPersonal)};
    if (!kind->empty()) added.kind = *kind;
    return memories.Remember(with_.user, std::move(added), OneTo(std::move(reply)));
  }
  if (what == "memory.list") {
    return memories.List(with_.user, FilterOf(request), AllTo(std::move(reply)));
  }
  if (what == "memory.search") {
    return memories.Search(
        with_.user,
        {.words = *text, .kind = *kind, .filter = FilterOf(request), .limit = kMostFound},
        AllTo(std::move(reply)));
  }
  if (what == "memory.accept") return memories.Accept(with_.user, *id, OneTo(std::move(reply)));
  if (what == "memory.forget") return memories.Forget(with_.user, *id, OneTo(std::move(reply)));
  Fail(reply, InvalidArgument("unknown request \"", what, "\""));
}

}  // namespace dragoman
