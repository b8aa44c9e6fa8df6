#include <algorithm>
#include <map>
#include <utility>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/log.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/safety/gates.h"
#include "dragoman/safety/speech_rules.h"
#include "dragoman/tools/canonical_json.h"
#include "src/safety/heard_cards.h"
#include "src/safety/heard_values.h"
#include "src/safety/safe_lines.h"
#include "src/safety/secret_speech.h"

namespace dragoman {
namespace {

using safety::SafeLine;
using safety::StopReason;

constexpr std::size_t kTail = 240;        // bytes of what was said that still count as context
constexpr std::size_t kMostCalls = 4096;  // whose tails are kept; the longest silent is forgotten

class GoverningSpeechGate : public SpeechGate {
 public:
  explicit GoverningSpeechGate(SpeechGateDependencies with) : with_(with) {}

  SpokenText Check(std::string_view call_id, std::string_view sentence) override {
    SpokenText spoken;
    try {
      std::optional<DecisionRecord> refused;
      spoken = Decide(call_id, sentence, refused);
      if (refused) Record(*refused);
    } catch (...) {  // out of memory, a broken matcher: silence is safe
      spoken = {.text = std::string(SafeLine(StopReason::kClaim, "en", 0)),
                .replaced = true,
                .reason = "the gate failed"};
    }
    with_.log->Write(
        spoken.replaced ? LogLevel::kWarning : LogLevel::kInfo, "gate",
        StrCat(spoken.replaced ? "replaced speech for call " : "allowed speech for call ", call_id,
               " (", sentence.size(), " bytes)", spoken.replaced ? ": " : "", spoken.reason));
    return spoken;
  }

  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(const SpokenText& spoken,
                                                              const SynthesisOptions& options,
                                                              Executor& executor,
                                                              Callbacks callbacks) override {
    // Whoever made up a SpokenText of their own still cannot speak the vault.
    if (with_.secrets != nullptr && !with_.secrets->Find(spoken.text).empty()) {
      with_.log->Write(LogLevel::kError, "gate", "refused speech that was not checked");
      return MakeStatus(absl::StatusCode::kPermissionDenied,
                        "the text spells a value of the vault; it has not passed the gate");
    }
    if (FindVaultHandles(spoken.text).empty()) {
      return with_.synthesizer->Synthesize(spoken.text, options, executor,
                                           {.on_audio = std::move(callbacks.on_audio),
                                            .on_words = std::move(callbacks.on_words),
                                            .on_done = std::move(callbacks.on_done)});
    }
    // Asked once more: whoever made one up has no grant, and a grant may be gone by now.
    const std::optional<GoalSession> session = with_.sessions->Find(spoken.call_id);
    if (!spoken.confidential || !session || !Granted(spoken.call_id, *session, spoken.text)) {
      with_.log->Write(LogLevel::kError, "gate",
                       "refused speech with a value that was not granted");
      return MakeStatus(absl::StatusCode::kPermissionDenied,
                        "the text names a value of the vault that this call was not granted");
    }
    return safety::SpeakSecrets(with_, spoken, *session, options, executor, std::move(callbacks));
  }

  bool Guards(std::string_view call_id) const override {
    const std::optional<GoalSession> session = with_.sessions->Find(call_id);
    return session && Guarded(*session);
  }

  HeardText Hear(std::string_view call_id, std::string_view text, bool is_final) override {
    const std::optional<GoalSession> session = with_.sessions->Find(call_id);
    if (!session || !Guarded(*session)) return {.text = std::string(text)};
    try {
      Secret before;
      {
        const MutexLock lock(mutex_);
        before = StateOf(call_id).heard;
      }
      HeardText heard = Masked(call_id, *session, before.Reveal(), text, is_final);
      if (!is_final) return heard;
      std::string tail = StrCat(before.Reveal(), " ", text);
      if (tail.size() > kTail) tail.erase(0, tail.size() - kTail);
      const MutexLock lock(mutex_);
      StateOf(call_id).heard = Secret(std::move(tail));
      return heard;
    } catch (...) {  // what could not be looked at is not kept
      return {.text = "", .masked = true, .reaches_back = true};
    }
  }

 private:
  struct CallState {
    std::string tail;      // the end of what was said
    std::string sentence;  // the last one
    Secret heard;          // the end of what the other party said, as it was heard
    bool disclosed = false;
    int stopped = 0;
    std::uint64_t used = 0;
  };

  // Calls that were placed, which begin with a disclosure, and those that were granted something.
  static bool Guarded(const GoalSession& session) {
    return !session.secrets.empty() || !session.disclosure.empty();
  }

  HeardText Masked(std::string_view call_id, const GoalSession& session, std::string_view before,
                   std::string_view text, bool is_final) const {
    HeardText values{.text = std::string(text)};
    if (with_.secrets != nullptr && !session.secrets.empty()) {
      std::vector<safety::WatchedValue> watched;
      for (const std::string& handle : session.secrets)
        watched.push_back({.handle = handle, .told = with_.sessions->Told(call_id, handle)});
      values = safety::MaskValues(before, text, is_final, *with_.secrets, watched);
    }
    HeardText cards = safety::MaskCards(before, values.text, is_final);
    cards.masked = cards.masked || values.masked;
    cards.reaches_back = cards.reaches_back || values.reaches_back;
    return cards;
  }

  SpokenText Decide(std::string_view call_id, std::string_view sentence,
                    std::optional<DecisionRecord>& refused) {
    static const GoalSession kNone;
    const std::optional<GoalSession> found = with_.sessions->Find(call_id);
    const GoalSession& session = found ? *found : kNone;
    const std::string heard = with_.sessions->LastHeard(call_id);
    const MutexLock lock(mutex_);
    CallState& state = StateOf(call_id);
    SpokenText spoken{.text = std::string(sentence), .replaced = false, .reason = ""};
    auto stop = Handles(call_id, sentence, session, state.stopped, refused);
    if (!stop) stop = Objection(call_id, sentence, session, heard, state);
    if (!stop && !FindVaultHandles(sentence).empty()) {
      spoken.confidential = true;
      spoken.call_id = call_id;
    }
    if (stop) {
      spoken.text = SafeLine(stop->first, session.language, state.stopped++);
      spoken.replaced = true;
      spoken.reason = std::move(stop->second);
    }
    if (!session.disclosure.empty() && !state.disclosed) {
      state.disclosed = true;
      if (!spoken.text.starts_with(session.disclosure)) {
        spoken.text = StrCat(session.disclosure, " ", spoken.text);
        spoken.reason = spoken.replaced ? spoken.reason : "the disclosure comes first";
        spoken.replaced = true;
      }
    }
    state.sentence = spoken.text;
    state.tail += StrCat(" ", spoken.text);
    if (state.tail.size() > kTail) state.tail.erase(0, state.tail.size() - kTail);
    return spoken;
  }

  std::optional<std::pair<StopReason, std::string>> Objection(std::string_view call_id,
                                                              std::string_view sentence,
                                                              const GoalSession& session,
                                                              std::string_view heard,
                                                              const CallState& state) const {
    if (with_.secrets != nullptr) {
      const std::string context = StrCat(state.tail, " ", sentence);
      const auto hits = with_.secrets->Find(context, state.tail.size() + 1);
      if (!hits.empty())
        return std::pair{StopReason::kSecret,
                         StrCat("it spells the vault's ", hits[0].handle, " (", hits[0].form, ")")};
    }
    auto beyond = BeyondMandate(sentence, session.mandate, heard);
    // "We can pay." "Sixty.": a short sentence is read with the one before.
    if (!beyond && SplitWords(sentence).size() <= 4 && !state.sentence.empty()) {
      std::string both = state.sentence;
      while (!both.empty() && std::string_view(".!?").find(both.back()) != std::string_view::npos)
        both.pop_back();
      beyond = BeyondMandate(StrCat(both, " ", sentence), session.mandate, heard);
    }
    if (beyond) return std::pair{StopReason::kCommitment, *std::move(beyond)};
    for (std::string_view kind : ClaimedActions(sentence)) {
      if (!with_.sessions->HasReceipt(call_id, kind))
        return std::pair{StopReason::kClaim, StrCat("it claims a ", kind, " without a receipt")};
    }
    return std::nullopt;
  }

  // The first handle of the sentence that may not be told; empty: it has none.
  std::string_view Ungranted(std::string_view call_id, const GoalSession& session,
                             std::string_view sentence) const {
    const bool frozen = with_.sessions->Frozen(call_id).has_value();
    for (const HandleSpan& span : FindVaultHandles(sentence)) {
      if (span.handle.empty()) return "value (in part)";
      const bool may = with_.source != nullptr && !frozen;
      if (!may || !MayTell(session, with_.grants, span.handle)) return span.handle;
    }
    return {};
  }
  bool Granted(std::string_view call_id, const GoalSession& session,
               std::string_view sentence) const {
    return Ungranted(call_id, session, sentence).empty();
  }

  // A value that was asked for in the wrong place is somebody's try: it stands in the audit.
  std::optional<std::pair<StopReason, std::string>> Handles(
      std::string_view call_id, std::string_view sentence, const GoalSession& session, int nth,
      std::optional<DecisionRecord>& refused) const {
    const std::string_view handle = Ungranted(call_id, session, sentence);
    if (handle.empty()) return std::nullopt;
    std::string why =
        StrCat("it names the vault's ", ShownText(handle, 64), ", which this call was not granted");
    if (with_.decisions != nullptr && with_.clock != nullptr) {
      refused = DecisionRecord{.at = with_.clock->WallNow(),
                               .id = StrCat("say_", call_id, "_", nth),
                               .tenant = session.scope.tenant,
                               .user = session.scope.user,
                               .goal = session.scope.goal,
                               .tool = "speech",
                               .arguments_digest = Sha256Hex(sentence),
                               .destination = session.session_sink,
                               .verdict = Verdict::kDeny,
                               .rule = "vault_sink",
                               .why = why,
                               .policy_version = "",
                               .confirmation = ""};
    }
    return std::pair{StopReason::kSecret, std::move(why)};
  }

  void Record(const DecisionRecord& refused) const {
    if (with_.decisions->Record(refused).ok()) return;
    with_.log->Write(LogLevel::kError, "gate", "a refusal could not be written into the audit");
  }

  CallState& StateOf(std::string_view call_id) DRAGOMAN_REQUIRES(mutex_) {
    auto at = calls_.find(call_id);
    if (at == calls_.end()) {
      if (calls_.size() >= kMostCalls) {
        calls_.erase(std::min_element(
            calls_.begin(), calls_.end(),
            [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
      }
      at = calls_.emplace(std::string(call_id), CallState{}).first;
    }
    at->second.used = ++uses_;
    return at->second;
  }

  const SpeechGateDependencies with_;
  Mutex mutex_;
  std::map<std::string, CallState, std::less<>> calls_ DRAGOMAN_GUARDED_BY(mutex_);
  std::uint64_t uses_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace

bool MayTell(const GoalSession& session, const SecretGrants* grants, std::string_view handle) {
  const std::string_view bare = BareHandle(handle);
  return grants != nullptr && !session.session_sink.empty() &&
         std::find(session.secrets.begin(), session.secrets.end(), bare) != session.secrets.end() &&
         grants->MayReceive(bare, session.session_sink, session.scope.secret_purpose);
}

absl::StatusOr<std::unique_ptr<SpeechGate>> MakeGoverningSpeechGate(SpeechGateDependencies with) {
  if (with.synthesizer == nullptr || with.sessions == nullptr || with.log == nullptr)
    return InvalidArgument("speech gate: synthesizer, sessions or log is null");
  return std::make_unique<GoverningSpeechGate>(with);
}

}  // namespace dragoman
