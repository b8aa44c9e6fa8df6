// Whom an effect reaches, in one spelling: numbers in E.164, addresses, hosts.
#ifndef DRAGOMAN_SAFETY_DESTINATIONS_H_
#define DRAGOMAN_SAFETY_DESTINATIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class NumberKind {
  kOrdinary,     // fixed, mobile, internet telephony
  kTollFree,     // free for us
  kPremium,      // never dialled, as all below
  kSharedCost,   // shared cost, personal numbers, pagers: the far side earns
  kSatellite,    // +87x, +88x, +979 and other numbers of no country
  kEmergency,    // anywhere in the world
  kShortCode,    // a few digits
  kServiceCode,  // with * or #
  kUnknownType,  // valid, but what it costs is not known
  kInvalid,
};
DRAGOMAN_EXPORT std::string_view Name(NumberKind kind);  // "premium"
DRAGOMAN_EXPORT bool MayBeDialled(NumberKind kind);

struct DRAGOMAN_EXPORT PhoneNumber {
  NumberKind kind = NumberKind::kInvalid;
  std::string e164;                 // empty unless valid: "+12015550123"
  std::string country;              // ISO 3166-1 alpha-2; empty where there is none
  std::vector<std::string> places;  // for the rules, narrowest known: "US-NJ", else the country
  std::vector<std::string> zones;   // IANA; every one that the number may be in
};
// `text` as a person or a model wrote it: digits, +, blanks, ( ) - . /; anything else is invalid,
// so that what is read aloud or shown is what is dialled. Without + it is read as dialled in
// `home_country`. Numbering plans are libphonenumber's. Thread-safe.
DRAGOMAN_EXPORT PhoneNumber ClassifyNumber(std::string_view text, std::string_view home_country);

// "Anna@EXAMPLE.org" -> "Anna@example.org". kInvalidArgument: not one plain address in ASCII
// (no display name, no quoted part, no list).
DRAGOMAN_EXPORT absl::StatusOr<std::string> CanonicalMail(std::string_view text);

struct DRAGOMAN_EXPORT WebAddress {
  std::string host;  // lower case, without a final dot
  std::string url;   // as it would be fetched
};
// kInvalidArgument: not http or https, a user in it, another port than 80 or 443, a host that is no
// plain ASCII name (addresses in digits, brackets, backslashes), control characters, beyond 2048
// bytes.
DRAGOMAN_EXPORT absl::StatusOr<WebAddress> CanonicalUrl(std::string_view text);

// One blank between words, none around; ASCII in lower case: for payees.
DRAGOMAN_EXPORT std::string CanonicalName(std::string_view text);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_DESTINATIONS_H_
