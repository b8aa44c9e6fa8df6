// Where log lines go. The library writes nowhere by itself.
#ifndef DRAGOMAN_CORE_LOG_H_
#define DRAGOMAN_CORE_LOG_H_

#include <string>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Thread-safe. Never blocks the caller for longer than a line takes to write.
class DRAGOMAN_EXPORT LogSink {
 public:
  virtual ~LogSink() = default;
  // `module` is the writer ("twilio"), `message` one line; line breaks and control characters
  // arrive escaped.
  void Write(LogLevel level, std::string_view module, std::string_view message);

 protected:
  virtual void WriteLine(LogLevel level, std::string_view module, std::string_view line) = 0;
};

// Drops everything: the default of every Dependencies struct.
DRAGOMAN_EXPORT LogSink& NullLog();

class DRAGOMAN_EXPORT StderrLog : public LogSink {
 public:
  explicit StderrLog(LogLevel least) : least_(least) {}

 protected:
  void WriteLine(LogLevel level, std::string_view module, std::string_view line) override;

 private:
  LogLevel least_;
};

// Escapes control characters, so that hostile text stays on one line: "a\nb" becomes "a\\nb".
DRAGOMAN_EXPORT std::string EscapeLine(std::string_view text);

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_LOG_H_
