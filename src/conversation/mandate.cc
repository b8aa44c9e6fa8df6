#include "dragoman/conversation/mandate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::int64_t kMostHundredths = 1'000'000'000;
constexpr int kMostMonths = 120;

using Words = std::vector<std::string>;

// "$45.50/month" becomes "$", "45.50", "a", "month"; clauses end at , ; and the word "and".
std::vector<Words> Clauses(std::string_view text) {
  std::string spaced;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    const auto digit_at = [&](std::size_t at) {
      return at < text.size() && text[at] >= '0' && text[at] <= '9';
    };
    if (text[i] == ',' && !(i > 0 && digit_at(i - 1) && digit_at(i + 1))) {
      spaced += " ; ";
    } else if (text[i] == ';' || text[i] == '.') {
      spaced += text[i] == '.' && digit_at(i + 1) ? "." : " ; ";
    } else if (text[i] == '/') {
      spaced += " a ";
    } else if (rest.starts_with("\xE2\x82\xAC")) {
      spaced += " eur ";
      i += 2;
    } else if (rest.starts_with("\xC2\xA3")) {
      spaced += " gbp ";
      i += 1;
    } else if (text[i] == '$') {
      spaced += " usd ";
    } else {
      spaced += text[i];
    }
  }
  std::vector<Words> clauses(1);
  for (std::string_view word : SplitWords(spaced)) {
    std::string lower = ToLowerAscii(word);
    if (lower == ";" || lower == "and") {
      if (!clauses.back().empty()) clauses.emplace_back();
    } else {
      clauses.back().push_back(std::move(lower));
    }
  }
  if (clauses.back().empty()) clauses.pop_back();
  return clauses;
}

std::optional<std::string> CurrencyOf(const std::string& word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kNames = {{
      {"eur", "EUR"},
      {"euro", "EUR"},
      {"euros", "EUR"},
      {"usd", "USD"},
      {"dollar", "USD"},
      {"dollars", "USD"},
      {"gbp", "GBP"},
      {"pound", "GBP"},
      {"pounds", "GBP"},
      {"chf", "CHF"},
      {"brl", "BRL"},
      {"pln", "PLN"},
  }};
  for (const auto& [name, code] : kNames) {
    if (word == name) return std::string(code);
  }
  return std::nullopt;
}

std::optional<Period> PeriodOf(const std::string& word) {
  if (word == "day" || word == "daily") return Period::kDay;
  if (word == "week" || word == "weekly") return Period::kWeek;
  if (word == "month" || word == "monthly") return Period::kMonth;
  if (word == "year" || word == "yearly" || word == "annually") return Period::kYear;
  if (word == "once" || word == "total" || word == "all") return Period::kOnce;
  return std::nullopt;
}

// Strips what a clause begins with; false: it begins otherwise.
bool Take(const Words& words, std::size_t& at, std::initializer_list<std::string_view> start) {
  if (words.size() - at < start.size()) return false;
  std::size_t i = at;
  for (std::string_view word : start) {
    if (words[i++] != word) return false;
  }
  at = i;
  return true;
}

// "up to 45 [eur] a month"
std::optional<SpendLimit> SpendOf(const Words& words) {
  std::size_t at = 0;
  if (!Take(words, at, {"up", "to"}) && !Take(words, at, {"at", "most"}) &&
      !Take(words, at, {"no", "more", "than"}) && !Take(words, at, {"not", "more", "than"}) &&
      !Take(words, at, {"max"}) && !Take(words, at, {"maximum"})) {
    return std::nullopt;
  }
  SpendLimit limit;
  bool number = false;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (!number && word[0] >= '0' && word[0] <= '9') {
      std::string plain;
      for (char c : word) {
        if (c != ',') plain += c;
      }
      const auto money = ParseMoney(plain + " XXX");
      if (!money.ok()) return std::nullopt;
      limit.hundredths = money->hundredths;
      number = true;
    } else if (auto currency = CurrencyOf(word); currency && limit.currency.empty()) {
      limit.currency = *currency;
    } else if (auto period = PeriodOf(word); period && number) {
      limit.period = *period;
    } else if (word != "a" && word != "per" && word != "each" && word != "every" && word != "in") {
      return std::nullopt;
    }
  }
  if (!number) return std::nullopt;
  return limit;
}

// "no contract over 12 months", "contract of at most 2 years", "no contract"; -1: no contract.
std::optional<int> ContractOf(const Words& words) {
  std::size_t at = 0;
  const bool negated = Take(words, at, {"no"});
  if (at >= words.size() || !words[at].starts_with("contract")) return std::nullopt;
  ++at;
  if (at == words.size()) return negated ? std::optional<int>(-1) : std::nullopt;
  const bool over = Take(words, at, {"over"}) || Take(words, at, {"longer", "than"}) ||
                    Take(words, at, {"beyond"}) || Take(words, at, {"above"});
  const bool within = !over && (Take(words, at, {"of", "at", "most"}) ||
                                Take(words, at, {"up", "to"}) || Take(words, at, {"at", "most"}));
  if ((over != negated) || (!over && !within) || words.size() != at + 2) return std::nullopt;
  int length = 0;
  for (char c : words[at]) {
    if (c < '0' || c > '9' || length > kMostMonths) return std::nullopt;
    length = length * 10 + (c - '0');
  }
  if (words[at + 1].starts_with("month")) return length;
  if (words[at + 1].starts_with("year")) return length * 12;
  return std::nullopt;
}

std::string Joined(const Words& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

absl::Status Mandate::Validate() const {
  for (const SpendLimit& limit : spend) {
    if (limit.hundredths < 0 || limit.hundredths > kMostHundredths)
      return InvalidArgument("mandate: spend of ", limit.hundredths, " hundredths; expected 0 to ",
                             kMostHundredths);
  }
  if (max_contract_months && (*max_contract_months < 1 || *max_contract_months > kMostMonths))
    return InvalidArgument("mandate: a contract of ", *max_contract_months,
                           " months; expected 1 to ", kMostMonths);
  return absl::OkStatus();
}

absl::StatusOr<Mandate> ParseMandate(std::string_view text) {
  Mandate mandate;
  for (const Words& clause : Clauses(text)) {
    const std::string words = Joined(clause);
    if (auto spend = SpendOf(clause)) {
      mandate.spend.push_back(*spend);
    } else if (auto months = ContractOf(clause)) {
      if (*months >= 0) mandate.max_contract_months = *months;
    } else if (words == "you may agree" || words == "may agree") {
      mandate.may_agree = true;
    } else {
      return InvalidArgument("mandate: \"", words.substr(0, 80),
                             "\" is not understood; expected \"up to 45 EUR a month\", \"no "
                             "contract over 12 months\" or \"may agree\"");
    }
  }
  DRAGOMAN_RETURN_IF_ERROR(mandate.Validate());
  return mandate;
}

std::string DescribeMandate(const Mandate& mandate) {
  std::string out;
  const auto add = [&](std::string clause) { out += (out.empty() ? "" : "; ") + clause; };
  for (const SpendLimit& limit : mandate.spend) {
    add(StrCat("up to ", FormatMoney({limit.hundredths, limit.currency}), " ", Name(limit.period)));
  }
  if (mandate.spend.empty()) add("may spend nothing");
  add(mandate.max_contract_months
          ? StrCat("contracts of at most ", *mandate.max_contract_months, " months")
          : std::string("no contract"));
  if (mandate.may_agree) add("may agree to what costs nothing");
  return out;
}

}  // namespace dragoman
