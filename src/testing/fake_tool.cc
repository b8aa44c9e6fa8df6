#include "dragoman/testing/fake_tool.h"

#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"

namespace dragoman {

class FakeTool::FakeRun : public ToolRun {
 public:
  FakeRun(ScriptedRun script, std::shared_ptr<Record> record, Executor& executor, ToolDone on_done)
      : script_(std::move(script)),
        record_(std::move(record)),
        on_done_(std::move(on_done)),
        timer_(executor) {
    if (!script_.stalls) timer_.Start(script_.after, [this] { End(std::move(script_.result)); });
  }
  ~FakeRun() override {
    if (!record_->ended) record_->destroyed = true;
  }
  void Cancel() override {
    if (record_->ended || record_->cancelled) return;
    record_->cancelled = true;
    if (script_.ignores_cancel) return;
    timer_.Start(std::chrono::microseconds(0), [this] { End(Cancelled()); });
  }

 private:
  void End(absl::StatusOr<std::string> result) {
    record_->ended = true;
    ToolDone on_done = std::move(on_done_);  // which may destroy this run
    if (on_done) on_done(std::move(result));
  }

  ScriptedRun script_;
  std::shared_ptr<Record> record_;
  ToolDone on_done_;
  Timer timer_;
};

FakeTool::FakeTool(ToolSpec spec, ScriptedRun usual)
    : spec_(std::move(spec)), usual_(std::move(usual)) {}

ToolSpec FakeTool::Spec(std::string name, EffectClass effect) {
  return {.name = std::move(name),
          .description = "a fake",
          .parameters = R"({"type":"object"})",
          .effect = effect};
}

void FakeTool::Enqueue(ScriptedRun run) { next_.push_back(std::move(run)); }

std::unique_ptr<ToolRun> FakeTool::Run(std::string arguments, const ToolContext& context,
                                       Executor& executor, ToolDone on_done) {
  ScriptedRun script = usual_;
  if (!next_.empty()) {
    script = std::move(next_.front());
    next_.pop_front();
  }
  records_.push_back(std::make_shared<Record>());
  records_.back()->arguments = std::move(arguments);
  records_.back()->context = context;
  return std::make_unique<FakeRun>(std::move(script), records_.back(), executor,
                                   std::move(on_done));
}

std::vector<FakeTool::Record> FakeTool::runs() const {
  std::vector<Record> records;
  for (const auto& record : records_) records.push_back(*record);
  return records;
}

}  // namespace dragoman
