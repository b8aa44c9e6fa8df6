#include "dragoman/memory/vault.h"

#include <algorithm>

#include "tests/memory/vault_rig.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(VaultTest, WhatWasPutComesBackForItsSinkAndPurpose) {
  auto entry = rig.Put(Pin());
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->handle, "vault:bank/pin");
  auto value = rig.Reveal("vault:bank/pin");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(*value, "4711");
}

TEST_F(VaultTest, AnotherSinkOrPurposeIsRefusedAndAudited) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  for (const SecretSink& to :
       {SecretSink{"tel:+12015550124", "authenticate"}, SecretSink{"tel:+12015550123", "identify"},
        SecretSink{"mailto:a@example.org", "authenticate"}, SecretSink{}}) {
    EXPECT_THAT(rig.Reveal("vault:bank/pin", to), StatusIs(StatusCode::kPermissionDenied));
    EXPECT_EQ(rig.LastAction(), "vault reveal refused");
  }
}

TEST_F(VaultTest, AValueWithoutASinkGoesNowhere) {
  VaultValue value = Pin();
  value.sinks.clear();
  ASSERT_THAT(rig.Put(std::move(value)), IsOk());
  EXPECT_THAT(rig.Reveal("vault:bank/pin"), StatusIs(StatusCode::kPermissionDenied));
}

TEST_F(VaultTest, TheListShowsHandlesSinksAndDatesInOrder) {
  ASSERT_THAT(rig.Put(Pin("4711", "bank", "pin")), IsOk());
  ASSERT_THAT(rig.Put(Pin("hunter22", "arcade", "login")), IsOk());
  auto list = rig.List();
  ASSERT_THAT(list, IsOk());
  ASSERT_THAT(*list, ElementsAre(Field(&VaultEntry::handle, "vault:arcade/login"),
                                 Field(&VaultEntry::handle, "vault:bank/pin")));
  EXPECT_THAT((*list)[1].sinks, ElementsAre(kBankLine));
  EXPECT_EQ((*list)[1].created, rig.executor.WallNow());
  EXPECT_EQ((*list)[1].version, 1);
  EXPECT_EQ((*list)[0].version, 2);
}

TEST_F(VaultTest, ANewValueOfAHandleReplacesTheOldOneAndKeepsItsFirstDate) {
  auto first = rig.Put(Pin("4711"));
  ASSERT_THAT(first, IsOk());
  rig.executor.RunFor(std::chrono::hours(5));
  auto second = rig.Put(Pin("5822"));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->created, first->created);
  EXPECT_EQ(second->updated, first->updated + std::chrono::hours(5));
  EXPECT_GT(second->version, first->version);
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "5822");
  EXPECT_THAT(*rig.List(), SizeIs(1));
}

TEST_F(VaultTest, ARemovedRecordIsGoneWithAllItsFields) {
  ASSERT_THAT(rig.Put(Pin("4711", "bank", "pin")), IsOk());
  ASSERT_THAT(rig.Put(Pin("secret word", "bank", "answer")), IsOk());
  ASSERT_THAT(rig.Put(Pin("hunter22", "arcade", "login")), IsOk());
  ASSERT_THAT(rig.Remove("bank"), IsOk());
  EXPECT_THAT(rig.Reveal("vault:bank/pin"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(*rig.List(), SizeIs(1));
  EXPECT_THAT(rig.Remove("bank"), StatusIs(StatusCode::kNotFound));
}

TEST_F(VaultTest, UsersDoNotSeeEachOther) {
  ASSERT_THAT(rig.Put(Pin(), "u1"), IsOk());
  EXPECT_THAT(rig.Reveal("vault:bank/pin", kBankLine, "u2"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(*rig.List("u2"), IsEmpty());
  EXPECT_THAT(rig.List("~vault"), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(rig.List(""), StatusIs(StatusCode::kInvalidArgument));
}

TEST_F(VaultTest, EverythingIsThereAfterARestart) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "4711");
}

TEST_F(VaultTest, HandlesThatAreNoneAreRefused) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  for (const char* handle : {"", "vault:", "bank", "vault:bank/", "vault:/pin", "vault:~rows/~",
                             "vault:bank/pin/x", "vault:ba nk/pin"}) {
    EXPECT_THAT(rig.Reveal(handle), StatusIs(StatusCode::kInvalidArgument)) << handle;
  }
}

TEST_F(VaultTest, ManyOperationsAskedForAtOnceEndInTheirOrder) {
  std::vector<int> ended;
  for (int i = 0; i < 20; ++i) {
    rig.vault().Put("u1", Pin("value " + std::to_string(1000 + i)),
                    [&ended, i](absl::StatusOr<VaultEntry> entry) {
                      EXPECT_THAT(entry, IsOk());
                      ended.push_back(i);
                    });
  }
  rig.executor.RunUntilIdle();
  ASSERT_THAT(ended, SizeIs(20));
  EXPECT_TRUE(std::is_sorted(ended.begin(), ended.end()));
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "value 1019");
}

TEST_F(VaultTest, MoreThanAThousandWaitingOperationsAreRefused) {
  int refused = 0;
  int listed = 0;
  for (int i = 0; i < 1010; ++i) {
    rig.vault().List("u1", [&](const absl::StatusOr<std::vector<VaultEntry>>& list) {
      ++(list.ok() ? listed : refused);
    });
  }
  rig.executor.RunUntilIdle();
  EXPECT_EQ(listed, 1000);
  EXPECT_EQ(refused, 10);
}

TEST_F(VaultTest, AVaultDestroyedWhileOperationsWaitIsSilent) {
  bool told = false;
  rig.vault().Put("u1", Pin(), [&](auto) { told = true; });
  rig.vault().List("u1", [&](auto) { told = true; });
  rig.Close();
  rig.executor.RunUntilIdle();
  EXPECT_FALSE(told);
}

// --- what is never kept --------------------------------------------------------------------------

VaultValue Odd(SecretKind kind, const std::string& value, const std::string& field = "value",
               const std::string& record = "card") {
  return {.record = record, .field = field, .kind = kind, .value = Secret(value)};
}

TEST_F(VaultTest, CardVerificationValuesAndOneTimeCodesAreRefusedByKind) {
  for (SecretKind kind : {SecretKind::kCardVerification, SecretKind::kOneTimeCode}) {
    EXPECT_THAT(rig.Put(Odd(kind, "123456")),
                StatusIs(StatusCode::kPermissionDenied, HasSubstr("rule kind")));
  }
  EXPECT_EQ(rig.LastAction(), "vault put refused");
}

TEST_F(VaultTest, TheyAreRefusedByName) {
  for (const char* field : {"cvv", "CVV2", "card.cvc", "my-csc", "otp", "sms-code", "one-time_pw",
                            "security.code", "tan"}) {
    EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, "123456", field)),
                StatusIs(StatusCode::kPermissionDenied, HasSubstr("rule name")))
        << field;
  }
  for (const char* field : {"titan", "instant", "octane", "hotplate", "acid"}) {
    EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, "123456", field)), IsOk()) << field;
  }
}

TEST_F(VaultTest, ACardNumberWithItsCodeBehindItIsRefusedAndAloneItIsTaken) {
  // 4111 1111 1111 1111 is the well-known test number of Visa.
  for (const char* value :
       {"4111 1111 1111 1111 123", "4111111111111111 1234", "4111-1111-1111-1111 / 999"}) {
    EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, value)),
                StatusIs(StatusCode::kPermissionDenied, HasSubstr("card_with_code")))
        << value;
  }
  EXPECT_THAT(rig.Put(Odd(SecretKind::kCardNumber, "4111 1111 1111 1111")), IsOk());
  EXPECT_THAT(rig.Put(Odd(SecretKind::kCardNumber, "4111 1111 1111 1112", "other")),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, "4111 1111 1111 1112 123", "order")), IsOk());
}

TEST_F(VaultTest, FourDigitsBesideACardNumberAreRefusedUnlessTheyAreCalledAPin) {
  ASSERT_THAT(rig.Put(Odd(SecretKind::kCardNumber, "4111111111111111", "number")), IsOk());
  EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, "1234", "back")),
              StatusIs(StatusCode::kPermissionDenied, HasSubstr("code_beside_card")));
  EXPECT_THAT(rig.Put(Odd(SecretKind::kPin, "1234", "pin")), IsOk());
  ASSERT_THAT(rig.Put(Odd(SecretKind::kOther, "1234", "back", "door")), IsOk());
  EXPECT_THAT(rig.Put(Odd(SecretKind::kCardNumber, "4111111111111111", "number", "door")),
              StatusIs(StatusCode::kPermissionDenied, HasSubstr("code_beside_card")));
}

TEST_F(VaultTest, ValuesThatCannotBeToldFromTextAreRefused) {
  for (const char* value : {"", "1", "123", "- a1 -", "???????"}) {
    EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, value)), StatusIs(StatusCode::kInvalidArgument))
        << value;
  }
  EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, std::string(kMaxSecretBytes, 'x'))), IsOk());
  EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, std::string(kMaxSecretBytes + 1, 'x'))),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(rig.Put(Odd(SecretKind::kOther, "abcd\xff")), StatusIs(StatusCode::kInvalidArgument));
}

TEST_F(VaultTest, SinksThatAreNotCanonicalAreRefused) {
  for (const char* sink : {"", "+12015550123", "tel:12015550123", "tel:+1201555 0123",
                           "tel:+1234567890123456", "host:Example.org", "host:", "host:a/b",
                           "mailto:@example.org", "mailto:a@Example.org", "mailto:a b@c.org"}) {
    VaultValue value = Pin();
    value.sinks = {{sink, "authenticate"}};
    EXPECT_THAT(rig.Put(std::move(value)), StatusIs(StatusCode::kInvalidArgument)) << sink;
  }
  VaultValue value = Pin();
  value.sinks = {{"host:example.org", "Log in"}};
  EXPECT_THAT(rig.Put(std::move(value)), StatusIs(StatusCode::kInvalidArgument));
}

// --- the audit -----------------------------------------------------------------------------------

TEST_F(VaultTest, EachOperationIsAuditedWithPseudonymsOnly_P4) {
  ASSERT_THAT(rig.Put(Pin("canary-value", "canarybank", "canaryfield"), "canary-user"), IsOk());
  ASSERT_THAT(rig.Reveal("vault:canarybank/canaryfield", kBankLine, "canary-user"), IsOk());
  ASSERT_THAT(rig.List("canary-user"), IsOk());
  ASSERT_THAT(rig.RotateUserKey("canary-user"), IsOk());
  ASSERT_THAT(rig.Remove("canarybank", "canary-user"), IsOk());
  ASSERT_THAT(rig.Erase("canary-user"), IsOk());
  std::vector<std::string> actions;
  for (const LogRecord& record : rig.Log()) {
    actions.push_back(record.action);
    const std::string text = record.action + record.actor + record.delta + record.event;
    EXPECT_THAT(text, Not(HasSubstr("canary")));
    EXPECT_THAT(text, Not(HasSubstr("2015550123")));
  }
  EXPECT_THAT(actions, ElementsAre("vault open-first", "vault put", "vault reveal", "vault list",
                                   "vault rotate-key", "vault remove", "vault erase"));
  EXPECT_THAT(rig.Log()[2].delta, AllOf(HasSubstr("user=u_"), HasSubstr("item=i_"),
                                        HasSubstr("sink=s_"), HasSubstr("purpose=authenticate")));
  ASSERT_THAT(rig.Look([](StoreView& view) -> absl::Status {
    auto report = VerifyAudit(view);
    if (!report.ok()) return report.status();
    EXPECT_FALSE(report->first_bad.has_value()) << report->reason;
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(VaultTest, WithoutAnAuditEntryNothingIsRevealed) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  rig.Sql(
      "CREATE TRIGGER no_audit BEFORE INSERT ON task_logs BEGIN "
      "SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(rig.Reveal("vault:bank/pin").ok());
}

// --- gates ---------------------------------------------------------------------------------------

TEST_F(VaultTest, GatesSeeGrantsAndValuesAsTheyChange_G1_G22) {
  ASSERT_THAT(rig.Put(Pin("84731592")), IsOk());
  auto secrets = rig.Watch();
  ASSERT_THAT(secrets, IsOk());
  const SecretGrants& grants = *secrets->grants;
  EXPECT_TRUE(grants.MayReceive("vault:bank/pin", "tel:+12015550123", "authenticate"));
  EXPECT_TRUE(grants.MayReceive("bank/pin", "tel:+12015550123", "authenticate"));
  EXPECT_FALSE(grants.MayReceive("bank/pin", "tel:+12015550123", "identify"));
  EXPECT_FALSE(grants.MayReceive("bank/pin", "tel:+12015550124", "authenticate"));
  EXPECT_FALSE(grants.MayReceive("bank/other", "tel:+12015550123", "authenticate"));
  EXPECT_THAT(secrets->matcher->Find("it is eight four seven three, one five nine two"),
              ElementsAre(Field(&SecretHit::handle, "vault:bank/pin")));

  ASSERT_THAT(rig.Put(Pin("90210777")), IsOk());
  EXPECT_THAT(secrets->matcher->Find("84731592"), IsEmpty());
  EXPECT_THAT(secrets->matcher->Find("say 9021 0777"), SizeIs(1));

  ASSERT_THAT(rig.Erase(), IsOk());
  EXPECT_FALSE(grants.MayReceive("bank/pin", "tel:+12015550123", "authenticate"));
  EXPECT_THAT(secrets->matcher->Find("say 9021 0777"), IsEmpty());
}

TEST_F(VaultTest, RowsThatDoNotOpenGiveNoGrantAndAreStillRecognised) {
  ASSERT_THAT(rig.Put(Pin("84731592")), IsOk());
  auto secrets = rig.Watch();
  ASSERT_THAT(secrets, IsOk());
  rig.Sql("UPDATE vault SET version = version + 7 WHERE record = 'bank'");
  ASSERT_THAT(rig.Put(Pin("hunter22", "arcade", "login")), IsOk());
  EXPECT_FALSE(secrets->grants->MayReceive("bank/pin", "tel:+12015550123", "authenticate"));
  EXPECT_THAT(secrets->matcher->Find("84731592"), SizeIs(1));
}

}  // namespace
}  // namespace dragoman
