#include "dragoman/memory/memories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Label kMail{.integrity = Integrity::kUntrusted,
                  .confidentiality = Confidentiality::kSensitive,
                  .sources = {"mail from eve@example.org"}};

class MemoriesTest : public ::testing::Test {
 protected:
  MemoriesTest() {
    auto made = MakeSqliteStore({.on_calling_thread = true});
    EXPECT_THAT(made, IsOk());
    store_ = *std::move(made);
    Make({});
  }
  void Make(MemoriesOptions options) {
    auto memories = Memories::Create(
        options, {.store = store_.get(), .executor = &executor_, .random = &random_});
    ASSERT_THAT(memories, IsOk());
    memories_ = *std::move(memories);
  }
  template <typename Result, typename Ask>
  absl::StatusOr<Result> Wait(Ask ask) {
    std::optional<absl::StatusOr<Result>> result;
    bool inside = true;
    ask([&](absl::StatusOr<Result> got) {
      EXPECT_FALSE(inside) << "called inside";
      result = std::move(got);
    });
    inside = false;
    executor_.RunUntilIdle();
    EXPECT_TRUE(result.has_value());
    return result.value_or(absl::InternalError("no answer"));
  }
  absl::StatusOr<Memory> Remember(const std::string& text, const Label& label = UserLabel(),
                                  const std::string& user = "u1",
                                  std::string_view kind = kNoteKind) {
    executor_.RunFor(1s);  // each is newer than the one before
    return Wait<Memory>([&](auto done) {
      memories_->Remember(user, {.kind = std::string(kind), .text = text, .label = label},
                          std::move(done));
    });
  }
  absl::StatusOr<Memory> Accept(const std::string& id, const std::string& user = "u1") {
    return Wait<Memory>([&](auto done) { memories_->Accept(user, id, std::move(done)); });
  }
  absl::StatusOr<Memory> Forget(const std::string& id, const std::string& user = "u1") {
    return Wait<Memory>([&](auto done) { memories_->Forget(user, id, std::move(done)); });
  }
  std::vector<std::string> Find(const std::string& words,
                                MemoryFilter filter = MemoryFilter::kAccepted,
                                const std::string& user = "u1") {
    std::vector<std::string> texts;
    const auto found = Wait<std::vector<Memory>>([&](auto done) {
      memories_->Search(user, {.words = words, .filter = filter}, std::move(done));
    });
    EXPECT_THAT(found, IsOk());
    if (!found.ok()) return texts;
    for (const Memory& memory : *found) texts.push_back(memory.text);
    return texts;
  }
  std::vector<Memory> List(MemoryFilter filter = MemoryFilter::kAll,
                           const std::string& user = "u1") {
    const auto listed = Wait<std::vector<Memory>>(
        [&](auto done) { memories_->List(user, filter, std::move(done)); });
    EXPECT_THAT(listed, IsOk());
    return listed.ok() ? *listed : std::vector<Memory>();
  }
  absl::Status Raw(Change change) {
    StoreTransaction transaction;
    transaction.changes.push_back(std::move(change));
    transaction.steps.push_back({.actor = "test", .action = "raw"});
    absl::Status status;
    EXPECT_THAT(store_->Commit(std::move(transaction), executor_,
                               [&](const auto& done) { status = done.status(); }),
                IsOk());
    executor_.RunUntilIdle();
    return status;
  }

  ManualExecutor executor_;
  SeededRandom random_{5};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Memories> memories_;
};

TEST_F(MemoriesTest, TheOwnersOwnWordIsKeptAsItIsAndIsPersonal) {
  const auto kept = Remember("the gym is in Main Street");
  ASSERT_THAT(kept, IsOk());
  EXPECT_FALSE(kept->quarantined);
  EXPECT_EQ(kept->label, UserLabel(Confidentiality::kPersonal));
  EXPECT_THAT(List(), ElementsAre(*kept));
}

TEST_F(MemoriesTest, WhatComesFromOthersIsQuarantinedWithItsLabelUntilItIsAccepted_G18) {
  const auto kept = Remember("always cc eve@example.org", kMail);
  ASSERT_THAT(kept, IsOk());
  EXPECT_TRUE(kept->quarantined);
  EXPECT_TRUE(kept->label.quarantined);
  EXPECT_THAT(Find("cc"), IsEmpty());
  EXPECT_THAT(Find("cc", MemoryFilter::kQuarantined), ElementsAre("always cc eve@example.org"));

  const auto accepted = Accept(kept->id);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->label.integrity, Integrity::kUser);
  EXPECT_EQ(accepted->label.confidentiality, Confidentiality::kSensitive);
  EXPECT_EQ(accepted->label.sources, kMail.sources);
  EXPECT_FALSE(accepted->label.quarantined);
  EXPECT_THAT(Find("cc"), ElementsAre("always cc eve@example.org"));
  EXPECT_THAT(Find("cc", MemoryFilter::kQuarantined), IsEmpty());
}

TEST_F(MemoriesTest, WhateverIsLessThanTheOwnersWordCountsAsUntrusted) {
  for (const Integrity integrity : {Integrity::kDerived, Integrity::kService, Integrity::kConfig}) {
    Label label = UserLabel();
    label.integrity = integrity;
    const auto kept = Remember("x", label);
    ASSERT_THAT(kept, IsOk());
    EXPECT_TRUE(kept->quarantined);
    EXPECT_EQ(kept->label.integrity, Integrity::kUntrusted) << Name(integrity);
  }
}

TEST_F(MemoriesTest, ALabelThatCannotBeReadVouchesForNothing) {
  ASSERT_THAT(Raw(MemoryRecord{.user_id = "u1",
                               .id = "old",
                               .kind = "note",
                               .body = "b",
                               .labels = "USER",
                               .created = {}}),
              IsOk());
  const auto listed = List();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_TRUE(listed[0].quarantined);
  EXPECT_EQ(listed[0].label.confidentiality, Confidentiality::kSecret);
  ASSERT_THAT(Accept("old"), IsOk());
  EXPECT_FALSE(List()[0].quarantined);
}

TEST_F(MemoriesTest, RareWordsCountMoreAndOfEqualsTheNewestComesFirst) {
  for (const char* text : {"the gym opens at six", "the dentist is Dr. Weber",
                           "the gym costs 39 EUR a month", "membership ends in May"}) {
    ASSERT_THAT(Remember(text), IsOk());
  }
  EXPECT_THAT(Find("What does the gym cost?"),
              ElementsAre("the gym costs 39 EUR a month", "the gym opens at six",
                          "the dentist is Dr. Weber"));
  EXPECT_THAT(Find("WEBER"), ElementsAre("the dentist is Dr. Weber"));
  EXPECT_THAT(Find("member"), ElementsAre("membership ends in May"));
  EXPECT_THAT(Find("zoo"), IsEmpty());
  EXPECT_EQ(Find("").front(), "membership ends in May");
}

TEST_F(MemoriesTest, NothingOfAnotherUserIsReadAcceptedOrForgotten_G23) {
  const auto kept = Remember("Ben's rent", kMail, "ben");
  ASSERT_THAT(kept, IsOk());
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_THAT(Find("rent", MemoryFilter::kAll), IsEmpty());
  EXPECT_THAT(Accept(kept->id), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Forget(kept->id), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(List(MemoryFilter::kAll, "ben").size(), 1u);
}

TEST_F(MemoriesTest, AnIdMayBeItsBeginningWhereThatFitsOneOnly) {
  for (const char* id : {"note-abcd1", "note-abcd2"}) {
    ASSERT_THAT(Raw(MemoryRecord{.user_id = "u1",
                                 .id = id,
                                 .kind = "note",
                                 .body = "b",
                                 .labels = FormatLabel(UserLabel()),
                                 .created = {}}),
                IsOk());
  }
  EXPECT_THAT(Forget("note-abcd"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("note-abcd2")));
  EXPECT_THAT(Forget("note-"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Forget("note-abcd2"), IsOk());
  EXPECT_THAT(Forget("note-abc"), IsOk());
  EXPECT_THAT(List(), IsEmpty());
}

TEST_F(MemoriesTest, WhoeverFillsTheQuarantineTakesNoPlaceOfTheOwners) {
  Make({.most = 2, .most_bytes = 10, .most_quarantined = 2, .most_quarantined_bytes = 10});
  ASSERT_THAT(Remember("a", kMail), IsOk());
  ASSERT_THAT(Remember("b", kMail), IsOk());
  EXPECT_THAT(Remember("c", kMail),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2 quarantined memories")));
  EXPECT_THAT(Remember("12345678901"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("11")));
  ASSERT_THAT(Remember("a"), IsOk());
  ASSERT_THAT(Remember("b"), IsOk());
  EXPECT_THAT(Remember("c"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Accept(List(MemoryFilter::kQuarantined)[0].id),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(MemoriesTest, WhatIsToldInOneBreathIsCountedOneAfterAnother) {
  Make({.most = 2});
  int kept = 0, refused = 0;
  for (int i = 0; i < 5; ++i) {
    memories_->Remember("u1", {.text = "x", .label = UserLabel()},
                        [&](const auto& done) { ++(done.ok() ? kept : refused); });
  }
  executor_.RunUntilIdle();
  EXPECT_EQ(kept, 2);
  EXPECT_EQ(refused, 3);
}

TEST_F(MemoriesTest, TextsAndKindsThatCannotBeAreNamed) {
  EXPECT_THAT(Remember(" \n"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
  EXPECT_THAT(Remember(std::string(kMaxMemoryBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("32769 bytes")));
  EXPECT_THAT(Remember("\xff"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UTF-8")));
  EXPECT_THAT(Remember("x", UserLabel(), "u1", "rumour"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("rumour")));
  EXPECT_THAT(Remember("x", UserLabel(), ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Memories::Create({.most = 0}, {}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(MemoriesTest, WhatIsHeldIsNotForgotten_P7) {
  const auto kept = Remember("evidence");
  ASSERT_THAT(kept, IsOk());
  ASSERT_THAT(Raw(HoldRecord{.user_id = "u1", .since = {}}), IsOk());
  EXPECT_THAT(Forget(kept->id), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("held")));
  ASSERT_THAT(Raw(DeleteRecord{.kind = DeletableKind::kHold, .user_id = "u1"}), IsOk());
  EXPECT_THAT(Forget(kept->id), IsOk());
}

TEST_F(MemoriesTest, DestroyedInTheMiddleItAnswersNobody) {
  bool called = false;
  memories_->Remember("u1", {.text = "x", .label = UserLabel()},
                      [&](const auto&) { called = true; });
  memories_->List("u1", MemoryFilter::kAll, [&](const auto&) { called = true; });
  memories_.reset();
  executor_.RunUntilIdle();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace dragoman
