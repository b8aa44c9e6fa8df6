#include "src/providers/offline/pattern.h"

#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::offline {
namespace {

using Sequence = std::vector<std::string>;
constexpr size_t kMaxSequences = 256;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == '.' || c == '-';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Sequence>> Parse() {
    DRAGOMAN_ASSIGN_OR_RETURN(auto sequences, Alternatives(0));
    if (at_ != text_.size()) return Bad("a closing bracket without its opening");
    for (const Sequence& sequence : sequences) {
      if (sequence.empty()) return Bad("no word that is needed");
    }
    return sequences;
  }

 private:
  absl::Status Bad(std::string_view why) const {
    return InvalidArgument("phrase pattern \"", text_, "\" has ", why);
  }

  void SkipBlanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  absl::StatusOr<std::vector<Sequence>> Alternatives(int depth) {
    if (depth > 8) return Bad("too many nested brackets");
    std::vector<Sequence> all;
    while (true) {
      DRAGOMAN_ASSIGN_OR_RETURN(auto some, Concatenation(depth));
      all.insert(all.end(), some.begin(), some.end());
      if (all.size() > kMaxSequences) return Bad("too many alternatives");
      if (at_ == text_.size() || text_[at_] != '|') return all;
      ++at_;
    }
  }

  absl::StatusOr<std::vector<Sequence>> Concatenation(int depth) {
    std::vector<Sequence> sequences(1);
    for (SkipBlanks(); at_ < text_.size(); SkipBlanks()) {
      const char c = text_[at_];
      if (c == '|' || c == ')' || c == ']') break;
      if (c == '(' || c == '[') {
        ++at_;
        DRAGOMAN_ASSIGN_OR_RETURN(auto inner, Alternatives(depth + 1));
        if (at_ == text_.size() || text_[at_] != (c == '(' ? ')' : ']')) {
          return Bad("an opening bracket without its closing");
        }
        ++at_;
        if (c == '(') DRAGOMAN_RETURN_IF_ERROR(Append(inner, &sequences));
        continue;
      }
      if (!IsWordCharacter(c)) return Bad("a character that is in no lower-case word");
      const size_t start = at_;
      while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
      for (Sequence& sequence : sequences) sequence.emplace_back(text_.substr(start, at_ - start));
    }
    return sequences;
  }

  absl::Status Append(const std::vector<Sequence>& tails, std::vector<Sequence>* sequences) {
    std::vector<Sequence> product;
    for (const Sequence& head : *sequences) {
      for (const Sequence& tail : tails) {
        Sequence joined = head;
        joined.insert(joined.end(), tail.begin(), tail.end());
        product.push_back(std::move(joined));
      }
    }
    if (product.size() > kMaxSequences) return Bad("too many alternatives");
    *sequences = std::move(product);
    return absl::OkStatus();
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Sequence>> NeededWords(std::string_view pattern) {
  return Parser(pattern).Parse();
}

}  // namespace dragoman::offline
