// One mail given to an SMTP server, and what is certain about it afterwards.
#ifndef DRAGOMAN_SRC_PROVIDERS_MAIL_SMTP_DELIVERY_H_
#define DRAGOMAN_SRC_PROVIDERS_MAIL_SMTP_DELIVERY_H_

#include <string>
#include <vector>

#include "dragoman/providers/mail/mail_sender.h"
#include "dragoman/tools/pooled_tool.h"

namespace dragoman {

struct SmtpEnvelope {
  std::string from;
  std::vector<std::string> recipients;
  std::string bytes;  // ends in CRLF
};

enum class SmtpEnd {
  kTaken,        // 2xx after the final dot
  kMayBeTaken,   // the last bytes went out, no reply came
  kUnreachable,  // no connection, or it was lost before the last bytes
  kNoTls,        // the certificate or the upgrade
  kNoLogin,      // refused
  kRefusedNow,   // 4xx
  kRefused,      // 5xx
  kCancelled,    // before the last bytes
};
struct SmtpOutcome {
  SmtpEnd end = SmtpEnd::kMayBeTaken;
  std::string words;  // of the server, or of libcurl
};

// Blocks. Thread-safe. `cancel` may be null.
SmtpOutcome Deliver(const MailOptions& options, const SmtpEnvelope& envelope,
                    const CancelFlag* cancel);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_PROVIDERS_MAIL_SMTP_DELIVERY_H_
