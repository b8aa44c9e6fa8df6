#include "dragoman/providers/flite/rendered_speech.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using ::testing::HasSubstr;

class RenderedSpeechTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "dragoman-render-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    cache_ = {.directory = directory_ + "/a/b", .program = DRAGOMAN_FLITE_RENDER};
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(cache_.directory)) files.push_back(entry);
    return files;
  }

  std::string directory_;
  RenderCacheOptions cache_;
};

TEST_F(RenderedSpeechTest, IsRenderedOnceAndReadAfterwards) {
  const SpeechToRender speech{.text = "Hello, I am calling about Tuesday."};
  auto first = RenderSpeechCached(speech, cache_);
  auto second = RenderSpeechCached(speech, cache_);

  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(first->from_cache);
  EXPECT_TRUE(second->from_cache);
  EXPECT_EQ(first->samples, second->samples);
  EXPECT_GT(first->samples.size(), 8000u);
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(RenderedSpeechTest, SamplesAreThoseOfAFreshProcess) {
  const SpeechToRender speech{.text = "Hello."};
  auto first = RenderSpeechCached(speech, cache_);
  std::srand(1234);
  cache_.directory = directory_ + "/other";
  auto second = RenderSpeechCached(speech, cache_);

  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(second->from_cache);
  EXPECT_EQ(first->samples, second->samples);
}

TEST_F(RenderedSpeechTest, VoiceRateSpeedAndTextEachHaveTheirOwnFile) {
  const SpeechToRender base{.text = "Hello."};
  std::vector<SpeechToRender> all(5, base);
  all[1].text = "Hello?";
  all[2].voice = "slt";
  all[3].sample_rate_hz = 16000;
  all[4].speed_per_mille = 1200;
  for (const SpeechToRender& speech : all) {
    auto rendered = RenderSpeechCached(speech, cache_);
    ASSERT_THAT(rendered, IsOk());
    EXPECT_FALSE(rendered->from_cache);
  }
  EXPECT_EQ(Files().size(), all.size());
}

TEST_F(RenderedSpeechTest, ADamagedFileIsRenderedAnew) {
  const SpeechToRender speech{.text = "Hello."};
  ASSERT_THAT(RenderSpeechCached(speech, cache_), IsOk());
  std::ofstream(Files().at(0), std::ios::trunc) << "not a wave file";
  auto again = RenderSpeechCached(speech, cache_);

  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->from_cache);
  EXPECT_GT(again->samples.size(), 1000u);
}

TEST_F(RenderedSpeechTest, WhatCannotBeSpokenIsRefusedBeforeAnyChild) {
  cache_.program = "/no/such/program";
  EXPECT_THAT(RenderSpeechCached({.text = ""}, cache_),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("empty")));
  EXPECT_THAT(RenderSpeechCached({.text = "Hello.", .voice = "siri"}, cache_),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("siri")));
  EXPECT_THAT(RenderSpeechCached({.text = std::string("a\0b", 3)}, cache_),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("zero byte")));
}

TEST_F(RenderedSpeechTest, AMissingProgramIsNamed) {
  cache_.program = "/no/such/program";
  EXPECT_THAT(RenderSpeechCached({.text = "Hello."}, cache_),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("/no/such/program")));
}

TEST_F(RenderedSpeechTest, AChildThatFailsLeavesNoFile) {
  cache_.program = "/bin/false";
  EXPECT_THAT(RenderSpeechCached({.text = "Hello."}, cache_), StatusIs(StatusCode::kInternal));
  EXPECT_TRUE(Files().empty());
}

TEST_F(RenderedSpeechTest, AChildThatHangsIsEndedAtTheLimit) {
  const std::string script = directory_ + "/hang";
  std::ofstream(script) << "#!/bin/sh\nexec sleep 600\n";
  fs::permissions(script, fs::perms::owner_all);
  cache_.program = script;
  cache_.limit = std::chrono::milliseconds(50);
  EXPECT_THAT(RenderSpeechCached({.text = "Hello."}, cache_),
              StatusIs(StatusCode::kDeadlineExceeded, HasSubstr("50 ms")));
}

TEST_F(RenderedSpeechTest, ADirectoryThatCannotBeMadeIsNamed) {
  cache_.directory = "/proc/no/such";
  EXPECT_THAT(RenderSpeechCached({.text = "Hello."}, cache_),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("/proc/no/such")));
}

}  // namespace
}  // namespace dragoman
