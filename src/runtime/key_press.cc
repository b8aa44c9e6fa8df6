#include "src/runtime/key_press.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/safety/gates.h"

namespace dragoman {
namespace {

constexpr std::chrono::milliseconds kRevealWithin{1'000};
constexpr std::size_t kMostKeys = 32;
constexpr std::string_view kKeys = "0123456789*#";

absl::Status Denied(std::string_view why) {
  return MakeStatus(absl::StatusCode::kPermissionDenied, why);
}

// "4111 1111-1111": what parts the digits of a number is no key.
std::string KeysOf(std::string_view value) {
  std::string keys;
  keys.reserve(value.size());
  for (const char c : value) {
    if (std::string_view(" -./").find(c) == std::string_view::npos) keys += c;
  }
  return keys;
}

}  // namespace

KeyPress::KeyPress(Parts parts, std::string call_id, std::string written, Done done)
    : parts_(std::move(parts)),
      call_id_(std::move(call_id)),
      written_(std::move(written)),
      done_(std::move(done)),
      spans_(FindVaultHandles(written_)),
      limit_(*parts_.executor) {}

void KeyPress::Begin() {
  if (absl::Status status = Check(); !status.ok()) return End(std::move(status));
  if (spans_.empty()) return End(Press());
  const std::optional<GoalSession> session = parts_.sessions->Find(call_id_);
  for (const HandleSpan& span : spans_) values_.try_emplace(std::string(span.handle));
  wanted_ = values_.size();
  limit_.Start(kRevealWithin, [this] {
    End(MakeStatus(absl::StatusCode::kDeadlineExceeded,
                   "the vault did not give the value in time"));
  });
  std::vector<std::string> handles;
  for (const auto& [handle, value] : values_) handles.push_back(handle);
  const auto alive = lifetime_.Watch();
  for (const std::string& handle : handles) {
    parts_.secrets->Reveal(session->scope.user, handle, session->session_sink,
                           session->scope.secret_purpose,
                           lifetime_.Wrap([this, handle](absl::StatusOr<Secret> value) {
                             Revealed(handle, std::move(value));
                           }));
    if (alive.expired() || !done_) return;
  }
}

absl::Status KeyPress::Check() const {
  if (spans_.empty()) return absl::OkStatus();
  const std::optional<GoalSession> session = parts_.sessions->Find(call_id_);
  if (!session || parts_.sessions->Frozen(call_id_)) return Denied("this call may press no keys");
  for (const HandleSpan& span : spans_) {
    if (span.handle.empty() || parts_.secrets == nullptr ||
        !MayTell(*session, parts_.grants, span.handle)) {
      return Denied("the keys name a value of the vault that this call was not granted");
    }
  }
  return absl::OkStatus();
}

void KeyPress::Revealed(const std::string& handle, absl::StatusOr<Secret> value) {
  if (!done_) return;
  if (!value.ok()) {
    return End(MakeStatus(value.status().code(), "the vault does not give the value"));
  }
  values_[handle] = *std::move(value);
  if (--wanted_ == 0) End(Press());
}

absl::Status KeyPress::Press() {
  std::string keys;
  keys.reserve(written_.size() + kMostKeys);
  std::size_t at = 0;
  for (const HandleSpan& span : spans_) {
    keys += written_.substr(at, span.begin - at);
    const Secret value(KeysOf(values_[std::string(span.handle)].Reveal()));
    if (keys.size() + value.Reveal().size() > kMostKeys) {
      const Secret gone(std::move(keys));
      return InvalidArgument("that is more than ", kMostKeys, " keys with the value");
    }
    if (!value.Reveal().empty() && value.Reveal().front() == '*') {
      return Denied("the value begins with *, which no goal names");
    }
    keys += value.Reveal();
    at = span.end;
  }
  keys += written_.substr(at);
  const Secret pressed(std::move(keys));
  const std::string_view all = pressed.Reveal();
  if (all.empty() || all.size() > kMostKeys || all.find_first_not_of(kKeys) != all.npos) {
    return InvalidArgument("expected 1 to ", kMostKeys, " keys of 0 to 9, * and #");
  }
  // Told from here on, whatever becomes of it.
  for (const auto& [handle, value] : values_) parts_.sessions->NoteTold(call_id_, handle);
  return parts_.press(all);
}

void KeyPress::End(absl::Status status) {
  limit_.Stop();
  values_.clear();
  if (Done done = std::exchange(done_, nullptr)) done(std::move(status));  // may destroy this
}

}  // namespace dragoman
