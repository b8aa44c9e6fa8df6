#include "src/providers/mail/imap_search.h"

#include <algorithm>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {

std::string ImapSearchFor(std::string_view mark, std::string_view message_id) {
  // Neither can hold a quote or a backslash: hexadecimal digits, and a checked host name.
  return StrCat("UID SEARCH OR HEADER Message-ID \"", message_id, "\" HEADER X-Dragoman-Agent \"",
                mark, "\"");
}

// RFC 3501 section 7.2.5: "* SEARCH 2 3 6", with CONDSTORE (RFC 7162) "(MODSEQ 917)" behind it.
// Other untagged lines (EXISTS, FETCH with flags) may stand between.
std::optional<int> CountImapHits(std::string_view untagged_lines) {
  std::optional<int> hits;
  while (!untagged_lines.empty()) {
    const std::size_t end = std::min(untagged_lines.find('\n'), untagged_lines.size());
    const std::string_view line = untagged_lines.substr(0, end);
    untagged_lines.remove_prefix(std::min(end + 1, untagged_lines.size()));
    const std::vector<std::string_view> words = SplitWords(line);
    if (words.size() < 2 || words[0] != "*" || ToLowerAscii(words[1]) != "search") continue;
    if (!hits) hits = 0;
    for (std::size_t i = 2; i < words.size() && words[i].front() != '('; ++i) {
      const std::string_view word = words[i];
      const bool number =
          word.size() <= 10 && word.front() != '0' &&
          std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!number) return std::nullopt;
      ++*hits;
    }
  }
  return hits;
}

}  // namespace dragoman
