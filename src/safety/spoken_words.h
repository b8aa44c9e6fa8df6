// A sentence as lower-case words without punctuation; numbers and signs of money apart.
#ifndef DRAGOMAN_SRC_SAFETY_SPOKEN_WORDS_H_
#define DRAGOMAN_SRC_SAFETY_SPOKEN_WORDS_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::safety {

class SpokenWords {
 public:
  explicit SpokenWords(std::string_view text);

  const std::vector<std::string_view>& words() const { return words_; }
  bool question() const { return question_; }
  // Any of these phrases, word by word.
  bool HasAny(std::initializer_list<std::string_view> phrases) const;
  bool HasPhraseAt(std::size_t at, std::string_view phrase) const;

 private:
  std::string text_;  // what words_ look into
  std::vector<std::string_view> words_;
  bool question_ = false;
};

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_SPOKEN_WORDS_H_
