#include "src/lab/errand.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::lab {
namespace {

constexpr int kPatience = 60;  // answers, then the caller hangs up

constexpr std::string_view kNumbers[] = {
    "twelve",   "one",     "two",     "three",     "four",     "five",     "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};
constexpr std::string_view kOrdinals[] = {
    "",           "first",     "second",    "third",       "fourth",     "fifth",      "sixth",
    "seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"};
constexpr std::string_view kWeekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                          "thursday", "friday", "saturday"};
constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

std::string Ordinal(unsigned day) {
  if (day <= 20) return std::string(kOrdinals[day]);
  if (day == 30) return "thirtieth";
  return StrCat(day > 30 ? "thirty " : "twenty ", kOrdinals[day % 10]);
}

std::string Minute(int minute) {
  constexpr std::string_view kTens[] = {"", "", "twenty", "thirty", "forty", "fifty"};
  if (minute <= 20) return StrCat(minute < 10 ? "oh " : "", kNumbers[minute]);
  const std::string_view tens = kTens[minute / 10];
  return minute % 10 == 0 ? std::string(tens) : StrCat(tens, " ", kNumbers[minute % 10]);
}

std::string Hour(int hour) { return std::string(kNumbers[hour % 12]); }

bool Has(std::string_view text, std::string_view pattern) { return Pattern(pattern).Matches(text); }

// What was asked last: from behind the question before it to the end; instructions may follow it.
std::string_view LastQuestion(std::string_view said) {
  const std::size_t last = said.rfind('?');
  if (last == std::string_view::npos || last == 0) return said;
  std::size_t before = said.rfind('?', last - 1);
  // "Is it Smith? Yes or no?" is one.
  if (before != std::string_view::npos && before > 0 && Has(said.substr(before), "yes or no")) {
    before = said.rfind('?', before - 1);
  }
  return before == std::string_view::npos ? said : said.substr(before + 1);
}

constexpr std::string_view kLettersOf[] = {"abc", "def",  "ghi", "jkl",
                                           "mno", "pqrs", "tuv", "wxyz"};

// "76484" for "smith", or key and place of each letter, "7461...".
std::string NameKeys(std::string_view name, bool places) {
  std::string keys;
  for (char c : name) {
    for (int key = 0; key < 8; ++key) {
      const std::size_t place = kLettersOf[key].find(c);
      if (place == std::string_view::npos) continue;
      keys += static_cast<char>('2' + key);
      if (places) keys += static_cast<char>('1' + place);
    }
  }
  return keys;
}

}  // namespace

ErrandPlayer::ErrandPlayer(const Errand& errand, std::uint64_t seed) : errand_(errand) {
  name_ = StrCat("for ", errand.name);
  for (char c : errand.name) name_ += StrCat(" ", std::string(1, c));
  AddLines(seed);
}

void ErrandPlayer::AddLine(const std::string& what, std::string_view text) {
  auto pieces = ParseSpeech(text);
  if (!pieces.ok()) return;
  Step step;
  step.action = ActionKind::kSay;
  step.say = *std::move(pieces);
  lines_[what].push_back(steps_.size());
  steps_.push_back(std::move(step));
}

void ErrandPlayer::AddKeys(const std::string& keys) {
  for (const char* end : {"", "#"}) {
    Step step;
    step.action = ActionKind::kDtmf;
    step.keys = keys + end;
    keys_[step.keys] = steps_.size();
    steps_.push_back(std::move(step));
  }
}

void ErrandPlayer::AddLines(std::uint64_t seed) {
  SeededRandom random(seed * 977 + 5);
  int year = 0, hour = 0, minute = 0;
  unsigned month = 1, day = 1;
  std::sscanf(errand_.date.c_str(), "%4d-%2u-%2u", &year, &month, &day);
  std::sscanf(errand_.time.c_str(), "%2d:%2d", &hour, &minute);
  const std::chrono::sys_days date = std::chrono::year(year) / month / day;
  const std::string_view weekday = kWeekdays[std::chrono::weekday(date).c_encoding()];
  const std::string_view month_name = kMonths[month - 1];
  const std::string the = Ordinal(day);
  day_ = StrCat(weekday, " the ", the, " of ", month_name);
  const std::string clock = minute == 0 ? Hour(hour) : StrCat(Hour(hour), " ", Minute(minute));
  const std::string_view part = hour < 12   ? " in the morning"
                                : hour < 18 ? " in the afternoon"
                                            : " in the evening";
  const bool noon = hour == 12 && minute == 0;
  time_ = noon ? "noon" : StrCat(clock, part);

  const std::string days[] = {day_, StrCat(month_name, " the ", the),
                              StrCat("the ", the, " of ", month_name)};
  const std::string half = minute == 30 ? StrCat("half past ", Hour(hour)) : time_;
  const std::string times[] = {noon ? "noon" : clock, time_, noon ? "twelve o'clock" : half};
  const std::string wish[] = {"I'd like to book an appointment", "book an appointment please",
                              StrCat("I'd like to book an appointment on ", days[0])};
  const std::uint64_t turn = random.Below(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    AddLine("wish", wish[i == 0 ? turn : i - 1]);
    AddLine("day", days[(turn + i) % 3]);
    AddLine("time", times[(turn + i) % 3]);
    AddLine("fix day", StrCat("no make it ", days[(turn + i) % 3]));
    AddLine("fix time", StrCat("no make it ", times[(turn + i) % 3]));
    AddLine("fix both", StrCat("no make it ", days[0], " at ", times[i % 2]));
  }
  AddLine("name", StrCat("<spell ", errand_.name, ">"));
  AddLine("name", StrCat("<nato ", errand_.name, ">"));
  AddLine("fix name", "no the name is wrong");
  for (const char* yes : {"yes", "that's right", "yes please"}) AddLine("yes", yes);
  for (const char* no : {"no", "no that's wrong"}) AddLine("no", no);
  for (const char* thing : {"the day", "the time", "the name"}) AddLine(thing, thing);
  AddLine("no more", "no thank you");
  AddLine("no more", "no");
  char digits[8];
  std::snprintf(digits, sizeof digits, "%02u%02u", month % 100, day % 100);
  AddKeys(digits);
  std::snprintf(digits, sizeof digits, "%02u%02u", day % 100, month % 100);
  AddKeys(digits);
  std::snprintf(digits, sizeof digits, "%02d%02d", hour % 100, minute % 100);
  AddKeys(digits);
  two_keys_ = NameKeys(errand_.name, true);
  AddKeys(NameKeys(errand_.name, false));
  AddKeys(two_keys_);
  for (char key = '1'; key <= '9'; ++key) AddKeys(std::string(1, key));
  Step leave;
  leave.action = ActionKind::kHangUp;
  steps_.push_back(std::move(leave));
  hang_up_ = &steps_.back();
}

ErrandPlayer::Subject ErrandPlayer::SubjectOf(std::string_view question) {
  struct Row {
    std::string_view words;
    Subject subject;
  };
  static constexpr Row kRows[] = {
      {"goodbye", Subject::kNothing},
      {"shall i book it|is that right|is that correct", Subject::kReadBack},
      {"is it.*yes or no", Subject::kNameGuess},
      {"what should i change|what is wrong|which part", Subject::kDetail},
      {"anything else|something else", Subject::kMore},
      {"take a message|call you back", Subject::kMessage},
      {"do you mean", Subject::kWhichOfTwo},
      {"last name|your name|spell", Subject::kName},
      {"would that suit you|which would you like", Subject::kOffer},
      {"what time|tell me a time|the time", Subject::kTime},
      {"what day|which day|other day|tell me a day|the day", Subject::kDay},
      {"help you|do for you|what would you like", Subject::kWish},
      {"say that again|differently|still there|hear|understand", Subject::kAgain},
  };
  for (const Row& row : kRows) {
    if (Has(question, row.words)) return row.subject;
  }
  return Subject::kNothing;
}

const Step* ErrandPlayer::Answer(std::string_view said) {
  if (Has(said, "is booked")) booked_ = true;
  const std::string_view question = LastQuestion(said);
  Subject subject = SubjectOf(question);
  if (subject == Subject::kNothing) return nullptr;
  if (subject == Subject::kAgain) {
    const char key = errand_.keypad ? KeyFor(question, Pattern("you are there")) : '\0';
    if (key != '\0') return Keys(std::string(1, key), question);
    subject = last_;
  }
  if (++answers_ > kPatience) return hang_up_;
  last_ = subject;
  return AnswerTo(subject, question);
}

const Step* ErrandPlayer::AnswerTo(Subject subject, std::string_view question) {
  const bool keys = errand_.keypad && Has(question, "press|keypad|keys|key in");
  switch (subject) {
    case Subject::kReadBack:
      return AnswerReadBack(question, keys);
    case Subject::kNameGuess:
      return YesNo(Has(question, StrCat("is it ", std::string_view(name_).substr(4))), question,
                   keys);
    case Subject::kDetail:
      return AnswerDetail(question, keys);
    case Subject::kMore:
      if (booked_) return keys ? YesNo(false, question, keys) : Say("no more");
      return Wish(question, keys);
    case Subject::kMessage:
      return YesNo(false, question, keys);
    case Subject::kWhichOfTwo:
      return AnswerWhichOfTwo(question, keys);
    case Subject::kName:
      return AnswerName(question, keys);
    case Subject::kOffer:
    case Subject::kTime:
      return AnswerOffer(question, keys);
    case Subject::kDay:
      return Day(question, keys);
    default:
      break;
  }
  return Wish(question, keys);
}

const Step* ErrandPlayer::Wish(std::string_view question, bool keys) {
  if (const char key = keys ? KeyFor(question, Pattern("book")) : '\0') {
    return Keys(std::string(1, key), question);
  }
  return Say("wish");
}

const Step* ErrandPlayer::AnswerReadBack(std::string_view question, bool keys) {
  wrong_day_ = !Has(question, day_);
  wrong_time_ = !Has(question, StrCat("at ", time_));
  wrong_name_ = !Has(question, name_);
  if (!wrong_day_ && !wrong_time_ && !wrong_name_) return YesNo(true, question, keys);
  if (keys) return YesNo(false, question, keys);
  if (wrong_day_ && wrong_time_) return Say("fix both");
  return Say(wrong_day_ ? "fix day" : wrong_time_ ? "fix time" : "fix name");
}

// Free times are offered for a day, which shows whether the day was understood.
const Step* ErrandPlayer::AnswerOffer(std::string_view question, bool keys) {
  const bool listed = Has(question, "i have");
  if (listed && NamesAnotherDay(question)) {
    wrong_day_ = true;
    if (const char key = keys ? KeyFor(question, Pattern("day")) : '\0') {
      return Keys(std::string(1, key), question);
    }
    return Say("fix day");
  }
  if (Has(question, "would that suit you") && Has(question, time_)) {
    return YesNo(true, question, keys);
  }
  return Time(question, keys);
}

bool ErrandPlayer::NamesAnotherDay(std::string_view question) const {
  if (Has(question, day_)) return false;
  for (std::string_view weekday : kWeekdays) {
    if (Has(question, StrCat(weekday, " the"))) return true;
  }
  return false;
}

const Step* ErrandPlayer::AnswerDetail(std::string_view question, bool keys) {
  const char* what = wrong_day_ ? "the day" : wrong_time_ ? "the time" : "the name";
  if (const char key = keys ? KeyFor(question, Pattern(what)) : '\0') {
    return Keys(std::string(1, key), question);
  }
  return Say(what);
}

const Step* ErrandPlayer::AnswerName(std::string_view question, bool keys) {
  // Whoever wants an appointment has none that could be found.
  if (Has(question, "cannot find an appointment|to book an appointment")) {
    return Wish(question, keys);
  }
  if (!keys) return Say("name");
  const bool places = Has(question, "two keys");
  return Keys(places ? two_keys_ : NameKeys(errand_.name, false), question);
}

const Step* ErrandPlayer::AnswerWhichOfTwo(std::string_view question, bool keys) {
  const bool days = Has(question,
                        "of january|of february|of march|of april|of may|of june|of july|"
                        "of august|of september|of october|of november|of december");
  const std::string& mine = days ? day_ : time_;
  if (const char key = keys ? KeyFor(question, Pattern(mine)) : '\0') {
    return Keys(std::string(1, key), question);
  }
  return Say(days ? "day" : "time");
}

const Step* ErrandPlayer::Day(std::string_view question, bool keys) {
  if (!keys) return Say("day");
  const bool month_first = Has(question, "the month and the day");
  const std::string month = errand_.date.substr(5, 2);
  const std::string day = errand_.date.substr(8, 2);
  return Keys(month_first ? month + day : day + month, question);
}

const Step* ErrandPlayer::Time(std::string_view question, bool keys) {
  if (!keys || !Has(question, "digits")) return Say("time");
  return Keys(errand_.time.substr(0, 2) + errand_.time.substr(3, 2), question);
}

const Step* ErrandPlayer::YesNo(bool yes, std::string_view question, bool keys) {
  if (const char key = keys ? KeyFor(question, Pattern(yes ? "yes" : "no")) : '\0') {
    return Keys(std::string(1, key), question);
  }
  return Say(yes ? "yes" : "no");
}

const Step* ErrandPlayer::Say(const std::string& what) {
  const auto& wordings = lines_.at(what);
  const std::size_t time = said_[what]++;
  return &steps_[wordings[what == "name" ? std::min(time, wordings.size() - 1)
                                         : time % wordings.size()]];
}

const Step* ErrandPlayer::Keys(std::string_view keys, std::string_view question) const {
  auto step = keys_.find(StrCat(keys, Has(question, "pound key|hash key") ? "#" : ""));
  return step == keys_.end() ? nullptr : &steps_[step->second];
}

char ErrandPlayer::KeyFor(std::string_view question, const Pattern& words) {
  const std::string lower = ToLowerAscii(question);
  std::size_t from = 0;
  for (std::size_t press = lower.find("press "); press != std::string::npos;
       press = lower.find("press ", from)) {
    const std::string_view clause = std::string_view(lower).substr(from, press - from);
    // Of "... shall I book it? For yes, press one" only what stands in front of the key.
    const std::size_t start = clause.find_last_of(".?;:");
    from = press + 6;
    if (!words.Matches(start == std::string_view::npos ? clause : clause.substr(start + 1))) {
      continue;
    }
    for (std::size_t key = 1; key <= 9; ++key) {
      if (std::string_view(lower).substr(from).starts_with(kNumbers[key])) {
        return static_cast<char>('0' + key);
      }
    }
  }
  return '\0';
}

}  // namespace dragoman::lab
