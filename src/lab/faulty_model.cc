#include <optional>
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/lab/faults.h"
#include "src/lab/fault_plan.h"

namespace dragoman::lab {
namespace {

class FaultyReply : public ChatStream {
 public:
  FaultyReply(const Fault& fault, Executor& executor, ChatModel::Callbacks callbacks)
      : fault_(fault), executor_(executor), callbacks_(std::move(callbacks)), gate_(executor) {}

  void Begin(ChatModel& inner, ChatRequest request) {
    switch (fault_.what) {
      case FaultKind::kHang:
        return;
      case FaultKind::kFail:
        return FinishLater(Unavailable("lab: the model is down"));
      case FaultKind::kEmpty:
        return FinishLater(ChatResult{});
      case FaultKind::kDelay:
        executor_.RunAfter(fault_.length,
                           lifetime_.Wrap([this, &inner, request = std::move(request)]() mutable {
                             Ask(inner, std::move(request));
                           }));
        return;
      default:
        return Ask(inner, std::move(request));
    }
  }

  void Cancel() override {
    if (done_ || cancelled_) return;
    cancelled_ = true;
    inner_.reset();
    gate_.Drop();
    lifetime_.Renew();
    FinishLater(Cancelled());
  }

 private:
  void Ask(ChatModel& inner, ChatRequest request) {
    ChatModel::Callbacks callbacks;
    callbacks.on_text = lifetime_.Wrap([this](std::string_view text) { OnText(text); });
    callbacks.on_tool_call = lifetime_.Wrap([this](const ToolCall& call) {
      gate_.Pass([this, call] {
        if (callbacks_.on_tool_call) callbacks_.on_tool_call(call);
      });
    });
    callbacks.on_done = lifetime_.Wrap([this](absl::StatusOr<ChatResult> result) {
      gate_.Pass([this, result = std::move(result)]() mutable { Finish(std::move(result)); });
    });
    auto stream = inner.Reply(std::move(request), executor_, std::move(callbacks));
    if (!stream.ok()) return FinishLater(stream.status());
    inner_ = *std::move(stream);
  }

  void OnText(std::string_view text) {
    gate_.Pass([this, text = std::string(text)] {
      if (callbacks_.on_text) callbacks_.on_text(text);
    });
    if (std::exchange(spoke_, true)) return;
    if (fault_.what == FaultKind::kStall) gate_.HoldFor(fault_.length);
    if (fault_.what == FaultKind::kDie) {
      gate_.HoldForEver();
      FinishLater(Unavailable("lab: the model's connection broke"));
    }
  }

  void FinishLater(absl::StatusOr<ChatResult> result) {
    executor_.Post(lifetime_.Wrap(
        [this, result = std::move(result)]() mutable { Finish(std::move(result)); }));
  }

  void Finish(absl::StatusOr<ChatResult> result) {
    if (std::exchange(done_, true)) return;
    callbacks_.on_done(std::move(result));  // may destroy this
  }

  const Fault fault_;
  Executor& executor_;
  ChatModel::Callbacks callbacks_;
  AnswerGate gate_;
  std::unique_ptr<ChatStream> inner_;
  bool spoke_ = false;
  bool done_ = false;
  bool cancelled_ = false;
  Lifetime lifetime_;
};

class FaultyModel : public ChatModel {
 public:
  FaultyModel(ChatModel& inner, std::vector<Fault> faults)
      : inner_(inner), plan_(std::move(faults), FaultPlace::kModel) {}

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    const Fault* fault = plan_.Next();
    if (!fault) return inner_.Reply(std::move(request), executor, std::move(callbacks));
    DRAGOMAN_RETURN_IF_ERROR(request.Validate());
    auto reply = std::make_unique<FaultyReply>(*fault, executor, std::move(callbacks));
    reply->Begin(inner_, std::move(request));
    return reply;
  }
  std::string_view name() const override { return inner_.name(); }

 private:
  ChatModel& inner_;
  FaultPlan plan_;
};

class FaultyToolRun : public ToolRun {
 public:
  FaultyToolRun(const Fault& fault, Executor& executor, ToolDone on_done)
      : fault_(fault), executor_(executor), on_done_(std::move(on_done)), gate_(executor) {}

  void Begin(Tool& inner, std::string arguments, const ToolContext& context) {
    if (fault_.what == FaultKind::kFail) {
      executor_.Post(lifetime_.Wrap([this] { Finish(Unavailable("lab: the tool is down")); }));
      return;
    }
    inner_ = inner.Run(
        std::move(arguments), context, executor_,
        lifetime_.Wrap([this](absl::StatusOr<std::string> result) {
          if (fault_.what == FaultKind::kDelay) gate_.HoldFor(fault_.length);
          if (fault_.what == FaultKind::kHang) return;
          if (fault_.what == FaultKind::kEmpty && result.ok()) result = "";
          gate_.Pass([this, result = std::move(result)]() mutable { Finish(std::move(result)); });
        }));
  }

  void Cancel() override {
    if (std::exchange(cancelled_, true) || !on_done_) return;
    if (inner_) inner_->Cancel();
    gate_.Drop();
    executor_.Post(lifetime_.Wrap([this] { Finish(Cancelled()); }));
  }

 private:
  void Finish(absl::StatusOr<std::string> result) {
    if (!on_done_) return;
    ToolDone done = std::exchange(on_done_, nullptr);
    done(std::move(result));  // may destroy this
  }

  const Fault fault_;
  Executor& executor_;
  ToolDone on_done_;
  AnswerGate gate_;
  std::unique_ptr<ToolRun> inner_;
  bool cancelled_ = false;
  Lifetime lifetime_;
};

class FaultyTool : public Tool {
 public:
  FaultyTool(std::unique_ptr<Tool> inner, std::vector<Fault> faults)
      : inner_(std::move(inner)), plan_(std::move(faults), FaultPlace::kTool) {}
  const ToolSpec& spec() const override { return inner_->spec(); }

  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    const Fault* fault = plan_.Next(inner_->spec().name);
    if (!fault) return inner_->Run(std::move(arguments), context, executor, std::move(on_done));
    auto run = std::make_unique<FaultyToolRun>(*fault, executor, std::move(on_done));
    run->Begin(*inner_, std::move(arguments), context);
    return run;
  }

 private:
  std::unique_ptr<Tool> inner_;
  FaultPlan plan_;
};

}  // namespace

std::unique_ptr<ChatModel> WithFaults(ChatModel& inner, std::vector<Fault> faults) {
  return std::make_unique<FaultyModel>(inner, std::move(faults));
}

std::unique_ptr<Tool> WithFaults(std::unique_ptr<Tool> inner, std::vector<Fault> faults) {
  return std::make_unique<FaultyTool>(std::move(inner), std::move(faults));
}

}  // namespace dragoman::lab
