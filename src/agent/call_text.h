// Text as the call machine needs it: words, sentences, what of a sentence was heard. All pure.
#ifndef DRAGOMAN_SRC_AGENT_CALL_TEXT_H_
#define DRAGOMAN_SRC_AGENT_CALL_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/agent/call_events.h"

namespace dragoman {

// Lower-case words separated by one blank, without punctuation: two transcripts that differ only in
// spelling marks are equal. Bytes above 127 count as letters.
std::string WordsOf(std::string_view text);
bool HasWords(std::string_view text);
int CountWords(std::string_view words);  // of what WordsOf gave

// Joined by a blank unless one side is empty.
std::string JoinText(std::string_view a, std::string_view b);

// At most `bytes`, cut before a character of UTF-8 that would not fit.
std::string_view Prefix(std::string_view text, std::size_t bytes);

struct ChunkRule {
  std::size_t min_chars = 12;
  std::size_t max_chars = 240;
};
// Length of the first piece of `text` that can be spoken by itself: one or more whole sentences of
// at least `min_chars`, or what fits into `max_chars`. 0: wait for more text. `complete`: no more
// will come, and the rest is a piece too.
std::size_t NextChunk(std::string_view text, bool complete, const ChunkRule& rule);

// How an utterance lies in time. `total_ms` is its length once all audio was made, else 0.
struct Heard {
  std::int64_t heard_ms = 0;
  std::int64_t total_ms = 0;
  std::int64_t queued_ms = 0;  // audio made so far
};
// Bytes of `text` that were heard: whole words only. By the word times where there are any, else by
// characters in proportion (while the total is not known: at kMsPerChar, or slower if more audio
// exists already).
std::size_t HeardBytes(std::string_view text, const std::vector<call_event::WordTime>& words,
                       const Heard& heard);
inline constexpr std::int64_t kMsPerChar = 66;  // 15 characters a second

// The string member `name` of a JSON object; empty: none, or not an object. Not a validator.
std::string JsonStringMember(std::string_view json, std::string_view name);

inline constexpr std::uint64_t kFnvBasis = 14695981039346656037u;
std::uint64_t Fnv1a(std::uint64_t hash, std::string_view bytes);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_TEXT_H_
