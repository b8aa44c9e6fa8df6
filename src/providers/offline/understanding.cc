#include "src/providers/offline/understanding.h"

#include <algorithm>
#include <utility>

#include "src/providers/offline/corrections.h"
#include "src/providers/offline/cues.h"
#include "src/providers/offline/names.h"
#include "src/providers/offline/pattern.h"

namespace dragoman::offline {
namespace {

std::vector<Words> Expand(const std::vector<PhrasePattern>& patterns) {
  std::vector<Words> sequences;
  for (const PhrasePattern& pattern : patterns) {
    if (auto words = NeededWords(pattern); words.ok()) {
      sequences.insert(sequences.end(), words->begin(), words->end());
    }
  }
  // The longest first: "doctor lane" before "lane".
  std::sort(sequences.begin(), sequences.end(), [](const Words& a, const Words& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  return sequences;
}

class TurnWords {
 public:
  TurnWords(const CompiledAgent& agent, Words words, const TurnContext& context)
      : agent_(agent), words_(std::move(words)), context_(context), used_(words_.size(), false) {
    if (context.asked.kind == StateKind::kAskSlot ||
        context.asked.kind == StateKind::kConfirmValue) {
      asked_ = agent.agent->FindSlot(context.asked.name);
    }
  }

  Understanding Read() {
    Cues cues = FindCues(words_, &used_);
    heard_ = std::move(cues.heard);
    FindDigits();
    FindSpelling();
    FindDates();
    FindTimes();
    FindChoices();
    FindWishes();
    FindPointed();
    FindSaidName();
    Conclude(cues);
    return std::move(heard_);
  }

 private:
  bool Asked(SlotType type) const { return asked_ != nullptr && asked_->type == type; }
  bool NameIsDue() const {
    return Asked(SlotType::kName) || context_.asked.kind == StateKind::kWhichDetail ||
           context_.asked.kind == StateKind::kConfirm;
  }
  bool Free(std::size_t begin, std::size_t length) const {
    for (std::size_t i = begin; i < begin + length; ++i) {
      if (i >= used_.size() || taken_.contains(i)) return false;
    }
    return true;
  }
  void Take(std::size_t begin, std::size_t length) {
    for (std::size_t i = begin; i < begin + length; ++i) {
      used_[i] = true;
      taken_[i] = true;
    }
  }

  void FindDigits() {
    std::string last;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const DigitRun run = DigitsAt(words_, i);
      if (run.length == 0) continue;
      const bool due = Asked(SlotType::kDigits);
      if (due || run.digits.size() >= 7) {
        if (HasCorrection(words_, 0, i) && due) heard_.digits.clear();
        heard_.digits += run.digits;
        Take(i, run.length);
      }
      i += run.length - 1;
    }
  }

  void FindSpelling() {
    if (Asked(SlotType::kDigits)) return;
    const std::size_t least = Asked(SlotType::kName) ? 2 : 3;
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!Free(i, 1)) continue;
      const Spelling spelling = SpellingAt(words_, i);
      if (spelling.length == 0) continue;
      const bool counts = spelling.items >= least && spelling.certain && Free(i, spelling.length);
      if (!counts) continue;
      AddSpelling(spelling, last_end, i);
      Take(i, spelling.length);
      last_end = i + spelling.length;
      i = last_end - 1;
    }
  }

  // "Anna Kowalski, k o w a l s k i": the letters correct the word before them, the words before
  // that one stay.
  void AddSpelling(const Spelling& spelling, std::size_t from, std::size_t at) {
    std::string name = spelling.name;
    if (at > from) {
      std::size_t begin = at;
      while (begin > from && NameWordsAt(words_, begin - 1, 1).size() == 1 && at - begin < 3) {
        --begin;
      }
      Words said(words_.begin() + static_cast<std::ptrdiff_t>(begin),
                 words_.begin() + static_cast<std::ptrdiff_t>(at));
      if (!said.empty() && Similar(said.back(), name)) {
        said.back() = name;
        name.clear();
        for (const std::string& word : said) name += (name.empty() ? "" : " ") + word;
        Take(begin, at - begin);
      }
    }
    const bool more = heard_.name && heard_.name->spelled && !HasCorrection(words_, from, at);
    heard_.name = SaidName{more ? heard_.name->name + " " + name : name, true};
  }

  static bool Similar(const std::string& said, const std::string& spelled) {
    return static_cast<std::size_t>(EditDistanceOf(said, spelled)) * 2 <=
           std::max(said.size(), spelled.size());
  }

  void FindDates() {
    if (Asked(SlotType::kDigits)) return;
    DateContext context = context_.date;
    if (context.today == sys_days{}) return;  // without a date there are no relative ones
    context.bare_ordinal = !context_.choosing && context_.asked.kind != StateKind::kOffer &&
                           context_.asked.kind != StateKind::kChoose;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const DateMatch match = DateAt(words_, i, context);
      if (match.length == 0 || !Free(i, match.length)) continue;
      dates_.push_back({match.value, i, i + match.length});
      Take(i, match.length);
      i += match.length - 1;
    }
    MergeRanges();
    heard_.date = Settle(words_, dates_);
  }

  // "Next week, Thursday": the weekday within the week.
  void MergeRanges() {
    for (auto range = dates_.begin(); range != dates_.end(); ++range) {
      if (!range->value.range()) continue;
      bool merged = false;
      for (auto& mention : dates_) {
        DateValue& day = mention.value;
        if (day.range()) continue;
        if (day.weekday_only) {
          while (day.first < range->value.first) day.first += std::chrono::days(7);
        }
        merged = merged || (day.first >= range->value.first && day.first <= range->value.last);
        day.last = day.first;
      }
      if (!merged) continue;
      dates_.erase(range);
      return;
    }
  }

  void FindTimes() {
    if (Asked(SlotType::kDigits)) return;
    std::vector<Mention<TimeValue>> times;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!Free(i, 1)) continue;
      const TimeMatch match = TimeAt(words_, i, BareHourAt(i, times));
      if (match.length == 0 || !Free(i, match.length)) continue;
      times.push_back({match.value, i, i + match.length});
      Take(i, match.length);
      i += match.length - 1;
    }
    FixHalves(&times);
    heard_.time = Settle(words_, times);
  }

  bool BareHourAt(std::size_t at, const std::vector<Mention<TimeValue>>& times) const {
    if (Asked(SlotType::kTime) || context_.asked.kind == StateKind::kOffer) return true;
    if (at == 0) return false;
    for (const auto& date : dates_) {
      if (date.end == at) return true;
    }
    const std::string& before = words_[at - 1];
    if (OneOf(before,
              {"meant", "mean", "actually", "that", "it", "rather", "but", "sorry", "no"})) {
      return !times.empty() || context_.asked.kind == StateKind::kConfirm ||
             context_.asked.kind == StateKind::kWhichDetail || OneOf(before, {"meant", "mean"}) ||
             (at > 1 && words_[at - 2] == "make");
    }
    return !times.empty() && before == "or";
  }

  // "Thursday afternoon at three": the part of the day tells which three is meant.
  static void FixHalves(std::vector<Mention<TimeValue>>* times) {
    for (auto part = times->begin(); part != times->end(); ++part) {
      if (!part->value.part_of_day) continue;
      bool used = false;
      for (auto& mention : *times) {
        TimeValue& time = mention.value;
        if (time.range()) continue;
        if (time.half_day_open) {
          time.half_day_open = false;
          if (part->value.from >= minutes(12 * 60)) time.from += minutes(12 * 60);
          time.to = time.from;
        }
        used = true;
      }
      if (!used) continue;
      times->erase(part);
      return;
    }
  }

  void FindChoices() {
    std::map<std::string, std::vector<Mention<std::string>>> found;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const CompiledAgent::Phrases* best = nullptr;
      std::size_t length = 0;
      for (const auto& choice : agent_.choices) {
        for (const Words& sequence : choice.sequences) {
          if (sequence.size() > length && PhraseAt(words_, i, sequence) &&
              Free(i, sequence.size())) {
            best = &choice;
            length = sequence.size();
          }
        }
      }
      if (best == nullptr) continue;
      found[best->name].push_back({best->value, i, i + length});
      Take(i, length);
      i += length - 1;
    }
    for (const auto& [slot, mentions] : found) heard_.choices[slot] = Settle(words_, mentions);
  }

  void FindWishes() {
    std::size_t most = 0;
    for (const auto& goal : agent_.goals) {
      if (const std::size_t length = BestMatch(goal.sequences); length > 0 && most == 0) {
        heard_.goal = goal.name;
        most = length;
      }
    }
    for (const auto& answer : agent_.answers) {
      if (heard_.answer.empty() && BestMatch(answer.sequences) > 0) heard_.answer = answer.name;
    }
  }

  // The needed words in order, at most three others between two of them, not after "don't".
  std::size_t BestMatch(const std::vector<Words>& sequences) {
    for (const Words& sequence : sequences) {
      for (std::size_t i = 0; i < words_.size(); ++i) {
        if (words_[i] != sequence[0]) continue;
        std::vector<std::size_t> places = {i};
        std::size_t next = i + 1;
        while (places.size() < sequence.size()) {
          const std::size_t limit = std::min(words_.size(), next + 4);
          while (next < limit && words_[next] != sequence[places.size()]) ++next;
          if (next >= limit) break;
          places.push_back(next++);
        }
        if (places.size() < sequence.size() || Refused(i)) continue;
        for (std::size_t place : places) used_[place] = true;
        return sequence.size();
      }
    }
    return 0;
  }

  bool Refused(std::size_t at) const {
    const std::size_t from = at > 4 ? at - 4 : 0;
    for (std::size_t i = from; i < at; ++i) {
      if (OneOf(words_[i], {"don't", "not", "didn't", "never"})) return true;
    }
    return false;
  }

  // "The name is wrong", "change the day"; where that was asked, "the day" alone.
  void FindPointed() {
    const bool due = context_.asked.kind == StateKind::kWhichDetail ||
                     (context_.asked.kind == StateKind::kConfirm && !heard_.yes);
    const bool cue = due || heard_.no || heard_.correction ||
                     std::any_of(words_.begin(), words_.end(), [](const std::string& word) {
                       return OneOf(word, {"wrong", "change", "incorrect", "mistake", "different"});
                     });
    if (!cue) return;
    for (const auto& noun : agent_.nouns) {
      for (const Words& sequence : noun.sequences) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
          if (!PhraseAt(words_, i, sequence)) continue;
          for (std::size_t k = 0; k < sequence.size(); ++k) used_[i + k] = true;
          if (std::find(heard_.pointed.begin(), heard_.pointed.end(), noun.name) ==
              heard_.pointed.end()) {
            heard_.pointed.push_back(noun.name);
          }
        }
      }
    }
  }

  void FindSaidName() {
    if (heard_.name || Asked(SlotType::kDigits)) return;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::size_t after = NameCueAt(words_, i, NameIsDue());
      if (after == 0) continue;
      const Words name = FreeNameAt(i + after);
      if (name.empty() || (NeedsKnownName(words_[i]) && !NameIsDue() && !Known(name[0]))) continue;
      SetSaidName(name, i + after);
    }
    if (heard_.name || !Asked(SlotType::kName)) return;
    // A bare name: nothing else may have been meant.
    if (!heard_.goal.empty() || !heard_.answer.empty() || heard_.person || heard_.repeat ||
        heard_.goodbye || heard_.unsure || heard_.hold || heard_.identity) {
      return;
    }
    for (std::size_t i = 0; i < words_.size() && !heard_.name; ++i) {
      const Words name = FreeNameAt(i);
      if (!name.empty()) SetSaidName(name, i);
    }
  }

  Words FreeNameAt(std::size_t at) const {
    Words name = NameWordsAt(words_, at, 4);
    while (!name.empty() && !Free(at, name.size())) name.pop_back();
    return name;
  }

  void SetSaidName(const Words& name, std::size_t at) {
    std::string text;
    for (const std::string& word : name) text += (text.empty() ? "" : " ") + word;
    heard_.name = SaidName{text, false};
    Take(at, name.size());
  }

  bool Known(const std::string& name) const {
    const auto& names = agent_.agent->known_names;
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void Conclude(const Cues& cues) {
    heard_.plain = !cues.conditional &&
                   std::all_of(used_.begin(), used_.end(), [](bool used) { return used; });
    heard_.empty = !heard_.date.said() && !heard_.time.said() && heard_.date.excluded.empty() &&
                   heard_.time.excluded.empty() && heard_.choices.empty() && !heard_.name &&
                   heard_.digits.empty() && !heard_.yes && !heard_.no && !heard_.any &&
                   !heard_.soonest && !heard_.unsure && !heard_.hold && !heard_.repeat &&
                   !heard_.person && !heard_.identity && !heard_.goodbye && !heard_.thanks &&
                   !heard_.everything && heard_.pick == Pick::kNone && heard_.goal.empty() &&
                   heard_.answer.empty() && heard_.pointed.empty();
  }

  const CompiledAgent& agent_;
  const Words words_;
  const TurnContext& context_;
  const SlotDefinition* asked_ = nullptr;
  std::vector<bool> used_;             // words that mean something to us
  std::map<std::size_t, bool> taken_;  // words that are part of a value
  std::vector<Mention<DateValue>> dates_;
  Understanding heard_;
};

// "dtmf: 2662", possibly after words: the keys decide, they were not misheard.
bool IsKeypad(std::string_view text, std::string* digits) {
  constexpr std::string_view kPrefix = "dtmf:";
  const size_t at = text.rfind(kPrefix);
  if (at == std::string_view::npos) return false;
  for (char c : text.substr(at + kPrefix.size())) {
    if ((c >= '0' && c <= '9') || c == '*' || c == '#') *digits += c;
  }
  return true;
}

// "This is an A.I. assistant calling for Anna Smith. I would like ...": machines that phone for
// somebody must say so first. Neither its letters nor whom it speaks for are an answer to anything.
Words WithoutIntroduction(Words words) {
  const auto assistant = std::find(words.begin(), words.end(), "assistant");
  if (assistant == words.end()) return words;
  auto from = assistant;
  while (from != words.begin() &&
         OneOf(*(from - 1), {"this", "is", "i'm", "am", "an", "and", "n", "a", "a.", "i", "i.",
                             "ai", "automated", "virtual", "digital"})) {
    --from;
  }
  if (from == assistant) return words;
  auto to = assistant + 1;
  if (to != words.end() && *to == "calling") ++to;
  if (to != words.end() && OneOf(*to, {"for", "on"})) {
    constexpr int kMostNames = 5;  // "on behalf of Anna Maria"
    for (int names = 0; names < kMostNames && to != words.end(); ++names, ++to) {
      if (OneOf(*to, {"i", "i'd", "i'm", "this", "can", "could", "we", "um", "uh", "hello"})) break;
    }
  }
  if (PhraseAt(words, static_cast<std::size_t>(to - words.begin()),
               {"this", "call", "is", "recorded"})) {
    to += 4;
  }
  words.erase(from, to);
  return words;
}

}  // namespace

CompiledAgent Compile(const AgentDefinition& agent) {
  CompiledAgent compiled;
  compiled.agent = &agent;
  for (const GoalDefinition& goal : agent.goals) {
    compiled.goals.push_back({goal.name, "", Expand(goal.triggers)});
  }
  for (const AnswerDefinition& answer : agent.answers) {
    compiled.answers.push_back({answer.name, "", Expand(answer.triggers)});
  }
  for (const SlotDefinition& slot : agent.slots) {
    compiled.nouns.push_back({slot.name, "", Expand(slot.nouns)});
    for (const ChoiceDefinition& choice : slot.choices) {
      compiled.choices.push_back({slot.name, choice.value, Expand(choice.synonyms)});
    }
  }
  return compiled;
}

Understanding Understand(const CompiledAgent& agent, std::string_view text,
                         const TurnContext& context) {
  std::string digits;
  if (IsKeypad(text, &digits)) {
    Understanding heard;
    heard.keypad = std::move(digits);
    heard.plain = true;
    heard.empty = heard.keypad.empty();
    return heard;
  }
  // What a recogniser writes for speech that it could not make out is no word, least of all a name.
  constexpr std::string_view kLost = "[unintelligible]";
  std::string words(text);
  bool lost = false;
  for (size_t at = words.find(kLost); at != std::string::npos; at = words.find(kLost)) {
    words.replace(at, kLost.size(), " ");
    lost = true;
  }
  Understanding heard = TurnWords(agent, WithoutIntroduction(WordsOf(words)), context).Read();
  heard.lost = lost;
  if (lost || text.find('?') != std::string_view::npos) heard.plain = false;
  return heard;
}

}  // namespace dragoman::offline
