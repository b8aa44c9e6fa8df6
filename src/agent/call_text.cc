#include "src/agent/call_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dragoman/core/text.h"

namespace dragoman {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Titles: never the end of a sentence.
constexpr std::array<std::string_view, 9> kTitles = {"mr", "mrs", "ms", "dr", "prof",
                                                     "st", "no",  "vs", "e.g"};
// May end a sentence; they do when a capital follows.
constexpr std::array<std::string_view, 4> kShort = {"a.m", "p.m", "i.e", "etc"};

// Whether the stop at `at` ends a sentence. nullopt: what follows must be known.
std::optional<bool> EndsSentence(std::string_view text, std::size_t at, bool complete) {
  const char mark = text[at];
  if (mark == '\n') return true;
  if (mark != '.' && mark != '!' && mark != '?') return false;
  std::size_t next = at + 1;
  while (next < text.size() && (text[next] == '"' || text[next] == '\'' || text[next] == ')')) {
    ++next;
  }
  if (next == text.size()) return complete ? std::optional<bool>(true) : std::nullopt;
  if (!IsBlank(text[next])) return false;
  if (mark != '.') return true;

  std::size_t begin = at;
  while (begin > 0 && !IsBlank(text[begin - 1])) --begin;
  const std::string word = ToLowerAscii(text.substr(begin, at - begin));
  if (std::find(kTitles.begin(), kTitles.end(), word) != kTitles.end()) return false;
  if (word.size() == 1 && IsUpper(text[begin])) return false;  // an initial
  if (std::find(kShort.begin(), kShort.end(), word) == kShort.end()) return true;
  while (next < text.size() && IsBlank(text[next])) ++next;
  if (next == text.size()) return complete ? std::optional<bool>(true) : std::nullopt;
  return IsUpper(text[next]);
}

std::size_t CutAtMost(std::string_view text, std::size_t max) {
  std::size_t comma = 0;
  std::size_t blank = 0;
  for (std::size_t i = 1; i < max; ++i) {
    if (!IsBlank(text[i])) continue;
    blank = i;
    if (text[i - 1] == ',' || text[i - 1] == ';' || text[i - 1] == ':') comma = i;
  }
  if (comma >= max / 3) return comma;
  if (blank > 0) return blank;
  std::size_t end = max;
  while (end > 1 && IsContinuation(text[end])) --end;
  return end;
}

}  // namespace

std::string WordsOf(std::string_view text) {
  std::string words;
  words.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (IsUpper(c)) c = static_cast<char>(c - 'A' + 'a');
    if (IsWordByte(c)) {
      words += c;
    } else if (c == '\'' && i > 0 && i + 1 < text.size() && IsWordByte(text[i - 1]) &&
               IsWordByte(text[i + 1])) {
      words += c;
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  if (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

bool HasWords(std::string_view text) { return std::any_of(text.begin(), text.end(), IsWordByte); }

int CountWords(std::string_view words) {
  if (words.empty()) return 0;
  return static_cast<int>(std::count(words.begin(), words.end(), ' ')) + 1;
}

std::string JoinText(std::string_view a, std::string_view b) {
  std::string joined(a);
  if (!a.empty() && !b.empty()) joined += ' ';
  joined += b;
  return joined;
}

std::string_view Prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && IsContinuation(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

std::size_t NextChunk(std::string_view text, bool complete, const ChunkRule& rule) {
  std::size_t lead = 0;
  while (lead < text.size() && IsBlank(text[lead])) ++lead;
  if (lead == text.size()) return complete ? text.size() : 0;
  const std::size_t limit = std::min(text.size(), lead + rule.max_chars);
  for (std::size_t i = lead; i < limit; ++i) {
    const std::optional<bool> ends = EndsSentence(text, i, complete);
    if (!ends.has_value()) break;
    if (!*ends) continue;
    std::size_t end = i + 1;
    while (end < text.size() && (text[end] == '"' || text[end] == '\'' || text[end] == ')')) ++end;
    if (end - lead >= rule.min_chars) return end;
  }
  if (text.size() - lead > rule.max_chars)
    return lead + CutAtMost(text.substr(lead), rule.max_chars);
  return complete ? text.size() : 0;
}

std::size_t HeardBytes(std::string_view text, const std::vector<call_event::WordTime>& words,
                       const Heard& heard) {
  if (heard.heard_ms <= 0) return 0;
  if (heard.total_ms > 0 && heard.heard_ms >= heard.total_ms) return text.size();
  std::size_t bytes = 0;
  if (!words.empty()) {
    for (const call_event::WordTime& word : words) {
      if (word.end_ms > heard.heard_ms) break;
      bytes = static_cast<std::size_t>(word.text_end);
    }
    // A mark that hangs on the word was not said, but belongs to it.
    while (bytes > 0 && bytes < text.size() && !IsBlank(text[bytes]) && !IsWordByte(text[bytes])) {
      ++bytes;
    }
    return std::min(bytes, text.size());
  }
  const auto chars = static_cast<std::int64_t>(text.size());
  const std::int64_t total =
      heard.total_ms > 0 ? heard.total_ms : std::max(heard.queued_ms, chars * kMsPerChar);
  bytes = static_cast<std::size_t>(
      std::min<std::int64_t>(chars, chars * heard.heard_ms / std::max<std::int64_t>(total, 1)));
  while (bytes > 0 && bytes < text.size() && !IsBlank(text[bytes])) --bytes;
  return bytes;
}

std::string JsonStringMember(std::string_view json, std::string_view name) {
  std::string key;
  std::string value;
  int depth = 0;
  bool is_value = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ':' && depth == 1) is_value = true;
    if (c == ',' && depth == 1) is_value = false;
    if (c != '"') continue;
    value.clear();
    for (++i; i < json.size() && json[i] != '"'; ++i) {
      if (json[i] != '\\' || i + 1 == json.size()) {
        value += json[i];
        continue;
      }
      ++i;
      if (json[i] == 'u') {
        i += 4;  // no words are lost by a character that cannot be spoken
        value += ' ';
      } else {
        value += json[i] == 'n' || json[i] == 't' || json[i] == 'r' ? ' ' : json[i];
      }
    }
    if (depth != 1) continue;
    if (!is_value) {
      key = value;
    } else if (key == name) {
      return value;
    }
  }
  return {};
}

std::uint64_t Fnv1a(std::uint64_t hash, std::string_view bytes) {
  for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

}  // namespace dragoman
