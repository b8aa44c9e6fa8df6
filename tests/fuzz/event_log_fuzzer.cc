// Reads any bytes as a call's log; what decodes must survive another round.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dragoman/agent/call_log.h"
#include "dragoman/store/event_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  // The checksums keep the fuzzer out of the records, so it gets at them directly too.
  if (auto record = dragoman::DecodeRecord(bytes); record.ok()) {
    if (auto* step = std::get_if<dragoman::CallStep>(&*record)) {
      auto again =
          dragoman::DecodeRecord(dragoman::EncodeRecord(dragoman::CallLogReader::Record(*step)));
      if (!again.ok() || std::get<dragoman::CallStep>(*again) != *step) std::abort();
    }
  }
  auto file = dragoman::EventLogReader::FromBytes(bytes);
  if (!file.ok()) return 0;
  auto log = dragoman::CallLogReader::Create(*std::move(file));
  if (!log.ok()) return 0;
  while (log->Next().ok()) {
  }
  return 0;
}
