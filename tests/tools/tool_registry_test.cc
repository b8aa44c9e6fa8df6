#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/tools/tool.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kBooking[] = R"({
  "type": "object",
  "properties": {
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "doctor": {"type": "string", "enum": ["Lane", "Patel"]},
    "count": {"type": "integer", "minimum": 1, "maximum": 5},
    "patient": {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}},
                "required": ["name"]},
    "days": {"type": "array", "items": {"type": "string"}, "maxItems": 2}
  },
  "required": ["date"],
  "additionalProperties": false
})";

ToolSpec Spec(const std::string& name, const std::string& parameters) {
  ToolSpec spec = FakeTool::Spec(name);
  spec.parameters = parameters;
  return spec;
}

class ToolRegistryTest : public testing::Test {
 protected:
  ToolRegistryTest() {
    EXPECT_THAT(registry_.Add(std::make_unique<FakeTool>(Spec("book_appointment", kBooking))),
                IsOk());
    EXPECT_THAT(registry_.Add(std::make_unique<FakeTool>(Spec("cancel_appointment", ""))), IsOk());
  }
  absl::Status Booking(const std::string& arguments) {
    return registry_.Validate({.id = "1", .name = "book_appointment", .arguments = arguments});
  }
  ToolRegistry registry_;
};

TEST_F(ToolRegistryTest, KnowsItsToolsInTheOrderAdded) {
  ASSERT_EQ(registry_.Specs().size(), 2u);
  EXPECT_EQ(registry_.Specs()[0].name, "book_appointment");
  EXPECT_NE(registry_.Find("cancel_appointment"), nullptr);
  EXPECT_EQ(registry_.Find("cancel"), nullptr);
}

TEST_F(ToolRegistryTest, ArgumentsThatFitPass) {
  EXPECT_THAT(Booking(R"({"date":"2026-03-05","doctor":"Lane","count":5,"days":["a","b"],)"
                      R"("patient":{"name":"Kim"}})"),
              IsOk());
}

TEST_F(ToolRegistryTest, AMissingFieldIsNamedWithWhatBelongsThere) {
  EXPECT_THAT(Booking("{}"), StatusIs(StatusCode::kInvalidArgument,
                                      AllOf(HasSubstr("date is missing"), HasSubstr("string"))));
  EXPECT_THAT(Booking(R"({"date":"2026-03-05","patient":{}})"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("patient.name is missing")));
}

TEST_F(ToolRegistryTest, AWrongValueIsNamedWithItsFieldAndWhatWasExpected) {
  const struct {
    const char* arguments;
    const char* expected;
  } kCases[] = {
      {R"({"date":"tomorrow"})",
       R"(date is "tomorrow"; expected a string that matches "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")"},
      {R"({"date":5})", "date is 5; expected a string"},
      {R"({"date":"2026-03-05","doctor":"House"})",
       R"(doctor is "House"; expected one of "Lane", "Patel")"},
      {R"({"date":"2026-03-05","count":6})",
       "count is 6; expected an integer of at least 1 of at "
       "most 5"},
      {R"({"date":"2026-03-05","count":1.5})", "count is 1.5; expected an integer"},
      {R"({"date":"2026-03-05","patient":{"name":""}})", "patient.name is \"\"; expected a string"},
      {R"({"date":"2026-03-05","days":["a",7]})", "days.1 is 7; expected a string"},
      {R"({"date":"2026-03-05","dokter":"Lane"})", "dokter is \"Lane\"; expected no such field"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(Booking(c.arguments), StatusIs(StatusCode::kInvalidArgument, HasSubstr(c.expected)))
        << c.arguments;
  }
}

TEST_F(ToolRegistryTest, WhatIsNoObjectIsRefused) {
  for (const char* arguments : {"", "null", "[]", "5", "\"{}\"", "{", "{\"date\":}", "nonsense",
                                "{\"date\":\"2026-03-05\"} trailing"}) {
    EXPECT_THAT(Booking(arguments),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("argument object")))
        << arguments;
  }
}

TEST_F(ToolRegistryTest, AFieldNamedTwiceIsRefused) {
  EXPECT_THAT(Booking(R"({"date":"2026-03-05","date":"2026-03-06"})"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("\"date\" twice")));
}

TEST_F(ToolRegistryTest, ANumberOutOfRangeIsRefused) {
  EXPECT_THAT(Booking(R"({"date": 1e999})"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("number out of range")));
}

TEST_F(ToolRegistryTest, SizeDepthAndEncodingAreBounded) {
  EXPECT_THAT(Booking(R"({"date":")" + std::string(70'000, '1') + "\"}"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("65536")));
  EXPECT_THAT(Booking(R"({"date":)" + std::string(5'000, '[') + std::string(5'000, ']') + "}"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("deeper than 32")));
  EXPECT_THAT(Booking("{\"date\":\"\xc3(\"}"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("UTF-8")));
  // Long enough to exhaust the stack of a recursive pattern matcher.
  EXPECT_THAT(Booking(R"({"date":")" + std::string(60'000, '1') + "\"}"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("date has 60000 bytes")));
}

TEST_F(ToolRegistryTest, BracketsInsideStringsAreNotDepth) {
  EXPECT_THAT(
      Booking(R"({"date":"2026-03-05","days":["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"{{{"]})"),
      IsOk());
}

TEST_F(ToolRegistryTest, AnUnknownToolIsNamedWithTheNearest) {
  EXPECT_THAT(registry_.Validate({.name = "book_apointment"}),
              StatusIs(StatusCode::kNotFound, HasSubstr("did you mean \"book_appointment\"")));
  EXPECT_THAT(
      registry_.Validate({.name = "fly_to_the_moon"}),
      StatusIs(StatusCode::kNotFound, HasSubstr("expected book_appointment, cancel_appointment")));
  EXPECT_THAT(registry_.Validate({.name = std::string(10'000, 'x') + "\n"}),
              StatusIs(StatusCode::kNotFound, testing::SizeIs(testing::Lt(300u))));
}

TEST_F(ToolRegistryTest, AToolWithoutASchemaTakesAnyObject) {
  EXPECT_THAT(registry_.Validate({.name = "cancel_appointment", .arguments = R"({"a":[1]})"}),
              IsOk());
}

TEST_F(ToolRegistryTest, ANameIsTakenOnce) {
  EXPECT_THAT(registry_.Add(std::make_unique<FakeTool>(Spec("book_appointment", ""))),
              StatusIs(StatusCode::kAlreadyExists, HasSubstr("book_appointment")));
  EXPECT_THAT(registry_.Add(nullptr), StatusIs(StatusCode::kInvalidArgument));
}

TEST_F(ToolRegistryTest, ASpecThatCannotWorkIsRefusedWhenAdded) {
  const struct {
    const char* name;
    const char* parameters;
    int timeout_ms;
    const char* expected;
  } kCases[] = {
      {"", "", 1000, "tool name"},
      {"two words", "", 1000, "A-Z"},
      {"slow", "", 0, "timeout"},
      {"slow", "", 600'001, "timeout"},
      {"tool", "{", 1000, "not JSON"},
      {"tool", "[]", 1000, "JSON Schema of an object"},
      {"tool", R"({"type":"string"})", 1000, "JSON Schema of an object"},
      {"tool", R"({"type":"object","properties":5})", 1000, "not a JSON Schema"},
      {"tool", R"({"type":"object","properties":{"a":{"pattern":"["}}})", 1000, "JSON Schema"},
      {"tool", R"({"type":"object","properties":{"a":{"type":"strin"}}})", 1000, "JSON Schema"},
  };
  for (const auto& c : kCases) {
    ToolSpec spec = Spec(c.name, c.parameters);
    spec.timeout = std::chrono::milliseconds(c.timeout_ms);
    EXPECT_THAT(registry_.Add(std::make_unique<FakeTool>(spec)),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(c.expected)))
        << c.parameters;
    EXPECT_EQ(registry_.Specs().size(), 2u);
  }
}

}  // namespace
}  // namespace dragoman
