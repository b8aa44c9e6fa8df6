#include "dragoman/providers/notes/note_tool.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/conversation/provenance.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

class NoteRun : public ToolRun {
 public:
  explicit NoteRun(ToolDone on_done) : on_done_(std::move(on_done)) {}
  void Cancel() override {}  // a commit that was taken ends by itself

  void Start(MemoryRecord note, Store& store, Executor& executor) {
    StoreTransaction transaction;
    const std::string id = note.id;
    const WallTime now = note.created;
    transaction.changes.push_back(std::move(note));
    transaction.steps.push_back({.at = now, .actor = "note", .action = "note kept", .delta = id});
    const absl::Status taken = store.Commit(
        std::move(transaction), executor,
        lifetime_.Wrap([this, id](absl::StatusOr<Committed> committed) {
          Finish(committed.ok() ? absl::StatusOr<std::string>(StrCat("{\"note\":\"", id, "\"}"))
                                : committed.status());
        }));
    if (!taken.ok()) executor.Post(lifetime_.Wrap([this, taken] { Finish(taken); }));
  }

 private:
  void Finish(absl::StatusOr<std::string> result) {
    ToolDone on_done = std::move(on_done_);
    on_done(std::move(result));  // may destroy this
  }

  ToolDone on_done_;
  Lifetime lifetime_;
};

class NoteTool : public Tool {
 public:
  NoteTool(NoteToolOptions options, Store& store) : options_(std::move(options)), store_(store) {
    spec_ = {.name = "note",
             .description = "Keeps a note for the owner.",
             .parameters = R"({"type":"object","properties":{"text":{"type":"string",)"
                           R"("minLength":1,"maxLength":8000}},"required":["text"],)"
                           R"("additionalProperties":false})",
             .effect = EffectClass::kKeyedWrite,
             .risk = ToolRisk::kLocal,
             .result_integrity = Integrity::kService,
             .result_confidentiality = Confidentiality::kPublic};
  }
  const ToolSpec& spec() const override { return spec_; }

  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    auto run = std::make_unique<NoteRun>(std::move(on_done));
    const nlohmann::json object = nlohmann::json::parse(arguments, nullptr, false);
    MemoryRecord note{.user_id = options_.user,
                      .id = StrCat("note-", context.effect_key.substr(0, 32)),
                      .kind = std::string(kNoteKind),
                      .body = object.value("text", ""),
                      .labels = FormatLabel(UserLabel(Confidentiality::kPersonal)),
                      .created = executor.WallNow()};
    run->Start(std::move(note), store_, executor);
    return run;
  }

 private:
  const NoteToolOptions options_;
  Store& store_;
  ToolSpec spec_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Tool>> MakeNoteTool(NoteToolOptions options, Store& store) {
  if (options.user.empty()) return InvalidArgument("note: user is empty");
  return std::make_unique<NoteTool>(std::move(options), store);
}

}  // namespace dragoman
