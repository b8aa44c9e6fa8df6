#include "dragoman/llm/hashed_embedding_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::size_t kShortestPiece = 3;
constexpr std::size_t kLongestPiece = 5;
constexpr double kWholeWord = 1.0;
constexpr double kPieces = 1.0;         // all pieces of a word together
constexpr double kFunctionWord = 0.15;  // of what another word counts

// The most frequent words of English, which say little about what a text is about. Sorted.
constexpr std::array<std::string_view, 48> kFunctionWords = {
    "a",     "an",   "and",  "are",  "as",  "at",  "be",   "but",  "by",   "can",  "do",   "for",
    "from",  "had",  "has",  "have", "he",  "her", "his",  "i",    "if",   "in",   "is",   "it",
    "its",   "me",   "my",   "not",  "of",  "on",  "or",   "our",  "she",  "so",   "that", "the",
    "their", "they", "this", "to",   "was", "we",  "were", "what", "will", "with", "you",  "your"};
static_assert(std::is_sorted(kFunctionWords.begin(), kFunctionWords.end()));

std::uint64_t Mix(std::uint64_t x) {  // the finisher of SplitMix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return Mix(hash);
}

void Add(std::string_view feature, double weight, std::vector<double>& sum) {
  const std::uint64_t hash = Hash(feature);
  sum[hash % sum.size()] += (hash >> 63) != 0 ? weight : -weight;
}

// Where characters begin, and the end.
std::vector<std::size_t> CharacterBorders(std::string_view word) {
  std::vector<std::size_t> borders;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xc0) != 0x80) borders.push_back(i);
  }
  borders.push_back(word.size());
  return borders;
}

void AddWord(std::string_view word, std::vector<double>& sum) {
  const bool function_word = std::binary_search(kFunctionWords.begin(), kFunctionWords.end(), word);
  const double weight = function_word ? kFunctionWord : 1.0;
  Add(StrCat("=", word), weight * kWholeWord, sum);
  const std::string marked = StrCat("<", word, ">");  // beginnings and ends differ from middles
  const std::vector<std::size_t> borders = CharacterBorders(marked);
  const std::size_t characters = borders.size() - 1;
  std::vector<std::string_view> pieces;
  for (std::size_t length = kShortestPiece; length <= kLongestPiece; ++length) {
    for (std::size_t at = 0; at + length <= characters; ++at) {
      pieces.push_back(
          std::string_view(marked).substr(borders[at], borders[at + length] - borders[at]));
    }
  }
  for (std::string_view piece : pieces) {
    Add(piece, weight * kPieces / std::sqrt(static_cast<double>(pieces.size())), sum);
  }
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<float> Embed(std::string_view text, int dimensions) {
  std::vector<double> sum(static_cast<std::size_t>(dimensions));
  const std::string lower = ToLowerAscii(text);
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= lower.size(); ++i) {
    if (i < lower.size() && IsWordByte(lower[i])) continue;
    if (i > begin) AddWord(std::string_view(lower).substr(begin, i - begin), sum);
    begin = i + 1;
  }
  double square = 0;
  for (double x : sum) square += x * x;
  if (square < 1e-12) {  // no word in it, or all cancelled out: the text as it stands
    Add(StrCat("#", lower), 1.0, sum);
    square = 0;
    for (double x : sum) square += x * x;
  }
  std::vector<float> vector;
  vector.reserve(sum.size());
  for (double x : sum) vector.push_back(static_cast<float>(x / std::sqrt(square)));
  return vector;
}

// The work is done inside Embed of the model: 20 microseconds a sentence.
class HashedCall : public EmbeddingCall {
 public:
  HashedCall(EmbeddingResult result, Executor& executor, EmbeddingModel::OnDone on_done)
      : result_(std::move(result)), on_done_(std::move(on_done)) {
    executor.Post(lifetime_.Wrap([this] {
      EmbeddingModel::OnDone on_done = std::move(on_done_);  // which may destroy this
      if (cancelled_) {
        on_done(Cancelled());
      } else {
        on_done(std::move(result_));
      }
    }));
  }
  void Cancel() override { cancelled_ = true; }

 private:
  EmbeddingResult result_;
  EmbeddingModel::OnDone on_done_;
  bool cancelled_ = false;
  Lifetime lifetime_;
};

class HashedEmbeddingModel : public EmbeddingModel {
 public:
  explicit HashedEmbeddingModel(const HashedEmbeddingOptions& options)
      : options_(options), name_(StrCat("hashed-subwords-1:", options.dimensions)) {}

  absl::StatusOr<std::unique_ptr<EmbeddingCall>> Embed(std::vector<std::string> texts,
                                                       Executor& executor,
                                                       OnDone on_done) override {
    if (texts.empty() || texts.size() > static_cast<std::size_t>(max_batch())) {
      return InvalidArgument("texts has ", texts.size(), " entries; expected 1 to ", max_batch());
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].empty()) return InvalidArgument("texts[", i, "] is empty");
      if (!IsValidUtf8(texts[i])) return InvalidArgument("texts[", i, "] is not valid UTF-8");
    }
    EmbeddingResult result;
    for (const std::string& text : texts) {
      result.vectors.push_back(dragoman::Embed(text, options_.dimensions));
    }
    return std::unique_ptr<EmbeddingCall>(
        new HashedCall(std::move(result), executor, std::move(on_done)));
  }
  int dimensions() const override { return options_.dimensions; }
  int max_batch() const override { return options_.max_batch; }
  std::string_view name() const override { return name_; }

 private:
  const HashedEmbeddingOptions options_;
  const std::string name_;
};

}  // namespace

absl::Status HashedEmbeddingOptions::Validate() const {
  if (dimensions < 16 || dimensions > 16'384) {
    return InvalidArgument("dimensions is ", dimensions, "; expected 16 to 16384");
  }
  if (max_batch < 1 || max_batch > 65'536) {
    return InvalidArgument("max_batch is ", max_batch, "; expected 1 to 65536");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<EmbeddingModel>> MakeHashedEmbeddingModel(
    const HashedEmbeddingOptions& options) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<EmbeddingModel>(new HashedEmbeddingModel(options));
}

float CosineSimilarity(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return 0;
  double dot = 0;
  double square_a = 0;
  double square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    square_a += static_cast<double>(a[i]) * a[i];
    square_b += static_cast<double>(b[i]) * b[i];
  }
  const double length = std::sqrt(square_a) * std::sqrt(square_b);
  return length > 0 ? static_cast<float>(dot / length) : 0;
}

}  // namespace dragoman
