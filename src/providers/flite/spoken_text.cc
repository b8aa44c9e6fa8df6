#include "src/providers/flite/spoken_text.h"

#include <array>
#include <cstdint>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::flite {
namespace {

constexpr std::size_t kMaxPiece = 160;
constexpr std::size_t kMaxWord = 60;

// U+00C0 to U+00FF without their accents.
constexpr std::string_view kLatin1 =
    "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTsaaaaaaaceeeeiiiidnooooo ouuuuyty";

std::string_view AsciiOf(std::uint32_t point) {
  static constexpr std::array<std::pair<std::uint32_t, std::string_view>, 16> kNamed = {{
      {0x2018, "'"},
      {0x2019, "'"},
      {0x02BC, "'"},
      {0x201C, "\""},
      {0x201D, "\""},
      {0x2010, "-"},
      {0x2011, "-"},
      {0x2012, "-"},
      {0x2013, ","},
      {0x2014, ","},
      {0x2026, "."},
      {0x20AC, " euro "},
      {0x00A3, " pound "},
      {0x00B0, " degrees "},
      {0x0131, "i"},
      {0x0142, "l"},
  }};
  for (const auto& [named, ascii] : kNamed) {
    if (named == point) return ascii;
  }
  if (point >= 0xC0 && point <= 0xFF) return kLatin1.substr(point - 0xC0, 1);
  return " ";
}

// `text` is valid UTF-8. Moves `at` past one code point.
std::uint32_t NextPoint(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  std::uint32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
  ++at;
  for (int i = 0; i < more; ++i) point = point << 6 | (byte(at++) & 0x3Fu);
  return point;
}

SpokenPiece ToAscii(std::string_view text) {
  SpokenPiece all;
  std::size_t word = 0;
  const auto add = [&](char character, std::size_t origin) {
    const bool blank = character == ' ';
    if (blank && (all.text.empty() || all.text.back() == ' ')) return;
    word = blank ? 0 : word + 1;
    if (word > kMaxWord) {
      all.text += ' ';
      all.origin.push_back(origin);
      word = 1;
    }
    all.text += character;
    all.origin.push_back(origin);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t origin = at;
    const std::uint32_t point = NextPoint(text, at);
    if (point < 0x80) {
      add(point > 0x20 && point < 0x7F ? static_cast<char>(point) : ' ', origin);
    } else {
      for (char character : AsciiOf(point)) add(character, origin);
    }
  }
  return all;
}

// Where the piece that begins at `begin` ends: after the first mark that closes a sentence, else
// before kMaxPiece after the last comma, else the last blank.
std::size_t PieceEnd(const std::string& text, std::size_t begin) {
  std::size_t comma = 0;
  std::size_t blank = 0;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (at - begin >= kMaxPiece) return comma > 0 ? comma : blank > 0 ? blank : at;
    const bool last = at + 1 == text.size() || text[at + 1] == ' ';
    if (!last) continue;
    const char character = text[at];
    if (character == '!' || character == '?' || character == ';') return at + 1;
    // A dot after one letter or a title abbreviates: "A. N.", "Dr. Lane".
    if (character == '.') {
      std::size_t word = at;
      while (word > begin && text[word - 1] != ' ') --word;
      const std::string head = ToLowerAscii(std::string_view(text).substr(word, at - word));
      const bool short_form = head.size() < 2 || head == "dr" || head == "mr" || head == "mrs" ||
                              head == "ms" || head == "st" || head == "no" || head == "a.m" ||
                              head == "p.m";
      if (!short_form) return at + 1;
    }
    if (character == ',' || character == ':') comma = at + 1;
    blank = at + 1;
  }
  return text.size();
}

bool HasSound(std::string_view text) {
  for (char c : text) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  }
  return text.find_first_of("$%&@+=#*") != std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<SpokenPiece>> SplitSpokenText(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return InvalidArgument("flite: text has ", text.size(), " bytes; expected at most ",
                           kMaxTextBytes);
  }
  if (!IsValidUtf8(text)) return InvalidArgument("flite: text is not UTF-8");
  if (Trim(text).empty()) return InvalidArgument("flite: text is empty; expected a sentence");
  const SpokenPiece all = ToAscii(text);
  std::vector<SpokenPiece> pieces;
  for (std::size_t begin = 0; begin < all.text.size();) {
    const std::size_t end = PieceEnd(all.text, begin);
    SpokenPiece piece;
    piece.text = all.text.substr(begin, end - begin);
    piece.origin.assign(all.origin.begin() + static_cast<std::ptrdiff_t>(begin),
                        all.origin.begin() + static_cast<std::ptrdiff_t>(end));
    piece.origin_end = end < all.origin.size() ? all.origin[end] : text.size();
    // Marks alone have no sound of their own.
    if (HasSound(piece.text)) pieces.push_back(std::move(piece));
    begin = end;
  }
  return pieces;
}

}  // namespace dragoman::flite
