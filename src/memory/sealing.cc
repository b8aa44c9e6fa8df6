#include "src/memory/sealing.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include <limits>
#include <memory>

#include "dragoman/core/status.h"

namespace dragoman::memory {
namespace {

// OpenSSL expands the key into memory of its own and overwrites it when the context is freed, so a
// context lives for one operation only.
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool Fits(std::string_view text) {
  return text.size() < static_cast<std::size_t>(std::numeric_limits<int>::max());
}

absl::Status Altered() {
  return DataLoss("a sealed value is altered, or was sealed for another place or by another key");
}

}  // namespace

absl::StatusOr<std::string> Seal(const LockedBytes& key, std::string_view text,
                                 std::string_view associated, Random& random) {
  if (key.size() != kKeyBytes || !Fits(text) || !Fits(associated)) {
    return Internal("seal: a key of ", key.size(), " bytes for ", text.size());
  }
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kNonceBytes; ++i, bits >>= 8) {
    if (i % 8 == 0) bits = random.Next();
    sealed[i] = static_cast<char>(bits & 0xff);
  }
  auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), out) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                        static_cast<int>(associated.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), out + kNonceBytes, &size, Bytes(text),
                        static_cast<int>(text.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), out + kNonceBytes + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          out + kNonceBytes + text.size()) != 1) {
    return Internal("AES-256-GCM is not to be had from OpenSSL");
  }
  return sealed;
}

absl::StatusOr<LockedBytes> Unseal(const LockedBytes& key, std::string_view sealed,
                                   std::string_view associated) {
  if (key.size() != kKeyBytes) return Internal("unseal: a key of ", key.size(), " bytes");
  if (sealed.size() < kNonceBytes + kTagBytes || !Fits(sealed) || !Fits(associated)) {
    return Altered();
  }
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  unsigned char tag[kTagBytes];
  memcpy(tag, sealed.data() + sealed.size() - kTagBytes, kTagBytes);
  // At least one byte, so that an empty text has somewhere to go.
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes text, LockedBytes::Make(body.size() + 1));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  if (context == nullptr ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), Bytes(sealed)) !=
          1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                        static_cast<int>(associated.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), text.data(), &size, Bytes(body),
                        static_cast<int>(body.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag) != 1 ||
      EVP_DecryptFinal_ex(context.get(), text.data() + size, &size) != 1) {
    return Altered();  // what was decrypted goes with `text`, overwritten
  }
  text.Shrink(body.size());
  return text;
}

std::string HmacSha256(const LockedBytes& key, std::string_view text) {
  std::string code(32, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(),
           reinterpret_cast<unsigned char*>(code.data()), &size) == nullptr) {
    return "";
  }
  return code;
}

absl::StatusOr<LockedBytes> KeyFromPassphrase(std::string_view passphrase, std::string_view salt) {
  constexpr std::uint64_t kCost = 1 << 17;
  constexpr std::uint64_t kMostMemory = 256 << 20;
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes key, LockedBytes::Make(kKeyBytes));
  if (EVP_PBE_scrypt(passphrase.data(), passphrase.size(), Bytes(salt), salt.size(), kCost, 8, 1,
                     kMostMemory, key.data(), key.size()) != 1) {
    return ResourceExhausted("scrypt needs 128 MiB of memory that are not to be had");
  }
  return key;
}

bool KeyFromHex(std::string_view hex, LockedBytes& key) {
  if (hex.size() != 2 * key.size()) return false;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const char digit = hex[i];
    int value = 0;
    if (digit >= '0' && digit <= '9') {
      value = digit - '0';
    } else if (digit >= 'a' && digit <= 'f') {
      value = digit - 'a' + 10;
    } else {
      return false;
    }
    key.data()[i / 2] =
        static_cast<std::uint8_t>(i % 2 == 0 ? value << 4 : key.data()[i / 2] | value);
  }
  return true;
}

}  // namespace dragoman::memory
