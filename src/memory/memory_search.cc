#include "src/memory/memory_search.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "dragoman/core/text.h"

namespace dragoman::memory {
namespace {

constexpr std::size_t kShortestBeginning = 3;
constexpr std::size_t kMostWords = 64;    // of a question
constexpr std::int64_t kWeight = 10'000;  // of a word that one memory has

// Runs of letters and digits; whatever is not ASCII belongs to a word.
std::set<std::string> WordsOf(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : ToLowerAscii(text) + " ") {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (part) {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  return words;
}

// Whole: 2; as a beginning: 1.
int Match(const std::set<std::string>& words, const std::string& wanted) {
  const auto at = words.lower_bound(wanted);
  if (at == words.end()) return 0;
  if (*at == wanted) return 2;
  return wanted.size() >= kShortestBeginning && at->starts_with(wanted) ? 1 : 0;
}

}  // namespace

std::vector<Memory> BestOf(std::vector<Memory> among, std::string_view words, std::size_t limit) {
  std::vector<std::string> wanted;
  for (const std::string& word : WordsOf(words)) {
    if (wanted.size() < kMostWords) wanted.push_back(word);
  }
  std::vector<std::vector<int>> matches(among.size());
  std::vector<std::int64_t> having(wanted.size(), 0);  // memories with each word
  for (std::size_t i = 0; i < among.size(); ++i) {
    const std::set<std::string> there = WordsOf(among[i].text);
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      matches[i].push_back(Match(there, wanted[k]));
      if (matches[i].back() > 0) ++having[k];
    }
  }
  std::vector<std::pair<std::int64_t, std::size_t>> scored;
  for (std::size_t i = 0; i < among.size(); ++i) {
    std::int64_t score = 0;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (matches[i][k] > 0) score += matches[i][k] * kWeight / having[k];
    }
    if (wanted.empty() || score > 0) scored.emplace_back(score, i);
  }
  std::sort(scored.begin(), scored.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first > b.first;
    const Memory& one = among[a.second];
    const Memory& other = among[b.second];
    return std::pair(other.created, other.id) < std::pair(one.created, one.id);
  });
  std::vector<Memory> best;
  for (const auto& [score, i] : scored) {
    if (best.size() < limit) best.push_back(std::move(among[i]));
  }
  return best;
}

}  // namespace dragoman::memory
