// Any bytes as a file of master keys, a witness file, a sealed value, a list of rows, an export,
// and as records of the governor's ledgers; the first byte says which.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dragoman/memory/master_keys.h"
#include "src/memory/locked_bytes.h"
#include "src/memory/vault_codec.h"
#include "src/memory/vault_rules.h"
#include "src/memory/witness.h"

namespace {

using dragoman::memory::LockedBytes;

// What can be read can be written, and reads the same.
void ReadValue(std::string_view text) {
  auto bytes = LockedBytes::CopyOf(text);
  if (!bytes.ok()) return;
  const auto opened = dragoman::memory::DecodeValue(*std::move(bytes));
  if (!opened.ok()) return;
  const auto again =
      dragoman::memory::EncodeValue({.record = "r",
                                     .field = "f",
                                     .kind = opened->kind,
                                     .confidentiality = opened->confidentiality,
                                     .value = dragoman::Secret(std::string(opened->value)),
                                     .sinks = opened->sinks},
                                    opened->created);
  if (!again.ok()) std::abort();
  auto copy = LockedBytes::CopyOf(again->view());
  const auto twice = dragoman::memory::DecodeValue(*std::move(copy));
  if (!twice.ok() || twice->value != opened->value || twice->sinks != opened->sinks) std::abort();
}

void ReadRows(std::string_view text) {
  const auto rows = dragoman::memory::DecodeRows(text);
  if (!rows.ok()) return;
  const auto again = dragoman::memory::DecodeRows(dragoman::memory::EncodeRows(*rows));
  if (!again.ok() || again->rows != rows->rows) std::abort();
}

void ReadNames(std::string_view text) {
  const auto name = dragoman::memory::SplitHandle(text);
  if (name &&
      dragoman::memory::SplitHandle(dragoman::MakeVaultHandle(name->first, name->second)) != name) {
    std::abort();
  }
  const dragoman::VaultValue value{
      .record = "r", .field = "f", .value = dragoman::Secret(std::string(text))};
  (void)value.Validate();
  (void)dragoman::memory::CheckSink({.sink = std::string(text), .purpose = "p"});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      (void)dragoman::MasterKeys::Parse(text);
      break;
    case 1: {
      static const LockedBytes* const key =
          new LockedBytes(*LockedBytes::CopyOf("0123456789abcdef0123456789abcdef"));
      dragoman::memory::WitnessFile witness("", *key);
      const auto whole = witness.ReadLines(text);
      if (whole.ok() && *whole > text.size()) std::abort();
      break;
    }
    case 2:
      ReadValue(text);
      break;
    case 3:
      ReadRows(text);
      break;
    case 4:
      (void)dragoman::memory::SplitExport(text);
      (void)dragoman::memory::DecodeExport(text);
      break;
    default:
      ReadNames(text);
  }
  return 0;
}
