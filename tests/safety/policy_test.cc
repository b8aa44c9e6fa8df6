#include "dragoman/safety/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/safety/calling_hours.h"
#include "dragoman/safety/destinations.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using std::chrono::year;
using testing::HasSubstr;

absl::Status Parse(std::string text) {
  return ParsePolicy(text, "own.toml", DefaultCallingRulesText(), "rules.toml").status();
}
constexpr char kStart[] = "format = 1\nname = \"own\"\n";

TEST(PolicyTest, TheShippedOneReads) {
  const auto policy = DefaultPolicy();
  ASSERT_THAT(policy, IsOk());
  EXPECT_EQ(policy->steps_per_goal, 30);
  EXPECT_EQ(policy->by_risk[static_cast<int>(ToolRisk::kTransfer)], Verdict::kDeny);
  EXPECT_EQ(policy->calling.hours.size(), 23u);  // everywhere, the country, 21 states
  EXPECT_THAT(policy->version, HasSubstr("default-2026-11@"));
}

TEST(PolicyTest, AnUnknownKeyIsNamedWithItsLineAndTheNearestKnownOne) {
  EXPECT_THAT(Parse(std::string(kStart) + "[limits]\nsteps_per_gaol = 3\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("own.toml:4: unknown key \"steps_per_gaol\" in [limits]; did you "
                                 "mean \"steps_per_goal\"?")));
  EXPECT_THAT(Parse(std::string(kStart) + "[tool.pay]\nverdikt = \"deny\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean \"verdict\"?")));
}

TEST(PolicyTest, WrongValuesAreNamedWithTheirLine) {
  EXPECT_THAT(Parse(std::string(kStart) + "[risk]\nmoney = \"yes\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("own.toml:4: money is \"yes\"; expected one of allow")));
  EXPECT_THAT(Parse("format = 2\nname = \"x\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("reads format 1")));
  EXPECT_THAT(Parse(std::string(kStart) + "[budget.goal]\nmoney = [\"5 euros\"]\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("own.toml:4")));
  EXPECT_THAT(Parse("[[["), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("own.toml:1")));
}

TEST(PolicyTest, WhatAFileDoesNotSayIsRefused) {
  const auto policy = ParsePolicy(kStart, "own.toml", DefaultCallingRulesText(), "rules.toml");
  ASSERT_THAT(policy, IsOk());
  for (Verdict verdict : policy->by_risk) EXPECT_EQ(verdict, Verdict::kDeny);
  EXPECT_EQ(policy->goal.calls, 0);
  EXPECT_TRUE(policy->countries.empty());
}

WallTime At(int month, int day, int hour, int minute) {
  return std::chrono::sys_days(year(2026) / month / day) + std::chrono::hours(hour) +
         std::chrono::minutes(minute);
}

TEST(CallingHoursTest, StatesNarrowTheHoursOfTheirCountry) {
  const CallingRules rules = DefaultPolicy()->calling;
  const std::vector<std::string> eastern = {"America/New_York"};
  // Wednesday 2026-01-07, 20:30 in New York.
  EXPECT_TRUE(CheckCallingHours(rules, {"US-NJ"}, eastern, At(1, 8, 1, 30)).allowed);
  EXPECT_FALSE(CheckCallingHours(rules, {"US-FL"}, eastern, At(1, 8, 1, 30)).allowed);
  // The edges: 08:00 is inside, 21:00 is not.
  EXPECT_TRUE(CheckCallingHours(rules, {"US-NJ"}, eastern, At(1, 7, 13, 0)).allowed);
  EXPECT_FALSE(CheckCallingHours(rules, {"US-NJ"}, eastern, At(1, 7, 12, 59)).allowed);
  EXPECT_FALSE(CheckCallingHours(rules, {"US-NJ"}, eastern, At(1, 8, 2, 0)).allowed);
  // The same minute in summer time: 16:00 UTC is 12:00 there.
  EXPECT_TRUE(CheckCallingHours(rules, {"US-NJ"}, eastern, At(7, 7, 12, 0)).allowed);
}

TEST(CallingHoursTest, SundaysAndHolidaysAreKnown) {
  const CallingRules rules = DefaultPolicy()->calling;
  const std::vector<std::string> central = {"America/Chicago"};
  // Sunday 2026-01-11, noon.
  EXPECT_FALSE(CheckCallingHours(rules, {"US-AL"}, central, At(1, 11, 18, 0)).allowed);
  EXPECT_TRUE(CheckCallingHours(rules, {"US-TX"}, central, At(1, 11, 18, 0)).allowed);
  EXPECT_FALSE(CheckCallingHours(rules, {"US-TX"}, central, At(1, 11, 17, 59)).allowed);
  // Martin Luther King's day 2026-01-19, a Monday.
  EXPECT_FALSE(CheckCallingHours(rules, {"US-AL"}, central, At(1, 19, 18, 0)).allowed);
  EXPECT_TRUE(CheckCallingHours(rules, {"US-IL"}, central, At(1, 19, 18, 0)).allowed);
  EXPECT_TRUE(IsUsHoliday(year(2026) / 7 / 3));  // the Fourth is a Saturday in 2026
  EXPECT_TRUE(IsUsHoliday(year(2026) / 11 / 26));
  EXPECT_FALSE(IsUsHoliday(year(2026) / 11 / 27));
}

TEST(CallingHoursTest, AnUnknownZoneIsNoPermission) {
  const CallingRules rules = DefaultPolicy()->calling;
  EXPECT_FALSE(CheckCallingHours(rules, {"US"}, {}, At(1, 7, 18, 0)).allowed);
  EXPECT_FALSE(CheckCallingHours(rules, {"US"}, {"America/Nowhere"}, At(1, 7, 18, 0)).allowed);
}

struct NumberCase {
  const char* text;
  NumberKind kind;
  const char* e164;
};

TEST(DestinationsTest, NumbersAreReadAsTheNumberingPlansHaveThem) {
  const NumberCase cases[] = {
      {"(201) 555-0123", NumberKind::kOrdinary, "+12015550123"},
      {"+44 20 7946 0958", NumberKind::kOrdinary, "+442079460958"},
      {"+49 30 901820", NumberKind::kOrdinary, "+4930901820"},
      {"1-800-555-0199", NumberKind::kTollFree, "+18005550199"},
      {"+1 900 555 0123", NumberKind::kPremium, "+19005550123"},
      {"+44 909 8790000", NumberKind::kPremium, "+449098790000"},
      {"+49 1802 123456", NumberKind::kSharedCost, "+491802123456"},
      {"+44 7012 345678", NumberKind::kSharedCost, "+447012345678"},
      {"+8816 12345678", NumberKind::kSatellite, ""},
      {"+870 773111632", NumberKind::kSatellite, ""},
      {"011 870 773111632", NumberKind::kSatellite, ""},
      {"+979 123456789", NumberKind::kSatellite, ""},
      {"911", NumberKind::kEmergency, ""},
      {"112", NumberKind::kEmergency, ""},
      {"+49 112", NumberKind::kEmergency, ""},
      {"000", NumberKind::kEmergency, ""},
      {"411", NumberKind::kShortCode, ""},
      {"*72 5550123", NumberKind::kServiceCode, ""},
      {"#31#2015550123", NumberKind::kServiceCode, ""},
      {"+1 201 555 0123 ext 5", NumberKind::kInvalid, ""},
      {"1-800-FLOWERS", NumberKind::kInvalid, ""},
      {"+1 201", NumberKind::kInvalid, ""},
      {"", NumberKind::kInvalid, ""},
  };
  for (const NumberCase& one : cases) {
    const PhoneNumber number = ClassifyNumber(one.text, "US");
    EXPECT_EQ(Name(number.kind), Name(one.kind)) << one.text;
    EXPECT_EQ(number.e164, one.e164) << one.text;
  }
}

TEST(DestinationsTest, AnAreaCodeTellsStateAndZones) {
  const PhoneNumber florida = ClassifyNumber("+1 850 555 0123", "US");
  EXPECT_THAT(florida.places, testing::ElementsAre("US-FL"));
  EXPECT_THAT(florida.zones, testing::ElementsAre("America/New_York", "America/Chicago"));
  const PhoneNumber london = ClassifyNumber("+442079460958", "US");
  EXPECT_THAT(london.zones, testing::ElementsAre("Europe/London"));
  EXPECT_EQ(ClassifyNumber("+1 876 922 1234", "US").country, "JM");
}

TEST(DestinationsTest, AddressesHaveOneSpelling) {
  EXPECT_EQ(*CanonicalMail(" Anna@EXAMPLE.org "), "Anna@example.org");
  for (const char* bad : {"", "anna", "a@b", "Anna <a@example.org>", "a@example.org,b@example.org",
                          "a@b@example.org", "\"a b\"@example.org", "a@ex\xC3\xA4mple.org"}) {
    EXPECT_FALSE(CanonicalMail(bad).ok()) << bad;
  }
  EXPECT_EQ(CanonicalUrl("HTTPS://Example.org:443")->url, "https://example.org/");
  EXPECT_EQ(CanonicalUrl("http://example.org./a?b#c")->url, "http://example.org/a?b");
  for (const char* bad :
       {"ftp://example.org", "https://user@example.org/", "https://127.0.0.1/", "https://[::1]/",
        "https://0x7f000001/", "https://example.org:8080/", "https://example.org\\@evil.org/",
        "https://ex\xD0\xB0mple.org/", "https://localhost/", "javascript:alert(1)"}) {
    EXPECT_FALSE(CanonicalUrl(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace dragoman
