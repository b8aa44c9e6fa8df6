// Requests about everything that there is of the owner, and what is forgotten.
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "src/runtime/operator_requests.h"
#include "src/runtime/request_lines.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;
using request_lines::Fail;
using request_lines::Send;

Json ThingsJson(const PersonalThings& things) {
  return {{"goals", things.goals},       {"open_goals", things.open_goals},
          {"memories", things.memories}, {"secrets", things.secrets},
          {"contacts", things.contacts}, {"files", things.files},
          {"held", things.held}};
}

Erasure::Done ThingsTo(OperatorHost::Reply reply) {
  return [reply = std::move(reply)](absl::StatusOr<PersonalThings> things) {
    if (!things.ok()) return Fail(reply, things.status());
    Send(reply, {{"ok", true}, {"things", ThingsJson(*things)}});
  };
}

}  // namespace

void OperatorRequests::ShowPersonal(OperatorHost::Reply reply) {
  with_.erasure->Look(with_.user, ThingsTo(std::move(reply)));
}

void OperatorRequests::EraseEverything(OperatorHost::Reply reply) {
  with_.erasure->Erase(with_.user, ThingsTo(std::move(reply)));
}

}  // namespace dragoman
