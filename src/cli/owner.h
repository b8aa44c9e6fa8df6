// The operator of a data directory: in this process where nobody else owns it, else over its
// socket.
#ifndef DRAGOMAN_SRC_CLI_OWNER_H_
#define DRAGOMAN_SRC_CLI_OWNER_H_

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/log.h"
#include "dragoman/runtime/operator_host.h"

namespace dragoman::cli {

class Owner {
 public:
  static absl::StatusOr<Owner> Open(const OperatorHostOptions& options);

  // Blocks until the last line; `on_line` sees those before it. Not OK: nobody answered, or the
  // answer is an error.
  absl::StatusOr<nlohmann::json> Ask(
      const nlohmann::json& request,
      const std::function<void(const nlohmann::json&)>& on_line = {});
  bool here() const { return host_ != nullptr; }

 private:
  std::string data_dir_;
  std::unique_ptr<StderrLog> log_;
  std::unique_ptr<OperatorHost> host_;
};

// What every owner of a directory answers (AskDirectory), from whoever owns it, or from here.
struct Asked {
  nlohmann::json answer;
  bool reached = false;  // a process was asked
};
absl::StatusOr<Asked> AskWhoever(const std::string& data_dir, const nlohmann::json& request);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_OWNER_H_
