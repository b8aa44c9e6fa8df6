// What a model in an attacker's hands may write into a mail: as arguments, and, so that more comes
// through, as the fields themselves (one a line, the rest is the body).
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "dragoman/core/text.h"
#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/safety/destinations.h"

namespace {

// No field but ours, each once: nothing was smuggled in.
void CheckHeader(std::string_view bytes) {
  static const std::set<std::string> known = {"date",
                                              "from",
                                              "subject",
                                              "to",
                                              "cc",
                                              "message-id",
                                              "in-reply-to",
                                              "references",
                                              "auto-submitted",
                                              "mime-version",
                                              "x-auto-response-suppress",
                                              "x-dragoman-agent",
                                              "content-type",
                                              "content-transfer-encoding"};
  std::set<std::string> seen;
  const std::string_view header = bytes.substr(0, bytes.find("\r\n\r\n") + 2);
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = header.find("\r\n", at);
    const std::string_view line = header.substr(at, end - at);
    at = end + 2;
    if (line.empty() || line.size() > 998) __builtin_trap();
    if (line.front() == ' ' || line.front() == '\t') continue;
    const std::string name = dragoman::ToLowerAscii(line.substr(0, line.find(':')));
    if (!known.contains(name) || !seen.insert(name).second) __builtin_trap();
  }
}

void Compose(const dragoman::MailMessage& message) {
  const auto bytes = dragoman::ComposeMail(message, {.from_address = "agent@example.org",
                                                     .from_name = "Praxis Müller",
                                                     .mark = dragoman::MailMark("fuzz")});
  if (bytes.ok() != message.Validate().ok()) __builtin_trap();
  if (bytes.ok()) CheckHeader(*bytes);
  for (const std::string& to : message.to) {
    if (!dragoman::CheckMailAddress(to).ok()) continue;
    if (!dragoman::CanonicalMail(to).ok()) __builtin_trap();  // the governor would not bind it
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto read = dragoman::ReadSendEmailArguments(text);
  if (read.ok()) Compose(*read);
  dragoman::MailMessage message;
  std::string rest = text;
  std::string lines[3];
  for (std::string& line : lines) {
    const std::size_t end = rest.find('\n');
    line = rest.substr(0, end);
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  message.to = {lines[0]};
  message.subject = lines[1];
  message.in_reply_to = lines[2];
  message.body = rest;
  Compose(message);
  return 0;
}
