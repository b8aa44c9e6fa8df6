// Everything an agent needs, put together: the one place that knows both agents and vendors.
#ifndef DRAGOMAN_RUNTIME_RUNTIME_H_
#define DRAGOMAN_RUNTIME_RUNTIME_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/agent/session_agent.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/secret.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/telephony/call.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// Works with nothing set: the clinic's receptionist, the offline model, local speech, no files.
struct DRAGOMAN_EXPORT RuntimeOptions {
  // Logs, recordings and the clinic's book; made when missing, owned by one process at a time.
  // Empty: in memory, no recordings.
  std::string data_dir;
  bool record = true;  // with a data_dir: keep the calls' audio
  // With a data_dir: it has a kill switch, which outlives the process and which commands of the
  // same person reach over <data_dir>/owner.sock, and the files of calls go by their dates
  // ([retention] in <data_dir>/settings.toml). False: only the lock; for a folder in somebody
  // else's directory.
  bool managed = true;

  // Empty: the offline model. Else the base URL of any OpenAI-compatible server
  // ("http://host:1/v1").
  std::string model_url;
  std::string model_name = "default";
  Secret model_key;

  // What the agent may do and say. The policy: empty is the shipped one for answering calls, which
  // lets tools read and write the house's own books. The mandate in words: what it may agree to,
  // and amounts it may name.
  std::string policy_file;
  std::string mandate = "at most 100 USD once; you may agree";

  std::string voice;  // Flite's: "rms", "slt", "awb", "kal16"; empty: "slt"
  int recognizers =
      2;  // PocketSphinx decoders held ready, 94 MB each: so many calls at once; 1 to 64
  int work_threads = 2;  // for decoding, synthesis, files; 1 to 256
  int max_calls = 1000;
  // Limits, prompts and turn-taking of every call. Greeting, goodbye and instructions that are
  // empty are the agent's.
  SessionOptions session;

  absl::Status Validate() const;
};

// What an application brings itself; null or empty: the runtime's own. All borrowed, but for the
// tools: must outlive the runtime. With `tools` given, the agent has these and not the clinic's.
struct DRAGOMAN_EXPORT RuntimeDependencies {
  SpeechRecognizer* recognizer = nullptr;
  SpeechSynthesizer* synthesizer = nullptr;
  ChatModel* model = nullptr;
  WorkPool* pool = nullptr;
  const Clock* clock = nullptr;
  LogSink* log = nullptr;
  std::vector<std::unique_ptr<Tool>> tools;
  SessionAgent::Follow follow;  // the callbacks of each call that agent() accepts
};

// Thread-safe. Destroy it after the calls it was given have ended (SessionAgent::Stop).
class DRAGOMAN_EXPORT Runtime {
 public:
  // Loads models: takes about a second. kFailedPrecondition: the data directory has another owner.
  // kNotFound: a speech model is missing; says what to install.
  static absl::StatusOr<std::unique_ptr<Runtime>> Create(RuntimeOptions options,
                                                         RuntimeDependencies dependencies = {});
  virtual ~Runtime() = default;

  // Answers calls: give it to a carrier or a server. While the kill switch is on it refuses them;
  // calls under way are hung up within a second. Once its Stop has ended, nothing of its calls is
  // under way on the runtime's own work threads, and the executors of the calls may go.
  virtual SessionAgent& agent() = 0;
  // Why no call is answered, with the reason that its owner gave; none: they are.
  virtual std::optional<std::string> stopped() const = 0;
  // One call by hand; as Session::Start, on the call's executor. kFailedPrecondition: stopped.
  virtual absl::StatusOr<std::unique_ptr<Session>> StartSession(std::unique_ptr<Call> call,
                                                                Session::Callbacks callbacks) = 0;
  virtual std::string_view model_name() const = 0;  // "offline (rules and slots)"
  virtual std::string calls_folder() const = 0;     // <data_dir>/calls; empty without one
  virtual WorkPool& pool() = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_RUNTIME_RUNTIME_H_
