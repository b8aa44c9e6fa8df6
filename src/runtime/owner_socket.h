// The Unix socket of a data directory: one line in, lines out.
#ifndef DRAGOMAN_SRC_RUNTIME_OWNER_SOCKET_H_
#define DRAGOMAN_SRC_RUNTIME_OWNER_SOCKET_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dragoman/core/log.h"
#include "dragoman/runtime/operator_host.h"

namespace dragoman {

std::string OwnerSocketPath(const std::string& data_dir);

// As AskOwner, with limited patience for each line. kDeadlineExceeded: somebody listens there and
// does not answer.
absl::Status AskOwnerWithin(const std::string& data_dir, std::string_view request,
                            const OperatorHost::Reply& reply, std::chrono::milliseconds patience);

// Listens until destroyed, with a thread for each of at most 16 connections; readable and writable
// by the owner of the directory only, and whoever connects must be the same user.
class OwnerSocket {
 public:
  using Handler = std::function<void(std::string request, OperatorHost::Reply reply)>;
  static absl::StatusOr<std::unique_ptr<OwnerSocket>> Listen(const std::string& data_dir,
                                                             Handler handler, LogSink& log);
  ~OwnerSocket();

 private:
  class State;
  explicit OwnerSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_OWNER_SOCKET_H_
