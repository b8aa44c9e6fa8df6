#include "dragoman/store/secret_matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/core/base64.h"

namespace dragoman {
namespace {

std::unique_ptr<SecretMatcher> Matcher() {
  return MakeSecretMatcher({{"pin", Secret("4516")},
                            {"password", Secret("Hunter2-Zebra")},
                            {"card", Secret("4111 1111 1111 1234")},
                            {"code", Secret("440078")}});
}

std::string Found(std::string_view text, std::size_t from = 0) {
  std::string out;
  for (const SecretHit& hit : Matcher()->Find(text, from)) out += hit.handle + " ";
  return out;
}

TEST(SecretMatcherTest, FindsAValueHoweverItIsSpelled) {
  const std::pair<const char*, const char*> cases[] = {
      {"The PIN is 4516.", "pin "},
      {"It is 4 5 1 6.", "pin "},
      {"4-5-1-6", "pin "},
      {"four five one six", "pin "},
      {"Four, then five, and one, finally six.", "pin "},
      {"forty-five sixteen", "pin "},
      {"forty five one six", "pin "},
      {"four fifty-one six", "pin "},
      {"four thousand five hundred and sixteen", "pin "},
      {"forty-five hundred and sixteen", "pin "},
      {"six one five four", "pin "},
      {"6154 backwards", "pin "},
      {"for five won six", "pin "},
      {"vier f\xC3\xBCnf eins sechs", "pin "},
      {"cuatro cinco uno seis", "pin "},
      {"\xD9\xA4\xD9\xA5\xD9\xA1\xD9\xA6", "pin "},                  // Arabic-Indic
      {"\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x91\xEF\xBC\x96", "pin "},  // full width
      {"4\xE2\x80\x8B"
       "5\xE2\x80\x8B"
       "1\xE2\x80\x8B"
       "6",
       "pin "},  // zero width
      {"45l6", "pin "},
      {"NDUxNg==", "pin "},
      {"see %34%35%31%36", "pin "},
      {"&#52;&#53;&#49;&#54;", "pin "},
      {"34353136 in hex", "pin "},
      {"double four double oh seven eight", "code "},
      {"four four zero zero seven eight", "code "},
      {"hunter2 zebra", "password "},
      {"hunter two zebra", "password "},
      {"h u n t e r 2 z e b r a", "password "},
      {"hotel uniform november tango echo romeo two zulu echo bravo romeo alpha", "password "},
      {"h as in house, u, n for november, t, e, r, two, z", "password "},
      // One twin is read as y; the rest is long enough.
      {"h\xD1\x83nt\xD0\xB5r2z\xD0\xB5"
       "bra",
       "password "},
      {"hunt\xD0\xB5r2z\xD0\xB5"
       "br\xD0\xB0",
       "password "},
      {"arbez2retnuh", "password "},
      {"card four one one one, one one one one, one one", "card "},
      {"4111.1111.1111.1234", "card "},
      {"quadruple one then one one one one one two three four", "card "},
  };
  for (const auto& [text, handles] : cases) EXPECT_EQ(Found(text), handles) << text;
}

TEST(SecretMatcherTest, Base64IsFoundInEveryPhase) {
  for (const char* around : {"", "x", "xy", "xyz"}) {
    EXPECT_EQ(Found(EncodeBase64(std::string(around) + "Hunter2-Zebra" + around)), "password ")
        << around;
  }
}

TEST(SecretMatcherTest, OrdinaryTalkIsLeftAlone) {
  for (const char* text :
       {"", "I would like a table for two at half past five.",
        "The total is 45 euros and 10 cents.", "Call me at 415 555 0123 tomorrow.",
        "Your card ending in 1234 was charged.", "She has one dog, two cats and six fish.",
        "We open from nine to five.", "Order number 88231, placed on the fourth of May.",
        "A zebra is no hunter.", "Chapter 4, pages 5 to 16 of the book, were easy to read."}) {
    // The last one holds 4, 5 and 16: digits in a row with little between them are the value.
    if (std::string_view(text).starts_with("Chapter")) {
      EXPECT_EQ(Found(text), "pin ");
    } else {
      EXPECT_EQ(Found(text), "") << text;
    }
  }
}

TEST(SecretMatcherTest, WhatStandsBeforeIsContextOnly) {
  const std::string before = "The PIN begins with four five. ";
  EXPECT_EQ(Found(before + "Then one six.", before.size()), "pin ");
  EXPECT_EQ(Found("4516. Thank you.", 5), "");
}

TEST(SecretMatcherTest, TellsWhereAndHow) {
  const auto hits = Matcher()->Find("So: four five one six!");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].begin, 4u);
  EXPECT_EQ(hits[0].end, 21u);
}

TEST(SecretMatcherTest, ValuesThatAreTooShortAreNamedNotMatched) {
  std::vector<std::string> skipped;
  auto matcher = MakeSecretMatcher({{"cvv", Secret("123")}, {"pin", Secret("4516")}}, &skipped);
  EXPECT_THAT(skipped, testing::ElementsAre("cvv"));
  EXPECT_TRUE(matcher->Find("one two three").empty());
}

TEST(SecretMatcherTest, AnyBytesAreTaken) {
  EXPECT_EQ(Found("\xff\xfe\x80 4516 \xf0\x9f"), "pin ");
  EXPECT_EQ(Found(std::string("45\0"
                              "16",
                              5)),
            "pin ");
  EXPECT_EQ(Found("%4"), "");
  EXPECT_EQ(Found("&#"), "");
}

std::vector<std::string> Stretches(const SecretMatcher& matcher, const std::string& handle,
                                   const std::string& text, std::size_t least) {
  std::vector<std::string> found;
  for (const SecretHit& hit : matcher.FindAll(handle, text, 0, least)) {
    EXPECT_EQ(hit.handle, "vault:" + handle);
    found.push_back(text.substr(hit.begin, hit.end - hit.begin));
  }
  return found;
}

TEST(SecretMatcherTest, AStretchOfAValueGoesAsFarAsItSpellsIt) {
  const auto matcher = MakeSecretMatcher(
      {{"vault:card", Secret("4111111111111112")}, {"vault:pin", Secret("4271")}});
  EXPECT_THAT(Stretches(*matcher, "card", "it is 4111 1111 1111 1112 ok", 0),
              testing::Contains("4111 1111 1111 1112"));
  EXPECT_THAT(Stretches(*matcher, "pin", "it is 4111 1111 1111 1112 ok", 0), testing::IsEmpty());
  EXPECT_THAT(Stretches(*matcher, "pin", "4271 and four two seven one", 0),
              testing::AllOf(testing::Contains("4271"), testing::Contains("four two seven one")));
}

TEST(SecretMatcherTest, PartsOfAValueCountWhereTheyAreAskedFor) {
  const auto matcher =
      MakeSecretMatcher({{"vault:pin", Secret("4271")}, {"vault:answer", Secret("correct horse")}});
  EXPECT_THAT(Stretches(*matcher, "pin", "so four two", 2), testing::Contains("four two"));
  EXPECT_THAT(Stretches(*matcher, "pin", "so four two", 3), testing::IsEmpty());
  EXPECT_THAT(Stretches(*matcher, "pin", "at ten thirty", 2), testing::IsEmpty());
  EXPECT_THAT(Stretches(*matcher, "answer", "was it correct", 2), testing::Contains("correct"));
  EXPECT_THAT(Stretches(*matcher, "answer", "a house", 2), testing::IsEmpty());
}

}  // namespace
}  // namespace dragoman
