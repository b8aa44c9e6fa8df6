// X-Twilio-Signature: proof that a webhook or a WebSocket upgrade comes from Twilio.
//
// Source: Twilio documentation "Security - Validating requests", twilio-python
// request_validator.py and its test vectors (2026-08).
#ifndef DRAGOMAN_PROVIDERS_TWILIO_SIGNATURE_H_
#define DRAGOMAN_PROVIDERS_TWILIO_SIGNATURE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/export.h"
#include "dragoman/core/secret.h"

namespace dragoman {

struct DRAGOMAN_EXPORT TwilioSignedRequest {
  // As Twilio requested it: public scheme and host (configured, never from a header), path and
  // query with their percent-encoding. An upgrade's scheme is wss.
  std::string url;
  // Of a form post: names and values decoded, repetitions included. Empty for GET and upgrades.
  std::vector<std::pair<std::string, std::string>> parameters;
  // Of a post that is not a form: the raw body, whose digest the URL's bodySHA256 carries.
  std::optional<std::string> body;
};

// base64(HMAC-SHA1(token, url + parameters)).
DRAGOMAN_EXPORT std::string TwilioSignature(const Secret& auth_token,
                                            const TwilioSignedRequest& request);

// Compares in constant time, with the URL's port as given, left out, and as the scheme's default.
// kUnauthenticated: missing or wrong signature. kFailedPrecondition: there is no token to check
// with.
DRAGOMAN_EXPORT absl::Status VerifyTwilioSignature(const Secret& auth_token,
                                                   const TwilioSignedRequest& request,
                                                   std::string_view signature);

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_TWILIO_SIGNATURE_H_
