#include "dragoman/core/log.h"

#include <cstdio>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

class DroppingLog : public LogSink {
 protected:
  void WriteLine(LogLevel, std::string_view, std::string_view) override {}
};

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void LogSink::Write(LogLevel level, std::string_view module, std::string_view message) {
  WriteLine(level, module, EscapeLine(message));
}

LogSink& NullLog() {
  static DroppingLog log;  // stateless
  return log;
}

void StderrLog::WriteLine(LogLevel level, std::string_view module, std::string_view line) {
  if (level < least_) return;
  std::string text = StrCat(Name(level), " ", module, ": ", line, "\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string EscapeLine(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string line;
  line.reserve(text.size());
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\r') {
      line += "\\r";
    } else if (c == '\t') {
      line += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      line += "\\x";
      line += kHex[byte >> 4];
      line += kHex[byte & 15];
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace dragoman
