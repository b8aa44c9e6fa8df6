// What an agent may agree to for its owner.
#ifndef DRAGOMAN_CONVERSATION_MANDATE_H_
#define DRAGOMAN_CONVERSATION_MANDATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT Money {
  std::int64_t hundredths = 0;  // of the currency's unit, whatever its own smallest coin
  std::string currency;         // ISO 4217, "EUR"
  friend bool operator==(const Money&, const Money&) = default;
};
// "39.90 EUR" and "45 USD"; at most two decimals, up to ten million. kInvalidArgument says what is
// wrong.
DRAGOMAN_EXPORT absl::StatusOr<Money> ParseMoney(std::string_view text);
DRAGOMAN_EXPORT std::string FormatMoney(const Money& money);  // "39.90 EUR"

enum class Period { kOnce, kDay, kWeek, kMonth, kYear };
DRAGOMAN_EXPORT std::string_view Name(Period period);  // "a month"; "once"

struct DRAGOMAN_EXPORT SpendLimit {
  std::int64_t hundredths = 0;
  std::string currency;  // empty: any, as people who say "up to 45 a month" mean it
  Period period = Period::kOnce;
  friend bool operator==(const SpendLimit&, const SpendLimit&) = default;
};

// Nothing set: the agent may agree to nothing.
struct DRAGOMAN_EXPORT Mandate {
  std::vector<SpendLimit> spend;
  std::optional<int> max_contract_months;  // none: to no contract; 0 is not a length
  bool may_agree = false;  // to what costs nothing and binds to nothing: a time, a place

  // kInvalidArgument naming the limit: negative or beyond ten million, a contract beyond 120
  // months.
  absl::Status Validate() const;
  friend bool operator==(const Mandate&, const Mandate&) = default;
};

// "up to 45 a month, no contract over 12 months", "at most 20 EUR once; you may agree": clauses
// parted by commas, semicolons or "and". kInvalidArgument names the clause that was not understood:
// nothing is guessed, and what was understood is to be shown by DescribeMandate.
DRAGOMAN_EXPORT absl::StatusOr<Mandate> ParseMandate(std::string_view text);
// "up to 45.00 a month; contracts of at most 12 months; may agree to what costs nothing"
DRAGOMAN_EXPORT std::string DescribeMandate(const Mandate& mandate);

}  // namespace dragoman
#endif  // DRAGOMAN_CONVERSATION_MANDATE_H_
