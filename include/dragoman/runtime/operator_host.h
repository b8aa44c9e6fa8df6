// The operator with everything it stands on, in one data directory: store, journal, governor,
// tools; and the door by which commands reach it.
#ifndef DRAGOMAN_RUNTIME_OPERATOR_HOST_H_
#define DRAGOMAN_RUNTIME_OPERATOR_HOST_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/secret.h"

namespace dragoman {

// Mail that really goes out. Without an address of a server every mail is a dry run.
struct DRAGOMAN_EXPORT OperatorMailOptions {
  // "smtps://host[:port]", "smtp+starttls://host[:port]", "smtp://host[:port]" (plain: this machine
  // only, or without a login). Empty: dry.
  std::string smtp_url;
  // Where taken mails can be looked up: "imaps://host[:port]/Mailbox", "imap+starttls://...",
  // "imap://...". Empty: a mail whose answer was lost is a question to its owner.
  std::string imap_url;
  std::string copy_to;  // blind copy that arrives in that mailbox; empty: the server keeps its own
  std::string from;     // our address
  std::string user;     // empty: no login
  Secret password;
};

// Phone calls. Without a carrier every call is a dry run.
struct DRAGOMAN_EXPORT OperatorCallOptions {
  // Calls within this process, with real audio: the shipped clinic's receptionist answers at
  // `clinic_number`, with a book of its own (<data_dir>/clinic), and nobody else has a phone.
  bool loopback = false;
  std::string clinic_number = "+12015550142";
  std::string from = "+12015550100";  // our number
  std::string voice = "rms";          // Flite's, of our side
  bool record = false;                // said in the first words; kept in <data_dir>/calls
  int at_once = 1;                    // 1 to 16: a PocketSphinx decoder for each, held ready
  // Who talks. Empty: the offline model. Else the base URL of an OpenAI-compatible server.
  std::string model_url;
  std::string model_name = "default";
  Secret model_key;
};

struct DRAGOMAN_EXPORT OperatorHostOptions {
  std::string data_dir;  // made when missing; owned by one process at a time
  std::string user = "owner";
  std::string policy_file;         // empty: the shipped policy
  std::string calling_rules_file;  // empty: the shipped rules
  OperatorMailOptions mail;
  OperatorCallOptions calls;
  // False: goals are shown and answered for, but none is worked on; for commands that only look.
  bool work = true;
  bool listen = true;  // on <data_dir>/owner.sock, for other commands of the same person
};

// Requests and answers are JSON objects, one per line (docs/tasks.md lists them). Thread-safe.
class DRAGOMAN_EXPORT OperatorHost {
 public:
  // Takes up what an earlier process left. Blocks. kFailedPrecondition: the directory has another
  // owner, or a newer version of the store; kInvalidArgument: options, policy.
  static absl::StatusOr<std::unique_ptr<OperatorHost>> Create(OperatorHostOptions options,
                                                              LogSink& log = NullLog());
  virtual ~OperatorHost() = default;

  // No goal and no call begins any more; calls under way get `patience`, then they say goodbye.
  // Blocks until none is left. May be called again, from another thread too, with less patience.
  virtual void Drain(std::chrono::milliseconds patience) = 0;

  // `reply` gets one line after another, from a thread of the host; the last has `last` set. It
  // must be quick. After its last line, or the host's end, it is not called again.
  using Reply = std::function<void(std::string_view line, bool last)>;
  virtual void Handle(std::string request, Reply reply) = 0;
};

// Sends one request to the process that owns `data_dir`. Blocks until the last line.
// kUnavailable: nobody answers there.
DRAGOMAN_EXPORT absl::Status AskOwner(const std::string& data_dir, std::string_view request,
                                      const OperatorHost::Reply& reply);

// The same for what every owner of a directory answers, whether it works on goals or answers calls:
// stop.on, stop.off, stop.show, task.hold, task.release, task.holds, audit.verify. Where no process
// owns it, this one does for the moment, and what is set counts for the next. True: a process was
// asked. kNotFound: there is no such directory. kFailedPrecondition: a process owns it and does not
// answer, naming it.
DRAGOMAN_EXPORT absl::StatusOr<bool> AskDirectory(const std::string& data_dir,
                                                  std::string_view request,
                                                  const OperatorHost::Reply& reply);

}  // namespace dragoman
#endif  // DRAGOMAN_RUNTIME_OPERATOR_HOST_H_
