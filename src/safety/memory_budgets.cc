#include "src/safety/memory_budgets.h"

namespace dragoman {

Amounts Add(const Amounts& a, const Amounts& b) {
  std::map<std::string, std::int64_t> money;
  for (const Money& amount : a.money) money[amount.currency] += amount.hundredths;
  for (const Money& amount : b.money) money[amount.currency] += amount.hundredths;
  Amounts sum{.money = {},
              .calls = a.calls + b.calls,
              .minutes = a.minutes + b.minutes,
              .messages = a.messages + b.messages,
              .tokens = a.tokens + b.tokens,
              .steps = a.steps + b.steps};
  for (const auto& [currency, hundredths] : money) sum.money.push_back({hundredths, currency});
  return sum;
}

std::unique_ptr<BudgetLedger> MakeMemoryBudgetLedger() {
  return std::make_unique<safety::MemoryBudgetLedger>();
}

}  // namespace dragoman
