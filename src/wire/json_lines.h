// Lines of JSON (NDJSON) without I/O: bytes in any pieces in, lines out.
#ifndef DRAGOMAN_SRC_WIRE_JSON_LINES_H_
#define DRAGOMAN_SRC_WIRE_JSON_LINES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace dragoman {

// Lines end with LF or CRLF; blank ones are skipped. What a line holds is not looked at, except
// that it is valid UTF-8. One thread at a time.
class JsonLinesParser {
 public:
  // False: stop. The parser is not touched any more by the call that is under way, so the handler
  // may have destroyed it. The line is valid during the call.
  using OnLine = absl::FunctionRef<bool(std::string_view line)>;

  explicit JsonLinesParser(std::size_t max_line_bytes = 1 << 20)
      : max_line_bytes_(max_line_bytes) {}

  // kResourceExhausted: a line is too long. kInternal: a line is not valid UTF-8. After an error
  // the parser takes nothing more.
  absl::Status Push(std::string_view bytes, OnLine on_line);
  // The stream ended: a last line without a line feed counts.
  absl::Status Finish(OnLine on_line);

 private:
  absl::Status Fail(absl::Status status);

  std::size_t max_line_bytes_;
  std::string line_;  // the beginning of a line that is not whole yet
  absl::Status status_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_WIRE_JSON_LINES_H_
