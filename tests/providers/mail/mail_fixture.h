// A counting mail server, and options that reach it.
#ifndef DRAGOMAN_TESTS_PROVIDERS_MAIL_MAIL_FIXTURE_H_
#define DRAGOMAN_TESTS_PROVIDERS_MAIL_MAIL_FIXTURE_H_

#include <chrono>
#include <memory>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/providers/mail/mail_sender.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "gtest/gtest.h"
#include "tests/providers/mail/mail_server_process.h"
#include "tests/providers/sqlite/temporary_folder.h"

namespace dragoman {

class MailFixture : public ::testing::Test {
 protected:
  MailFixture()
      : ca_file_(folder_.File("ca.pem")),
        server_({DRAGOMAN_MAIL_SERVER, folder_.File("ledger"), ca_file_}) {}

  // In the clear, to this machine; E2 by the mailbox Sent.
  MailOptions Options() const {
    MailServer smtp{.host = "127.0.0.1",
                    .port = server_.smtp(),
                    .security = MailSecurity::kPlain,
                    .user = "agent",
                    .password = Secret("correct horse")};
    MailServer imap = smtp;
    imap.port = server_.imap();
    return {.smtp = smtp,
            .from_address = "agent@example.org",
            .lookup = MailLookup{.imap = imap},
            .connect_timeout = std::chrono::seconds(10),
            .timeout = std::chrono::seconds(20)};
  }

  IntentRecord Intent(const std::string& to, const std::string& reference) const {
    return {
        .tool = "send_email",
        .effect = EffectClass::kQueryable,
        .arguments = StrCat(R"({"body":"Good morning","subject":"Appointment","to":")", to, "\"}"),
        .client_reference = reference,
        .armed = executor_.WallNow()};
  }

  SendResult Send(const MailOptions& options, const IntentRecord& intent) {
    auto sender = MakeMailSender(options, {.executor = &executor_, .pool = &pool_});
    EXPECT_THAT(sender, IsOk());
    std::optional<SendResult> result;
    (*sender)->Send(intent, [&](SendResult sent) { result = std::move(sent); });
    EXPECT_FALSE(result.has_value()) << "answered inside the call";
    executor_.RunFor(std::chrono::seconds(1));
    EXPECT_TRUE(result.has_value());
    return result.value_or(SendResult{});
  }

  LookupResult LookUp(const MailOptions& options, const IntentRecord& intent) {
    auto sender = MakeMailSender(options, {.executor = &executor_, .pool = &pool_});
    EXPECT_THAT(sender, IsOk());
    std::optional<LookupResult> result;
    (*sender)->LookUp(intent, *intent.armed - kLookupBefore, *intent.armed + kLookupAfter,
                      [&](LookupResult found) { result = std::move(found); });
    executor_.RunFor(std::chrono::seconds(1));
    EXPECT_TRUE(result.has_value());
    return result.value_or(LookupResult{});
  }

  TemporaryFolder folder_;
  const std::string ca_file_;
  MailServerProcess server_;
  ManualExecutor executor_;
  ManualWorkPool pool_{executor_};
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_MAIL_MAIL_FIXTURE_H_
