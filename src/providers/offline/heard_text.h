// How much of what a model said was heard.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_HEARD_TEXT_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_HEARD_TEXT_H_

#include <cstddef>
#include <string_view>

namespace dragoman::offline {

// How far into `full`, from byte `from` on, the words of `heard` reach. `heard` may begin with
// words of others (a filler), but three of ours in a row, or all there are, must follow. 0: it is
// not this text.
std::size_t HeardUntil(std::string_view full, std::size_t from, std::string_view heard);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_HEARD_TEXT_H_
