// `dragoman serve`.
#include <algorithm>
#include <csignal>
#include <future>
#include <memory>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/runtime/environment.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/server/media_server.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

constexpr std::chrono::seconds kGoodbyePatience{15};

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find(',', start), text.size());
    if (end > start) parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// Blocks SIGINT and SIGTERM in every thread made from now on; Wait takes them here.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void Wait() {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_;
};

void PrintKillSwitch(const Runtime& runtime, const std::string& data_dir) {
  if (data_dir.empty()) {
    return Print("kill switch            none: it needs a data directory (--data)\n");
  }
  const auto stopped = runtime.stopped();
  if (!stopped) {
    return Print(StrCat("kill switch            off; dragoman kill-switch on --data ",
                        CleanText(data_dir), "\n"));
  }
  Print(StrCat("kill switch            ON, no call is answered: ", CleanText(*stopped),
               "\n                       until: dragoman kill-switch off --data ",
               CleanText(data_dir), "\n"));
}

}  // namespace

int RunServe(const ServeOptions& options) {
  StopSignals signals;
  SystemClock clock;
  StderrLog log(LogLevel::kInfo);
  auto runtime = Runtime::Create(options.runtime, {.log = &log});
  if (!runtime.ok()) return Complain(runtime.status());
  SessionAgent& agent = (*runtime)->agent();
  auto server = MediaServer::Start(
      {.host = options.host,
       .port = options.port,
       .audio_socket_port = options.audio_socket_port,
       .audio_socket_ids = Split(options.audio_socket_ids),
       .public_url = options.signature_url,
       .auth_token =
           options.signature_url.empty() ? Secret() : SecretFromEnvironment("TWILIO_AUTH_TOKEN"),
       .media_loops = options.media_loops,
       .closed = [&runtime] { return (*runtime)->stopped().has_value(); }},
      agent,
      [&agent] {
        return StrCat("\"calls\":", agent.active_calls(), ",\"refused\":", agent.refused_calls());
      },
      clock, log);
  if (!server.ok()) return Complain(server.status());

  Print(StrCat("calls over WebSocket   ws://", options.host, ":", (*server)->port(), "/media\n",
               "health                 http://", options.host, ":", (*server)->port(),
               "/health\n"));
  if ((*server)->audio_socket_port() >= 0) {
    Print(
        StrCat("calls over AudioSocket ", options.host, ":", (*server)->audio_socket_port(), "\n"));
  }
  Print(StrCat("model                  ", (*runtime)->model_name(), "\n"));
  PrintKillSwitch(**runtime, options.runtime.data_dir);
  Print("Ctrl-C ends it.\n");
  signals.Wait();

  Print(StrCat("stopping; ", agent.active_calls(), " calls say goodbye\n"));
  (*server)->StopListening();
  std::promise<void> ended;
  agent.Stop(kGoodbyePatience, [&ended] { ended.set_value(); });
  ended.get_future().wait();
  return kOk;
}

}  // namespace dragoman::cli
