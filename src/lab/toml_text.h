// Values as TOML writes them.
#ifndef DRAGOMAN_SRC_LAB_TOML_TEXT_H_
#define DRAGOMAN_SRC_LAB_TOML_TEXT_H_

#include <chrono>
#include <string>
#include <string_view>

#include "dragoman/core/clock.h"

namespace dragoman::lab {

std::string TomlText(std::string_view text);  // a basic string, quoted; what is not UTF-8 is "?"
std::string TomlKey(std::string_view key);    // bare where it may be
std::string LengthText(std::chrono::milliseconds length);  // "1200 ms"
std::string WallText(WallTime time);  // "2026-01-05 09:00", in UTC; seconds are dropped

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_TOML_TEXT_H_
