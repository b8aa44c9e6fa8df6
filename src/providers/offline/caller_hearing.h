// What one turn of the called party says: cues, days, times, names, amounts, and how they fit the
// facts. A pure function of the words and the facts.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_HEARING_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_HEARING_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/providers/offline/caller_facts.h"
#include "src/providers/offline/caller_phrases.h"

namespace dragoman::offline {

struct HeardDay {
  DateValue value;
  bool month = false;  // it was named
  bool number = false;
  int weekday = 0;       // as said, Monday is 1; 0: none
  bool refused = false;  // "I have nothing on Tuesday"
  std::size_t at = 0;
  std::size_t length = 0;
};
struct HeardHour {
  TimeValue value;
  bool refused = false;
  std::size_t at = 0;
  std::size_t length = 0;
};
struct HeardNumber {
  std::string text;  // "sixty dollars", "5551234"
  std::size_t at = 0;
  std::size_t length = 0;
};

struct CallerHearing {
  std::vector<std::string> sentences;    // as they stand in the turn
  Words words;                           // of all of them, without contractions
  std::vector<std::size_t> sentence_of;  // by word
  std::vector<HeardCue> cues;
  std::vector<HeardDay> days;
  std::vector<HeardHour> hours;
  std::vector<HeardNumber> amounts;  // of money
  std::vector<HeardNumber> numbers;  // digits, seven and more
  std::vector<std::string> spelled;  // names, letter by letter
  std::vector<std::string> names;    // said as names, not ours
  std::vector<std::string> doctors;  // surnames
  std::string reference;             // "R 47"
  bool our_name = false;             // said or spelled
  bool lost = false;                 // part of it was not made out
  bool question = false;             // a mark says so

  bool Has(Cue cue) const { return Find(cue) != nullptr; }
  const HeardCue* Find(Cue cue) const;
  // The sentence in which the word stands, as it stands in the turn.
  const std::string& SentenceAt(std::size_t word) const;
  // Words that no cue, value or name explains.
  std::size_t unexplained = 0;
};

CallerHearing HearCalled(std::string_view turn, const CallerFacts& facts, sys_days today);

bool FitsDay(const HeardDay& heard, const CallerFact& day);
bool FitsHour(const TimeValue& heard, const CallerFact& time);

// What a turn names wrongly: "the day", "the time", "the name", "the doctor".
struct Comparison {
  bool day_heard = false;   // and it fits
  bool time_heard = false;  // and it fits
  bool wrong_day = false;
  bool wrong_time = false;
  bool wrong_name = false;
  bool wrong_doctor = false;
  bool wrong_phone = false;
  bool open_day = false;  // one is named where the errand has none
  bool open_time = false;
  bool wrong() const {
    return wrong_day || wrong_time || wrong_name || wrong_doctor || wrong_phone;
  }
};
Comparison Compare(const CallerHearing& heard, const CallerFacts& facts);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_HEARING_H_
