#include "src/providers/mail/smtp_reply.h"

#include <string>

#include "gtest/gtest.h"

namespace dragoman {
namespace {

TEST(SmtpReplyTest, AReplyOfOneLineHasCodeAndText) {
  SmtpReplyReader reader;
  const auto reply = reader.Take("250 2.0.0 queued as 4XEXAMPLE\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->code, 250);
  EXPECT_EQ(reply->text, "2.0.0 queued as 4XEXAMPLE");
}

TEST(SmtpReplyTest, TheLinesOfOneReplyAreJoined) {
  SmtpReplyReader reader;
  EXPECT_FALSE(reader.Take("250-mx.example.com"));
  EXPECT_FALSE(reader.Take("250-SIZE 35882577"));
  const auto reply = reader.Take("250 STARTTLS");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "mx.example.com SIZE 35882577 STARTTLS");
}

TEST(SmtpReplyTest, ACodeAloneIsAReply) {
  SmtpReplyReader reader;
  const auto reply = reader.Take("354");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->code, 354);
  EXPECT_EQ(reply->text, "");
}

TEST(SmtpReplyTest, WhatIsNoReplyLineIsNoReplyAndEndsWhatWasBegun) {
  SmtpReplyReader reader;
  for (const char* line : {"", "25", "25x ok", "150 ok", "650 ok", "250ok", "hello"}) {
    EXPECT_FALSE(reader.Take(line)) << line;
  }
  EXPECT_FALSE(reader.Take("550-first"));
  EXPECT_FALSE(reader.Take("junk"));
  const auto reply = reader.Take("550 second");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "second");
}

TEST(SmtpReplyTest, TextIsBoundedAndPrintable) {
  SmtpReplyReader reader;
  const auto reply = reader.Take("550 a\x1b[31m\xc3\xa9" + std::string(1000, 'x'));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text.size(), SmtpReply::kMostText);
  EXPECT_EQ(reply->text.substr(0, 8), "a?[31m??");
}

TEST(SmtpReplyTest, ManyLinesAreBoundedToo) {
  SmtpReplyReader reader;
  for (int i = 0; i < 1000; ++i) reader.Take("250-" + std::string(100, 'x'));
  const auto reply = reader.Take("250 y");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text.size(), SmtpReply::kMostText);
}

}  // namespace
}  // namespace dragoman
