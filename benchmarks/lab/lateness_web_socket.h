// The least of RFC 6455 that the load generator and the reference arm need: text frames, no
// fragments, no extensions.
#ifndef DRAGOMAN_BENCHMARKS_LAB_LATENESS_WEB_SOCKET_H_
#define DRAGOMAN_BENCHMARKS_LAB_LATENESS_WEB_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::lateness {

inline void PutFrame(std::string_view text, bool masked, std::uint32_t mask, std::string& out,
                     std::uint8_t opcode = 1) {
  out.clear();
  out.push_back(static_cast<char>(0x80 | opcode));
  const std::uint8_t masked_bit = masked ? 0x80 : 0;
  if (text.size() < 126) {
    out.push_back(static_cast<char>(masked_bit | text.size()));
  } else {
    out.push_back(static_cast<char>(masked_bit | 126));
    out.push_back(static_cast<char>(text.size() >> 8));
    out.push_back(static_cast<char>(text.size()));
  }
  if (!masked) {
    out += text;
    return;
  }
  char key[4];
  std::memcpy(key, &mask, 4);
  out.append(key, 4);
  const std::size_t at = out.size();
  out += text;
  for (std::size_t i = 0; i < text.size(); ++i) out[at + i] ^= key[i & 3];
}

struct Frame {
  std::uint8_t opcode = 0;
  std::string_view payload;  // in the buffer, unmasked in place
  std::size_t size = 0;      // of the whole frame
};

// The first frame in `buffer`, from `at`; nothing: it is not there whole yet.
inline std::optional<Frame> TakeFrame(std::string& buffer, std::size_t at) {
  const std::size_t have = buffer.size() - at;
  if (have < 2) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(buffer[at + i]); };
  Frame frame{.opcode = static_cast<std::uint8_t>(byte(0) & 15)};
  std::size_t head = 2, size = byte(1) & 127u;
  if (size == 126) {
    if (have < 4) return std::nullopt;
    size = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
    head = 4;
  } else if (size == 127) {
    if (have < 10) return std::nullopt;
    size = 0;
    for (std::size_t i = 2; i < 10; ++i) size = size << 8 | byte(i);
    head = 10;
  }
  const bool masked = (byte(1) & 0x80) != 0;
  if (masked) head += 4;
  if (have < head + size) return std::nullopt;
  if (masked) {
    for (std::size_t i = 0; i < size; ++i) buffer[at + head + i] ^= buffer[at + head - 4 + (i & 3)];
  }
  frame.payload = std::string_view(buffer).substr(at + head, size);
  frame.size = head + size;
  return frame;
}

}  // namespace dragoman::lateness

#endif  // DRAGOMAN_BENCHMARKS_LAB_LATENESS_WEB_SOCKET_H_
