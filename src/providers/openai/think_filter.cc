#include "src/providers/openai/think_filter.h"

#include <algorithm>
#include <utility>

namespace dragoman::openai {
namespace {

constexpr std::string_view kOpen = "<think>";
constexpr std::string_view kClose = "</think>";

// Length of the longest end of `text` that is a beginning of `tag`.
std::size_t BeginningOf(std::string_view tag, std::string_view text) {
  std::size_t length = std::min(tag.size() - 1, text.size());
  while (length > 0 && !text.ends_with(tag.substr(0, length))) --length;
  return length;
}

}  // namespace

std::string ThinkFilter::Push(std::string_view more) {
  const std::string joined = std::exchange(held_, {}) + std::string(more);
  std::string_view text = joined;
  std::string spoken;
  while (!text.empty()) {
    if (skip_blanks_) {
      text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
      if (text.empty()) break;
      skip_blanks_ = false;
    }
    const std::string_view tag = thinking_ ? kClose : kOpen;
    const std::size_t at = text.find(tag);
    const std::size_t end =
        at != std::string_view::npos ? at : text.size() - BeginningOf(tag, text);
    if (!thinking_) spoken += text.substr(0, end);
    text.remove_prefix(end);
    if (at == std::string_view::npos) {
      held_ = text;
      break;
    }
    text.remove_prefix(tag.size());
    skip_blanks_ = thinking_;
    thinking_ = !thinking_;
  }
  return spoken;
}

std::string ThinkFilter::Finish() { return thinking_ ? std::string() : std::exchange(held_, {}); }

}  // namespace dragoman::openai
