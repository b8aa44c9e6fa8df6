#include "dragoman/providers/mail/mail_message.h"

#include <string>

#include "dragoman/safety/destinations.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

MailMessage Good() {
  return {.to = {"anna@example.com"}, .subject = "Termin", .body = "Guten Tag"};
}

TEST(MailMessageTest, ArgumentsAreReadWithOneAddressOrSeveral) {
  const auto mail = ReadSendEmailArguments(
      R"({"to":"anna@example.com","cc":["b@example.org","c@example.org"],"subject":"Grüße",)"
      R"("body":"eins\nzwei","in_reply_to":"<m42@example.com>"})");
  ASSERT_THAT(mail, IsOk());
  EXPECT_THAT(mail->to, ElementsAre("anna@example.com"));
  EXPECT_THAT(mail->cc, ElementsAre("b@example.org", "c@example.org"));
  EXPECT_EQ(mail->subject, "Grüße");
  EXPECT_EQ(mail->body, "eins\nzwei");
  EXPECT_EQ(mail->in_reply_to, "<m42@example.com>");
}

TEST(MailMessageTest, WhatIsNotAskedForOrMissingOrOfAnotherKindIsNamed) {
  const auto why = [](const char* arguments) {
    return std::string(ReadSendEmailArguments(arguments).status().message());
  };
  EXPECT_THAT(why(R"({"to":"a@b.example","subject":"s","body":"b","bcc":"x@y.example"})"),
              HasSubstr("no argument \"bcc\""));
  EXPECT_THAT(why(R"({"subject":"s","body":"b"})"), HasSubstr("to is empty"));
  EXPECT_THAT(why(R"({"to":"a@b.example","body":"b"})"), HasSubstr("subject is empty"));
  EXPECT_THAT(why(R"({"to":"a@b.example","subject":"s"})"), HasSubstr("body is empty"));
  EXPECT_THAT(why(R"({"to":7,"subject":"s","body":"b"})"), HasSubstr("to is neither"));
  EXPECT_THAT(why(R"({"to":"a@b.example","subject":["s"],"body":"b"})"),
              HasSubstr("subject is not a string"));
  EXPECT_THAT(ReadSendEmailArguments("[]"), StatusIs(kInvalidArgument, ::testing::_));
}

TEST(MailMessageTest, AnAddressIsPlainAsciiAndNothingElse) {
  for (const char* good : {"a@b.example", "first.last+tag@mail.example.org", "o'neil@x-y.example",
                           "a@xn--mnchen-3ya.example"}) {
    EXPECT_THAT(CheckMailAddress(good), IsOk()) << good;
  }
  for (const std::string bad : {"",
                                "@",
                                "a",
                                "a@b",
                                "a@@b.example",
                                "a b@c.example",
                                "Anna <a@b.example>",
                                "<a@b.example>",
                                "a@b.example,c@d.example",
                                "\"a b\"@c.example",
                                ".a@b.example",
                                "a.@b.example",
                                "a..b@c.example",
                                "a@b.example.",
                                "a@.example",
                                "a@-b.example",
                                "a@b-.example",
                                "a@[127.0.0.1]",
                                "a@127.0.0.1",
                                "a@münchen.example",
                                "ä@b.example",
                                "a@b.example\r\n",
                                "a@b.example\nBcc: x@y.example",
                                " a@b.example",
                                "a\0b@c.example"}) {
    EXPECT_THAT(CheckMailAddress(bad), StatusIs(kInvalidArgument, ::testing::_)) << bad;
  }
  EXPECT_THAT(CheckMailAddress(std::string(65, 'a') + "@b.example"),
              StatusIs(kInvalidArgument, ::testing::_));
}

// Where the governor reads an address differently, something else is bound than written to.
TEST(MailMessageTest, WhatIsTakenHereTheGovernorReadsTheSameWay) {
  for (const char* address :
       {"a@b.example", "First.Last+tag@mail.example.org", "~x^y@z9.example"}) {
    ASSERT_THAT(CheckMailAddress(address), IsOk());
    const auto canonical = CanonicalMail(address);
    ASSERT_THAT(canonical, IsOk());
    EXPECT_EQ(*canonical, address);
  }
}

TEST(MailMessageTest, NoFieldCarriesALineBreakIntoTheHeader) {
  for (const std::string smuggled :
       {"x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\rBcc: eve@example.org",
        "x\xc2\x85y", "x\xe2\x80\xa8y", "x\xe2\x80\xa9y", "x\x01y", "x\x7fy"}) {
    MailMessage mail = Good();
    mail.subject = smuggled;
    EXPECT_THAT(mail.Validate(),
                StatusIs(kInvalidArgument, HasSubstr("subject has a control character")));
    mail = Good();
    mail.in_reply_to = "<a@b" + smuggled + ">";
    EXPECT_THAT(mail.Validate(), StatusIs(kInvalidArgument, HasSubstr("in_reply_to")));
  }
  MailMessage mail = Good();
  mail.body = std::string("a\0b", 3);
  EXPECT_THAT(mail.Validate(),
              StatusIs(kInvalidArgument, HasSubstr("body has a control character")));
}

TEST(MailMessageTest, TextsAreValidUtf8AndBounded) {
  MailMessage mail = Good();
  mail.subject = "\xff";
  EXPECT_THAT(mail.Validate(), StatusIs(kInvalidArgument, HasSubstr("subject is not valid UTF-8")));
  mail = Good();
  mail.subject = std::string(251, 'x');
  EXPECT_THAT(mail.Validate(), StatusIs(kInvalidArgument, HasSubstr("expected at most 250")));
  mail = Good();
  mail.body = std::string(kMaxMailBodyBytes + 1, 'x');
  EXPECT_THAT(mail.Validate(), StatusIs(kInvalidArgument, HasSubstr("body has 32769 bytes")));
}

TEST(MailMessageTest, RecipientsAreBoundedAndEachIsThereOnce) {
  MailMessage mail = Good();
  for (int i = 0; i < 20; ++i) mail.cc.push_back("x" + std::to_string(i) + "@example.org");
  EXPECT_THAT(mail.Validate(), StatusIs(kInvalidArgument, HasSubstr("21 addresses")));
  mail = Good();
  mail.cc = {"Anna@Example.com"};
  EXPECT_THAT(mail.Validate(), StatusIs(kInvalidArgument, HasSubstr("cc[0] is there twice")));
}

TEST(MailMessageTest, TheMarkIsTheSameForTheSameReferenceAndTellsNothingOfIt) {
  const std::string mark = MailMark("effect-1");
  EXPECT_EQ(mark.size(), 34u);
  EXPECT_EQ(mark, MailMark("effect-1"));
  EXPECT_NE(mark, MailMark("effect-2"));
  EXPECT_THAT(mark, AllOf(::testing::StartsWith("d."), ::testing::Not(HasSubstr("effect"))));
}

}  // namespace
}  // namespace dragoman
