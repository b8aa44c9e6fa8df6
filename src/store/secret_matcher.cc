#include "dragoman/store/secret_matcher.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/base64.h"
#include "src/store/fold_text.h"
#include "src/store/spoken_forms.h"

namespace dragoman {
namespace {

using store::ReadAll;
using store::Reading;
using store::Symbol;

constexpr std::size_t kShortest = 4;  // symbols that can be told from ordinary text
constexpr std::size_t kLong = 8;      // from here on a part is enough

// What is looked for in the readings: a folded value, or what it looks like in hexadecimal.
struct Pattern {
  std::size_t handle = 0;
  Secret symbols;
  std::size_t run = 0;         // so many in one run count
  std::string_view form = {};  // empty: that of the reading
  bool literal_only = false;
};

struct Gram {
  std::uint32_t key = 0;  // four symbols
  std::uint32_t pattern = 0;
  std::uint32_t offset = 0;
  friend bool operator<(const Gram& a, const Gram& b) {
    return std::tie(a.key, a.pattern, a.offset) < std::tie(b.key, b.pattern, b.offset);
  }
};

std::uint32_t Key(char a, char b, char c, char d) {
  const auto byte = [](char x) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(x));
  };
  return byte(a) << 24 | byte(b) << 16 | byte(c) << 8 | byte(d);
}

// 6 of 8, 3/5 of what is longer.
std::size_t RunOf(std::size_t size) {
  return size < kLong ? size : std::max<std::size_t>(6, (size * 3 + 4) / 5);
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// Base64's own characters; its URL form counts as the same.
std::string Base64Characters(std::string_view text, std::vector<std::uint32_t>* places) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '+' || c == '/';
    if (!known) continue;
    out += c;
    if (places != nullptr) places->push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "%34", "&#52;" and "&#x34;" as the characters they stand for; false: there were none.
bool Unescape(std::string_view text, std::string& out) {
  bool any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
        HexValue(text[i + 2]) >= 0) {
      out += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
      any = true;
      continue;
    }
    if (text[i] == '&' && i + 2 < text.size() && text[i + 1] == '#') {
      const bool hex = text[i + 2] == 'x' || text[i + 2] == 'X';
      std::size_t at = i + (hex ? 3 : 2);
      int value = 0;
      const std::size_t first = at;
      while (at < text.size() && at < first + 3 && HexValue(text[at]) >= 0 &&
             (hex || HexValue(text[at]) < 10)) {
        value = value * (hex ? 16 : 10) + HexValue(text[at++]);
      }
      if (at > first && value > 0 && value < 128) {
        out += static_cast<char>(value);
        i = at < text.size() && text[at] == ';' ? at : at - 1;
        any = true;
        continue;
      }
    }
    out += text[i];
  }
  return any;
}

class FoldingMatcher : public SecretMatcher {
 public:
  FoldingMatcher(const std::vector<SecretValue>& values, std::vector<std::string>* skipped) {
    for (const SecretValue& value : values) {
      const std::string folded = store::FoldAll(value.value.Reveal());
      if (folded.size() < kShortest) {
        if (skipped != nullptr) skipped->push_back(value.handle);
        continue;
      }
      handles_.push_back(value.handle);
      AddForms(value.value.Reveal(), folded);
    }
    std::sort(grams_.begin(), grams_.end());
  }

  std::vector<SecretHit> Find(std::string_view text, std::size_t from) const override {
    std::vector<SecretHit> hits;
    if (patterns_.empty()) return hits;
    FindIn(text, from, "", hits);
    std::string unescaped;
    if (Unescape(text, unescaped)) {
      // Places in the unescaped text mean nothing outside: such a hit covers the whole text.
      const std::size_t before = hits.size();
      std::string head;
      Unescape(text.substr(0, from), head);
      FindIn(unescaped, std::min(head.size(), unescaped.size()), "escaped", hits);
      for (std::size_t i = before; i < hits.size(); ++i) {
        hits[i].begin = from;
        hits[i].end = text.size();
      }
    }
    return hits;
  }

  std::vector<SecretHit> FindAll(std::string_view handle, std::string_view text, std::size_t from,
                                 std::size_t least_digits) const override {
    const auto is_its = [&](std::string_view other) {
      return BareHandle(other) == BareHandle(handle);
    };
    // Escapes and encodings: whatever Find says of them.
    std::vector<SecretHit> hits = Find(text, from);
    std::erase_if(hits, [&](const SecretHit& hit) { return !is_its(hit.handle); });
    const auto readings = ReadAll(text);
    for (const Pattern& pattern : patterns_) {
      if (!is_its(handles_[pattern.handle])) continue;
      for (std::size_t i = 0; i < readings.size(); ++i) {
        if (pattern.literal_only && i != store::kLiteral) continue;
        Stretches(readings[i], pattern, PartOf(pattern, i, least_digits), from, hits);
      }
    }
    return hits;
  }

 private:
  // How many symbols in a row count as a part of the value in this reading.
  static std::size_t PartOf(const Pattern& pattern, std::size_t reading, std::size_t least_digits) {
    const std::string_view symbols = pattern.symbols.Reveal();
    const bool plain = reading == store::kLiteral || reading == store::kPairs ||
                       reading == store::kSingles || reading == store::kSpelled;
    if (least_digits == 0 || !plain || pattern.literal_only) return pattern.run;
    const bool digits = symbols.find_first_not_of("0123456789") == std::string_view::npos;
    return std::min(pattern.run,
                    digits ? least_digits : std::max<std::size_t>(kShortest, symbols.size() / 2));
  }

  // The longest stretch that begins at each symbol, if it is long enough.
  void Stretches(const Reading& reading, const Pattern& pattern, std::size_t least,
                 std::size_t from, std::vector<SecretHit>& hits) const {
    const std::vector<Symbol>& s = reading.symbols;
    const std::string_view wanted = pattern.symbols.Reveal();
    for (std::size_t at = 0; at < s.size(); ++at) {
      std::size_t longest = 0;
      for (std::size_t offset = 0; offset < wanted.size(); ++offset) {
        std::size_t run = 0;
        while (at + run < s.size() && offset + run < wanted.size() &&
               s[at + run].c == wanted[offset + run] &&
               (run == 0 || s[at + run].word <= s[at + run - 1].word + 1 + reading.max_gap)) {
          ++run;
        }
        longest = std::max(longest, run);
      }
      if (longest < least || s[at + longest - 1].end <= from) continue;
      hits.push_back({.handle = handles_[pattern.handle],
                      .begin = s[at].begin,
                      .end = s[at + longest - 1].end,
                      .form = !pattern.form.empty() ? pattern.form : reading.form});
    }
  }

  void AddForms(std::string_view value, const std::string& folded) {
    const std::size_t handle = handles_.size() - 1;
    AddPattern({.handle = handle, .symbols = Secret(folded), .run = RunOf(folded.size())});
    std::string reversed(folded.rbegin(), folded.rend());
    if (reversed != folded)
      AddPattern({.handle = handle,
                  .symbols = Secret(std::move(reversed)),
                  .run = RunOf(folded.size()),
                  .form = "reversed"});
    std::set<std::string> spellings = {std::string(value), folded};
    std::string plain;  // as written, without what parts it
    for (char c : value) {
      if (static_cast<unsigned char>(c) > 0x20 && c != '-' && c != '.' && c != '/') plain += c;
    }
    spellings.insert(plain);
    for (const std::string& spelling : spellings) {
      const std::string hex = Hex(spelling);
      AddPattern({.handle = handle,
                  .symbols = Secret(hex),
                  .run = RunOf(hex.size()),
                  .form = "hexadecimal",
                  .literal_only = true});
      AddBase64(handle, spelling);
    }
  }

  // The characters that do not depend on what stands around, for each of the three phases.
  void AddBase64(std::size_t handle, const std::string& bytes) {
    for (std::size_t before = 0; before < 3; ++before) {
      const std::string all = EncodeBase64(std::string(before, '\0') + bytes);
      const std::size_t first = (before * 8 + 5) / 6;
      const std::size_t last = (before + bytes.size()) * 8 / 6;
      if (last < first + kShortest) continue;
      encoded_.push_back({handle, Secret(all.substr(first, last - first))});
    }
  }

  void AddPattern(Pattern pattern) {
    const std::string_view symbols = pattern.symbols.Reveal();
    const auto index = static_cast<std::uint32_t>(patterns_.size());
    for (std::size_t offset = 0; offset + pattern.run <= symbols.size(); ++offset) {
      grams_.push_back({.key = Key(symbols[offset], symbols[offset + 1], symbols[offset + 2],
                                   symbols[offset + 3]),
                        .pattern = index,
                        .offset = static_cast<std::uint32_t>(offset)});
      const std::uint32_t key = grams_.back().key;
      filter_[Slot(key)] = true;
    }
    patterns_.push_back(std::move(pattern));
  }

  static std::size_t Slot(std::uint32_t key) { return (key * 2654435761u) >> 20; }

  void FindIn(std::string_view text, std::size_t from, std::string_view form,
              std::vector<SecretHit>& hits) const {
    const auto readings = ReadAll(text);
    for (std::size_t i = 0; i < readings.size(); ++i)
      FindInReading(readings[i], i == store::kLiteral, from, form, hits);
    FindEncoded(text, from, hits);
  }

  void FindInReading(const Reading& reading, bool literal, std::size_t from, std::string_view form,
                     std::vector<SecretHit>& hits) const {
    const std::vector<Symbol>& s = reading.symbols;
    for (std::size_t at = 0; at + kShortest <= s.size(); ++at) {
      const std::uint32_t key = Key(s[at].c, s[at + 1].c, s[at + 2].c, s[at + 3].c);
      if (!filter_[Slot(key)]) continue;
      const Gram low{.key = key};
      for (auto gram = std::lower_bound(grams_.begin(), grams_.end(), low);
           gram != grams_.end() && gram->key == key; ++gram) {
        const Pattern& pattern = patterns_[gram->pattern];
        if ((pattern.literal_only && !literal) || !Matches(reading, at, pattern, gram->offset))
          continue;
        const Symbol& last = s[at + pattern.run - 1];
        if (last.end <= from) continue;
        Add(hits, {.handle = handles_[pattern.handle],
                   .begin = s[at].begin,
                   .end = last.end,
                   .form = !form.empty()           ? form
                           : !pattern.form.empty() ? pattern.form
                                                   : reading.form});
      }
    }
  }

  static bool Matches(const Reading& reading, std::size_t at, const Pattern& pattern,
                      std::size_t offset) {
    const std::vector<Symbol>& s = reading.symbols;
    if (at + pattern.run > s.size()) return false;
    const std::string_view wanted = pattern.symbols.Reveal().substr(offset, pattern.run);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (s[at + i].c != wanted[i]) return false;
      if (i > 0 && s[at + i].word > s[at + i - 1].word + 1 + reading.max_gap) return false;
    }
    return true;
  }

  void FindEncoded(std::string_view text, std::size_t from, std::vector<SecretHit>& hits) const {
    std::vector<std::uint32_t> places;
    const std::string characters = Base64Characters(text, &places);
    for (const auto& [handle, encoded] : encoded_) {
      std::size_t at = characters.find(encoded.Reveal());
      for (; at != std::string::npos; at = characters.find(encoded.Reveal(), at + 1)) {
        const std::size_t end = places[at + encoded.Reveal().size() - 1] + 1;
        if (end <= from) continue;
        Add(hits, {.handle = handles_[handle], .begin = places[at], .end = end, .form = "base64"});
        break;
      }
    }
  }

  static void Add(std::vector<SecretHit>& hits, SecretHit hit) {
    for (const SecretHit& other : hits) {
      if (other.handle == hit.handle) return;
    }
    hits.push_back(std::move(hit));
  }

  std::vector<std::string> handles_;
  std::vector<Pattern> patterns_;
  std::vector<Gram> grams_;
  std::array<bool, 4096> filter_{};
  std::vector<std::pair<std::size_t, Secret>> encoded_;
};

}  // namespace

std::unique_ptr<SecretMatcher> MakeSecretMatcher(std::vector<SecretValue> values,
                                                 std::vector<std::string>* skipped) {
  return std::make_unique<FoldingMatcher>(values, skipped);
}

}  // namespace dragoman
