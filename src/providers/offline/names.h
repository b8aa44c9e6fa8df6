// Names: spelled in any of the ways people spell, or keyed.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_NAMES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_NAMES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/providers/offline/words.h"

namespace dragoman::offline {

struct Spelling {
  std::string name;        // lower case: "o'neil", "smith-jones", "anna kim"
  std::size_t length = 0;  // words, 0: none
  std::size_t items = 0;   // letters and marks said
  bool certain = true;     // false: only words that also mean something else ("you are why")
};

// Letters from `at` on: "k i m", "kilo india mike", "k as in king", "double n", "bee oh bee",
// "hyphen", "apostrophe", "space". A word may precede its own letters: "kim k i m".
Spelling SpellingAt(const Words& words, std::size_t at);

// The words of a name that was said, not spelled; empty when they cannot be one.
Words NameWordsAt(const Words& words, std::size_t at, std::size_t most);

// What "2662" may stand for. Two digits a letter, key and place ("21626221"), is exact; else the
// known names on these keys, in their order.
std::vector<std::string> KeyedNames(std::string_view digits,
                                    const std::vector<std::string>& known_names);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_NAMES_H_
