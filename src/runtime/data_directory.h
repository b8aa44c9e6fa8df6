// A folder that one process owns at a time.
#ifndef DRAGOMAN_SRC_RUNTIME_DATA_DIRECTORY_H_
#define DRAGOMAN_SRC_RUNTIME_DATA_DIRECTORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace dragoman {

// Holds the lock (flock on <folder>/lock) for its life.
class DataDirectory {
 public:
  // Makes the folder and <folder>/calls. kFailedPrecondition: another process owns it, naming its
  // id; or it cannot be written.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(const std::string& folder);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  // Notes that goals are carried out here, until EndWork. True: the note of an earlier process is
  // still there, so it died.
  absl::StatusOr<bool> BeginWork();
  void EndWork();

  std::string calls() const { return folder_ + "/calls"; }
  // Logs of the other party of calls within the process (LoopbackPhones).
  std::string other_party_calls() const { return folder_ + "/clinic/calls"; }
  std::string clinic_book() const { return folder_ + "/clinic.sqlite"; }

 private:
  DataDirectory(std::string folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::string working() const { return folder_ + "/working"; }

  const std::string folder_;
  const int lock_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_RUNTIME_DATA_DIRECTORY_H_
