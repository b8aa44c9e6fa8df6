// Mails through an effect journal: what becomes of the intent.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "gmock/gmock.h"
#include "tests/providers/mail/mail_fixture.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;

class MailJournalTest : public MailFixture {
 protected:
  MailJournalTest() : store_(*MakeSqliteStore({.on_calling_thread = true})) {}

  // Plans, approves and executes; then time runs for an hour. The final record.
  IntentRecord Carry(const MailOptions& options, const std::string& to) {
    auto sender = MakeMailSender(options, {.executor = &executor_, .pool = &pool_});
    EXPECT_THAT(sender, IsOk());
    std::optional<IntentRecord> final_record;
    auto journal = EffectJournal::Create(
        {}, {.store = store_.get(),
             .executor = &executor_,
             .sender = [&](const IntentRecord&) { return sender->get(); },
             .recheck = [](const IntentRecord&) { return std::vector<Change>{}; },
             .on_final = [&](const IntentRecord& record) { final_record = record; }});
    EXPECT_THAT(journal, IsOk());
    IntentRecord intent = Intent(to, "r-" + to);
    intent.armed.reset();
    intent.goal_id = "g-" + to;
    intent.step = "mail";
    intent.effect = SendEmailSpec(options).effect;
    intent.effect_id = MakeEffectId(intent.goal_id, intent.step, 1, intent.arguments);
    const auto keep_going = [](auto record) { EXPECT_THAT(record, IsOk()); };
    (*journal)->Plan(intent, keep_going);
    executor_.RunUntilIdle();
    (*journal)->Approve(intent.effect_id, keep_going);
    executor_.RunUntilIdle();
    (*journal)->Execute(intent.effect_id, keep_going);
    executor_.RunFor(1h);
    EXPECT_TRUE(final_record.has_value());
    return final_record.value_or(IntentRecord{});
  }

  std::unique_ptr<Store> store_;
};

TEST_F(MailJournalTest, AMailThatIsTakenIsConfirmed) {
  const IntentRecord record = Carry(Options(), "anna@example.net");
  EXPECT_EQ(record.state, IntentState::kConfirmed);
  EXPECT_EQ(server_.CountId(record.provider_reference), 1);
}

TEST_F(MailJournalTest, ALostAnswerIsFoundOutWhereItCanBeLookedUp_D3) {
  const IntentRecord record = Carry(Options(), "anna-3@example.net");
  EXPECT_EQ(record.state, IntentState::kDone);
  EXPECT_EQ(server_.Count("anna-3@example.net"), 1);
}

TEST_F(MailJournalTest, ALostAnswerGoesToAPersonWhereItCannot) {
  MailOptions blind = Options();
  blind.lookup.reset();
  const IntentRecord record = Carry(blind, "anna-3@example.net");
  EXPECT_EQ(record.state, IntentState::kNeedsHuman);
  EXPECT_EQ(server_.Count("anna-3@example.net"), 1);
}

TEST_F(MailJournalTest, AMailThatNeverArrivedIsProvedNotDone_D2) {
  const IntentRecord record = Carry(Options(), "anna-4@example.net");
  EXPECT_EQ(record.state, IntentState::kNotDone);
  // Not before a copy had time to appear, and then not on one look alone.
  EXPECT_GE(*record.first_negative - *record.armed, 180s);
}

TEST_F(MailJournalTest, ARefusalFailsDefinitelyAndSaysWhenToComeBack_D6) {
  const IntentRecord later = Carry(Options(), "anna-6@example.net");
  EXPECT_EQ(later.state, IntentState::kFailedDefinite);
  ASSERT_TRUE(later.not_before.has_value());
  EXPECT_GE(*later.not_before - *later.armed, 300s);
  const IntentRecord never = Carry(Options(), "anna-8@example.net");
  EXPECT_EQ(never.state, IntentState::kFailedDefinite);
  EXPECT_FALSE(never.not_before.has_value());
}

}  // namespace
}  // namespace dragoman
