#include "dragoman/core/status.h"

#include <charconv>

namespace dragoman {

Piece::Piece(double value) {
  char buffer[32];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  owned_.assign(buffer, end);
  text_ = owned_;
}

std::string Join(std::initializer_list<std::string_view> pieces) {
  size_t size = 0;
  for (std::string_view piece : pieces) size += piece.size();
  std::string joined;
  joined.reserve(size);
  for (std::string_view piece : pieces) joined.append(piece);
  return joined;
}

absl::Status MakeStatus(absl::StatusCode code, std::string_view message) {
  return absl::Status(code, ToAbsl(message));
}

absl::Status Cancelled(std::string_view message) {
  return MakeStatus(absl::StatusCode::kCancelled, message);
}

absl::Status DeadlineExceeded(std::string_view message) {
  return MakeStatus(absl::StatusCode::kDeadlineExceeded, message);
}

absl::Status Annotate(const absl::Status& status, std::string_view who) {
  if (status.ok()) return status;
  return MakeStatus(status.code(), StrCat(who, ": ", MessageOf(status)));
}

}  // namespace dragoman
