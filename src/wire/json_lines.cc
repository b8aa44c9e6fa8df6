#include "src/wire/json_lines.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {

absl::Status JsonLinesParser::Push(std::string_view bytes, OnLine on_line) {
  if (!status_.ok()) return status_;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > max_line_bytes_) {
      return Fail(ResourceExhausted("json lines: line has more than ", max_line_bytes_, " bytes"));
    }
    line_ += part;
    if (end == std::string_view::npos) return absl::OkStatus();
    bytes.remove_prefix(end + 1);
    const std::string whole = std::exchange(line_, {});
    const std::string_view line = Trim(whole);
    if (line.empty()) continue;
    if (!IsValidUtf8(line)) return Fail(Internal("json lines: line is not valid UTF-8"));
    if (!on_line(line)) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status JsonLinesParser::Finish(OnLine on_line) {
  return line_.empty() ? status_ : Push("\n", on_line);
}

absl::Status JsonLinesParser::Fail(absl::Status status) {
  status_ = status;
  line_.clear();
  return status;
}

}  // namespace dragoman
