#include "src/providers/mail/smtp_reply.h"

#include <utility>

namespace dragoman {

std::optional<SmtpReply> SmtpReplyReader::Take(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
  if (line.size() < 3 || !digit(0) || !digit(1) || !digit(2) || line[0] < '2' || line[0] > '5' ||
      (line.size() > 3 && line[3] != ' ' && line[3] != '-')) {
    reply_ = {};
    return std::nullopt;
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (reply_.code != code) reply_ = {.code = code};
  if (line.size() > 4) {
    if (!reply_.text.empty() && reply_.text.size() < SmtpReply::kMostText) reply_.text += ' ';
    for (char c : line.substr(4)) {
      if (reply_.text.size() >= SmtpReply::kMostText) break;
      reply_.text += c >= ' ' && static_cast<unsigned char>(c) < 0x7f ? c : '?';
    }
  }
  if (line.size() > 3 && line[3] == '-') return std::nullopt;
  return std::exchange(reply_, {});
}

}  // namespace dragoman
