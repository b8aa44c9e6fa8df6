#include "dragoman/providers/notes/memory_tools.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using nlohmann::json;

class MemoryRun : public ToolRun {
 public:
  explicit MemoryRun(ToolDone on_done) : on_done_(std::move(on_done)) {}
  void Cancel() override {}  // a commit that was taken ends by itself

  void Refuse(Executor& executor, absl::Status why) {
    executor.Post(lifetime_.Wrap([this, why = std::move(why)] { Finish(why); }));
  }
  // Gives a callback for Memories that ends the run with what `render` makes of the answer.
  template <typename Result, typename Render>
  auto Ending(Render render) {
    return lifetime_.Wrap([this, render](absl::StatusOr<Result> answer) {
      if (!answer.ok()) return Finish(answer.status());
      Finish(render(*answer).dump(-1, ' ', false, json::error_handler_t::replace));
    });
  }

 private:
  void Finish(absl::StatusOr<std::string> result) {
    ToolDone on_done = std::move(on_done_);
    on_done(std::move(result));  // may destroy this
  }

  ToolDone on_done_;
  Lifetime lifetime_;
};

class MemoryTool : public Tool {
 public:
  MemoryTool(const ToolSpec& spec, Memories& memories) : spec_(spec), memories_(memories) {}
  const ToolSpec& spec() const override { return spec_; }

  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    auto run = std::make_unique<MemoryRun>(std::move(on_done));
    if (context.user.empty()) {
      run->Refuse(executor, FailedPrecondition(spec_.name,
                                               " runs for nobody; whose memories are "
                                               "meant is the gate's to say"));
      return run;
    }
    Begin(*run, json::parse(arguments, nullptr, false), context);
    return run;
  }

 protected:
  virtual void Begin(MemoryRun& run, const json& arguments, const ToolContext& context) = 0;
  Memories& memories() { return memories_; }

 private:
  const ToolSpec& spec_;
  Memories& memories_;
};

class WritingTool : public MemoryTool {
 public:
  using MemoryTool::MemoryTool;

 protected:
  void Begin(MemoryRun& run, const json& arguments, const ToolContext& context) override {
    const bool note = spec().name == NoteSpec().name;
    const auto label = context.labels.find("text");
    MemoryText what{.kind = std::string(note ? kNoteKind : kFactKind),
                    .text = arguments.value("text", ""),
                    .label = label == context.labels.end() ? Label{} : label->second,
                    .goal = context.goal,
                    .step = context.step,
                    .key = context.effect_key};
    if (!note) what.kind = arguments.value("kind", what.kind);
    memories().Remember(context.user, std::move(what), run.Ending<Memory>([note](const Memory& m) {
      if (note) return json{{"note", m.id}};
      return json{{"memory", m.id}, {"quarantined", m.quarantined}};
    }));
  }
};

class RecallTool : public MemoryTool {
 public:
  using MemoryTool::MemoryTool;

 protected:
  void Begin(MemoryRun& run, const json& arguments, const ToolContext& context) override {
    const bool quarantined = arguments.value("quarantined", false);
    memories().Search(context.user,
                      {.words = arguments.value("query", ""),
                       .kind = arguments.value("kind", ""),
                       .filter = quarantined ? MemoryFilter::kQuarantined : MemoryFilter::kAccepted,
                       .limit = arguments.value("limit", std::size_t{5})},
                      run.Ending<std::vector<Memory>>(Found));
  }

 private:
  static json Found(const std::vector<Memory>& memories) {
    Label label = LabelOfNothing();
    json texts = json::array();
    json listed = json::array();
    for (const Memory& memory : memories) {
      label = Join(label, memory.label);
      texts.push_back(memory.text);
      listed.push_back({{"id", memory.id}, {"kind", memory.kind}, {"from", memory.label.sources}});
    }
    return {{"found", memories.size()},
            {"text", memories.empty() ? "" : memories.front().text},
            {"texts", std::move(texts)},
            {"memories", std::move(listed)},
            {"label", FormatLabel(label)}};
  }
};

}  // namespace

const ToolSpec& NoteSpec() {
  static const ToolSpec* const kSpec =
      new ToolSpec{.name = "note",
                   .description = "Keeps a note for the owner.",
                   .parameters = R"({"type":"object","properties":{"text":{"type":"string",)"
                                 R"("minLength":1,"maxLength":8000}},"required":["text"],)"
                                 R"("additionalProperties":false})",
                   .effect = EffectClass::kKeyedWrite,
                   .risk = ToolRisk::kLocal,
                   .result_integrity = Integrity::kService,
                   .result_confidentiality = Confidentiality::kPublic};
  return *kSpec;
}

const ToolSpec& RememberSpec() {
  static const ToolSpec* const kSpec = new ToolSpec{
      .name = "remember",
      .description = "Keeps something that later goals can look up.",
      .parameters = R"({"type":"object","required":["text"],"additionalProperties":false,
"properties":{"text":{"type":"string","minLength":1,"maxLength":8000},
"kind":{"enum":["fact","preference","procedure"]}}})",
      .effect = EffectClass::kKeyedWrite,
      .risk = ToolRisk::kLearn,
      .result_integrity = Integrity::kService,
      .result_confidentiality = Confidentiality::kPublic,
      .quarantines = true};
  return *kSpec;
}

const ToolSpec& RecallSpec() {
  static const ToolSpec* const kSpec = new ToolSpec{
      .name = "recall",
      .description = "Looks up what was noted or remembered before.",
      .parameters = R"({"type":"object","required":["query"],"additionalProperties":false,
"properties":{"query":{"type":"string","maxLength":1000},
"kind":{"enum":["note","fact","preference","procedure"]},
"limit":{"type":"integer","minimum":1,"maximum":20},
"quarantined":{"type":"boolean"}}})",
      .effect = EffectClass::kRead,
      .risk = ToolRisk::kRead,
      .result_integrity = Integrity::kUser,
      .result_confidentiality = Confidentiality::kPersonal,
      .labels_results = true};
  return *kSpec;
}

std::vector<std::unique_ptr<Tool>> MakeMemoryTools(Memories& memories) {
  std::vector<std::unique_ptr<Tool>> tools;
  tools.push_back(std::make_unique<WritingTool>(NoteSpec(), memories));
  tools.push_back(std::make_unique<WritingTool>(RememberSpec(), memories));
  tools.push_back(std::make_unique<RecallTool>(RecallSpec(), memories));
  return tools;
}

}  // namespace dragoman
