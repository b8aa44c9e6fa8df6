// Real sockets keep the contracts that the fakes keep (tests/testing/transport_contract_test.cc).
#include <sys/socket.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "src/net/http_server.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"
#include "src/net/tcp_stream.h"
#include "src/net/web_socket.h"
#include "tests/contract/byte_stream_contract.h"
#include "tests/contract/web_socket_contract.h"
#include "tests/net/raw_client.h"

namespace dragoman {
namespace {

// An adopted TCP stream; the peer is a plain socket.
struct TcpHarness : RealTimeHarness<IoLoop> {
  ~TcpHarness() { acceptor.reset(); }

  std::unique_ptr<ByteStream> Make(std::size_t max_queued_bytes) {
    auto opened = TcpAcceptor::Open("127.0.0.1", 0, accept_loop, [this](ConnectedSocket socket) {
      accepted.set_value(std::make_unique<ConnectedSocket>(std::move(socket)));
    });
    if (!opened.ok()) return nullptr;
    acceptor = *std::move(opened);
    client = std::make_unique<RawClient>(acceptor->port());
    auto socket = accepted.get_future().get();
    return AdoptTcpStream(executor(), std::move(*socket), {.max_queued_bytes = max_queued_bytes});
  }
  void PeerSend(std::string_view bytes) { EXPECT_TRUE(client->Send(bytes)); }
  void PeerClose() { client->EndSending(); }
  std::string PeerReceived() {
    Read();
    return received;
  }
  bool PeerSawEnd() {
    Read();
    return ended;
  }
  void Read() {
    for (std::string piece; !ended && client->ReadSome(&piece);) {
      ended = piece.empty();
      received += piece;
    }
  }

  SystemClock clock;
  IoLoop accept_loop{clock};
  std::promise<std::unique_ptr<ConnectedSocket>> accepted;
  std::unique_ptr<TcpAcceptor> acceptor;
  std::unique_ptr<RawClient> client;
  std::string received;
  bool ended = false;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Tcp, ByteStreamContract, TcpHarness);

// The connector against the project's own server, on a loop of its own.
struct NetHarness : RealTimeHarness<IoLoop> {
  NetHarness() {
    HttpRoutes routes;
    routes.upgrades["/media"] = [this](const ServerRequest&) {
      HttpUpgrade upgrade;
      upgrade.loop = &peer_loop;
      upgrade.on_open = [this](std::unique_ptr<AcceptedWebSocket> socket) {
        socket->Start({.on_message =
                           [this](std::string_view message, bool binary) {
                             received.emplace_back(std::string(message), binary);
                           },
                       .on_closed =
                           [this](absl::Status, std::uint16_t code, std::string_view) {
                             ended = true;
                             close_code = code == 1006 ? 0 : code;
                           }});
        peer = std::move(socket);
        accepted.set_value();
      };
      return upgrade;
    };
    auto listening = HttpServer::Listen({}, std::move(routes), control_loop, NullLog());
    if (listening.ok()) server = *std::move(listening);
  }
  ~NetHarness() {
    server.reset();
    RunAndWait(peer_loop, [this] { peer.reset(); });
  }

  WebSocketConnector& connector() { return *sockets; }
  std::string url() { return StrCat("ws://127.0.0.1:", server->port(), "/media"); }
  void OnPeer(Task work) {
    opened.wait();
    RunAndWait(peer_loop, std::move(work));
  }
  void PeerSendText(std::string_view text) {
    OnPeer([&] { EXPECT_THAT(peer->SendText(text), IsOk()); });
  }
  void PeerSendBinary(std::string_view bytes) {
    OnPeer([&] { EXPECT_THAT(peer->SendBinary(bytes), IsOk()); });
  }
  void PeerClose(int code, std::string_view reason) {
    OnPeer([&] { peer->Close(static_cast<std::uint16_t>(code), reason); });
  }
  void PeerDrop() {
    OnPeer([&] { peer.reset(); });
  }
  // Also while no connection was ever accepted.
  template <typename T>
  T Of(const T& value) {
    T copy;
    RunAndWait(peer_loop, [&] { copy = value; });
    return copy;
  }
  std::vector<std::pair<std::string, bool>> PeerReceived() { return Of(received); }
  int PeerCloseCode() { return Of(close_code); }
  bool PeerSawEnd() { return Of(ended); }

  SystemClock clock;
  IoLoop control_loop{clock};
  IoLoop peer_loop{clock};
  std::unique_ptr<WebSocketConnector> sockets = MakeWebSocketConnector();
  std::promise<void> accepted;
  std::shared_future<void> opened = accepted.get_future().share();
  std::unique_ptr<AcceptedWebSocket> peer;
  std::vector<std::pair<std::string, bool>> received;
  int close_code = 0;
  bool ended = false;
  std::unique_ptr<HttpServer> server;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Net, WebSocketContract, NetHarness);

}  // namespace
}  // namespace dragoman
