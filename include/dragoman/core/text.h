// UTF-8 and word helpers that do not depend on a locale.
#ifndef DRAGOMAN_CORE_TEXT_H_
#define DRAGOMAN_CORE_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

// ASCII, whatever the locale.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
DRAGOMAN_EXPORT bool IsValidUtf8(std::string_view text);

// ASCII letters only; other bytes stay.
DRAGOMAN_EXPORT std::string ToLowerAscii(std::string_view text);

// Without ASCII white space at both ends.
DRAGOMAN_EXPORT std::string_view Trim(std::string_view text);

// Runs of non-blank characters.
DRAGOMAN_EXPORT std::vector<std::string_view> SplitWords(std::string_view text);

// Edit distance, for "did you mean".
DRAGOMAN_EXPORT int EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word` within a third of its length, else empty.
DRAGOMAN_EXPORT std::string_view Nearest(std::string_view word,
                                         const std::vector<std::string_view>& candidates);

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_TEXT_H_
