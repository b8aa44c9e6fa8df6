#include <chrono>
#include <sstream>
#include <string>

#include "dragoman/core/text.h"
#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

MailEnvelope Envelope() {
  return {.from_address = "agent@Example.org",
          .mark = "d.0123abcd",
          .date = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(9) +
                  std::chrono::minutes(5)};
}
std::string Composed(const MailMessage& message, const MailEnvelope& envelope = Envelope()) {
  const auto bytes = ComposeMail(message, envelope);
  EXPECT_THAT(bytes, IsOk());
  return bytes.ok() ? *bytes : "";
}
std::string BodyOf(const std::string& bytes) { return bytes.substr(bytes.find("\r\n\r\n") + 4); }

// Names of fields are compared without case (RFC 5322 section 1.2.2).
TEST(ComposeTest, AnAsciiMailIsReadableAsItIs) {
  const std::string bytes = Composed({.to = {"anna@example.com", "b@example.com"},
                                      .cc = {"c@example.com"},
                                      .subject = "Appointment",
                                      .body = "Good morning,\n.\n\nTen o'clock is fine.",
                                      .in_reply_to = "<m42@example.com>"});
  for (const char* field :
       {"From: agent@Example.org\r\n", "To: anna@example.com, b@example.com\r\n",
        "Cc: c@example.com\r\n", "Subject: Appointment\r\n",
        "Date: Fri, 20 Nov 2026 09:05:00 +0000\r\n", "Message-Id: <d.0123abcd@example.org>\r\n",
        "In-Reply-To: <m42@example.com>\r\n", "References: <m42@example.com>\r\n",
        "Auto-Submitted: auto-generated\r\n", "X-Dragoman-Agent: d.0123abcd\r\n",
        "MIME-Version: 1.0\r\n", "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Transfer-Encoding: 7bit\r\n"}) {
    EXPECT_THAT(ToLowerAscii(bytes), HasSubstr(ToLowerAscii(field)));
  }
  EXPECT_EQ(BodyOf(bytes), "Good morning,\r\n.\r\n\r\nTen o'clock is fine.\r\n");
}

// In base64 R3LDvMOfZQ== is "Grüße" and TcO8bGxlcg== "Müller"; =C3=BC is "ü" in quoted-printable.
TEST(ComposeTest, CharactersBeyondAsciiAreEncodedInHeaderAndBody) {
  MailEnvelope envelope = Envelope();
  envelope.from_name = "Praxis Müller";
  const std::string bytes = Composed(
      {.to = {"a@example.com"}, .subject = "Grüße", .body = "Frau Müller,\r\neins = 1"}, envelope);
  EXPECT_THAT(ToLowerAscii(bytes), HasSubstr("subject: =?utf-8?b?r3ldvmofzq==?=\r\n"));
  EXPECT_THAT(ToLowerAscii(bytes), HasSubstr("=?utf-8?b?tco8bgxlcg==?= <agent@example.org>\r\n"));
  EXPECT_THAT(bytes, HasSubstr("Content-Transfer-Encoding: quoted-printable\r\n"));
  EXPECT_EQ(BodyOf(bytes), "Frau M=C3=BCller,\r\neins =3D 1\r\n");
}

// "世\r\n" is e4 b8 96 0d 0a: 5LiWDQo= in base64.
TEST(ComposeTest, TextThatIsMostlyBeyondAsciiIsBase64WithItsLineEnds) {
  EXPECT_EQ(BodyOf(Composed({.to = {"a@example.com"}, .subject = "s", .body = "世"})),
            "5LiWDQo=\r\n");
}

TEST(ComposeTest, EveryLineEndBecomesCrlfAndNoLineIsTooLong) {
  const std::string bytes = Composed({.to = {"a@example.com"},
                                      .subject = std::string(250, 's'),
                                      .body = "a\nb\rc\r\nd\n" + std::string(5000, 'y')});
  EXPECT_THAT(BodyOf(bytes), ::testing::StartsWith("a\r\nb\r\nc\r\nd\r\nyyy"));
  std::istringstream lines(bytes);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.ends_with('\r')) << line;
    EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(ComposeTest, AnEncodedWordInTheSubjectIsRefused) {
  EXPECT_THAT(ComposeMail({.to = {"a@example.com"},
                           .subject = "=?utf-8?q?=0d=0aBcc:_eve@example.org?=",
                           .body = "b"},
                          Envelope()),
              StatusIs(kInvalid, HasSubstr("encoded word")));
}

TEST(ComposeTest, TheEnvelopeIsCheckedToo) {
  const MailMessage mail{.to = {"a@example.com"}, .subject = "s", .body = "b"};
  MailEnvelope envelope = Envelope();
  envelope.from_name = "Anna\r\nBcc: eve@example.org";
  EXPECT_THAT(ComposeMail(mail, envelope), StatusIs(kInvalid, HasSubstr("from_name")));
  envelope = Envelope();
  envelope.from_address = "agent";
  EXPECT_THAT(ComposeMail(mail, envelope), StatusIs(kInvalid, HasSubstr("from_address")));
  envelope = Envelope();
  envelope.mark = "d>\r\n";
  EXPECT_THAT(ComposeMail(mail, envelope), StatusIs(kInvalid, HasSubstr("mark")));
}

TEST(ComposeTest, AMailWrittenByAPersonDoesNotSayThatAMachineDid) {
  MailEnvelope envelope = Envelope();
  envelope.automatic = false;
  EXPECT_THAT(Composed({.to = {"a@example.com"}, .subject = "s", .body = "b"}, envelope),
              Not(HasSubstr("Auto-Submitted")));
}

}  // namespace
}  // namespace dragoman
