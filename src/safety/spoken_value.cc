#include "src/safety/spoken_value.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "dragoman/core/text.h"

namespace dragoman::safety {
namespace {

constexpr std::array<std::string_view, 10> kDigits = {"zero", "one", "two",   "three", "four",
                                                      "five", "six", "seven", "eight", "nine"};

struct Sign {
  char sign;
  std::string_view name;
};
constexpr Sign kSigns[] = {{'!', "exclamation mark"},
                           {'"', "quote"},
                           {'#', "hash"},
                           {'$', "dollar"},
                           {'%', "percent"},
                           {'&', "ampersand"},
                           {'\'', "apostrophe"},
                           {'(', "open bracket"},
                           {')', "close bracket"},
                           {'*', "star"},
                           {'+', "plus"},
                           {',', "comma"},
                           {'-', "dash"},
                           {'.', "dot"},
                           {'/', "slash"},
                           {':', "colon"},
                           {';', "semicolon"},
                           {'<', "less than"},
                           {'=', "equals"},
                           {'>', "greater than"},
                           {'?', "question mark"},
                           {'@', "at"},
                           {'[', "open square bracket"},
                           {'\\', "backslash"},
                           {']', "close square bracket"},
                           {'^', "caret"},
                           {'_', "underscore"},
                           {'`', "backtick"},
                           {'{', "open brace"},
                           {'|', "bar"},
                           {'}', "close brace"},
                           {'~', "tilde"}};

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsWordLetter(char c) {
  return (c >= 'a' && c <= 'z') || IsUpper(c) || static_cast<signed char>(c) < 0;
}

// "correct", "Rover": said as it stands. "XKCD" and "aB" are letters.
bool IsWord(std::string_view piece) {
  if (piece.size() < 3 || !std::all_of(piece.begin(), piece.end(), IsWordLetter)) return false;
  return std::none_of(piece.begin() + 1, piece.end(), IsUpper);
}

class Sayer {
 public:
  explicit Sayer(bool english) : english_(english) {}

  void Say(std::string_view piece) {
    const bool signs = std::any_of(piece.begin(), piece.end(), [](char c) {
      return !IsDigit(c) && !IsWordLetter(c) && c != '-' && c != '/' && c != '.';
    });
    const bool cases = std::any_of(piece.begin(), piece.end(), IsUpper) &&
                       std::any_of(piece.begin(), piece.end(),
                                   [](char c) { return IsWordLetter(c) && !IsUpper(c); });
    const bool letters = std::any_of(piece.begin(), piece.end(), IsWordLetter);
    for (std::size_t at = 0; at < piece.size();) {
      std::size_t end = at;
      if (IsDigit(piece[at])) {
        while (end < piece.size() && IsDigit(piece[end])) ++end;
        Number(piece.substr(at, end - at));
      } else if (IsWordLetter(piece[at])) {
        while (end < piece.size() && IsWordLetter(piece[end])) ++end;
        Letters(piece.substr(at, end - at), cases);
      } else {
        // What only parts the digits of a number is a pause.
        if (signs || letters) Name(piece[at]);
        Pause();
        end = at + 1;
      }
      at = end;
    }
    Pause();
  }

  Secret Take() {
    while (!text_.empty() && (text_.back() == ',' || text_.back() == ' ')) text_.pop_back();
    return Secret(std::move(text_));
  }

 private:
  void Add(std::string_view word) {
    if (!text_.empty()) text_ += pause_ ? ", " : " ";
    pause_ = false;
    text_ += word;
  }
  void Pause() { pause_ = !text_.empty(); }

  // Four together at most: 4271; 428 193; 4111 1111 1111 1111; 020 7946 0958.
  void Number(std::string_view digits) {
    const std::size_t size = digits.size() <= 4 || digits.size() % 4 == 0 ? 4 : 3;
    Pause();
    for (std::size_t i = 0; i < digits.size(); ++i) {
      const std::size_t left = digits.size() - i;
      if (i > 0 && i % size == 0 && left > 1) Pause();
      const auto digit = static_cast<std::size_t>(digits[i] - '0');
      Add(english_ ? kDigits[digit] : digits.substr(i, 1));
    }
    Pause();
  }

  void Letters(std::string_view letters, bool cases) {
    if (IsWord(letters)) return Add(letters);
    for (std::size_t i = 0; i < letters.size();) {
      std::size_t end = i + 1;
      while (end < letters.size() && (letters[end] & 0xc0) == 0x80) ++end;  // one UTF-8 character
      std::string letter(letters.substr(i, end - i));
      if (end == i + 1 && !IsUpper(letter[0])) letter[0] = static_cast<char>(letter[0] - 'a' + 'A');
      if (cases && IsUpper(letters[i]) && english_) Add("capital");
      Add(letter);
      Pause();
      i = end;
    }
  }

  void Name(char c) {
    const Sign* const found = std::find_if(std::begin(kSigns), std::end(kSigns),
                                           [&](const Sign& one) { return one.sign == c; });
    if (found != std::end(kSigns)) Add(found->name);
  }

  const bool english_;
  std::string text_;
  bool pause_ = false;
};

}  // namespace

Secret SpokenValue(std::string_view value, std::string_view language) {
  Sayer sayer(language.empty() || language.substr(0, 2) == "en");
  for (std::string_view piece : SplitWords(value)) sayer.Say(piece);
  return sayer.Take();
}

}  // namespace dragoman::safety
