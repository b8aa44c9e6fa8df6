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

bool IsWordPart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

// Runs of letters and digits in lower case; whatever is not ASCII belongs to a word.
template <typename Visit>
void ForEachWord(std::string_view lower, Visit visit) {
  for (std::size_t begin = 0; begin < lower.size();) {
    if (!IsWordPart(lower[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < lower.size() && IsWordPart(lower[end])) ++end;
    visit(lower.substr(begin, end - begin));
    begin = end;
  }
}

// Whole: 2; as a beginning: 1.
int Match(std::string_view word, const std::string& wanted) {
  if (!word.starts_with(wanted)) return 0;
  if (word.size() == wanted.size()) return 2;
  return wanted.size() >= kShortestBeginning ? 1 : 0;
}

}  // namespace

std::vector<Memory> BestOf(std::vector<Memory> among, std::string_view words, std::size_t limit) {
  std::set<std::string> once;
  ForEachWord(ToLowerAscii(words), [&](std::string_view word) {
    if (once.size() < kMostWords) once.emplace(word);
  });
  const std::vector<std::string> wanted(once.begin(), once.end());
  std::vector<std::vector<int>> matches(among.size());
  std::vector<std::int64_t> having(wanted.size(), 0);  // memories with each word
  for (std::size_t i = 0; i < among.size(); ++i) {
    matches[i].resize(wanted.size(), 0);
    ForEachWord(ToLowerAscii(among[i].text), [&](std::string_view word) {
      for (std::size_t k = 0; k < wanted.size(); ++k) {
        matches[i][k] = std::max(matches[i][k], Match(word, wanted[k]));
      }
    });
    for (std::size_t k = 0; k < wanted.size(); ++k) having[k] += matches[i][k] > 0 ? 1 : 0;
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
