#include "dragoman/core/base64.h"

#include <array>
#include <cstring>

namespace dragoman {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for twelve bits: half the look-ups for 8 KB of table.
constexpr auto kPairs = [] {
  std::array<char, 2 * 4096> pairs{};
  for (size_t i = 0; i < 4096; ++i) {
    pairs[2 * i] = kAlphabet[i >> 6];
    pairs[2 * i + 1] = kAlphabet[i & 63];
  }
  return pairs;
}();

// The value of a character at each of its four places; kBad anywhere else shows in the sum.
constexpr std::uint32_t kBad = 1u << 24;
using PlaceTable = std::array<std::uint32_t, 256>;
constexpr PlaceTable MakePlace(int shift) {
  PlaceTable table{};
  for (auto& entry : table) entry = kBad;
  for (std::uint32_t i = 0; i < 64; ++i)
    table[static_cast<unsigned char>(kAlphabet[i])] = i << shift;
  return table;
}
constexpr PlaceTable kPlace0 = MakePlace(18);
constexpr PlaceTable kPlace1 = MakePlace(12);
constexpr PlaceTable kPlace2 = MakePlace(6);
constexpr PlaceTable kPlace3 = MakePlace(0);

std::uint32_t Quantum(const unsigned char* in) {
  return kPlace0[in[0]] | kPlace1[in[1]] | kPlace2[in[2]] | kPlace3[in[3]];
}

void Store(std::uint32_t bits, std::uint8_t* out) {
  out[0] = static_cast<std::uint8_t>(bits >> 16);
  out[1] = static_cast<std::uint8_t>(bits >> 8);
  out[2] = static_cast<std::uint8_t>(bits);
}

}  // namespace

std::size_t EncodeBase64(std::span<const std::uint8_t> bytes, std::span<char> out) {
  const size_t encoded = Base64EncodedSize(bytes.size());
  if (out.size() < encoded) return 0;
  const std::uint8_t* in = bytes.data();
  char* to = out.data();
  size_t left = bytes.size();
  for (; left >= 3; left -= 3, in += 3, to += 4) {
    const std::uint32_t bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    std::memcpy(to, &kPairs[2 * (bits >> 12)], 2);
    std::memcpy(to + 2, &kPairs[2 * (bits & 0xfff)], 2);
  }
  if (left > 0) {
    const std::uint32_t second = left == 2 ? in[1] : 0u;
    const std::uint32_t bits = std::uint32_t{in[0]} << 16 | second << 8;
    std::memcpy(to, &kPairs[2 * (bits >> 12)], 2);
    to[2] = left == 2 ? kAlphabet[(bits >> 6) & 63] : '=';
    to[3] = '=';
  }
  return encoded;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text(Base64EncodedSize(bytes.size()), '\0');
  EncodeBase64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, text);
  return text;
}

std::optional<std::size_t> DecodeBase64(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return 0;
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  const size_t padding = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
  const size_t decoded = Base64MaxDecodedSize(text.size()) - padding;
  if (out.size() < decoded) return std::nullopt;

  const size_t whole = text.size() / 4 - (padding > 0 ? 1 : 0);
  std::uint8_t* to = out.data();
  std::uint32_t seen = 0;
  for (size_t i = 0; i < whole; ++i, in += 4, to += 3) {
    const std::uint32_t bits = Quantum(in);
    seen |= bits;
    Store(bits, to);
  }
  if (padding > 0) {
    std::uint32_t bits = kPlace0[in[0]] | kPlace1[in[1]];
    if (padding == 1) bits |= kPlace2[in[2]];
    const std::uint32_t unused = padding == 1 ? 0xffu : 0xffffu;
    if (bits & unused) return std::nullopt;
    seen |= bits;
    to[0] = static_cast<std::uint8_t>(bits >> 16);
    if (padding == 1) to[1] = static_cast<std::uint8_t>(bits >> 8);
  }
  if (seen & kBad) return std::nullopt;
  return decoded;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string bytes(Base64MaxDecodedSize(text.size()), '\0');
  auto size =
      DecodeBase64(text, std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()));
  if (!size) return std::nullopt;
  bytes.resize(*size);
  return bytes;
}

}  // namespace dragoman
