#include "src/runtime/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/audit.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "tests/providers/sqlite/temporary_folder.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

const WallTime kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)};

// A real database and real files under a clock that the test moves.
class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    std::filesystem::create_directory(calls());
    executor_.SetWallStart(kStart);
    auto made = MakeSqliteStore({.path = folder_.File("store.db"), .on_calling_thread = true});
    EXPECT_THAT(made, IsOk());
    store_ = *std::move(made);
  }
  std::string calls() const { return folder_.File("calls"); }

  void Start(RetentionSettings settings) {
    sweeper_.emplace(settings, RetentionSweeper::Parts{.store = store_.get(),
                                                       .executor = &executor_,
                                                       .calls_folder = calls(),
                                                       .other_party_folder = folder_.File("clinic"),
                                                       .user = "owner"});
    sweeper_->Start();
    executor_.RunUntilIdle();
  }
  void File(const std::string& name, days age) {
    std::ofstream(calls() + "/" + name) << "canary";
    std::filesystem::last_write_time(calls() + "/" + name,
                                     std::chrono::file_clock::from_sys(executor_.WallNow() - age));
  }
  std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(calls())) {
      names.insert(file.path().filename().string());
    }
    return names;
  }
  absl::Status Commit(std::vector<Change> changes, std::vector<GoalStep> steps = {}) {
    StoreTransaction transaction{.changes = std::move(changes), .steps = std::move(steps)};
    if (transaction.steps.empty()) transaction.steps.push_back({.actor = "test", .action = "put"});
    absl::Status status = absl::UnknownError("not called");
    EXPECT_THAT(store_->Commit(std::move(transaction), executor_,
                               [&](const auto& done) { status = done.status(); }),
                IsOk());
    while (status.code() == absl::StatusCode::kUnknown && executor_.RunOne()) {
    }
    return status;
  }
  // A goal with a call, that has ended now.
  void EndedGoal(const std::string& id) {
    const WallTime now = executor_.WallNow();
    ASSERT_THAT(Commit({GoalRecord{.id = id,
                                   .user_id = "owner",
                                   .request = "canary",
                                   .state = "INIT",
                                   .created = now,
                                   .updated = now},
                        PlanRecord{.goal_id = id, .version = 1, .body = "canary", .created = now},
                        IntentRecord{.effect_id = id + "-0123456789abcdef",
                                     .goal_id = id,
                                     .step = "call",
                                     .tool = "place_call"}},
                       {{.goal_id = id,
                         .state = "COMPLETED",
                         .final = true,
                         .at = now,
                         .actor = "test",
                         .action = "ended",
                         .delta = "canary"}}),
                IsOk());
  }
  void Remembered(const std::string& id, bool quarantined, const std::string& goal = "") {
    ASSERT_THAT(Commit({MemoryRecord{.user_id = "owner",
                                     .id = id,
                                     .kind = "note",
                                     .body = "canary",
                                     .labels = "user public readers=* from=",
                                     .quarantined = quarantined,
                                     .created = executor_.WallNow(),
                                     .goal_id = goal}}),
                IsOk());
  }
  template <typename Function>
  auto Get(Function reading) {
    decltype(reading(std::declval<StoreView&>())) found = absl::UnknownError("not read");
    EXPECT_THAT(store_->Read(
                    [&](StoreView& view) {
                      found = reading(view);
                      return found.status();
                    },
                    executor_, [](const absl::Status&) {}),
                IsOk());
    EXPECT_THAT(found, IsOk());
    return *found;
  }
  std::string WordsOf(const std::string& goal) {
    return Get([&](StoreView& v) { return v.FindGoal(goal); })->request;
  }
  std::vector<std::string> Memories() {
    std::vector<std::string> ids;
    for (const MemoryRecord& memory :
         Get([](StoreView& v) { return v.ListMemories("owner", "note"); })) {
      ids.push_back(memory.id);
    }
    return ids;
  }
  std::vector<std::string> Noted() {
    std::vector<std::string> deltas;
    for (const LogRecord& row : Get([](StoreView& v) { return v.ReadLog(1, 10'000); })) {
      if (row.actor == "retention") deltas.push_back(row.delta);
    }
    EXPECT_EQ(Get([](StoreView& v) { return VerifyAudit(v); }).first_bad, std::nullopt);
    return deltas;
  }

  TemporaryFolder folder_;
  ManualExecutor executor_;
  std::unique_ptr<Store> store_;
  std::optional<RetentionSweeper> sweeper_;
};

TEST_F(RetentionTest, SettingsAreReadFromTheDataDirectoryAndWrongOnesAreNamed) {
  const std::string path = folder_.File("settings.toml");
  EXPECT_EQ(*ReadRetention(path), (RetentionSettings{.recordings = 30, .call_logs = 90}));
  std::ofstream(path) << "[retention]\nrecordings = 7\ngoals = 365\n";
  EXPECT_EQ(*ReadRetention(path), (RetentionSettings{.recordings = 7, .goals = 365}));
  std::ofstream(path) << "[retention]\nrecording = 7\n";
  EXPECT_THAT(ReadRetention(path),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("recordings")));
  std::ofstream(path) << "[retention]\ngoals = -1\n";
  EXPECT_THAT(ReadRetention(path), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RetentionTest, FilesOfCallsAreGoneAnHourAfterTheirDateAndNotBefore_P7) {
  File("call-aa.wav", days(29));
  File("call-aa.audio", days(29));
  File("call-aa.log", days(29));
  File("call-bb.log", days(90));
  File("readme.txt", days(400));
  Start({});
  EXPECT_THAT(Files(),
              UnorderedElementsAre("call-aa.wav", "call-aa.audio", "call-aa.log", "readme.txt"));
  executor_.RunFor(23h + 59min);
  EXPECT_THAT(Files(), Contains("call-aa.wav"));
  executor_.RunFor(61min);
  EXPECT_THAT(Files(), UnorderedElementsAre("call-aa.log", "readme.txt"));
  EXPECT_EQ(Noted().size(), 2u);
  executor_.RunFor(std::chrono::hours(24 * 62));
  EXPECT_THAT(Files(), UnorderedElementsAre("readme.txt"));
}

TEST_F(RetentionTest, GoalsAndMemoriesGoByTheirOwnDatesAndTheAuditNamesIdsOnly_P7) {
  EndedGoal("g1");
  Remembered("mine", false);
  Remembered("theirs", true);
  Start({.goals = 10, .memories = 20, .quarantined_memories = 5});
  executor_.RunFor(std::chrono::hours(24 * 5 + 1));
  EXPECT_THAT(Memories(), ElementsAre("mine"));
  EXPECT_EQ(WordsOf("g1"), "canary");
  executor_.RunFor(std::chrono::hours(24 * 5));
  EXPECT_EQ(WordsOf("g1"), "");
  executor_.RunFor(std::chrono::hours(24 * 10));
  EXPECT_THAT(Memories(), IsEmpty());
  EXPECT_THAT(Noted(), ElementsAre("memory theirs", "goal g1", "memory mine"));
}

TEST_F(RetentionTest, ByDefaultGoalsAndMemoriesAreKept) {
  EndedGoal("g1");
  Remembered("mine", false);
  Start({});
  executor_.RunFor(std::chrono::hours(24 * 400));
  EXPECT_EQ(WordsOf("g1"), "canary");
  EXPECT_THAT(Memories(), ElementsAre("mine"));
  EXPECT_THAT(Noted(), IsEmpty());
}

TEST_F(RetentionTest, WhatIsHeldStaysUntilItIsReleased_P7) {
  EndedGoal("g1");
  EndedGoal("g2");
  Remembered("of-g1", false, "g1");
  File("call-g1-0123456789abc.wav", days(1));  // by the effect's first 16 characters
  File("call-g2-0123456789abc.wav", days(1));
  ASSERT_THAT(Commit({HoldRecord{.user_id = "owner", .goal_id = "g1", .since = kStart}}), IsOk());
  Start({.recordings = 2, .goals = 2, .memories = 2});
  executor_.RunFor(std::chrono::hours(24 * 3));
  EXPECT_EQ(WordsOf("g1"), "canary");
  EXPECT_EQ(WordsOf("g2"), "");
  EXPECT_THAT(Memories(), ElementsAre("of-g1"));
  EXPECT_THAT(Files(), UnorderedElementsAre("call-g1-0123456789abc.wav"));

  ASSERT_THAT(Commit({HoldRecord{.user_id = "owner", .since = kStart},
                      DeleteRecord{.kind = DeletableKind::kHold, .user_id = "owner", .id = "g1"}}),
              IsOk());
  executor_.RunFor(1h);
  EXPECT_EQ(WordsOf("g1"), "canary") << "everything of the owner is held";
  EXPECT_EQ(Files().size(), 1u);
  ASSERT_THAT(Commit({DeleteRecord{.kind = DeletableKind::kHold, .user_id = "owner"}}), IsOk());
  executor_.RunFor(1h);
  EXPECT_EQ(WordsOf("g1"), "");
  EXPECT_THAT(Memories(), IsEmpty());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(RetentionTest, CallsThatWereAnsweredGoByTheSameDatesWithTheirPages_P7) {
  File("CA0f.wav", days(29));
  File("CA0f.audio", days(29));
  File("CA0f.html", days(29));
  File("CA0f.log", days(29));
  File("0b1c9e2a-8e4f-4a55-9d3e-2f6a7b8c9d0e.log", days(90));
  Start({});
  EXPECT_THAT(Files(), UnorderedElementsAre("CA0f.wav", "CA0f.audio", "CA0f.html", "CA0f.log"));
  executor_.RunFor(25h);
  EXPECT_THAT(Files(), UnorderedElementsAre("CA0f.log"));
  EXPECT_THAT(Noted(), ElementsAre("file 0b1c9e2a-8e4f-4a55-9d3e-2f6a7b8c9d0e.log",
                                   AllOf(HasSubstr("file CA0f.wav"), HasSubstr("file CA0f.html"),
                                         Not(HasSubstr("canary")))));
}

TEST_F(RetentionTest, TheOtherPartysLogsOfCallsWithinTheProcessGoUnlessAnythingIsHeld_P7) {
  std::filesystem::create_directories(folder_.File("clinic"));
  File("../clinic/loop-7.log", days(91));
  ASSERT_THAT(Commit({HoldRecord{.user_id = "owner", .goal_id = "g1", .since = kStart}}), IsOk());
  Start({});
  EXPECT_TRUE(std::filesystem::exists(folder_.File("clinic/loop-7.log")));
  ASSERT_THAT(Commit({DeleteRecord{.kind = DeletableKind::kHold, .user_id = "owner", .id = "g1"}}),
              IsOk());
  executor_.RunFor(1h);
  EXPECT_FALSE(std::filesystem::exists(folder_.File("clinic/loop-7.log")));
  EXPECT_THAT(Noted(), ElementsAre("file clinic/loop-7.log"));
}

TEST_F(RetentionTest, AnAnsweredCallThatIsHeldByItsNameStaysAndItsNeighbourGoes_P7) {
  File("CA0f.wav", days(40));
  File("CA0f.1.log", days(100));
  File("CA0f2.wav", days(40));
  ASSERT_THAT(Commit({HoldRecord{.user_id = "owner", .goal_id = "CA0f", .since = kStart}}), IsOk());
  Start({});
  EXPECT_THAT(Files(), UnorderedElementsAre("CA0f.wav", "CA0f.1.log"));
  ASSERT_THAT(
      Commit({DeleteRecord{.kind = DeletableKind::kHold, .user_id = "owner", .id = "CA0f"}}),
      IsOk());
  executor_.RunFor(1h);
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(RetentionTest, EachSweepTakesABoundedNumberAndTheNextFollowsAtOnce_P7) {
  for (int i = 0; i < 600; ++i) File("call-" + std::to_string(i) + ".wav", days(31));
  for (int i = 0; i < 40; ++i) EndedGoal("g" + std::to_string(i));
  executor_.RunFor(std::chrono::hours(24));
  Start({.goals = 1});
  EXPECT_EQ(Files().size(), 344u);
  executor_.RunFor(3s);
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_EQ(Noted().size(), 3u);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(WordsOf("g" + std::to_string(i)), "") << i;
}

TEST_F(RetentionTest, AProcessThatDiesInASweepLeavesNothingHalfForgotten_P7) {
  for (int steps = 0; steps < 6; ++steps) {
    const std::string id = "g" + std::to_string(steps);
    EndedGoal(id);
    executor_.RunFor(std::chrono::hours(24 * 2));
    File("call-" + id + ".wav", days(2));
    sweeper_.emplace(RetentionSettings{.recordings = 1, .goals = 1},
                     RetentionSweeper::Parts{.store = store_.get(),
                                             .executor = &executor_,
                                             .calls_folder = calls(),
                                             .user = "owner"});
    sweeper_->Start();
    for (int i = 0; i < steps; ++i) executor_.RunOne();
    sweeper_.reset();  // dies
    Start({.recordings = 1, .goals = 1});
    EXPECT_EQ(WordsOf(id), "") << steps;
    EXPECT_THAT(Files(), IsEmpty()) << steps;
    EXPECT_FALSE(Noted().empty());
    sweeper_.reset();
  }
}

}  // namespace
}  // namespace dragoman
