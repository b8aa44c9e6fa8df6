#include <array>
#include <cctype>

#include "dragoman/conversation/mandate.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::int64_t kMostUnits = 10'000'000;

}  // namespace

absl::StatusOr<Money> ParseMoney(std::string_view text) {
  const std::vector<std::string_view> words = SplitWords(text);
  const auto refuse = [&](std::string_view why) {
    return InvalidArgument("an amount ", why, "; expected a form like \"39.90 EUR\"");
  };
  if (words.size() != 2) return refuse("has a number and a currency");
  const std::string_view number = words[0];
  std::int64_t hundredths = 0;
  int decimals = -1;
  for (char c : number) {
    if (c == '.' && decimals < 0 && hundredths >= 0 && number.front() != '.') {
      decimals = 0;
    } else if (IsDigit(c) && decimals < 2) {
      hundredths = hundredths * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
      if (hundredths > kMostUnits * 100) return refuse("is at most ten million");
    } else {
      return refuse("is written in digits, with at most two decimals");
    }
  }
  if (decimals == 0) return refuse("has digits behind its point");
  for (int missing = decimals < 0 ? 2 : 2 - decimals; missing > 0; --missing) hundredths *= 10;
  if (hundredths > kMostUnits * 100) return refuse("is at most ten million");
  Money money{.hundredths = hundredths, .currency = ""};
  if (words[1].size() != 3) return refuse("names its currency in three letters");
  for (char c : words[1]) {
    if (c < 'A' || c > 'Z') return refuse("names its currency in three capital letters");
    money.currency += c;
  }
  return money;
}

std::string FormatMoney(const Money& money) {
  const std::int64_t cents = money.hundredths % 100;
  const bool negative = money.hundredths < 0;
  const std::int64_t shown = negative ? -cents : cents;
  return StrCat(negative ? "-" : "", negative ? -(money.hundredths / 100) : money.hundredths / 100,
                ".", shown < 10 ? "0" : "", shown, money.currency.empty() ? "" : " ",
                money.currency);
}

std::string_view Name(Period period) {
  switch (period) {
    case Period::kOnce:
      return "once";
    case Period::kDay:
      return "a day";
    case Period::kWeek:
      return "a week";
    case Period::kMonth:
      return "a month";
    case Period::kYear:
      return "a year";
  }
  return "once";
}

}  // namespace dragoman
