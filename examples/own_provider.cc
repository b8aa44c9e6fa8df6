// Your own language model behind the agent: a class that implements ChatModel. The caller and the
// voice are fakes in virtual time, so the call below takes milliseconds.
#include <cstdio>
#include <memory>
#include <string>

#include "dragoman/core/lifetime.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/manual_executor.h"

using namespace std::chrono_literals;

// Repeats what it was told, word by word. A real one would stream from a server; the contract is
// the same: nothing is called inside Reply, and nothing after on_done, Cancel's included, or
// destruction.
class ParrotStream : public dragoman::ChatStream {
 public:
  ParrotStream(std::string text, dragoman::Executor& executor,
               dragoman::ChatModel::Callbacks callbacks)
      : text_(std::move(text)), timer_(executor), callbacks_(std::move(callbacks)) {
    timer_.Start(0us, [this] { SayWord(); });
  }
  void Cancel() override {
    if (finished_) return;
    timer_.Start(0us, [this] { Finish(absl::CancelledError("cancelled by the caller")); });
  }

 private:
  void SayWord() {
    const std::size_t end = std::min(text_.find(' ', said_), text_.size() - 1) + 1;
    const std::string word = text_.substr(said_, end - said_);
    said_ = end;
    timer_.Start(30ms, [this] { said_ < text_.size() ? SayWord() : Finish(Result()); });
    if (callbacks_.on_text) callbacks_.on_text(word);  // may destroy this: last
  }
  dragoman::ChatResult Result() const {
    return {.message = {.role = dragoman::Role::kAssistant, .text = text_}, .model = "parrot-1"};
  }
  void Finish(absl::StatusOr<dragoman::ChatResult> result) {
    finished_ = true;
    if (callbacks_.on_done) callbacks_.on_done(std::move(result));
  }

  std::string text_;
  std::size_t said_ = 0;
  bool finished_ = false;
  dragoman::Timer timer_;
  dragoman::ChatModel::Callbacks callbacks_;
};

class ParrotModel : public dragoman::ChatModel {
 public:
  absl::StatusOr<std::unique_ptr<dragoman::ChatStream>> Reply(dragoman::ChatRequest request,
                                                              dragoman::Executor& executor,
                                                              Callbacks callbacks) override {
    if (absl::Status status = request.Validate(); !status.ok()) return status;
    return std::make_unique<ParrotStream>("You said: " + request.messages.back().text, executor,
                                          std::move(callbacks));
  }
  std::string_view name() const override { return "parrot"; }
};

int main() {
  dragoman::ManualExecutor executor;
  dragoman::ManualWorkPool pool(executor);
  dragoman::FakeSpeechRecognizer recognizer;
  dragoman::FakeSpeechSynthesizer synthesizer;
  ParrotModel model;

  dragoman::RuntimeOptions options;
  options.session.machine.greeting = "Speak to the parrot.";
  auto runtime = dragoman::Runtime::Create(options, {.recognizer = &recognizer,
                                                     .synthesizer = &synthesizer,
                                                     .model = &model,
                                                     .pool = &pool,
                                                     .clock = &executor});
  if (!runtime.ok()) return std::fprintf(stderr, "%s\n", runtime.status().ToString().c_str()), 1;
  auto line = dragoman::MakeFakeCall(executor);
  auto session = (*runtime)->StartSession(std::move(line.call), {});
  if (!session.ok()) return std::fprintf(stderr, "%s\n", session.status().ToString().c_str()), 1;

  executor.RunFor(3s);  // the greeting
  line.caller->Speak(dragoman::Buzz(800ms));
  executor.RunFor(800ms);
  recognizer.HearPartial("Pieces of eight.");
  executor.RunFor(5s);

  for (const std::string& text : synthesizer.texts()) std::printf("agent: %s\n", text.c_str());
  return synthesizer.texts().back() == "You said: Pieces of eight." ? 0 : 1;
}
