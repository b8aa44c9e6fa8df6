// The replies of an SMTP server, line by line.
#ifndef DRAGOMAN_SRC_PROVIDERS_MAIL_SMTP_REPLY_H_
#define DRAGOMAN_SRC_PROVIDERS_MAIL_SMTP_REPLY_H_

#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

struct SmtpReply {
  int code = 0;      // 200 to 599
  std::string text;  // printable ASCII, at most kMostText bytes; lines joined by blanks
  static constexpr std::size_t kMostText = 300;
};

// RFC 5321 section 4.2: "250-first", "250 last". What is no reply line begins anew.
class SmtpReplyReader {
 public:
  // One line, with or without its end. A reply where it was the last line.
  std::optional<SmtpReply> Take(std::string_view line);

 private:
  SmtpReply reply_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_PROVIDERS_MAIL_SMTP_REPLY_H_
