#include "src/providers/pocketsphinx/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "dragoman/core/work_pool.h"
#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "src/providers/pocketsphinx/pronunciation.h"

namespace dragoman::pocketsphinx {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kModel[] = "/usr/share/pocketsphinx/model/en-us";

// A copy of the model by links, in which single files can be spoilt.
class ModelFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "dragoman-model-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    fs::create_directory(directory_ / "en-us");
    for (const auto& entry : fs::recursive_directory_iterator(kModel)) {
      if (!entry.is_regular_file()) continue;
      fs::create_symlink(entry.path(), directory_ / fs::relative(entry.path(), kModel));
    }
  }
  void TearDown() override { fs::remove_all(directory_); }

  void Replace(const std::string& file, const std::string& content) {
    fs::remove(directory_ / file);
    std::ofstream(directory_ / file, std::ios::binary) << content;
  }

  fs::path directory_;
};

TEST_F(ModelFilesTest, TheInstalledModelIsTheOneWeKnow) {
  EXPECT_THAT(CheckPocketSphinxModel(kModel), IsOk());
  EXPECT_THAT(CheckPocketSphinxModel(directory_.string()), IsOk());
}

TEST_F(ModelFilesTest, AMissingFileIsNamedWithWhatToInstall) {
  fs::remove(directory_ / "en-us/means");
  EXPECT_THAT(CheckPocketSphinxModel(directory_.string()),
              StatusIs(StatusCode::kNotFound,
                       AllOf(HasSubstr("en-us/means"), HasSubstr("pocketsphinx-en-us"))));
}

TEST_F(ModelFilesTest, ATruncatedFileIsNamedWithItsSize) {
  Replace("en-us/mdef", "BMDF");
  EXPECT_THAT(CheckPocketSphinxModel(directory_.string()),
              StatusIs(StatusCode::kDataLoss,
                       AllOf(HasSubstr("en-us/mdef has 4 bytes"), HasSubstr("2959176"))));
}

TEST_F(ModelFilesTest, AFlippedByteIsFound) {
  std::ifstream original(std::string(kModel) + "/en-us/transition_matrices", std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(original)), {});
  content[1000] = static_cast<char>(content[1000] ^ 1);
  Replace("en-us/transition_matrices", content);
  EXPECT_THAT(CheckPocketSphinxModel(directory_.string()),
              StatusIs(StatusCode::kDataLoss, HasSubstr("SHA-256")));
}

TEST_F(ModelFilesTest, ARecognizerIsNotMadeFromABadModel) {
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  EXPECT_THAT(MakePocketSphinxRecognizer({.model_directory = "/no/such"}, {.pool = &pool}).status(),
              StatusIs(StatusCode::kNotFound, HasSubstr("/no/such")));
  Replace("en-us.lm.bin", "");
  EXPECT_THAT(MakePocketSphinxRecognizer({.model_directory = directory_.string()}, {.pool = &pool})
                  .status(),
              StatusIs(StatusCode::kDataLoss, HasSubstr("en-us.lm.bin")));
}

TEST(PronunciationTest, WordsOutsideTheDictionaryAreSpelledInItsPhones) {
  // CMUdict 0.7b: "smith" S M IH1 TH, "apple" AE1 P AH0 L.
  EXPECT_EQ(PronounceWord("smith"), "S M IH TH");
  EXPECT_EQ(PronounceWord("apple"), "AE P AH L");
  // By rule: it begins with a vowel and ends as it is written.
  const std::string okafor = PronounceWord("okafor");
  EXPECT_THAT(okafor, AllOf(HasSubstr("K"), HasSubstr("F"), ::testing::EndsWith("R")));
  EXPECT_EQ(PronounceWord("12 !"), "");
}

TEST(PronunciationTest, OnlyPhonesOfTheModelAppear) {
  const std::string known =
      " AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW "
      "V "
      "W Y Z ZH ";
  for (const char* word :
       {"kowalski", "xylqzt", "nguyen", "szczepanski", "aaaa", "o'brien", "zhou"}) {
    std::string phones = PronounceWord(word) + " ";
    EXPECT_GT(phones.size(), 2u) << word;
    for (std::size_t at = 0; at < phones.size();) {
      const std::size_t end = phones.find(' ', at);
      EXPECT_THAT(known, HasSubstr(" " + phones.substr(at, end - at) + " ")) << word;
      at = end + 1;
    }
  }
}

}  // namespace
}  // namespace dragoman::pocketsphinx
