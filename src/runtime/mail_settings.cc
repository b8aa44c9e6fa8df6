#include "src/runtime/mail_settings.h"

#include <charconv>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

struct ServerUrl {
  MailServer server;
  std::string path;
};

// "smtps://host:port/path", with `scheme` "smtp" or "imap".
absl::StatusOr<ServerUrl> ReadUrl(std::string_view name, std::string_view scheme,
                                  std::string_view url) {
  ServerUrl read;
  const std::pair<std::string, MailSecurity> kinds[] = {
      {StrCat(scheme, "s://"), MailSecurity::kImplicitTls},
      {StrCat(scheme, "+starttls://"), MailSecurity::kStartTls},
      {StrCat(scheme, "://"), MailSecurity::kPlain}};
  bool known = false;
  for (const auto& [prefix, security] : kinds) {
    if (!url.starts_with(prefix)) continue;
    read.server.security = security;
    url.remove_prefix(prefix.size());
    known = true;
    break;
  }
  if (!known) {
    return InvalidArgument(name, " is \"", url, "\"; expected ", scheme, "s://, ", scheme,
                           "+starttls:// or ", scheme, "://");
  }
  if (const std::size_t slash = url.find('/'); slash != std::string_view::npos) {
    read.path = url.substr(slash + 1);
    url = url.substr(0, slash);
  }
  if (const std::size_t colon = url.rfind(':'); colon != std::string_view::npos) {
    const std::string_view digits = url.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), read.server.port);
    if (error != std::errc() || end != digits.data() + digits.size() || read.server.port < 1 ||
        read.server.port > 65535) {
      return InvalidArgument(name, " has port \"", digits, "\"; expected 1 to 65535");
    }
    url = url.substr(0, colon);
  }
  if (url.empty()) return InvalidArgument(name, " names no host");
  read.server.host = url;
  return read;
}

}  // namespace

absl::StatusOr<MailOptions> ReadMailSettings(const OperatorMailOptions& settings) {
  MailOptions options;
  DRAGOMAN_ASSIGN_OR_RETURN(ServerUrl smtp, ReadUrl("smtp", "smtp", settings.smtp_url));
  options.smtp = std::move(smtp.server);
  options.smtp.user = settings.user;
  options.smtp.password = settings.password;
  options.from_address = settings.from;
  if (!settings.imap_url.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(ServerUrl imap, ReadUrl("imap", "imap", settings.imap_url));
    MailLookup lookup{.imap = std::move(imap.server)};
    lookup.imap.user = settings.user;
    lookup.imap.password = settings.password;
    if (!imap.path.empty()) lookup.mailbox = imap.path;
    lookup.copy_to = settings.copy_to;
    options.lookup = std::move(lookup);
  }
  DRAGOMAN_RETURN_IF_ERROR(Annotate(options.Validate(), "mail"));
  return options;
}

}  // namespace dragoman
