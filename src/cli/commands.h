// What the commands of `dragoman` do once their arguments are known. Each returns an exit status.
#ifndef DRAGOMAN_SRC_CLI_COMMANDS_H_
#define DRAGOMAN_SRC_CLI_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/runtime/operator_host.h"
#include "dragoman/runtime/policy_tools.h"
#include "dragoman/runtime/runtime.h"

namespace dragoman::cli {

// Exit statuses, the same for every command.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;        // it ran, and the answer is no
inline constexpr int kBadUsage = 2;      // an argument, a file, a port
inline constexpr int kWaits = 4;         // task: the goal waits for its owner
inline constexpr int kOtherVersion = 3;  // replay: another version of the machine wrote the log

struct CallOptions {
  std::vector<std::string> scenarios;  // files or folders
  std::string output;                  // folder for recordings, logs, pages; empty: none
  bool live = false;                   // show both sides' words as they come
  RuntimeOptions runtime;
};

struct DemoOptions {
  std::string scenario;  // empty: the shipped one
  std::string output;    // empty: demo-output/<time>
  RuntimeOptions runtime;
};

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;     // HTTP and WebSocket; 0: any free one
  int audio_socket_port = -1;    // AudioSocket; -1: off, 0: any free one
  std::string audio_socket_ids;  // comma-separated UUIDs; empty: every UUID is accepted
  std::string signature_url;     // public wss:// URL: check X-Twilio-Signature against it
  int media_loops = 0;           // 0: one less than there are cores, at least one
  RuntimeOptions runtime;
};

struct ReplayOptions {
  std::vector<std::string> logs;  // files, or ids of goals
  std::string data_dir;           // of the goals
  std::string audio;              // render the recording anew to this file
  std::string page;               // write the call's page to this file
  bool quiet = false;
};

struct TestFromOptions {
  std::string log;  // a file, or a goal's id
  std::string data_dir;
  std::string output;  // empty: named after what was recorded, here
  bool force = false;  // write over what is there
};

struct ForkOptions {
  std::string log;  // a file, or a goal's id
  std::string data_dir;
  std::int64_t at = 0;            // the last event that is as it was; 0: show where it may be
  std::vector<std::string> with;  // KEY=VALUE
  std::string output;             // empty: named after what was recorded, here
  bool force = false;
  RuntimeOptions runtime;  // of another model
};

struct TaskTestOptions {
  std::vector<std::string> files;
  std::string policy_file, calling_rules_file;
  std::string log;  // where the run's record goes; empty: nowhere
};

struct TaskOptions {
  OperatorHostOptions host;
  std::string goal;    // id
  std::string words;   // of a new goal, an answer, a reason
  std::string plan;    // a TOML file
  std::string choice;  // for answers
  std::string parent;
  std::vector<std::string> after;
  std::string export_to;  // log: a file for the whole record
  std::string anchor;     // audit: "INDEX:HASH"
  std::int64_t priority = 0;
  std::int64_t deadline_seconds = 0;  // 0: none
  std::int64_t drain_seconds = 300;   // operate: what calls under way get at the end
  bool yes = false;                   // approve whatever is asked for this goal
  bool all = false;                   // list those that have ended, too
  bool json = false;
};

int RunTaskNew(const TaskOptions& options);
int RunTaskList(const TaskOptions& options);
int RunTaskShow(const TaskOptions& options);
int RunTaskLog(const TaskOptions& options);
int RunTaskCancel(const TaskOptions& options);
int RunTaskResume(const TaskOptions& options);
// `what`: "task.answer", "task.approve", "task.deny" or "task.replan".
int RunTaskReply(const TaskOptions& options, const std::string& what);
int RunTaskExport(const TaskOptions& options);
int RunAuditVerify(const TaskOptions& options);
// `what`: "stop.on", "stop.off" or "stop.show".
int RunStop(const TaskOptions& options, const std::string& what);
int RunOperate(const TaskOptions& options);
int RunTaskHold(const TaskOptions& options);  // `all`: everything of the owner
int RunTaskRelease(const TaskOptions& options);
int RunErase(const TaskOptions& options);

struct VaultPutOptions {
  TaskOptions common;
  std::string handle;  // "bank/pin"; to remove: the record alone
  std::string kind = "other";
  std::vector<std::string> sinks;  // "tel:+12015550123=authenticate"
};
int RunVaultInit(const TaskOptions& options);
int RunVaultPut(const VaultPutOptions& options);  // reads the value from stdin
int RunVaultList(const TaskOptions& options);
int RunVaultRemove(const VaultPutOptions& options);
int RunVaultRotate(const TaskOptions& options);
int RunVaultReadmit(const TaskOptions& options);
struct MemoryCommandOptions {
  TaskOptions common;
  std::string text;  // of a new one, or the words to look for
  std::string kind;  // empty: of every kind; of a new one: a note
  std::string id;    // whole, or its beginning
  bool quarantined = false;
  bool accepted = false;
};
int RunMemoryList(const MemoryCommandOptions& options);
int RunMemorySearch(const MemoryCommandOptions& options);
int RunMemoryAdd(const MemoryCommandOptions& options);
int RunMemoryAccept(const MemoryCommandOptions& options);
int RunMemoryForget(const MemoryCommandOptions& options);

int RunPolicyCheck(const TaskOptions& options);
int RunPolicyExplain(const PolicyQuestion& question);
int RunDemo(const DemoOptions& options);
int RunCall(const CallOptions& options);
int RunServe(const ServeOptions& options);
int RunReplay(const ReplayOptions& options);
int RunFork(const ForkOptions& options);
int RunTestFrom(const TestFromOptions& options);
int RunTaskTest(const TaskTestOptions& options);
int RunDoctor(const RuntimeOptions& options);
int RunVersion();

// Prints "dragoman: <message>" to stderr; returns kBadUsage or kFailed, by the code.
int Complain(const absl::Status& status);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_COMMANDS_H_
