// Base64 (RFC 4648 section 4) into the caller's memory: a media frame pays no allocation.
#ifndef DRAGOMAN_CORE_BASE64_H_
#define DRAGOMAN_CORE_BASE64_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

constexpr std::size_t Base64EncodedSize(std::size_t bytes) { return (bytes + 2) / 3 * 4; }
// At most this many bytes come out of `characters`; padding takes away one or two.
constexpr std::size_t Base64MaxDecodedSize(std::size_t characters) { return characters / 4 * 3; }

// Writes Base64EncodedSize(bytes.size()) characters, padded with '=', without a terminating zero,
// and returns their number. `out` must hold them: otherwise nothing is written and the result is 0.
DRAGOMAN_EXPORT std::size_t EncodeBase64(std::span<const std::uint8_t> bytes, std::span<char> out);
DRAGOMAN_EXPORT std::string EncodeBase64(std::string_view bytes);

// Strict: a length that is a multiple of four, the standard alphabet, padding only at the end,
// unused bits zero, no white space; so two texts never decode to the same bytes. Returns the number
// of bytes written, or nothing when `text` is malformed or `out` is smaller than the result; `out`
// then holds unspecified bytes.
DRAGOMAN_EXPORT std::optional<std::size_t> DecodeBase64(std::string_view text,
                                                        std::span<std::uint8_t> out);
DRAGOMAN_EXPORT std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_BASE64_H_
