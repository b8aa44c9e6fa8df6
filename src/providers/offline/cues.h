// Small words that steer a dialogue: yes, no, sorry, again, the second one.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_CUES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_CUES_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "src/providers/offline/understanding.h"
#include "src/providers/offline/words.h"

namespace dragoman::offline {

struct Cues {
  Understanding heard;       // only what cues tell
  bool conditional = false;  // "if", "unless", "what": a yes beside it is none
};

// Marks the words it knows in `used`, politeness and articles among them.
Cues FindCues(const Words& words, std::vector<bool>* used);

// "My name is", "last name", "this is", "under": how many words introduce a name at `at`; 0: none.
// `due`: a name was asked for.
std::size_t NameCueAt(const Words& words, std::size_t at, bool due);
// Introductions that also begin other sentences ("this is urgent"), by their first word.
bool NeedsKnownName(std::string_view first_word);

int EditDistanceOf(std::string_view a, std::string_view b);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_CUES_H_
