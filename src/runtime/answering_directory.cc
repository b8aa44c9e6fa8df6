#include "src/runtime/answering_directory.h"

#include <poll.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "src/runtime/request_lines.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;
using Reply = OperatorHost::Reply;
using request_lines::Fail;
using request_lines::TextOf;

constexpr std::chrono::seconds kOwnerPatience{10};
constexpr int kBetweenTriesMs = 100;
constexpr int kMostTries = 50;

// Answers here, where no process owns the directory: opens no more of it than it must, so that no
// wrong settings and no missing key keep anybody from the kill switch.
absl::Status AnswerHere(const std::string& data_dir, std::string_view text, const Reply& reply) {
  const Json request = Json::parse(text, nullptr, false);
  if (!request.is_object()) return InvalidArgument("a request is a JSON object");
  DRAGOMAN_ASSIGN_OR_RETURN(const std::string what, TextOf(request, "do"));
  SystemClock clock;
  SystemRandom random;
  DRAGOMAN_ASSIGN_OR_RETURN(auto owned,
                            OwnedDirectory::Open(data_dir, {.clock = &clock, .random = &random}));
  std::unique_ptr<DirectoryRequests> requests;
  std::promise<void> answered;
  bool known = false;
  RunAndWait(owned->executor(), [&] {
    requests = std::make_unique<DirectoryRequests>(
        DirectoryRequests::Parts{.store = &owned->store(),
                                 .executor = &owned->executor(),
                                 .ledgers = &owned->ledgers(),
                                 .tenant = std::string(kLocalTenant),
                                 .user = std::string(kLocalOwner),
                                 .calls_folder = owned->files().calls(),
                                 .on_stop = {},
                                 .calls_under_way = {},
                                 .on_lift = {}});
    known = requests->Handle(what, request, [&](std::string_view line, bool last) {
      reply(line, last);
      if (last) answered.set_value();
    });
  });
  if (known) answered.get_future().wait();
  RunAndWait(owned->executor(), [&] { requests.reset(); });
  return known ? absl::OkStatus() : InvalidArgument("unknown request \"", what, "\"");
}

}  // namespace

absl::StatusOr<bool> AskDirectory(const std::string& data_dir, std::string_view request,
                                  const OperatorHost::Reply& reply) {
  if (!std::filesystem::exists(data_dir)) {
    return NotFound("there is no data directory ", data_dir,
                    "; name one with --data or DRAGOMAN_DATA");
  }
  // Whoever owns it may be about to begin or to end, and listens to nobody then.
  absl::Status here;
  for (int i = 0; i < kMostTries; ++i) {
    if (i > 0) poll(nullptr, 0, kBetweenTriesMs);
    const absl::Status asked = AskOwnerWithin(data_dir, request, reply, kOwnerPatience);
    if (asked.ok()) return true;
    if (asked.code() == absl::StatusCode::kDeadlineExceeded) {
      return FailedPrecondition(MessageOf(asked), " within ", kOwnerPatience.count(),
                                " s; whether what was asked counts is not known: end that process");
    }
    here = AnswerHere(data_dir, request, reply);
    if (here.ok()) return false;
    if (here.code() != absl::StatusCode::kFailedPrecondition) return here;
  }
  return FailedPrecondition(MessageOf(here), "; it does not answer, and nothing was changed");
}

// --- the process that answers calls --------------------------------------------------------------

absl::StatusOr<std::unique_ptr<AnsweringDirectory>> AnsweringDirectory::Open(
    const std::string& folder, LogSink& log) {
  std::unique_ptr<AnsweringDirectory> directory(new AnsweringDirectory(log));
  DRAGOMAN_RETURN_IF_ERROR(directory->OpenAll(folder));
  return directory;
}

absl::Status AnsweringDirectory::OpenAll(const std::string& folder) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      owned_, OwnedDirectory::Open(folder, {.clock = &clock_, .random = &random_, .log = &log_}));
  DRAGOMAN_ASSIGN_OR_RETURN(const RetentionSettings retention,
                            ReadRetention(folder + "/settings.toml"));
  requests_ = std::make_unique<DirectoryRequests>(DirectoryRequests::Parts{
      .store = &owned_->store(),
      .executor = &owned_->executor(),
      .ledgers = &owned_->ledgers(),
      .tenant = std::string(kLocalTenant),
      .user = std::string(kLocalOwner),
      .calls_folder = owned_->files().calls(),
      .on_stop =
          [this](const std::string& why) {
            log_.Write(LogLevel::kWarning, "calls",
                       StrCat("the kill switch is on: ", EscapeLine(why)));
          },
      .calls_under_way = [this] { return calls_ ? calls_() : 0; },
      .on_lift = [this] { log_.Write(LogLevel::kInfo, "calls", "the kill switch is off"); }});
  owned_->StartSweeping(retention, std::string(kLocalOwner));
  return owned_->Listen([this](std::string request, Reply reply) {
    owned_->executor().Post(
        [this, request = std::move(request), reply = std::move(reply)] { Handle(request, reply); });
  });
}

void AnsweringDirectory::Handle(const std::string& text, const Reply& reply) {
  const Json request = Json::parse(text, nullptr, false);
  if (!request.is_object()) return Fail(reply, InvalidArgument("a request is a JSON object"));
  const absl::StatusOr<std::string> what = TextOf(request, "do");
  if (!what.ok()) return Fail(reply, what.status());
  if (requests_ == nullptr) return Fail(reply, Cancelled());
  if (requests_->Handle(*what, request, reply)) return;
  Fail(reply, FailedPrecondition(
                  "the process that owns this data directory answers calls (dragoman serve); "
                  "stop it before you ask for anything but the kill switch, holds and the audit, "
                  "and give goals a directory of their own"));
}

void AnsweringDirectory::CountCalls(std::function<std::size_t()> calls) {
  RunAndWait(owned_->executor(), [&] { calls_ = std::move(calls); });
}

void AnsweringDirectory::StopListening() {
  owned_->StopListening();
  if (requests_ == nullptr) return;
  RunAndWait(owned_->executor(), [this] {
    calls_ = nullptr;
    requests_.reset();
  });
}

AnsweringDirectory::~AnsweringDirectory() {
  if (owned_ != nullptr) StopListening();
}

}  // namespace dragoman
