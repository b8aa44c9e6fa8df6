// Frequent English-language first and last names, for reading keypad entries.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_COMMON_NAMES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_COMMON_NAMES_H_

#include <string>
#include <vector>

namespace dragoman::offline {

std::vector<std::string> CommonNames();  // lower case, the likelier first

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_COMMON_NAMES_H_
