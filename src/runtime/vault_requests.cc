// Requests about the vault. A value comes in and never goes out.
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "src/runtime/operator_requests.h"
#include "src/runtime/request_lines.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;
using request_lines::Fail;
using request_lines::Iso;
using request_lines::Say;
using request_lines::Send;
using request_lines::TextOf;

Json EntryJson(const VaultEntry& entry) {
  Json sinks = Json::array();
  for (const SecretSink& sink : entry.sinks) {
    sinks.push_back({{"sink", sink.sink}, {"purpose", sink.purpose}});
  }
  return {{"handle", entry.handle},
          {"kind", Name(entry.kind)},
          {"sinks", std::move(sinks)},
          {"version", entry.version},
          {"updated", Iso(entry.updated)}};
}

}  // namespace

void OperatorRequests::PutSecret(const Json& request, OperatorHost::Reply reply) {
  VaultValue value;
  for (const auto& [name, target] :
       {std::pair("record", &value.record), std::pair("field", &value.field)}) {
    absl::StatusOr<std::string> text = TextOf(request, name);
    if (!text.ok()) return Fail(reply, text.status());
    *target = *std::move(text);
  }
  absl::StatusOr<std::string> kind = TextOf(request, "kind");
  absl::StatusOr<std::string> secret = TextOf(request, "value");
  if (!kind.ok() || !secret.ok()) return Fail(reply, kind.ok() ? secret.status() : kind.status());
  value.value = Secret(*std::move(secret));
  const absl::StatusOr<SecretKind> known = ParseSecretKind(kind->empty() ? "other" : *kind);
  if (!known.ok()) return Fail(reply, known.status());
  value.kind = *known;
  if (const auto sinks = request.find("sinks"); sinks != request.end() && sinks->is_array()) {
    for (const Json& sink : *sinks) {
      const Json fields = sink.is_object() ? sink : Json{{"sink", 0}};  // not text: refused
      const absl::StatusOr<std::string> where = TextOf(fields, "sink");
      const absl::StatusOr<std::string> why = TextOf(fields, "purpose");
      if (!where.ok() || !why.ok()) {
        return Fail(reply, InvalidArgument("sinks holds what is no sink with a purpose"));
      }
      value.sinks.push_back({.sink = *where, .purpose = *why});
    }
  }
  with_.vault->Put(with_.user, std::move(value), [reply](absl::StatusOr<VaultEntry> entry) {
    if (!entry.ok()) return Fail(reply, entry.status());
    Send(reply, {{"ok", true}, {"entry", EntryJson(*entry)}});
  });
}

void OperatorRequests::HandleVault(const std::string& what, const Json& request,
                                   OperatorHost::Reply reply) {
  if (what == "vault.init") {
    return with_.init_vault([reply](absl::Status status) { Say(reply, status); });
  }
  if (with_.vault == nullptr) {
    return Fail(reply, FailedPrecondition("there is no vault here yet; make one with: dragoman "
                                          "vault init"));
  }
  if (what == "vault.put") return PutSecret(request, std::move(reply));
  if (what == "vault.list") {
    return with_.vault->List(with_.user, [reply](absl::StatusOr<std::vector<VaultEntry>> entries) {
      if (!entries.ok()) return Fail(reply, entries.status());
      Json listed = Json::array();
      for (const VaultEntry& entry : *entries) listed.push_back(EntryJson(entry));
      Send(reply, {{"ok", true}, {"entries", std::move(listed)}});
    });
  }
  if (what == "vault.remove") {
    const absl::StatusOr<std::string> record = TextOf(request, "record");
    if (!record.ok()) return Fail(reply, record.status());
    return with_.vault->Remove(with_.user, *record,
                               [reply](absl::Status status) { Say(reply, status); });
  }
  if (what == "vault.rotate") {
    return with_.vault->RotateMasterKey([reply](absl::StatusOr<std::int64_t> version) {
      if (!version.ok()) return Fail(reply, version.status());
      Send(reply, {{"ok", true}, {"version", *version}});
    });
  }
  if (what == "vault.readmit") {
    return with_.vault->Readmit(with_.user, [reply](absl::Status status) { Say(reply, status); });
  }
  Fail(reply, InvalidArgument("unknown request \"", what, "\""));
}

}  // namespace dragoman
