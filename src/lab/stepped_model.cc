#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/lab/call_fork.h"

namespace dragoman::lab {
namespace {

struct Heard {
  std::vector<std::string> texts;
  absl::StatusOr<ChatResult> result = absl::UnknownError("no reply");
};

class SteppedReply : public ChatStream {
 public:
  SteppedReply(Heard heard, std::chrono::microseconds took, Executor& executor,
               ChatModel::Callbacks callbacks)
      : heard_(std::move(heard)), callbacks_(std::move(callbacks)), timer_(executor) {
    timer_.Start(took, lifetime_.Wrap([this] { Tell(); }));
  }
  void Cancel() override {
    if (over_ || cancelled_) return;
    cancelled_ = true;
    timer_.Start(std::chrono::microseconds(0), lifetime_.Wrap([this] {
      over_ = true;
      callbacks_.on_done(Cancelled());
    }));
  }

 private:
  void Tell() {
    const auto watch = lifetime_.Watch();
    for (const std::string& text : heard_.texts) {
      if (callbacks_.on_text) callbacks_.on_text(text);
      if (watch.expired() || cancelled_) return;
    }
    if (heard_.result.ok() && callbacks_.on_tool_call) {
      for (const ToolCall& call : heard_.result->message.tool_calls) {
        callbacks_.on_tool_call(call);
        if (watch.expired() || cancelled_) return;
      }
    }
    over_ = true;
    callbacks_.on_done(std::move(heard_.result));
  }

  Heard heard_;
  ChatModel::Callbacks callbacks_;
  bool over_ = false, cancelled_ = false;
  Timer timer_;
  Lifetime lifetime_;
};

class SteppedModel : public ChatModel {
 public:
  explicit SteppedModel(ChatModel& inner) : inner_(inner), real_(clock_) {}
  ~SteppedModel() override { real_.Stop(); }

  absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                    Callbacks callbacks) override {
    const TimePoint begin = clock_.Now();
    Heard heard;
    std::promise<void> done;
    std::unique_ptr<ChatStream> stream;
    real_.Post([&] {
      auto asked =
          inner_.Reply(std::move(request), real_,
                       {.on_text = [&](std::string_view text) { heard.texts.emplace_back(text); },
                        .on_tool_call = {},
                        .on_done =
                            [&](absl::StatusOr<ChatResult> result) {
                              heard.result = std::move(result);
                              done.set_value();
                            }});
      if (asked.ok()) {
        stream = *std::move(asked);
        return;
      }
      heard.result = asked.status();
      done.set_value();
    });
    done.get_future().wait();
    RunAndWait(real_, [&] { stream.reset(); });  // it lives there
    return std::make_unique<SteppedReply>(std::move(heard), clock_.Now() - begin, executor,
                                          std::move(callbacks));
  }
  std::string_view name() const override { return inner_.name(); }

 private:
  ChatModel& inner_;
  SystemClock clock_;
  ThreadExecutor real_;
};

}  // namespace

std::unique_ptr<ChatModel> MakeSteppedModel(ChatModel& inner) {
  return std::make_unique<SteppedModel>(inner);
}

}  // namespace dragoman::lab
