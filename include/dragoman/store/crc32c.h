// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of records and audio.
#ifndef DRAGOMAN_STORE_CRC32C_H_
#define DRAGOMAN_STORE_CRC32C_H_

#include <cstdint>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

// `previous` is the result for the bytes before: Crc32c("b", Crc32c("a")) == Crc32c("ab").
DRAGOMAN_EXPORT std::uint32_t Crc32c(std::string_view bytes, std::uint32_t previous = 0);

}  // namespace dragoman

#endif  // DRAGOMAN_STORE_CRC32C_H_
