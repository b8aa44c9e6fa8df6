#include "src/safety/spoken_words.h"

#include <algorithm>

#include "dragoman/core/text.h"

namespace dragoman::safety {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// What a listener takes for the same: typographic apostrophes, full-width digits and letters.
std::string Plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\xE2\x80\x99") || rest.starts_with("\xE2\x80\x98")) {
      out += '\'';
      i += 2;
    } else if (rest.size() >= 3 && rest[0] == '\xEF' && rest[1] == '\xBC' &&
               static_cast<unsigned char>(rest[2]) >= 0x90 &&
               static_cast<unsigned char>(rest[2]) <= 0x99) {
      out += static_cast<char>('0' + (static_cast<unsigned char>(rest[2]) - 0x90));
      i += 2;
    } else if (rest.starts_with("\xE2\x82\xAC")) {
      out += " euro ";
      i += 2;
    } else if (rest.starts_with("\xC2\xA3")) {
      out += " pound ";
      i += 1;
    } else if (rest.starts_with("\xE2\x80\x8B") || rest.starts_with("\xE2\x80\x8D") ||
               rest.starts_with("\xE2\x81\xA0")) {
      i += 2;  // not seen, not heard
    } else {
      out += text[i];
    }
  }
  return ToLowerAscii(out);
}

}  // namespace

SpokenWords::SpokenWords(std::string_view text) {
  const std::string plain = Plain(text);
  const std::string_view trimmed = Trim(plain);
  question_ = trimmed.ends_with('?') || trimmed.ends_with("?\"");
  const auto at = [&](std::size_t i) { return i < plain.size() ? plain[i] : ' '; };
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const char before = text_.empty() ? ' ' : text_.back();
    if (IsDigit(c) || IsLower(c)) {
      // "12month" is two words; "a1" stays.
      if (IsLower(c) && IsDigit(before) && IsLower(at(i + 1))) text_ += ' ';
      text_ += c;
    } else if (c == ',' && IsDigit(before) && IsDigit(at(i + 1)) && IsDigit(at(i + 2)) &&
               IsDigit(at(i + 3)) && !IsDigit(at(i + 4))) {
      continue;  // 1,200
    } else if ((c == '.' || c == ',') && IsDigit(before) && IsDigit(at(i + 1))) {
      text_ += '.';
    } else if (c == '\'') {
      text_ += ' ';  // "we'll" is "we ll", "don't" is "don t"
    } else if (c == '$') {
      text_ += " dollar ";
    } else if (c == '/') {
      text_ += " per ";
    } else if (c == ';' || c == ':' || c == ',' || c == '.' || c == '!' || c == '?') {
      text_ += ' ';
    } else {
      text_ += ' ';
    }
  }
  words_ = SplitWords(text_);
}

bool SpokenWords::HasPhraseAt(std::size_t at, std::string_view phrase) const {
  while (!phrase.empty()) {
    const std::size_t end = std::min(phrase.find(' '), phrase.size());
    if (at >= words_.size() || words_[at++] != phrase.substr(0, end)) return false;
    phrase.remove_prefix(std::min(end + 1, phrase.size()));
  }
  return true;
}

bool SpokenWords::HasAny(std::initializer_list<std::string_view> phrases) const {
  for (std::size_t at = 0; at < words_.size(); ++at) {
    for (std::string_view phrase : phrases) {
      if (HasPhraseAt(at, phrase)) return true;
    }
  }
  return false;
}

}  // namespace dragoman::safety
