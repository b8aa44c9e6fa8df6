#include "src/providers/offline/caller_facts.h"

#include <algorithm>
#include <array>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

bool HasWord(std::string_view name, std::initializer_list<std::string_view> words) {
  for (const std::string& word : WordsOf(name)) {
    if (OneOf(word, words)) return true;
  }
  return false;
}

// Latin letters with marks as the plain ones that people spell.
std::string PlainLetters(std::string_view text) {
  struct Letter {
    std::string_view marked;
    std::string_view plain;
  };
  static constexpr Letter kLetters[] = {
      {"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}, {"ß", "ss"},
      {"á", "a"},  {"à", "a"},  {"â", "a"},  {"ã", "a"},  {"å", "a"},  {"ç", "c"},  {"č", "c"},
      {"ć", "c"},  {"é", "e"},  {"è", "e"},  {"ê", "e"},  {"ë", "e"},  {"í", "i"},  {"î", "i"},
      {"ï", "i"},  {"ł", "l"},  {"Ł", "l"},  {"ñ", "n"},  {"ó", "o"},  {"ô", "o"},  {"õ", "o"},
      {"ø", "o"},  {"Ø", "o"},  {"š", "s"},  {"Š", "s"},  {"ú", "u"},  {"û", "u"},  {"ž", "z"},
      {"Ž", "z"},  {"’", "'"}};
  std::string plain;
  while (!text.empty()) {
    const auto* letter =
        std::find_if(std::begin(kLetters), std::end(kLetters),
                     [&](const Letter& one) { return text.starts_with(one.marked); });
    if (letter != std::end(kLetters)) {
      plain += letter->plain;
      text.remove_prefix(letter->marked.size());
    } else {
      plain += text[0];
      text.remove_prefix(1);
    }
  }
  return ToLowerAscii(plain);
}

std::string OnlyLetters(std::string_view text) {
  std::string letters;
  for (const char c : PlainLetters(text)) {
    if (c >= 'a' && c <= 'z') letters += c;
  }
  return letters;
}

std::string LastWord(const std::string& text) {
  const std::string trimmed(Trim(text));
  return trimmed.substr(trimmed.rfind(' ') + 1);
}

bool IsBirth(std::string_view name) { return HasWord(name, {"birth", "birthday", "born"}); }
bool IsOld(std::string_view name) {
  return IsBirth(name) || HasWord(name, {"old", "current", "existing", "previous", "present"});
}
bool IsDoctor(std::string_view name) {
  return HasWord(name, {"doctor", "physician", "dentist", "practitioner", "provider"});
}

std::string Digits(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

}  // namespace

CallerFact CallerFacts::Read(const std::string& name, const std::string& value, sys_days today) {
  CallerFact fact{.name = name, .value = value, .date = {}, .time = {}};
  if (!OnlyVaultHandle(value).empty()) {
    fact.kind = FactKind::kHandle;
    return fact;
  }
  if (const auto day = ParseIsoDate(value)) {
    fact.kind = FactKind::kDate;
    fact.date = {.first = *day, .last = *day, .other = {}};
    return fact;
  }
  if (const auto time = ParseIsoTime(value)) {
    fact.kind = FactKind::kTime;
    fact.time = {.from = *time, .to = *time};
    return fact;
  }
  if (HasWord(name, {"name", "surname"})) {
    fact.kind = FactKind::kName;
    return fact;
  }
  if (value.find_first_not_of("+0123456789 ()-/.") == std::string::npos &&
      Digits(value).size() >= 5) {
    fact.kind = FactKind::kDigits;
    return fact;
  }
  const Words words = WordsOf(value);
  const DateMatch date = DateAt(words, 0, {.today = today});
  if (date.length > 0 && date.length == words.size() && !date.value.other) {
    fact.kind = FactKind::kDate;
    fact.date = date.value;
    return fact;
  }
  const bool about_time = HasWord(name, {"time", "hour"});
  const TimeMatch time = TimeAt(words, 0, about_time);
  if (time.length > 0 && time.length == words.size()) {
    fact.kind = FactKind::kTime;
    fact.time = time.value;
  }
  return fact;
}

CallerFacts::CallerFacts(const CallErrand& errand, sys_days today)
    : today_(today), principal_(errand.principal) {
  for (const auto& [name, value] : errand.facts) facts_.push_back(Read(name, value, today));
}

const CallerFact* CallerFacts::Main(FactKind kind) const {
  const CallerFact* found = nullptr;
  for (const CallerFact& fact : facts_) {
    if (fact.kind != kind || IsOld(fact.name)) continue;
    if (found == nullptr || fact.name.starts_with("new")) found = &fact;
  }
  return found;
}
const CallerFact* CallerFacts::day() const { return Main(FactKind::kDate); }
const CallerFact* CallerFacts::time() const { return Main(FactKind::kTime); }

const CallerFact* CallerFacts::Answering(Cue cue) const {
  const auto named = [&](auto matches) -> const CallerFact* {
    for (const CallerFact& fact : facts_) {
      if (matches(fact)) return &fact;
    }
    return nullptr;
  };
  switch (cue) {
    case Cue::kAskDay:
      return day();
    case Cue::kAskTime:
      return time();
    case Cue::kAskPhone:
      return named([](const CallerFact& fact) {
        return fact.kind == FactKind::kDigits &&
               HasWord(fact.name, {"phone", "telephone", "number", "mobile", "cell", "callback"}) &&
               !HasWord(fact.name, {"insurance", "card", "account", "customer", "reference"});
      });
    case Cue::kAskDoctor:
      return named([](const CallerFact& fact) {
        return IsDoctor(fact.name) || HasWord(fact.name, {"person", "with", "stylist"});
      });
    case Cue::kAskReason:
      return named([](const CallerFact& fact) {
        return HasWord(fact.name,
                       {"reason", "purpose", "problem", "treatment", "service", "kind", "visit"}) &&
               fact.kind == FactKind::kText;
      });
    case Cue::kAskBirth:
      return named([](const CallerFact& fact) { return IsBirth(fact.name); });
    case Cue::kAskAddress:
      return named([](const CallerFact& fact) {
        return HasWord(fact.name, {"address", "street"}) && !HasWord(fact.name, {"email", "mail"});
      });
    case Cue::kAskMail:
      return named([](const CallerFact& fact) { return HasWord(fact.name, {"email", "mail"}); });
    case Cue::kAskPeople:
      return named([](const CallerFact& fact) {
        return HasWord(fact.name, {"people", "persons", "guests", "party", "seats"});
      });
    default:
      return nullptr;
  }
}

std::vector<const CallerFact*> CallerFacts::NamedIn(const Words& words) const {
  std::vector<const CallerFact*> found;
  for (const CallerFact& fact : facts_) {
    std::string blanks = fact.name;
    std::replace(blanks.begin(), blanks.end(), '_', ' ');
    const Words name = WordsOf(blanks);
    if (name.empty()) continue;
    for (std::size_t at = 0; at + name.size() <= words.size(); ++at) {
      if (!PhraseAt(words, at, name)) continue;
      found.push_back(&fact);
      break;
    }
  }
  return found;
}

std::vector<const CallerFact*> CallerFacts::SecretsIn(const Words& words) const {
  std::vector<const CallerFact*> found;
  for (const CallerFact& fact : facts_) {
    if (fact.kind != FactKind::kHandle) continue;
    std::string blanks = fact.name;
    std::replace(blanks.begin(), blanks.end(), '_', ' ');
    const std::string last = LastWord(blanks);
    if (std::find(words.begin(), words.end(), last) != words.end()) found.push_back(&fact);
  }
  return found;
}

std::string CallerFacts::LastName() const {
  for (const CallerFact& fact : facts_) {
    if (fact.kind == FactKind::kName && HasWord(fact.name, {"last", "surname", "family"})) {
      return PlainLetters(fact.value);
    }
  }
  const std::string full = FullName();
  return full.find(' ') == std::string::npos && !FirstName().empty() ? "" : LastWord(full);
}

std::string CallerFacts::FirstName() const {
  for (const CallerFact& fact : facts_) {
    if (fact.kind == FactKind::kName && HasWord(fact.name, {"first", "given"})) {
      return PlainLetters(fact.value);
    }
  }
  for (const CallerFact& fact : facts_) {
    if (fact.kind != FactKind::kName || HasWord(fact.name, {"last", "surname", "family"})) continue;
    const std::size_t blank = fact.value.find(' ');
    if (blank != std::string::npos) return PlainLetters(fact.value.substr(0, blank));
  }
  return "";
}

std::string CallerFacts::FullName() const {
  const CallerFact* first = nullptr;
  const CallerFact* last = nullptr;
  for (const CallerFact& fact : facts_) {
    if (fact.kind != FactKind::kName || IsDoctor(fact.name)) continue;
    if (HasWord(fact.name, {"first", "given"})) {
      first = &fact;
    } else if (HasWord(fact.name, {"last", "surname", "family"})) {
      last = &fact;
    } else {
      return PlainLetters(fact.value);
    }
  }
  if (first != nullptr && last != nullptr) {
    return PlainLetters(StrCat(first->value, " ", last->value));
  }
  if (last != nullptr) return PlainLetters(last->value);
  if (first != nullptr) return PlainLetters(first->value);
  return PlainLetters(principal_);  // told in the first words of the call
}

bool CallerFacts::IsOurName(std::string_view letters) const {
  const std::string said = OnlyLetters(letters);
  if (said == OnlyLetters(FullName()) || said == OnlyLetters(LastName()) ||
      said == OnlyLetters(FirstName()) || said == OnlyLetters(principal_)) {
    return true;
  }
  return !DoctorName().empty() && said == OnlyLetters(DoctorName());
}

std::string CallerFacts::DoctorName() const {
  const CallerFact* doctor = Answering(Cue::kAskDoctor);
  return doctor == nullptr ? "" : LastWord(PlainLetters(doctor->value));
}

void CallerFacts::Settle(Cue what, const std::string& value) {
  const CallerFact* old = Answering(what);
  const std::string name = old != nullptr          ? old->name
                           : what == Cue::kAskDay  ? "day"
                           : what == Cue::kAskTime ? "time"
                                                   : "answer";
  CallerFact fact = Read(name, value, today_);
  settled_.push_back(name);
  for (CallerFact& known : facts_) {
    if (known.name != name) continue;
    known = std::move(fact);
    return;
  }
  facts_.push_back(std::move(fact));
}

std::string SpokenFact(const CallerFact& fact) {
  switch (fact.kind) {
    case FactKind::kDate: {
      if (fact.date.range()) return fact.value;
      std::string spoken = SpokenDate(fact.date.first);
      if (IsBirth(fact.name)) {
        const int year = static_cast<int>(std::chrono::year_month_day(fact.date.first).year());
        spoken = spoken.substr(spoken.find(' ') + 1);  // nobody gives the weekday
        spoken += StrCat(" ", NumberWord(year / 100), " ",
                         year % 100 == 0   ? "hundred"
                         : year % 100 < 10 ? "oh " + NumberWord(year % 100)
                                           : NumberWord(year % 100));
      }
      return spoken;
    }
    case FactKind::kTime:
      return fact.time.range() || fact.time.half_day_open ? fact.value : SpokenTime(fact.time.from);
    case FactKind::kName:
      return TitleCase(PlainLetters(fact.value));
    case FactKind::kDigits: {
      std::string digits = Digits(fact.value);
      const bool foreign = fact.value.starts_with("+") && !fact.value.starts_with("+1");
      if (fact.value.starts_with("+1") && digits.size() == 11) digits.erase(0, 1);
      return (foreign ? "plus " : "") + SpokenDigits(digits);
    }
    case FactKind::kHandle:
      return fact.value;
    case FactKind::kText:
      break;
  }
  if (!fact.value.empty() && fact.value.size() <= 2 && Digits(fact.value) == fact.value) {
    return NumberWord(std::stoi(fact.value));
  }
  if (IsDoctor(fact.name) && !HasWord(fact.value, {"doctor"})) return "Doctor " + fact.value;
  return fact.value;
}

std::string NatoSpelling(std::string_view name) {
  static constexpr std::array<std::string_view, 26> kWords = {
      "Alpha",  "Bravo", "Charlie", "Delta",  "Echo",     "Foxtrot", "Golf",   "Hotel",  "India",
      "Juliet", "Kilo",  "Lima",    "Mike",   "November", "Oscar",   "Papa",   "Quebec", "Romeo",
      "Sierra", "Tango", "Uniform", "Victor", "Whiskey",  "X-ray",   "Yankee", "Zulu"};
  std::vector<std::string> said;
  for (const char c : PlainLetters(name)) {
    if (c >= 'a' && c <= 'z') said.emplace_back(kWords[static_cast<std::size_t>(c - 'a')]);
    if (c == '-') said.emplace_back("hyphen");
    if (c == '\'') said.emplace_back("apostrophe");
    if (c == ' ') said.emplace_back("space");
  }
  std::string text;
  for (const std::string& word : said) text += StrCat(text.empty() ? "" : ", ", word);
  return text;
}

std::string Capitalised(std::string text) {
  if (!text.empty()) text[0] = TitleCase(text.substr(0, 1))[0];
  return text;
}

}  // namespace dragoman::offline
