#include <filesystem>

#include "dragoman/store/digest.h"
#include "src/memory/key_ring.h"
#include "tests/memory/vault_rig.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Every file of the data directory, one after another.
std::string AllBytes(const VaultRig& rig) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(rig.folder())) {
    all += FileBytes(entry.path().string());
  }
  return all;
}

TEST_F(VaultTest, NoByteOfAValueIsInAnyFileAtAnyTime_P1) {
  ASSERT_THAT(rig.Put(Pin("canary-4711-canary")), IsOk());
  EXPECT_THAT(AllBytes(rig), Not(HasSubstr("canary")));
  ASSERT_THAT(rig.Reveal("vault:bank/pin"), IsOk());
  ASSERT_THAT(rig.RotateUserKey(), IsOk());
  ASSERT_THAT(rig.RotateMasterKey(), IsOk());
  ASSERT_THAT(rig.Put(Pin("5822")), IsOk());
  EXPECT_THAT(AllBytes(rig), Not(HasSubstr("canary")));
  EXPECT_THAT(AllBytes(rig), Not(HasSubstr("2015550123")));  // nor of its sinks
}

TEST_F(VaultTest, AfterErasureNoSealedByteIsLeftInFileLogOrFreePages_P1) {
  std::vector<std::string> sealed;
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(rig.Put(Pin("value " + std::to_string(i + 1000), "r" + std::to_string(i))), IsOk());
  }
  ASSERT_THAT(rig.Look([&](StoreView& view) -> absl::Status {
    const auto rows = view.ListVault("u1");
    for (const VaultRecord& row : *rows) sealed.push_back(row.sealed);
    sealed.push_back((*view.FindUserKey("u1"))->wrapped);
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(sealed, SizeIs(52));
  ASSERT_THAT(rig.Erase(), IsOk());
  const std::string all = AllBytes(rig);
  for (const std::string& bytes : sealed) {
    EXPECT_EQ(all.find(bytes.substr(bytes.size() - 40)), std::string::npos);
  }
}

TEST_F(VaultTest, AnErasedUserHasNothingAndTakesNothing_P2) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  ASSERT_THAT(rig.Erase(), IsOk());
  EXPECT_THAT(rig.Reveal("vault:bank/pin"), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(rig.List(), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(rig.Put(Pin()), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("erased")));
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_THAT(rig.Put(Pin()), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("erased")));
}

TEST_F(VaultTest, WhatWasOnItsWayWhenTheUserWasErasedIsRefused_P2) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  VaultRecord late;
  ASSERT_THAT(rig.Look([&](StoreView& view) -> absl::Status {
    late = *view.FindVault("u1", "bank", "pin").value();
    return absl::OkStatus();
  }),
              IsOk());
  std::vector<std::string> ends;
  const auto note = [&](std::string_view what) {
    return [&ends, what](const auto& result) {
      ends.push_back(std::string(what) + (result.ok() ? " done" : " refused"));
    };
  };
  rig.vault().Put("u1", Pin("one more"), note("before"));
  rig.vault().Erase("u1", [&ends](const absl::Status& erased) {
    ends.push_back(erased.ok() ? "erased" : "not erased");
  });
  rig.vault().Put("u1", Pin("and one"), note("after"));
  rig.executor.RunUntilIdle();
  EXPECT_THAT(ends, ::testing::ElementsAre("before done", "erased", "after refused"));
  // Sealed before, written after: also when the user was admitted again meanwhile.
  late.version += 10;
  EXPECT_THAT(rig.CommitRaw(late), StatusIs(StatusCode::kFailedPrecondition));
  ASSERT_THAT(rig.Readmit(), IsOk());
  EXPECT_THAT(rig.CommitRaw(late),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("too late")));
  EXPECT_THAT(*rig.List(), IsEmpty());
}

TEST_F(VaultTest, AReadmittedUserStartsEmptyUnderTheNextGeneration) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  EXPECT_THAT(rig.Readmit(), StatusIs(StatusCode::kFailedPrecondition));
  ASSERT_THAT(rig.Erase(), IsOk());
  ASSERT_THAT(rig.Readmit(), IsOk());
  EXPECT_THAT(*rig.List(), IsEmpty());
  ASSERT_THAT(rig.Put(Pin("9033-new")), IsOk());
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "9033-new");
  ASSERT_THAT(rig.Erase(), IsOk());
  EXPECT_THAT(rig.List(), StatusIs(StatusCode::kFailedPrecondition));
}

class RestoredBackupTest : public VaultTest {
 protected:
  void BackUp() {
    rig.Close();
    std::filesystem::copy_file(rig.database(), rig.folder() + "/backup",
                               std::filesystem::copy_options::overwrite_existing);
    ASSERT_THAT(rig.Restart(), IsOk());
  }
  void Restore() {
    rig.Close();
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(rig.database() + end);
    std::filesystem::copy_file(rig.folder() + "/backup", rig.database());
  }
};

TEST_F(RestoredBackupTest, ABackupFromBeforeAnErasureIsErasedAgain_P3) {
  ASSERT_THAT(rig.Put(Pin("canary-4711")), IsOk());
  ASSERT_THAT(rig.CommitRaw(ContactRecord{.user_id = "u1", .id = "c", .name = "canary name"}),
              IsOk());
  ASSERT_THAT(rig.Put(Pin("keeps-this"), "u2"), IsOk());
  BackUp();
  ASSERT_THAT(rig.Erase(), IsOk());
  Restore();
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_THAT(rig.Reveal("vault:bank/pin"), StatusIs(StatusCode::kFailedPrecondition));
  ASSERT_THAT(rig.Look([](StoreView& view) -> absl::Status {
    EXPECT_THAT(*view.ListVault("u1"), IsEmpty());
    EXPECT_THAT(*view.ListContacts("u1"), IsEmpty());
    EXPECT_EQ((*view.FindUserKey("u1"))->wrapped, "");
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(FileBytes(rig.database()).find("canary name"), std::string::npos);
  EXPECT_EQ(*rig.Reveal("vault:bank/pin", kBankLine, "u2"), "keeps-this");
  // Nor does the owner's word bring it back.
  EXPECT_FALSE(rig.AcceptRestored().ok());
}

TEST_F(RestoredBackupTest, ABackupFromBeforeTheUserWasKnownIsNoWayBackEither_P3) {
  BackUp();
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  ASSERT_THAT(rig.Erase(), IsOk());
  Restore();
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_THAT(rig.Put(Pin()), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("erased")));
}

TEST_F(RestoredBackupTest, AnErasureThatWasCutShortIsEndedWhenTheVaultIsOpened_P3) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  // The tombstone is written, the transaction fails: as a kill between the two.
  rig.Sql("CREATE TRIGGER stop BEFORE DELETE ON vault BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(rig.Erase().ok());
  EXPECT_THAT(rig.Reveal("vault:bank/pin"), StatusIs(StatusCode::kFailedPrecondition));
  rig.Sql("DROP TRIGGER stop");
  rig.EndSql();
  ASSERT_THAT(rig.Restart(), IsOk());
  ASSERT_THAT(rig.Look([](StoreView& view) -> absl::Status {
    EXPECT_THAT(*view.ListVault("u1"), IsEmpty());
    return absl::OkStatus();
  }),
              IsOk());
}

// After a rotation and RetireMasterKeys no key in the world opens what the backup holds.
TEST_F(RestoredBackupTest, ABackupFromBeforeARetiredMasterKeyIsUnreadable_P3) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  BackUp();
  UserKeyRecord old_key;
  ASSERT_THAT(rig.Look([&](StoreView& view) -> absl::Status {
    old_key = *view.FindUserKey("u1").value();
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(rig.RotateMasterKey(), IsOk());
  ASSERT_THAT(rig.Retire(), IsOk());
  Restore();
  EXPECT_THAT(rig.Restart(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("version 1")));
  auto keys = MasterKeys::Load(rig.keys());
  ASSERT_THAT(keys, IsOk());
  memory::KeyRing ring("default", *std::move(keys), rig.random);
  EXPECT_FALSE(ring.Open(old_key).ok());
  old_key.master_version = 2;
  EXPECT_THAT(ring.Open(old_key), StatusIs(StatusCode::kDataLoss));
}

TEST_F(VaultTest, AnExportImportsEqualElsewhere_P5) {
  ASSERT_THAT(rig.Put(Pin("4711", "bank", "pin")), IsOk());
  VaultValue password = Pin("p\xC3\xA4sswort \"x\"", "shop", "password");
  password.kind = SecretKind::kPassword;
  password.confidentiality = Confidentiality::kSensitive;
  password.sinks = {{"host:shop.example.org", "log-in"}, {"mailto:a@example.org", "recover"}};
  ASSERT_THAT(rig.Put(std::move(password)), IsOk());
  ASSERT_THAT(rig.Put(Pin("foreign"), "u2"), IsOk());
  auto exported = rig.Export("correct horse battery");
  ASSERT_THAT(exported, IsOk());
  EXPECT_THAT(*exported, Not(HasSubstr("4711")));

  VaultRig other;
  ASSERT_THAT(other.Init(), IsOk());
  ASSERT_THAT(other.Open(), IsOk());
  auto count = other.Import(*exported, "correct horse battery", "somebody");
  ASSERT_THAT(count, IsOk());
  EXPECT_EQ(*count, 2);  // own data only
  auto before = rig.List();
  auto after = other.List("somebody");
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(after, IsOk());
  ASSERT_THAT(*after, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*after)[i].handle, (*before)[i].handle);
    EXPECT_EQ((*after)[i].kind, (*before)[i].kind);
    EXPECT_EQ((*after)[i].confidentiality, (*before)[i].confidentiality);
    EXPECT_EQ((*after)[i].sinks, (*before)[i].sinks);
    EXPECT_EQ((*after)[i].created, (*before)[i].created);
  }
  EXPECT_EQ(*other.Reveal("vault:bank/pin", kBankLine, "somebody"), "4711");
  EXPECT_EQ(*other.Reveal("vault:shop/password", {"host:shop.example.org", "log-in"}, "somebody"),
            "p\xC3\xA4sswort \"x\"");
  EXPECT_THAT(other.Import(*exported, "correct horse battery", "somebody"),
              StatusIs(StatusCode::kAlreadyExists));
}

TEST_F(VaultTest, AnExportOpensWithItsPassphraseOnlyAndUnaltered_P5) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  EXPECT_THAT(rig.Export("short"), StatusIs(StatusCode::kInvalidArgument));
  auto exported = rig.Export("correct horse battery");
  ASSERT_THAT(exported, IsOk());
  EXPECT_THAT(rig.Import(*exported, "another passphrase", "u2"), StatusIs(StatusCode::kDataLoss));
  for (std::size_t at : {std::size_t{0}, std::size_t{35}, exported->size() - 1}) {
    std::string altered = *exported;
    altered[at] = static_cast<char>(altered[at] ^ 4);
    EXPECT_THAT(rig.Import(altered, "correct horse battery", "u2"),
                StatusIs(StatusCode::kDataLoss));
  }
  EXPECT_THAT(rig.Import("", "correct horse battery", "u2"), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(*rig.List("u2"), IsEmpty());
}

}  // namespace
}  // namespace dragoman
