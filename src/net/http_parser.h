// HTTP/1.1 requests, parsed strictly and piece by piece (RFC 9112). No I/O.
#ifndef DRAGOMAN_SRC_NET_HTTP_PARSER_H_
#define DRAGOMAN_SRC_NET_HTTP_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace dragoman {

struct HttpLimits {
  std::size_t max_header_bytes = 16 * 1024;  // request line and fields together; beyond: 431
  int max_headers = 100;                     // beyond: 431
  std::size_t max_target_bytes = 8 * 1024;   // beyond: 414
  std::size_t max_body_bytes = 1 << 20;      // decoded; beyond: 413, as soon as it is known
};

struct ServerRequest {
  std::string method;
  std::string target;  // as sent: "/media?x=%20"
  int minor_version = 1;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order
  std::string body;
  std::string peer;  // "192.0.2.7:40112"; filled by the server

  // The first value under `name` (lower case), or empty.
  std::string_view Header(std::string_view name) const;
  // True if one of the comma-separated elements of the fields named so equals `token`, whatever the
  // case: Connection: keep-alive, Upgrade.
  bool HasToken(std::string_view name, std::string_view token) const;
  std::string_view path() const;   // the target up to '?'
  std::string_view query() const;  // what follows it
};

// Refuses what two readers could understand differently (bare LF, folded lines, blanks before a
// colon, two lengths, a length beside a transfer coding, a coding other than exactly "chunked").
// One request at a time.
class HttpRequestParser {
 public:
  explicit HttpRequestParser(const HttpLimits& limits) : limits_(limits) {}

  // Takes bytes up to the end of the request, or to the first error; returns how many.
  std::size_t Feed(std::string_view bytes);

  bool head_done() const { return state_ > State::kHead && state_ != State::kFailed; }
  bool done() const { return state_ == State::kDone; }
  bool failed() const { return state_ == State::kFailed; }
  bool idle() const { return state_ == State::kHead && line_bytes_ == 0 && head_bytes_ == 0; }
  int error_status() const { return error_status_; }  // 400, 413, 414, 431, 505
  const std::string& error() const { return error_; }

  const ServerRequest& request() const { return request_; }  // complete when done(); head before
  ServerRequest TakeRequest() { return std::move(request_); }
  bool keep_alive() const;
  bool expects_continue() const;  // the peer waits for "100 Continue" before its body
  std::size_t body_bytes() const { return request_.body.size(); }

  void Reset();  // for the next request on the connection

 private:
  enum class State {
    kHead,
    kBody,  // Content-Length
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailer,
    kDone,
    kFailed,
  };

  std::size_t FeedLine(std::string_view bytes);
  std::size_t FeedBody(std::string_view bytes);
  void OnLine();
  void OnRequestLine(std::string_view line);
  void OnField(std::string_view line);
  void OnHeadEnd();
  void OnContentLength(std::string_view value);
  void OnChunkSize(std::string_view line);
  void Fail(int status, std::string_view reason);

  HttpLimits limits_;
  State state_ = State::kHead;
  ServerRequest request_;
  std::string line_;  // the line so far, without its end
  std::size_t line_bytes_ = 0;
  bool saw_cr_ = false;
  std::size_t head_bytes_ = 0;  // of complete lines
  std::size_t trailer_bytes_ = 0;
  std::uint64_t body_left_ = 0;  // of the body, or of the chunk
  int error_status_ = 0;
  std::string error_;
};

// Checks an upgrade request against RFC 6455 section 4.2.1. kInvalidArgument with the reason;
// kUnimplemented: another version than 13 is asked for (answer 426).
absl::Status CheckWebSocketUpgrade(const ServerRequest& request);

// True for a request that asks for a WebSocket, well-formed or not.
bool IsUpgradeRequest(const ServerRequest& request);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_HTTP_PARSER_H_
