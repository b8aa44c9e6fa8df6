#include "dragoman/conversation/mandate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

TEST(MandateTest, ReadsWhatPeopleSay) {
  const auto mandate = ParseMandate("up to 45 a month, no contract over 12 months");
  ASSERT_THAT(mandate, IsOk());
  EXPECT_THAT(mandate->spend, testing::ElementsAre(SpendLimit{4500, "", Period::kMonth}));
  EXPECT_EQ(mandate->max_contract_months, 12);
  EXPECT_FALSE(mandate->may_agree);
  EXPECT_EQ(DescribeMandate(*mandate), "up to 45.00 a month; contracts of at most 12 months");
}

TEST(MandateTest, ReadsOtherForms) {
  EXPECT_THAT(ParseMandate("at most 20.50 EUR once; you may agree")->spend,
              testing::ElementsAre(SpendLimit{2050, "EUR", Period::kOnce}));
  EXPECT_THAT(ParseMandate("no more than $1,200 per year and contracts up to 2 years")->spend,
              testing::ElementsAre(SpendLimit{120000, "USD", Period::kYear}));
  EXPECT_EQ(ParseMandate("contract of at most 2 years")->max_contract_months, 24);
  EXPECT_EQ(ParseMandate("no contract")->max_contract_months, std::nullopt);
  EXPECT_EQ(*ParseMandate(""), Mandate{});
}

TEST(MandateTest, WhatIsNotUnderstoodIsNotGuessed) {
  for (const char* text :
       {"whatever it takes", "up to a lot", "up to 45.999 EUR", "contract over 12 months",
        "up to 45 a month but maybe more", "no contract over 500 months"}) {
    EXPECT_THAT(ParseMandate(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(MoneyTest, HasOneForm) {
  EXPECT_EQ(ParseMoney("39.9 EUR")->hundredths, 3990);
  EXPECT_EQ(ParseMoney("45 USD")->hundredths, 4500);
  EXPECT_EQ(FormatMoney({5, "EUR"}), "0.05 EUR");
  for (const char* bad : {"", "5", "EUR 5", "5 eur", "5. EUR", ".5 EUR", "-5 EUR", "1.234 EUR",
                          "99999999999999999999 EUR", "5 EURO", "1,5 EUR"}) {
    EXPECT_FALSE(ParseMoney(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace dragoman
