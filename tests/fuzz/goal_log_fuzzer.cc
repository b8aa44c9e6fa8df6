// Reads any bytes as the file of a goal; what decodes must survive another round, and replay must
// bear whatever its rows say.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dragoman/store/event_log.h"
#include "dragoman/tasks/goal_log.h"

namespace {

// Records around the bytes, so that not every input dies at a checksum: each begins with its
// length in two bytes.
std::string Framed(const std::uint8_t* data, std::size_t size) {
  dragoman::MemoryEventLogStore store;
  auto log = store.Create("goal");
  if (!log.ok()) std::abort();
  while (size >= 2) {
    const std::size_t length = std::min<std::size_t>(size - 2, data[0] | data[1] << 8);
    (*log)->Append(std::string_view(reinterpret_cast<const char*>(data + 2), length)).IgnoreError();
    data += 2 + length;
    size -= 2 + length;
  }
  (*log)->Close().IgnoreError();
  return store.Bytes("goal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string plain(reinterpret_cast<const char*>(data), size);
  for (const std::string& bytes : {plain, Framed(data, size)}) {
    dragoman::IsGoalLog(bytes);
    const auto log = dragoman::DecodeGoalLog(bytes);
    if (!log.ok()) continue;
    const auto again = dragoman::EncodeGoalLog(*log);
    if (!again.ok() || *dragoman::DecodeGoalLog(*again) != *log) std::abort();
    dragoman::ReplayGoalLog(*log).IgnoreError();
    dragoman::DecodeSteps(*log).IgnoreError();
  }
  return 0;
}
