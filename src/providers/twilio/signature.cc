#include "dragoman/providers/twilio/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

std::string_view AsText(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// The URL as given, without its port, and with the port that its scheme implies.
std::array<std::string, 3> PortVariants(const std::string& url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return {url, url, url};
  const std::size_t host = scheme_end + 3;
  const std::size_t host_end = std::min(url.find_first_of("/?#", host), url.size());
  std::size_t colon = url.rfind(':', host_end);
  const std::size_t bracket = url.rfind(']', host_end);  // of an IPv6 address
  if (colon == std::string::npos || colon < host ||
      (bracket != std::string::npos && bracket > colon && bracket > host)) {
    colon = host_end;
  }
  const std::string_view scheme(url.data(), scheme_end);
  const bool secure = scheme == "https" || scheme == "wss";
  const std::string before = url.substr(0, colon);
  const std::string after = url.substr(host_end);
  return {url, before + after, before + (secure ? ":443" : ":80") + after};
}

std::string Sign(const Secret& token, std::string_view url,
                 const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::map<std::string_view, std::set<std::string_view>> sorted;
  for (const auto& [name, value] : parameters) sorted[name].insert(value);
  std::string text(url);
  for (const auto& [name, values] : sorted) {
    for (std::string_view value : values) {
      text += name;
      text += value;
    }
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  const std::string_view key = token.Reveal();
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return EncodeBase64(AsText(digest.data(), size));
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The value of bodySHA256 in the query, if any.
std::string_view BodyDigest(std::string_view url) {
  constexpr std::string_view kName = "bodySHA256=";
  const std::size_t query = url.find('?');
  for (std::size_t at = query; at != std::string_view::npos; at = url.find('&', at)) {
    ++at;
    if (url.substr(at, kName.size()) != kName) continue;
    std::string_view value = url.substr(at + kName.size());
    return value.substr(0, value.find_first_of("&#"));
  }
  return {};
}

std::string HexSha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : digest) {
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

}  // namespace

std::string TwilioSignature(const Secret& auth_token, const TwilioSignedRequest& request) {
  return Sign(auth_token, request.url, request.parameters);
}

absl::Status VerifyTwilioSignature(const Secret& auth_token, const TwilioSignedRequest& request,
                                   std::string_view signature) {
  if (auth_token.empty()) {
    return FailedPrecondition("twilio: no auth token is set; signatures cannot be checked");
  }
  bool matches = false;
  for (const std::string& url : PortVariants(request.url)) {
    // Every variant is computed, so that the time does not tell which one was right.
    matches |= EqualInConstantTime(Sign(auth_token, url, request.parameters), signature);
  }
  if (matches && request.body) {
    matches = EqualInConstantTime(HexSha256(*request.body), BodyDigest(request.url));
  }
  if (!matches) {
    return MakeStatus(absl::StatusCode::kUnauthenticated,
                      signature.empty() ? "twilio: the request has no X-Twilio-Signature"
                                        : "twilio: X-Twilio-Signature does not match the request");
  }
  return absl::OkStatus();
}

}  // namespace dragoman
