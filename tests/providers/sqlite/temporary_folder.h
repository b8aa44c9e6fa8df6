// A folder of its own for each test, gone with it.
#ifndef DRAGOMAN_TESTS_PROVIDERS_SQLITE_TEMPORARY_FOLDER_H_
#define DRAGOMAN_TESTS_PROVIDERS_SQLITE_TEMPORARY_FOLDER_H_

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace dragoman {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "dragoman-store-XXXXXX").string();
    path_ = mkdtemp(name.data()) == nullptr ? std::string() : name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_SQLITE_TEMPORARY_FOLDER_H_
