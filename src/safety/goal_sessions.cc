#include "dragoman/safety/goal_sessions.h"

#include <map>
#include <set>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostSessions = 10'000;
constexpr std::size_t kMostHeard = 500;

struct Entry {
  GoalSession session;
  std::optional<std::string> frozen;
  std::set<std::string, std::less<>> receipts;
  std::string heard;
  std::set<std::string, std::less<>> told;  // handles
};

}  // namespace

class GoalSessions::State {
 public:
  Entry* Find(std::string_view id) const DRAGOMAN_REQUIRES(mutex) {
    const auto found = entries.find(id);
    return found == entries.end() ? nullptr : found->second.get();
  }

  mutable Mutex mutex;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries DRAGOMAN_GUARDED_BY(mutex);
};

GoalSessions::GoalSessions() : state_(std::make_unique<State>()) {}
GoalSessions::~GoalSessions() = default;

absl::Status GoalSessions::Open(std::string_view id, GoalSession session) {
  if (id.empty() || session.context == nullptr)
    return InvalidArgument("a session needs an id and a context");
  DRAGOMAN_RETURN_IF_ERROR(session.mandate.Validate());
  const MutexLock lock(state_->mutex);
  if (state_->entries.size() >= kMostSessions)
    return ResourceExhausted(kMostSessions, " sessions are open");
  const auto [at, added] = state_->entries.try_emplace(std::string(id), std::make_shared<Entry>());
  if (!added) return MakeStatus(absl::StatusCode::kAlreadyExists, "a session of this id is open");
  at->second->session = std::move(session);
  return absl::OkStatus();
}

absl::Status GoalSessions::Alias(std::string_view id, std::string_view other) {
  const MutexLock lock(state_->mutex);
  const auto found = state_->entries.find(id);
  if (found == state_->entries.end()) return NotFound("no session of this id");
  const std::shared_ptr<Entry> entry = found->second;
  const auto [at, added] = state_->entries.try_emplace(std::string(other), entry);
  if (!added && at->second != entry)
    return MakeStatus(absl::StatusCode::kAlreadyExists, "a session of this id is open");
  return absl::OkStatus();
}

void GoalSessions::Close(std::string_view id) {
  const MutexLock lock(state_->mutex);
  const auto found = state_->entries.find(id);
  if (found == state_->entries.end()) return;
  const std::shared_ptr<Entry> entry = found->second;
  std::erase_if(state_->entries, [&](const auto& other) { return other.second == entry; });
}

std::optional<GoalSession> GoalSessions::Find(std::string_view id) const {
  const MutexLock lock(state_->mutex);
  const Entry* entry = state_->Find(id);
  return entry == nullptr ? std::nullopt : std::optional(entry->session);
}

void GoalSessions::Freeze(std::string_view id, std::string why) {
  const MutexLock lock(state_->mutex);
  if (Entry* entry = state_->Find(id)) entry->frozen = std::move(why);
}

std::optional<std::string> GoalSessions::Frozen(std::string_view id) const {
  const MutexLock lock(state_->mutex);
  const Entry* entry = state_->Find(id);
  return entry == nullptr ? std::nullopt : entry->frozen;
}

void GoalSessions::AddReceipt(std::string_view id, const std::vector<std::string>& proves) {
  const MutexLock lock(state_->mutex);
  if (Entry* entry = state_->Find(id)) entry->receipts.insert(proves.begin(), proves.end());
}

bool GoalSessions::HasReceipt(std::string_view id, std::string_view kind) const {
  const MutexLock lock(state_->mutex);
  const Entry* entry = state_->Find(id);
  return entry != nullptr && entry->receipts.contains(kind);
}

void GoalSessions::NoteTold(std::string_view id, std::string_view handle) {
  const MutexLock lock(state_->mutex);
  if (Entry* entry = state_->Find(id)) entry->told.emplace(handle);
}

bool GoalSessions::Told(std::string_view id, std::string_view handle) const {
  const MutexLock lock(state_->mutex);
  const Entry* entry = state_->Find(id);
  return entry != nullptr && entry->told.contains(handle);
}

void GoalSessions::NoteHeard(std::string_view id, std::string_view words) {
  std::shared_ptr<GoalContext> context;
  std::string who;
  {
    const MutexLock lock(state_->mutex);
    Entry* entry = state_->Find(id);
    if (entry == nullptr) return;
    entry->heard += StrCat(" ", words);
    if (entry->heard.size() > kMostHeard) entry->heard.erase(0, entry->heard.size() - kMostHeard);
    context = entry->session.context;
    who = StrCat("the other party of call ", id);
  }
  context->Note(words, UntrustedLabel(std::move(who)));
}

std::string GoalSessions::LastHeard(std::string_view id) const {
  const MutexLock lock(state_->mutex);
  const Entry* entry = state_->Find(id);
  return entry == nullptr ? "" : entry->heard;
}

std::string DisclosureLine(std::string_view principal, bool recorded, std::string_view language) {
  const std::string_view code = language.substr(0, 2);
  if (code == "de")
    return StrCat("Guten Tag, hier spricht ein KI-Assistent im Auftrag von ", principal, ".",
                  recorded ? " Das Gespr\xC3\xA4"
                             "ch wird aufgezeichnet."
                           : "");
  if (code == "es")
    return StrCat("Hola, soy un asistente de inteligencia artificial y llamo de parte de ",
                  principal, ".", recorded ? " Esta llamada se graba." : "");
  if (code == "fr")
    return StrCat("Bonjour, je suis un assistant d'intelligence artificielle et j'appelle pour ",
                  principal, ".", recorded ? " Cet appel est enregistr\xC3\xA9." : "");
  return StrCat("Hello, this is an A.I. assistant calling for ", principal, ".",
                recorded ? " This call is recorded." : "");
}

bool AsksNotToBeCalled(std::string_view words) {
  static constexpr std::string_view kPhrases[] = {
      "dont call",         "do not call",        "never call",
      "stop calling",      "quit calling",       "remove me",
      "take me off",       "remove my number",   "delete my number",
      "lose this number",  "no more calls",      "unsubscribe",
      "nicht mehr an",     "keine anrufe mehr",  "nummer l\xC3\xB6schen",
      "no me llame",       "no vuelva a llamar", "no me vuelva",
      "ne m appelez plus", "ne rappelez plus"};
  std::string plain = " ";
  for (char c : ToLowerAscii(words)) {
    if (c == '\'') {
      if (plain.ends_with("m")) plain += ' ';  // "m'appelez"
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               static_cast<signed char>(c) < 0) {
      plain += c;
    } else if (plain.back() != ' ') {
      plain += ' ';
    }
  }
  // A curly apostrophe is one too.
  for (std::size_t at = plain.find("\xE2\x80\x99"); at != std::string::npos;
       at = plain.find("\xE2\x80\x99")) {
    plain.replace(at, 3, at > 0 && plain[at - 1] == 'm' ? " " : "");
  }
  plain += ' ';
  if (plain == " stop ") return true;
  for (std::string_view phrase : kPhrases) {
    const std::size_t at = plain.find(StrCat(" ", phrase));
    if (at == std::string::npos) continue;
    // "You can call me, but don't call before noon" is a wish for another hour, and still heard as
    // what it may be: the list is easier to leave than a fine.
    return true;
  }
  return false;
}

}  // namespace dragoman
