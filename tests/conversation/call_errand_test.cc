#include "dragoman/conversation/call_errand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

CallErrand WithFact(const std::string& value) {
  return {.principal = "Anna Smith",
          .request = "I would like to know my balance.",
          .facts = {{"pin", value}},
          .questions = {}};
}

TEST(CallErrandTest, AFactMayBeAHandleOfTheVaultWholeAndAlone) {
  EXPECT_THAT(WithFact("{{vault:bank/pin}}").Validate(), IsOk());
  for (const char* text : {"it is {{vault:bank/pin}}", "{{vault:bank/pin}}.", "{{vault:bank/pin}",
                           "{{vault:}}", "{{vault:bank pin}}", "{{vault:a}}{{vault:b}}"}) {
    EXPECT_THAT(WithFact(text).Validate(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("facts.pin")))
        << text;
  }
}

TEST(CallErrandTest, NothingButFactsMayNameTheVault) {
  CallErrand errand = WithFact("x");
  errand.request = "My PIN is {{vault:bank/pin}}.";
  EXPECT_THAT(errand.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("request names a value")));
  errand = WithFact("x");
  errand.questions = {{"right", "Is it {{vault:bank/pin}}?"}};
  EXPECT_THAT(errand.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("questions.right")));
}

TEST(CallErrandTest, AModelIsToldWhatAHandleIsWhereThereIsOne) {
  EXPECT_THAT(ErrandInstructions(WithFact("{{vault:bank/pin}}")),
              AllOf(HasSubstr("pin: {{vault:bank/pin}}"),
                    HasSubstr("a secret that you do not know"), HasSubstr("press_keys")));
  EXPECT_THAT(ErrandInstructions(WithFact("4271")), Not(HasSubstr("secret")));
}

TEST(VaultHandleTest, HandlesAreFoundWithTheirPlaces) {
  const std::string text = "a {{vault:bank/pin}}, b {{vault:x}}";
  const auto spans = FindVaultHandles(text);
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(spans[0].handle, "bank/pin");
  EXPECT_EQ(text.substr(spans[0].begin, spans[0].end - spans[0].begin), "{{vault:bank/pin}}");
  EXPECT_EQ(spans[1].handle, "x");
  EXPECT_EQ(OnlyVaultHandle("{{vault:bank/pin}}"), "bank/pin");
  EXPECT_THAT(OnlyVaultHandle(text), IsEmpty());
  EXPECT_EQ(WrittenHandle("vault:bank/pin"), "{{vault:bank/pin}}");
  EXPECT_EQ(NamedHandles(text), "a vault:bank/pin, b vault:x");
}

TEST(VaultHandleTest, WhatIsNotWrittenAsAHandleIsFoundAndHasNone) {
  for (const std::string text : {"{{vault:", "{{vault:}}", "{{vault:a b}}", "{{vault:bank/pin}",
                                 "{{vault:\xC3\xA9}}", "{{vault:{{vault:x}}"}) {
    const auto spans = FindVaultHandles(text);
    ASSERT_FALSE(spans.empty()) << text;
    EXPECT_THAT(spans[0].handle, IsEmpty()) << text;
  }
  const std::string longest = "{{vault:" + std::string(129, 'a') + "}}";
  EXPECT_THAT(OnlyVaultHandle(longest), SizeIs(129));
  EXPECT_THAT(OnlyVaultHandle("{{vault:" + std::string(130, 'a') + "}}"), IsEmpty());
}

}  // namespace
}  // namespace dragoman
