// HTTP requests and WebSocket upgrades: the same answer wherever the bytes are cut, within the
// limits. The first byte says where to cut.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/status.h"
#include "src/net/http_parser.h"

namespace dragoman {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Describe(const HttpRequestParser& parser) {
  if (parser.failed()) return StrCat("failed ", parser.error_status(), " ", parser.error());
  const ServerRequest& request = parser.request();
  std::string text = StrCat(parser.done(), parser.head_done(), request.method, " ", request.target,
                            " ", request.minor_version, "\n");
  for (const auto& [name, value] : request.headers) text += StrCat(name, ":", value, "\n");
  return text + request.body;
}

void Check(const HttpRequestParser& parser, const HttpLimits& limits) {
  const ServerRequest& request = parser.request();
  Require(request.body.size() <= limits.max_body_bytes);
  Require(request.headers.size() <= static_cast<std::size_t>(limits.max_headers));
  Require(request.target.size() <= limits.max_target_bytes);
  if (!parser.done()) return;
  Require(request.target[0] == '/' || request.target == "*");
  int lengths = 0;
  int codings = 0;
  for (const auto& [name, value] : request.headers) {
    Require(std::none_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isupper(c) || c <= ' ' || c == ':' || c >= 0x7f;
    }));
    Require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    lengths += name == "content-length" ? 1 : 0;
    codings += name == "transfer-encoding" ? 1 : 0;
  }
  Require(lengths + codings <= 1);
  if (CheckWebSocketUpgrade(request).ok())
    Require(request.body.empty() && IsUpgradeRequest(request));
  (void)parser.keep_alive();
  (void)parser.expects_continue();
}

}  // namespace
}  // namespace dragoman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 64 + 1u;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Small, so that the limits are met.
  const HttpLimits limits{
      .max_header_bytes = 1024, .max_headers = 16, .max_target_bytes = 256, .max_body_bytes = 512};
  // Pipelined requests, one after the other.
  for (int i = 0; i < 8 && !bytes.empty(); ++i) {
    HttpRequestParser whole(limits);
    const std::size_t taken = whole.Feed(bytes);
    Check(whole, limits);
    HttpRequestParser cut(limits);
    std::size_t cut_taken = 0;
    while (cut_taken < bytes.size() && !cut.done() && !cut.failed()) {
      cut_taken += cut.Feed(bytes.substr(cut_taken, piece));
    }
    Require(Describe(whole) == Describe(cut));
    Require(taken == cut_taken);
    if (!whole.done()) break;
    bytes.remove_prefix(taken);
  }
  return 0;
}
