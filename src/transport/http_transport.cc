#include "dragoman/transport/http_transport.h"

namespace dragoman {

std::string_view HttpResponseHead::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace dragoman
