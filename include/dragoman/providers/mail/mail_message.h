// One mail that an agent writes: read from a model's arguments, checked, and put into bytes.
//
// Sources: RFC 5322 (message), 2045 to 2047 (MIME, encoded words), 3834 (automatic mail).
#ifndef DRAGOMAN_PROVIDERS_MAIL_MAIL_MESSAGE_H_
#define DRAGOMAN_PROVIDERS_MAIL_MAIL_MESSAGE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

inline constexpr std::size_t kMaxMailRecipients = 20;       // to and cc together
inline constexpr std::size_t kMaxMailSubjectBytes = 250;    // UTF-8
inline constexpr std::size_t kMaxMailBodyBytes = 32 << 10;  // UTF-8

struct DRAGOMAN_EXPORT MailMessage {
  std::vector<std::string> to;  // plain addresses; at least one
  std::vector<std::string> cc;
  std::string subject;      // UTF-8, one line
  std::string body;         // UTF-8 plain text; lines end in LF, CRLF or CR
  std::string in_reply_to;  // the Message-ID that is answered, with its brackets; empty: none

  // kInvalidArgument naming the field: no recipient, too many, or the same one twice; an address
  // that is not plain ASCII local@host; a control character (so no header can be smuggled in);
  // invalid UTF-8; too long.
  absl::Status Validate() const;
};

// The arguments of `send_email`, a JSON object: "to" and "cc" are an address or an array of them,
// "subject", "body", "in_reply_to" strings. The result is valid. kInvalidArgument naming the field.
DRAGOMAN_EXPORT absl::StatusOr<MailMessage> ReadSendEmailArguments(std::string_view arguments);

// One plain address as RFC 5321 takes it without quoting: dot-atom, "@", host name of at least two
// labels; ASCII, at most 64 and 254 bytes. Accepts less than the governor does and changes nothing,
// so what it bound is what is written to. kInvalidArgument.
DRAGOMAN_EXPORT absl::Status CheckMailAddress(std::string_view address);

// What makes a mail findable: the same for the same reference, unguessable from outside if that is.
// "d." and 32 hexadecimal digits of the reference's SHA-256.
DRAGOMAN_EXPORT std::string MailMark(std::string_view client_reference);

struct DRAGOMAN_EXPORT MailEnvelope {
  std::string from_address;  // passed CheckMailAddress
  std::string from_name;     // UTF-8, one line; may be empty
  std::string mark;          // MailMark()
  bool automatic = true;  // marks it as written by a machine (RFC 3834): no out-of-office answers
  WallTime date{};
};
// "<mark@domain of from>".
DRAGOMAN_EXPORT std::string MailMessageId(const MailEnvelope& envelope);

// The mail with header fields, lines ending in CRLF, none longer than 998 bytes, ASCII only
// (encoded words, quoted-printable or base64). Besides Message-ID it carries the mark in
// X-Dragoman-Agent, for servers that put a Message-ID of their own in the place of ours.
// kInvalidArgument: `message` or the envelope is not valid.
DRAGOMAN_EXPORT absl::StatusOr<std::string> ComposeMail(const MailMessage& message,
                                                        const MailEnvelope& envelope);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_MAIL_MAIL_MESSAGE_H_
