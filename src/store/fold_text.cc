#include "src/store/fold_text.h"

#include <algorithm>
#include <array>

namespace dragoman::store {
namespace {

constexpr char kParts = 0;    // a separator
constexpr char kNothing = 1;  // not seen

struct Range {
  std::uint32_t first, last;
  char as;
};

// Latin letters with marks, by their base letter; gaps part words.
constexpr std::array<Range, 54> kLatin = {{
    {0xc0, 0xc6, 'a'},
    {0xc7, 0xc7, 'c'},
    {0xc8, 0xcb, 'e'},
    {0xcc, 0xcf, 'i'},
    {0xd0, 0xd0, 'd'},
    {0xd1, 0xd1, 'n'},
    {0xd2, 0xd6, 'o'},
    {0xd8, 0xd8, 'o'},
    {0xd9, 0xdc, 'u'},
    {0xdd, 0xdd, 'y'},
    {0xdf, 0xdf, 's'},
    {0xe0, 0xe6, 'a'},
    {0xe7, 0xe7, 'c'},
    {0xe8, 0xeb, 'e'},
    {0xec, 0xef, 'i'},
    {0xf0, 0xf0, 'd'},
    {0xf1, 0xf1, 'n'},
    {0xf2, 0xf6, 'o'},
    {0xf8, 0xf8, 'o'},
    {0xf9, 0xfc, 'u'},
    {0xfd, 0xfd, 'y'},
    {0xff, 0xff, 'y'},
    {0x100, 0x105, 'a'},
    {0x106, 0x10d, 'c'},
    {0x10e, 0x111, 'd'},
    {0x112, 0x11b, 'e'},
    {0x11c, 0x123, 'g'},
    {0x124, 0x127, 'h'},
    {0x128, 0x133, 'i'},
    {0x134, 0x135, 'j'},
    {0x136, 0x138, 'k'},
    {0x139, 0x142, 'l'},
    {0x143, 0x14b, 'n'},
    {0x14c, 0x153, 'o'},
    {0x154, 0x159, 'r'},
    {0x15a, 0x161, 's'},
    {0x162, 0x167, 't'},
    {0x168, 0x173, 'u'},
    {0x174, 0x175, 'w'},
    {0x176, 0x178, 'y'},
    {0x179, 0x17e, 'z'},
    {0x17f, 0x17f, 's'},
    {0x200b, 0x200f, kNothing},
    {0x202a, 0x202e, kNothing},
    {0x2060, 0x206f, kNothing},
    {0x20d0, 0x20f0, kNothing},
    {0x300, 0x36f, kNothing},
    {0xad, 0xad, kNothing},
    {0x34f, 0x34f, kNothing},
    {0x61c, 0x61c, kNothing},
    {0xfe00, 0xfe0f, kNothing},
    {0xfeff, 0xfeff, kNothing},
    {0xe0000, 0xe01ef, kNothing},
    {0x180e, 0x180e, kNothing},
}};

// The zeros of scripts' decimal digits.
constexpr std::array<std::uint32_t, 24> kZeros = {
    0x660, 0x6f0, 0x7c0, 0x966,  0x9e6,  0xa66,  0xae6,  0xb66,  0xbe6,  0xc66,  0xce6,  0xd66,
    0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1b50, 0xa620, 0xff10};

struct Twin {
  std::uint32_t point;
  char as;
};
// Letters of other scripts that look like ours, both cases.
constexpr std::array<Twin, 66> kTwins = {{
    {0x430, 'a'}, {0x410, 'a'}, {0x432, 'b'}, {0x412, 'b'}, {0x435, 'e'}, {0x415, 'e'},
    {0x451, 'e'}, {0x401, 'e'}, {0x43a, 'k'}, {0x41a, 'k'}, {0x43c, 'm'}, {0x41c, 'm'},
    {0x43d, 'h'}, {0x41d, 'h'}, {0x43e, 'o'}, {0x41e, 'o'}, {0x440, 'p'}, {0x420, 'p'},
    {0x441, 'c'}, {0x421, 'c'}, {0x442, 't'}, {0x422, 't'}, {0x443, 'y'}, {0x423, 'y'},
    {0x445, 'x'}, {0x425, 'x'}, {0x455, 's'}, {0x405, 's'}, {0x456, 'i'}, {0x406, 'i'},
    {0x458, 'j'}, {0x408, 'j'}, {0x501, 'd'}, {0x4bb, 'h'}, {0x51b, 'q'}, {0x51d, 'w'},
    {0x437, '3'}, {0x417, '3'}, {0x3b1, 'a'}, {0x391, 'a'}, {0x392, 'b'}, {0x3b5, 'e'},
    {0x395, 'e'}, {0x396, 'z'}, {0x397, 'h'}, {0x3b9, 'i'}, {0x399, 'i'}, {0x3ba, 'k'},
    {0x39a, 'k'}, {0x39c, 'm'}, {0x39d, 'n'}, {0x3bd, 'v'}, {0x3bf, 'o'}, {0x39f, 'o'},
    {0x3c1, 'p'}, {0x3a1, 'p'}, {0x3c4, 't'}, {0x3a4, 't'}, {0x3c5, 'u'}, {0x3a5, 'y'},
    {0x3c7, 'x'}, {0x3a7, 'x'}, {0x3b7, 'n'}, {0x3c9, 'w'}, {0x3b3, 'y'}, {0x261, 'g'},
}};

char FoldPoint(std::uint32_t p) {
  if (p < 0x80) {
    if ((p >= '0' && p <= '9') || (p >= 'a' && p <= 'z')) return static_cast<char>(p);
    if (p >= 'A' && p <= 'Z') return static_cast<char>(p + 32);
    return kParts;
  }
  if (p >= 0xff21 && p <= 0xff3a) return static_cast<char>('a' + (p - 0xff21));
  if (p >= 0xff41 && p <= 0xff5a) return static_cast<char>('a' + (p - 0xff41));
  if (p >= 0x1d400 && p <= 0x1d6a3) return static_cast<char>('a' + (p - 0x1d400) % 26);
  if (p >= 0x1d7ce && p <= 0x1d7ff) return static_cast<char>('0' + (p - 0x1d7ce) % 10);
  if (p >= 0x2460 && p <= 0x2468) return static_cast<char>('1' + (p - 0x2460));
  if (p == 0x24ea || p == 0x2070 || p == 0x2080) return '0';
  if (p >= 0x24b6 && p <= 0x24e9) return static_cast<char>('a' + (p - 0x24b6) % 26);
  if (p >= 0x1f130 && p <= 0x1f149) return static_cast<char>('a' + (p - 0x1f130));
  if (p == 0xb9) return '1';
  if (p == 0xb2 || p == 0xb3) return static_cast<char>('0' + (p - 0xb0));
  if (p >= 0x2074 && p <= 0x2079) return static_cast<char>('4' + (p - 0x2074));
  if (p >= 0x2081 && p <= 0x2089) return static_cast<char>('1' + (p - 0x2081));
  for (std::uint32_t zero : kZeros) {
    if (p >= zero && p <= zero + 9) return static_cast<char>('0' + (p - zero));
  }
  for (const Range& range : kLatin) {
    if (p >= range.first && p <= range.last) return range.as;
  }
  for (const Twin& twin : kTwins) {
    if (twin.point == p) return twin.as;
  }
  return kParts;
}

// One code point at `at`; a byte that is no UTF-8 stands for itself and parts words.
std::uint32_t Decode(std::string_view text, std::size_t at, std::size_t& length) {
  const auto lead = static_cast<unsigned char>(text[at]);
  length = 1;
  if (lead < 0x80) return lead;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + size > text.size()) return 0;
  std::uint32_t point = lead & (0xffu >> (size + 1));
  for (std::size_t k = 1; k < size; ++k) {
    const auto byte = static_cast<unsigned char>(text[at + k]);
    if ((byte & 0xc0) != 0x80) return 0;
    point = (point << 6) | (byte & 0x3fu);
  }
  length = size;
  return point;
}

}  // namespace

std::vector<FoldedWord> FoldWords(std::string_view text) {
  std::vector<FoldedWord> words;
  bool inside = false;
  for (std::size_t at = 0, length = 1; at < text.size(); at += length) {
    const char folded = FoldPoint(Decode(text, at, length));
    if (folded == kNothing) continue;
    if (folded == kParts) {
      inside = false;
      continue;
    }
    if (!inside) words.push_back({.text = {}, .begin = static_cast<std::uint32_t>(at)});
    inside = true;
    words.back().text += folded;
    words.back().end = static_cast<std::uint32_t>(at + length);
  }
  return words;
}

std::string FoldAll(std::string_view text) {
  std::string all;
  for (const FoldedWord& word : FoldWords(text)) all += word.text;
  return all;
}

}  // namespace dragoman::store
