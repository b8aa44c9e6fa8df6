// send_email as a tool; and a mail server that others wrote.
#include <optional>
#include <string>

#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/tools/tool.h"
#include "gmock/gmock.h"
#include "tests/providers/mail/mail_fixture.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class MailToolTest : public MailFixture {
 protected:
  absl::StatusOr<std::string> Run(const MailOptions& options, const std::string& to,
                                  const std::string& key, bool cancel = false) {
    auto tool = MakeSendEmailTool(options, {.executor = &executor_, .pool = &pool_});
    EXPECT_THAT(tool, IsOk());
    std::optional<absl::StatusOr<std::string>> result;
    const auto run = (*tool)->Run(
        StrCat(R"({"to":")", to, R"(","subject":"Appointment","body":"Good morning"})"),
        {.call_id = "c1", .effect_key = key}, executor_,
        [&](absl::StatusOr<std::string> done) { result = std::move(done); });
    if (cancel) run->Cancel();
    executor_.RunFor(1s);
    return result.value_or(absl::InternalError("no answer"));
  }
};

TEST_F(MailToolTest, TheSpecPassesTheRegistryAndDeclaresWhatItDoes) {
  auto tool = MakeSendEmailTool(Options(), {.executor = &executor_, .pool = &pool_});
  ASSERT_THAT(tool, IsOk());
  const ToolSpec spec = (*tool)->spec();
  EXPECT_EQ(spec.risk, ToolRisk::kOutward);
  EXPECT_EQ(spec.effect, EffectClass::kQueryable);
  MailOptions blind = Options();
  blind.lookup.reset();
  EXPECT_EQ(SendEmailSpec(blind).effect, EffectClass::kBlind);
  ToolRegistry registry;
  ASSERT_THAT(registry.Add(*std::move(tool)), IsOk());
  const auto validate = [&](const char* arguments) {
    return registry.Validate({.id = "1", .name = "send_email", .arguments = arguments});
  };
  EXPECT_THAT(validate(R"({"to":"a@b.example","subject":"s","body":"b"})"), IsOk());
  EXPECT_THAT(validate(R"({"to":["a@b.example"],"cc":[],"subject":"s","body":"b"})"), IsOk());
  EXPECT_FALSE(validate(R"({"to":[],"subject":"s","body":"b"})").ok());
  EXPECT_FALSE(
      validate(R"({"to":"a@b.example","subject":"s","body":"b","bcc":"c@d.example"})").ok());
  EXPECT_FALSE(validate(R"({"to":"a@b.example","body":"b"})").ok());
}

TEST_F(MailToolTest, ARunSendsOnceAndTellsTheMessageId) {
  const auto result = Run(Options(), "anna@example.net", "k1");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(*result, StrCat(R"({"message_id":"<)", MailMark("k1"),
                            R"(@example.org>","server":"250 2.0.0 queued as 1","status":"sent"})"));
  EXPECT_EQ(server_.Count("anna@example.net"), 1);
}

TEST_F(MailToolTest, WithoutAnEffectKeyNothingIsSent) {
  EXPECT_THAT(Run(Options(), "anna@example.net", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no effect key")));
  EXPECT_EQ(server_.Count("anna@example.net"), 0);
}

TEST_F(MailToolTest, TheStatusSaysWhetherItMayBeTriedAgain) {
  EXPECT_THAT(Run(Options(), "anna-6@example.net", "k1"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("not sent")));
  EXPECT_THAT(Run(Options(), "anna-8@example.net", "k2"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not sent")));
  EXPECT_THAT(Run(Options(), "anna-3@example.net", "k3"),
              StatusIs(absl::StatusCode::kUnknown, HasSubstr("may have been sent")));
  MailOptions wrong = Options();
  wrong.smtp.password = Secret("wrong");
  EXPECT_THAT(Run(wrong, "anna@example.net", "k4"),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("not sent")));
  EXPECT_THAT(Run(Options(), "anna", "k5"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("to[0]")));
}

// aiosmtpd: what it takes and how Python reads it.
TEST_F(MailToolTest, AServerByOthersUnderstandsWhatWeSpeak) {
  if (ChildProcess({DRAGOMAN_PYTHON, "-c", "import aiosmtpd; print('yes')"}).ReadLine() != "yes") {
    GTEST_SKIP() << "aiosmtpd is not installed (Debian: python3-aiosmtpd)";
  }
  ChildProcess foreign(
      {DRAGOMAN_PYTHON, DRAGOMAN_SOURCE_DIR "/tests/providers/mail/foreign_server.py"});
  MailOptions options = Options();
  options.smtp.port = std::atoi(foreign.ReadLine().c_str());
  ASSERT_NE(options.smtp.port, 0);
  options.from_name = "Praxis Müller";
  IntentRecord intent = Intent("anna@example.net", "r1");
  intent.arguments =
      R"({"body":"Guten Tag Frau Müller,\n.\nbis 10 Uhr 🙂","cc":["c@example.net"],)"
      R"("in_reply_to":"<m42@example.com>","subject":"Grüße aus München","to":["anna@example.net"]})";
  const SendResult sent = Send(options, intent);
  EXPECT_EQ(sent.outcome, SendOutcome::kConfirmed) << sent.detail;
  const std::string seen = foreign.ReadLine();
  for (const std::string part :
       {R"("body": "Guten Tag Frau Müller,\r\n.\r\nbis 10 Uhr 🙂\r\n")", R"("defects": [])",
        R"("from": "agent@example.org")", R"("recipients": ["anna@example.net", "c@example.net"])",
        R"("Subject": "Grüße aus München")", R"("From": "Praxis Müller <agent@example.org>")",
        R"("In-Reply-To": "<m42@example.com>")"}) {
    EXPECT_THAT(seen, HasSubstr(part));
  }
}

}  // namespace
}  // namespace dragoman
