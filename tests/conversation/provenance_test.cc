#include "dragoman/conversation/provenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

TEST(ProvenanceTest, MixingTakesTheWorstOfBoth) {
  const Label mixed = Join({.integrity = Integrity::kUser,
                            .confidentiality = Confidentiality::kSensitive,
                            .readers = Readers::Only({"tel:+1", "tel:+2"}),
                            .sources = {"you"}},
                           {.integrity = Integrity::kService,
                            .confidentiality = Confidentiality::kPersonal,
                            .readers = Readers::Only({"tel:+2", "tel:+3"}),
                            .sources = {"a shop"}});
  EXPECT_EQ(mixed.integrity, Integrity::kService);
  EXPECT_EQ(mixed.confidentiality, Confidentiality::kSensitive);
  EXPECT_THAT(mixed.readers.sinks(), testing::ElementsAre("tel:+2"));
  EXPECT_THAT(mixed.sources, testing::ElementsAre("a shop", "you"));
  EXPECT_EQ(Join(LabelOfNothing(), mixed), mixed);
  EXPECT_EQ(Join(mixed, LabelOfNothing()), mixed);
}

TEST(ProvenanceTest, WhatNobodyLabelledMayDoNothing) {
  const Label label;
  EXPECT_EQ(label.integrity, Integrity::kUntrusted);
  EXPECT_EQ(label.confidentiality, Confidentiality::kSecret);
  EXPECT_FALSE(label.readers.Include("tel:+1"));
}

TEST(ProvenanceTest, ALabelSurvivesItsLine) {
  const Label labels[] = {
      Label{}, LabelOfNothing(), UserLabel(Confidentiality::kPersonal, Readers::Only({"*", "a;b"})),
      UntrustedLabel("mail from a=b %41\n\"x\""),
      Label{.integrity = Integrity::kDerived, .readers = Readers::Only({"tel:+1"})}};
  for (const Label& label : labels) {
    const auto read = ParseLabel(FormatLabel(label));
    ASSERT_THAT(read, IsOk()) << FormatLabel(label);
    EXPECT_EQ(*read, label) << FormatLabel(label);
  }
}

TEST(ProvenanceTest, WhatIsQuarantinedSaysSoInItsLineAndInEverythingMadeOfIt) {
  Label label = UntrustedLabel("a mail");
  label.quarantined = true;
  EXPECT_EQ(FormatLabel(label), "untrusted public readers=* from=a%20mail quarantined");
  EXPECT_EQ(*ParseLabel(FormatLabel(label)), label);
  EXPECT_TRUE(Join(UserLabel(), label).quarantined);
  EXPECT_FALSE(Join(UserLabel(), UntrustedLabel("a page")).quarantined);
  EXPECT_THAT(ParseLabel("untrusted public readers=* from=a accepted"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ProvenanceTest, ADamagedLineIsNoLabel) {
  for (const char* line : {"", "user", "user public readers=* from",
                           "root public readers=* from=", "user public readers=%4 from=",
                           "user public readers=a; from=", "user public readers=* from=a;;b"}) {
    EXPECT_THAT(ParseLabel(line), StatusIs(absl::StatusCode::kInvalidArgument)) << line;
  }
}

TEST(ProvenanceTest, ManySourcesAreCut) {
  Label label = LabelOfNothing();
  for (int i = 0; i < 20; ++i) label = Join(label, UntrustedLabel("page " + std::to_string(i)));
  EXPECT_EQ(label.sources.size(), kMaxSources);
  EXPECT_THAT(label.sources.back(), testing::HasSubstr("and others"));
  EXPECT_THAT(ParseLabel(FormatLabel(label)), IsOk());
}

}  // namespace
}  // namespace dragoman
