#include "src/net/http_parser.h"

#include <algorithm>
#include <optional>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxChunkLine = 256;  // size and extensions
constexpr std::size_t kMaxTrailerBytes = 4096;

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  static constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kPunctuation.find(c) != std::string_view::npos;
}
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> ParseHex(std::string_view text) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : text) {
    int digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return std::nullopt;
    }
    value = value * 16 + static_cast<std::uint64_t>(digit);
  }
  return value;
}

}  // namespace

std::string_view ServerRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

bool ServerRequest::HasToken(std::string_view name, std::string_view token) const {
  const std::string wanted = ToLowerAscii(token);
  for (const auto& [key, value] : headers) {
    if (key != name) continue;
    std::string_view rest = value;
    while (true) {
      const std::size_t comma = rest.find(',');
      if (ToLowerAscii(TrimBlanks(rest.substr(0, comma))) == wanted) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

std::string_view ServerRequest::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view ServerRequest::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

void HttpRequestParser::Reset() { *this = HttpRequestParser(limits_); }

void HttpRequestParser::Fail(int status, std::string_view reason) {
  state_ = State::kFailed;
  error_status_ = status;
  error_ = reason;
}

std::size_t HttpRequestParser::Feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != State::kDone && state_ != State::kFailed) {
    std::string_view rest = bytes.substr(taken);
    taken +=
        state_ == State::kBody || state_ == State::kChunkData ? FeedBody(rest) : FeedLine(rest);
  }
  return taken;
}

// Up to the end of a line, CR LF and nothing else.
std::size_t HttpRequestParser::FeedLine(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const char c = bytes[taken++];
    ++line_bytes_;
    if (saw_cr_) {
      if (c != '\n') {
        Fail(400, "CR without LF");
        return taken;
      }
      OnLine();
      line_.clear();
      line_bytes_ = 0;
      saw_cr_ = false;
      return taken;
    }
    if (c == '\r') {
      saw_cr_ = true;
      continue;
    }
    if (c == '\n') {
      Fail(400, "LF without CR");
      return taken;
    }
    if (c == '\0') {
      Fail(400, "NUL in a line");
      return taken;
    }
    line_ += c;
    if (state_ == State::kHead && head_bytes_ == 0 &&
        line_.size() > limits_.max_target_bytes + 32) {
      Fail(414, "request target is too long");
      return taken;
    }
    if (state_ == State::kHead && head_bytes_ + line_bytes_ > limits_.max_header_bytes) {
      Fail(431, "header fields are too large");
      return taken;
    }
    if (state_ != State::kHead && line_bytes_ > std::max(kMaxChunkLine, kMaxTrailerBytes)) {
      Fail(400, "line in the body is too long");
      return taken;
    }
  }
  return taken;
}

void HttpRequestParser::OnLine() {
  const std::string_view line = line_;
  switch (state_) {
    case State::kHead:
      if (head_bytes_ == 0) {
        OnRequestLine(line);
      } else if (line.empty()) {
        OnHeadEnd();
      } else {
        OnField(line);
      }
      if (state_ == State::kHead) {
        head_bytes_ += line_bytes_;
        if (head_bytes_ > limits_.max_header_bytes) Fail(431, "header fields are too large");
      }
      return;
    case State::kChunkSize:
      return OnChunkSize(line);
    case State::kChunkEnd:
      if (!line.empty()) return Fail(400, "chunk is longer than its size");
      state_ = State::kChunkSize;
      return;
    case State::kTrailer:
      trailer_bytes_ += line_bytes_;
      if (line.empty()) {
        state_ = State::kDone;
      } else if (trailer_bytes_ > kMaxTrailerBytes) {
        Fail(431, "trailer fields are too large");
      }
      return;
    default:
      return;
  }
}

void HttpRequestParser::OnRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Fail(400, "malformed request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method) || method.size() > 32) return Fail(400, "malformed method");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return version.substr(0, 5) == "HTTP/" ? Fail(505, "HTTP version is not 1.0 or 1.1")
                                           : Fail(400, "malformed request line");
  }
  if (target.size() > limits_.max_target_bytes) return Fail(414, "request target is too long");
  const bool printable =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable || target.empty() || (target[0] != '/' && target != "*")) {
    return Fail(400, "malformed request target");
  }
  request_.method = method;
  request_.target = target;
  request_.minor_version = version.back() - '0';
}

void HttpRequestParser::OnField(std::string_view line) {
  if (static_cast<int>(request_.headers.size()) >= limits_.max_headers) {
    return Fail(431, "too many header fields");
  }
  const std::size_t colon = line.find(':');
  // A blank before the name folds the line before, one before the colon hides the name.
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Fail(400, "malformed header field");
  }
  const std::string_view value = TrimBlanks(line.substr(colon + 1));
  for (char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f)
      return Fail(400, "control character in a field");
  }
  request_.headers.emplace_back(ToLowerAscii(line.substr(0, colon)), value);
}

void HttpRequestParser::OnHeadEnd() {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  std::string_view length;
  std::string_view coding;
  for (const auto& [name, value] : request_.headers) {
    if (name == "host") ++hosts;
    if (name == "content-length") ++lengths, length = value;
    if (name == "transfer-encoding") ++codings, coding = value;
  }
  if (hosts > 1 || (hosts == 0 && request_.minor_version == 1)) {
    return Fail(400, "expected exactly one Host field");
  }
  if (lengths > 1) return Fail(400, "more than one Content-Length");
  if (lengths > 0 && codings > 0) return Fail(400, "Content-Length beside Transfer-Encoding");
  if (codings > 0) {
    if (codings > 1 || ToLowerAscii(coding) != "chunked" || request_.minor_version == 0) {
      return Fail(400, "Transfer-Encoding is not exactly chunked");
    }
    state_ = State::kChunkSize;
    return;
  }
  if (lengths > 0) return OnContentLength(length);
  state_ = State::kDone;
}

void HttpRequestParser::OnContentLength(std::string_view value) {
  if (value.empty() ||
      !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return Fail(400, "Content-Length is not a number");
  }
  while (value.size() > 1 && value[0] == '0') value.remove_prefix(1);
  if (value.size() > 15) return Fail(413, "body is too large");
  body_left_ = 0;
  for (char c : value) body_left_ = body_left_ * 10 + static_cast<std::uint64_t>(c - '0');
  if (body_left_ > limits_.max_body_bytes) return Fail(413, "body is too large");
  state_ = body_left_ == 0 ? State::kDone : State::kBody;
}

void HttpRequestParser::OnChunkSize(std::string_view line) {
  if (line.size() > kMaxChunkLine) return Fail(400, "chunk extension is too long");
  std::optional<std::uint64_t> size = ParseHex(TrimBlanks(line.substr(0, line.find(';'))));
  if (!size) return Fail(400, "malformed chunk size");
  if (*size > limits_.max_body_bytes || request_.body.size() + *size > limits_.max_body_bytes) {
    return Fail(413, "body is too large");
  }
  body_left_ = *size;
  state_ = *size == 0 ? State::kTrailer : State::kChunkData;
}

std::size_t HttpRequestParser::FeedBody(std::string_view bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_));
  request_.body.append(bytes.substr(0, size));
  body_left_ -= size;
  if (body_left_ == 0) state_ = state_ == State::kBody ? State::kDone : State::kChunkEnd;
  return size;
}

bool HttpRequestParser::keep_alive() const {
  if (request_.HasToken("connection", "close")) return false;
  return request_.minor_version == 1 || request_.HasToken("connection", "keep-alive");
}

bool HttpRequestParser::expects_continue() const {
  return request_.minor_version == 1 && ToLowerAscii(request_.Header("expect")) == "100-continue";
}

bool IsUpgradeRequest(const ServerRequest& request) {
  return request.HasToken("connection", "upgrade") && request.HasToken("upgrade", "websocket");
}

absl::Status CheckWebSocketUpgrade(const ServerRequest& request) {
  if (request.method != "GET" || request.minor_version != 1) {
    return InvalidArgument("a WebSocket begins with GET and HTTP/1.1");
  }
  if (!IsUpgradeRequest(request)) {
    return InvalidArgument("Upgrade: websocket and Connection: Upgrade are missing");
  }
  if (!request.body.empty()) return InvalidArgument("a WebSocket request has no body");
  if (request.Header("sec-websocket-version") != "13") {
    return Unimplemented("Sec-WebSocket-Version is not 13");
  }
  int keys = 0;
  for (const auto& field : request.headers) keys += field.first == "sec-websocket-key" ? 1 : 0;
  const std::string_view key = request.Header("sec-websocket-key");
  std::optional<std::string> nonce;
  if (key.size() == 24) nonce = DecodeBase64(key);
  if (keys != 1 || !nonce || nonce->size() != 16) {
    return InvalidArgument("Sec-WebSocket-Key is not base64 of 16 bytes");
  }
  return absl::OkStatus();
}

}  // namespace dragoman
