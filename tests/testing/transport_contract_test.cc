// The fakes of connections keep the contracts that real sockets keep (tests/net/contract_test.cc).
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_byte_stream.h"
#include "dragoman/testing/fake_web_socket.h"
#include "tests/contract/byte_stream_contract.h"
#include "tests/contract/web_socket_contract.h"

namespace dragoman {
namespace {

struct FakeByteStreamHarness : ManualHarness {
  std::unique_ptr<ByteStream> Make(std::size_t max_queued_bytes) {
    FakeByteStreamEnds ends = MakeFakeByteStream(executor(), max_queued_bytes);
    peer = ends.peer;
    return std::move(ends.stream);
  }
  void PeerSend(std::string_view bytes) { peer->Send(bytes); }
  void PeerClose() { peer->Close(); }
  std::string PeerReceived() { return peer->received(); }
  bool PeerSawEnd() { return peer->closed_by_stream(); }
  std::shared_ptr<FakeBytePeer> peer;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, ByteStreamContract, FakeByteStreamHarness);

struct FakeWebSocketHarness : ManualHarness {
  WebSocketConnector& connector() { return connector_; }
  std::string url() { return "ws://fake/media"; }
  FakeWebSocketPeer& peer() { return connector_.peer(); }
  void PeerSendText(std::string_view text) { peer().SendText(text); }
  void PeerSendBinary(std::string_view bytes) { peer().SendBinary(bytes); }
  void PeerClose(int code, std::string_view reason) {
    peer().Close(static_cast<std::uint16_t>(code), reason);
  }
  void PeerDrop() { peer().Drop(Unavailable("dropped")); }
  std::vector<std::pair<std::string, bool>> PeerReceived() {
    std::vector<std::pair<std::string, bool>> all;
    for (const auto& message : peer().received()) all.emplace_back(message.bytes, message.binary);
    return all;
  }
  int PeerCloseCode() { return peer().close_code().value_or(0); }
  bool PeerSawEnd() { return peer().destroyed() || !peer().open(); }
  FakeWebSocketConnector connector_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, WebSocketContract, FakeWebSocketHarness);

}  // namespace
}  // namespace dragoman
