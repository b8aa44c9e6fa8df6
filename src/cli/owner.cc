#include "src/cli/owner.h"

#include <future>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::cli {

using nlohmann::json;

namespace {

// The last line, or the error that it is.
absl::StatusOr<json> ReadAnswer(json line) {
  if (!line.is_object()) return DataLoss("the answer is no JSON object");
  const auto error = line.find("error");
  if (error == line.end()) return line;
  const std::string code = error->value("code", "");
  const std::string message = error->value("message", "");
  for (int i = 1; i <= 16; ++i) {  // every code of absl::StatusCode
    const auto one = static_cast<absl::StatusCode>(i);
    if (absl::StatusCodeToString(one) == code) return MakeStatus(one, message);
  }
  return Internal(message);
}

}  // namespace

absl::StatusOr<Asked> AskWhoever(const std::string& data_dir, const json& request) {
  json last;
  DRAGOMAN_ASSIGN_OR_RETURN(
      const bool reached, AskDirectory(data_dir, request.dump(), [&](std::string_view line, bool) {
        last = json::parse(line, nullptr, false);
      }));
  DRAGOMAN_ASSIGN_OR_RETURN(json answer, ReadAnswer(std::move(last)));
  return Asked{.answer = std::move(answer), .reached = reached};
}

absl::StatusOr<Owner> Owner::Open(const OperatorHostOptions& options) {
  Owner owner;
  owner.data_dir_ = options.data_dir;
  owner.log_ = std::make_unique<StderrLog>(LogLevel::kError);
  absl::StatusOr<std::unique_ptr<OperatorHost>> host = OperatorHost::Create(options, *owner.log_);
  if (host.ok()) {
    owner.host_ = *std::move(host);
    return owner;
  }
  // Owned by another process: it answers what every owner does, or the reason is another one.
  absl::StatusOr<json> answer = absl::UnknownError("");
  if (host.status().code() == absl::StatusCode::kFailedPrecondition) {
    answer = owner.Ask({{"do", "stop.show"}});
  }
  if (!answer.ok()) return host.status();
  return owner;
}

absl::StatusOr<json> Owner::Ask(const json& request,
                                const std::function<void(const json&)>& on_line) {
  std::promise<json> done;
  auto reply = [&](std::string_view text, bool last) {
    json line = json::parse(text, nullptr, false);
    if (last) return done.set_value(std::move(line));
    if (on_line) on_line(line);
  };
  if (host_ != nullptr) {
    host_->Handle(request.dump(), reply);
  } else {
    DRAGOMAN_RETURN_IF_ERROR(AskOwner(data_dir_, request.dump(), reply));
  }
  return ReadAnswer(done.get_future().get());
}

}  // namespace dragoman::cli
