// WebSockets without a network: the test is the peer.
#ifndef DRAGOMAN_TESTING_FAKE_WEB_SOCKET_H_
#define DRAGOMAN_TESTING_FAKE_WEB_SOCKET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/transport/web_socket.h"

namespace dragoman {

// The other end of a fake socket. Only on the socket's executor; may outlive the socket. What it
// does arrives as a task, in order.
class DRAGOMAN_EXPORT FakeWebSocketPeer {
 public:
  virtual ~FakeWebSocketPeer() = default;

  virtual void Accept() = 0;                         // answers the upgrade; on_open follows
  virtual void SendText(std::string_view text) = 0;  // invalid UTF-8 closes with 1007
  virtual void SendBinary(std::string_view bytes) = 0;
  virtual void Close(std::uint16_t code, std::string_view reason = {}) = 0;
  virtual void Drop(absl::Status status) = 0;  // no connection, or it broke: code 1006

  virtual void StopReading() = 0;  // what the socket sends queues up, until max_queued_bytes
  virtual void ReadAgain() = 0;
  virtual void IgnoreClose() = 0;  // never answers the socket's Close

  struct Message {
    std::string bytes;
    bool binary = false;
    friend bool operator==(const Message&, const Message&) = default;
  };
  virtual const WebSocketRequest& request() const = 0;
  virtual std::vector<Message> received() const = 0;
  std::vector<std::string> sent_text() const;    // by the socket: the text messages
  std::vector<std::string> sent_binary() const;  // the binary ones
  virtual bool open() const = 0;                 // accepted and not closed by either side
  virtual bool destroyed() const = 0;            // the socket's owner dropped it
  virtual std::optional<std::uint16_t> close_code() const = 0;  // of the socket's own Close
};

struct DRAGOMAN_EXPORT FakeWebSocketEnds {
  std::unique_ptr<WebSocket> socket;
  std::shared_ptr<FakeWebSocketPeer> peer;  // shared with the socket: either may go first
};

// A server's socket: open from the beginning. `executor` must outlive both ends.
DRAGOMAN_EXPORT FakeWebSocketEnds MakeFakeWebSocket(Executor& executor,
                                                    WebSocketCallbacks callbacks,
                                                    WebSocketRequest limits = {});

// Obeys the contract of WebSocketConnector. One thread at a time.
class DRAGOMAN_EXPORT FakeWebSocketConnector : public WebSocketConnector {
 public:
  // By default each connection is accepted at once; Hold leaves that to the test.
  void Hold() { hold_ = true; }

  std::unique_ptr<WebSocket> Connect(WebSocketRequest request, Executor& executor,
                                     WebSocketCallbacks callbacks) override;

  std::size_t connections() const { return peers_.size(); }
  FakeWebSocketPeer& peer(std::size_t number = 0) const { return *peers_.at(number); }

 private:
  bool hold_ = false;
  std::vector<std::shared_ptr<FakeWebSocketPeer>> peers_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_WEB_SOCKET_H_
