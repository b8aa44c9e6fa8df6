// HTTP over libcurl: one thread drives all exchanges, callbacks come back on their executors.
#ifndef DRAGOMAN_SRC_NET_CURL_HTTP_TRANSPORT_H_
#define DRAGOMAN_SRC_NET_CURL_HTTP_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/transport/http_transport.h"

namespace dragoman {

// Nothing of the surroundings has a say: no proxy but this one, no ~/.netrc, no environment
// variable, no signal, no other scheme than http and https; redirects are not followed, bodies are
// not decompressed.
struct CurlHttpOptions {
  std::string proxy;                 // "http://host:port"; empty: none
  std::string ca_file;               // PEM of trusted roots; empty: the system's
  std::size_t max_exchanges = 1024;  // at once; more are refused with kResourceExhausted
  std::size_t max_idle_connections = 64;
  // What waits for a slow consumer before the peer is slowed down, per exchange. Raise it where
  // whole bodies are larger and latency does not matter.
  std::size_t max_buffered_bytes = 256 << 10;
  std::string user_agent = "dragoman/0.1";
  absl::Status Validate() const;
};

struct CurlHttpDependencies {
  const Clock* clock = nullptr;  // must outlive the transport; null: the machine's. For timeouts
};

// Destruction ends the thread; the exchanges must be gone by then.
absl::StatusOr<std::unique_ptr<HttpTransport>> MakeCurlHttpTransport(
    const CurlHttpOptions& options = {}, const CurlHttpDependencies& dependencies = {});

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_CURL_HTTP_TRANSPORT_H_
