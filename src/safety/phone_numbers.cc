// The only file that sees libphonenumber.
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <phonenumbers/shortnumberinfo.h>

#include <algorithm>
#include <array>
#include <set>

#include "dragoman/core/text.h"
#include "dragoman/safety/destinations.h"
#include "src/safety/zone_data.h"

namespace dragoman {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;
using i18n::phonenumbers::ShortNumberInfo;
using Parsed = i18n::phonenumbers::PhoneNumber;

constexpr std::size_t kMostDigits = 15;  // E.164, behind the +
constexpr std::size_t kShortest = 7;     // fewer digits are a short code

// Emergency numbers of any country: a model that asks for one gets none, wherever it believes to
// be.
bool IsEmergency(std::string_view digits, std::string_view country) {
  static const ShortNumberInfo* const kShort = new ShortNumberInfo();
  static const std::set<std::string>* const kRegions = [] {
    auto* regions = new std::set<std::string>();
    PhoneNumberUtil::GetInstance()->GetSupportedRegions(regions);
    return regions;
  }();
  constexpr std::array<std::string_view, 6> kAlways = {"112", "911", "999", "000", "110", "119"};
  if (std::find(kAlways.begin(), kAlways.end(), digits) != kAlways.end()) return true;
  if (digits.size() > 6) return false;
  const std::string text(digits);
  if (!country.empty() && kShort->ConnectsToEmergencyNumber(text, std::string(country)))
    return true;
  return std::any_of(kRegions->begin(), kRegions->end(), [&](const std::string& region) {
    return kShort->IsEmergencyNumber(text, region);
  });
}

// +870 to +879, +880 is Bangladesh, +881 to +883 and +888 are global, +886 is Taiwan; +979 is
// premium without a country. THREATS: "+87x/+88x/+979" of no country.
bool OfNoCountry(std::string_view digits) {
  for (std::string_view code : {"87", "881", "882", "883", "888", "979", "808", "800"}) {
    if (digits.starts_with(code)) return true;
  }
  return false;
}

NumberKind KindOf(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
    case PhoneNumberUtil::FIXED_LINE:
    case PhoneNumberUtil::MOBILE:
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
    case PhoneNumberUtil::VOIP:
      return NumberKind::kOrdinary;
    case PhoneNumberUtil::TOLL_FREE:
      return NumberKind::kTollFree;
    case PhoneNumberUtil::PREMIUM_RATE:
      return NumberKind::kPremium;
    case PhoneNumberUtil::SHARED_COST:
    case PhoneNumberUtil::PERSONAL_NUMBER:  // +44 70...: forwarded at the caller's expense
    case PhoneNumberUtil::PAGER:
    case PhoneNumberUtil::UAN:  // "universal access": often a service rate
      return NumberKind::kSharedCost;
    default:
      return NumberKind::kUnknownType;
  }
}

void SplitInto(std::string_view words, std::vector<std::string>& out) {
  for (std::string_view word : SplitWords(words)) {
    if (std::find(out.begin(), out.end(), word) == out.end()) out.emplace_back(word);
  }
}

void FindZones(PhoneNumber& number) {
  if (number.country == "US" && number.e164.size() == 12) {
    const std::string_view area = std::string_view(number.e164).substr(2, 3);
    for (const safety::StateFacts& state : safety::States()) {
      if (state.area_codes.find(area) == std::string_view::npos) continue;
      number.places.emplace_back(state.place);
      SplitInto(state.zones, number.zones);
    }
  }
  if (number.places.empty() && !number.country.empty()) number.places.push_back(number.country);
  if (!number.zones.empty()) return;
  for (const safety::CountryFacts& country : safety::Countries()) {
    if (country.country == number.country) SplitInto(country.zones, number.zones);
  }
}

}  // namespace

std::string_view Name(NumberKind kind) {
  switch (kind) {
    case NumberKind::kOrdinary:
      return "ordinary";
    case NumberKind::kTollFree:
      return "toll-free";
    case NumberKind::kPremium:
      return "premium";
    case NumberKind::kSharedCost:
      return "shared-cost";
    case NumberKind::kSatellite:
      return "satellite or global";
    case NumberKind::kEmergency:
      return "emergency";
    case NumberKind::kShortCode:
      return "short code";
    case NumberKind::kServiceCode:
      return "service code";
    case NumberKind::kUnknownType:
      return "of unknown cost";
    case NumberKind::kInvalid:
      return "invalid";
  }
  return "invalid";
}

bool MayBeDialled(NumberKind kind) {
  return kind == NumberKind::kOrdinary || kind == NumberKind::kTollFree;
}

PhoneNumber ClassifyNumber(std::string_view text, std::string_view home_country) {
  PhoneNumber number;
  text = Trim(text);
  std::string digits;
  bool plus = false;
  bool service = false;
  for (char c : text.substr(0, 64)) {
    if (IsDigit(c)) {
      digits += c;
    } else if (c == '*' || c == '#') {
      service = true;
    } else if (c == '+' && digits.empty() && !plus) {
      plus = true;
    } else if (c != ' ' && c != '(' && c != ')' && c != '-' && c != '.' && c != '/') {
      return number;
    }
  }
  if (text.size() > 64 || digits.empty()) return number;
  if (service) {
    number.kind = NumberKind::kServiceCode;
    return number;
  }
  if (IsEmergency(digits, plus ? "" : home_country)) {
    number.kind = NumberKind::kEmergency;
    return number;
  }
  if (!plus && digits.size() < kShortest) {
    number.kind = NumberKind::kShortCode;
    return number;
  }
  if (digits.size() > kMostDigits + 5) return number;  // an international prefix may stand before
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  Parsed parsed;
  const std::string dialled = (plus ? "+" : "") + digits;
  if (plus && OfNoCountry(digits)) {
    number.kind = NumberKind::kSatellite;
    return number;
  }
  if (util.Parse(dialled, plus ? "ZZ" : std::string(home_country), &parsed) !=
      PhoneNumberUtil::NO_PARSING_ERROR) {
    return number;
  }
  std::string e164;
  util.Format(parsed, PhoneNumberUtil::E164, &e164);
  if (OfNoCountry(std::string_view(e164).substr(1))) {  // written as 00870...
    number.kind = NumberKind::kSatellite;
    return number;
  }
  std::string national;
  util.GetNationalSignificantNumber(parsed, &national);
  std::string region;
  util.GetRegionCodeForCountryCode(parsed.country_code(), &region);
  if (IsEmergency(national, region)) {  // +49 112
    number.kind = NumberKind::kEmergency;
    return number;
  }
  if (!util.IsValidNumber(parsed)) return number;
  util.GetRegionCodeForNumber(parsed, &region);
  number.kind = KindOf(util.GetNumberType(parsed));
  number.e164 = e164;
  if (region.size() == 2 && region != "ZZ") number.country = region;
  FindZones(number);
  return number;
}

}  // namespace dragoman
