// One PocketSphinx decoder: cepstra in, words with their frames out.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_DECODER_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_DECODER_H_

#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "src/providers/pocketsphinx/jsgf.h"
#include "src/providers/pocketsphinx/model_files.h"
#include "src/providers/pocketsphinx/phone_band.h"
#include "src/providers/pocketsphinx/speech_mixture.h"

struct ps_decoder_s;

namespace dragoman::pocketsphinx {

// A word, or a filler when `text` is empty.
struct Segment {
  std::string text;
  int first_frame = 0;
  int last_frame = 0;
  int acoustic = 0;  // score of the acoustic model, the library's log units, at most 0
};

struct Hypothesis {
  std::string text;  // empty: nothing in the search space fits
  std::vector<Segment> segments;
};

// Which words are searched for.
struct SearchSpace {
  std::string name;  // the library's; empty: none chosen
};

// One thread at a time, any thread. No result depends on what was decoded before: cepstra come with
// their mean taken off, and nothing else is carried over.
class Decoder {
 public:
  static constexpr int kMaxGrammars = 24;  // kept ready; the least recently used goes

  // `files` were checked. `map`: the model is turned into one of the phone's band, which wants
  // cepstra of kPhoneBands; null: it stays as it is. Blocks: 0.3 s.
  static absl::StatusOr<std::unique_ptr<Decoder>> Load(const ModelFiles& files,
                                                       const PhoneBandMap* map);

  // Words that the dictionary lacks are added by letter to sound. kInvalidArgument: not a grammar
  // that can be decoded.
  absl::StatusOr<SearchSpace> Grammar(std::string_view jsgf);
  SearchSpace General() const { return {"general"}; }  // trigrams of general English
  SearchSpace Phones() const { return {"phones"}; }    // any phone after any: what fits best at all

  Hypothesis Decode(const SearchSpace& space, std::span<const Cepstrum> cepstra);

  // The same, bit by bit: Partial tells the best so far.
  void Begin(const SearchSpace& space);
  void Feed(std::span<const Cepstrum> cepstra);
  std::string Partial();
  void End();  // idempotent

 private:
  struct Free {
    void operator()(ps_decoder_s* decoder) const;
  };
  explicit Decoder(ps_decoder_s* decoder) : decoder_(decoder) {}
  absl::Status AddPhoneLoop();
  absl::Status AddMissingWords(const CheckedGrammar& grammar);
  std::string PronunciationOf(const std::string& word);
  std::string Lookup(const std::string& word);

  std::unique_ptr<ps_decoder_s, Free> decoder_;
  std::list<std::pair<std::string, SearchSpace>> grammars_;  // by text, most recently used first
  int made_ = 0;
  bool in_utterance_ = false;
};

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_DECODER_H_
