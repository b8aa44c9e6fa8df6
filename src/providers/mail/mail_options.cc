#include <algorithm>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/providers/mail/mail_sender.h"

namespace dragoman {
namespace {

bool IsHostOrAddress(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == ':';
  });
}

bool IsThisMachine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// What would end a header line or a command early.
bool IsOneLine(std::string_view text) {
  return IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

absl::Status CheckServer(std::string_view field, const MailServer& server) {
  if (!IsHostOrAddress(server.host)) {
    return InvalidArgument(field, ".host is no host name; expected a form like mail.example.org");
  }
  if (server.port < 0 || server.port > 65535) {
    return InvalidArgument(field, ".port is ", server.port, "; expected 0 to 65535");
  }
  if (server.user.empty()) {
    if (!server.password.empty() || !server.bearer_token.empty()) {
      return InvalidArgument(field, ".user is empty, but there is a password or a token");
    }
    return absl::OkStatus();
  }
  if (!IsOneLine(server.user)) return InvalidArgument(field, ".user is not one line of UTF-8");
  if (server.password.empty() == server.bearer_token.empty()) {
    return InvalidArgument(field, ".user needs either a password or a bearer_token");
  }
  for (const Secret* secret : {&server.password, &server.bearer_token}) {
    if (!IsOneLine(secret->Reveal())) {
      return InvalidArgument(field, ".password or .bearer_token is not one line of UTF-8");
    }
  }
  if (server.security == MailSecurity::kPlain && !IsThisMachine(server.host)) {
    return InvalidArgument(field,
                           " would send a login in the clear; expected implicit TLS, "
                           "STARTTLS, or this machine as host");
  }
  return absl::OkStatus();
}

template <typename Duration>
absl::Status CheckRange(std::string_view field, Duration value, Duration least, Duration most,
                        std::string_view unit) {
  if (value >= least && value <= most) return absl::OkStatus();
  return InvalidArgument(field, " is ", value.count(), " ", unit, "; expected ", least.count(),
                         " to ", most.count());
}

absl::Status CheckLookup(const MailLookup& lookup, std::chrono::milliseconds timeout) {
  DRAGOMAN_RETURN_IF_ERROR(CheckServer("lookup.imap", lookup.imap));
  if (lookup.imap.user.empty()) return InvalidArgument("lookup.imap.user is empty");
  const std::string& mailbox = lookup.mailbox;
  if (mailbox.empty() || mailbox.size() > 255 ||
      std::any_of(mailbox.begin(), mailbox.end(), [](char c) {
        return c < ' ' || c == 0x7f || c == '"' || c == '\\' || c == '*' || c == '%';
      })) {
    return InvalidArgument("lookup.mailbox is no mailbox name in ASCII");
  }
  if (!lookup.copy_to.empty()) {
    const absl::Status copy = CheckMailAddress(lookup.copy_to);
    if (!copy.ok()) return Annotate(copy, "lookup.copy_to");
  }
  // A mail that still goes out must not be proved absent meanwhile.
  const auto least = std::chrono::ceil<std::chrono::seconds>(2 * timeout);
  return CheckRange("lookup.settle", lookup.settle, least, std::chrono::seconds(600), "s");
}

}  // namespace

absl::Status MailOptions::Validate() const {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  DRAGOMAN_RETURN_IF_ERROR(CheckServer("smtp", smtp));
  const absl::Status from = CheckMailAddress(from_address);
  if (!from.ok()) return Annotate(from, "from_address");
  if (!IsOneLine(from_name) || from_name.size() > kMaxMailSubjectBytes) {
    return InvalidArgument("from_name is not one line of UTF-8 of at most ", kMaxMailSubjectBytes,
                           " bytes");
  }
  if (!ehlo_name.empty() && !IsHostOrAddress(ehlo_name)) {
    return InvalidArgument("ehlo_name is no host name");
  }
  for (const auto& [field, value] :
       {std::pair("connect_timeout", connect_timeout), std::pair("timeout", timeout)}) {
    DRAGOMAN_RETURN_IF_ERROR(
        CheckRange(field, value, milliseconds(100), milliseconds(300'000), "ms"));
  }
  for (const auto& [field, value] :
       {std::pair("retry_later", retry_later), std::pair("retry_unreachable", retry_unreachable)}) {
    DRAGOMAN_RETURN_IF_ERROR(CheckRange(field, value, seconds(0), seconds(86'400), "s"));
  }
  return lookup ? CheckLookup(*lookup, timeout) : absl::OkStatus();
}

ToolSpec SendEmailSpec(const MailOptions& options) {
  return {.name = "send_email",
          .description =
              "Sends one plain-text mail in the owner's name. Use it for what was agreed "
              "with the owner, once; it cannot be taken back.",
          .parameters = R"({
  "type": "object",
  "properties": {
    "to": {"description": "plain addresses, name@example.org", "anyOf": [
      {"type": "string", "minLength": 3, "maxLength": 254},
      {"type": "array", "minItems": 1, "maxItems": 20,
       "items": {"type": "string", "minLength": 3, "maxLength": 254}}]},
    "cc": {"description": "who else gets it, seen by all", "anyOf": [
      {"type": "string", "minLength": 3, "maxLength": 254},
      {"type": "array", "maxItems": 19,
       "items": {"type": "string", "minLength": 3, "maxLength": 254}}]},
    "subject": {"type": "string", "minLength": 1, "maxLength": 250},
    "body": {"type": "string", "minLength": 1, "maxLength": 32768},
    "in_reply_to": {"type": "string", "description": "Message-ID of the mail that is answered",
                    "minLength": 5, "maxLength": 250}
  },
  "required": ["to", "subject", "body"],
  "additionalProperties": false
})",
          .effect = options.lookup ? EffectClass::kQueryable : EffectClass::kBlind,
          .timeout = options.timeout + std::chrono::milliseconds(5'000),
          .risk = ToolRisk::kOutward,
          .roles = {{"to", ArgumentRole::kMail}, {"cc", ArgumentRole::kMail}},
          .proves = {"message"}};
}

}  // namespace dragoman
