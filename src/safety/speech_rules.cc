#include "dragoman/safety/speech_rules.h"

#include <algorithm>
#include <span>
#include <utility>

#include "dragoman/core/number_words.h"
#include "dragoman/core/status.h"
#include "src/safety/spoken_words.h"

namespace dragoman {
namespace {

using safety::SpokenWords;

struct Word {
  std::string_view word;
  std::string_view means;
};

constexpr Word kCurrencies[] = {
    {"euro", "EUR"}, {"euros", "EUR"}, {"eur", "EUR"},   {"dollar", "USD"}, {"dollars", "USD"},
    {"usd", "USD"},  {"buck", "USD"},  {"bucks", "USD"}, {"pound", "GBP"},  {"pounds", "GBP"},
    {"gbp", "GBP"},  {"quid", "GBP"},  {"franc", "CHF"}, {"francs", "CHF"}, {"chf", "CHF"}};

template <std::size_t kSize>
std::string_view Meaning(const Word (&table)[kSize], std::string_view word) {
  for (const Word& entry : table) {
    if (entry.word == word) return entry.means;
  }
  return {};
}

std::optional<Period> PeriodWord(std::string_view word) {
  if (word == "day" || word == "daily") return Period::kDay;
  if (word == "week" || word == "weekly") return Period::kWeek;
  if (word == "month" || word == "monthly" || word == "mo") return Period::kMonth;
  if (word == "year" || word == "yearly" || word == "annually" || word == "annum")
    return Period::kYear;
  return std::nullopt;
}

// "45", "45.50", "45.5": hundredths.
std::optional<std::int64_t> Digits(std::string_view word) {
  std::int64_t hundredths = 0;
  int decimals = -1;
  for (char c : word) {
    if (c == '.') {
      if (decimals >= 0) return std::nullopt;
      decimals = 0;
    } else if (c >= '0' && c <= '9') {
      if (decimals >= 2) continue;
      hundredths = hundredths * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
      if (hundredths > 100'000'000'000) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  for (int missing = decimals < 0 ? 2 : 2 - decimals; missing > 0; --missing) hundredths *= 10;
  return hundredths;
}

struct Number {
  std::int64_t hundredths = 0;
  std::size_t words = 0;
};

std::optional<Number> NumberAt(std::span<const std::string_view> words) {
  if (words.empty()) return std::nullopt;
  if (words[0][0] >= '0' && words[0][0] <= '9') {
    std::string_view text = words[0];
    std::int64_t times = 1;
    if (text.ends_with('k')) {
      text.remove_suffix(1);
      times = 1000;
    }
    const auto hundredths = Digits(text);
    if (!hundredths) return std::nullopt;
    Number number{.hundredths = *hundredths * times, .words = 1};
    if (words.size() > 1 && (words[1] == "thousand" || words[1] == "grand")) {
      number.hundredths *= 1000;
      number.words = 2;
    } else if (words.size() > 1 && words[1] == "hundred") {
      number.hundredths *= 100;
      number.words = 2;
    }
    return number;
  }
  if (words[0] == "a" && !(words.size() > 1 && (words[1] == "hundred" || words[1] == "thousand" ||
                                                words[1] == "grand"))) {
    return std::nullopt;
  }
  const auto spoken = ReadNumber(words);
  if (!spoken) return std::nullopt;
  return Number{.hundredths = spoken->value * 100, .words = spoken->words};
}

// What stands behind a number: its currency, cents, and "a month", "per year", "monthly".
void ReadTail(std::span<const std::string_view> words, std::size_t& at, SpokenAmount& amount) {
  if (at < words.size()) {
    const std::string_view currency = Meaning(kCurrencies, words[at]);
    if (!currency.empty()) {
      amount.currency = currency;
      amount.money = true;
      ++at;
      std::size_t cents_at = at < words.size() && words[at] == "and" ? at + 1 : at;
      const auto cents = NumberAt(words.subspan(std::min(cents_at, words.size())));
      if (cents && cents->hundredths < 10'000 &&
          (cents_at + cents->words < words.size() && (words[cents_at + cents->words] == "cents" ||
                                                      words[cents_at + cents->words] == "cent"))) {
        amount.hundredths += cents->hundredths / 100;
        at = cents_at + cents->words + 1;
      }
    }
  }
  if (at < words.size() && (words[at] == "cents" || words[at] == "cent")) {
    amount.hundredths /= 100;
    amount.money = true;
    ++at;
  }
  std::size_t period_at = at;
  while (period_at < words.size() && period_at < at + 2 &&
         (words[period_at] == "a" || words[period_at] == "per" || words[period_at] == "each" ||
          words[period_at] == "every" || words[period_at] == "the")) {
    ++period_at;
  }
  if (period_at >= words.size()) return;
  const std::optional<Period> period = PeriodWord(words[period_at]);
  // "12 month" is a length, "12 a month" and "45 monthly" are prices.
  const bool adverb = words[period_at].ends_with("ly") || words[period_at] == "mo";
  if (period && (period_at > at || adverb || !amount.currency.empty())) {
    amount.period = period;
    amount.money = true;
    at = period_at + 1;
  }
}

bool IsLength(std::string_view word) {
  return word == "month" || word == "months" || word == "year" || word == "years" ||
         word == "week" || word == "weeks" || word == "day" || word == "days";
}

int MonthsOf(std::int64_t count, std::string_view unit) {
  count = std::clamp<std::int64_t>(count, 0, 10'000);
  if (unit.starts_with("year")) return static_cast<int>(count * 12);
  if (unit.starts_with("week")) return static_cast<int>((count * 7 + 29) / 30);
  if (unit.starts_with("day")) return static_cast<int>((count + 29) / 30);
  return static_cast<int>(count);
}

std::int64_t TimesAYear(Period period) {
  switch (period) {
    case Period::kOnce:
      return 1;
    case Period::kDay:
      return 365;
    case Period::kWeek:
      return 52;
    case Period::kMonth:
      return 12;
    case Period::kYear:
      return 1;
  }
  return 1;
}

// Whether one limit covers the amount in every plausible reading of it.
bool CoveredBy(const SpokenAmount& amount, const SpendLimit& limit) {
  if (!amount.currency.empty() && !limit.currency.empty() && amount.currency != limit.currency)
    return false;
  const Period period = amount.period.value_or(limit.period);
  if ((period == Period::kOnce) != (limit.period == Period::kOnce)) return false;
  return amount.hundredths * TimesAYear(period) <= limit.hundredths * TimesAYear(limit.period);
}

// Without a period it must fit every limit, with one any.
bool Covered(const SpokenAmount& amount, const Mandate& mandate) {
  const auto covers = [&](const SpendLimit& limit) { return CoveredBy(amount, limit); };
  if (mandate.spend.empty()) return amount.hundredths == 0;
  return amount.period ? std::any_of(mandate.spend.begin(), mandate.spend.end(), covers)
                       : std::all_of(mandate.spend.begin(), mandate.spend.end(), covers);
}

std::optional<std::string> TermsBeyond(std::string_view text, const Mandate& mandate,
                                       bool bare_numbers) {
  for (const SpokenAmount& amount : FindAmounts(text)) {
    if ((amount.money || bare_numbers) && !Covered(amount, mandate))
      return StrCat("an amount beyond the mandate (", DescribeMandate(mandate), ")");
  }
  for (int months : FindContractMonths(text)) {
    if (months > mandate.max_contract_months.value_or(0))
      return StrCat("a contract beyond the mandate (", DescribeMandate(mandate), ")");
  }
  return std::nullopt;
}

bool Refuses(const SpokenWords& words) {
  return words.HasAny({"can t",    "cannot",        "can not",  "won t",        "will not",
                       "don t",    "do not",        "not",      "no more than", "never",
                       "too much", "too expensive", "too high", "too long",     "isn t",
                       "wouldn t", "couldn t",      "above",    "beyond",       "over my",
                       "unable"}) &&
         !words.HasAny({"no problem", "not a problem", "why not", "not an issue", "don t worry",
                        "do not worry", "can t wait", "don t mind", "not only",
                        "won t be a problem", "no objection", "not opposed", "wouldn t mind",
                        "don t see why not"});
}

constexpr std::string_view kCommits[] = {
    "i agree",      "we agree",     "agreed",       "i accept",     "we accept",
    "accepted",     "it s a deal",  "deal",         "sign me up",   "sign us up",
    "sign him up",  "sign her up",  "i ll take",    "we ll take",   "i will take",
    "we will take", "i ll pay",     "we ll pay",    "he ll pay",    "she ll pay",
    "they ll pay",  "will pay",     "i can pay",    "we can pay",   "i can do",
    "we can do",    "happy to pay", "willing to",   "ready to pay", "you can charge",
    "charge the",   "charge my",    "charge his",   "charge her",   "i authorize",
    "i authorise",  "we authorize", "we authorise", "i commit",     "we commit",
    "i promise",    "i guarantee",  "works for",    "fine with",    "fine by",
    "fine for",     "is fine",      "is okay",      "is ok",        "is acceptable",
    "sounds good",  "go ahead",     "go with",      "let s do",     "put me down",
    "put him down", "put her down", "count me in",  "consider it",  "you have my word",
    "approved",     "confirm the",  "i confirm",    "we confirm",   "no problem",
    "why not"};

bool Commits(const SpokenWords& words) {
  return std::any_of(std::begin(kCommits), std::end(kCommits),
                     [&](std::string_view phrase) { return words.HasAny({phrase}); });
}

// Says what is or what others said, and nothing of what we would do.
bool Reports(const SpokenWords& words) {
  return words.HasAny({"you said",    "you quoted",    "you mentioned", "you told",  "you offered",
                       "you charged", "the bill",      "the invoice",   "currently", "current",
                       "right now",   "at the moment", "used to",       "was",       "were",
                       "has been",    "so far",        "the price is",  "it says",   "advertised",
                       "listed"});
}

// "Yes, please", "I agree": takes what the other party said.
bool BareAcceptance(const SpokenWords& words) {
  return words.HasAny(
      {"i agree",         "we agree",      "agreed",        "i accept",         "we accept",
       "it s a deal",     "deal",          "sign me up",    "sign us up",       "sign him up",
       "sign her up",     "i ll take it",  "we ll take it", "i ll take that",   "we ll take that",
       "let s do it",     "let s do that", "go ahead",      "count me in",      "you can charge",
       "charge the card", "i authorize",   "i authorise",   "you have my word", "works for me",
       "works for us",    "fine with me",  "fine with us",  "fine by me",       "sounds good",
       "yes please"});
}

}  // namespace

std::vector<SpokenAmount> FindAmounts(std::string_view text) {
  const SpokenWords spoken(text);
  const std::span<const std::string_view> words(spoken.words());
  std::vector<SpokenAmount> amounts;
  for (std::size_t at = 0; at < words.size();) {
    const std::string_view before = Meaning(kCurrencies, words[at]);  // "$45"
    const std::size_t number_at = before.empty() ? at : at + 1;
    const auto number = NumberAt(words.subspan(std::min(number_at, words.size())));
    if (!number) {
      ++at;
      continue;
    }
    at = number_at + number->words;
    SpokenAmount amount{.hundredths = number->hundredths,
                        .currency = std::string(before),
                        .period = std::nullopt,
                        .money = !before.empty()};
    if (before.empty() && at < words.size() && IsLength(words[at])) continue;  // "12 months"
    ReadTail(words, at, amount);
    amounts.push_back(std::move(amount));
  }
  return amounts;
}

std::vector<int> FindContractMonths(std::string_view text) {
  const SpokenWords spoken(text);
  const bool contract =
      spoken.HasAny({"contract",     "contracts",  "term",    "commitment", "commit",  "agreement",
                     "subscription", "plan",       "minimum", "lock",       "locked",  "sign",
                     "tie",          "bound",      "deal",    "renew",      "renewal", "extend",
                     "extension",    "membership", "lease",   "policy",     "stay"});
  std::vector<int> months;
  if (!contract) return months;
  const std::span<const std::string_view> words(spoken.words());
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == "annual" || words[at] == "yearly") months.push_back(12);
    if (words[at] == "biennial") months.push_back(24);
    auto number = NumberAt(words.subspan(at));
    const bool one = words[at] == "a" || words[at] == "an" || words[at] == "another";
    // "45 a month" is a price.
    const bool price = one && at > 0 && NumberAt(words.subspan(at - 1)).has_value();
    if (!number && one && !price) number = Number{.hundredths = 100, .words = 1};
    if (!number) continue;
    std::size_t unit = at + number->words;
    if (unit < words.size() &&
        (words[unit] == "full" || words[unit] == "whole" || words[unit] == "more")) {
      ++unit;
    }
    if (unit < words.size() && IsLength(words[unit]) &&
        !(number->words == 1 && one && unit + 1 == words.size() && words[unit] == "month")) {
      months.push_back(MonthsOf((number->hundredths + 99) / 100, words[unit]));
    }
  }
  return months;
}

std::optional<std::string> BeyondMandate(std::string_view sentence, const Mandate& mandate,
                                         std::string_view heard) {
  const SpokenWords words(sentence);
  const bool commits = Commits(words);
  if (words.question() && !commits) return std::nullopt;
  if (Refuses(words)) {
    // "I can't do 60, but 55 works for me" refuses one amount and takes another.
    if (!words.HasAny({"but", "however", "instead"})) return std::nullopt;
    if (!commits) return std::nullopt;
  }
  if (Reports(words) && !commits) return std::nullopt;
  if (auto beyond = TermsBeyond(sentence, mandate, commits)) {
    const std::size_t but = sentence.rfind("but ");
    if (Refuses(words) && but != std::string_view::npos)
      return TermsBeyond(sentence.substr(but), mandate, commits);
    return beyond;
  }
  if (!BareAcceptance(words) || !FindAmounts(sentence).empty()) return std::nullopt;
  if (auto beyond = TermsBeyond(heard, mandate, false))
    return StrCat("it accepts what was offered, ", *beyond);
  const bool nothing = mandate.spend.empty() && !mandate.max_contract_months && !mandate.may_agree;
  if (nothing) return std::string("an agreement, and the mandate allows none");
  return std::nullopt;
}

std::vector<std::string_view> ClaimedActions(std::string_view sentence) {
  static constexpr Word kDone[] = {{"booked", "booking"},
                                   {"reserved", "booking"},
                                   {"scheduled", "booking"},
                                   {"arranged", "booking"},
                                   {"confirmed", "booking"},
                                   {"registered", "booking"},
                                   {"enrolled", "booking"},
                                   {"rescheduled", "change"},
                                   {"moved", "change"},
                                   {"changed", "change"},
                                   {"updated", "change"},
                                   {"corrected", "change"},
                                   {"sent", "message"},
                                   {"emailed", "message"},
                                   {"mailed", "message"},
                                   {"texted", "message"},
                                   {"messaged", "message"},
                                   {"forwarded", "message"},
                                   {"notified", "message"},
                                   {"informed", "message"},
                                   {"cancelled", "cancellation"},
                                   {"canceled", "cancellation"},
                                   {"terminated", "cancellation"},
                                   {"paid", "payment"},
                                   {"transferred", "payment"},
                                   {"refunded", "payment"},
                                   {"wired", "payment"},
                                   {"settled", "payment"},
                                   {"ordered", "payment"},
                                   {"purchased", "payment"},
                                   {"bought", "payment"},
                                   {"called", "call"},
                                   {"phoned", "call"}};
  const SpokenWords spoken(sentence);
  std::vector<std::string_view> claims;
  if (spoken.question()) return claims;
  const std::vector<std::string_view>& words = spoken.words();
  const auto is = [&](std::size_t at, std::initializer_list<std::string_view> any) {
    return at < words.size() && std::find(any.begin(), any.end(), words[at]) != any.end();
  };
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view kind = Meaning(kDone, words[at]);
    if (kind.empty()) continue;
    // Back over adverbs to the verb that carries it: "has now been", "I have just", "it s all".
    std::size_t verb = at;
    bool denied = false;
    while (verb > 0 &&
           is(verb - 1, {"now", "just", "already", "also", "all", "successfully", "been",
                         "officially", "both", "then", "duly", "not", "never", "t"})) {
      --verb;
      denied = denied || is(verb, {"not", "never", "t"});
    }
    if (denied || verb == 0) continue;
    const bool perfect = is(verb - 1, {"have", "ve", "has", "had"});
    const bool passive = is(verb - 1, {"is", "are", "s", "re", "was", "were", "am", "m"});
    const bool simple = is(verb - 1, {"i", "we"});
    if (!perfect && !passive && !simple) continue;
    const std::size_t subject = verb >= 2 ? verb - 2 : 0;
    if (!simple && is(subject, {"you", "they", "don", "haven", "hasn", "isn", "aren"})) continue;
    // Conditions and plans: "once it is booked", "if I have paid".
    bool condition = false;
    for (std::size_t i = verb > 6 ? verb - 6 : 0; i < verb; ++i)
      condition = condition || is(i, {"if", "once", "when", "until", "unless", "after", "before",
                                      "whether", "will", "ll", "would", "should", "to"});
    if (condition) continue;
    if (std::find(claims.begin(), claims.end(), kind) == claims.end()) claims.push_back(kind);
  }
  return claims;
}

}  // namespace dragoman
