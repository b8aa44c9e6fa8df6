#include "src/providers/offline/corrections.h"

namespace dragoman::offline {

bool IsDenied(const Words& words, std::size_t begin, std::size_t end) {
  std::size_t before = begin;
  while (before > 0 &&
         OneOf(words[before - 1], {"on", "the", "at", "for", "in", "with", "doctor"})) {
    --before;
  }
  if (before > 0 && OneOf(words[before - 1], {"not", "isn't", "except", "than", "without"})) {
    // "Not before ten" is a wish, and its words belong to the time.
    return words[before - 1] != "than" || (before > 1 && words[before - 2] == "rather");
  }
  if (before > 1 && OneOf(words[before - 1], {"do", "make", "manage", "come", "be", "like"}) &&
      OneOf(words[before - 2], {"can't", "cannot", "not", "don't", "couldn't", "won't"})) {
    return true;
  }
  if (before > 1 && words[before - 1] == "of" && words[before - 2] == "instead") return true;
  if (before > 1 && words[before - 1] == "but" && words[before - 2] == "anything") return true;
  if (end >= words.size()) return false;
  if (OneOf(words[end], {"doesn't", "won't", "isn't", "wouldn't"})) return true;
  if (OneOf(words[end], {"does", "will", "is", "would"}) && end + 1 < words.size()) {
    return OneOf(words[end + 1], {"not", "no", "bad", "wrong", "too", "impossible", "out"});
  }
  return PhraseAt(words, end, {"i", "can't"}) || PhraseAt(words, end, {"i'm", "busy"});
}

bool HasCorrection(const Words& words, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end && i < words.size(); ++i) {
    if (OneOf(words[i], {"no", "nope", "sorry", "actually", "wait", "rather", "instead",
                         "correction", "meant", "mean", "scratch", "oops", "better", "but"})) {
      return true;
    }
    if (OneOf(words[i], {"make", "change"}) && i + 1 < end && OneOf(words[i + 1], {"it", "that"})) {
      return true;
    }
  }
  return false;
}

bool IsOrigin(const Words& words, std::size_t begin) {
  std::size_t before = begin;
  while (before > 0 && OneOf(words[before - 1], {"the", "at", "on"})) --before;
  return before > 0 && words[before - 1] == "from";
}

}  // namespace dragoman::offline
