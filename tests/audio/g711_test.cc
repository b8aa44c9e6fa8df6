#include "dragoman/audio/g711.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace dragoman {
namespace {

// Tables computed from the formulas of ITU-T G.711 and compared with Python's audioop; see
// tests/audio/data/g711-tables.json.
const nlohmann::json& Vectors() {
  static const nlohmann::json vectors = [] {
    std::ifstream file(DRAGOMAN_SOURCE_DIR "/tests/audio/data/g711-tables.json");
    return nlohmann::json::parse(file);
  }();
  return vectors;
}

std::string Sha256(const void* data, size_t size) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(static_cast<const unsigned char*>(data), size, digest.data());
  std::string hex;
  for (unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::vector<std::uint8_t> AllCodes() {
  std::vector<std::uint8_t> codes(256);
  std::iota(codes.begin(), codes.end(), 0);
  return codes;
}

std::vector<std::int16_t> AllSamples() {
  std::vector<std::int16_t> samples;
  for (int i = -32768; i <= 32767; ++i) samples.push_back(static_cast<std::int16_t>(i));
  return samples;
}

TEST(G711Test, EveryMulawCodeDecodesAsTheTableSays) {
  std::vector<std::int16_t> decoded(256);
  DecodeMulaw(AllCodes(), decoded);
  EXPECT_EQ(decoded, Vectors().at("ulaw_decode_s16").get<std::vector<std::int16_t>>());
}

TEST(G711Test, EveryAlawCodeDecodesAsTheTableSays) {
  std::vector<std::int16_t> decoded(256);
  DecodeAlaw(AllCodes(), decoded);
  EXPECT_EQ(decoded, Vectors().at("alaw_decode_s16").get<std::vector<std::int16_t>>());
}

TEST(G711Test, EverySampleEncodesToTheMulawOfTheReference) {
  std::vector<std::uint8_t> encoded(65536);
  EncodeMulaw(AllSamples(), encoded);
  EXPECT_EQ(
      Sha256(encoded.data(), encoded.size()),
      Vectors().at("sha256").at("ulaw_encode_of_-32768..32767_65536_bytes").get<std::string>());
}

TEST(G711Test, EverySampleEncodesToTheAlawOfTheReference) {
  std::vector<std::uint8_t> encoded(65536);
  EncodeAlaw(AllSamples(), encoded);
  EXPECT_EQ(
      Sha256(encoded.data(), encoded.size()),
      Vectors().at("sha256").at("alaw_encode_of_-32768..32767_65536_bytes").get<std::string>());
}

TEST(G711Test, SingleSamplesEncodeAsPublished) {
  for (const auto& row : Vectors().at("encode_samples")) {
    const auto sample = row.at("pcm16").get<std::int16_t>();
    EXPECT_EQ(EncodeMulaw(sample), row.at("ulaw").get<int>()) << sample;
    EXPECT_EQ(EncodeAlaw(sample), row.at("alaw").get<int>()) << sample;
  }
}

TEST(G711Test, EveryCodeSurvivesARoundTripExceptMulawsNegativeZero) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    EXPECT_EQ(EncodeAlaw(DecodeAlaw(byte)), byte);
    EXPECT_EQ(EncodeMulaw(DecodeMulaw(byte)), code == 0x7f ? 0xff : byte);
  }
}

TEST(G711Test, SilenceBytesAreSilent) {
  EXPECT_EQ(DecodeMulaw(kMulawSilence), 0);
  EXPECT_EQ(DecodeAlaw(kAlawSilence), 8);
}

TEST(G711Test, ABlockLeavesTheRestOfTheOutputAlone) {
  std::vector<std::uint8_t> codes(33, 0x80);
  std::vector<std::int16_t> out(40, 7);
  DecodeMulaw(codes, out);
  EXPECT_EQ(out[32], 32124);
  EXPECT_THAT(std::vector(out.begin() + 33, out.end()), testing::Each(7));
}

}  // namespace
}  // namespace dragoman
