// A log that a test can read.
#ifndef DRAGOMAN_TESTING_MEMORY_LOG_H_
#define DRAGOMAN_TESTING_MEMORY_LOG_H_

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/mutex.h"

namespace dragoman {

// Thread-safe.
class DRAGOMAN_EXPORT MemoryLog : public LogSink {
 public:
  struct Line {
    LogLevel level = LogLevel::kInfo;
    std::string module;
    std::string message;
  };
  std::vector<Line> lines() const;
  std::string text() const;  // "module: message" a line
  bool Contains(std::string_view text) const;

 protected:
  void WriteLine(LogLevel level, std::string_view module, std::string_view line) override;

 private:
  mutable Mutex mutex_;
  std::vector<Line> lines_ DRAGOMAN_GUARDED_BY(mutex_);
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_MEMORY_LOG_H_
