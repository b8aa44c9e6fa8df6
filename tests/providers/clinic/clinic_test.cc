#include "dragoman/providers/clinic/clinic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/safety/gates.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

// A file that is gone with the test.
class ScratchFile {
 public:
  ScratchFile()
      : path_(testing::TempDir() + "clinic_" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + ".db") {
    std::filesystem::remove(path_);
  }
  ~ScratchFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The clinic on Monday 5 January 2026, 09:00, behind the gate.
class Desk {
 public:
  explicit Desk(ClinicOptions options = {.busy = false}) {
    auto opened = OpenClinic(options, {.pool = &pool, .clock = &executor});
    EXPECT_THAT(opened, IsOk());
    clinic = *std::move(opened);
    EXPECT_THAT(clinic->AddTools(tools), IsOk());
    gate = MakeAllowingEffectGate(tools, nullptr, NullLog());
  }
  absl::StatusOr<std::string> Run(const std::string& tool, const Json& arguments,
                                  const std::string& key = "") {
    std::optional<absl::StatusOr<std::string>> result;
    auto run = gate->Run({.id = "1", .name = tool, .arguments = arguments.dump()},
                         {.call_id = "c", .effect_key = key}, executor,
                         [&](absl::StatusOr<std::string> done) { result = std::move(done); });
    while (!result && executor.AdvanceToNextTimer()) {
    }
    if (!result) return Internal("no result");
    return *std::move(result);
  }
  absl::StatusOr<std::string> Book(const std::string& name, const std::string& date,
                                   const std::string& time, const std::string& doctor,
                                   const std::string& key = "") {
    Json arguments = {{"name", name}, {"date", date}, {"time", time}};
    if (!doctor.empty()) arguments["doctor"] = doctor;
    return Run("book_appointment", arguments, key);
  }
  std::vector<ClinicAppointment> Appointments() { return *clinic->Appointments(); }

  ManualExecutor executor;
  ManualWorkPool pool{executor};
  ToolRegistry tools;
  std::unique_ptr<Clinic> clinic;
  std::unique_ptr<EffectGate> gate;
};

TEST(ClinicTest, AFreePlaceIsBookedAndThenNoLongerFree) {
  Desk desk;
  auto booked = desk.Book("Kim", "2026-01-08", "10:30", "Lane");
  ASSERT_THAT(booked, IsOk());
  const Json answer = Json::parse(*booked);
  EXPECT_EQ(answer["status"], "booked");
  EXPECT_EQ(answer["appointment_id"], "A1001");
  EXPECT_EQ(answer["doctor"], "Lane");

  auto free = desk.Run("check_availability", {{"date", "2026-01-08"}, {"doctor", "Lane"}});
  ASSERT_THAT(free, IsOk());
  const Json day = Json::parse(*free)["days"][0];
  EXPECT_EQ(day["weekday"], "Thursday");
  EXPECT_EQ(day["open"], "08:00 to 18:00");
  EXPECT_EQ(day["free"].size(), 19u);  // 20 half hours from 8 to 18, less one
  for (const Json& place : day["free"]) EXPECT_NE(place["time"], "10:30");
}

TEST(ClinicTest, APlaceIsBookedOnceAndTheRefusalTellsWhatIsFree) {
  Desk desk;
  ASSERT_THAT(desk.Book("Kim", "2026-01-10", "09:00", "Lane"), IsOk());
  // Saturday: 9 to 13, so eight places.
  EXPECT_THAT(desk.Book("Osei", "2026-01-10", "09:00", "Lane"),
              StatusIs(StatusCode::kAlreadyExists,
                       AllOf(HasSubstr("taken: 09:00 on 2026-01-10 with Doctor Lane"),
                             HasSubstr("free that day: 09:30, 10:00, 10:30, 11:00, 11:30, 12:00, "
                                       "12:30"))));
  EXPECT_THAT(desk.Appointments(), SizeIs(1));
}

TEST(ClinicTest, WithoutADoctorWhoeverIsFreeTakesIt) {
  Desk desk;
  for (const char* expected : {"Lane", "Patel", "Novak"}) {
    auto booked = desk.Book("Kim", "2026-01-08", "10:30", "");
    ASSERT_THAT(booked, IsOk());
    EXPECT_EQ(Json::parse(*booked)["doctor"], expected);
  }
  EXPECT_THAT(desk.Book("Kim", "2026-01-08", "10:30", ""),
              StatusIs(StatusCode::kAlreadyExists, HasSubstr("taken")));
}

TEST(ClinicTest, TheSameIntentTwiceIsOneAppointmentAndOneAnswer) {
  Desk desk;
  auto first = desk.Book("Kim", "2026-01-08", "10:30", "", "intent-1");
  auto again = desk.Book("Kim", "2026-01-08", "10:30", "", "intent-1");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*first, *again);
  EXPECT_THAT(desk.Appointments(), SizeIs(1));
  EXPECT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "", "intent-2"), IsOk());
  EXPECT_THAT(desk.Appointments(), SizeIs(2));
}

TEST(ClinicTest, AFailedIntentMayBeTriedAgainUnderItsKey) {
  Desk desk;
  ASSERT_THAT(desk.Book("Osei", "2026-01-08", "10:30", "Lane"), IsOk());
  EXPECT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane", "k"),
              StatusIs(StatusCode::kAlreadyExists));
  EXPECT_THAT(desk.Book("Kim", "2026-01-08", "11:00", "Lane", "k"), IsOk());
}

TEST(ClinicTest, WhatCannotBeIsRefusedWithTheReason) {
  Desk desk;
  const struct {
    const char* date;
    const char* time;
    const char* expected;
  } kCases[] = {
      {"2026-01-11", "10:00", "closed on Sunday 2026-01-11"},
      {"2026-01-08", "18:00", "no visit starts at 18:00"},
      {"2026-01-08", "07:30", "open 08:00 to 18:00"},
      {"2026-01-08", "10:10", "starting every 30 minutes"},
      {"2026-01-04", "10:00", "has passed; today is 2026-01-05"},
      {"2026-01-05", "08:30", "has passed; it is 09:00"},
      {"2026-07-05", "10:00", "expected at most 2026-07-04"},
      {"2026-02-30", "10:00", "a day of the calendar"},
      {"2026-01-08", "29:00", "time is \"29:00\""},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(desk.Book("Kim", c.date, c.time, ""),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(c.expected)))
        << c.date << " " << c.time;
  }
  EXPECT_THAT(desk.Book("Kim", "2026-01-08", "10:00", "House"),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr(R"(doctor is "House"; expected one of "Lane")")));
  EXPECT_THAT(desk.Appointments(), IsEmpty());
}

TEST(ClinicTest, AppointmentsAreFoundByLastNameInAnyCase) {
  Desk desk;
  ASSERT_THAT(desk.Book("Anna Kowalski", "2026-01-08", "10:30", "Lane"), IsOk());
  ASSERT_THAT(desk.Book("Kow", "2026-01-08", "11:30", "Lane"), IsOk());
  for (const char* name : {"kowalski", "Anna Kowalski", "ANNA KOWALSKI"}) {
    auto found = desk.Run("find_appointment", {{"name", name}});
    ASSERT_THAT(found, IsOk());
    const Json list = Json::parse(*found)["appointments"];
    ASSERT_EQ(list.size(), 1u) << name;
    EXPECT_EQ(list[0]["time"], "10:30");
  }
  EXPECT_THAT(*desk.Run("find_appointment", {{"name", "walski"}}),
              HasSubstr(R"("appointments":[])"));
}

TEST(ClinicTest, OthersAppointmentsAreNeverFoundMovedOrCancelled) {
  Desk desk({.busy = true});
  EXPECT_THAT(*desk.Run("find_appointment", {{"name", "(another patient)"}}),
              HasSubstr(R"("appointments":[])"));
  EXPECT_THAT(
      desk.Run("cancel_appointment", {{"appointment_id", "A1001"}, {"name", "(another patient)"}}),
      StatusIs(StatusCode::kNotFound));
}

TEST(ClinicTest, OnlyWhoeverNamesThePatientMovesOrCancels) {
  Desk desk;
  ASSERT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane"), IsOk());
  EXPECT_THAT(desk.Run("cancel_appointment", {{"appointment_id", "A1001"}, {"name", "Osei"}}),
              StatusIs(StatusCode::kNotFound, HasSubstr("under that name")));
  EXPECT_THAT(desk.Run("reschedule_appointment", {{"appointment_id", "A1001"},
                                                  {"name", "Osei"},
                                                  {"date", "2026-01-09"},
                                                  {"time", "09:00"}}),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(desk.Appointments(), SizeIs(1));
}

TEST(ClinicTest, AMovedAppointmentFreesItsOldPlaceAndKeepsItsId) {
  Desk desk;
  ASSERT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane"), IsOk());
  auto moved = desk.Run("reschedule_appointment", {{"appointment_id", "A1001"},
                                                   {"name", "Kim"},
                                                   {"date", "2026-01-09"},
                                                   {"time", "09:00"},
                                                   {"doctor", "Patel"}});
  ASSERT_THAT(moved, IsOk());
  EXPECT_THAT(desk.Appointments(), ElementsAre(ClinicAppointment{.id = "A1001",
                                                                 .name = "Kim",
                                                                 .date = "2026-01-09",
                                                                 .time = "09:00",
                                                                 .doctor = "Patel",
                                                                 .reason = "",
                                                                 .phone = ""}));
  EXPECT_THAT(desk.Book("Osei", "2026-01-08", "10:30", "Lane"), IsOk());
}

TEST(ClinicTest, AMoveToATakenPlaceLeavesTheAppointmentWhereItWas) {
  Desk desk;
  ASSERT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane"), IsOk());
  ASSERT_THAT(desk.Book("Osei", "2026-01-09", "09:00", "Lane"), IsOk());
  EXPECT_THAT(desk.Run("reschedule_appointment", {{"appointment_id", "A1001"},
                                                  {"name", "Kim"},
                                                  {"date", "2026-01-09"},
                                                  {"time", "09:00"},
                                                  {"doctor", "Lane"}}),
              StatusIs(StatusCode::kAlreadyExists, HasSubstr("taken")));
  EXPECT_EQ(desk.Appointments()[0].date, "2026-01-08");
}

TEST(ClinicTest, ACancelledAppointmentIsGoneAndItsIdIsNotReused) {
  Desk desk;
  ASSERT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane"), IsOk());
  const Json arguments = {{"appointment_id", "A1001"}, {"name", "Kim"}};
  EXPECT_THAT(desk.Run("cancel_appointment", arguments, "k"), IsOk());
  EXPECT_THAT(desk.Run("cancel_appointment", arguments, "k"), IsOk());  // the same intent
  EXPECT_THAT(desk.Run("cancel_appointment", arguments, "other"), StatusIs(StatusCode::kNotFound));
  auto next = desk.Book("Kim", "2026-01-08", "10:30", "Lane");
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(Json::parse(*next)["appointment_id"], "A1002");
}

TEST(ClinicTest, MessagesAreKept) {
  Desk desk;
  EXPECT_THAT(desk.Run("leave_message", {{"name", "Kim"}, {"phone", "5550134"}}, "k"), IsOk());
  EXPECT_THAT(*desk.clinic->Messages(),
              ElementsAre(ClinicMessage{.name = "Kim", .phone = "5550134", .message = ""}));
  EXPECT_THAT(desk.Run("leave_message", {{"name", "Kim"}, {"phone", "none"}}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("phone")));
}

TEST(ClinicTest, HostileTextIsOnlyText) {
  Desk desk;
  const std::string name = "Robert'); DROP TABLE appointments;--";
  ASSERT_THAT(desk.Book(name, "2026-01-08", "10:30", ""), IsOk());
  EXPECT_EQ(desk.Appointments()[0].name, name);
}

TEST(ClinicTest, ABusyBookIsTheSameOnEveryRunAndLeavesRoom) {
  Desk first({.busy = true});
  Desk second({.busy = true});
  const Json week = {{"date", "2026-01-05"}, {"days", 7}};
  auto one = first.Run("check_availability", week);
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(*one, *second.Run("check_availability", week));
  size_t free = 0;
  const Json week_free = Json::parse(*one);
  for (const Json& day : week_free["days"]) free += day["free"].size();
  // Five days of 20 and one of 8 places for three doctors, less this morning's three.
  EXPECT_GT(free, 150u);
  EXPECT_LT(free, 300u);
}

TEST(ClinicTest, ABookOnDiskOutlivesItsProcess) {
  ScratchFile file;
  {
    Desk desk({.path = file.path(), .busy = false});
    ASSERT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane", "intent"), IsOk());
  }
  Desk desk({.path = file.path(), .busy = false});
  EXPECT_THAT(desk.Appointments(), SizeIs(1));
  EXPECT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane", "intent"), IsOk());
  EXPECT_THAT(desk.Appointments(), SizeIs(1));
}

TEST(ClinicTest, OfFourThreadsOneGetsThePlace) {
  ScratchFile file;
  SystemClock clock;
  auto pool = MakeThreadWorkPool({.threads = 4});
  ASSERT_THAT(pool, IsOk());
  ManualExecutor wall;  // tells the date only
  auto clinic =
      OpenClinic({.path = file.path(), .busy = false}, {.pool = pool->get(), .clock = &wall});
  ASSERT_THAT(clinic, IsOk());
  ToolRegistry tools;
  ASSERT_THAT((*clinic)->AddTools(tools), IsOk());
  std::atomic<int> booked = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&, i] {
      ThreadExecutor executor(clock);
      std::atomic<bool> done = false;
      std::unique_ptr<ToolRun> run;
      RunAndWait(executor, [&] {
        run = tools.Find("book_appointment")
                  ->Run(R"({"name":"Kim","date":"2026-01-08","time":"10:30","doctor":"Lane"})",
                        {.effect_key = StrCat("caller ", i)}, executor,
                        [&](absl::StatusOr<std::string> result) {
                          if (result.ok()) ++booked;
                          done = true;
                        });
      });
      while (!done) std::this_thread::yield();
      RunAndWait(executor, [&] { run.reset(); });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(booked, 1);
  EXPECT_THAT(*(*clinic)->Appointments(), SizeIs(1));
}

TEST(ClinicTest, TheBooksOwnConstraintForbidsASecondBooking) {
  ScratchFile file;
  {
    Desk desk({.path = file.path(), .busy = false});
    ASSERT_THAT(desk.Book("Kim", "2026-01-08", "10:30", "Lane"), IsOk());
  }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &database), SQLITE_OK);
  const int code = sqlite3_exec(database,
                                "INSERT INTO appointments (name, date, time, doctor) "
                                "VALUES ('Thief', '2026-01-08', '10:30', 'Lane')",
                                nullptr, nullptr, nullptr);
  EXPECT_EQ(code, SQLITE_CONSTRAINT);
  sqlite3_close(database);
}

TEST(ClinicTest, FilesThatAreNoBookAreRefusedByName) {
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  ScratchFile file;
  std::ofstream(file.path()) << std::string(4096, 'x');
  EXPECT_THAT(OpenClinic({.path = file.path()}, {.pool = &pool, .clock = &executor}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("clinic")));

  std::filesystem::remove(file.path());
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "CREATE TABLE other (x)", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  EXPECT_THAT(OpenClinic({.path = file.path()}, {.pool = &pool, .clock = &executor}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("another program")));
  EXPECT_THAT(OpenClinic({.path = "/nowhere/at/all.db"}, {.pool = &pool, .clock = &executor}),
              StatusIs(StatusCode::kUnavailable, HasSubstr("/nowhere/at/all.db")));
}

TEST(ClinicTest, ANewerBookIsRefused) {
  ScratchFile file;
  {
    Desk desk({.path = file.path()});
  }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "PRAGMA user_version = 2", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  EXPECT_THAT(OpenClinic({.path = file.path()}, {.pool = &pool, .clock = &executor}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("version 2; expected 1")));
}

TEST(ClinicTest, OptionsThatCannotWorkAreNamed) {
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  const ClinicDependencies dependencies{.pool = &pool, .clock = &executor};
  const auto refusal = [&](const ClinicOptions& options) {
    return OpenClinic(options, dependencies).status();
  };
  EXPECT_THAT(refusal({.doctors = {}}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("doctors")));
  EXPECT_THAT(refusal({.doctors = {"A", "A"}}), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(refusal({.visit = std::chrono::minutes(0)}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("visit is 0")));
  EXPECT_THAT(refusal({.horizon_days = 0}), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(OpenClinic({}, {}), StatusIs(StatusCode::kInvalidArgument, HasSubstr("pool")));
}

TEST(ClinicTest, TheShippedReceptionistKnowsTheSameHouse) {
  const ClinicFacts facts;
  const ClinicOptions options;
  EXPECT_EQ(facts.doctors, options.doctors);
  for (size_t day = 0; day < 7; ++day) {
    EXPECT_EQ(facts.hours[day].opens, options.hours[day].opens);
    EXPECT_EQ(facts.hours[day].closes, options.hours[day].closes);
  }
  EXPECT_EQ(ClinicReceptionist(facts).horizon_days, options.horizon_days);
  Desk desk;
  for (const GoalDefinition& goal : ClinicReceptionist(facts).goals) {
    for (const std::string& tool : {goal.find_tool, goal.search_tool, goal.commit_tool}) {
      if (tool.empty()) continue;
      EXPECT_NE(desk.tools.Find(tool), nullptr) << tool;
    }
  }
}

}  // namespace
}  // namespace dragoman
