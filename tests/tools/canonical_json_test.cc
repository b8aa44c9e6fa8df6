#include "dragoman/tools/canonical_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using testing::HasSubstr;

// RFC 8785, section 3.2.3 (ordering) and appendix B (numbers).
TEST(CanonicalJsonTest, OrdersKeysByUtf16) {
  EXPECT_EQ(*CanonicalJson("{\"\xE2\x82\xAC\":1,\"\\r\":2,\"\xEF\xAC\xB3\":3,\"1\":4,"
                           "\"\xF0\x9F\x98\x80\":5,\"\xC2\x80\":6,\"\xC3\xB6\":7}"),
            "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,"
            "\"\xF0\x9F\x98\x80\":5,\"\xEF\xAC\xB3\":3}");
}

TEST(CanonicalJsonTest, WritesNumbersAsEcmaScriptDoes) {
  for (const auto& [in, out] : std::vector<std::pair<std::string, std::string>>{
           {"0.0", "0"},
           {"-0.0", "0"},
           {"5e-324", "5e-324"},
           {"1.7976931348623157e308", "1.7976931348623157e+308"},
           {"1e30", "1e+30"},
           {"333333333.33333329", "333333333.3333333"},
           {"4.50", "4.5"},
           {"2e-3", "0.002"},
           {"0.000000000000000000000000001", "1e-27"},
           {"295147905179352830000.0", "295147905179352830000"},
           {"1E21", "1e+21"},
           {"1e-7", "1e-7"},
           {"0.000001", "0.000001"},
           {"9007199254740992", "9007199254740992"}}) {
    EXPECT_EQ(*CanonicalJson(in), out) << in;
  }
}

TEST(CanonicalJsonTest, OneSpellingForEqualTexts) {
  EXPECT_EQ(*CanonicalJson(" { \"b\" : [ true , null ] , \"a\" : \"\\u0041\\/\\u001f\\n\" } "),
            R"({"a":"A/\u001f\n","b":[true,null]})");
}

TEST(CanonicalJsonTest, WhatReadersDisagreeOnIsRefused) {
  EXPECT_THAT(CanonicalJson(R"({"a":1,"b":{"c":1,"c":2}})"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"c\" occurs twice")));
  for (const char* bad : {"", "{", "9007199254740993", "1e999", "{\"a\":1}x", "\"\xff\"", "[1,]"})
    EXPECT_FALSE(CanonicalJson(bad).ok()) << bad;
}

TEST(CanonicalJsonTest, TheDigestIsSha256) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ToolFingerprintTest, ChangesWithWhatMattersAndNotWithTheWords) {
  const ToolSpec tool{.name = "t", .parameters = R"({"type":"object"})"};
  ToolSpec other = tool;
  other.description = "new words";
  other.parameters = R"({ "type" : "object" })";
  EXPECT_EQ(ToolFingerprint(other), ToolFingerprint(tool));
  other.risk = ToolRisk::kMoney;
  EXPECT_NE(ToolFingerprint(other), ToolFingerprint(tool));
  other = tool;
  other.parameters = "{}";
  EXPECT_NE(ToolFingerprint(other), ToolFingerprint(tool));
  other = tool;
  other.roles = {{"to", ArgumentRole::kMail}};
  EXPECT_NE(ToolFingerprint(other), ToolFingerprint(tool));
}

}  // namespace
}  // namespace dragoman
