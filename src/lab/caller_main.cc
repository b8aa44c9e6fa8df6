// dragoman-caller: phones an agent in real time, as a scenario file says.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include "dragoman/core/status.h"
#include "src/lab/live_caller.h"
#include "src/lab/run.h"

namespace dragoman::lab {
namespace {

struct Arguments {
  std::string scenario;
  std::string target;
  std::string voice_program;
  std::string voice_cache;
  std::string recording;
};

int Fail(const absl::Status& status) {
  std::cerr << "dragoman-caller: " << MessageOf(status) << "\n";
  return 1;
}

int Main(const Arguments& arguments) {
  auto scenario = LoadScenario(arguments.scenario);
  if (!scenario.ok()) return Fail(scenario.status());
  auto voice = MakeCallerVoice(*scenario, arguments.voice_program, arguments.voice_cache);
  if (!voice.ok()) return Fail(voice.status());
  auto caller = LiveCaller::Create(*scenario, **voice);
  if (!caller.ok()) return Fail(caller.status());
  if (absl::Status started = (*caller)->Start(arguments.target); !started.ok())
    return Fail(started);
  // What the agent says, as text, from whoever runs both sides; a caller without it hears only
  // sound. The thread ends with the process: a read cannot be called off.
  std::thread([&caller = **caller] {
    std::string line;
    while (std::getline(std::cin, line)) {
      if (auto event = EventFromLine(line); event.ok()) caller.Tell(*event);
    }
  }).detach();
  CallerRecord record = (*caller)->Wait();
  if (!arguments.recording.empty()) {
    absl::Status written = WriteRecording(record, arguments.recording);
    if (!written.ok()) return Fail(written);
  }
  std::cout << ToJson(record) << std::endl;
  std::_Exit(0);
}

}  // namespace
}  // namespace dragoman::lab

int main(int argc, char** argv) {
  CLI::App app{
      "Phones an agent in real time and plays the caller of a scenario file.\n"
      "Prints what the caller lived through as JSON. Reads what the agent says, one JSON object a\n"
      "line, from standard input; without it, steps that wait for words never come."};
  dragoman::lab::Arguments arguments;
  app.add_option("--scenario", arguments.scenario, "The scenario file (docs/scenarios.md)")
      ->required();
  app.add_option("--target", arguments.target,
                 "ws://host:port/path for Twilio's media streams, host:port for AudioSocket")
      ->required();
  app.add_option("--voice-program", arguments.voice_program, "dragoman-flite-render, by path");
  app.add_option("--voice-cache", arguments.voice_cache, "Where rendered lines are kept");
  app.add_option("--recording", arguments.recording,
                 "Writes a stereo WAV: caller left, agent right");
  CLI11_PARSE(app, argc, argv);
  return dragoman::lab::Main(arguments);
}
