#include "src/providers/pocketsphinx/decoder.h"

extern "C" {
#include <pocketsphinx.h>
#include <sphinxbase/err.h>
}

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/pocketsphinx/pronunciation.h"

namespace dragoman::pocketsphinx {
namespace {

constexpr std::array<std::string_view, 39> kPhones = {
    "AA", "AE", "AH", "AO", "AW", "AY", "B",  "CH", "D", "DH", "EH", "ER", "EY",
    "F",  "G",  "HH", "IH", "IY", "JH", "K",  "L",  "M", "N",  "NG", "OW", "OY",
    "P",  "R",  "S",  "SH", "T",  "TH", "UH", "UW", "V", "W",  "Y",  "Z",  "ZH"};

// "okay(2)" is a second way to say "okay".
std::string WordOf(std::string_view entry) {
  const std::size_t variant = entry.find('(');
  if (entry.empty() || entry[0] == '<' || entry[0] == '[' || entry[0] == '+' || variant == 0) {
    return "";
  }
  return std::string(entry.substr(0, variant));
}

// For a library that reads only from paths.
class UnnamedFile {
 public:
  static absl::StatusOr<UnnamedFile> Create(std::string_view content) {
    UnnamedFile file(memfd_create("dragoman", MFD_CLOEXEC));
    if (file.descriptor_ < 0) return Internal("pocketsphinx: memfd_create failed: errno ", errno);
    while (!content.empty()) {
      const ssize_t written = write(file.descriptor_, content.data(), content.size());
      if (written <= 0) return Internal("pocketsphinx: writing to memory failed: errno ", errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    return file;
  }
  UnnamedFile(UnnamedFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  UnnamedFile& operator=(UnnamedFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~UnnamedFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  std::string path() const { return StrCat("/proc/self/fd/", descriptor_); }

 private:
  explicit UnnamedFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace

void Decoder::Free::operator()(ps_decoder_s* decoder) const { ps_free(decoder); }

absl::StatusOr<std::unique_ptr<Decoder>> Decoder::Load(const ModelFiles& files,
                                                       const PhoneBandMap* map) {
  err_set_logfp(nullptr);  // of the whole process: the library has no other way to be quiet
  std::vector<std::string> arguments = {"dragoman", "-hmm", files.acoustic, "-dict",
                                        files.dictionary, "-cmn", "none",
                                        // Scores of two searches compare only when both are
                                        // relative to the best of all senones.
                                        "-compallsen", "yes"};
  std::optional<UnnamedFile> mllr;
  if (map != nullptr) {
    DRAGOMAN_ASSIGN_OR_RETURN(mllr, UnnamedFile::Create(MllrText(*map)));
    arguments.insert(arguments.end(), {"-mllr", mllr->path()});
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  cmd_ln_t* config =
      cmd_ln_parse_r(nullptr, ps_args(), static_cast<int>(argv.size()), argv.data(), TRUE);
  if (config == nullptr) return Internal("pocketsphinx: its options were refused");
  ps_decoder_t* raw = ps_init(config);
  cmd_ln_free_r(config);
  if (raw == nullptr)
    return Internal("pocketsphinx: the decoder did not start on ", files.acoustic);
  std::unique_ptr<Decoder> decoder(new Decoder(raw));
  // The model's feat.params overrules the option with a mean carried over utterances and calls.
  ps_get_feat(raw)->cmn = CMN_NONE;
  // Each search reads the penalties when it is made: this one with the library's own.
  if (ps_set_lm_file(raw, "general", files.language.c_str()) < 0) {
    return Internal("pocketsphinx: ", files.language, " was refused");
  }
  DRAGOMAN_RETURN_IF_ERROR(decoder->AddPhoneLoop());
  // Grammars of letters and digits would fill every breath with one more of them: words cost more,
  // pauses less, than in running text. Found on synthetic voices (docs/local-speech.md).
  cmd_ln_set_float_r(ps_get_config(raw), "-wip", 0.03);
  cmd_ln_set_float_r(ps_get_config(raw), "-silprob", 0.05);
  return decoder;
}

absl::Status Decoder::AddPhoneLoop() {
  std::string grammar = "#JSGF V1.0;\ngrammar phones;\npublic <phones> = (";
  for (std::size_t i = 0; i < kPhones.size(); ++i) {
    const std::string phone(kPhones[i]);
    const std::string word = "_phone_" + phone;
    if (ps_add_word(decoder_.get(), word.c_str(), phone.c_str(), FALSE) < 0) {
      return Internal("pocketsphinx: phone ", phone, " was refused");
    }
    grammar += (i == 0 ? "" : " | ") + word;
  }
  grammar += ")+;\n";
  if (ps_set_jsgf_string(decoder_.get(), "phones", grammar.c_str()) < 0) {
    return Internal("pocketsphinx: the phone loop was refused");
  }
  return absl::OkStatus();
}

std::string Decoder::Lookup(const std::string& word) {
  char* phones = ps_lookup_word(decoder_.get(), word.c_str());
  std::string out = phones == nullptr ? "" : phones;
  std::free(phones);
  return out;
}

// "x-ray" and "twenty_one" by their parts, which the dictionary may have.
std::string Decoder::PronunciationOf(const std::string& word) {
  std::string out;
  for (std::size_t begin = 0; begin <= word.size();) {
    const std::size_t end = std::min(word.find_first_of("-_", begin), word.size());
    const std::string part = word.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty()) continue;
    std::string phones = Lookup(part);
    if (phones.empty()) phones = PronounceWord(part);
    if (phones.empty()) return "";
    out += (out.empty() ? "" : " ") + phones;
  }
  return out;
}

absl::Status Decoder::AddMissingWords(const CheckedGrammar& grammar) {
  for (const std::string& word : grammar.words) {
    if (!Lookup(word).empty()) continue;
    const std::string phones = PronunciationOf(word);
    if (phones.empty() || ps_add_word(decoder_.get(), word.c_str(), phones.c_str(), FALSE) < 0) {
      return InvalidArgument("pocketsphinx: grammar word \"", word,
                             "\" is not in the dictionary and cannot be pronounced");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SearchSpace> Decoder::Grammar(std::string_view jsgf) {
  for (auto it = grammars_.begin(); it != grammars_.end(); ++it) {
    if (it->first != jsgf) continue;
    grammars_.splice(grammars_.begin(), grammars_, it);
    return grammars_.front().second;
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const CheckedGrammar checked, CheckGrammar(jsgf));
  DRAGOMAN_RETURN_IF_ERROR(AddMissingWords(checked));
  End();
  const SearchSpace space{StrCat("grammar", made_++)};
  if (ps_set_jsgf_string(decoder_.get(), space.name.c_str(), checked.text.c_str()) < 0) {
    return InvalidArgument("pocketsphinx: the grammar was refused by the decoder");
  }
  grammars_.emplace_front(std::string(jsgf), space);
  if (grammars_.size() > kMaxGrammars) {
    ps_set_search(decoder_.get(), "phones");  // never the one that goes
    ps_unset_search(decoder_.get(), grammars_.back().second.name.c_str());
    grammars_.pop_back();
  }
  return space;
}

void Decoder::Begin(const SearchSpace& space) {
  End();
  ps_set_search(decoder_.get(), space.name.c_str());
  ps_start_stream(decoder_.get());
  in_utterance_ = ps_start_utt(decoder_.get()) == 0;
}

void Decoder::Feed(std::span<const Cepstrum> cepstra) {
  if (!in_utterance_ || cepstra.empty()) return;
  // The library takes rows that it may write to.
  std::vector<Cepstrum> rows(cepstra.begin(), cepstra.end());
  std::vector<mfcc_t*> pointers;
  for (Cepstrum& row : rows) pointers.push_back(row.data());
  mfcc_t** at = pointers.data();
  int left = static_cast<int>(pointers.size());
  while (left > 0) {
    // At most what its ring takes at a time; it consumes all that it is given.
    const int batch = std::min(left, 64);
    if (ps_process_cep(decoder_.get(), at, batch, FALSE, FALSE) < 0) return;
    at += batch;
    left -= batch;
  }
}

std::string Decoder::Partial() {
  if (!in_utterance_) return "";
  const char* text = ps_get_hyp(decoder_.get(), nullptr);
  return text == nullptr ? "" : text;
}

void Decoder::End() {
  if (!in_utterance_) return;
  ps_end_utt(decoder_.get());
  in_utterance_ = false;
}

Hypothesis Decoder::Decode(const SearchSpace& space, std::span<const Cepstrum> cepstra) {
  Hypothesis hypothesis;
  Begin(space);
  Feed(cepstra);
  End();
  const char* text = ps_get_hyp(decoder_.get(), nullptr);
  if (text == nullptr) return hypothesis;
  for (ps_seg_t* at = ps_seg_iter(decoder_.get()); at != nullptr; at = ps_seg_next(at)) {
    const char* entry = ps_seg_word(at);
    if (entry == nullptr || std::string_view(entry) == "(NULL)") continue;
    Segment segment{.text = WordOf(entry)};
    int language = 0;
    int backoff = 0;
    ps_seg_frames(at, &segment.first_frame, &segment.last_frame);
    ps_seg_prob(at, &segment.acoustic, &language, &backoff);
    if (!segment.text.empty()) {
      if (!hypothesis.text.empty()) hypothesis.text += ' ';
      hypothesis.text += segment.text;
    }
    hypothesis.segments.push_back(std::move(segment));
  }
  return hypothesis;
}

}  // namespace dragoman::pocketsphinx
