// Which of several values in one turn is meant: "Thursday, no, Friday", "not ten but eleven".
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_CORRECTIONS_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_CORRECTIONS_H_

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "src/providers/offline/understanding.h"
#include "src/providers/offline/words.h"

namespace dragoman::offline {

template <typename Value>
struct Mention {
  Value value;
  std::size_t begin = 0;  // words
  std::size_t end = 0;
};

// "Not Thursday", "Thursday doesn't work", "instead of Thursday", "I can't do Thursday".
bool IsDenied(const Words& words, std::size_t begin, std::size_t end);
// "No", "actually", "I meant", "make that" somewhere in [begin, end).
bool HasCorrection(const Words& words, std::size_t begin, std::size_t end);
// "Move it from Thursday to Friday": the first of the two.
bool IsOrigin(const Words& words, std::size_t begin);

template <typename Value>
Standing<Value> Settle(const Words& words, const std::vector<Mention<Value>>& mentions) {
  Standing<Value> standing;
  std::size_t last_end = 0;
  for (const Mention<Value>& mention : mentions) {
    if (IsDenied(words, mention.begin, mention.end)) {
      standing.excluded.push_back(mention.value);
      std::erase(standing.values, mention.value);
    } else if (IsOrigin(words, mention.begin) && mentions.size() > 1) {
      standing.excluded.push_back(mention.value);
    } else {
      if (HasCorrection(words, last_end, mention.begin)) standing.values.clear();
      if (std::find(standing.values.begin(), standing.values.end(), mention.value) ==
          standing.values.end()) {
        standing.values.push_back(mention.value);
      }
    }
    last_end = mention.end;
  }
  return standing;
}

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_CORRECTIONS_H_
