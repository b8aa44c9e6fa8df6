// A connected stream of bytes without a network: the test is the peer.
#ifndef DRAGOMAN_TESTING_FAKE_BYTE_STREAM_H_
#define DRAGOMAN_TESTING_FAKE_BYTE_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/transport/byte_stream.h"

namespace dragoman {

// Only on the stream's executor; may outlive the stream. What it does arrives as a task, in order,
// and not before the stream's Start.
class DRAGOMAN_EXPORT FakeBytePeer {
 public:
  virtual ~FakeBytePeer() = default;
  virtual void Send(std::string_view bytes) = 0;  // arrives in one piece
  virtual void Close() = 0;                       // on_closed reports OK
  virtual void Drop(absl::Status status) = 0;     // on_closed reports it
  virtual void StopReading() = 0;                 // what the stream writes queues up
  virtual void ReadAgain() = 0;
  virtual const std::string& received() const = 0;  // all bytes read so far
  virtual std::string Take() = 0;                   // those since the last Take
  virtual bool closed_by_stream() const = 0;        // Close or destruction
};

struct DRAGOMAN_EXPORT FakeByteStreamEnds {
  std::unique_ptr<ByteStream> stream;
  std::shared_ptr<FakeBytePeer> peer;  // shared with the stream: either may go first
};

// `executor` must outlive both ends. `max_queued_bytes`: Write refuses beyond, while the peer does
// not read.
DRAGOMAN_EXPORT FakeByteStreamEnds MakeFakeByteStream(Executor& executor,
                                                      std::size_t max_queued_bytes = 1 << 20);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_BYTE_STREAM_H_
