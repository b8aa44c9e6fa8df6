// Another way to answer where the line is too noisy for words: the telephone's keys.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_KEYPAD_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_KEYPAD_H_

#include <optional>
#include <string_view>

#include "src/providers/offline/dialogue.h"

namespace dragoman::offline {

// So many misunderstandings in a call, and every question names its keys.
inline constexpr int kTroubleForKeys = 2;

// Puts behind the action's question how it is answered with keys, and what they will mean.
void OfferKeys(const Dialogue& dialogue, Action* action);

// "0305" is the fifth of March, or with `day_first` the third of May; where that is no day, the
// other order is tried. The next such date from `today` on. Nothing: not four digits, or no day.
std::optional<DateValue> KeyedDate(std::string_view digits, sys_days today, bool day_first);

// "1030", "930"; up to "1159" it may be meant for the afternoon. Nothing: no time.
std::optional<TimeValue> KeyedTime(std::string_view digits);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_KEYPAD_H_
