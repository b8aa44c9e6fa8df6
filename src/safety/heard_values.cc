#include "src/safety/heard_values.h"

#include <algorithm>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"

namespace dragoman::safety {
namespace {

// Of a value that was told. A transcript that grows shows the beginning of a value before it shows
// the rest, so there two digits count; in a finished one two digits are part of any hour and date.
constexpr std::size_t kGrowingDigits = 2;
constexpr std::size_t kFinalDigits = 3;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<signed char>(c) < 0;
}

struct Span {
  std::size_t begin = 0, end = 0;  // of the text
  std::string_view handle;
};

bool OnlyPauses(std::string_view text) {
  return std::none_of(text.begin(), text.end(), IsWordByte);
}

}  // namespace

HeardText MaskValues(std::string_view before, std::string_view text, bool is_final,
                     const SecretMatcher& matcher, const std::vector<WatchedValue>& values) {
  HeardText heard{.text = std::string(text)};
  const std::string context = StrCat(before, " ", text);
  const std::size_t from = before.size() + 1;
  std::vector<Span> spans;
  for (const WatchedValue& value : values) {
    std::vector<SecretHit> hits = matcher.FindAll(value.handle, context, from, 0);
    // Whoever says a whole value says its pieces too: "4271, that is four two, seven one".
    const std::size_t least = !hits.empty() ? kGrowingDigits
                              : !value.told ? 0
                              : is_final    ? kFinalDigits
                                            : kGrowingDigits;
    if (least > 0) {
      const auto parts = matcher.FindAll(value.handle, context, from, least);
      hits.insert(hits.end(), parts.begin(), parts.end());
    }
    for (const SecretHit& hit : hits) {
      heard.reaches_back = heard.reaches_back || hit.begin < from;
      Span span{std::max(hit.begin, from) - from, std::min(hit.end, context.size()) - from,
                value.handle};
      while (span.begin > 0 && IsWordByte(text[span.begin]) && IsWordByte(text[span.begin - 1])) {
        --span.begin;
      }
      while (span.end < text.size() && span.end > 0 && IsWordByte(text[span.end - 1]) &&
             IsWordByte(text[span.end])) {
        ++span.end;
      }
      if (span.begin < span.end) spans.push_back(span);
    }
  }
  if (spans.empty()) {
    heard.reaches_back = false;
    return heard;
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Span> merged;
  for (const Span& span : spans) {
    const bool joins =
        !merged.empty() &&
        (span.begin <= merged.back().end ||
         (span.handle == merged.back().handle &&
          OnlyPauses(text.substr(merged.back().end, span.begin - merged.back().end))));
    if (joins) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  heard.masked = true;
  for (auto span = merged.rbegin(); span != merged.rend(); ++span) {
    // Without braces: whoever repeats it, or quotes it in a report, asks for nothing.
    heard.text.replace(span->begin, span->end - span->begin,
                       NamedHandles(WrittenHandle(span->handle)));
  }
  return heard;
}

}  // namespace dragoman::safety
