// Goals that phone the clinic with real audio on both sides, in virtual time: two agents, each with
// a recogniser and a voice of its own, on a line within the process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/agent/replay.h"
#include "dragoman/providers/clinic/clinic.h"
#include "dragoman/store/event_log.h"
#include "src/runtime/erasure.h"
#include "src/runtime/loopback_phones.h"
#include "tests/tasks/operator_world.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kErrand[] =
    "request = \"I would like to book an appointment.\"\n"
    "facts = { day = \"2026-01-15\", time = \"10:30\", \"last name\" = \"Smith\" }\n";

class PhoneGoalTest : public ::testing::Test {
 protected:
  PhoneGoalTest() {
    char folder[] = "/tmp/dragoman-phone-XXXXXX";
    folder_ = mkdtemp(folder);
    calls_folder_ = folder_ + "/calls";
    std::filesystem::create_directory(calls_folder_);
    world_ = std::make_unique<OperatorWorld>(
        folder_ + "/store.sqlite",
        WorldHooks{.prepare = [this](OperatorWorld& world) { Prepare(world); },
                   .open = [this](OperatorWorld& world) { return Open(world); },
                   .close = [this] { steps_.reset(); }});
  }
  ~PhoneGoalTest() override {
    if (world_ != nullptr) world_->Kill();
    world_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Prepare(OperatorWorld& world) {
    // 15:00 UTC is ten in the morning in New Jersey, a Tuesday.
    world.executor.SetWallStart(WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 6)) +
                                15h);
    EXPECT_THAT(world.tools.Add(std::make_unique<FakeTool>(PlaceCallSpec())), IsOk());
    pool_ = std::make_unique<ManualWorkPool>(world.executor);
    auto phones =
        LoopbackPhones::Open({.loopback = true, .record = true}, folder_,
                             {.pool = pool_.get(), .clock = &world.executor, .log = &NullLog()});
    ASSERT_THAT(phones, IsOk());
    phones_ = *std::move(phones);
    world.hooks.carrier = &phones_->carrier();
    world.hooks.sessions = &sessions_;
  }
  GoalCalls* Open(OperatorWorld& world) {
    auto steps = phones_->MakeCalls({.executor = &world.executor,
                                     .effects = world.effects.get(),
                                     .sessions = &sessions_,
                                     .governor = world.governor.get(),
                                     .numbers = world.calls.get(),
                                     .recognizer = nullptr,
                                     .speech = nullptr,
                                     .mind = nullptr,
                                     .pool = pool_.get()},
                                    {}, calls_folder_);
    EXPECT_THAT(steps, IsOk());
    steps_ = *std::move(steps);
    world.effects->AddSender("place_call", steps_.get());
    return steps_.get();
  }

  // Until the goal has ended, or waits for its owner outside of a call.
  void RunGoal(const std::string& goal) {
    for (int second = 0; second < 600; ++second) {
      world_->executor.RunFor(1s);
      const TaskProgress* now = world_->agent->progress(goal);
      if (now == nullptr || now->wait == TaskWait::kFailure) return;
    }
  }
  std::vector<ClinicAppointment> Appointments() {
    ManualWorkPool pool(world_->executor);
    auto clinic = OpenClinic({.path = folder_ + "/clinic/clinic.sqlite"},
                             {.pool = &pool, .clock = &world_->executor});
    EXPECT_THAT(clinic, IsOk());
    auto all = (*clinic)->Appointments();
    EXPECT_THAT(all, IsOk());
    return *all;
  }
  void ExpectBooked(const std::string& goal) {
    EXPECT_EQ(world_->State(goal), "COMPLETED") << world_->updates.back().text;
    const GoalReport report = world_->Report(goal);
    ASSERT_THAT(report.effects, SizeIs(1));
    EXPECT_EQ(report.effects[0].state, IntentState::kConfirmed);
    EXPECT_THAT(report.effects[0].detail, HasSubstr("\"quote\":"));
    const auto appointments = Appointments();
    ASSERT_THAT(appointments, SizeIs(1));
    EXPECT_EQ(appointments[0].date, "2026-01-15");
    EXPECT_EQ(appointments[0].time, "10:30");
    EXPECT_EQ(appointments[0].name, "Smith");
  }
  void ExpectIdenticalReplays() {
    int replays = 0;
    for (const auto& file : std::filesystem::directory_iterator(calls_folder_)) {
      if (file.path().extension() != ".log") continue;
      auto log = EventLogReader::Open(file.path());
      ASSERT_THAT(log, IsOk());
      const auto replayed = ReplayCall(*std::move(log));
      ASSERT_THAT(replayed, IsOk());
      EXPECT_EQ(replayed->verdict, ReplayVerdict::kIdentical) << replayed->first_difference;
      ++replays;
    }
    EXPECT_EQ(replays, 1);
  }
  // Names of the files that hold `words`. The clinic is another house; its book is its own.
  std::vector<std::string> FilesWith(const std::string& words) {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!file.is_regular_file() ||
          file.path().string().find("clinic.sqlite") != std::string::npos)
        continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (bytes.find(words) != std::string::npos) found.push_back(file.path().filename().string());
    }
    return found;
  }
  std::size_t CountCallFiles() {
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(calls_folder_)) {
      files += file.is_regular_file() ? 1 : 0;
    }
    return files;
  }
  static std::string Plan(const std::string& errand) {
    return "purpose = \"errand\"\nmandate = \"you may agree\"\n[[step]]\nid = \"call\"\n"
           "tool = \"place_call\"\n[step.arguments]\nto = \"+12015550142\"\nfor = \"Anna "
           "Smith\"\n" +
           errand;
  }

  std::string folder_, calls_folder_;
  GoalSessions sessions_;
  std::unique_ptr<LoopbackPhones> phones_;
  std::unique_ptr<ManualWorkPool> pool_;
  std::unique_ptr<CallSteps> steps_;
  std::unique_ptr<OperatorWorld> world_;
};

// One call, because decoding what two agents say takes long: first what it did, then its end.
TEST_F(PhoneGoalTest, BooksAVisitByPhoneWithRealAudioProvesItAndIsForgottenWhenAsked_P1_P2) {
  const auto booked = world_->NewGoal(Plan(kErrand), "a visit for Anna Smith");
  ASSERT_THAT(booked, IsOk());
  RunGoal(*booked);
  ExpectBooked(*booked);
  ExpectIdenticalReplays();

  const auto talking = world_->NewGoal(Plan(kErrand), "another one for Anna Smith");
  ASSERT_THAT(talking, IsOk());
  world_->executor.RunFor(12s);
  ASSERT_EQ(steps_->active_calls(), 1u);
  ASSERT_THAT(FilesWith("Anna Smith"), testing::Not(testing::IsEmpty()));
  ASSERT_GE(CountCallFiles(), 5u);  // log, audio and recording of the first, two of the second

  Erasure erasure({.agent = world_->agent.get(),
                   .calls_under_way = [this] { return steps_->active_calls(); },
                   .store = world_->store.get(),
                   .executor = &world_->executor,
                   .calls_folder = calls_folder_,
                   .loopback_folder = folder_ + "/clinic/calls"});
  std::optional<absl::StatusOr<PersonalThings>> erased;
  erasure.Erase("owner", [&](absl::StatusOr<PersonalThings> things) { erased = things; });
  world_->executor.RunFor(5s);
  ASSERT_TRUE(erased.has_value());
  ASSERT_THAT(*erased, IsOk());
  EXPECT_EQ((*erased)->open_goals, 1u);
  EXPECT_EQ(steps_->active_calls(), 0u);
  EXPECT_EQ(world_->agent->open(), 0u);
  EXPECT_EQ(CountCallFiles(), 0u);
  EXPECT_THAT(FilesWith("Anna Smith"), testing::IsEmpty());
  // Nothing that was on its way brings it back.
  world_->executor.RunFor(1h);
  EXPECT_EQ(CountCallFiles(), 0u);
  EXPECT_THAT(FilesWith("Anna Smith"), testing::IsEmpty());
}

}  // namespace
}  // namespace dragoman
