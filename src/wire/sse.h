// Server-sent events without I/O: bytes in any pieces in, events out.
//
// WHATWG HTML, "Server-sent events", 9.2.6 (event stream interpretation), read 2026-11.
#ifndef DRAGOMAN_SRC_WIRE_SSE_H_
#define DRAGOMAN_SRC_WIRE_SSE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace dragoman {

struct SseEvent {         // valid during the call
  std::string_view type;  // of `event:`; empty: "message"
  std::string_view data;  // of the `data:` lines, joined by line feeds; UTF-8
  std::string_view id;    // of the last `id:` so far
};

// Lines end with LF, CR or CRLF; comments and fields that the standard does not know are skipped, a
// byte-order mark at the start too. `retry:` is ignored: who reads this never reconnects by itself.
// One thread at a time.
class SseParser {
 public:
  // False: stop. The parser is not touched any more by the call that is under way, so the handler
  // may have destroyed it.
  using OnEvent = absl::FunctionRef<bool(const SseEvent&)>;

  // `max_event_bytes`: of one event's data, and of one line; a peer cannot make us keep more.
  explicit SseParser(std::size_t max_event_bytes = 1 << 20) : max_event_bytes_(max_event_bytes) {}

  // kResourceExhausted: an event or line is too long. kInternal: an event is not valid UTF-8. After
  // an error the parser takes nothing more.
  absl::Status Push(std::string_view bytes, OnEvent on_event);

  // The stream ended. The standard drops an event whose blank line is missing; servers of models do
  // leave it out after the last one, so here it counts.
  absl::Status Finish(OnEvent on_event);

 private:
  absl::Status TakeLine(std::string_view line, OnEvent on_event, bool& stopped);
  absl::Status Dispatch(OnEvent on_event, bool& stopped);
  absl::Status Fail(absl::Status status);

  std::size_t max_event_bytes_;
  std::string line_;  // the beginning of a line that is not whole yet
  std::string type_;
  std::string data_;
  std::string id_;
  bool has_data_ = false;
  bool skip_line_feed_ = false;  // the last line ended with CR
  bool at_start_ = true;         // no whole line yet: a byte-order mark may come
  absl::Status status_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_WIRE_SSE_H_
