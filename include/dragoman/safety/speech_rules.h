// What a sentence would commit its owner to, and what it claims was done.
#ifndef DRAGOMAN_SAFETY_SPEECH_RULES_H_
#define DRAGOMAN_SAFETY_SPEECH_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/conversation/mandate.h"
#include "dragoman/core/export.h"

namespace dragoman {

// An amount of money in running text: "45 a month", "forty-five euros", "$540 per year".
struct DRAGOMAN_EXPORT SpokenAmount {
  std::int64_t hundredths = 0;
  std::string currency;          // ISO 4217; empty: not said
  std::optional<Period> period;  // none: not said
  bool money = false;            // a currency or a period was said; else a bare number
};
DRAGOMAN_EXPORT std::vector<SpokenAmount> FindAmounts(std::string_view text);

// Lengths of contracts in months, rounded up: "a two-year contract" 24.
DRAGOMAN_EXPORT std::vector<int> FindContractMonths(std::string_view text);

// Why a sentence goes beyond the mandate; none: it does not. English. A question and a refusal bind
// to nothing, and neither does naming what is ("the price is 60 now"); everything else that names
// an amount or a length beyond the mandate is stopped, whatever its words. A bare acceptance ("I
// agree", "sign me up") is checked against the terms in `heard`, the other party's last words.
DRAGOMAN_EXPORT std::optional<std::string> BeyondMandate(std::string_view sentence,
                                                         const Mandate& mandate,
                                                         std::string_view heard);

// Kinds of actions that a sentence claims were done ("I've booked it" -> "booking"); see
// ToolSpec::proves. English. Questions, plans and denials claim nothing.
DRAGOMAN_EXPORT std::vector<std::string_view> ClaimedActions(std::string_view sentence);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_SPEECH_RULES_H_
