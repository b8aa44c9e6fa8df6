#include "dragoman/providers/notes/note_tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

class NoteToolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = MakeSqliteStore({.on_calling_thread = true});
    ASSERT_THAT(made, IsOk());
    store_ = *std::move(made);
    auto tool = MakeNoteTool({}, *store_);
    ASSERT_THAT(tool, IsOk());
    tool_ = *std::move(tool);
  }
  absl::StatusOr<std::string> Note(const std::string& arguments, const std::string& key) {
    absl::StatusOr<std::string> result = absl::UnknownError("not called");
    auto run = tool_->Run(arguments, {.effect_key = key}, executor_,
                          [&](absl::StatusOr<std::string> r) { result = std::move(r); });
    executor_.RunUntilIdle();
    return result;
  }
  std::vector<MemoryRecord> Notes() {
    std::vector<MemoryRecord> notes;
    EXPECT_THAT(store_->Read(
                    [&](StoreView& view) {
                      auto listed = view.ListMemories("owner", kNoteKind);
                      if (listed.ok()) notes = *listed;
                      return listed.status();
                    },
                    executor_, [](absl::Status) {}),
                IsOk());
    return notes;
  }

  ManualExecutor executor_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Tool> tool_;
};

TEST_F(NoteToolTest, ANoteLastsAndTheSameKeyIsTheSameNote) {
  EXPECT_THAT(Note(R"({"text":"buy milk"})", "k1"), IsOk());
  EXPECT_THAT(Note(R"({"text":"buy milk"})", "k1"), IsOk());
  EXPECT_THAT(Note(R"({"text":"call Anna"})", "k2"), IsOk());
  const std::vector<MemoryRecord> notes = Notes();
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].body, "buy milk");
  EXPECT_EQ(notes[1].body, "call Anna");
}

TEST_F(NoteToolTest, AUserMustBeNamed) {
  EXPECT_THAT(MakeNoteTool({.user = ""}, *store_), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace dragoman
