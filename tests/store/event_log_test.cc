#include "dragoman/store/event_log.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dragoman/store/crc32c.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kFileHeader = 8;
constexpr size_t kRecordHeader = 16;

std::string LogOf(const std::vector<std::string>& records) {
  MemoryEventLogStore store;
  auto log = store.Create("x");
  EXPECT_THAT(log, IsOk());
  for (const std::string& record : records) EXPECT_THAT((*log)->Append(record), IsOk());
  return store.Bytes("x");
}

// All records up to the end; what stopped the reading goes to `status`.
std::vector<std::string> ReadAll(const std::string& bytes, absl::Status* status,
                                 size_t* torn = nullptr) {
  auto reader = EventLogReader::FromBytes(bytes);
  EXPECT_THAT(reader, IsOk());
  std::vector<std::string> records;
  while (true) {
    auto next = reader->Next();
    if (!next.ok()) {
      *status = next.status();
      if (torn) *torn = reader->torn_bytes();
      return records;
    }
    records.emplace_back(*next);
  }
}

TEST(Crc32cTest, GivesTheValuesOfRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
}

TEST(Crc32cTest, GoesOnWhereItStopped) {
  EXPECT_EQ(Crc32c("456789", Crc32c("123")), Crc32c("123456789"));
}

TEST(EventLogTest, RecordsComeBackInOrder) {
  absl::Status status;
  EXPECT_THAT(ReadAll(LogOf({"one", "", "three"}), &status), ElementsAre("one", "", "three"));
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
}

TEST(EventLogTest, EveryFlippedByteIsNoticedAtItsRecord) {
  const std::string bytes = LogOf({"first", "second"});
  const size_t second = kFileHeader + kRecordHeader + 5;
  for (size_t at = kFileHeader; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    absl::Status status;
    const std::vector<std::string> records = ReadAll(damaged, &status);
    EXPECT_EQ(records.size(), at < second ? 0u : 1u) << "byte " << at;
    // A length that grew beyond the file cannot be told from a record cut short by a crash; all
    // else is damage.
    const bool in_length = (at < second ? at - kFileHeader : at - second) < 4;
    if (!in_length) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << "byte " << at;
    }
  }
}

TEST(EventLogTest, ARemovedRecordIsNamed) {
  std::string bytes = LogOf({"aaaa", "bbbb", "cccc"});
  bytes.erase(kFileHeader + kRecordHeader + 4, kRecordHeader + 4);
  absl::Status status;
  EXPECT_THAT(ReadAll(bytes, &status), ElementsAre("aaaa"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss, HasSubstr("record 1 is missing")));
}

TEST(EventLogTest, ATornTailIsTheEndAtEveryLength) {
  const std::string bytes = LogOf({"whole", "torn apart"});
  const size_t second = kFileHeader + kRecordHeader + 5;
  for (size_t size = second + 1; size < bytes.size(); ++size) {
    absl::Status status;
    size_t torn = 0;
    EXPECT_THAT(ReadAll(bytes.substr(0, size), &status, &torn), ElementsAre("whole"));
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(torn, size - second);
  }
}

TEST(EventLogTest, WhatIsNoLogIsRefused) {
  EXPECT_THAT(EventLogReader::FromBytes("RIFF...."), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EventLogReader::FromBytes(""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EventLogTest, ANewerFormatIsNamed) {
  std::string bytes = LogOf({"x"});
  bytes[4] = 2;
  EXPECT_THAT(EventLogReader::FromBytes(bytes),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("version is 2")));
}

TEST(EventLogTest, ARecordOverTheLimitIsRefusedAndNotTaken) {
  MemoryEventLogStore store;
  auto log = store.Create("x");
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT((*log)->Append(std::string(kMaxEventRecordBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT((*log)->Append("small"), IsOk());
  absl::Status status;
  EXPECT_THAT(ReadAll(store.Bytes("x"), &status), ElementsAre("small"));
}

class FileEventLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "dragoman-log-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(FileEventLogTest, TheFileHoldsWhatWasAppendedAfterClose) {
  auto store = MakeFileEventLogStore(folder_);
  ASSERT_THAT(store, IsOk());
  auto log = (*store)->Create("call");
  ASSERT_THAT(log, IsOk());
  for (int i = 0; i < 1000; ++i) ASSERT_THAT((*log)->Append(std::to_string(i)), IsOk());
  ASSERT_THAT((*log)->Close(), IsOk());
  auto reader = EventLogReader::Open(folder_ + "/call.log");
  ASSERT_THAT(reader, IsOk());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(std::string(reader->Next().value()), std::to_string(i));
  EXPECT_EQ(reader->Next().status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(FileEventLogTest, ALogThatOutlivesItsStoreIsStillWritten) {
  auto store = MakeFileEventLogStore(folder_);
  ASSERT_THAT(store, IsOk());
  auto log = (*store)->Create("call");
  ASSERT_THAT(log, IsOk());
  store->reset();
  ASSERT_THAT((*log)->Append("late"), IsOk());
  ASSERT_THAT((*log)->Close(), IsOk());
  auto reader = EventLogReader::Open(folder_ + "/call.log");
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ(std::string(reader->Next().value()), "late");
}

TEST_F(FileEventLogTest, NothingIsTakenAfterClose) {
  auto store = MakeFileEventLogStore(folder_);
  auto log = (*store)->Create("call");
  ASSERT_THAT((*log)->Close(), IsOk());
  EXPECT_THAT((*log)->Append("x"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT((*log)->Close(), IsOk());
}

TEST_F(FileEventLogTest, AnExistingLogIsNeverOverwritten) {
  auto store = MakeFileEventLogStore(folder_);
  auto first = (*store)->Create("call");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT((*store)->Create("call"), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(FileEventLogTest, NamesThatLeaveTheFolderAreRefused) {
  auto store = MakeFileEventLogStore(folder_);
  for (const char* name : {"", "../x", "a/b", ".hidden", "x\n"}) {
    EXPECT_THAT((*store)->Create(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

TEST_F(FileEventLogTest, AMissingFolderIsNamed) {
  EXPECT_THAT(MakeFileEventLogStore(folder_ + "/none"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/none")));
}

}  // namespace
}  // namespace dragoman
