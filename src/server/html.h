// Builds HTML: what is not a literal is escaped, always.
#ifndef DRAGOMAN_SRC_SERVER_HTML_H_
#define DRAGOMAN_SRC_SERVER_HTML_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dragoman {

// Fit for text and for attributes in either kind of quotes. Broken UTF-8, control characters other
// than tab and newline, and characters that turn the direction of text become U+FFFD.
std::string EscapeHtml(std::string_view untrusted);

// The last part of a path as a relative URL: "../a b.wav" is "./a%20b.wav". Empty for no name.
std::string FileUrl(std::string_view path);

std::string ClockTime(std::chrono::milliseconds time);  // "1:07.9"
std::string Duration(std::chrono::milliseconds time);   // "612 ms", "1.4 s", "2 min 05 s"

class Html {
 public:
  template <std::size_t N>
  Html& Raw(const char (&literal)[N]) {
    out_.append(literal, N - 1);
    return *this;
  }
  Html& Text(std::string_view untrusted) {
    out_ += EscapeHtml(untrusted);
    return *this;
  }
  Html& Number(std::int64_t value) {
    out_ += std::to_string(value);
    return *this;
  }
  // `part` of `whole` as "12.345%", within 0 to 100.
  Html& Percent(std::int64_t part, std::int64_t whole);
  // Seconds with three decimals, for scripts: "12.345".
  Html& Seconds(std::chrono::milliseconds time);
  // Our own markup, made elsewhere by this class.
  Html& Markup(std::string_view trusted) {
    out_ += trusted;
    return *this;
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_SERVER_HTML_H_
