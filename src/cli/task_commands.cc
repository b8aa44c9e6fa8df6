#include "src/cli/task_commands.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace dragoman::cli {
namespace {

void AddHost(CLI::App* command, TaskOptions& options) {
  command
      ->add_option("--data", options.host.data_dir,
                   "Data directory (default: DRAGOMAN_DATA, else ./dragoman-data)")
      ->type_name("FOLDER");
  command->add_flag("--json", options.json, "Print JSON, one object per line");
  auto* mail =
      command->add_option_group("mail",
                                "Without --smtp every mail is a dry run. The password is read from "
                                "DRAGOMAN_SMTP_PASSWORD");
  OperatorMailOptions& settings = options.host.mail;
  mail->add_option(
          "--smtp", settings.smtp_url,
          "Mail server: smtps://host, smtp+starttls://host or smtp://host, each with :port")
      ->type_name("URL");
  mail->add_option("--from", settings.from, "Our mail address")->type_name("ADDRESS");
  mail->add_option("--mail-user", settings.user, "Login at the mail server")->type_name("NAME");
  mail->add_option("--imap", settings.imap_url,
                   "Where mails that were taken can be looked up: imaps://host/Mailbox")
      ->type_name("URL");
  mail->add_option("--copy-to", settings.copy_to, "Blind copy that arrives in that mailbox")
      ->type_name("ADDRESS");
  auto* phone = command->add_option_group(
      "calls",
      "Without --calls every phone call is a dry run. The key of --call-model is read from "
      "DRAGOMAN_MODEL_KEY");
  OperatorCallOptions& calls = options.host.calls;
  phone
      ->add_option_function<std::string>(
          "--calls", [&calls](const std::string&) { calls.loopback = true; },
          "loopback: within this process, where the shipped clinic has a phone")
      ->check(CLI::IsMember({"loopback"}))
      ->type_name("CARRIER");
  phone->add_option("--clinic-number", calls.clinic_number, "The clinic's number")
      ->capture_default_str()
      ->type_name("NUMBER");
  phone
      ->add_option("--call-model", calls.model_url,
                   "Who talks: an OpenAI-compatible server (default: the offline model)")
      ->type_name("URL");
  phone->add_option("--call-model-name", calls.model_name, "Its model")->type_name("NAME");
  phone->add_flag("--record-calls", calls.record,
                  "Keep the calls' audio beside their logs, and say so in the first words");
  auto* rules = command->add_option_group("policy");
  rules->add_option("--policy", options.host.policy_file, "Policy file (default: the shipped one)")
      ->type_name("FILE");
  rules
      ->add_option("--calling-rules", options.host.calling_rules_file,
                   "Rules for calls (default: the shipped ones)")
      ->type_name("FILE");
}

CLI::Option* AddGoal(CLI::App* command, TaskOptions& options) {
  return command->add_option("goal", options.goal, "The goal's id")->type_name("GOAL");
}

void AddYes(CLI::App* command, TaskOptions& options) {
  command->add_flag("--yes", options.yes,
                    "Approve whatever is asked for this goal while this command runs");
}

void AddNew(CLI::App& task, TaskOptions& options, int& status) {
  CLI::App* command = task.add_subcommand("new", "Take a goal and work on it");
  command->add_option("words", options.words, "What is to be reached, in your own words")
      ->required()
      ->type_name("WORDS");
  command->add_option("--plan", options.plan, "Its steps: a TOML file (docs/tasks.md)")
      ->required()
      ->type_name("FILE");
  AddYes(command, options);
  command->add_option("--priority", options.priority, "0 to 9, higher first")
      ->check(CLI::Range(0, 9));
  command
      ->add_option("--deadline", options.deadline_seconds,
                   "How long it may take: 90s, 15min, 2h, 3d")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::int64_t>{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}));
  command->add_option("--after", options.after, "Goals that must have ended before this one begins")
      ->type_name("GOAL");
  command->add_option("--parent", options.parent, "Goal that this one is a part of")
      ->type_name("GOAL");
  AddHost(command, options);
  command->footer(
      "At a terminal you are asked what must be asked. Exit status: 0 completed, 1 it ended "
      "otherwise,\n2 a mistake in what was given, 4 it waits for you.");
  command->callback([&] { status = RunTaskNew(options); });
}

void AddReply(CLI::App& task, TaskOptions& options, int& status, const std::string& name,
              const std::string& help) {
  CLI::App* command = task.add_subcommand(name, help);
  AddGoal(command, options)->required();
  if (name == "answer") {
    command->add_option("text", options.words, "Your answer")->type_name("TEXT");
    command->add_option("--choice", options.choice,
                        "Instead of a text: retry, skip, give up, it happened, it did not");
  }
  if (name == "replan") {
    command->add_option("--plan", options.plan, "The steps from now on: a TOML file")
        ->required()
        ->type_name("FILE");
  }
  AddYes(command, options);
  AddHost(command, options);
  command->callback([&, name] { status = RunTaskReply(options, "task." + name); });
}

CLI::App* AddPlain(CLI::App& task, TaskOptions& options, int& status, const std::string& name,
                   const std::string& help, int (*run)(const TaskOptions&)) {
  CLI::App* command = task.add_subcommand(name, help);
  AddHost(command, options);
  command->callback([&options, &status, run] { status = run(options); });
  return command;
}

}  // namespace

void AddTaskCommands(CLI::App& app, TaskOptions& options, int& status) {
  CLI::App* task =
      app.add_subcommand("task", "Goals: take one, see what came of it, answer what it asks");
  task->require_subcommand(1);
  AddNew(*task, options, status);
  AddPlain(*task, options, status, "list", "Open goals", RunTaskList)
      ->add_flag("--all", options.all, "Those that have ended, too");
  AddGoal(AddPlain(*task, options, status, "show",
                   "A goal: state, plan with ticks, effects with receipts, what it waits for",
                   RunTaskShow),
          options)
      ->required();
  CLI::App* log = AddPlain(*task, options, status, "log", "Every event of a goal and what followed",
                           RunTaskLog);
  AddGoal(log, options)->required();
  log->add_option("--export", options.export_to,
                  "Write the whole record to a file instead, for replay, fork and test-from")
      ->type_name("FILE");
  AddReply(*task, options, status, "approve", "Say yes to what a goal asks leave for");
  AddReply(*task, options, status, "deny", "Say no to it");
  AddReply(*task, options, status, "answer", "Answer a goal's question");
  AddReply(*task, options, status, "replan", "Give a goal that waits another plan");
  CLI::App* cancel =
      AddPlain(*task, options, status, "cancel", "End a goal; nothing follows", RunTaskCancel);
  AddGoal(cancel, options)->required();
  cancel->add_option("--why", options.words, "Reason, for the log")->type_name("TEXT");
  for (const bool hold : {true, false}) {
    CLI::App* command =
        hold ? AddPlain(
                   *task, options, status, "hold",
                   "Keep a goal, or an answered call by the name of its log, whatever its date: "
                   "nothing of it is removed or erased",
                   RunTaskHold)
             : AddPlain(*task, options, status, "release", "End that", RunTaskRelease);
    AddGoal(command, options);
    command->add_flag("--everything", options.all, "Not one goal, but all that there is of you");
  }
  CLI::App* resume = AddPlain(*task, options, status, "resume",
                              "Go on with a goal, or with all that are open", RunTaskResume);
  AddGoal(resume, options);
  AddYes(resume, options);

  CLI::App* audit = app.add_subcommand("audit", "The chain of everything that was done");
  audit->require_subcommand(1);
  CLI::App* verify =
      AddPlain(*audit, options, status, "verify",
               "Walk the chain and name the first row that was altered", RunAuditVerify);
  verify
      ->add_option("--anchor", options.anchor,
                   "INDEX:HASH of an earlier run: finds a tail that was cut off, too")
      ->type_name("ANCHOR");
  CLI::App* stop = app.add_subcommand(
      "kill-switch",
      "Stop everything at once, over restarts: no mail, no call placed or answered, no new goal, "
      "until it is off");
  stop->require_subcommand(1);
  CLI::App* on =
      AddPlain(*stop, options, status, "on",
               "Hang up every call, refuse those that come, hand every open goal to a person",
               [](const TaskOptions& given) { return RunStop(given, "stop.on"); });
  on->add_option("--why", options.words, "Reason, for the log")->type_name("TEXT");
  AddPlain(*stop, options, status, "off",
           "Allow effects and calls again; goals that ended stay ended",
           [](const TaskOptions& given) { return RunStop(given, "stop.off"); });
  AddPlain(*stop, options, status, "show", "Say whether it is on",
           [](const TaskOptions& given) { return RunStop(given, "stop.show"); });
  AddPlain(app, options, status, "operate",
           "Own a data directory and work on its goals until SIGINT or SIGTERM", RunOperate);
  app.get_subcommand("operate")
      ->add_option("--drain", options.drain_seconds,
                   "What calls under way get when it is stopped, in seconds; then they say goodbye")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
}

void AddVaultCommands(CLI::App& app, OperatorCommands& commands, int& status) {
  CLI::App* vault =
      app.add_subcommand("vault", "Secrets: sealed, named by handles, given to their place alone");
  vault->require_subcommand(1);
  TaskOptions& options = commands.task;
  AddPlain(*vault, options, status, "init", "Make the vault and its master key", RunVaultInit);
  AddPlain(*vault, options, status, "list", "Handles, where each may go and what for",
           RunVaultList);
  AddPlain(*vault, options, status, "rotate", "A new master key; everything stays readable",
           RunVaultRotate);
  AddPlain(*vault, options, status, "readmit", "Take values again from whoever was erased",
           RunVaultReadmit);
  CLI::App* put = vault->add_subcommand("put", "Keep a secret; its value is read from stdin");
  put->add_option("handle", commands.vault.handle, "RECORD/FIELD, as in bank/pin")
      ->required()
      ->type_name("HANDLE");
  put->add_option("--kind", commands.vault.kind,
                  "password, pin, account_number, card_number, identity_number, answer, api_key, "
                  "other")
      ->type_name("KIND")
      ->capture_default_str();
  put->add_option("--to", commands.vault.sinks,
                  "Where it may go and what for: tel:+12015550123=authenticate lets a plan's "
                  "place_call to\nthis number tell it (docs/phone-calls.md). Without any it goes "
                  "nowhere, and is only\nkept from being said")
      ->type_name("SINK=PURPOSE");
  AddHost(put, options);
  put->callback([&] {
    commands.vault.common = options;
    status = RunVaultPut(commands.vault);
  });
  CLI::App* remove = vault->add_subcommand("remove", "Forget a record with all its fields");
  remove->add_option("record", commands.vault.handle)->required()->type_name("RECORD");
  AddHost(remove, options);
  remove->callback([&] {
    commands.vault.common = options;
    status = RunVaultRemove(commands.vault);
  });
}

void AddEraseCommand(CLI::App& app, TaskOptions& options, int& status) {
  CLI::App* erase =
      AddPlain(app, options, status, "erase", "Forget everything about you, for good", RunErase);
  erase->add_flag("--yes", options.yes, "Do not ask");
  erase->footer(
      "Open goals are stopped, calls hung up; logs and recordings of calls, memories, secrets, "
      "contacts and\nthe words of all goals go. What will go is shown first. Exit status: 0 done, "
      "1 you said\nno, 2 --yes is missing, or something is held.");
}

void AddMemoryCommands(CLI::App& app, OperatorCommands& commands, int& status) {
  CLI::App* memory = app.add_subcommand(
      "memory", "What is remembered of you: look, accept what is quarantined, forget");
  memory->require_subcommand(1);
  MemoryCommandOptions& options = commands.memory;
  const auto add = [&](const std::string& name, const std::string& help,
                       int (*run)(const MemoryCommandOptions&)) {
    CLI::App* command = memory->add_subcommand(name, help);
    AddHost(command, commands.task);
    command->callback([&commands, &status, run] {
      commands.memory.common = commands.task;
      status = run(commands.memory);
    });
    return command;
  };
  const auto filter = [&](CLI::App* command) {
    command->add_flag("--quarantined", options.quarantined,
                      "Only what came from others and waits for your word");
    command->add_flag("--accepted", options.accepted, "Only what you said or accepted")
        ->excludes("--quarantined");
  };
  const CLI::Validator kinds = CLI::IsMember({"note", "fact", "preference", "procedure"});
  filter(add("list", "Everything, with its source; what is quarantined is marked", RunMemoryList));
  CLI::App* search = add("search", "Find by words, the best first", RunMemorySearch);
  search->add_option("words", options.text)->required()->type_name("WORDS");
  search->add_option("--kind", options.kind)->check(kinds)->type_name("KIND");
  filter(search);
  CLI::App* put = add("add", "Remember something yourself", RunMemoryAdd);
  put->add_option("text", options.text)->required()->type_name("TEXT");
  put->add_option("--kind", options.kind, "note, fact, preference, procedure (default: note)")
      ->check(kinds)
      ->type_name("KIND");
  CLI::App* accept =
      add("accept", "Vouch for what is quarantined: goals may use it", RunMemoryAccept);
  accept->add_option("id", options.id, "Its id, or the beginning of it")
      ->required()
      ->type_name("ID");
  CLI::App* forget = add("forget", "Forget one of them, for good", RunMemoryForget);
  forget->add_option("id", options.id, "Its id, or the beginning of it")
      ->required()
      ->type_name("ID");
}

void AddPolicyCommands(CLI::App& app, OperatorCommands& commands, int& status) {
  CLI::App* policy = app.add_subcommand("policy", "What may be done: check a policy, ask it why");
  policy->require_subcommand(1);
  OperatorHostOptions& host = commands.task.host;
  CLI::App* check = policy->add_subcommand("check", "Read policy files as the governor will");
  check->add_option("policy", host.policy_file, "Default: the shipped one")->type_name("FILE");
  check->add_option("--calling-rules", host.calling_rules_file, "Default: the shipped ones")
      ->type_name("FILE");
  check->callback([&] { status = RunPolicyCheck(commands.task); });

  PolicyQuestion& question = commands.policy;
  CLI::App* explain = policy->add_subcommand(
      "explain", "Why would this be denied? Every rule in order; nothing is done");
  explain->add_option("tool", question.tool, "send_email, place_call, note, remember, recall")
      ->required()
      ->type_name("TOOL");
  explain->add_option("arguments", question.arguments, "A JSON object")
      ->required()
      ->type_name("JSON");
  explain
      ->add_option("--from", question.from,
                   "Where the arguments come from: user, config, service, derived, untrusted; of "
                   "one: to=untrusted")
      ->type_name("SOURCE");
  explain->add_option("--purpose", question.purpose, "Of a call: errand, personal, marketing")
      ->capture_default_str();
  explain->add_option("--country", question.countries, "Countries that the goal allows")
      ->type_name("CODE");
  explain->add_option("--policy", question.policy_file)->type_name("FILE");
  explain->add_option("--calling-rules", question.calling_rules_file)->type_name("FILE");
  explain->footer("Exit status: 0 it may be done, or be asked for; 1 it is denied.");
  explain->callback([&] { status = RunPolicyExplain(question); });
}

}  // namespace dragoman::cli
