#include "dragoman/lab/recorded_call.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/lab/words_for_cue.h"

namespace dragoman::lab {
namespace {

constexpr std::int64_t kGap = 200;         // of the agent's sound that still counts as talking
constexpr std::int64_t kKeysApart = 1500;  // later ones are pressed anew
constexpr std::size_t kMostWords = 14;     // of a cue
constexpr std::size_t kMostCueBytes = 150;
constexpr std::size_t kMostSayBytes = 800;

std::int64_t Ms(const CallEvent& event) { return event.at_us / 1000; }

// One thing that the caller did.
struct Deed {
  ActionKind kind = ActionKind::kSay;
  std::int64_t begin_ms = 0, end_ms = 0;
  std::vector<SpeechPiece> say;
  std::string keys;
  bool aside = false;
};

// An utterance of the agent as it was heard.
struct Spoken {
  UtteranceId id = 0;
  std::string text;
  std::int64_t given_ms = 0;
  std::int64_t audible_ms = -1;  // -1: never
  std::int64_t settled_ms = -1;
  bool heard = false;
};

struct Running {
  std::string tool;
  std::int64_t begin_ms = 0, end_ms = -1;
};

// Reads the steps of a call in their order.
class Tape {
 public:
  explicit Tape(const RecordedCall& call) {
    for (const CallStep& step : call.steps) Read(step);
    Close(true);
  }

  std::vector<Deed> deeds;
  std::vector<Spoken> spoken;
  std::vector<Running> tools;

 private:
  // The caller's speech that no turn has taken yet.
  struct Talk {
    std::int64_t begin_ms = 0, end_ms = 0;
    bool speaking = false;
    std::string closed, partial;  // words of finals, and of the utterance that is open
    std::vector<std::pair<std::size_t, std::int64_t>> pauses;  // after so many words, this long
    std::size_t Words() const { return SplitWords(closed + " " + partial).size(); }
  };

  void Read(const CallStep& step) {
    now_ = Ms(step.event);
    std::visit([this](const auto& event) { On(event); }, step.event.body);
    for (const CallCommand& command : step.commands) {
      std::visit([this](const auto& one) { Do(one); }, command);
    }
  }

  template <typename T>
  void On(const T&) {}
  void On(const call_event::SpeechStarted& event) {
    const std::int64_t at = now_ - event.lag_ms;
    if (!talk_) {
      talk_ = Talk{.begin_ms = at, .end_ms = at, .closed = {}, .partial = {}, .pauses = {}};
    } else if (at > talk_->end_ms) {
      talk_->pauses.emplace_back(talk_->Words(), at - talk_->end_ms);
    }
    talk_->speaking = true;
  }
  void On(const call_event::SpeechStopped& event) {
    if (!talk_) return;
    talk_->speaking = false;
    talk_->end_ms = std::max(talk_->begin_ms, now_ - event.lag_ms);
  }
  void On(const call_event::Partial& event) {
    if (talk_) talk_->partial = event.text;
  }
  void On(const call_event::Final& event) {
    const bool words = !Trim(event.text).empty();
    // What comes late belongs to a turn that has its words already.
    const std::int64_t known = talk_ ? talk_->begin_ms : deeds.empty() ? 0 : deeds.back().end_ms;
    if (words && event.audio_end_ms <= known) return;
    if (!talk_ && words) {  // too soft for the detector, not for the recogniser
      Begin();
      talk_->begin_ms = std::min(now_, std::max(known, event.audio_start_ms));
    }
    if (!talk_) return;
    talk_->partial.clear();
    if (words) talk_->closed += " " + event.text;
    if (talk_->speaking) talk_->end_ms = now_;
  }
  void On(const call_event::Dtmf& event) {
    Deed* last = deeds.empty() ? nullptr : &deeds.back();
    if (last == nullptr || last->kind != ActionKind::kDtmf || now_ - last->end_ms > kKeysApart) {
      last = &deeds.emplace_back(
          Deed{.kind = ActionKind::kDtmf, .begin_ms = now_, .end_ms = now_, .say = {}, .keys = {}});
    }
    last->keys += event.digit;
    last->end_ms = now_;
  }
  void On(const call_event::SpeechAudio& event) {
    Spoken* one = Find(event.utterance);
    if (one == nullptr || one->audible_ms >= 0) return;
    // It is heard when what was given before it is over.
    one->audible_ms = now_;
    for (const Spoken& other : spoken) {
      if (&other == one) break;
      if (other.settled_ms < 0) waits_.push_back(one->id);
      if (other.settled_ms < 0) break;
    }
  }
  void On(const call_event::ToolResult&) {
    for (Running& run : tools) {
      if (run.end_ms < 0) run.end_ms = now_;  // one at a time
    }
  }
  void On(const call_event::MediaClosed&) {
    if (hung_up_) return;  // the agent did
    Close(true);
    deeds.push_back(
        {.kind = ActionKind::kHangUp, .begin_ms = now_, .end_ms = now_, .say = {}, .keys = {}});
  }

  template <typename T>
  void Do(const T&) {}
  void Do(const call_command::Speak& speak) {
    spoken.push_back({.id = speak.utterance, .text = speak.text, .given_ms = now_});
  }
  void Do(const call_command::Settled& settled) {
    Spoken* one = Find(settled.utterance);
    if (one == nullptr) return;
    one->settled_ms = now_;
    one->heard = !settled.heard.empty();
    if (waits_.empty()) return;
    if (Spoken* next = Find(waits_.front())) next->audible_ms = std::max(next->audible_ms, now_);
    waits_.pop_front();
  }
  void Do(const call_command::RunTool& run) {
    tools.push_back({.tool = run.call.name, .begin_ms = now_});
  }
  void Do(const call_command::HangUp&) { hung_up_ = true; }
  void Do(const call_command::Notice& notice) {
    using K = call_command::NoticeKind;
    if (notice.kind == K::kTurnEnded) Close(false);
    if (notice.kind == K::kTurnWithdrawn || notice.kind == K::kBackchannel) Withdraw();
  }

  void Begin() {
    talk_ = Talk{.begin_ms = now_, .end_ms = now_, .closed = {}, .partial = {}, .pauses = {}};
  }

  // The turn takes what was said; a caller who goes on speaking begins a new one.
  void Close(bool over) {
    if (!talk_) return;
    Talk talk = *std::exchange(talk_, std::nullopt);
    Deed deed = ToDeed(talk);
    if (talk.speaking) deed.end_ms = now_;
    if (!deed.say.empty()) deeds.push_back(std::move(deed));
    if (talk.speaking && !over) {
      Begin();
      talk_->speaking = true;
    }
  }

  void Withdraw() {
    if (!talk_) return;
    Talk talk = *std::exchange(talk_, std::nullopt);
    Deed deed = ToDeed(talk);
    deed.aside = true;
    if (talk.speaking) deed.end_ms = now_;
    if (deed.say.empty()) deed.kind = ActionKind::kNoise;
    deeds.push_back(std::move(deed));
  }

  static Deed ToDeed(const Talk& talk) {
    Deed deed{.kind = ActionKind::kSay,
              .begin_ms = talk.begin_ms,
              .end_ms = talk.end_ms,
              .say = {},
              .keys = {}};
    const std::string text = talk.closed + " " + talk.partial;
    const std::vector<std::string_view> words = SplitWords(text);
    std::size_t next = 0;
    const auto take = [&](std::size_t until, std::int64_t pause) {
      SpeechPiece piece{.text = {}, .pause_after = milliseconds(pause)};
      for (; next < std::min(until, words.size()); ++next) {
        std::string word(words[next]);
        // Marks of the script language and of TOML are no words.
        std::erase_if(word, [](char c) { return c == '<' || c == '>'; });
        if (!word.empty()) piece.text += (piece.text.empty() ? "" : " ") + word;
      }
      if (!piece.text.empty()) {
        deed.say.push_back(std::move(piece));
      } else if (!deed.say.empty()) {
        deed.say.back().pause_after += piece.pause_after;
      }
    };
    for (const auto& [after, pause] : talk.pauses)
      take(after, std::min<std::int64_t>(pause, 10'000));
    take(words.size(), 0);
    if (!deed.say.empty()) deed.say.back().pause_after = milliseconds(0);
    return deed;
  }

  Spoken* Find(UtteranceId id) {
    const auto found =
        std::find_if(spoken.begin(), spoken.end(), [&](const Spoken& one) { return one.id == id; });
    return found == spoken.end() ? nullptr : &*found;
  }

  std::int64_t now_ = 0;
  std::optional<Talk> talk_;
  std::deque<UtteranceId> waits_;
  bool hung_up_ = false;
};

// What the caller answered to, as a cue.
class Cues {
 public:
  Cues(const Tape& tape, const CallerOptions& options, std::int64_t from_ms)
      : tape_(tape),
        options_(options),
        since_(from_ms),
        done_(std::max<std::int64_t>(from_ms, 0)) {}

  void SetFor(const Deed& deed, Step& step) {
    const std::int64_t at = deed.begin_ms;
    const Spoken* talking = nullptr;
    const Spoken* last = nullptr;
    std::int64_t audible = 0;
    for (const Spoken& one : tape_.spoken) {
      if (one.audible_ms < 0 || one.audible_ms >= at) continue;
      const std::int64_t end = one.settled_ms < 0 ? at : std::min(one.settled_ms, at);
      if (end <= since_) continue;
      audible += end - std::max(one.audible_ms, since_);
      if (one.settled_ms < 0 || one.settled_ms > at) talking = &one;
      if (one.given_ms > since_ && end == one.settled_ms && one.heard) last = &one;
    }
    const Running* tool = RunningAt(at);
    if (talking != nullptr && audible > kGap) {
      step.when.kind = CueKind::kAgentSpeaks;
      step.when.length = milliseconds(audible / 20 * 20);
      if (options_.exact_words && talking->given_ms > since_) {
        step.when.words = Pattern(WordsForCue(talking->text));
      }
    } else if (last != nullptr && last->settled_ms >= done_) {
      step.when.kind = CueKind::kAgentSays;
      if (options_.exact_words) step.when.words = Pattern(WordsForCue(last->text));
      step.delay = milliseconds(std::clamp<std::int64_t>(at - last->settled_ms, 100, 60'000));
    } else if (tool != nullptr && tool->begin_ms > since_) {
      step.when.kind = CueKind::kToolRuns;
      step.when.tool = tool->tool;
      step.delay = milliseconds(std::clamp<std::int64_t>(at - tool->begin_ms, 0, 60'000));
    } else {
      step.when.kind = CueKind::kAfter;
      step.when.length = milliseconds(std::max<std::int64_t>(at - done_, 20));
    }
    done_ = deed.end_ms;
    if (!step.aside) since_ = deed.begin_ms;
  }

 private:
  const Running* RunningAt(std::int64_t at) const {
    for (const Running& run : tape_.tools) {
      if (run.begin_ms <= at && (run.end_ms < 0 || run.end_ms > at)) return &run;
    }
    return nullptr;
  }

  const Tape& tape_;
  const CallerOptions& options_;
  std::int64_t since_;  // the caller's last turn began
  std::int64_t done_;   // the last deed was over
};

// As many steps as the length of what is said asks for; all but the first at once.
void AddSteps(const Deed& deed, Step step, std::vector<Step>& steps) {
  std::vector<SpeechPiece> rest = deed.say;
  std::vector<SpeechPiece> now;
  std::size_t bytes = 0;
  const auto flush = [&] {
    step.line = static_cast<int>(steps.size()) + 1;
    step.say = std::exchange(now, {});
    steps.push_back(step);
    step.when = {.kind = CueKind::kAfter, .words = {}, .tool = {}, .length = milliseconds(20)};
    step.delay = milliseconds(0);
    bytes = 0;
  };
  for (SpeechPiece& piece : rest) {
    for (std::string_view left = piece.text; !left.empty();) {
      std::size_t take = std::min(left.size(), kMostSayBytes);
      if (take < left.size()) {
        const std::size_t blank = left.rfind(' ', take);
        if (blank != std::string_view::npos && blank > 0) take = blank;
      }
      if (bytes > 0 && bytes + take + 32 > kMostSayBytes) flush();
      now.push_back({std::string(Trim(left.substr(0, take))), milliseconds(0)});
      bytes += take + 32;
      left.remove_prefix(take);
    }
    if (!now.empty()) now.back().pause_after = piece.pause_after;
  }
  flush();
}

}  // namespace

std::string WordsForCue(std::string_view text) {
  std::string words;
  std::size_t count = 0;
  for (const std::string_view word : SplitWords(text)) {
    std::string plain;
    for (const char c : ToLowerAscii(word)) {
      const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == ':' ||
                        static_cast<unsigned char>(c) >= 0x80;
      plain += keep ? c : ' ';
    }
    plain = std::string(Trim(plain));
    if (plain.empty()) continue;
    if (++count > kMostWords || words.size() + plain.size() > kMostCueBytes) break;
    words += (words.empty() ? "" : " ") + plain;
  }
  return words;
}

absl::StatusOr<RecordedCall> ReadRecordedCall(std::string bytes) {
  DRAGOMAN_ASSIGN_OR_RETURN(EventLogReader log, EventLogReader::FromBytes(std::move(bytes)));
  DRAGOMAN_ASSIGN_OR_RETURN(CallLogReader reader, CallLogReader::Create(std::move(log)));
  RecordedCall call{.header = reader.header(), .steps = {}};
  DRAGOMAN_RETURN_IF_ERROR(Annotate(call.header.options.Validate(), "options in the log"));
  bool finished = false;
  while (true) {
    auto record = reader.Next();
    if (record.status().code() == absl::StatusCode::kOutOfRange) break;
    if (!record.ok()) return record.status();
    auto* step = std::get_if<CallStep>(&*record);
    if (step == nullptr) continue;
    for (const CallCommand& command : step->commands) {
      finished |= std::holds_alternative<call_command::Finish>(command);
    }
    call.steps.push_back(std::move(*step));
  }
  if (reader.torn_bytes() > 0 || !finished) {
    return DataLoss("the log is torn: after ", call.steps.size(),
                    " events it ends before the call does");
  }
  return call;
}

std::vector<Step> CallerSteps(const RecordedCall& call, const CallerOptions& options) {
  const Tape tape(call);
  const std::int64_t from =
      options.after_events == 0 ? -1 : Ms(call.steps[options.after_events - 1].event);
  std::vector<Step> steps;
  Cues cues(tape, options, from);
  for (const Deed& deed : tape.deeds) {
    if (deed.begin_ms < from) continue;
    Step step;
    step.action = deed.kind;
    step.aside = deed.aside;
    step.keys = deed.keys;
    if (deed.kind == ActionKind::kNoise) {
      // The detector hears a sound a little longer than it is; a cough of the lab lasts 400 ms.
      step.length =
          milliseconds(std::clamp<std::int64_t>(deed.end_ms - deed.begin_ms - 40, 40, 60'000));
      step.noise = step.length > milliseconds(400) ? NoiseKind::kBabble : NoiseKind::kCough;
    }
    cues.SetFor(deed, step);
    if (steps.empty() && from < 0 && step.when.kind == CueKind::kAfter) {
      step.delay = step.when.length;
      step.when = {};
    }
    AddSteps(deed, std::move(step), steps);
  }
  return steps;
}

}  // namespace dragoman::lab
