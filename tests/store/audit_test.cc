#include "dragoman/store/audit.h"

#include <string>
#include <utility>
#include <vector>

#include "dragoman/store/digest.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

std::vector<LogRecord> Chain(int rows) {
  std::vector<LogRecord> chain;
  std::string previous = AuditStart();
  for (int i = 1; i <= rows; ++i) {
    LogRecord row{.index = i,
                  .goal_id = "g",
                  .version = i,
                  .actor = "a",
                  .action = "step",
                  .delta = "delta " + std::to_string(i)};
    row.hash = AuditHash(row, previous);
    previous = row.hash;
    chain.push_back(std::move(row));
  }
  return chain;
}

AuditReport Verify(const std::vector<LogRecord>& chain, std::optional<AuditHead> anchor = {}) {
  AuditVerifier verifier;
  if (anchor) verifier.Expect(*anchor);
  for (const LogRecord& row : chain) verifier.Check(row);
  return verifier.Finish();
}

TEST(DigestTest, IsSha256) {
  // FIPS 180-4, example "abc"; in pieces the same.
  constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(ToHex(Sha256Bytes({"abc"})), kAbc);
  EXPECT_EQ(ToHex(Sha256Bytes({"a", "", "bc"})), kAbc);
}

TEST(AuditTest, AnUntouchedChainIsProvenToItsEnd) {
  const auto chain = Chain(5);
  const AuditReport report = Verify(chain);
  EXPECT_EQ(report.first_bad, std::nullopt);
  EXPECT_EQ(report.rows, 5);
  EXPECT_EQ(report.head.hash, chain.back().hash);
}

TEST(AuditTest, EveryEditedFieldIsFoundAtItsRow_P12) {
  const std::vector<void (*)(LogRecord&)> edits = {
      [](LogRecord& r) { r.goal_id = "h"; },
      [](LogRecord& r) { r.version += 1; },
      [](LogRecord& r) { r.at += std::chrono::microseconds(1); },
      [](LogRecord& r) { r.actor = "b"; },
      [](LogRecord& r) { r.action = "steq"; },
      [](LogRecord& r) { r.state = "X"; },
      [](LogRecord& r) { r.waiting_on = "X"; },
      [](LogRecord& r) { r.final = true; },
      [](LogRecord& r) { r.delta += "!"; },
      [](LogRecord& r) { r.topic = "t"; },
      [](LogRecord& r) { r.event = "e"; },
      [](LogRecord& r) { r.hash[31] = static_cast<char>(r.hash[31] ^ 1); },
      [](LogRecord& r) { r.delta_digest = Sha256Bytes({r.delta}); },  // content beside a digest
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    auto chain = Chain(5);
    edits[i](chain[2]);
    const AuditReport report = Verify(chain);
    ASSERT_TRUE(report.first_bad.has_value()) << i;
    EXPECT_EQ(*report.first_bad, 3) << i;
    EXPECT_THAT(report.reason, HasSubstr("entry 3"));
  }
}

TEST(AuditTest, ARemovedASwappedAndAnInsertedRowAreFound_P12) {
  auto removed = Chain(5);
  removed.erase(removed.begin() + 1);
  EXPECT_EQ(Verify(removed).first_bad, 2);
  auto swapped = Chain(5);
  std::swap(swapped[1], swapped[2]);
  EXPECT_EQ(Verify(swapped).first_bad, 2);
  auto renumbered = Chain(5);
  std::swap(renumbered[1], renumbered[2]);
  std::swap(renumbered[1].index, renumbered[2].index);
  EXPECT_EQ(Verify(renumbered).first_bad, 2);
  auto inserted = Chain(5);
  inserted.insert(inserted.begin(), LogRecord{.index = 0});
  EXPECT_EQ(Verify(inserted).first_bad, 1);
}

TEST(AuditTest, ATailThatWasCutIsFoundByTheAnchor_P12) {
  auto chain = Chain(5);
  const AuditHead anchor{.index = 5, .hash = chain.back().hash};
  chain.resize(3);
  EXPECT_EQ(Verify(chain).first_bad, std::nullopt);
  const AuditReport report = Verify(chain, anchor);
  EXPECT_EQ(report.first_bad, 4);
  EXPECT_THAT(report.reason, HasSubstr("ends at 3; it had reached 5"));
}

TEST(AuditTest, AChainThatWasWrittenAnewIsFoundByTheAnchor) {
  const AuditHead anchor{.index = 3, .hash = std::string(32, 'x')};
  EXPECT_EQ(Verify(Chain(5), anchor).first_bad, 3);
}

TEST(AuditTest, ErasedContentThatLeftItsDigestKeepsTheChainValid_P4) {
  auto chain = Chain(5);
  chain[1].delta_digest = Sha256Bytes({chain[1].delta});
  chain[1].event_digest = Sha256Bytes({chain[1].event});
  chain[1].delta.clear();
  EXPECT_EQ(Verify(chain).first_bad, std::nullopt);
}

}  // namespace
}  // namespace dragoman
