// Your own tool behind the agent: a name, a JSON Schema, a function. The model asks for it, the
// arguments are checked against the schema, the result goes back to the model. Caller, model and
// voice are fakes in virtual time, so the call below takes milliseconds.
#include <cstdio>
#include <memory>
#include <string>

#include "dragoman/runtime/runtime.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/tools/tool.h"

using namespace std::chrono_literals;

int main() {
  // Runs on the call's own executor, so it must be quick; MakePooledTool is for work that blocks.
  int orders = 0;
  auto tool = dragoman::MakeInlineTool(
      {.name = "order_pizza",
       .description = "Orders one pizza. Use it once the caller has named a kind.",
       .parameters = R"({"type": "object", "required": ["kind"], "additionalProperties": false,
                         "properties": {"kind": {"enum": ["margherita", "funghi"]}}})",
       .effect = dragoman::EffectClass::kBlind,
       // It writes into the house's own book. A tool that does not say what it can do is refused.
       .risk = dragoman::ToolRisk::kLocal},
      [&](const std::string& arguments) -> absl::StatusOr<std::string> {
        std::printf("tool:  order_pizza %s\n", arguments.c_str());
        return R"({"order": )" + std::to_string(++orders) + R"(, "minutes": 25})";
      });
  if (!tool.ok()) return std::fprintf(stderr, "%s\n", tool.status().ToString().c_str()), 1;

  dragoman::ManualExecutor executor;
  dragoman::ManualWorkPool pool(executor);
  dragoman::FakeSpeechRecognizer recognizer;
  dragoman::FakeSpeechSynthesizer synthesizer;
  // The first order does not fit the schema: the tool does not run, the model learns why.
  dragoman::FakeChatModel model(
      {dragoman::ScriptedReply::Call("call-1", "order_pizza", R"({"kind": "hawaii"})"),
       dragoman::ScriptedReply::Call("call-2", "order_pizza", R"({"kind": "funghi"})"),
       dragoman::ScriptedReply::Say("Your pizza will be there in 25 minutes.")});

  dragoman::RuntimeOptions options;
  options.session.machine.greeting = "Pizza line, what can I get you?";
  options.session.machine.speculate = false;  // the scripted model answers once a turn
  dragoman::RuntimeDependencies dependencies{.recognizer = &recognizer,
                                             .synthesizer = &synthesizer,
                                             .model = &model,
                                             .pool = &pool,
                                             .clock = &executor};
  dependencies.tools.push_back(*std::move(tool));
  auto runtime = dragoman::Runtime::Create(options, std::move(dependencies));
  if (!runtime.ok()) return std::fprintf(stderr, "%s\n", runtime.status().ToString().c_str()), 1;
  auto line = dragoman::MakeFakeCall(executor);
  auto session = (*runtime)->StartSession(std::move(line.call), {});
  if (!session.ok()) return std::fprintf(stderr, "%s\n", session.status().ToString().c_str()), 1;

  executor.RunFor(3s);  // the greeting
  line.caller->Speak(dragoman::Buzz(900ms));
  executor.RunFor(900ms);
  recognizer.HearPartial("One pizza with mushrooms, please.");
  executor.RunFor(6s);

  for (const std::string& text : synthesizer.texts()) std::printf("agent: %s\n", text.c_str());
  const std::string refusal = model.requests()[1].messages.back().text;
  std::printf("the model was told: %s\n", refusal.c_str());
  return orders == 1 && synthesizer.texts().back().find("25 minutes") != std::string::npos ? 0 : 1;
}
