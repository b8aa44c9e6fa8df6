// Untrusted text for a terminal: cleaned, measured, wrapped.
#ifndef DRAGOMAN_SRC_CLI_TERMINAL_TEXT_H_
#define DRAGOMAN_SRC_CLI_TERMINAL_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace dragoman::cli {

// Valid UTF-8 on one line: white space of every kind becomes a blank; broken UTF-8, control
// characters (escape sequences among them) and characters that turn the direction of text become
// U+FFFD.
std::string CleanText(std::string_view untrusted);

// Columns of a cleaned text: 2 for East Asian wide characters and emoji, 0 for combining marks.
int DisplayWidth(std::string_view clean);

// Lines of at most `width` columns (at least 8), broken at blanks, words that are too long anywhere
// between characters. Never empty.
std::vector<std::string> WrapText(std::string_view clean, int width);

// The end of a text, "..." before it, when it is wider than `width`.
std::string KeepEnd(std::string_view clean, int width);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_TERMINAL_TEXT_H_
