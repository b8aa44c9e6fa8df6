#include "dragoman/conversation/provenance.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::array<std::string_view, 5> kIntegrities = {"untrusted", "derived", "service",
                                                          "config", "user"};
constexpr std::array<std::string_view, 4> kConfidentialities = {"public", "personal", "sensitive",
                                                                "secret"};
constexpr std::string_view kOthers = "~and others";  // sorts behind every name written in ASCII

std::string Escape(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x21 || byte == 0x7f || c == '%' || c == ';' || c == '=' || c == '*') {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool Unescape(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

std::string EscapeList(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ';';
    out += Escape(part);
  }
  return out;
}

bool UnescapeList(std::string_view text, std::vector<std::string>& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string part;
    if (!Unescape(text.substr(0, end), part) || part.empty()) return false;
    out.push_back(std::move(part));
    if (end < text.size() && end + 1 == text.size()) return false;  // a list ends with a part
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

void SortOnce(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

std::string_view Name(Integrity integrity) {
  return kIntegrities[static_cast<std::size_t>(integrity)];
}

std::string_view Name(Confidentiality confidentiality) {
  return kConfidentialities[static_cast<std::size_t>(confidentiality)];
}

Readers Readers::Everyone() {
  Readers readers;
  readers.everyone_ = true;
  return readers;
}

Readers Readers::Only(std::vector<std::string> sinks) {
  Readers readers;
  SortOnce(sinks);
  readers.sinks_ = std::move(sinks);
  return readers;
}

bool Readers::Include(std::string_view sink) const {
  return everyone_ || std::binary_search(sinks_.begin(), sinks_.end(), sink);
}

Readers Intersect(const Readers& a, const Readers& b) {
  if (a.everyone_) return b;
  if (b.everyone_) return a;
  Readers both;
  std::set_intersection(a.sinks_.begin(), a.sinks_.end(), b.sinks_.begin(), b.sinks_.end(),
                        std::back_inserter(both.sinks_));
  return both;
}

Label LabelOfNothing() {
  return {.integrity = Integrity::kUser,
          .confidentiality = Confidentiality::kPublic,
          .readers = Readers::Everyone()};
}

Label UserLabel(Confidentiality confidentiality, Readers readers) {
  if (confidentiality == Confidentiality::kPublic) readers = Readers::Everyone();
  return {.integrity = Integrity::kUser,
          .confidentiality = confidentiality,
          .readers = std::move(readers),
          .sources = {"you"}};
}

Label UntrustedLabel(std::string source) {
  return {.integrity = Integrity::kUntrusted,
          .confidentiality = Confidentiality::kPublic,
          .readers = Readers::Everyone(),
          .sources = {std::move(source)}};
}

Label Join(const Label& a, const Label& b) {
  Label joined{.integrity = std::min(a.integrity, b.integrity),
               .confidentiality = std::max(a.confidentiality, b.confidentiality),
               .readers = Intersect(a.readers, b.readers),
               .sources = a.sources,
               .quarantined = a.quarantined || b.quarantined};
  joined.sources.insert(joined.sources.end(), b.sources.begin(), b.sources.end());
  SortOnce(joined.sources);
  if (joined.sources.size() > kMaxSources) {
    joined.sources.resize(kMaxSources - 1);
    joined.sources.emplace_back(kOthers);
  }
  return joined;
}

std::string FormatLabel(const Label& label) {
  return StrCat(Name(label.integrity), " ", Name(label.confidentiality), " readers=",
                label.readers.everyone() ? std::string("*") : EscapeList(label.readers.sinks()),
                " from=", EscapeList(label.sources), label.quarantined ? " quarantined" : "");
}

absl::StatusOr<Label> ParseLabel(std::string_view line) {
  const std::vector<std::string_view> words = SplitWords(line);
  const auto refuse = [&] {
    return InvalidArgument("a label has the form \"user public readers=* from=you\"");
  };
  const bool quarantined = words.size() == 5 && words[4] == "quarantined";
  if ((words.size() != 4 && !quarantined) || !words[2].starts_with("readers=") ||
      !words[3].starts_with("from="))
    return refuse();
  Label label;
  label.quarantined = quarantined;
  const auto integrity = std::find(kIntegrities.begin(), kIntegrities.end(), words[0]);
  const auto secrecy = std::find(kConfidentialities.begin(), kConfidentialities.end(), words[1]);
  if (integrity == kIntegrities.end() || secrecy == kConfidentialities.end()) return refuse();
  label.integrity = static_cast<Integrity>(integrity - kIntegrities.begin());
  label.confidentiality = static_cast<Confidentiality>(secrecy - kConfidentialities.begin());
  const std::string_view readers = words[2].substr(8);
  std::vector<std::string> sinks;
  if (readers != "*" && !UnescapeList(readers, sinks)) return refuse();
  label.readers = readers == "*" ? Readers::Everyone() : Readers::Only(std::move(sinks));
  if (!UnescapeList(words[3].substr(5), label.sources)) return refuse();
  SortOnce(label.sources);
  if (label.sources.size() > kMaxSources) return refuse();
  return label;
}

}  // namespace dragoman
