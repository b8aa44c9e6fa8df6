// Which zones a called party may live in.
#ifndef DRAGOMAN_SRC_SAFETY_ZONE_DATA_H_
#define DRAGOMAN_SRC_SAFETY_ZONE_DATA_H_

#include <span>
#include <string_view>

namespace dragoman::safety {

struct StateFacts {
  std::string_view place;       // "US-NJ"
  std::string_view area_codes;  // "201 551"
  std::string_view zones;       // "America/New_York", several parted by blanks
};
struct CountryFacts {
  std::string_view country;  // ISO 3166-1 alpha-2
  std::string_view zones;
};

std::span<const StateFacts> States();
std::span<const CountryFacts> Countries();

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_ZONE_DATA_H_
