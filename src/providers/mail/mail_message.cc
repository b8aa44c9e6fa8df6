#include "dragoman/providers/mail/mail_message.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 5322 section 3.2.3.
bool IsAtomText(char c) {
  return IsAlnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool IsDotAtom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || IsAtomText(c); });
}

// Two labels or more, the last no number: a name, not an address in digits.
bool IsHostName(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  int labels = 0;
  std::string_view last;
  for (std::string_view rest = host;; rest.remove_prefix(last.size() + 1)) {
    last = rest.substr(0, rest.find('.'));
    ++labels;
    if (last.empty() || last.size() > 63 || last.front() == '-' || last.back() == '-') return false;
    if (!std::all_of(last.begin(), last.end(), [](char c) { return c == '-' || IsAlnum(c); }))
      return false;
    if (last.size() == rest.size()) break;
  }
  return labels >= 2 && !(last.front() >= '0' && last.front() <= '9');
}

// The first control character: C0 and DEL, C1 (two bytes in UTF-8), the line and paragraph
// separators, which some readers break a line at. npos: there is none.
std::size_t FindControl(std::string_view text, std::string_view allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 || byte == 0x7f) && allowed.find(text[i]) == std::string_view::npos) return i;
    if (!allowed.empty()) continue;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0)
      return i;
    if (text.substr(i, 3) == "\u2028" || text.substr(i, 3) == "\u2029") return i;
  }
  return std::string_view::npos;
}

absl::Status CheckText(std::string_view field, std::string_view text, std::size_t most,
                       std::string_view allowed) {
  if (text.size() > most) {
    return InvalidArgument(field, " has ", text.size(), " bytes; expected at most ", most);
  }
  if (!IsValidUtf8(text)) return InvalidArgument(field, " is not valid UTF-8");
  const std::size_t at = FindControl(text, allowed);
  if (at != std::string_view::npos) {
    return InvalidArgument(field, " has a control character at byte ", at, "; expected ",
                           allowed.empty() ? "one line of text" : "plain text");
  }
  return absl::OkStatus();
}

// "<left@right>" of printable ASCII without blanks or further brackets: what is sent back in a
// header field as it came.
bool IsMessageId(std::string_view id) {
  if (id.size() < 5 || id.size() > 250 || id.front() != '<' || id.back() != '>') return false;
  const std::string_view inner = id.substr(1, id.size() - 2);
  const std::size_t at = inner.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == inner.size()) return false;
  return std::all_of(inner.begin(), inner.end(), [](char c) {
    return c > ' ' && static_cast<unsigned char>(c) < 0x7f && c != '<' && c != '>';
  });
}

absl::StatusOr<std::string> OneText(std::string_view field, std::string_view canonical) {
  absl::StatusOr<std::vector<std::string>> texts = TextsOf(canonical);
  if (!texts.ok() || canonical.empty() || canonical.front() != '"' || texts->size() != 1) {
    return InvalidArgument(field, " is not a string");
  }
  return std::move(texts->front());
}

absl::StatusOr<std::vector<std::string>> Addresses(std::string_view field,
                                                   std::string_view canonical) {
  absl::StatusOr<std::vector<std::string>> texts = TextsOf(canonical);
  if (!texts.ok() || canonical.empty() || (canonical.front() != '"' && canonical.front() != '[')) {
    return InvalidArgument(field, " is neither an address nor an array of addresses");
  }
  return texts;
}

}  // namespace

absl::Status CheckMailAddress(std::string_view address) {
  const std::size_t at = address.find('@');
  if (address.size() > 254 || at == std::string_view::npos || at > 64 ||
      !IsDotAtom(address.substr(0, at)) || !IsHostName(address.substr(at + 1))) {
    return InvalidArgument(
        "not one plain ASCII mail address; expected a form like anna@example.org");
  }
  return absl::OkStatus();
}

absl::Status MailMessage::Validate() const {
  if (to.empty()) return InvalidArgument("to is empty; expected at least one address");
  if (to.size() + cc.size() > kMaxMailRecipients) {
    return InvalidArgument("to and cc have ", to.size() + cc.size(),
                           " addresses; expected at most ", kMaxMailRecipients);
  }
  std::set<std::string> seen;
  for (const auto& [field, list] : {std::pair("to", &to), std::pair("cc", &cc)}) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      const absl::Status status = CheckMailAddress((*list)[i]);
      if (!status.ok()) return Annotate(status, StrCat(field, "[", i, "]"));
      if (!seen.insert(ToLowerAscii((*list)[i])).second) {
        return InvalidArgument(field, "[", i, "] is there twice");
      }
    }
  }
  DRAGOMAN_RETURN_IF_ERROR(CheckText("subject", subject, kMaxMailSubjectBytes, ""));
  if (Trim(subject).empty()) return InvalidArgument("subject is empty");
  // A reader would show other words than those that were agreed to.
  if (subject.find("=?") != std::string::npos) {
    return InvalidArgument("subject has \"=?\", which begins an encoded word; expected plain text");
  }
  DRAGOMAN_RETURN_IF_ERROR(CheckText("body", body, kMaxMailBodyBytes, "\t\r\n"));
  if (Trim(body).empty()) return InvalidArgument("body is empty");
  if (!in_reply_to.empty() && !IsMessageId(in_reply_to)) {
    return InvalidArgument("in_reply_to is no Message-ID; expected a form like <id@example.org>");
  }
  return absl::OkStatus();
}

absl::StatusOr<MailMessage> ReadSendEmailArguments(std::string_view arguments) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto members, CanonicalMembers(arguments));
  MailMessage message;
  for (const auto& [name, value] : members) {
    if (name == "to") {
      DRAGOMAN_ASSIGN_OR_RETURN(message.to, Addresses(name, value));
    } else if (name == "cc") {
      DRAGOMAN_ASSIGN_OR_RETURN(message.cc, Addresses(name, value));
    } else if (name == "subject") {
      DRAGOMAN_ASSIGN_OR_RETURN(message.subject, OneText(name, value));
    } else if (name == "body") {
      DRAGOMAN_ASSIGN_OR_RETURN(message.body, OneText(name, value));
    } else if (name == "in_reply_to") {
      DRAGOMAN_ASSIGN_OR_RETURN(message.in_reply_to, OneText(name, value));
    } else {
      return InvalidArgument("send_email has no argument \"", name.substr(0, 40),
                             "\"; expected to, cc, subject, body, in_reply_to");
    }
  }
  DRAGOMAN_RETURN_IF_ERROR(message.Validate());
  return message;
}

std::string MailMark(std::string_view client_reference) {
  return StrCat("d.", Sha256Hex(StrCat("mail ", client_reference)).substr(0, 32));
}

std::string MailMessageId(const MailEnvelope& envelope) {
  const std::string& from = envelope.from_address;
  return StrCat("<", envelope.mark, "@", ToLowerAscii(from.substr(from.find('@') + 1)), ">");
}

}  // namespace dragoman
