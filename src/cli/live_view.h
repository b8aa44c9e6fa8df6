// A call in a terminal, line by line, while it happens.
#ifndef DRAGOMAN_SRC_CLI_LIVE_VIEW_H_
#define DRAGOMAN_SRC_CLI_LIVE_VIEW_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dragoman/agent/narrator.h"

namespace dragoman::cli {

struct LiveViewOptions {
  int width = 80;       // columns, 40 to 400; what is longer is wrapped
  bool color = false;   // ANSI colours
  bool redraw = false;  // partial words are written over as they grow; else only whole turns show
  bool unicode = true;  // else ASCII for what is ours; what was said stays as it is
};

// What fits the file: colours and redrawing only on a terminal, no colours with NO_COLOR set
// (no-color.org) or TERM=dumb, the terminal's width, Unicode where the locale's name says UTF-8.
// `environment` reads a variable, null for one that is not set: std::getenv.
LiveViewOptions OptionsFor(int file_descriptor, const char* (*environment)(const char*));

// Pure: events in, text to print out. Nothing that was said can move the cursor, change a colour or
// forge a line: control characters are shown as U+FFFD (or '?').
class LiveView {
 public:
  explicit LiveView(LiveViewOptions options);
  // Whole lines, but for a partial, which ends without a newline and is erased by the next text.
  std::string Show(const SessionEvent& event);

 private:
  using Micros = std::chrono::microseconds;
  struct Marks {  // of one turn, in the order of SessionEvents
    std::optional<Micros> speech_end, endpoint, model_asked, first_text, first_audio;
  };

  std::string Paint(std::string_view codes, std::string text) const;
  // "  0:07.9  caller  text", wrapped and indented.
  std::string Row(Micros at, std::string_view who, std::string_view codes,
                  std::string_view text) const;
  std::string Partial(const SessionEvent& event);
  std::string Notice(const SessionEvent& event);
  std::string Waterfall(const SessionEvent& heard);
  std::string Bar(const std::int64_t (&stages)[4]) const;

  LiveViewOptions options_;
  bool partial_shown_ = false;
  std::map<std::int64_t, Marks> marks_;   // by turn; until the turn was answered
  std::map<std::int64_t, Micros> tools_;  // when each run under way was called
};

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_LIVE_VIEW_H_
