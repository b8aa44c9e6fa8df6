// Status helpers: one-line messages from std::string_view, whatever string_view Abseil was built
// with.
#ifndef DRAGOMAN_CORE_STATUS_H_
#define DRAGOMAN_CORE_STATUS_H_

#include <chrono>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dragoman/core/export.h"

namespace dragoman {

inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// A piece of a message: text, a number, a bool, milliseconds ("250 ms"). Valid within the full
// expression that made it.
class DRAGOMAN_EXPORT Piece {
 public:
  Piece(std::string_view text) : text_(text) {}    // NOLINT(google-explicit-constructor)
  Piece(const std::string& text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  Piece(const char* text) : text_(text) {}         // NOLINT(google-explicit-constructor)
  Piece(char character) : owned_(1, character), text_(owned_) {}  // NOLINT
  Piece(bool value) : text_(value ? "true" : "false") {}          // NOLINT
  template <std::integral T>
  Piece(T value) : owned_(std::to_string(value)), text_(owned_) {}  // NOLINT
  Piece(double value);                                              // NOLINT  shortest form
  Piece(std::chrono::milliseconds value)                            // NOLINT
      : owned_(std::to_string(value.count()) + " ms"), text_(owned_) {}
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;
  std::string_view text() const { return text_; }

 private:
  std::string owned_;
  std::string_view text_;
};

DRAGOMAN_EXPORT std::string Join(std::initializer_list<std::string_view> pieces);

// Concatenates text and numbers: StrCat("port ", port, " is in use").
template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  return Join({Piece(pieces).text()...});
}

// Messages: one line, lower case, no full stop: the fact, then the expectation.
DRAGOMAN_EXPORT absl::Status MakeStatus(absl::StatusCode code, std::string_view message);

template <typename... Pieces>
absl::Status InvalidArgument(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status FailedPrecondition(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status ResourceExhausted(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kResourceExhausted, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status Unavailable(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kUnavailable, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status NotFound(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kNotFound, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status Internal(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kInternal, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status Unimplemented(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kUnimplemented, StrCat(pieces...));
}
template <typename... Pieces>
absl::Status DataLoss(const Pieces&... pieces) {
  return MakeStatus(absl::StatusCode::kDataLoss, StrCat(pieces...));
}
DRAGOMAN_EXPORT absl::Status Cancelled(std::string_view message = "cancelled by the caller");
DRAGOMAN_EXPORT absl::Status DeadlineExceeded(std::string_view message);

// Adds once, at a module's boundary, who was speaking; the code is kept: "deepgram: HTTP 401".
DRAGOMAN_EXPORT absl::Status Annotate(const absl::Status& status, std::string_view who);

inline std::string_view MessageOf(const absl::Status& status) { return ToStd(status.message()); }

#define DRAGOMAN_CONCAT_(a, b) a##b
#define DRAGOMAN_CONCAT(a, b) DRAGOMAN_CONCAT_(a, b)

#define DRAGOMAN_RETURN_IF_ERROR(expression)                                \
  do {                                                                      \
    if (absl::Status dragoman_status = (expression); !dragoman_status.ok()) \
      return dragoman_status;                                               \
  } while (false)

#define DRAGOMAN_ASSIGN_OR_RETURN(declaration, expression) \
  DRAGOMAN_ASSIGN_OR_RETURN_(DRAGOMAN_CONCAT(dragoman_or_, __LINE__), declaration, expression)
#define DRAGOMAN_ASSIGN_OR_RETURN_(result, declaration, expression) \
  auto result = (expression);                                       \
  if (!result.ok()) return result.status();                         \
  declaration = *std::move(result)

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_STATUS_H_
