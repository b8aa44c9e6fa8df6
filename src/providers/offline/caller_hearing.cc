#include "src/providers/offline/caller_hearing.h"

#include <algorithm>
#include <map>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/names.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

constexpr minutes kHalfDay{12 * 60};

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// "Dr.", "a.m.", the letter "s.": no end of a sentence.
bool EndsNoSentence(std::string_view before) {
  const std::string word = ToLowerAscii(before.substr(before.find_last_of(" ,") + 1));
  return word.size() <= 1 || OneOf(word, {"dr", "mr", "mrs", "ms", "st", "a.m", "p.m"});
}

std::vector<std::string> SentencesOf(std::string_view turn) {
  std::vector<std::string> sentences;
  std::size_t start = 0;
  for (std::size_t i = 0; i < turn.size(); ++i) {
    const bool last = i + 1 == turn.size();
    const bool mark = turn[i] == '?' || turn[i] == '!' ||
                      (turn[i] == '.' && !EndsNoSentence(turn.substr(start, i - start)));
    if (!last && !(mark && turn[i + 1] == ' ')) continue;
    const std::string sentence(Trim(turn.substr(start, i + 1 - start)));
    if (!sentence.empty()) sentences.push_back(sentence);
    start = i + 1;
  }
  return sentences;
}

// "$60" as "60 dollars"; what a recogniser could not make out is taken away.
std::string Readable(std::string_view text, bool* lost) {
  std::string readable;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') {
      const std::size_t close = text.find(']', i);
      *lost = true;
      if (close == std::string_view::npos) break;
      i = close;
    } else if (text[i] == '$') {
      std::size_t end = i + 1;
      while (end < text.size() && (text[end] >= '0' && text[end] <= '9')) ++end;
      readable += StrCat(text.substr(i + 1, end - i - 1), " dollars");
      i = end - 1;
    } else {
      readable += text[i];
    }
  }
  return readable;
}

int WeekdayIn(const Words& words, std::size_t at, std::size_t length) {
  for (std::size_t i = at; i < at + length; ++i) {
    for (int day = 0; day < 7; ++day) {
      if (ToLowerAscii(WeekdayName(day)) == words[i]) return day + 1;
    }
  }
  return 0;
}

bool MonthIn(const Words& words, std::size_t at, std::size_t length) {
  for (std::size_t i = at; i < at + length; ++i) {
    for (unsigned month = 1; month <= 12; ++month) {
      if (ToLowerAscii(MonthName(month)) == words[i]) return true;
    }
    if (words[i].find('/') != std::string::npos || words[i].find('-') != std::string::npos) {
      return true;
    }
  }
  return false;
}

bool OrdinalIn(const Words& words, std::size_t at, std::size_t length) {
  for (std::size_t i = at; i < at + length; ++i) {
    if (OrdinalAt(words, i)) return true;
  }
  return false;
}

class CallerEar {
 public:
  CallerEar(CallerHearing& heard, const CallerFacts& facts, sys_days today)
      : heard_(heard), words_(heard.words), facts_(facts), today_(today) {}

  void Hear() {
    used_.assign(words_.size(), false);
    TakeReference();
    TakeNumbers();
    TakeAmounts();
    TakeWhen();
    TakeDoctors();
    TakeSpelled();
    TakeNames();
    Refuse();
    Count();
  }

 private:
  void Use(std::size_t at, std::size_t length) {
    for (std::size_t i = at; i < at + length && i < used_.size(); ++i) used_[i] = true;
  }
  std::string_view Word(std::size_t at) const {
    return at < words_.size() ? std::string_view(words_[at]) : "";
  }

  // "your reference is r four seven"
  void TakeReference() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!OneOf(words_[i], {"reference", "confirmation", "booking"})) continue;
      std::size_t at = i + 1;
      const bool number = OneOf(Word(at), {"number", "code"});
      if (number) ++at;
      const bool is = Word(at) == "is";
      if (is) ++at;
      if (!number && (!is || words_[i] == "booking")) continue;
      std::string reference;
      bool digits_last = false;
      for (; at < words_.size(); ++at) {
        const std::string& word = words_[at];
        std::string letters;
        std::string digits;
        const DigitRun run = DigitsAt(words_, at);
        if (word.size() == 1 && word[0] >= 'a' && word[0] <= 'z') {
          letters = std::string(1, static_cast<char>(word[0] - 'a' + 'A'));
        } else if (run.length > 0) {
          digits = run.digits;
          at += run.length - 1;
        } else if (word.find_first_of("0123456789") != std::string::npos && word.size() > 1) {
          letters = ToUpper(word);
        } else {
          break;
        }
        if (!reference.empty() && digits.empty() == digits_last) reference += ' ';
        digits_last = !digits.empty();
        reference += letters + digits;
      }
      if (reference.empty()) continue;
      heard_.reference = reference;
      Use(i, at - i);
    }
  }

  static std::string ToUpper(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return text;
  }

  void TakeNumbers() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (used_[i]) continue;
      const DigitRun run = DigitsAt(words_, i);
      if (run.digits.size() < 7) continue;  // "ten thirty for two" are fewer
      heard_.numbers.push_back({run.digits, i, run.length});
      Use(i, run.length);
    }
  }

  void TakeAmounts() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!OneOf(words_[i], {"dollars", "dollar", "euros", "euro", "pounds", "bucks", "cents",
                             "francs", "free"})) {
        continue;
      }
      if (words_[i] == "free") {
        const bool costs = i > 0 && OneOf(words_[i - 1], {"is", "are", "for"});
        if (costs && Word(i + 1) != "on") heard_.amounts.push_back({"free", i, 1});
        continue;
      }
      std::size_t start = i;
      while (start > 0 && IsNumberWord(start - 1)) --start;
      while (start < i && words_[start] == "and") ++start;
      if (start == i) continue;
      std::string text;
      for (std::size_t k = start; k <= i; ++k) text += StrCat(text.empty() ? "" : " ", words_[k]);
      if (!heard_.amounts.empty() && words_[i] == "cents" &&
          heard_.amounts.back().at + heard_.amounts.back().length + 1 >= start) {
        heard_.amounts.back().text += StrCat(" and ", text);
        heard_.amounts.back().length = i + 1 - heard_.amounts.back().at;
      } else {
        heard_.amounts.push_back({text, start, i + 1 - start});
      }
      Use(start, i + 1 - start);
    }
  }

  bool IsNumberWord(std::size_t at) const {
    if (used_[at]) return false;
    if (CardinalAt(words_, at)) return true;
    const bool digits = words_[at].find_first_not_of("0123456789:") == std::string::npos;
    return digits || OneOf(words_[at], {"hundred", "thousand", "point", "and"}) ||
           (words_[at] == "a" && OneOf(Word(at + 1), {"hundred", "thousand"}));
  }

  // A lone number is an hour behind these.
  bool BareHourAt(std::size_t at) const {
    if (at == 0) return false;
    if (OneOf(words_[at - 1], {"at", "or", "about", "do", "by", "have", "for"})) {
      // "For two", "have one": only where a clock is spoken of.
      return !OneOf(words_[at - 1], {"for", "do"}) && Word(at) != "one";
    }
    const bool after_hour =
        !heard_.hours.empty() && heard_.hours.back().at + heard_.hours.back().length + 1 >= at;
    return after_hour && words_[at - 1] == "and";
  }

  void TakeWhen() {
    for (std::size_t i = 0; i < words_.size();) {
      if (used_[i]) {
        ++i;
        continue;
      }
      const DateMatch date = DateAt(words_, i, {.today = today_});
      // "What can I do for you today?"
      if (words_[i] == "today" && i > 0 && OneOf(words_[i - 1], {"you", "doing", "us"})) {
        used_[i++] = true;
        continue;
      }
      if (date.length > 0 && Free(i, date.length)) {
        HeardDay day{.value = date.value, .at = i, .length = date.length};
        day.weekday = WeekdayIn(words_, i, date.length);
        day.month = MonthIn(words_, i, date.length);
        day.number = day.month || OrdinalIn(words_, i, date.length);
        // "Today, March the tenth": a weekday that was misheard; the number is what counts.
        if (day.month && !heard_.days.empty() && words_[heard_.days.back().at] == "today" &&
            heard_.days.back().at + heard_.days.back().length == i) {
          heard_.days.pop_back();
        }
        heard_.days.push_back(day);
        Use(i, date.length);
        i += date.length;
        continue;
      }
      const TimeMatch time = TimeAt(words_, i, BareHourAt(i));
      if (time.length > 0 && Free(i, time.length)) {
        heard_.hours.push_back({.value = time.value, .at = i, .length = time.length});
        Use(i, time.length);
        i += time.length;
        continue;
      }
      ++i;
    }
  }

  // Not beyond a sentence, and nothing else was read there.
  bool Free(std::size_t at, std::size_t length) const {
    for (std::size_t i = at; i < at + length; ++i) {
      if (used_[i] || heard_.sentence_of[i] != heard_.sentence_of[at]) return false;
    }
    return true;
  }

  bool InCue(std::size_t at, std::initializer_list<Cue> cues) const {
    return std::any_of(heard_.cues.begin(), heard_.cues.end(), [&](const HeardCue& one) {
      return one.at <= at && at < one.end &&
             std::find(cues.begin(), cues.end(), one.cue) != cues.end();
    });
  }

  static std::string Stem(std::string word) {
    if (word.ends_with("'s")) word.resize(word.size() - 2);
    return word;
  }

  void TakeDoctors() {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      if (words_[i] != "doctor" || used_[i + 1] || !Free(i, 2)) continue;
      if (InCue(i, {Cue::kAskDoctor, Cue::kGetBack, Cue::kAskReason})) continue;
      const Words name = NameWordsAt(words_, i + 1, 1);
      if (name.empty()) continue;
      heard_.doctors.push_back(Stem(name[0]));
      Use(i, 2);
    }
  }

  void TakeSpelled() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (used_[i]) continue;
      const Spelling spelling = SpellingAt(words_, i);
      if (spelling.length == 0 || !Free(i, spelling.length)) continue;
      int letters = 0;
      for (std::size_t k = i; k < i + spelling.length; ++k) {
        letters += OneOf(words_[k],
                         {"i",   "a",  "see", "you",  "oh",     "o",     "be",      "are", "okay",
                          "and", "an", "in",  "why",  "eye",    "hey",   "tea",     "sea", "for",
                          "our", "as", "age", "mike", "victor", "india", "november"})
                       ? 0
                       : 1;
      }
      if (letters < 2) continue;
      heard_.spelled.push_back(spelling.name);
      Use(i, spelling.length);
      if (facts_.IsOurName(spelling.name)) heard_.our_name = true;
      i += spelling.length - 1;
    }
  }

  void TakeNames() {
    const std::string last = facts_.LastName();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (used_[i]) continue;
      const std::string word = Stem(words_[i]);
      if (word.size() > 1 && (word == last || word == facts_.FirstName())) {
        if (word == last) heard_.our_name = true;
        Use(i, 1);
        continue;
      }
      const bool titled = i > 0 && OneOf(words_[i - 1], {"mister", "mr", "mrs", "miss", "ms"});
      const bool named = i > 0 && (OneOf(words_[i - 1], {"for", "under"}) ||
                                   (i > 1 && words_[i - 2] == "name" && words_[i - 1] == "is"));
      const auto frequent = FrequentSurnames();
      const bool surname = std::find(frequent.begin(), frequent.end(), word) != frequent.end();
      if ((titled && word.size() > 2 && !InCue(i, {Cue::kHold})) || (named && surname)) {
        heard_.names.push_back(word);
        Use(i, 1);
      }
    }
    for (const std::string& sentence : heard_.sentences) TakeCapitalised(sentence);
  }

  // Where somebody wrote the words down: "for Anna Jones".
  void TakeCapitalised(const std::string& sentence) {
    for (std::string_view lead : {" for ", " under ", " name is ", "'s "}) {
      std::size_t at = sentence.find(lead);
      if (lead == "'s " && (at == std::string::npos || !sentence.substr(0, at).ends_with("name"))) {
        continue;
      }
      if (at == std::string::npos) continue;
      std::string name;
      std::string_view rest = std::string_view(sentence).substr(at + lead.size());
      while (!rest.empty() && IsUpper(rest[0])) {
        const std::size_t end = rest.find_first_of(" ,.?!;:");
        const std::string word(rest.substr(0, end));
        const std::string lower = ToLowerAscii(word);
        const bool when = WeekdayIn({lower}, 0, 1) > 0 || MonthIn({lower}, 0, 1);
        if (word.size() < 2 || when || OneOf(lower, {"doctor", "dr", "i'm"})) break;
        if (!OneOf(lower, {"mr", "mrs", "ms", "miss", "mister"})) {
          name += StrCat(name.empty() ? "" : " ", word);
        }
        if (end == std::string_view::npos || rest[end] != ' ') break;
        rest.remove_prefix(end + 1);
      }
      if (name.empty()) continue;
      if (facts_.IsOurName(name)) {
        heard_.our_name = true;
      } else {
        heard_.names.push_back(ToLowerAscii(name));
      }
    }
  }

  bool RefusedAt(std::size_t at, std::size_t length) const {
    const HeardCue* before = nullptr;
    for (const HeardCue& cue : heard_.cues) {
      if (cue.cue != Cue::kOffer && cue.cue != Cue::kTaken) continue;
      if (heard_.sentence_of[cue.at] != heard_.sentence_of[at]) continue;
      const bool ahead = OneOf(words_[cue.at], {"i", "we"});
      if (ahead && cue.at < at) before = &cue;
      if (cue.cue == Cue::kOffer && cue.at < at) before = &cue;
    }
    if (before != nullptr) return before->cue == Cue::kTaken;
    for (const HeardCue& cue : heard_.cues) {
      if (cue.cue != Cue::kTaken || heard_.sentence_of[cue.at] != heard_.sentence_of[at]) continue;
      if (cue.at >= at + length && cue.at <= at + length + 5) return true;
    }
    return false;
  }

  void Refuse() {
    for (HeardDay& day : heard_.days) day.refused = RefusedAt(day.at, day.length);
    for (HeardHour& hour : heard_.hours) hour.refused = RefusedAt(hour.at, hour.length);
  }

  void Count() {
    for (const HeardCue& cue : heard_.cues) Use(cue.at, cue.end - cue.at);
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (used_[i]) continue;
      const bool light = OneOf(
          words_[i], {"the", "a",  "an",   "and",  "or",   "for", "on",   "at",   "with", "in",
                      "to",  "of", "is",   "it",   "that", "so",  "you",  "i",    "we",   "please",
                      "me",  "am", "will", "then", "just", "now", "your", "well", "this"});
      if (!light) ++heard_.unexplained;
    }
  }

  CallerHearing& heard_;
  const Words& words_;
  const CallerFacts& facts_;
  const sys_days today_;
  std::vector<bool> used_;
};

}  // namespace

const HeardCue* CallerHearing::Find(Cue cue) const {
  for (const HeardCue& one : cues) {
    if (one.cue == cue) return &one;
  }
  return nullptr;
}

const std::string& CallerHearing::SentenceAt(std::size_t word) const {
  static const auto* none = new std::string;
  if (sentences.empty()) return *none;
  return sentences[word < sentence_of.size() ? sentence_of[word] : sentences.size() - 1];
}

CallerHearing HearCalled(std::string_view turn, const CallerFacts& facts, sys_days today) {
  CallerHearing heard;
  heard.sentences = SentencesOf(turn);
  for (std::size_t i = 0; i < heard.sentences.size(); ++i) {
    const std::string readable = Readable(heard.sentences[i], &heard.lost);
    heard.question = heard.question || readable.ends_with('?');
    const Words words = Uncontracted(WordsOf(readable));
    const std::size_t base = heard.words.size();
    for (HeardCue cue : CuesIn(words)) {
      heard.cues.push_back({cue.cue, cue.at + base, cue.end + base});
    }
    if (words == Words{"done"}) heard.cues.push_back({Cue::kDone, base, base + 1});
    heard.words.insert(heard.words.end(), words.begin(), words.end());
    heard.sentence_of.resize(heard.words.size(), i);
  }
  // "Your card number" is no telephone's.
  std::erase_if(heard.cues, [&](const HeardCue& cue) {
    if (cue.cue == Cue::kAskPhone && cue.end >= 2) {
      const std::string& last = heard.words[cue.end - 1];
      return last == "number" &&
             OneOf(heard.words[cue.end - 2],
                   {"card", "account", "reference", "confirmation", "booking", "routing",
                    "security", "wrong", "this", "insurance", "policy", "member"});
    }
    return cue.cue == Cue::kAskAddress && OneOf(heard.words[cue.end - 2], {"email", "mail"});
  });
  CallerEar(heard, facts, today).Hear();
  return heard;
}

bool FitsDay(const HeardDay& heard, const CallerFact& day) {
  const auto fits_weekday = [&](sys_days date) {
    return heard.weekday == 0 ||
           std::chrono::weekday(date).iso_encoding() == static_cast<unsigned>(heard.weekday);
  };
  if (day.date.range() || heard.value.range()) {
    return heard.value.first <= day.date.last && day.date.first <= heard.value.last;
  }
  const sys_days date = day.date.first;
  if (!fits_weekday(date)) return false;
  const std::chrono::year_month_day fact(date);
  const std::chrono::year_month_day said(heard.value.first);
  if (heard.month) return fact.month() == said.month() && fact.day() == said.day();
  if (heard.number) return fact.day() == said.day();
  if (heard.weekday != 0 && heard.value.weekday_only) return true;
  return heard.value.first == date;
}

bool FitsHour(const TimeValue& heard, const CallerFact& time) {
  const TimeValue& fact = time.time;
  if (fact.range()) {
    if (heard.range()) return heard.from < fact.to && fact.from < heard.to;
    const auto within = [&](minutes at) { return fact.from <= at && at < fact.to; };
    return within(heard.from) || (heard.half_day_open && within(heard.from + kHalfDay));
  }
  if (heard.range()) {
    return heard.from <= fact.from && fact.from < heard.to;
  }
  if (heard.half_day_open || fact.half_day_open) {
    return heard.from % kHalfDay == fact.from % kHalfDay;
  }
  return heard.from == fact.from;
}

Comparison Compare(const CallerHearing& heard, const CallerFacts& facts) {
  Comparison result;
  const auto fits_any = [&](FactKind kind, auto fits) {
    return std::any_of(facts.all().begin(), facts.all().end(),
                       [&](const CallerFact& fact) { return fact.kind == kind && fits(fact); });
  };
  for (const HeardDay& day : heard.days) {
    if (day.refused) continue;
    if (facts.day() == nullptr) {
      result.open_day = true;
    } else if (FitsDay(day, *facts.day())) {
      result.day_heard = true;
    } else if (!fits_any(FactKind::kDate,
                         [&](const CallerFact& fact) { return FitsDay(day, fact); })) {
      result.wrong_day = true;
    }
  }
  for (const HeardHour& hour : heard.hours) {
    if (hour.refused || (hour.value.range() && !hour.value.part_of_day)) continue;
    if (facts.time() == nullptr) {
      result.open_time = true;
    } else if (FitsHour(hour.value, *facts.time())) {
      result.time_heard = result.time_heard || !hour.value.range() || facts.time()->time.range();
    } else if (!fits_any(FactKind::kTime,
                         [&](const CallerFact& fact) { return FitsHour(hour.value, fact); })) {
      result.wrong_time = true;
    }
  }
  for (const std::string& name : heard.spelled) {
    if (!facts.IsOurName(name)) result.wrong_name = true;
  }
  for (const std::string& name : heard.names) {
    if (!facts.IsOurName(name)) result.wrong_name = true;
  }
  if (const std::string ours = facts.DoctorName(); !ours.empty()) {
    for (const std::string& doctor : heard.doctors) result.wrong_doctor |= doctor != ours;
  }
  const CallerFact* phone = facts.Answering(Cue::kAskPhone);
  for (const HeardNumber& number : heard.numbers) {
    if (phone == nullptr || number.text.size() < 7) continue;
    std::string digits;
    for (const char c : phone->value) {
      if (c >= '0' && c <= '9') digits += c;
    }
    if (!digits.ends_with(number.text)) result.wrong_phone = true;
  }
  return result;
}

}  // namespace dragoman::offline
