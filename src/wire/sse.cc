#include "src/wire/sse.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {

absl::Status SseParser::Push(std::string_view bytes, OnEvent on_event) {
  if (!status_.ok()) return status_;
  while (!bytes.empty()) {
    if (std::exchange(skip_line_feed_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > max_event_bytes_) {
      return Fail(ResourceExhausted("sse: line has more than ", max_event_bytes_, " bytes"));
    }
    if (end == std::string_view::npos) {
      line_ += part;
      return absl::OkStatus();
    }
    skip_line_feed_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    std::string whole;  // not line_: the handler may destroy the parser
    std::string_view line = part;
    if (!line_.empty()) {
      whole = std::exchange(line_, {});
      whole += part;
      line = whole;
    }
    bool stopped = false;
    absl::Status status = TakeLine(line, on_event, stopped);
    if (stopped) return absl::OkStatus();
    if (!status.ok()) return Fail(std::move(status));
  }
  return absl::OkStatus();
}

absl::Status SseParser::Finish(OnEvent on_event) {
  if (!status_.ok()) return status_;
  bool stopped = false;
  if (!line_.empty()) {
    const std::string line = std::exchange(line_, {});
    absl::Status status = TakeLine(line, on_event, stopped);
    if (stopped) return absl::OkStatus();
    if (!status.ok()) return Fail(std::move(status));
  }
  absl::Status status = Dispatch(on_event, stopped);
  if (stopped) return absl::OkStatus();
  return status.ok() ? status : Fail(std::move(status));
}

absl::Status SseParser::TakeLine(std::string_view line, OnEvent on_event, bool& stopped) {
  if (std::exchange(at_start_, false) && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  if (line.empty()) return Dispatch(on_event, stopped);
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value =
      colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (data_.size() + value.size() + 1 > max_event_bytes_) {
      return ResourceExhausted("sse: event has more than ", max_event_bytes_, " bytes");
    }
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  } else if (field == "event") {
    type_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
  return absl::OkStatus();
}

absl::Status SseParser::Dispatch(OnEvent on_event, bool& stopped) {
  const std::string type = std::exchange(type_, {});
  const std::string data = std::exchange(data_, {});
  if (!std::exchange(has_data_, false)) return absl::OkStatus();
  if (!IsValidUtf8(data) || !IsValidUtf8(type) || !IsValidUtf8(id_)) {
    return Internal("sse: event is not valid UTF-8");
  }
  const std::string id = id_;
  stopped = !on_event({.type = type, .data = data, .id = id});
  return absl::OkStatus();
}

absl::Status SseParser::Fail(absl::Status status) {
  status_ = status;
  line_.clear();
  data_.clear();
  return status;
}

}  // namespace dragoman
