#include "dragoman/conversation/vault_handle.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr std::string_view kOpen = "{{vault:";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kPrefix = "vault:";
constexpr std::size_t kLongest = 129;  // two names of 64 and what parts them

bool InHandle(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

}  // namespace

std::vector<HandleSpan> FindVaultHandles(std::string_view text) {
  std::vector<HandleSpan> spans;
  for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at)) {
    const std::size_t first = at + kOpen.size();
    std::size_t end = first;
    while (end < text.size() && InHandle(text[end])) ++end;
    HandleSpan span{.begin = at, .end = end, .handle = {}};
    if (text.substr(end).starts_with(kClose)) {
      span.end += kClose.size();
      if (end > first && end - first <= kLongest) span.handle = text.substr(first, end - first);
    }
    at = span.end;
    spans.push_back(span);
  }
  return spans;
}

std::string_view OnlyVaultHandle(std::string_view text) {
  const std::vector<HandleSpan> spans = FindVaultHandles(text);
  const bool only = spans.size() == 1 && spans[0].begin == 0 && spans[0].end == text.size();
  return only ? spans[0].handle : std::string_view();
}

std::string WrittenHandle(std::string_view handle) {
  return StrCat(kOpen, BareHandle(handle), kClose);
}

std::string NamedHandles(std::string_view text) {
  std::string named;
  std::size_t at = 0;
  for (const HandleSpan& span : FindVaultHandles(text)) {
    named += text.substr(at, span.begin - at);
    named += StrCat(kPrefix, span.handle);
    at = span.end;
  }
  named += text.substr(at);
  return named;
}

std::string_view BareHandle(std::string_view handle) {
  return handle.starts_with(kPrefix) ? handle.substr(kPrefix.size()) : handle;
}

}  // namespace dragoman
