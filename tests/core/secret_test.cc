#include "dragoman/core/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>

namespace dragoman {
namespace {

TEST(SecretTest, PrintsAsStars) {
  std::ostringstream out;
  out << Secret("sk-very-secret") << Secret();
  EXPECT_EQ(out.str(), "******");
}

TEST(SecretTest, IsRevealedOnRequestOnly) {
  EXPECT_EQ(Secret("key").Reveal(), "key");
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(Secret("k").empty());
}

TEST(SecretTest, MatchesTheSameBytesAndNoOthers) {
  const Secret secret("abc");
  EXPECT_TRUE(secret.Matches("abc"));
  EXPECT_FALSE(secret.Matches("abd"));
  EXPECT_FALSE(secret.Matches("Abc"));
  EXPECT_FALSE(secret.Matches("ab"));
  EXPECT_FALSE(secret.Matches("abcd"));
  EXPECT_FALSE(secret.Matches(""));
}

TEST(SecretTest, DestructionOverwritesTheBytes) {
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  auto* secret = new (memory) Secret("short");  // short enough to live inside the string object
  const std::string before(reinterpret_cast<char*>(memory), sizeof(memory));
  ASSERT_NE(before.find("short"), std::string::npos);
  secret->~Secret();
  const volatile unsigned char* raw = memory;
  std::string after;
  for (size_t i = 0; i < sizeof(memory); ++i) after += static_cast<char>(raw[i]);
  EXPECT_EQ(after.find("short"), std::string::npos);
}

TEST(SecretTest, MovingLeavesNoBytesBehind) {
  Secret from("4711-pin");  // short enough to live inside the string object
  const Secret to(std::move(from));
  EXPECT_EQ(to.Reveal(), "4711-pin");
  const volatile unsigned char* raw = reinterpret_cast<const unsigned char*>(&from);
  std::string after;
  for (size_t i = 0; i < sizeof(from); ++i) after += static_cast<char>(raw[i]);
  EXPECT_EQ(after.find("4711"), std::string::npos);
  EXPECT_EQ(after.find("711-pin"), std::string::npos);

  std::string given = "5822-pin";
  const Secret taken(std::move(given));
  EXPECT_EQ(std::string(given.data(), 8).find("822-pin"), std::string::npos);
}

}  // namespace
}  // namespace dragoman
