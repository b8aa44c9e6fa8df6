// SHA-256 over several pieces, as the audit chain and the effect journal use it.
#ifndef DRAGOMAN_STORE_DIGEST_H_
#define DRAGOMAN_STORE_DIGEST_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

// The 32 bytes of SHA-256 (FIPS 180-4) over the pieces one after another, nothing between them.
// Empty only when the machine's cryptography is broken, which its caller reports as kInternal.
DRAGOMAN_EXPORT std::string Sha256Bytes(std::initializer_list<std::string_view> pieces);

// Lower-case hexadecimal digits, two for each byte.
DRAGOMAN_EXPORT std::string ToHex(std::string_view bytes);

// Pieces in front of which their length stands (8 bytes, little-endian), so that two different
// lists never give the same bytes.
class DRAGOMAN_EXPORT FramedBytes {
 public:
  FramedBytes& Add(std::string_view piece);
  FramedBytes& Add(std::int64_t number);  // 8 bytes, two's complement, little-endian
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_DIGEST_H_
