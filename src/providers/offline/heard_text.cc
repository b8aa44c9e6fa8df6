#include "src/providers/offline/heard_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dragoman/core/text.h"

namespace dragoman::offline {
namespace {

struct SpokenWord {
  std::string text;
  std::size_t end = 0;  // byte after it in the text
};

std::vector<SpokenWord> SpokenWords(std::string_view text) {
  std::vector<SpokenWord> words;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool part = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '\'' || static_cast<unsigned char>(c) >= 0x80;
    if (part) {
      word += c;
    } else if (!word.empty()) {
      words.push_back({ToLowerAscii(word), i});
      word.clear();
    }
  }
  return words;
}

}  // namespace

std::size_t HeardUntil(std::string_view full, std::size_t from, std::string_view heard) {
  std::vector<SpokenWord> ours = SpokenWords(full);
  std::erase_if(ours, [&](const SpokenWord& word) { return word.end <= from; });
  const std::vector<SpokenWord> theirs = SpokenWords(heard);
  for (std::size_t start = 0; start < theirs.size(); ++start) {
    std::size_t same = 0;
    while (same < ours.size() && start + same < theirs.size() &&
           ours[same].text == theirs[start + same].text) {
      ++same;
    }
    const bool to_the_end = start + same == theirs.size();
    if (same >= std::min<std::size_t>(3, ours.size()) && same > 0) return ours[same - 1].end;
    if (start == 0 && same > 0 && to_the_end) return ours[same - 1].end;
  }
  return 0;
}

}  // namespace dragoman::offline
