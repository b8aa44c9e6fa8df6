#include "dragoman/agent/call_log.h"

#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/v1/call_log.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/agent/call_fields.h"
#include "src/wire/proto_codec.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Fills every member with something that is not its default.
class Filler {
 public:
  explicit Filler(std::uint64_t seed) : random_(seed) {}

  template <typename T>
  T Make() {
    T value{};
    Fields<T>::Visit(value, *this);
    return value;
  }
  template <proto::Scalar T>
  void operator()(int, const char*, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = random_.Chance(500);
    } else if constexpr (sizeof(T) == 1) {
      value = static_cast<T>(random_.Between(1, 100));
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(random_.Between(0, 1));
    } else if constexpr (std::is_unsigned_v<T>) {
      value = static_cast<T>(random_.Next());
    } else {
      value = static_cast<T>(random_.Between(-5'000'000'000, 5'000'000'000));
    }
  }
  void operator()(int, const char*, std::string& value) {
    for (std::int64_t i = random_.Between(0, 20); i > 0; --i) {
      value += static_cast<char>(random_.Between(0, 127));
    }
  }
  template <typename T>
  void operator()(int, const char*, std::vector<T>& values) {
    for (std::int64_t i = random_.Between(0, 3); i > 0; --i) values.push_back(Make<T>());
  }
  template <typename T>
    requires requires { sizeof(Fields<T>); }
  void operator()(int, const char*, T& value) {
    value = Make<T>();
  }

  template <typename Variant, size_t kIndex = 0>
  void Each(std::vector<Variant>& out) {
    if constexpr (kIndex < std::variant_size_v<Variant>) {
      out.emplace_back(std::in_place_index<kIndex>,
                       Make<std::variant_alternative_t<kIndex, Variant>>());
      Each<Variant, kIndex + 1>(out);
    }
  }

 private:
  SeededRandom random_;
};

std::vector<CallStep> StepsOfEveryKind(std::uint64_t seed) {
  Filler filler(seed);
  std::vector<CallEventBody> events;
  filler.Each(events);
  std::vector<CallCommand> commands;
  filler.Each(commands);
  std::vector<CallStep> steps;
  for (size_t i = 0; i < events.size(); ++i) {
    steps.push_back({{static_cast<std::int64_t>(i) * 7, events[i]}, {}});
  }
  steps.push_back({{1'000'000, events[0]}, commands});
  return steps;
}

CallLogHeader SomeHeader() {
  CallLogHeader header;
  header.tables_digest = 0xfedcba9876543210u;
  header.options.greeting = "Guten Tag, \xc3\xb6";
  header.options.reprompts = {"one", "", "three"};
  header.options.end_silence = std::chrono::milliseconds(712);
  header.options.speculate = false;
  header.options.max_digits = 5;
  header.call_id = "CA1";
  header.carrier = "twilio";
  header.outbound = true;
  header.started = WallTime(std::chrono::microseconds(1'700'000'000'123'456));
  return header;
}

TEST(CallLogTest, EveryKindOfStepComesBackEqual) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    for (const CallStep& step : StepsOfEveryKind(seed)) {
      auto decoded = DecodeRecord(EncodeRecord(CallLogReader::Record(step)));
      ASSERT_THAT(decoded, IsOk());
      EXPECT_EQ(std::get<CallStep>(*decoded), step) << Name(step.event);
    }
  }
}

// The format is Protocol Buffers': what we wrote by hand, protobuf reads, and writes back the same.
TEST(CallLogTest, ProtobufReadsAndRewritesEveryKindOfRecord) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const CallStep& step : StepsOfEveryKind(seed)) {
      const std::string bytes = EncodeRecord(CallLogReader::Record(step));
      v1::Record record;
      ASSERT_TRUE(record.ParseFromString(bytes));
      EXPECT_EQ(record.step().event().at_us(), step.event.at_us);
      ASSERT_EQ(record.step().commands_size(), static_cast<int>(step.commands.size()));
      EXPECT_EQ(static_cast<size_t>(record.step().event().body_case()),
                step.event.body.index() + 2);
      auto decoded = DecodeRecord(record.SerializeAsString());
      ASSERT_THAT(decoded, IsOk());
      EXPECT_EQ(std::get<CallStep>(*decoded), step) << Name(step.event);
      v1::Record again;
      ASSERT_TRUE(again.ParseFromString(EncodeRecord(std::get<CallStep>(*decoded))));
      EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(record, again));
    }
  }
}

TEST(CallLogTest, ProtobufSeesTheFieldsByTheirNames) {
  CallStep step{{42, call_event::Final{"hello", 900, true, 10, 20}},
                {call_command::Speak{7, UtteranceKind::kReply, 3, "Hi.", false}}};
  v1::Record record;
  ASSERT_TRUE(record.ParseFromString(EncodeRecord(CallLogReader::Record(step))));
  const v1::Final& final = record.step().event().final();
  EXPECT_EQ(final.text(), "hello");
  EXPECT_EQ(final.confidence_per_mille(), 900);
  EXPECT_TRUE(final.from_flush());
  EXPECT_EQ(final.audio_end_ms(), 20);
  const v1::Speak& speak = record.step().commands(0).speak();
  EXPECT_EQ(speak.utterance(), 7);
  EXPECT_EQ(speak.kind(), static_cast<int>(UtteranceKind::kReply));
  EXPECT_EQ(speak.text(), "Hi.");
  EXPECT_FALSE(speak.interruptible());
}

TEST(CallLogTest, TheHeaderKeepsEveryOption) {
  auto decoded = DecodeRecord(EncodeRecord(SomeHeader()));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(std::get<CallLogHeader>(*decoded), SomeHeader());
}

TEST(CallLogTest, AnOptionOfANewerBuildIsNamed) {
  std::string bytes = EncodeRecord(SomeHeader());
  v1::Record record;
  ASSERT_TRUE(record.ParseFromString(bytes));
  record.mutable_header()->add_options()->set_name("telepathy");
  EXPECT_THAT(DecodeRecord(record.SerializeAsString()),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("'telepathy'")));
}

TEST(CallLogTest, AWholeLogIsReadBack) {
  MemoryEventLogStore store;
  auto writer = CallLogWriter::Create(store, "call", SomeHeader());
  ASSERT_THAT(writer, IsOk());
  const std::vector<CallStep> steps = StepsOfEveryKind(3);
  for (const CallStep& step : steps) (*writer)->Write(step.event, step.commands);
  const AudioPiece piece{AudioChannel::kAgent, 8000, 16000, 800, 77};
  (*writer)->Write(piece);
  ASSERT_THAT((*writer)->Close(), IsOk());

  auto bytes = EventLogReader::FromBytes(store.Bytes("call"));
  ASSERT_THAT(bytes, IsOk());
  auto reader = CallLogReader::Create(*std::move(bytes));
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ(reader->header(), SomeHeader());
  for (const CallStep& step : steps) {
    auto record = reader->Next();
    ASSERT_THAT(record, IsOk());
    EXPECT_EQ(std::get<CallStep>(*record), step);
  }
  EXPECT_EQ(std::get<AudioPiece>(reader->Next().value()), piece);
  EXPECT_EQ(reader->Next().status().code(), absl::StatusCode::kOutOfRange);
}

TEST(CallLogTest, EveryCutRecordIsAnErrorAndNeverACrash) {
  for (const CallStep& step : StepsOfEveryKind(5)) {
    const std::string bytes = EncodeRecord(CallLogReader::Record(step));
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(DecodeRecord(bytes.substr(0, size)).ok()) << Name(step.event) << " " << size;
    }
  }
}

TEST(CallLogTest, EqualCommandsDoNotDiffer) {
  for (const CallStep& step : StepsOfEveryKind(9)) {
    for (const CallCommand& command : step.commands) {
      EXPECT_THAT(Difference(command, command), IsEmpty());
    }
  }
}

TEST(CallLogTest, ADifferenceNamesTheFieldAndBothValues) {
  CallCommand said = call_command::Speak{1, UtteranceKind::kReply, 1, "Hello.", true};
  CallCommand other = call_command::Speak{1, UtteranceKind::kReply, 1, "Bye.", true};
  EXPECT_EQ(Difference(said, other), "text: expected \"Hello.\", got \"Bye.\"");
  EXPECT_EQ(Difference(said, call_command::HangUp{}), "kind: expected speak, got hang_up");
}

}  // namespace
}  // namespace dragoman
