#include "dragoman/core/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "dragoman/core/random.h"

namespace dragoman {
namespace {

using testing::Eq;
using testing::Optional;

struct Vector {
  const char* bytes;
  const char* text;
};
constexpr Vector kRfc4648[] = {
    // section 10
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64Test, PublishedVectorsBothWays) {
  for (const Vector& vector : kRfc4648) {
    EXPECT_EQ(EncodeBase64(std::string_view(vector.bytes)), vector.text);
    EXPECT_THAT(DecodeBase64(std::string_view(vector.text)), Optional(Eq(vector.bytes)));
  }
}

TEST(Base64Test, TheWholeAlphabetIsInItsPlace) {
  // 0x00 0x10 0x83 ... is 0, 1, 2, ... 63 in groups of six bits.
  std::string bytes;
  for (int i = 0; i < 64; i += 4) {
    const int bits = i << 18 | (i + 1) << 12 | (i + 2) << 6 | (i + 3);
    bytes += static_cast<char>(bits >> 16);
    bytes += static_cast<char>(bits >> 8);
    bytes += static_cast<char>(bits);
  }
  EXPECT_EQ(EncodeBase64(std::string_view(bytes)),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

TEST(Base64Test, EveryLengthSurvivesARoundTrip) {
  SeededRandom random(1);
  for (size_t size = 0; size < 700; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(random.Next());
    const std::string text = EncodeBase64(std::string_view(bytes));
    EXPECT_EQ(text.size(), Base64EncodedSize(size));
    EXPECT_THAT(DecodeBase64(std::string_view(text)), Optional(Eq(bytes)));
  }
}

TEST(Base64Test, EveryCharacterOutsideTheAlphabetIsRefusedInEveryPlace) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string good = EncodeBase64(std::string_view("thirty-two bytes of some payload"));
  for (size_t place = 0; place < good.size() - 4; ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text = good;
      text[place] = static_cast<char>(c);
      const bool valid = alphabet.find(static_cast<char>(c)) != std::string::npos;
      EXPECT_EQ(DecodeBase64(std::string_view(text)).has_value(), valid) << place << " " << c;
    }
  }
}

TEST(Base64Test, WrongLengthsAreRefused) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9vY", "Zm9vYg", "Zm9vYg="}) {
    EXPECT_FALSE(DecodeBase64(std::string_view(text)).has_value()) << text;
  }
}

TEST(Base64Test, PaddingElsewhereThanAtTheEndIsRefused) {
  for (const char* text : {"====", "Z===", "Zg==Zg==", "=g==", "Zm=v", "Zm=vZm9v", "Z=9v"}) {
    EXPECT_FALSE(DecodeBase64(std::string_view(text)).has_value()) << text;
  }
}

TEST(Base64Test, UnusedBitsMustBeZero) {
  EXPECT_TRUE(DecodeBase64(std::string_view("Zg==")).has_value());
  EXPECT_FALSE(DecodeBase64(std::string_view("Zh==")).has_value());
  EXPECT_TRUE(DecodeBase64(std::string_view("Zm8=")).has_value());
  EXPECT_FALSE(DecodeBase64(std::string_view("Zm9=")).has_value());
}

TEST(Base64Test, WhiteSpaceAndTheUrlAlphabetAreRefused) {
  for (const char* text : {"Zm9v\n", "Zm 9v===", "Zm9-", "Zm9_", " Zm9"}) {
    EXPECT_FALSE(DecodeBase64(std::string_view(text)).has_value()) << text;
  }
}

TEST(Base64Test, AnOutputThatIsTooSmallIsRefused) {
  std::array<std::uint8_t, 2> two;
  EXPECT_FALSE(DecodeBase64("Zm9v", two).has_value());
  EXPECT_THAT(DecodeBase64("Zm8=", two), Optional(Eq(2u)));
  std::array<char, 3> three;
  EXPECT_EQ(EncodeBase64(two, three), 0u);
}

TEST(Base64Test, NothingIsWrittenBehindTheResult) {
  std::vector<char> text(12, '#');
  const std::array<std::uint8_t, 4> bytes = {1, 2, 3, 4};
  EXPECT_EQ(EncodeBase64(bytes, text), 8u);
  EXPECT_EQ(std::string(text.begin() + 8, text.end()), "####");
  std::vector<std::uint8_t> out(8, 0x55);
  EXPECT_THAT(DecodeBase64("AQIDBA==", out), Optional(Eq(4u)));
  EXPECT_EQ(out, (std::vector<std::uint8_t>{1, 2, 3, 4, 0x55, 0x55, 0x55, 0x55}));
}

}  // namespace
}  // namespace dragoman
