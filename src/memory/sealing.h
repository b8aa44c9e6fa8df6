// The vault's cryptography, all of it: AES-256-GCM, HMAC-SHA-256, scrypt, from OpenSSL.
#ifndef DRAGOMAN_SRC_MEMORY_SEALING_H_
#define DRAGOMAN_SRC_MEMORY_SEALING_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dragoman/core/random.h"
#include "src/memory/locked_bytes.h"

namespace dragoman::memory {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;  // NIST SP 800-38D, 8.2.2: random, 96 bits
inline constexpr std::size_t kTagBytes = 16;

// Nonce, ciphertext, tag. One key seals at most 2^32 texts (SP 800-38D, 8.3): rotate long before.
absl::StatusOr<std::string> Seal(const LockedBytes& key, std::string_view text,
                                 std::string_view associated, Random& random);
// kDataLoss: altered, or another key or other associated data; then no byte of it comes out.
absl::StatusOr<LockedBytes> Unseal(const LockedBytes& key, std::string_view sealed,
                                   std::string_view associated);

// 32 bytes (RFC 2104 over SHA-256).
std::string HmacSha256(const LockedBytes& key, std::string_view text);

// scrypt with N = 2^17, r = 8, p = 1 (RFC 7914): 128 MiB and about a third of a second.
inline constexpr std::size_t kSaltBytes = 16;
absl::StatusOr<LockedBytes> KeyFromPassphrase(std::string_view passphrase, std::string_view salt);

// 64 lower-case hexadecimal digits into 32 bytes, without a copy on the way; false: they are not.
bool KeyFromHex(std::string_view hex, LockedBytes& key);

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_SEALING_H_
