// An agent without a mind, to test callers with: says its lines one after the other, each when the
// caller has fallen silent, stops when it is interrupted, and hangs up behind its last line.
#ifndef DRAGOMAN_TESTS_LAB_PLAIN_AGENT_H_
#define DRAGOMAN_TESTS_LAB_PLAIN_AGENT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/lab/agent_under_test.h"
#include "src/lab/sounds.h"

namespace dragoman::lab {

struct PlainOptions {
  std::vector<std::string> lines = {"Hello.", "Goodbye."};
  std::chrono::milliseconds patience{400};  // of the caller's silence
  std::chrono::milliseconds wait{0};        // before each answer
  bool hangs_up_early = false;              // clips its goodbye
  bool stops_when_interrupted = true;
  bool lies = false;  // its history holds words that nobody heard
  std::vector<Booking> bookings;
};

class PlainAgent : public PreparedAgent, public CallAgent {
 public:
  PlainAgent(PlainOptions options, AgentEnvironment environment)
      : options_(std::move(options)), environment_(std::move(environment)) {}

  CallAgent& agent() override { return *this; }
  absl::StatusOr<std::vector<Booking>> Bookings() override { return options_.bookings; }
  std::string event_log() const override { return ""; }
  absl::Status CheckReplay() override { return absl::UnimplementedError("no log"); }

  void Accept(std::unique_ptr<Call> call) override {
    call_ = std::move(call);
    start_ = environment_.executor->Now();
    MediaStream::Callbacks callbacks;
    callbacks.on_audio = [this](const PcmFrame& frame) { Hear(frame); };
    callbacks.on_dtmf = [this](char key) { Tell(SessionEvent::Kind::kUserPressed, {}, {&key, 1}); };
    callbacks.on_playout = [this](PlayoutPosition position) { Played(position); };
    callbacks.on_closed = [this](absl::Status status) { Closed(status); };
    call_->media()->Start(std::move(callbacks));
    Say();
  }

 private:
  void Tell(SessionEvent::Kind kind, std::string name, std::string_view text) {
    SessionEvent event;
    event.kind = kind;
    event.at = environment_.executor->Now() - start_;
    event.id = static_cast<std::int64_t>(next_);
    event.name = std::move(name);
    event.text = text;
    environment_.on_event(event);
  }

  void Say() {
    if (ended_ || speaking_ || next_ >= options_.lines.size()) return;
    const std::string& line = options_.lines[next_++];
    Tell(SessionEvent::Kind::kAgentSays, "reply", line);
    std::vector<TimedWord> words;
    auto audio = Buzz(line, 150, 1000, words);
    (void)call_->media()->Play({audio, kRate});
    call_->media()->FlushPlay();
    speaking_ = true;
    target_ = call_->media()->sent();
    if (options_.hangs_up_early && next_ == options_.lines.size()) HangUp();
  }

  void Played(PlayoutPosition position) {
    if (!speaking_ || position.position + std::chrono::milliseconds(1) < target_) return;
    Heard(options_.lines[next_ - 1]);
    if (next_ == options_.lines.size()) HangUp();
  }

  void Heard(std::string_view text) {
    speaking_ = false;
    Tell(SessionEvent::Kind::kAgentHeard, "reply", text);
    Message message;
    message.role = Role::kAssistant;
    message.text =
        options_.lies ? options_.lines[next_ - 1] + " As I told you." : std::string(text);
    report_.history.push_back(message);
  }

  void Hear(const PcmFrame& frame) {
    const bool loud = Rms(frame.samples) > 800;
    if (loud) {
      quiet_ = std::chrono::microseconds(0);
      heard_something_ = true;
      if (speaking_ && options_.stops_when_interrupted) {
        Tell(SessionEvent::Kind::kNotice, "barge_in", "");
        call_->media()->Clear();
        Heard("");
      }
      return;
    }
    quiet_ += frame.duration();
    if (!heard_something_ || quiet_ < options_.patience) return;
    heard_something_ = false;
    Tell(SessionEvent::Kind::kUserSaid, {}, "something");
    environment_.executor->RunAfter(options_.wait, [this] { Say(); });
  }

  void HangUp() {
    hung_up_ = true;
    call_->HangUp();
  }

  void Closed(absl::Status) {
    if (std::exchange(ended_, true)) return;
    report_.end = hung_up_ ? CallEnd::kAgentHungUp : CallEnd::kCallerHungUp;
    Tell(SessionEvent::Kind::kEnded, std::string(Name(report_.end)), "");
    environment_.on_report(report_);
  }

  PlainOptions options_;
  AgentEnvironment environment_;
  std::unique_ptr<Call> call_;
  TimePoint start_{};
  std::size_t next_ = 0;
  bool speaking_ = false;
  bool heard_something_ = false;
  bool hung_up_ = false;
  bool ended_ = false;
  std::chrono::microseconds quiet_{0};
  std::chrono::milliseconds target_{0};
  CallReport report_;
};

class PlainAgentUnderTest : public AgentUnderTest {
 public:
  explicit PlainAgentUnderTest(PlainOptions options = {}) : options_(std::move(options)) {}
  absl::StatusOr<std::unique_ptr<PreparedAgent>> Prepare(AgentEnvironment environment) override {
    return std::make_unique<PlainAgent>(options_, std::move(environment));
  }

 private:
  PlainOptions options_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_TESTS_LAB_PLAIN_AGENT_H_
