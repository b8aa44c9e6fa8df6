#include "src/runtime/owned_directory.h"

#include "dragoman/core/status.h"
#include "dragoman/providers/sqlite/sqlite_store.h"

namespace dragoman {

absl::StatusOr<std::unique_ptr<OwnedDirectory>> OwnedDirectory::Open(const std::string& folder,
                                                                     Parts parts) {
  std::unique_ptr<OwnedDirectory> owned(new OwnedDirectory(folder, parts));
  DRAGOMAN_RETURN_IF_ERROR(owned->OpenAll());
  return owned;
}

absl::Status OwnedDirectory::OpenAll() {
  DRAGOMAN_ASSIGN_OR_RETURN(files_, DataDirectory::Open(folder_));
  DRAGOMAN_ASSIGN_OR_RETURN(store_, MakeSqliteStore({.path = folder_ + "/dragoman.sqlite"}));
  executor_ = std::make_unique<ThreadExecutor>(*with_.clock);
  using Opened = absl::StatusOr<std::unique_ptr<StoreLedgers>>;
  DRAGOMAN_ASSIGN_OR_RETURN(ledgers_, Await<Opened>([this](auto done) {
                              StoreLedgers::Open({.store = store_.get(),
                                                  .executor = executor_.get(),
                                                  .clock = with_.clock,
                                                  .random = with_.random},
                                                 std::move(done));
                            }));
  return absl::OkStatus();
}

void OwnedDirectory::StartSweeping(const RetentionSettings& settings, const std::string& user) {
  RunAndWait(*executor_, [&] {
    sweeper_ = std::make_unique<RetentionSweeper>(
        settings, RetentionSweeper::Parts{.store = store_.get(),
                                          .executor = executor_.get(),
                                          .log = with_.log,
                                          .calls_folder = files_->calls(),
                                          .other_party_folder = files_->other_party_calls(),
                                          .user = user});
    sweeper_->Start();
  });
}

absl::Status OwnedDirectory::Listen(OwnerSocket::Handler handler) {
  DRAGOMAN_ASSIGN_OR_RETURN(socket_, OwnerSocket::Listen(folder_, std::move(handler), *with_.log));
  return absl::OkStatus();
}

void OwnedDirectory::Stop() {
  StopListening();
  if (executor_ == nullptr || std::exchange(stopped_, true)) return;
  RunAndWait(*executor_, [this] {
    sweeper_.reset();
    ledgers_.reset();
  });
  executor_->Stop();
}

OwnedDirectory::~OwnedDirectory() {
  Stop();
  store_.reset();  // its answers go to the executor, which is there until the end
}

}  // namespace dragoman
