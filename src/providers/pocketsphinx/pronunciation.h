// How a word that no dictionary has is probably said.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_PRONUNCIATION_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_PRONUNCIATION_H_

#include <string>
#include <string_view>

namespace dragoman::pocketsphinx {

// Letter to sound by the lexicon and rules of Flite (CMU, English), in the phones of cmudict:
// "okafor" gives "AA K AH F AO R". `word` is in lower case. Empty: nothing to say. Thread-safe.
std::string PronounceWord(std::string_view word);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_PRONUNCIATION_H_
