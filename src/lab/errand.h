// A caller with an errand who does what they are asked: says it again in other words, spells with
// spelling words, keys it in where keys are offered, listens to what is read back.
#ifndef DRAGOMAN_SRC_LAB_ERRAND_H_
#define DRAGOMAN_SRC_LAB_ERRAND_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

// Knows only the words of the agent, as a person would understand them, and what was wrong with the
// last read-back. Everything it may ever do is there from the start, so that it can be rendered
// before the call. One thread at a time.
class ErrandPlayer {
 public:
  ErrandPlayer(const Errand& errand, std::uint64_t seed);  // the errand is valid
  ErrandPlayer(const ErrandPlayer&) = delete;
  ErrandPlayer& operator=(const ErrandPlayer&) = delete;

  // Addresses stay as long as the player lives.
  const std::vector<Step>& steps() const { return steps_; }
  // What to do now that the agent has said this, since the caller last spoke, and is silent. Null:
  // nothing was asked.
  const Step* Answer(std::string_view said);

 private:
  enum class Subject {
    kNothing,
    kWish,
    kDay,
    kTime,
    kOffer,
    kName,
    kNameGuess,
    kReadBack,
    kDetail,
    kWhichOfTwo,
    kMore,
    kMessage,
    kAgain
  };
  static Subject SubjectOf(std::string_view question);
  const Step* AnswerTo(Subject subject, std::string_view question);
  const Step* Wish(std::string_view question, bool keys);
  const Step* AnswerReadBack(std::string_view question, bool keys);
  const Step* AnswerOffer(std::string_view question, bool keys);
  const Step* AnswerDetail(std::string_view question, bool keys);
  const Step* AnswerName(std::string_view question, bool keys);
  const Step* AnswerWhichOfTwo(std::string_view question, bool keys);
  const Step* Day(std::string_view question, bool keys);
  const Step* Time(std::string_view question, bool keys);
  const Step* YesNo(bool yes, std::string_view question, bool keys);
  const Step* Say(const std::string& what);  // the next wording of it
  const Step* Keys(std::string_view keys, std::string_view question) const;
  // The key that a menu ("for the day, press one; ...") names behind one of the words; '\0': none.
  static char KeyFor(std::string_view question, const Pattern& words);

  void AddLine(const std::string& what, std::string_view text);
  void AddKeys(const std::string& keys);
  void AddLines(std::uint64_t seed);
  bool NamesAnotherDay(std::string_view question) const;

  const Errand errand_;
  std::string day_;       // "wednesday the seventh of january", as it is listened for
  std::string time_;      // "ten thirty in the morning"
  std::string name_;      // "for smith s m i t h"
  std::string two_keys_;  // key and place of each letter
  std::vector<Step> steps_;
  std::map<std::string, std::vector<std::size_t>> lines_;  // wordings of a thing to say, in order
  std::map<std::string, std::size_t> keys_;                // steps that press them
  std::map<std::string, std::size_t> said_;                // how often each was said
  const Step* hang_up_ = nullptr;
  Subject last_ = Subject::kWish;
  bool wrong_day_ = false;  // in the last read-back
  bool wrong_time_ = false;
  bool wrong_name_ = false;
  bool booked_ = false;
  int answers_ = 0;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_ERRAND_H_
