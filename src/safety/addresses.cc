#include <algorithm>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/safety/destinations.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostMail = 254;  // RFC 5321
constexpr std::size_t kMostUrl = 2048;

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A name of two labels or more whose last is not a number: no address in digits, in any notation.
bool IsHostName(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  bool dot = false;
  std::string_view last;
  std::string_view rest = host;
  while (true) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    last = rest.substr(0, end);
    if (last.empty() || last.size() > 63 || last.front() == '-' || last.back() == '-') return false;
    for (char c : last) {
      if (!IsAlnum(c) && c != '-') return false;
    }
    if (end == rest.size()) break;
    dot = true;
    rest.remove_prefix(end + 1);
  }
  return dot && !(last.front() >= '0' && last.front() <= '9');
}

}  // namespace

absl::StatusOr<std::string> CanonicalMail(std::string_view text) {
  text = Trim(text);
  const auto refuse = [&] {
    return InvalidArgument("not one plain mail address; expected a form like anna@example.org");
  };
  const std::size_t at = text.find('@');
  if (text.size() > kMostMail || at == std::string_view::npos || at == 0 || at > 64)
    return refuse();
  const std::string_view local = text.substr(0, at);
  for (char c : local) {
    if (!IsAlnum(c) && std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) == std::string_view::npos)
      return refuse();
  }
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return refuse();
  const std::string host = ToLowerAscii(text.substr(at + 1));
  if (!IsHostName(host)) return refuse();
  return StrCat(local, "@", host);
}

absl::StatusOr<WebAddress> CanonicalUrl(std::string_view text) {
  text = Trim(text);
  const auto refuse = [&](std::string_view why) {
    return InvalidArgument("the URL ", why, "; expected a form like https://example.org/page");
  };
  if (text.size() > kMostUrl) return refuse("is longer than 2048 bytes");
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>')
      return refuse("holds a character that a URL does not");
  }
  const std::string lower = ToLowerAscii(text.substr(0, 8));
  const std::string_view scheme = lower.starts_with("https://")  ? "https://"
                                  : lower.starts_with("http://") ? "http://"
                                                                 : "";
  if (scheme.empty()) return refuse("is neither http nor https");
  std::string_view rest = text.substr(scheme.size());
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  if (authority.find('@') != std::string_view::npos) return refuse("names a user");
  if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    if (port != (scheme == "https://" ? "443" : "80")) return refuse("names a port");
    authority = authority.substr(0, colon);
  }
  std::string host = ToLowerAscii(authority);
  if (host.ends_with('.')) host.pop_back();
  if (!IsHostName(host)) return refuse("has no plain host name");
  const std::string_view path = rest.substr(0, rest.find('#'));  // a fragment is never sent
  return WebAddress{.host = host,
                    .url = StrCat(scheme, host, path.starts_with('/') ? "" : "/", path)};
}

std::string CanonicalName(std::string_view text) {
  std::string out;
  for (std::string_view word : SplitWords(text)) {
    if (!out.empty()) out += ' ';
    out += ToLowerAscii(word);
  }
  return out;
}

}  // namespace dragoman
