// WAV files from anywhere: parsed or refused, never read beyond their end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/audio/wav.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> file(data, size);
  const auto view = dragoman::ParseWav(file);
  const auto audio = dragoman::DecodeWav(file);
  if (view.ok() != audio.ok()) std::abort();
  if (!view.ok()) return 0;
  if (view->data.size() > size || view->data.size() % view->frame_bytes() != 0) std::abort();
  if (audio->frames() != view->frames()) std::abort();
  if (view->data.size() > 0 && (view->data.data() < data || view->data.data() >= data + size))
    std::abort();
  return 0;
}
