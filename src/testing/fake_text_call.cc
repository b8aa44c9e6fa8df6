#include "dragoman/testing/fake_text_call.h"

#include <optional>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/testing/listener.h"

namespace dragoman {
namespace {

// What both ends share; lives until both are gone.
class FakeTextLine : public TextStream, public std::enable_shared_from_this<FakeTextLine> {
 public:
  FakeTextLine(Executor& executor, CallInfo info) : executor_(executor), info_(std::move(info)) {}

  // --- the agent's side
  void Start(Callbacks callbacks) override {
    listener_.emplace(std::move(callbacks));
    for (Task& task : early_) Post(std::move(task));
    early_.clear();
  }
  absl::Status Say(std::string_view text, bool last) override {
    if (ended_) return FailedPrecondition("said after the call ended");
    if (!IsValidUtf8(text)) return InvalidArgument("text is not valid UTF-8");
    open_turn_ += text;
    if (last) turns_.push_back(std::exchange(open_turn_, {}));
    return absl::OkStatus();
  }
  absl::Status SendDtmf(std::string_view digits) override {
    if (ended_) return FailedPrecondition("keys pressed after the call ended");
    dtmf_ += digits;
    return absl::OkStatus();
  }
  void End(bool by_agent, absl::Status status) {
    if (ended_) return;
    ended_ = true;
    agent_hung_up_ = by_agent;
    Later([this, status = std::move(status)] { listener_->Finish(&Callbacks::on_closed, status); });
  }
  void Abandon() {
    listener_.reset();
    lifetime_.Renew();
    End(true, absl::OkStatus());
  }

  // --- the caller's side
  template <typename Deliver>
  void Tell(Deliver deliver) {
    if (ended_) return;
    Later([this, deliver = std::move(deliver)]() mutable {
      if (!ended_) deliver(*listener_);
    });
  }
  bool ended() const { return ended_; }
  bool agent_hung_up() const { return agent_hung_up_; }
  const std::vector<std::string>& turns() const { return turns_; }
  const std::string& open_turn() const { return open_turn_; }
  const std::string& dtmf() const { return dtmf_; }
  Executor& executor() { return executor_; }
  const CallInfo& info() const { return info_; }

 private:
  void Later(Task task) {
    if (listener_) return Post(std::move(task));
    early_.push_back(std::move(task));
  }
  void Post(Task task) {
    executor_.Post(lifetime_.Wrap([this, task = std::move(task)]() mutable {
      auto self = shared_from_this();
      if (listener_) task();
    }));
  }

  Executor& executor_;
  const CallInfo info_;
  std::optional<Listener<Callbacks>> listener_;
  std::vector<Task> early_;  // before Start
  bool ended_ = false;
  bool agent_hung_up_ = false;
  std::vector<std::string> turns_;
  std::string open_turn_;
  std::string dtmf_;
  Lifetime lifetime_;
};

class FakeTextLineCall : public Call {
 public:
  explicit FakeTextLineCall(std::shared_ptr<FakeTextLine> line) : line_(std::move(line)) {}
  ~FakeTextLineCall() override { line_->Abandon(); }
  const CallInfo& info() const override { return line_->info(); }
  Executor& executor() override { return line_->executor(); }
  MediaStream* media() override { return nullptr; }
  TextStream* text() override { return line_.get(); }
  void HangUp() override { line_->End(true, absl::OkStatus()); }

 private:
  std::shared_ptr<FakeTextLine> line_;  // either end may outlive the other
};

class FakeTextLineCaller : public FakeTextCaller {
 public:
  using Listening = Listener<TextStream::Callbacks>;

  explicit FakeTextLineCaller(std::shared_ptr<FakeTextLine> line) : line_(std::move(line)) {}
  ~FakeTextLineCaller() override { line_->End(false, absl::OkStatus()); }
  void Say(std::string_view text, bool is_final) override {
    line_->Tell([text = std::string(text), is_final](Listening& listener) {
      listener.Call(&TextStream::Callbacks::on_words, std::string_view(text), is_final);
    });
  }
  void Interrupt(std::string_view heard, std::chrono::milliseconds after) override {
    line_->Tell([heard = std::string(heard), after](Listening& listener) {
      listener.Call(&TextStream::Callbacks::on_interrupted, std::string_view(heard), after);
    });
  }
  void Press(char digit) override {
    line_->Tell(
        [digit](Listening& listener) { listener.Call(&TextStream::Callbacks::on_dtmf, digit); });
  }
  void HangUp() override { line_->End(false, absl::OkStatus()); }
  void Drop(absl::Status status) override { line_->End(false, std::move(status)); }
  bool ended() const override { return line_->ended(); }
  bool agent_hung_up() const override { return line_->agent_hung_up(); }
  std::vector<std::string> turns() const override { return line_->turns(); }
  std::string open_turn() const override { return line_->open_turn(); }
  std::string dtmf() const override { return line_->dtmf(); }

 private:
  std::shared_ptr<FakeTextLine> line_;
};

}  // namespace

FakeTextCallEnds MakeFakeTextCall(Executor& executor, CallInfo info) {
  auto line = std::make_shared<FakeTextLine>(executor, std::move(info));
  return {std::make_unique<FakeTextLineCall>(line), std::make_unique<FakeTextLineCaller>(line)};
}

}  // namespace dragoman
