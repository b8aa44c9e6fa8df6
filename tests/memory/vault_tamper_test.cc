// A hand inside the database: bits, rows, users, versions, backups.
#include <filesystem>

#include "dragoman/store/digest.h"
#include "tests/memory/vault_rig.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

class VaultTamperTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    ASSERT_THAT(rig.Put(Pin("canary-4711")), IsOk());
    ASSERT_THAT(rig.Put(Pin("other-5822", "bank", "answer")), IsOk());
    ASSERT_THAT(rig.Look([this](StoreView& view) -> absl::Status {
      row = *view.FindVault("u1", "bank", "pin").value();
      list = *view.FindVault("u1", "~rows", "~").value();
      key = *view.FindUserKey("u1").value();
      return absl::OkStatus();
    }),
                IsOk());
  }

  // Neither a value nor a silent one.
  void ExpectAlarm(const std::string& what) {
    const auto value = rig.Reveal("vault:bank/pin");
    EXPECT_THAT(value, StatusIs(StatusCode::kDataLoss)) << what;
    EXPECT_EQ(rig.LastAction(), "vault alarm") << what;
    EXPECT_THAT(value.status().ToString(), ::testing::Not(HasSubstr("canary"))) << what;
  }
  // All bits of bytes that `sql` puts in the place of its '?'.
  void EachBit(const std::string& bytes, const std::string& sql, const std::string& what) {
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string altered = bytes;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
      rig.Sql(sql, {altered});
      ExpectAlarm(what + " bit " + std::to_string(bit));
      ++flips;
    }
    rig.Sql(sql, {bytes});
  }
  // Of a number in `table`, `where` one row.
  void EachBitOf(std::int64_t number, const std::string& table, const std::string& column,
                 const std::string& where) {
    const std::string sql = "UPDATE " + table + " SET " + column + " = ";
    for (int bit = 0; bit < 64; ++bit) {
      const auto altered =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(number) ^ (1ULL << bit));
      rig.Sql(sql + std::to_string(altered) + where);
      const auto value = rig.Reveal("vault:bank/pin");
      EXPECT_FALSE(value.ok()) << table << " " << column << " bit " << bit;
      EXPECT_THAT(rig.LastAction(), ::testing::AnyOf("vault alarm", "vault reveal failed"));
      ++flips;
    }
    rig.Sql(sql + std::to_string(number) + where);
    EXPECT_THAT(rig.Reveal("vault:bank/pin"), IsOk()) << "not put back";
  }

  VaultRecord row, list;
  UserKeyRecord key;
  int flips = 0;
};

constexpr char kRow[] = " WHERE user_id = 'u1' AND record = 'bank' AND field = 'pin'";
constexpr char kList[] = " WHERE user_id = 'u1' AND record = '~rows'";
constexpr char kKey[] = " WHERE user_id = 'u1'";

TEST_F(VaultTamperTest, EverySingleBitOfAStoredValueCounts_P9) {
  EachBit(row.sealed, std::string("UPDATE vault SET sealed = ?") + kRow, "sealed");
  EachBitOf(row.version, "vault", "version", kRow);
  EachBitOf(row.key_generation, "vault", "key_generation", kRow);
  EachBitOf(row.updated.time_since_epoch().count(), "vault", "updated", kRow);
  EXPECT_EQ(flips, static_cast<int>(8 * row.sealed.size()) + 3 * 64);
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "canary-4711");
}

TEST_F(VaultTamperTest, EverySingleBitOfItsNameAndItsUsersCounts_P9) {
  for (const auto& [column, name] : {std::pair<std::string, std::string>{"record", "bank"},
                                     {"field", "pin"},
                                     {"user_id", "u1"}}) {
    const std::string where = " WHERE version = " + std::to_string(row.version) +
                              " AND sealed = x'" + ToHex(row.sealed) + "'";
    for (std::size_t bit = 0; bit < 8 * name.size(); ++bit) {
      std::string altered = name;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
      rig.Sql("UPDATE vault SET " + column + " = CAST(? AS TEXT)" + where, {altered});
      ExpectAlarm(column + " bit " + std::to_string(bit));
    }
    rig.Sql("UPDATE vault SET " + column + " = CAST(? AS TEXT)" + where, {name});
  }
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "canary-4711");
}

TEST_F(VaultTamperTest, EverySingleBitOfTheListOfRowsCounts_P9) {
  EachBit(list.sealed, std::string("UPDATE vault SET sealed = ?") + kList, "list");
  EachBitOf(list.version, "vault", "version", kList);
  EachBitOf(list.key_generation, "vault", "key_generation", kList);
  EachBitOf(list.updated.time_since_epoch().count(), "vault", "updated", kList);
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "canary-4711");
}

TEST_F(VaultTamperTest, EverySingleBitOfTheUsersKeyCounts_P9) {
  EachBit(key.wrapped, std::string("UPDATE user_keys SET wrapped = ?") + kKey, "key");
  EachBitOf(key.generation, "user_keys", "generation", kKey);
  EachBitOf(key.master_version, "user_keys", "master_version", kKey);
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "canary-4711");
}

TEST_F(VaultTamperTest, SwappedFieldsUsersAndKeysAreUseless_P9) {
  ASSERT_THAT(rig.Put(Pin("foreign-9033"), "u2"), IsOk());
  // One field's bytes in the place of another's, with and without the numbers beside them.
  rig.Sql(std::string("UPDATE vault SET (sealed, version, updated) = (SELECT sealed, version, "
                      "updated FROM vault WHERE user_id = 'u1' AND field = 'answer')") +
          kRow);
  ExpectAlarm("field");
  rig.Sql(std::string("UPDATE vault SET (sealed, version, updated) = (SELECT sealed, version, "
                      "updated FROM vault WHERE user_id = 'u2' AND field = 'pin')") +
          kRow);
  ExpectAlarm("user");
  rig.Sql(
      "UPDATE user_keys SET wrapped = (SELECT wrapped FROM user_keys WHERE user_id = 'u2') "
      "WHERE user_id = 'u1'");
  ExpectAlarm("key");
  // Everything of u2 under the name of u1: key, list and row.
  rig.Sql("DELETE FROM vault WHERE user_id = 'u1'");
  rig.Sql("UPDATE vault SET user_id = 'u1' WHERE user_id = 'u2'");
  ExpectAlarm("all of another user");
}

TEST_F(VaultTamperTest, AnOlderVersionOfARowIsRefused_P8) {
  ASSERT_THAT(rig.Put(Pin("newer-6644")), IsOk());
  rig.Sql("UPDATE vault SET sealed = ?, version = " + std::to_string(row.version) +
              ", updated = " + std::to_string(row.updated.time_since_epoch().count()) + kRow,
          {row.sealed});
  ExpectAlarm("older row");
}

TEST_F(VaultTamperTest, ARowThatWasRemovedDoesNotComeBack_P8) {
  ASSERT_THAT(rig.Remove("bank"), IsOk());
  rig.Sql("INSERT INTO vault VALUES('u1', 'bank', 'pin', " + std::to_string(row.version) +
              ", 1, "
              "?, " +
              std::to_string(row.updated.time_since_epoch().count()) + ")",
          {row.sealed});
  ExpectAlarm("removed row");
}

TEST_F(VaultTamperTest, RowsThatAreMissingAreNoticed_P8) {
  rig.Sql(std::string("DELETE FROM vault") + kRow);
  ExpectAlarm("missing row");
  EXPECT_THAT(rig.List(), StatusIs(StatusCode::kDataLoss, HasSubstr("missing")));
  rig.Sql(std::string("DELETE FROM vault") + kList);
  ExpectAlarm("missing list");
  rig.Sql("DELETE FROM user_keys WHERE user_id = 'u1'");
  ExpectAlarm("missing key");
}

// All of a user's rows set back together agree with each other; only the witness knows better.
TEST_F(VaultTamperTest, AllRowsOfAUserSetBackTogetherAreRefusedAlsoAfterARestart_P8) {
  ASSERT_THAT(rig.Put(Pin("newer-6644")), IsOk());
  const auto micros = [](const VaultRecord& r) {
    return std::to_string(r.updated.time_since_epoch().count());
  };
  rig.Sql("UPDATE vault SET sealed = ?, version = " + std::to_string(row.version) +
              ", updated = " + micros(row) + kRow,
          {row.sealed});
  rig.Sql("UPDATE vault SET sealed = ?, version = " + std::to_string(list.version) +
              ", updated = " + micros(list) + kList,
          {list.sealed});
  ExpectAlarm("all set back");
  EXPECT_THAT(rig.Put(Pin("x-newest")), StatusIs(StatusCode::kDataLoss, HasSubstr("set back")));
  rig.EndSql();
  ASSERT_THAT(rig.Restart(), IsOk());
  ExpectAlarm("all set back, after a restart");
  // The owner may mean it.
  ASSERT_THAT(rig.AcceptRestored(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "canary-4711");
  EXPECT_THAT(rig.AcceptRestored(), StatusIs(StatusCode::kFailedPrecondition));
}

// The limit, shown: whoever can set back the database and the witness file at once is not noticed.
TEST_F(VaultTamperTest, ADatabaseAndItsWitnessSetBackTogetherAreNotNoticed) {
  rig.Close();
  const std::string folder = rig.folder();
  for (const char* name : {"dragoman.db", "vault.witness"}) {
    std::filesystem::copy_file(folder + "/" + name, folder + "/old." + name);
  }
  ASSERT_THAT(rig.Restart(), IsOk());
  ASSERT_THAT(rig.Put(Pin("newer-6644")), IsOk());
  rig.Close();
  std::filesystem::remove(rig.database() + "-wal");
  for (const char* name : {"dragoman.db", "vault.witness"}) {
    std::filesystem::rename(folder + "/old." + name, folder + "/" + name);
  }
  ASSERT_THAT(rig.Restart(), IsOk());
  EXPECT_EQ(*rig.Reveal("vault:bank/pin"), "canary-4711");
}

}  // namespace
}  // namespace dragoman
