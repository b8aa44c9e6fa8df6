#include "dragoman/providers/mail/mail_sender.h"

#include <optional>
#include <string>

#include "dragoman/core/executor.h"
#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "gmock/gmock.h"
#include "tests/providers/mail/mail_fixture.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class MailSenderTest : public MailFixture {};

TEST_F(MailSenderTest, AMailThatIsTakenIsConfirmedByItsMessageId) {
  const SendResult result = Send(Options(), Intent("anna@example.net", "r1"));
  EXPECT_EQ(result.outcome, SendOutcome::kConfirmed) << result.detail;
  EXPECT_EQ(result.reference, StrCat("<", MailMark("r1"), "@example.org>"));
  EXPECT_THAT(result.detail, HasSubstr("250 2.0.0 queued as 1"));
  EXPECT_EQ(server_.Count("anna@example.net"), 1);
  EXPECT_EQ(server_.CountId(result.reference), 1);
  EXPECT_THAT(server_.LastMail("anna@example.net"),
              ::testing::AllOf(HasSubstr("Date: Mon, 05 Jan 2026 09:00:00 +0000\r\n"),
                               ::testing::EndsWith("\r\n\r\nGood morning\r\n")));
}

TEST_F(MailSenderTest, ALineWithADotAloneDoesNotEndTheMail) {
  IntentRecord intent = Intent("anna@example.net", "r1");
  intent.arguments = R"({"body":".\n..\nQUIT\n.\nend","subject":"dots","to":"anna@example.net"})";
  EXPECT_EQ(Send(Options(), intent).outcome, SendOutcome::kConfirmed);
  EXPECT_THAT(server_.LastMail("anna@example.net"),
              ::testing::EndsWith("\r\n\r\n.\r\n..\r\nQUIT\r\n.\r\nend\r\n"));
}

TEST_F(MailSenderTest, AServerThatIsNotThereWasCertainlyNotReached) {
  MailOptions options = Options();
  {
    const MailServerProcess gone({DRAGOMAN_MAIL_SERVER, folder_.File("other")});
    options.smtp.port = gone.smtp();
  }
  const SendResult result = Send(options, Intent("anna@example.net", "r1"));
  EXPECT_EQ(result.outcome, SendOutcome::kRejected) << result.detail;
  EXPECT_EQ(result.retry_after, 60s);
}

TEST_F(MailSenderTest, A4xxAtAnyCommandIsRejectedUntilLater_D6) {
  MailOptions options = Options();
  options.retry_later = 7min;
  const SendResult recipient = Send(options, Intent("anna-6@example.net", "r1"));
  EXPECT_EQ(recipient.outcome, SendOutcome::kRejected);
  EXPECT_EQ(recipient.retry_after, 7min);
  EXPECT_THAT(recipient.detail, HasSubstr("451 4.7.1 greylisted"));
  const SendResult data = Send(options, Intent("anna-a@example.net", "r2"));
  EXPECT_EQ(data.outcome, SendOutcome::kRejected);
  EXPECT_EQ(data.retry_after, 7min);
  server_.Ask("CLOSE 1");
  const SendResult greeting = Send(options, Intent("anna@example.net", "r3"));
  EXPECT_EQ(greeting.outcome, SendOutcome::kRejected);
  EXPECT_EQ(greeting.retry_after, 7min) << greeting.detail;
  EXPECT_EQ(server_.Count("anna@example.net"), 0);
}

TEST_F(MailSenderTest, A5xxIsRejectedWithoutAnotherTime_D6) {
  for (const char* to : {"anna-8@example.net", "anna-9@example.net"}) {
    const SendResult result = Send(Options(), Intent(to, "r1"));
    EXPECT_EQ(result.outcome, SendOutcome::kRejected) << result.detail;
    EXPECT_EQ(result.retry_after, std::nullopt);
    EXPECT_EQ(server_.Count(to), 0);
  }
}

TEST_F(MailSenderTest, OneRefusedRecipientMeansThatNobodyGetsIt) {
  IntentRecord intent = Intent("anna-8@example.net", "r1");
  intent.arguments =
      R"({"body":"b","cc":["carl@example.net"],"subject":"s","to":"anna-8@example.net"})";
  EXPECT_EQ(Send(Options(), intent).outcome, SendOutcome::kRejected);
  EXPECT_EQ(server_.Count("carl@example.net"), 0);
}

TEST_F(MailSenderTest, AnAnswerLostAfterTheFinalDotIsNoAnswer_D5) {
  const SendResult taken = Send(Options(), Intent("anna-3@example.net", "r1"));
  EXPECT_EQ(taken.outcome, SendOutcome::kNoAnswer) << taken.detail;
  EXPECT_EQ(server_.Count("anna-3@example.net"), 1);
  // From here it looks the same, whether the server had read the final dot or not.
  const SendResult lost = Send(Options(), Intent("anna-4@example.net", "r2"));
  EXPECT_EQ(lost.outcome, SendOutcome::kNoAnswer) << lost.detail;
  EXPECT_EQ(server_.Count("anna-4@example.net"), 0);
}

TEST_F(MailSenderTest, AnAnswerThatDoesNotComeInTimeIsNoAnswer_D5) {
  MailOptions options = Options();
  options.timeout = 300ms;
  options.connect_timeout = 300ms;
  const SendResult result = Send(options, Intent("anna-5@example.net", "r1"));
  EXPECT_NE(result.outcome, SendOutcome::kConfirmed) << result.detail;
  // On a machine so busy that it did not come as far as the last bytes nothing was sent.
  if (result.outcome == SendOutcome::kRejected) {
    EXPECT_EQ(server_.Count("anna-5@example.net"), 0);
  }
}

TEST_F(MailSenderTest, AWrongPasswordSendsNothingAndIsNotShown) {
  MailOptions options = Options();
  options.smtp.password = Secret("wrong battery");
  const SendResult result = Send(options, Intent("anna@example.net", "r1"));
  EXPECT_EQ(result.outcome, SendOutcome::kRejected);
  EXPECT_THAT(result.detail, ::testing::Not(HasSubstr("battery")));
  EXPECT_THAT(result.detail, HasSubstr("535"));
  EXPECT_EQ(result.retry_after, std::nullopt);
}

TEST_F(MailSenderTest, ATokenLogsInInsteadOfAPassword) {
  MailOptions options = Options();
  for (MailServer* server : {&options.smtp, &options.lookup->imap}) {
    server->password = Secret();
    server->bearer_token = Secret("sesame");
  }
  const IntentRecord intent = Intent("anna@example.net", "r1");
  const SendResult taken = Send(options, intent);
  EXPECT_EQ(taken.outcome, SendOutcome::kConfirmed) << taken.detail;
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFound);
  options.smtp.bearer_token = Secret("simsim");
  const SendResult refused = Send(options, intent);
  EXPECT_EQ(refused.outcome, SendOutcome::kRejected);
  EXPECT_THAT(refused.detail, ::testing::Not(HasSubstr("simsim")));
}

TEST_F(MailSenderTest, StartTlsAndImplicitTlsCheckTheCertificate) {
  for (const MailSecurity security : {MailSecurity::kStartTls, MailSecurity::kImplicitTls}) {
    MailOptions options = Options();
    options.smtp.security = security;
    options.smtp.port = security == MailSecurity::kStartTls ? server_.smtp() : server_.smtps();
    EXPECT_EQ(Send(options, Intent("a@example.net", "r1")).outcome, SendOutcome::kRejected)
        << "an authority that nobody knows";
    options.smtp.ca_file = ca_file_;
    const SendResult other_name = Send(options, Intent("a@example.net", "r1"));
    EXPECT_EQ(other_name.outcome, SendOutcome::kRejected) << "a certificate for localhost";
    EXPECT_EQ(other_name.retry_after, std::nullopt) << other_name.detail;
    EXPECT_EQ(server_.Count("a@example.net"), security == MailSecurity::kStartTls ? 0 : 1);
    options.smtp.host = "localhost";
    const SendResult taken = Send(options, Intent("a@example.net", "r1"));
    EXPECT_EQ(taken.outcome, SendOutcome::kConfirmed) << taken.detail;
  }
}

TEST_F(MailSenderTest, WithoutStartTlsOnOfferNothingIsSent) {
  MailServerProcess plain({DRAGOMAN_MAIL_SERVER, folder_.File("plain")});
  MailOptions options = Options();
  options.smtp.port = plain.smtp();
  options.smtp.security = MailSecurity::kStartTls;
  const SendResult result = Send(options, Intent("a@example.net", "r1"));
  EXPECT_EQ(result.outcome, SendOutcome::kRejected) << result.detail;
  EXPECT_EQ(plain.Count("a@example.net"), 0);
}

TEST_F(MailSenderTest, ArgumentsThatCannotBeAMailAreRejectedBeforeAnyConnection) {
  IntentRecord intent = Intent("anna@example.net", "r1");
  intent.arguments = R"({"body":"b","subject":"s\r\nBcc: eve@example.org","to":"a@b.example"})";
  EXPECT_EQ(Send(Options(), intent).outcome, SendOutcome::kRejected);
  intent = Intent("anna@example.net", "");
  EXPECT_THAT(Send(Options(), intent).detail, HasSubstr("no client reference"));
}

TEST_F(MailSenderTest, ALookupFindsWhatWasTakenAndOnlyThat_D3) {
  const MailOptions options = Options();
  const IntentRecord intent = Intent("anna-3@example.net", "r1");
  ASSERT_EQ(Send(options, intent).outcome, SendOutcome::kNoAnswer);
  const LookupResult found = LookUp(options, intent);
  EXPECT_EQ(found.outcome, LookupOutcome::kFound) << found.detail;
  EXPECT_EQ(found.reference, StrCat("<", MailMark("r1"), "@example.org>"));
  IntentRecord other = Intent("anna-3@example.net", "r2");
  other.armed = executor_.WallNow() - 181s;
  EXPECT_EQ(LookUp(options, other).outcome, LookupOutcome::kAbsent);
}

TEST_F(MailSenderTest, NotThereCountsOnlyAfterACopyHadTimeToAppear_D2) {
  const MailOptions options = Options();  // settle: 180 s
  const IntentRecord intent = Intent("anna-4@example.net", "r1");
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFailed);
  executor_.RunFor(178s);
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFailed);
  executor_.RunFor(1s);
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kAbsent);
}

TEST_F(MailSenderTest, ABlindCopyIsFoundInItsOwnMailbox) {
  MailOptions options = Options();
  options.lookup->copy_to = "archive@example.org";
  options.lookup->mailbox = "Archive";
  const IntentRecord intent = Intent("anna-3@example.net", "r1");
  ASSERT_EQ(Send(options, intent).outcome, SendOutcome::kNoAnswer);
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFound);
  EXPECT_THAT(server_.LastMail("anna-3@example.net"), ::testing::Not(HasSubstr("archive")));
}

TEST_F(MailSenderTest, AMailboxThatCannotBeAskedAnswersNothing_D4) {
  MailOptions options = Options();
  IntentRecord intent = Intent("anna-3@example.net", "r1");
  intent.armed = executor_.WallNow() - 1h;
  options.lookup->mailbox = "Nowhere";
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFailed);
  options = Options();
  options.lookup->imap.password = Secret("wrong");
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFailed);
  options = Options();
  options.lookup.reset();
  EXPECT_EQ(LookUp(options, intent).outcome, LookupOutcome::kFailed);
}

TEST_F(MailSenderTest, OnThreadsOfItsOwnItAnswersOnTheExecutor) {
  const SystemClock clock;
  auto pool = MakeThreadWorkPool({.threads = 2});
  ASSERT_THAT(pool, IsOk());
  PumpedExecutor executor(clock);
  auto sender = MakeMailSender(Options(), {.executor = &executor, .pool = pool->get()});
  ASSERT_THAT(sender, IsOk());
  int confirmed = 0;
  int answers = 0;
  for (int i = 0; i < 8; ++i) {
    (*sender)->Send(Intent(StrCat("n", i, "@example.net"), StrCat("r", i)), [&](SendResult sent) {
      confirmed += sent.outcome == SendOutcome::kConfirmed;
      ++answers;
    });
  }
  while (answers < 8) executor.RunReady();
  EXPECT_EQ(confirmed, 8);
}

// Runs nothing until it is told to.
class StalledPool : public WorkPool {
 public:
  absl::Status Submit(Work work, Executor& reply_to) override {
    if (full) return ResourceExhausted("the pool is full");
    work_ = std::move(work);
    reply_to_ = &reply_to;
    return absl::OkStatus();
  }
  void Run() {
    work_.run();
    reply_to_->Post(std::move(work_.done));
  }
  bool full = false;

 private:
  Work work_;
  Executor* reply_to_ = nullptr;
};

TEST_F(MailSenderTest, WhatWaitedTooLongForAThreadIsNotSentAnyMore) {
  StalledPool pool;
  auto sender = MakeMailSender(Options(), {.executor = &executor_, .pool = &pool});
  ASSERT_THAT(sender, IsOk());
  std::optional<SendResult> result;
  const auto keep = [&](SendResult sent) { result = std::move(sent); };
  (*sender)->Send(Intent("anna@example.net", "r1"), keep);
  executor_.RunFor(20s + 1ms);  // the timeout
  pool.Run();
  executor_.RunUntilIdle();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcome, SendOutcome::kRejected);
  EXPECT_EQ(server_.Count("anna@example.net"), 0);
  pool.full = true;
  result.reset();
  (*sender)->Send(Intent("anna@example.net", "r2"), keep);
  EXPECT_FALSE(result) << "answered inside the call";
  executor_.RunUntilIdle();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcome, SendOutcome::kRejected);
  EXPECT_EQ(result->retry_after, 60s);
}

TEST_F(MailSenderTest, ASenderThatIsGoneAnswersNobody) {
  auto sender = MakeMailSender(Options(), {.executor = &executor_, .pool = &pool_});
  ASSERT_THAT(sender, IsOk());
  bool answered = false;
  (*sender)->Send(Intent("anna@example.net", "r1"), [&](SendResult) { answered = true; });
  sender->reset();
  executor_.RunFor(1s);
  EXPECT_FALSE(answered);
}

TEST(MailOptionsTest, WhatCannotWorkIsNamed) {
  const auto why = [](auto change) {
    MailServer server{.host = "mail.example.org", .user = "u", .password = Secret("p")};
    MailOptions options{
        .smtp = server, .from_address = "a@example.org", .lookup = MailLookup{.imap = server}};
    change(options);
    return std::string(options.Validate().message());
  };
  EXPECT_EQ(why([](MailOptions&) {}), "");
  EXPECT_THAT(why([](auto& o) { o.smtp.host = "a b"; }), HasSubstr("smtp.host"));
  EXPECT_THAT(why([](auto& o) { o.smtp.port = 70000; }), HasSubstr("smtp.port is 70000"));
  EXPECT_THAT(why([](auto& o) { o.smtp.user = ""; }), HasSubstr("smtp.user is empty"));
  EXPECT_THAT(why([](auto& o) { o.smtp.password = Secret(""); }), HasSubstr("needs either"));
  EXPECT_THAT(why([](auto& o) { o.smtp.bearer_token = Secret("t"); }), HasSubstr("needs either"));
  EXPECT_THAT(why([](auto& o) { o.smtp.security = MailSecurity::kPlain; }),
              HasSubstr("in the clear"));
  EXPECT_THAT(why([](auto& o) { o.from_address = "x"; }), HasSubstr("from_address"));
  EXPECT_THAT(why([](auto& o) { o.from_name = "a\nb"; }), HasSubstr("from_name"));
  EXPECT_THAT(why([](auto& o) { o.timeout = 1ms; }), HasSubstr("timeout is 1 ms"));
  EXPECT_THAT(why([](auto& o) { o.lookup->mailbox = "a\"b"; }), HasSubstr("lookup.mailbox"));
  EXPECT_THAT(why([](auto& o) { o.lookup->copy_to = "x"; }), HasSubstr("lookup.copy_to"));
  EXPECT_THAT(why([](auto& o) { o.lookup->settle = 601s; }), HasSubstr("lookup.settle is 601 s"));
  EXPECT_THAT(why([](auto& o) { o.lookup->settle = 49s; }),
              HasSubstr("lookup.settle is 49 s; expected 50 to 600"));
}

}  // namespace
}  // namespace dragoman
