// A WebSocket server over TLS, with certificates of its own making, for tests of wss://.
#ifndef DRAGOMAN_TESTS_NET_TLS_PEER_H_
#define DRAGOMAN_TESTS_NET_TLS_PEER_H_

#include <memory>
#include <string>
#include <thread>

namespace dragoman {

struct ServerCertificate {
  std::string names;  // subjectAltName, as OpenSSL writes it: "DNS:localhost", "IP:127.0.0.1"
  bool expired = false;
  int max_tls_version = 0;  // of the server; 0: the newest
};

// An authority of its own in a temporary folder, and a server whose certificate it signed. Serves
// one connection at a time on 127.0.0.1: answers the upgrade, sends the first text message back,
// then closes as asked. On its own thread.
class TlsPeer {
 public:
  explicit TlsPeer(const ServerCertificate& certificate);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  int port() const;
  const std::string& ca_file() const;  // PEM of the authority
  // Bytes of HTTP that reached it, of all connections; call it when they have ended.
  std::string received() const;

 private:
  struct State;
  void Serve(int connection);

  std::unique_ptr<State> state_;
  std::thread thread_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_NET_TLS_PEER_H_
