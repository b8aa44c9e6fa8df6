#include "src/server/html.h"

#include <algorithm>

#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the valid UTF-8 character at the start, 0 when it is broken.
std::size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return length <= text.size() && IsValidUtf8(text.substr(0, length)) ? length : 0;
}

bool IsHidden(std::string_view character) {
  if (character.size() == 1) {
    const auto byte = static_cast<unsigned char>(character.front());
    return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
  }
  if (character.size() == 2) return character[0] == '\xC2' && character[1] <= '\x9F';
  // U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
  if (!character.starts_with("\xE2")) return false;
  const auto last = static_cast<unsigned char>(character.back());
  return character[1] == '\x80'
             ? last == 0x8E || last == 0x8F || (last >= 0xAA && last <= 0xAE)
             : character.size() == 3 && character[1] == '\x81' && last >= 0xA6 && last <= 0xA9;
}

std::string_view Entity(char character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '`':
      return "&#96;";
    default:
      return {};
  }
}

}  // namespace

std::string EscapeHtml(std::string_view untrusted) {
  std::string out;
  out.reserve(untrusted.size());
  while (!untrusted.empty()) {
    const std::size_t length = CharacterLength(untrusted);
    const std::string_view character = untrusted.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0 || IsHidden(character)) {
      out += kReplacement;
    } else if (const std::string_view entity = Entity(character.front()); !entity.empty()) {
      out += entity;
    } else {
      out += character;
    }
    untrusted.remove_prefix(character.size());
  }
  return out;
}

std::string FileUrl(std::string_view path) {
  const std::string_view name = path.substr(path.find_last_of("/\\") + 1);
  if (name.empty() || name == "." || name == "..") return {};
  std::string out = "./";
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '.' || byte == '_' || byte == '-';
    if (plain) {
      out += character;
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string ClockTime(std::chrono::milliseconds time) {
  const std::int64_t tenths = std::max<std::int64_t>(time.count(), 0) / 100;
  const std::int64_t seconds = tenths / 10 % 60;
  std::string out = std::to_string(tenths / 600) + ":";
  if (seconds < 10) out += '0';
  return out + std::to_string(seconds) + "." + std::to_string(tenths % 10);
}

std::string Duration(std::chrono::milliseconds time) {
  const std::int64_t ms = std::max<std::int64_t>(time.count(), 0);
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 60'000) return std::to_string(ms / 1000) + "." + std::to_string(ms / 100 % 10) + " s";
  const std::int64_t seconds = ms / 1000 % 60;
  return std::to_string(ms / 60'000) + " min " + (seconds < 10 ? "0" : "") +
         std::to_string(seconds) + " s";
}

Html& Html::Percent(std::int64_t part, std::int64_t whole) {
  const std::int64_t thousandths =
      whole <= 0 ? 0 : std::clamp<std::int64_t>(part * 100'000 / whole, 0, 100'000);
  const std::string decimals = std::to_string(1000 + thousandths % 1000).substr(1);
  out_ += std::to_string(thousandths / 1000) + "." + decimals + "%";
  return *this;
}

Html& Html::Seconds(std::chrono::milliseconds time) {
  const std::int64_t ms = std::max<std::int64_t>(time.count(), 0);
  out_ += std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1);
  return *this;
}

}  // namespace dragoman
