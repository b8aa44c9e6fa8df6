#include "dragoman/transport/http_transport.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// RFC 9110 section 5.6.2.
bool IsToken(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

absl::Status CheckUrl(std::string_view url) {
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else {
    return InvalidArgument("url does not begin with http:// or https://");
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty() || authority.front() == ':') {
    return InvalidArgument("url names no host; expected http://host/path");
  }
  if (authority.find('@') != std::string_view::npos) {
    return InvalidArgument("url holds user info; expected credentials in a header");
  }
  if (HasControl(url) || url.find(' ') != std::string_view::npos) {
    return InvalidArgument("url holds a blank or control character; expected it percent-encoded");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HttpRequest::Validate() const {
  if (!IsToken(method)) return InvalidArgument("method is not a token; expected GET, POST, ...");
  DRAGOMAN_RETURN_IF_ERROR(CheckUrl(url));
  for (const auto& [name, value] : headers) {
    if (!IsToken(name)) return InvalidArgument("headers: a name is not a token");
    if (HasControl(value)) {
      return InvalidArgument("headers: the value of ", name, " holds a control character");
    }
  }
  if (connect_timeout.count() <= 0) return InvalidArgument("connect_timeout is not positive");
  if (idle_timeout.count() <= 0) return InvalidArgument("idle_timeout is not positive");
  if (total_timeout.count() <= 0) return InvalidArgument("total_timeout is not positive");
  return absl::OkStatus();
}

std::string_view HttpResponseHead::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace dragoman
