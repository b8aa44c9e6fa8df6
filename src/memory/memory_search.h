// Finding memories by their words.
#ifndef DRAGOMAN_SRC_MEMORY_MEMORY_SEARCH_H_
#define DRAGOMAN_SRC_MEMORY_MEMORY_SEARCH_H_

#include <string_view>
#include <vector>

#include "dragoman/memory/memories.h"

namespace dragoman::memory {

// Those that have a word of `words`, or one that begins with it; a word that few of them have
// counts more. Of equals the newest comes first; without words the newest ones.
std::vector<Memory> BestOf(std::vector<Memory> among, std::string_view words, std::size_t limit);

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_MEMORY_SEARCH_H_
