// A connected stream of bytes (TCP, or a pipe in memory) as a dependency.
#ifndef DRAGOMAN_TRANSPORT_BYTE_STREAM_H_
#define DRAGOMAN_TRANSPORT_BYTE_STREAM_H_

#include <cstddef>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Only on its executor. Destruction closes without a callback.
class DRAGOMAN_EXPORT ByteStream {
 public:
  struct Callbacks {                                      // on the stream's executor, one at a time
    absl::AnyInvocable<void(std::string_view)> on_bytes;  // valid during the call
    absl::AnyInvocable<void(absl::Status)> on_closed;     // last, exactly once; OK: the peer closed
  };
  virtual ~ByteStream() = default;
  virtual void Start(Callbacks callbacks) = 0;  // once; nothing arrives before
  // Copies the bytes. kResourceExhausted: the bounded queue is full and nothing was taken.
  virtual absl::Status Write(std::string_view bytes) = 0;
  virtual void Close() = 0;  // sends what is queued first; idempotent
};

}  // namespace dragoman

#endif  // DRAGOMAN_TRANSPORT_BYTE_STREAM_H_
