#include "dragoman/agent/replay.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kFileHeader = 8;
constexpr size_t kRecordHeader = 16;

// A short call: greeted, one turn, hung up by the caller.
std::vector<CallEvent> SomeCall() {
  using namespace call_event;
  std::vector<CallEvent> events;
  auto at = [&](std::int64_t ms, CallEventBody body) {
    events.push_back({ms * 1000, std::move(body)});
  };
  at(0, CallStarted{false});
  at(10, SpeechAudio{1, 0, 900});
  at(20, SpeechEnd{1, 900, true});
  at(920, Playout{900, true});
  at(1500, SpeechStarted{1440, 60});
  at(2000, Partial{"good morning"});
  at(2400, SpeechStopped{2260, 140});
  at(2600, Final{"good morning", 900, false, 1440, 2260});
  at(4000, MediaClosed{true, ""});
  return events;
}

std::string LogOf(const std::vector<CallEvent>& events, CallLogHeader header = {}) {
  header.options.greeting = "Hello.";
  header.tables_digest = header.tables_digest ? header.tables_digest : CallTablesDigest();
  MemoryEventLogStore store;
  auto writer = CallLogWriter::Create(store, "call", header);
  EXPECT_THAT(writer, IsOk());
  CallMachine machine(header.options);
  for (const CallEvent& event : events) {
    std::vector<CallCommand> commands;
    machine.Step(event, &commands);
    (*writer)->Write(event, commands);
  }
  EXPECT_THAT((*writer)->Close(), IsOk());
  return store.Bytes("call");
}

absl::StatusOr<ReplayResult> Replay(const std::string& bytes) {
  auto reader = EventLogReader::FromBytes(bytes);
  if (!reader.ok()) return reader.status();
  return ReplayCall(*std::move(reader));
}

// The machine with one line changed: `change` sees each command and may alter it; false drops it.
absl::StatusOr<ReplayResult> ReplayOnChangedMachine(const std::string& bytes,
                                                    std::function<bool(CallCommand&)> change) {
  auto reader = EventLogReader::FromBytes(bytes);
  if (!reader.ok()) return reader.status();
  return ReplayCall(*std::move(reader), [change](const CallMachineOptions& options) {
    auto machine = std::make_shared<CallMachine>(options);
    return [machine, change](const CallEvent& event, std::vector<CallCommand>* out) {
      std::vector<CallCommand> commands;
      machine->Step(event, &commands);
      for (CallCommand& command : commands) {
        if (change(command)) out->push_back(std::move(command));
      }
    };
  });
}

// Where record `index` (0 is the header) begins in the file.
size_t RecordAt(const std::string& bytes, int index) {
  size_t offset = kFileHeader;
  for (; index > 0; --index) {
    size_t length = 0;
    for (int byte = 3; byte >= 0; --byte) {
      length = length * 256 + static_cast<unsigned char>(bytes[offset + static_cast<size_t>(byte)]);
    }
    offset += kRecordHeader + length;
  }
  return offset;
}

TEST(ReplayTest, TheSameMachineGivesTheSameCommands) {
  auto result = Replay(LogOf(SomeCall()));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, ReplayVerdict::kIdentical);
  EXPECT_EQ(result->events, 9);
  EXPECT_GT(result->commands, 9);
  EXPECT_TRUE(result->finished);
  EXPECT_THAT(result->first_difference, IsEmpty());
}

TEST(ReplayTest, AChangedWordIsNamedAtItsEvent) {
  auto result = ReplayOnChangedMachine(LogOf(SomeCall()), [](CallCommand& command) {
    if (auto* speak = std::get_if<call_command::Speak>(&command)) speak->text = "Hallo.";
    return true;
  });
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, ReplayVerdict::kDifferent);
  EXPECT_THAT(result->first_difference,
              AllOf(HasSubstr("event 1 at 0.000 s (call_started)"),
                    HasSubstr("text: expected \"Hello.\", got \"Hallo.\"")));
  EXPECT_EQ(result->events, 1);  // nothing after it was run
}

TEST(ReplayTest, ADroppedCommandIsNamedAtItsEvent) {
  auto result = ReplayOnChangedMachine(LogOf(SomeCall()), [](CallCommand& command) {
    return !std::holds_alternative<call_command::Finish>(command);
  });
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, ReplayVerdict::kDifferent);
  EXPECT_THAT(result->first_difference, HasSubstr("event 9 at 4.000 s (media_closed)"));
}

TEST(ReplayTest, AFlippedByteStopsAtItsRecord) {
  std::string bytes = LogOf(SomeCall());
  const size_t at = RecordAt(bytes, 4) + kRecordHeader + 2;
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  EXPECT_THAT(Replay(bytes), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("record 4 at byte")));
}

TEST(ReplayTest, ARemovedRecordStopsAtItsPlace) {
  std::string bytes = LogOf(SomeCall());
  const size_t from = RecordAt(bytes, 5);
  bytes.erase(from, RecordAt(bytes, 6) - from);
  EXPECT_THAT(Replay(bytes),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("record 5 is missing")));
}

TEST(ReplayTest, ATornTailIsReplayedUpToIt) {
  std::string bytes = LogOf(SomeCall());
  bytes.resize(bytes.size() - 3);
  auto result = Replay(bytes);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, ReplayVerdict::kIdentical);
  EXPECT_EQ(result->events, 8);
  EXPECT_FALSE(result->finished);
  EXPECT_GT(result->torn_bytes, 0u);
}

TEST(ReplayTest, AnotherVersionIsReportedByKindToTheEnd) {
  const std::string bytes = LogOf(SomeCall(), {.machine_version = kCallMachineVersion + 1});
  auto result = ReplayOnChangedMachine(bytes, [](CallCommand& command) {
    return !std::holds_alternative<call_command::SetTimer>(command);
  });
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, ReplayVerdict::kOtherMachine);
  EXPECT_EQ(result->events, 9);
  EXPECT_FALSE(result->differences.empty());
}

TEST(ReplayTest, OtherTablesAreAnotherMachineThoughTheVersionIsTheSame) {
  auto result = Replay(LogOf(SomeCall(), {.tables_digest = 12345}));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, ReplayVerdict::kOtherMachine);
  EXPECT_TRUE(result->differences.empty());
}

TEST(ReplayTest, OptionsThatNoMachineTakesAreRefused) {
  CallLogHeader header;
  header.options.tool_rounds = -5;
  MemoryEventLogStore store;
  auto writer = CallLogWriter::Create(store, "call", header);
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT((*writer)->Close(), IsOk());
  EXPECT_THAT(Replay(store.Bytes("call")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tool_rounds")));
}

}  // namespace
}  // namespace dragoman
