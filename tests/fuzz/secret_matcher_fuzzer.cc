// Any bytes as text: the matcher neither reads beyond nor reports places outside, and a value that
// stands in the text as it is, is found; nor does the search for every stretch of one value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dragoman/store/secret_matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* const kMatcher =
      dragoman::MakeSecretMatcher({{"pin", dragoman::Secret("4516")},
                                   {"password", dragoman::Secret("Hunter2-Zebra")},
                                   {"card", dragoman::Secret("4111111111111234")}})
          .release();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t from = size == 0 ? 0 : data[0] % size;
  for (const dragoman::SecretHit& hit : kMatcher->Find(text, from)) {
    if (hit.begin >= hit.end || hit.end > text.size() || hit.end <= from) std::abort();
  }
  // Parted from what stands around, spelled plainly: nothing before it may hide it.
  bool found = false;
  for (const dragoman::SecretHit& hit : kMatcher->Find(text + " 4516 ", text.size()))
    found = found || hit.handle == "pin";
  if (!found) std::abort();
  for (const char* handle : {"pin", "password", "card"}) {
    for (const dragoman::SecretHit& hit : kMatcher->FindAll(handle, text, from, size % 4)) {
      if (hit.handle != handle || hit.begin >= hit.end || hit.end > text.size() || hit.end <= from)
        std::abort();
    }
  }
  return 0;
}
