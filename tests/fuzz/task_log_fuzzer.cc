// Reads any bytes as a row of a goal's log; what decodes must survive another round, and the
// machine must bear any event that decodes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "dragoman/tasks/task_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto header = dragoman::DecodeTaskHeader(bytes); header.ok()) {
    const auto again = dragoman::DecodeTaskHeader(dragoman::EncodeTaskHeader(*header));
    if (!again.ok() || *again != *header) std::abort();
  }
  const auto step = dragoman::DecodeTaskStep(bytes);
  if (!step.ok()) return 0;
  const auto again = dragoman::DecodeTaskStep(dragoman::EncodeTaskStep(*step));
  if (!again.ok() || *again != *step) std::abort();
  dragoman::TaskMachine machine;
  std::vector<dragoman::TaskCommand> commands;
  machine.Step({.kind = dragoman::TaskEventKind::kStart, .at_us = 1}, &commands).IgnoreError();
  machine.Step(step->event, &commands).IgnoreError();
  return 0;
}
