#include "dragoman/memory/master_keys.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "src/memory/sealing.h"
#include "tests/memory/vault_rig.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using memory::LockedBytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 16.
TEST(SealingTest, OpensThePublishedVectorOfAes256Gcm) {
  auto key = LockedBytes::CopyOf(
      Bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  ASSERT_THAT(key, IsOk());
  const std::string sealed = Bytes(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  auto text = memory::Unseal(*key, sealed, Bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(std::string(text->view()),
            Bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"));
  EXPECT_THAT(memory::Unseal(*key, sealed, "other"), StatusIs(StatusCode::kDataLoss));
}

// RFC 4231, section 4.3.
TEST(SealingTest, GivesThePublishedHmac) {
  auto key = LockedBytes::CopyOf("Jefe");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(memory::HmacSha256(*key, "what do ya want for nothing?"),
            Bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

TEST(SealingTest, TheSameTextIsNeverSealedTwiceAlike) {
  SystemRandom random;
  auto key = LockedBytes::MakeRandom(32, random);
  ASSERT_THAT(key, IsOk());
  auto one = memory::Seal(*key, "text", "place", random);
  auto two = memory::Seal(*key, "text", "place", random);
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  EXPECT_NE(*one, *two);
  EXPECT_EQ(memory::Unseal(*key, *one, "place")->view(), "text");
}

class MasterKeysTest : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  SystemRandom random;
  std::string path = folder.File("vault.keys");
};

TEST_F(MasterKeysTest, AFileIsMadeOnceAndForItsOwnerOnly) {
  ASSERT_THAT(MasterKeys::Create(path, random), IsOk());
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const std::string before = FileBytes(path);
  EXPECT_THAT(before, MatchesRegex("dragoman master keys, format 1\n"
                                   "witness [0-9a-f]+\nkey 1 [0-9a-f]+\ncheck [0-9a-f]+\n"));
  EXPECT_THAT(MasterKeys::Create(path, random), StatusIs(StatusCode::kAlreadyExists));
  EXPECT_EQ(FileBytes(path), before);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(MasterKeysTest, AFileThatOthersMayReadOrThatIsALinkIsRefused) {
  ASSERT_THAT(MasterKeys::Create(path, random), IsOk());
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_THAT(MasterKeys::Load(path),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("mode 0640")));
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_THAT(MasterKeys::Load(path), IsOk());
  ASSERT_EQ(symlink(path.c_str(), folder.File("link").c_str()), 0);
  EXPECT_THAT(MasterKeys::Load(folder.File("link")),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("symbolic link")));
  EXPECT_THAT(MasterKeys::Load(folder.path()), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(MasterKeys::Load(folder.File("none")), StatusIs(StatusCode::kNotFound));
}

TEST_F(MasterKeysTest, VersionsAreAddedAndOldOnesRetired) {
  ASSERT_THAT(MasterKeys::Create(path, random), IsOk());
  auto keys = MasterKeys::Load(path);
  ASSERT_THAT(keys, IsOk());
  ASSERT_THAT((*keys)->Add(random), IsOk());
  ASSERT_THAT((*keys)->Add(random), IsOk());
  EXPECT_EQ((*keys)->current(), 3);
  auto again = MasterKeys::Load(path);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT((*again)->versions(), ElementsAre(1, 2, 3));
  ASSERT_THAT((*again)->RetireOld(), IsOk());
  EXPECT_THAT((*MasterKeys::Load(path))->versions(), ElementsAre(3));
}

// Each byte of the file altered, each possible length of it: never keys, never a crash.
TEST_F(MasterKeysTest, ADamagedFileIsRefusedWhereverItIsDamaged_P10) {
  ASSERT_THAT(MasterKeys::Create(path, random), IsOk());
  const std::string whole = FileBytes(path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THAT(MasterKeys::Parse(damaged), StatusIs(StatusCode::kDataLoss)) << i;
    EXPECT_THAT(MasterKeys::Parse(whole.substr(0, i)), StatusIs(StatusCode::kDataLoss)) << i;
  }
  EXPECT_THAT(MasterKeys::Parse(whole), IsOk());
}

// --- the vault's doors ---------------------------------------------------------------------------

TEST(VaultKeysTest, WithoutAMasterKeyItRefusesToStartAndMakesNone_P10) {
  VaultRig rig;
  EXPECT_THAT(rig.Open(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("vault init")));
  EXPECT_FALSE(std::filesystem::exists(rig.keys()));
  EXPECT_FALSE(std::filesystem::exists(rig.witness()));
  EXPECT_THAT(rig.Log(), ::testing::IsEmpty());
}

TEST(VaultKeysTest, AUserErasedBeforeThereWasAVaultIsNoVaultAndStaysErased_P2) {
  VaultRig rig;
  ASSERT_THAT(rig.CommitRaw(EraseUser{"u1"}), IsOk());
  ASSERT_THAT(rig.Look([](StoreView& view) -> absl::Status {
    EXPECT_FALSE(*HasVault(view));
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(rig.Init(), IsOk());
  ASSERT_THAT(rig.Open(), IsOk());
  EXPECT_THAT(rig.Put(Pin()), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("erased")));
  EXPECT_THAT(rig.Put(Pin(), "u2"), IsOk());
  ASSERT_THAT(rig.Look([](StoreView& view) -> absl::Status {
    EXPECT_TRUE(*HasVault(view));
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(VaultTest, AMissingKeyFileIsNeverMadeAgain_P10) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  std::filesystem::rename(rig.keys(), rig.keys() + ".away");
  EXPECT_THAT(rig.Restart(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("is missing")));
  EXPECT_THAT(rig.Init(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("restore")));
  EXPECT_FALSE(std::filesystem::exists(rig.keys()));
  std::filesystem::rename(rig.keys() + ".away", rig.keys());
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "4711");
}

TEST_F(VaultTest, TheKeysOfAnotherVaultAreRefused_P10) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  const std::size_t rows = rig.Log().size();
  std::filesystem::rename(rig.keys(), rig.keys() + ".mine");
  ASSERT_THAT(MasterKeys::Create(rig.keys(), rig.random), IsOk());
  std::filesystem::rename(rig.witness(), rig.witness() + ".mine");
  rig.options.accept_missing_witness = true;
  EXPECT_THAT(rig.Restart(),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("not those of this database")));
  EXPECT_EQ(rig.Log().size(), rows);
  EXPECT_FALSE(std::filesystem::exists(rig.witness()));
}

TEST_F(VaultTest, AKeyFileFromBeforeARotationIsRefusedNamingTheVersion_P10) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  std::filesystem::copy_file(rig.keys(), rig.keys() + ".old");
  ASSERT_THAT(rig.RotateMasterKey(), IsOk());
  rig.Close();
  std::filesystem::rename(rig.keys() + ".old", rig.keys());
  EXPECT_THAT(rig.Restart(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("version 2")));
}

TEST_F(VaultTest, AMissingWitnessIsAskedAboutAndOnlyThenMadeAgain) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  std::filesystem::remove(rig.witness());
  EXPECT_THAT(rig.Restart(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("witness")));
  EXPECT_FALSE(std::filesystem::exists(rig.witness()));
  rig.options.accept_missing_witness = true;
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "4711");
}

TEST_F(VaultTest, AnAlteredWitnessIsRefusedNamingTheLineAndATornLastLineIsCutOff) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  ASSERT_THAT(rig.Put(Pin("5822")), IsOk());
  rig.Close();
  const std::string whole = FileBytes(rig.witness());
  std::string altered = whole;
  altered[whole.find("seen 1") + 5] = '9';
  std::ofstream(rig.witness(), std::ios::binary) << altered;
  EXPECT_THAT(rig.Restart(), StatusIs(StatusCode::kDataLoss, HasSubstr("line 1")));
  std::ofstream(rig.witness(), std::ios::binary) << whole << "seen 3 75";
  EXPECT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(FileBytes(rig.witness()), whole);
}

TEST_F(VaultTest, AfterAMasterRotationEverythingOpensAndOldVersionsCanGo_P11) {
  for (int i = 0; i < 150; ++i) {
    ASSERT_THAT(rig.Put(Pin("pin " + std::to_string(1000 + i)), "u" + std::to_string(i)), IsOk());
  }
  auto version = rig.RotateMasterKey();
  ASSERT_THAT(version, IsOk());
  EXPECT_EQ(*version, 2);
  ASSERT_THAT(rig.Retire(), IsOk());
  ASSERT_THAT(rig.Restart(), IsOk());
  for (int i = 0; i < 150; ++i) {
    auto pin = rig.Reveal("vault:bank/pin", kBankLine, "u" + std::to_string(i));
    ASSERT_THAT(pin, IsOk());
    EXPECT_EQ(*pin, "pin " + std::to_string(1000 + i));
  }
}

TEST_F(VaultTest, UnderLoadARotationHoldsNobodyUpAndLosesNothing_P11) {
  constexpr int kUsers = 100;  // two pages
  for (int i = 0; i < kUsers; ++i) {
    ASSERT_THAT(rig.Put(Pin(), "u" + std::to_string(i)), IsOk());
  }
  bool rotated = false;
  int during = 0;
  int revealed = 0;
  rig.vault().RotateMasterKey([&](absl::StatusOr<std::int64_t> version) {
    EXPECT_THAT(version, IsOk());
    rotated = true;
  });
  // Each answer asks again, while keys are wrapped anew beside it.
  std::function<void(int)> ask = [&](int i) {
    rig.vault().Put("u" + std::to_string(i % kUsers), Pin("pin " + std::to_string(i)),
                    [&, i](absl::StatusOr<VaultEntry> entry) {
                      EXPECT_THAT(entry, IsOk());
                      during += rotated ? 0 : 1;
                      if (i % 3 == 0) {
                        rig.vault().RotateUserKey("u" + std::to_string(i % kUsers),
                                                  [](auto done) { EXPECT_THAT(done, IsOk()); });
                      }
                      if (i < 200) ask(i + 7);
                    });
    rig.vault().Reveal("u" + std::to_string((i * 31) % kUsers), "vault:bank/pin", kBankLine,
                       [&](absl::StatusOr<Secret> pin) {
                         EXPECT_THAT(pin, IsOk());
                         ++revealed;
                       });
  };
  for (int i = 0; i < 7; ++i) ask(i);
  rig.executor.RunUntilIdle();
  EXPECT_TRUE(rotated);
  EXPECT_GT(during, 7);
  EXPECT_GT(revealed, 200);
  ASSERT_THAT(rig.Retire(), IsOk());
  ASSERT_THAT(rig.Restart(), IsOk());
  for (int i = 0; i < kUsers; ++i) {
    EXPECT_THAT(rig.Reveal("vault:bank/pin", kBankLine, "u" + std::to_string(i)), IsOk());
  }
}

TEST_F(VaultTest, OldVersionsStayWhileAKeyNeedsThem) {
  ASSERT_THAT(rig.Put(Pin()), IsOk());
  rig.Sql("UPDATE user_keys SET wrapped = zeroblob(60) WHERE user_id = 'u1'");
  ASSERT_THAT(rig.RotateMasterKey(), IsOk());
  EXPECT_THAT(rig.Retire(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("version 1")));
}

TEST_F(VaultTest, AUsersNewKeyHasTheNextGenerationAndOpensEverything_P11) {
  ASSERT_THAT(rig.Put(Pin("4711", "bank", "pin")), IsOk());
  ASSERT_THAT(rig.Put(Pin("hunter22", "arcade", "login")), IsOk());
  auto generation = rig.RotateUserKey();
  ASSERT_THAT(generation, IsOk());
  EXPECT_EQ(*generation, 2);
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "4711");
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:arcade/login"), "hunter22");
}

}  // namespace
}  // namespace dragoman
