#include "src/providers/pocketsphinx/pronunciation.h"

extern "C" {
#include <flite/flite.h>

cst_lexicon* cmu_lex_init(void);
}

#include "dragoman/core/mutex.h"

namespace dragoman::pocketsphinx {
namespace {

// The lexicon is one per process and fills in parts of itself at its first use.
Mutex& LexiconMutex() {
  static auto* mutex = new Mutex;
  return *mutex;
}

std::string CmudictPhone(std::string_view phone) {
  while (!phone.empty() && phone.back() >= '0' && phone.back() <= '9') phone.remove_suffix(1);
  if (phone == "ax") return "AH";
  if (phone == "axr") return "ER";
  if (phone == "pau" || phone == "ssil") return "";
  std::string upper;
  for (char c : phone) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return upper;
}

std::string Lookup(const std::string& word) {
  MutexLock lock(LexiconMutex());
  cst_lexicon* lexicon = cmu_lex_init();
  cst_val* phones = lex_lookup(lexicon, word.c_str(), nullptr, nullptr);
  std::string out;
  for (const cst_val* at = phones; at != nullptr; at = val_cdr(at)) {
    const std::string phone = CmudictPhone(val_string(val_car(at)));
    if (phone.empty()) continue;
    if (!out.empty()) out += ' ';
    out += phone;
  }
  delete_val_list(phones);
  return out;
}

}  // namespace

std::string PronounceWord(std::string_view word) {
  std::string out;
  std::string part;
  const auto flush = [&] {
    if (part.empty()) return;
    const std::string phones = Lookup(part);
    if (!out.empty() && !phones.empty()) out += ' ';
    out += phones;
    part.clear();
  };
  for (char c : word) {
    if ((c >= 'a' && c <= 'z') || c == '\'') {
      part += c;
    } else {
      flush();
    }
  }
  flush();
  return out;
}

}  // namespace dragoman::pocketsphinx
