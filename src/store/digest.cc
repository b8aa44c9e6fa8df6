#include "dragoman/store/digest.h"

#include <openssl/evp.h>

#include <memory>

namespace dragoman {

std::string Sha256Bytes(std::initializer_list<std::string_view> pieces) {
  // A context for each thread: making one costs more than hashing a log row.
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  // Fetched once: EVP_sha256() would look the algorithm up again for every digest.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (context == nullptr || algorithm == nullptr ||
      EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1) {
    return "";
  }
  for (std::string_view piece : pieces) {
    if (EVP_DigestUpdate(context.get(), piece.data(), piece.size()) != 1) return "";
  }
  std::string digest(32, '\0');
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) !=
      1) {
    return "";
  }
  return digest;
}

std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[static_cast<unsigned char>(byte) & 0xf];
  }
  return hex;
}

FramedBytes& FramedBytes::Add(std::int64_t number) {
  auto value = static_cast<std::uint64_t>(number);
  for (int i = 0; i < 8; ++i, value >>= 8) bytes_.push_back(static_cast<char>(value & 0xff));
  return *this;
}

FramedBytes& FramedBytes::Add(std::string_view piece) {
  Add(static_cast<std::int64_t>(piece.size()));
  bytes_ += piece;
  return *this;
}

}  // namespace dragoman
