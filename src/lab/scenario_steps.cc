#include "src/lab/scenario_steps.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kMaxPause{10'000};
constexpr std::size_t kMaxSpeechBytes = 1000;
constexpr std::size_t kMaxPatternBytes = 200;

// Lower case, runs of white space and punctuation as one blank: "It's  ten, right?" is "it's ten
// right".
std::string Flatten(std::string_view text) {
  std::string flat;
  for (char c : ToLowerAscii(text)) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == ':' ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (word) {
      flat += c;
    } else if (!flat.empty() && flat.back() != ' ') {
      flat += ' ';
    }
  }
  return std::string(Trim(flat));
}

// "/words/" at the end of a cue; nothing otherwise.
absl::StatusOr<Pattern> ParsePattern(std::string_view text) {
  text = Trim(text);
  if (text.size() < 3 || text.front() != '/' || text.back() != '/')
    return InvalidArgument("expected words between slashes, as in /your name/");
  if (text.size() > kMaxPatternBytes) return InvalidArgument("expected a pattern below 200 bytes");
  return Pattern(text.substr(1, text.size() - 2));
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  text = Trim(text);
  return true;
}

// In one breath, or each by itself with a pause behind it.
absl::Status AddLetters(std::string_view name, milliseconds letter_pause,
                        std::vector<SpeechPiece>& pieces) {
  SpeechPiece all;
  for (char c : name) {
    if (c == ' ') continue;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter) return InvalidArgument("<spell ...> takes letters only");
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    const std::string spoken = {c, '.'};
    if (letter_pause > milliseconds(0)) {
      pieces.push_back({spoken, letter_pause});
    } else {
      all.text += (all.text.empty() ? "" : " ") + spoken;
    }
  }
  if (!all.text.empty()) pieces.push_back(std::move(all));
  return absl::OkStatus();
}

// The spelling words of ICAO Annex 10, volume II, in one breath.
absl::Status AddSpellingWords(std::string_view name, std::vector<SpeechPiece>& pieces) {
  constexpr std::string_view kWords[] = {
      "alpha",  "bravo", "charlie", "delta",  "echo",     "foxtrot", "golf",   "hotel",  "india",
      "juliet", "kilo",  "lima",    "mike",   "november", "oscar",   "papa",   "quebec", "romeo",
      "sierra", "tango", "uniform", "victor", "whiskey",  "x-ray",   "yankee", "zulu"};
  SpeechPiece all;
  for (char c : ToLowerAscii(name)) {
    if (c == ' ') continue;
    if (c < 'a' || c > 'z') return InvalidArgument("<nato ...> takes letters only");
    all.text += StrCat(all.text.empty() ? "" : " ", kWords[c - 'a']);
  }
  if (!all.text.empty()) pieces.push_back(std::move(all));
  return absl::OkStatus();
}

absl::Status AddMark(std::string_view mark, milliseconds letter_pause,
                     std::vector<SpeechPiece>& pieces) {
  if (TakePrefix(mark, "pause ")) {
    DRAGOMAN_ASSIGN_OR_RETURN(milliseconds pause, ParseLength(mark));
    if (pause > kMaxPause) return InvalidArgument("a pause is ", pause, "; expected at most 10 s");
    if (pieces.empty()) pieces.emplace_back();
    pieces.back().pause_after += pause;
    return absl::OkStatus();
  }
  if (TakePrefix(mark, "spell ")) return AddLetters(mark, letter_pause, pieces);
  if (TakePrefix(mark, "nato ")) return AddSpellingWords(mark, pieces);
  return InvalidArgument("unknown mark <", EscapeLine(mark.substr(0, 40)),
                         ">; expected <pause 700ms>, <spell NAME> or <nato NAME>");
}

int CountActions(TomlTable& table) {
  int actions = 0;
  for (std::string_view key : {"say", "dtmf", "make_noise", "wait", "hang_up"})
    actions += table.Has(key);
  return actions;
}

void ReadSay(TomlTable& table, Step& step) {
  std::string say;
  milliseconds letter_pause{0};
  table.Read("say", say);
  table.Read("letter_pause", letter_pause, milliseconds(0), milliseconds(3'000));
  table.Read("repeat_for", step.repeat_for, milliseconds(100), milliseconds(600'000));
  table.Read("level_db", step.level_db, -40, 10);
  if (!table.Has("say")) {
    if (table.Has("letter_pause") || table.Has("repeat_for") || table.Has("level_db"))
      table.Fail("letter_pause", "letter_pause, repeat_for and level_db belong to say");
    return;
  }
  step.action = ActionKind::kSay;
  auto pieces = ParseSpeech(say, letter_pause);
  if (!pieces.ok()) return table.Fail("say", MessageOf(pieces.status()));
  step.say = *std::move(pieces);
}

void ReadKeys(TomlTable& table, Step& step) {
  table.Read("dtmf", step.keys);
  if (!table.Has("dtmf")) return;
  step.action = ActionKind::kDtmf;
  const bool good = !step.keys.empty() && step.keys.size() <= 64 &&
                    step.keys.find_first_not_of("0123456789*#ABCD") == std::string::npos;
  if (!good)
    table.Fail("dtmf", StrCat("dtmf is \"", EscapeLine(step.keys.substr(0, 64)),
                              "\"; expected 1 to 64 of 0-9, *, # and A-D"));
}

void ReadNoise(TomlTable& table, Step& step) {
  int kind = 0;
  const std::vector<std::string_view> names = {"none",   "white",    "hum",  "babble",
                                               "street", "keyboard", "cough"};
  table.ReadChoice("make_noise", names, kind);
  if (!table.Has("make_noise")) return;
  step.action = ActionKind::kNoise;
  step.noise = static_cast<NoiseKind>(kind);
  step.aside = true;
}

}  // namespace

Pattern::Pattern(std::string_view source) : source_(source) {
  std::size_t begin = 0;
  while (begin <= source.size()) {
    std::size_t end = std::min(source.find('|', begin), source.size());
    std::string_view alternative = source.substr(begin, end - begin);
    std::vector<std::string> pieces;
    std::size_t at = 0;
    while (at <= alternative.size()) {
      std::size_t gap = std::min(alternative.find(".*", at), alternative.size());
      std::string piece = Flatten(alternative.substr(at, gap - at));
      if (!piece.empty()) pieces.push_back(std::move(piece));
      at = gap + 2;
    }
    if (!pieces.empty()) alternatives_.push_back(std::move(pieces));
    begin = end + 1;
  }
}

bool Pattern::Matches(std::string_view text) const {
  if (alternatives_.empty()) return true;
  const std::string flat = Flatten(text);
  for (const auto& pieces : alternatives_) {
    std::size_t at = 0;
    for (const std::string& piece : pieces) {
      at = flat.find(piece, at);
      if (at == std::string::npos) break;
      at += piece.size();
    }
    if (at != std::string::npos) return true;
  }
  return false;
}

absl::StatusOr<std::vector<SpeechPiece>> ParseSpeech(std::string_view text,
                                                     milliseconds letter_pause) {
  if (text.size() > kMaxSpeechBytes)
    return InvalidArgument("say has ", text.size(), " bytes; expected at most ", kMaxSpeechBytes);
  std::vector<SpeechPiece> pieces;
  while (!text.empty()) {
    std::size_t open = std::min(text.find('<'), text.size());
    std::string_view words = Trim(text.substr(0, open));
    if (!words.empty()) pieces.push_back({std::string(words), milliseconds(0)});
    text.remove_prefix(open);
    if (text.empty()) break;
    std::size_t close = text.find('>');
    if (close == std::string_view::npos) return InvalidArgument("say has a '<' without its '>'");
    DRAGOMAN_RETURN_IF_ERROR(AddMark(Trim(text.substr(1, close - 1)), letter_pause, pieces));
    text.remove_prefix(close + 1);
  }
  if (pieces.empty()) return InvalidArgument("say is empty; expected words");
  return pieces;
}

absl::StatusOr<Cue> ParseCue(std::string_view text) {
  text = Trim(text);
  const std::string whole(text);
  Cue cue;
  if (text == "start") return cue;
  if (TakePrefix(text, "agent says ")) {
    cue.kind = CueKind::kAgentSays;
    DRAGOMAN_ASSIGN_OR_RETURN(cue.words, ParsePattern(text));
    return cue;
  }
  if (TakePrefix(text, "tool ")) {
    cue.kind = CueKind::kToolRuns;
    if (text == "runs") return cue;
    if (!text.ends_with(" runs")) return InvalidArgument("expected \"tool NAME runs\"");
    cue.tool = std::string(Trim(text.substr(0, text.size() - 5)));
    return cue;
  }
  if (TakePrefix(text, "agent speaks ")) {
    cue.kind = CueKind::kAgentSpeaks;
    std::size_t of = text.find(" of ");
    if (of != std::string_view::npos) {
      DRAGOMAN_ASSIGN_OR_RETURN(cue.words, ParsePattern(text.substr(of + 4)));
      text = text.substr(0, of);
    }
  } else if (TakePrefix(text, "agent silent ")) {
    cue.kind = CueKind::kAgentSilent;
  } else if (TakePrefix(text, "after ")) {
    cue.kind = CueKind::kAfter;
  } else {
    return InvalidArgument(
        "expected \"start\", \"agent says /words/\", \"agent speaks 800 ms\", \"agent silent 3 "
        "s\", "
        "\"after 2 s\" or \"tool NAME runs\"");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(cue.length, ParseLength(text));
  return cue;
}

Step ReadStep(TomlTable& table, bool ordered) {
  Step step;
  step.line = table.line();
  std::string when;
  table.Read("when", when);
  auto cue = ParseCue(when);
  if (cue.ok()) {
    step.when = *std::move(cue);
  } else {
    table.Fail("when", StrCat("when is \"", EscapeLine(when.substr(0, 60)), "\"; ",
                              MessageOf(cue.status())));
  }
  std::string words;
  table.Read("only_if", words);
  step.only_if = Pattern(words.substr(0, kMaxPatternBytes));
  words.clear();
  table.Read("unless", words);
  step.unless = Pattern(words.substr(0, kMaxPatternBytes));
  if (step.when.kind == CueKind::kAgentSays) step.delay = milliseconds(600);
  table.Read("delay", step.delay, milliseconds(0), milliseconds(60'000));
  if (CountActions(table) != 1)
    table.Fail("when", "a step does exactly one of say, dtmf, make_noise, wait, hang_up");
  ReadSay(table, step);
  ReadKeys(table, step);
  ReadNoise(table, step);
  if (table.Has("wait")) {
    step.action = ActionKind::kWait;
    table.Read("wait", step.length, milliseconds(20), milliseconds(600'000));
  }
  if (table.Has("hang_up")) {
    bool hang_up = false;
    table.Read("hang_up", hang_up);
    step.action = ActionKind::kHangUp;
    if (!hang_up) table.Fail("hang_up", "hang_up is false; expected true, or leave it out");
  }
  if (step.action == ActionKind::kNoise) {
    step.length = milliseconds(400);
    table.Read("length", step.length, milliseconds(20), milliseconds(60'000));
  }
  table.Read("aside", step.aside);
  if (ordered) {
    table.Read("optional", step.optional);
  } else {
    table.Read("times", step.times, 1, 1000);
    if (step.when.kind == CueKind::kAfter)
      table.Fail("when", "\"after\" counts from the step before; expected in a [[step]] only");
  }
  return step;
}

}  // namespace dragoman::lab
