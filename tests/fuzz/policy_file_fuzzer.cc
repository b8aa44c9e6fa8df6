// Any bytes as a policy file, as calling rules, and as a destination.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/safety/destinations.h"
#include "dragoman/safety/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)dragoman::ParsePolicy(text, "f", dragoman::DefaultCallingRulesText(), "r");
  (void)dragoman::ParsePolicy("format = 1\nname = \"x\"\n", "f", text, "r");
  const dragoman::PhoneNumber number = dragoman::ClassifyNumber(text.substr(0, 80), "US");
  if (dragoman::MayBeDialled(number.kind) && number.e164.size() < 8) std::abort();
  // A canonical form is its own canonical form.
  if (const auto mail = dragoman::CanonicalMail(text); mail.ok()) {
    if (dragoman::CanonicalMail(*mail).value_or("") != *mail) std::abort();
  }
  if (const auto url = dragoman::CanonicalUrl(text); url.ok()) {
    const auto again = dragoman::CanonicalUrl(url->url);
    if (!again.ok() || again->url != url->url || again->host != url->host) std::abort();
  }
  return 0;
}
