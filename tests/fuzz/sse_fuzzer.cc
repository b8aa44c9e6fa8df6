// Server-sent events and JSON lines: any bytes, cut anywhere, give the same as the whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/text.h"
#include "src/wire/json_lines.h"
#include "src/wire/sse.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::vector<std::string> seen;
  absl::Status status;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// In pieces of `piece` bytes; 0: whole.
template <typename Parser, typename Handler>
Outcome Run(std::string_view bytes, std::size_t piece, std::size_t limit, Handler on_item) {
  Parser parser(limit);
  Outcome outcome;
  const auto handle = [&](const auto& item) {
    outcome.seen.push_back(on_item(item));
    return true;
  };
  if (piece == 0) piece = bytes.size() + 1;
  for (std::size_t at = 0; at < bytes.size() && outcome.status.ok(); at += piece) {
    outcome.status = parser.Push(bytes.substr(at, piece), handle);
  }
  if (outcome.status.ok()) outcome.status = parser.Finish(handle);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = data[0];
  const std::size_t limit = data[1] < 128 ? 64 + data[1] : 1 << 20;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  const auto event = [limit](const dragoman::SseEvent& e) {
    Require(e.data.size() <= limit && dragoman::IsValidUtf8(e.data));
    return std::string(e.type) + '\0' + std::string(e.data) + '\0' + std::string(e.id);
  };
  Require(Run<dragoman::SseParser>(bytes, 0, limit, event) ==
          Run<dragoman::SseParser>(bytes, piece, limit, event));

  const auto line = [limit](std::string_view l) {
    Require(!l.empty() && l.size() <= limit && dragoman::IsValidUtf8(l));
    return std::string(l);
  };
  Require(Run<dragoman::JsonLinesParser>(bytes, 0, limit, line) ==
          Run<dragoman::JsonLinesParser>(bytes, piece, limit, line));
  return 0;
}
