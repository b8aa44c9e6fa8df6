#include <memory>
#include <string>
#include <string_view>

#include "dragoman/providers/loopback/pipes.h"
#include "tests/contract/byte_stream_contract.h"

namespace dragoman {
namespace {

struct PipeHarness : ManualHarness {
  std::unique_ptr<ByteStream> Make(std::size_t max_queued_bytes) {
    PipeOptions options;
    options.a_to_b.max_queued_bytes = max_queued_bytes;
    ByteStreamPipe pipe = MakeByteStreamPipe(executor(), options);
    peer = std::move(pipe.b);
    peer->Start({.on_bytes = [this](std::string_view bytes) { received += bytes; },
                 .on_closed = [this](absl::Status) { ended = true; }});
    return std::move(pipe.a);
  }
  void PeerSend(std::string_view bytes) { EXPECT_THAT(peer->Write(bytes), IsOk()); }
  void PeerClose() { peer->Close(); }
  std::string PeerReceived() { return received; }
  bool PeerSawEnd() { return ended; }

  std::unique_ptr<ByteStream> peer;
  std::string received;
  bool ended = false;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Pipe, ByteStreamContract, PipeHarness);

}  // namespace
}  // namespace dragoman
