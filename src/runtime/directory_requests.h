// What can be asked of whoever owns a data directory, whatever it does there.
#ifndef DRAGOMAN_SRC_RUNTIME_DIRECTORY_REQUESTS_H_
#define DRAGOMAN_SRC_RUNTIME_DIRECTORY_REQUESTS_H_

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/runtime/operator_host.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/store/store.h"

namespace dragoman {

// The kill switch, holds, the audit. Only on its executor.
class DirectoryRequests {
 public:
  struct Parts {  // borrowed
    Store* store = nullptr;
    Executor* executor = nullptr;
    StoreLedgers* ledgers = nullptr;
    std::string tenant, user;
    std::string calls_folder;
    // Each may be empty. After the switch was put on; calls that it cuts; after it was lifted.
    std::function<void(const std::string& why)> on_stop;
    std::function<std::size_t()> calls_under_way;
    std::function<void()> on_lift;
  };
  explicit DirectoryRequests(Parts parts) : with_(std::move(parts)) {}

  // Of "do": stop.on, stop.off, stop.show, task.hold, task.release, task.holds, audit.verify.
  // False: it is none of these, and nothing was done.
  bool Handle(const std::string& what, const nlohmann::json& request,
              const OperatorHost::Reply& reply);

 private:
  using Json = nlohmann::json;
  void HandleStop(const std::string& what, const Json& request, const OperatorHost::Reply& reply);
  void VerifyAudit(const Json& request, const OperatorHost::Reply& reply);
  void Hold(const Json& request, bool held, const OperatorHost::Reply& reply);
  void NoteHold(const std::string& name, bool held, const OperatorHost::Reply& reply);
  void ListHolds(const OperatorHost::Reply& reply);

  const Parts with_;
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_DIRECTORY_REQUESTS_H_
