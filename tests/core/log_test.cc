#include "dragoman/core/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dragoman {
namespace {

class KeptLog : public LogSink {
 public:
  std::vector<std::string> lines;

 protected:
  void WriteLine(LogLevel, std::string_view module, std::string_view line) override {
    lines.push_back(std::string(module) + "|" + std::string(line));
  }
};

TEST(LogTest, HostileTextStaysOnOneLine) {
  KeptLog log;
  log.Write(LogLevel::kInfo, "twilio", "hello\r\nerror fake: \x1b[31mred\tand\x7f");
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_EQ(log.lines[0], "twilio|hello\\r\\nerror fake: \\x1b[31mred\\tand\\x7f");
}

TEST(LogTest, PlainTextAndUtf8AreKeptAsTheyAre) {
  EXPECT_EQ(EscapeLine("na\xc3\xafve \"quoted\" text"), "na\xc3\xafve \"quoted\" text");
  EXPECT_EQ(EscapeLine(""), "");
}

TEST(LogTest, ZeroBytesAreEscaped) {
  EXPECT_EQ(EscapeLine(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(LogTest, StderrLogDropsWhatIsBelowItsLevel) {
  StderrLog log(LogLevel::kWarning);
  testing::internal::CaptureStderr();
  log.Write(LogLevel::kInfo, "core", "quiet");
  log.Write(LogLevel::kWarning, "core", "loud");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning core: loud\n");
}

TEST(LogTest, NullLogDropsEverything) {
  testing::internal::CaptureStderr();
  NullLog().Write(LogLevel::kError, "core", "unheard");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace dragoman
