// Takes <think>...</think> out of a stream of text, wherever it is cut.
#ifndef DRAGOMAN_SRC_PROVIDERS_OPENAI_THINK_FILTER_H_
#define DRAGOMAN_SRC_PROVIDERS_OPENAI_THINK_FILTER_H_

#include <string>
#include <string_view>

namespace dragoman::openai {

class ThinkFilter {
 public:
  // What of `text`, and of what was held back before, is to be spoken.
  std::string Push(std::string_view text);
  // The end: the beginning of a tag that never became one.
  std::string Finish();

 private:
  bool thinking_ = false;
  bool skip_blanks_ = false;  // right behind a closing tag
  std::string held_;          // may be the beginning of a tag
};

}  // namespace dragoman::openai

#endif  // DRAGOMAN_SRC_PROVIDERS_OPENAI_THINK_FILTER_H_
