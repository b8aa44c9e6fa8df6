// The `dragoman` command.
#include <CLI/CLI.hpp>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/runtime/environment.h"
#include "src/cli/commands.h"
#include "src/cli/task_commands.h"
#include "src/cli/travel_commands.h"

namespace {

using dragoman::RuntimeOptions;
using dragoman::cli::CallOptions;
using dragoman::cli::DemoOptions;
using dragoman::cli::ReplayOptions;
using dragoman::cli::ServeOptions;

void AddModelOptions(CLI::App* command, RuntimeOptions* runtime) {
  command
      ->add_option(
          "--model", runtime->model_url,
          "Base URL of an OpenAI-compatible server, for example http://127.0.0.1:11434/v1. "
          "Without it the embedded offline model answers. The key is read from "
          "DRAGOMAN_MODEL_KEY")
      ->type_name("URL");
  command->add_option("--model-name", runtime->model_name, "Model to ask that server for")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--voice", runtime->voice,
                   "The agent's voice: slt, rms, awb, kal16 (default slt)")
      ->type_name("NAME");
}

CLI::App* AddDemo(CLI::App& app, DemoOptions* options) {
  CLI::App* demo = app.add_subcommand(
      "demo", "Make a call on this machine: a simulated caller phones the agent, live");
  demo->add_option("--scenario", options->scenario,
                   "Who calls and what must be true at the end: a TOML file (docs/scenarios.md)")
      ->type_name("FILE");
  demo->add_option("--output", options->output,
                   "Folder for recording, transcript, event log and page "
                   "(default demo-output/<time>)")
      ->type_name("FOLDER");
  AddModelOptions(demo, &options->runtime);
  demo->footer("Exit status: 0 when the caller got what it came for and the replay matched.");
  return demo;
}

CLI::App* AddCall(CLI::App& app, CallOptions* options) {
  CLI::App* call = app.add_subcommand(
      "call", "Run scenarios against the agent and say what was not as it must be");
  call->add_option("--scenario,scenario", options->scenarios, "Scenario files, or folders of them")
      ->required()
      ->type_name("FILE");
  call->add_option("--output", options->output,
                   "Folder for each call's recording, transcript, event log and page")
      ->type_name("FOLDER");
  call->add_flag("--live", options->live, "Show both sides' words as they come");
  AddModelOptions(call, &options->runtime);
  call->footer(
      "Scenarios on a pipe run in virtual time, as fast as they can be computed; those on a "
      "socket\n"
      "take as long as the call. Exit status: 0 when all passed, 1 when one failed.");
  return call;
}

CLI::App* AddServe(CLI::App& app, ServeOptions* options) {
  CLI::App* serve = app.add_subcommand(
      "serve", "Answer calls: Twilio Media Streams at /media, AudioSocket, health at /health");
  serve->add_option("--host", options->host, "Address to listen on")
      ->type_name("ADDRESS")
      ->capture_default_str();
  serve->add_option("--port", options->port, "Port for HTTP and WebSocket; 0 takes a free one")
      ->type_name("PORT")
      ->capture_default_str();
  serve
      ->add_option("--audio-socket-port", options->audio_socket_port,
                   "Port for Asterisk's AudioSocket; 0 takes a free one, without it there is none")
      ->type_name("PORT")
      ->check(CLI::Range(-1, 65535));
  serve
      ->add_option("--audio-socket-ids", options->audio_socket_ids,
                   "UUIDs that may call, separated by commas; without them every UUID may")
      ->type_name("UUIDS");
  serve
      ->add_option("--public-url", options->signature_url,
                   "Public wss:// URL of /media as the carrier knows it: X-Twilio-Signature is "
                   "checked with the token in TWILIO_AUTH_TOKEN")
      ->type_name("URL");
  serve
      ->add_option("--data", options->runtime.data_dir,
                   "Folder for logs, recordings and the clinic's book; without it nothing is kept")
      ->type_name("FOLDER");
  serve
      ->add_option("--recognizers", options->runtime.recognizers,
                   "Calls that can be understood at once, 94 MB each")
      ->type_name("N")
      ->capture_default_str();
  serve
      ->add_option("--media-loops", options->media_loops,
                   "Threads for calls (default: one less than there are cores)")
      ->type_name("N");
  serve
      ->add_option("--policy", options->runtime.policy_file,
                   "What the agent may do in calls: a policy file (default: it may read and write "
                   "the house's own books)")
      ->type_name("FILE");
  serve
      ->add_option("--mandate", options->runtime.mandate,
                   "What it may agree to and which amounts it may name, in words")
      ->type_name("WORDS")
      ->capture_default_str();
  AddModelOptions(serve, &options->runtime);
  serve->footer("Stops on SIGINT or SIGTERM: calls under way say goodbye first.");
  return serve;
}

CLI::App* AddReplay(CLI::App& app, ReplayOptions* options) {
  CLI::App* replay = app.add_subcommand(
      "replay",
      "Run a call or a goal again from its log and compare every command; no provider is asked");
  replay
      ->add_option("log", options->logs,
                   "Event logs of calls, exported logs of goals, or ids of goals")
      ->required()
      ->type_name("LOG");
  replay
      ->add_option("--data", options->data_dir,
                   "Data directory of the goals (default: DRAGOMAN_DATA, else ./dragoman-data)")
      ->type_name("FOLDER");
  replay
      ->add_option("--audio", options->audio,
                   "Also render the recording anew from the audio kept beside the log")
      ->type_name("WAV");
  replay->add_option("--page", options->page, "Also write the call's page")->type_name("HTML");
  replay->add_flag("-q,--quiet", options->quiet, "Say nothing when all is well");
  replay->footer(
      "Exit status: 0 identical; 1 a difference or a damaged log, named; 2 the file cannot be "
      "read;\n"
      "3 another version of the machine wrote the log, differences are listed.");
  return replay;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The native runtime for agents that phone, write and act for a person."};
  app.name("dragoman");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  app.failure_message(CLI::FailureMessage::simple);

  auto environment = dragoman::RuntimeOptionsFromEnvironment();
  if (!environment.ok()) return dragoman::cli::Complain(environment.status());
  DemoOptions demo{.runtime = *environment};
  CallOptions call{.runtime = *environment};
  ServeOptions serve{.runtime = *environment};
  ReplayOptions replay;
  RuntimeOptions doctor = *environment;
  dragoman::cli::OperatorCommands commands;
  dragoman::cli::TaskOptions& task = commands.task;
  task.host.data_dir = environment->data_dir.empty() ? "dragoman-data" : environment->data_dir;
  replay.data_dir = task.host.data_dir;
  dragoman::cli::TravelCommands travel;
  travel.fork.runtime = *environment;
  travel.fork.data_dir = travel.test_from.data_dir = task.host.data_dir;
  task.host.mail.password = dragoman::SecretFromEnvironment("DRAGOMAN_SMTP_PASSWORD");
  task.host.calls.model_key = dragoman::SecretFromEnvironment("DRAGOMAN_MODEL_KEY");

  int status = dragoman::cli::kOk;
  AddDemo(app, &demo)->callback([&] { status = dragoman::cli::RunDemo(demo); });
  AddCall(app, &call)->callback([&] { status = dragoman::cli::RunCall(call); });
  AddServe(app, &serve)->callback([&] { status = dragoman::cli::RunServe(serve); });
  AddReplay(app, &replay)->callback([&] { status = dragoman::cli::RunReplay(replay); });
  dragoman::cli::AddTaskCommands(app, task, status);
  dragoman::cli::AddTravelCommands(app, travel, status);  // behind `task`, to which one belongs
  dragoman::cli::AddVaultCommands(app, commands, status);
  dragoman::cli::AddMemoryCommands(app, commands, status);
  dragoman::cli::AddEraseCommand(app, task, status);
  dragoman::cli::AddPolicyCommands(app, commands, status);
  app.add_subcommand("doctor", "What is installed, which providers are built, what is missing")
      ->callback([&] { status = dragoman::cli::RunDoctor(doctor); });
  app.add_subcommand("version", "Version, build and machine version")->callback([&] {
    status = dragoman::cli::RunVersion();
  });
  app.footer("dragoman COMMAND --help tells more. Start with: dragoman demo");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? dragoman::cli::kOk : dragoman::cli::kBadUsage;
  }
  return status;
}
