// A tool that takes as long as, and ends as, the test scripted.
#ifndef DRAGOMAN_TESTING_FAKE_TOOL_H_
#define DRAGOMAN_TESTING_FAKE_TOOL_H_

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ScriptedRun {
  absl::StatusOr<std::string> result = std::string("{}");
  std::chrono::milliseconds after{0};
  bool stalls = false;          // never ends by itself
  bool ignores_cancel = false;  // ends as scripted all the same
};

// Obeys the contract of Tool. One thread at a time. Must outlive its runs.
class DRAGOMAN_EXPORT FakeTool : public Tool {
 public:
  explicit FakeTool(ToolSpec spec, ScriptedRun usual = {});
  // A tool of this name that takes any object.
  static ToolSpec Spec(std::string name, EffectClass effect = EffectClass::kRead);

  void Enqueue(ScriptedRun run);  // for the next Run; then the usual one again

  const ToolSpec& spec() const override { return spec_; }
  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override;

  struct Record {
    std::string arguments;
    ToolContext context;
    bool cancelled = false;
    bool ended = false;      // on_done ran
    bool destroyed = false;  // before that
  };
  std::vector<Record> runs() const;  // in the order started

 private:
  class FakeRun;

  const ToolSpec spec_;
  ScriptedRun usual_;
  std::deque<ScriptedRun> next_;
  std::vector<std::shared_ptr<Record>> records_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_TOOL_H_
