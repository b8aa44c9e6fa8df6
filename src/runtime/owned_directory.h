// What every process that owns a data directory has of it.
#ifndef DRAGOMAN_SRC_RUNTIME_OWNED_DIRECTORY_H_
#define DRAGOMAN_SRC_RUNTIME_OWNED_DIRECTORY_H_

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/log.h"
#include "dragoman/core/random.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/store/store.h"
#include "src/runtime/data_directory.h"
#include "src/runtime/owner_socket.h"
#include "src/runtime/retention.h"

namespace dragoman {

inline constexpr std::string_view kLocalTenant = "local";
inline constexpr std::string_view kLocalOwner = "owner";

// The lock, the store, an executor with ledgers that last (the kill switch among them), and, once
// it is asked for, the sweeper and the socket for commands. Whoever works in the directory borrows
// these; one process that answers calls and works on goals can share one. Made, told to stop and
// destroyed by one thread, which is not the executor's.
class OwnedDirectory {
 public:
  struct Parts {  // borrowed
    const Clock* clock = nullptr;
    Random* random = nullptr;
    LogSink* log = &NullLog();
  };
  // Blocks. kFailedPrecondition: another process owns it, or it has a newer version of the store.
  static absl::StatusOr<std::unique_ptr<OwnedDirectory>> Open(const std::string& folder,
                                                              Parts parts);
  ~OwnedDirectory();

  DataDirectory& files() { return *files_; }
  Store& store() { return *store_; }
  ThreadExecutor& executor() { return *executor_; }
  StoreLedgers& ledgers() { return *ledgers_; }

  // What is past its date goes from now on.
  void StartSweeping(const RetentionSettings& settings, const std::string& user);
  // `handler` gets what commands ask, on threads of the socket.
  absl::Status Listen(OwnerSocket::Handler handler);

  // No command comes any more; idempotent. What was asked before may still wait for its answer.
  void StopListening() { socket_.reset(); }
  // Nothing runs on the executor any more, and what lives there is gone: the sweeper, the ledgers.
  // Whoever borrowed these is gone before; executor and store stay until the end. Idempotent.
  void Stop();

  // Runs `begin` on the executor with a callback, and waits for what it is given.
  template <typename Result, typename Begin>
  Result Await(Begin begin) {
    auto given = std::make_shared<std::promise<Result>>();
    executor_->Post([begin = std::move(begin), given]() mutable {
      begin([given](Result result) { given->set_value(std::move(result)); });
    });
    return given->get_future().get();
  }

 private:
  OwnedDirectory(std::string folder, Parts parts) : folder_(std::move(folder)), with_(parts) {}
  absl::Status OpenAll();

  const std::string folder_;
  const Parts with_;
  std::unique_ptr<DataDirectory> files_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ThreadExecutor> executor_;
  bool stopped_ = false;
  // On the executor:
  std::unique_ptr<StoreLedgers> ledgers_;
  std::unique_ptr<RetentionSweeper> sweeper_;
  std::unique_ptr<OwnerSocket> socket_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_OWNED_DIRECTORY_H_
