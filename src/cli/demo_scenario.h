// The caller of `dragoman demo`, as a scenario file: docs/scenarios.md explains the keys.
#ifndef DRAGOMAN_SRC_CLI_DEMO_SCENARIO_H_
#define DRAGOMAN_SRC_CLI_DEMO_SCENARIO_H_

#include <string_view>

namespace dragoman::cli {

inline constexpr std::string_view kDemoScenario = R"toml(
name = "demo"
about = "Interrupts the greeting, hesitates, books an appointment, corrects what was misheard, leaves."
kind = "audio"
transport = "socket"
seed = 7

[caller]
voice = "rms"

[[step]]
when = "agent speaks 1.5 s of /automated assistant/"
say = "I'd like <pause 600ms> to book an appointment"

[[reaction]]
when = "agent says /shall i book it|is that right/"
only_if = "tuesday the sixth.*ten thirty in the morning.*s m i t h"
say = "yes"
times = 4

[[reaction]]
when = "agent says /shall i book it|is that right/"
say = "no"
times = 4

[[reaction]]
when = "agent says /booked.*anything else/"
say = "no thank you"
times = 2

[[reaction]]
when = "agent says /last name/"
say = "<spell SMITH>"
letter_pause = "250 ms"

# Misheard once, people say the letters with words.
[[reaction]]
when = "agent says /last name/"
say = "<nato SMITH>"
times = 4

[[reaction]]
when = "agent says /call you back|take a message|anything else/"
say = "no"
times = 3

[[reaction]]
when = "agent says /what should i change/"
say = "the name"
times = 4

[[reaction]]
when = "agent says /do you mean|which would you like|what time|tell me a time|suit you.*morning|still there|can't hear/"
unless = "what day"
say = "ten thirty"
times = 5

[[reaction]]
when = "agent says /what day|tell me a day|other day/"
say = "tomorrow"
times = 5

[[reaction]]
when = "agent says /help you|do for you|say that again|say it differently/"
say = "I'd like to book an appointment"
times = 5

[expect]
outcome = "agent_hung_up"
goodbye_heard = true
tool_calls = { book_appointment = 1 }
min_interruptions = 1
max_owed_silence = "5 s"
[[expect.booking]]
name = "smith"
date = "2026-01-06"
time = "10:30"
)toml";

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_DEMO_SCENARIO_H_
