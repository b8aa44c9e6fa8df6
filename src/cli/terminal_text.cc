#include "src/cli/terminal_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "dragoman/core/text.h"

namespace dragoman::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The first character's bytes and code point; a broken byte is one character, U+FFFD.
std::pair<std::size_t, std::uint32_t> FirstCharacter(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length > text.size() || !IsValidUtf8(text.substr(0, length))) return {1, 0xFFFD};
  std::uint32_t code = length == 1 ? byte(0) : byte(0) & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3Fu);
  return {length, code};
}

bool IsIn(std::uint32_t code, std::uint32_t first, std::uint32_t last) {
  return code >= first && code <= last;
}

bool IsBlank(std::uint32_t code) {
  return code == ' ' || IsIn(code, '\t', '\r') || code == 0x85 || code == 0x2028 || code == 0x2029;
}

bool IsHidden(std::uint32_t code) {
  return code < 0x20 || IsIn(code, 0x7F, 0x9F) || IsIn(code, 0x200E, 0x200F) ||
         IsIn(code, 0x202A, 0x202E) || IsIn(code, 0x2066, 0x2069);
}

int Columns(std::uint32_t code) {
  if (IsIn(code, 0x300, 0x36F) || IsIn(code, 0x200B, 0x200D) || IsIn(code, 0xFE00, 0xFE0F)) {
    return 0;
  }
  const bool wide = IsIn(code, 0x1100, 0x115F) || IsIn(code, 0x2E80, 0xA4CF) ||
                    IsIn(code, 0xAC00, 0xD7A3) || IsIn(code, 0xF900, 0xFAFF) ||
                    IsIn(code, 0xFE30, 0xFE6F) || IsIn(code, 0xFF00, 0xFF60) ||
                    IsIn(code, 0x1F300, 0x1FAFF) || IsIn(code, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

// Bytes of the longest prefix that fits; at least one character.
std::size_t Prefix(std::string_view text, int width) {
  std::size_t end = 0;
  int columns = 0;
  while (end < text.size()) {
    const auto [length, code] = FirstCharacter(text.substr(end));
    if (end > 0 && columns + Columns(code) > width) break;
    columns += Columns(code);
    end += length;
  }
  return end;
}

}  // namespace

std::string CleanText(std::string_view untrusted) {
  std::string out;
  out.reserve(untrusted.size());
  while (!untrusted.empty()) {
    const auto [length, code] = FirstCharacter(untrusted);
    if (IsBlank(code)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (IsHidden(code) || code == 0xFFFD) {
      out += kReplacement;
    } else {
      out += untrusted.substr(0, length);
    }
    untrusted.remove_prefix(length);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

int DisplayWidth(std::string_view clean) {
  int columns = 0;
  while (!clean.empty()) {
    const auto [length, code] = FirstCharacter(clean);
    columns += Columns(code);
    clean.remove_prefix(length);
  }
  return columns;
}

std::vector<std::string> WrapText(std::string_view clean, int width) {
  width = std::max(width, 8);
  std::vector<std::string> lines(1);
  int columns = 0;  // of the last line
  for (std::string_view word : SplitWords(clean)) {
    int wide = DisplayWidth(word);
    if (columns > 0 && columns + 1 + wide > width) {
      lines.emplace_back();
      columns = 0;
    }
    while (wide > width) {  // only on a line of its own
      const std::size_t part = Prefix(word, width);
      lines.back() = word.substr(0, part);
      lines.emplace_back();
      word.remove_prefix(part);
      wide = DisplayWidth(word);
    }
    if (columns > 0) lines.back() += ' ';
    lines.back() += word;
    columns += wide + (columns > 0 ? 1 : 0);
  }
  return lines;
}

std::string KeepEnd(std::string_view clean, int width) {
  if (DisplayWidth(clean) <= width) return std::string(clean);
  while (!clean.empty() && DisplayWidth(clean) > width - 3) {
    clean.remove_prefix(FirstCharacter(clean).first);
  }
  return "..." + std::string(clean);
}

}  // namespace dragoman::cli
