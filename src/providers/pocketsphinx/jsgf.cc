#include "src/providers/pocketsphinx/jsgf.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::pocketsphinx {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxWordBytes = 64;
constexpr std::size_t kMaxRules = 4096;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\'' ||
         c == '-' || c == '_' || c == '.';
}

enum class Kind { kEnd, kWord, kRule, kMark, kWeight };
struct Token {
  Kind kind = Kind::kEnd;
  std::string text;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  int line() const { return line_; }
  absl::Status Error(std::string_view fact) const {
    return InvalidArgument("pocketsphinx: grammar line ", line_, ": ", fact);
  }

  // Up to and with the line's end.
  std::string_view Line() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    const std::string_view line = text_.substr(begin, at_ - begin);
    Skip();
    return line;
  }

  absl::StatusOr<Token> Next() {
    DRAGOMAN_RETURN_IF_ERROR(SkipIgnored());
    if (at_ >= text_.size()) return Token{};
    const char c = text_[at_];
    if (c == '<') return Delimited('>', Kind::kRule);
    if (c == '/') return Delimited('/', Kind::kWeight);
    if (c == '"') return Error("quoted tokens are not supported; write the words");
    if (std::string_view("=;|()[]*+").find(c) != std::string_view::npos) {
      Skip();
      return Token{Kind::kMark, std::string(1, c)};
    }
    Token word{Kind::kWord, ""};
    while (at_ < text_.size() && IsWordChar(text_[at_])) {
      word.text += text_[at_];
      Skip();
    }
    if (word.text.empty()) {
      return Error(StrCat("unexpected byte ", static_cast<int>(static_cast<unsigned char>(c))));
    }
    if (word.text.size() > kMaxWordBytes) return Error("a word is longer than 64 bytes");
    return word;
  }

 private:
  void Skip() {
    if (at_ < text_.size() && text_[at_] == '\n') ++line_;
    ++at_;
  }

  // Blanks, comments and tags.
  absl::Status SkipIgnored() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (IsBlank(rest[0])) {
        Skip();
      } else if (rest.starts_with("//")) {
        Line();
      } else if (rest.starts_with("/*")) {
        const std::size_t end = rest.find("*/");
        if (end == std::string_view::npos) return Error("a comment does not end");
        for (std::size_t i = 0; i < end + 2; ++i) Skip();
      } else if (rest[0] == '{') {
        const std::size_t end = rest.find('}');
        if (end == std::string_view::npos) return Error("a tag does not end");
        for (std::size_t i = 0; i <= end; ++i) Skip();
      } else {
        break;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Token> Delimited(char close, Kind kind) {
    Token token{kind, ""};
    for (Skip(); at_ < text_.size() && text_[at_] != close; Skip()) {
      const char c = text_[at_];
      const bool fits = kind == Kind::kWeight ? (c >= '0' && c <= '9') || c == '.' : IsWordChar(c);
      if (!fits) return Error(StrCat("a name or weight may not hold '", c, "'"));
      token.text += c;
    }
    if (at_ >= text_.size()) return Error("a name or weight does not end");
    Skip();
    if (token.text.empty() || token.text.size() > kMaxWordBytes) {
      return Error("a name or weight is empty or too long");
    }
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

struct Rule {
  int line = 0;
  bool defined = false;
  std::size_t own_words = 0;
  std::vector<std::string> references;  // one per use
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  absl::StatusOr<CheckedGrammar> Parse() {
    if (!Trim(lexer_.Line()).starts_with("#JSGF")) {
      return InvalidArgument("pocketsphinx: grammar line 1: expected \"#JSGF V1.0;\"");
    }
    DRAGOMAN_RETURN_IF_ERROR(Advance());
    if (!IsWord("grammar")) return lexer_.Error("expected \"grammar NAME;\"");
    DRAGOMAN_RETURN_IF_ERROR(Advance());
    if (token_.kind != Kind::kWord) return lexer_.Error("expected the grammar's name");
    DRAGOMAN_RETURN_IF_ERROR(Advance());
    DRAGOMAN_RETURN_IF_ERROR(Expect(";"));
    out_.text = "#JSGF V1.0;\ngrammar dragoman;\n";
    while (token_.kind != Kind::kEnd) DRAGOMAN_RETURN_IF_ERROR(ParseRule());
    if (root_.empty()) return InvalidArgument("pocketsphinx: grammar has no public rule");
    DRAGOMAN_RETURN_IF_ERROR(CheckReferences());
    return std::move(out_);
  }

 private:
  absl::Status Advance() {
    DRAGOMAN_ASSIGN_OR_RETURN(token_, lexer_.Next());
    return absl::OkStatus();
  }
  bool IsMark(std::string_view mark) const {
    return token_.kind == Kind::kMark && token_.text == mark;
  }
  bool IsWord(std::string_view word) const {
    return token_.kind == Kind::kWord && token_.text == word;
  }
  absl::Status Expect(std::string_view mark) {
    if (!IsMark(mark)) return lexer_.Error(StrCat("expected '", mark, "'"));
    return Advance();
  }
  void Emit(std::string_view text) {
    out_.text += text;
    out_.text += ' ';
  }

  absl::Status ParseRule() {
    if (IsWord("import")) return lexer_.Error("imports are not supported");
    const bool is_public = IsWord("public");
    if (is_public) DRAGOMAN_RETURN_IF_ERROR(Advance());
    if (token_.kind != Kind::kRule) return lexer_.Error("expected \"<rule> = ...;\"");
    const std::string name = token_.text;
    if (rules_.size() >= kMaxRules) return lexer_.Error("too many rules");
    rule_ = &rules_[name];
    if (rule_->defined) return lexer_.Error(StrCat("rule <", name, "> is defined twice"));
    rule_->defined = true;
    rule_->line = lexer_.line();
    if (is_public && root_.empty()) {
      root_ = name;
      Emit("public");
    }
    Emit(StrCat("<", name, "> ="));
    DRAGOMAN_RETURN_IF_ERROR(Advance());
    DRAGOMAN_RETURN_IF_ERROR(Expect("="));
    DRAGOMAN_RETURN_IF_ERROR(ParseAlternatives(0));
    DRAGOMAN_RETURN_IF_ERROR(Expect(";"));
    out_.text += ";\n";
    return absl::OkStatus();
  }

  absl::Status ParseAlternatives(int depth) {
    if (depth > kMaxDepth) return lexer_.Error("brackets are nested more than 64 deep");
    for (;;) {
      if (token_.kind == Kind::kWeight) {
        Emit(StrCat("/", token_.text, "/"));
        DRAGOMAN_RETURN_IF_ERROR(Advance());
      }
      DRAGOMAN_RETURN_IF_ERROR(ParseSequence(depth));
      if (!IsMark("|")) return absl::OkStatus();
      Emit("|");
      DRAGOMAN_RETURN_IF_ERROR(Advance());
    }
  }

  absl::Status ParseSequence(int depth) {
    bool empty = true;
    for (;; empty = false) {
      if (token_.kind == Kind::kWord) {
        const std::string word = ToLowerAscii(token_.text);
        out_.words.insert(word);
        ++rule_->own_words;
        Emit(word);
        DRAGOMAN_RETURN_IF_ERROR(Advance());
      } else if (token_.kind == Kind::kRule) {
        if (token_.text == "VOID") return lexer_.Error("<VOID> is not supported");
        if (token_.text != "NULL") rule_->references.push_back(token_.text);
        Emit(StrCat("<", token_.text, ">"));
        DRAGOMAN_RETURN_IF_ERROR(Advance());
      } else if (IsMark("(") || IsMark("[")) {
        const std::string close = IsMark("(") ? ")" : "]";
        Emit(token_.text);
        DRAGOMAN_RETURN_IF_ERROR(Advance());
        DRAGOMAN_RETURN_IF_ERROR(ParseAlternatives(depth + 1));
        DRAGOMAN_RETURN_IF_ERROR(Expect(close));
        Emit(close);
      } else {
        break;
      }
      if (IsMark("*") || IsMark("+")) {
        Emit(token_.text);
        DRAGOMAN_RETURN_IF_ERROR(Advance());
      }
    }
    return empty ? lexer_.Error("expected a word, a rule or a bracket") : absl::OkStatus();
  }

  // Every rule defined, none reached from itself, and the whole of bounded size. References are
  // followed with a stack of our own: a chain of rules may be as long as the grammar.
  absl::Status CheckReferences() {
    for (const auto& [name, rule] : rules_) {
      for (const std::string& used : rule.references) {
        if (!rules_.contains(used)) {
          return InvalidArgument("pocketsphinx: grammar line ", rule.line, ": rule <", name,
                                 "> uses <", used, ">, which is not defined");
        }
      }
    }
    std::map<std::string, std::size_t> sizes;
    std::vector<std::pair<std::string, std::size_t>> path;  // rule, next reference
    std::set<std::string> open;
    for (const auto& [start, unused] : rules_) {
      if (!sizes.contains(start)) path.emplace_back(start, 0);
      while (!path.empty()) {
        auto& [name, next] = path.back();
        open.insert(name);
        const Rule& rule = rules_[name];
        if (next < rule.references.size()) {
          const std::string& used = rule.references[next++];
          if (open.contains(used)) {
            return InvalidArgument("pocketsphinx: grammar line ", rule.line, ": rule <", used,
                                   "> is reached from itself; use + or * to repeat");
          }
          if (!sizes.contains(used)) path.emplace_back(used, 0);
          continue;
        }
        std::size_t size = rule.own_words;
        for (const std::string& used : rule.references) {
          size = std::min(size + sizes[used], kMaxExpandedWords + 1);
        }
        if (size > kMaxExpandedWords) {
          return InvalidArgument("pocketsphinx: grammar rule <", name, "> expands to more than ",
                                 kMaxExpandedWords, " words");
        }
        sizes[name] = size;
        open.erase(name);
        path.pop_back();
      }
    }
    return absl::OkStatus();
  }

  Lexer lexer_;
  Token token_;
  CheckedGrammar out_;
  std::map<std::string, Rule> rules_;
  Rule* rule_ = nullptr;
  std::string root_;
};

}  // namespace

absl::StatusOr<CheckedGrammar> CheckGrammar(std::string_view text) {
  if (text.size() > kMaxGrammarBytes) {
    return InvalidArgument("pocketsphinx: grammar has ", text.size(), " bytes; expected at most ",
                           kMaxGrammarBytes);
  }
  return Parser(text).Parse();
}

}  // namespace dragoman::pocketsphinx
