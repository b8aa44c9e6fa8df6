// What a mail server may answer: SMTP replies line by line, and the lines of an IMAP search.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/providers/mail/imap_search.h"
#include "src/providers/mail/smtp_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dragoman::SmtpReplyReader reader;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const auto reply = reader.Take(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!reply) continue;
    if (reply->code < 200 || reply->code > 599) __builtin_trap();
    if (reply->text.size() > dragoman::SmtpReply::kMostText) __builtin_trap();
    for (char c : reply->text) {
      if (c < ' ' || c > '~') __builtin_trap();
    }
  }
  const auto hits = dragoman::CountImapHits(text);
  if (hits && *hits < 0) __builtin_trap();
  return 0;
}
