// The data directory of an agent that answers calls.
#ifndef DRAGOMAN_SRC_RUNTIME_ANSWERING_DIRECTORY_H_
#define DRAGOMAN_SRC_RUNTIME_ANSWERING_DIRECTORY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/core/random.h"
#include "dragoman/runtime/operator_host.h"
#include "src/runtime/directory_requests.h"
#include "src/runtime/owned_directory.h"

namespace dragoman {

// The switch that lasts, files that go by their dates, and the socket by which commands reach this
// process: what an owner of goals has, without goals. Made and destroyed by one thread.
class AnsweringDirectory {
 public:
  // `log` is borrowed. Commands are answered from here on. kInvalidArgument: settings.toml, naming
  // line and key; otherwise as OwnedDirectory.
  static absl::StatusOr<std::unique_ptr<AnsweringDirectory>> Open(const std::string& folder,
                                                                  LogSink& log);
  ~AnsweringDirectory();

  const DataDirectory& files() const { return owned_->files(); }
  const KillSwitch& kill() const { return owned_->ledgers().kill(); }

  // How many calls a stop would cut, asked on a thread of the directory; empty from the beginning.
  void CountCalls(std::function<std::size_t()> calls);
  // No command comes any more, and nobody is counted; idempotent.
  void StopListening();

 private:
  explicit AnsweringDirectory(LogSink& log) : log_(log) {}
  absl::Status OpenAll(const std::string& folder);
  void Handle(const std::string& request, const OperatorHost::Reply& reply);

  LogSink& log_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<OwnedDirectory> owned_;
  // On its executor:
  std::function<std::size_t()> calls_;
  std::unique_ptr<DirectoryRequests> requests_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_ANSWERING_DIRECTORY_H_
