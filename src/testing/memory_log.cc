#include "dragoman/testing/memory_log.h"

namespace dragoman {

std::vector<MemoryLog::Line> MemoryLog::lines() const {
  MutexLock lock(mutex_);
  return lines_;
}

std::string MemoryLog::text() const {
  std::string text;
  for (const Line& line : lines()) text += line.module + ": " + line.message + "\n";
  return text;
}

bool MemoryLog::Contains(std::string_view text) const {
  return this->text().find(text) != std::string::npos;
}

void MemoryLog::WriteLine(LogLevel level, std::string_view module, std::string_view line) {
  MutexLock lock(mutex_);
  lines_.push_back({level, std::string(module), std::string(line)});
}

}  // namespace dragoman
