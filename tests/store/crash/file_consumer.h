// A consumer of outgoing events that keeps what it made of them in a file.
#ifndef DRAGOMAN_TESTS_STORE_CRASH_FILE_CONSUMER_H_
#define DRAGOMAN_TESTS_STORE_CRASH_FILE_CONSUMER_H_

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"
#include "dragoman/store/outbox_publisher.h"
#include "tests/store/crash/crash_points.h"

namespace dragoman {

// A line "index topic event" for each event that it processed; what is not above the last index it
// has processed before.
class FileConsumer : public OutboxSink {
 public:
  FileConsumer(const std::string& path, Executor& executor, CrashPoints& points)
      : executor_(executor), points_(points) {
    std::ifstream before(path);
    for (std::string line; std::getline(before, line);) last_ = std::stoll(line);
    file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  ~FileConsumer() override { close(file_); }
  FileConsumer(const FileConsumer&) = delete;
  FileConsumer& operator=(const FileConsumer&) = delete;

  void Publish(const LogRecord& event, absl::AnyInvocable<void(absl::Status)> done) override {
    if (event.index > last_) {
      const std::string line = StrCat(event.index, " ", event.topic, " ", event.event, "\n");
      if (write(file_, line.data(), line.size()) < 0 || fdatasync(file_) != 0) _exit(2);
      last_ = event.index;
      points_.Reach("outbox: consumed");
    }
    executor_.Post([done = std::move(done)]() mutable { done(absl::OkStatus()); });
  }

 private:
  Executor& executor_;
  CrashPoints& points_;
  std::int64_t last_ = 0;
  int file_ = -1;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_STORE_CRASH_FILE_CONSUMER_H_
