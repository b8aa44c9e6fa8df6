#include "src/runtime/placed_call.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tools/canonical_json.h"
#include "src/runtime/tone_watch.h"

namespace dragoman {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kOwnerWait{55};  // the machine of the goal gives up after 60
constexpr std::chrono::milliseconds kCutAfter{1'800};
constexpr std::size_t kMostHeard = 64 * 1024;   // bytes kept to check quotes
constexpr std::chrono::seconds kLastWords{30};  // THREATS section 1: the carrier's limit

std::string PlainWords(std::string_view text) {
  std::string plain = " ";
  for (const char c : ToLowerAscii(text)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (keep) {
      plain += c;
    } else if (c != '\'' && plain.back() != ' ') {
      plain += ' ';
    }
  }
  if (plain.back() != ' ') plain += ' ';
  return plain;
}

// As mailboxes greet. A person may speak of a mailbox too, but not first.
bool AnnouncesMailbox(std::string_view words) {
  const std::string plain = PlainWords(words);
  for (const char* phrase :
       {" after the tone ", " after the beep ", " at the tone ", " at the beep ", " voicemail ",
        " voice mail ", " mailbox ", " record your message ", " leave your message ",
        " leave a message after ", " please leave a message "}) {
    if (plain.find(phrase) != std::string::npos) return true;
  }
  return false;
}

std::int64_t MinutesOf(const std::string& arguments) {
  const json object = json::parse(arguments, nullptr, false);
  constexpr std::int64_t kDefault = 5;
  return object.is_object() ? object.value("minutes", kDefault) : kDefault;
}

std::string Why(DialOutcome outcome, std::string_view detail) {
  switch (outcome) {
    case DialOutcome::kBusy:
      return "the line was busy";
    case DialOutcome::kNoAnswer:
      return "nobody answered";
    case DialOutcome::kDeclined:
      return "the call was declined";
    case DialOutcome::kInvalidNumber:
      return "the number does not exist";
    case DialOutcome::kCancelled:
      return "the dial was stopped";
    default:
      return StrCat("the call could not be placed: ", detail);
  }
}

}  // namespace

PlacedCall::PlacedCall(const Shared& shared, const IntentRecord& intent, CallErrand errand,
                       Tell tell)
    : shared_(shared),
      intent_(intent),
      errand_(std::move(errand)),
      tell_(std::move(tell)),
      heard_(" "),
      ask_limit_(*shared.with->executor),
      cut_(*shared.with->executor) {}

PlacedCall::~PlacedCall() { shared_.with->sessions->Close(intent_.client_reference); }

// Effects are known by long digests; their beginning names the files.
std::string PlacedCall::LogName() const { return StrCat("call-", intent_.effect_id.substr(0, 16)); }

absl::Status PlacedCall::OpenSession() {
  const EffectRequest* request = shared_.with->effects->Find(intent_.effect_id);
  if (request == nullptr) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, "its goal is not open");
  }
  GoalSession session{
      .scope = request->scope,
      .context = std::make_shared<GoalContext>(),
      .session_sink = StrCat("tel:", intent_.to),
      .caller_identity = shared_.options->from,
      .call = request->call,
      .mandate = request->scope.mandate,
      .language = shared_.options->language,
      .disclosure = DisclosureLine(errand_.principal, !shared_.options->recording_folder.empty(),
                                   shared_.options->language)};
  for (const ToolSpec& tool : shared_.tools->Specs()) {
    session.scope.tools[tool.name] = ToolFingerprint(tool);
  }
  // What comes from a page, a mail or a memory is worth no more for being told on the phone.
  const auto label_of = [request](const std::string& argument) {
    const auto found = request->labels.find(argument);
    return found == request->labels.end() ? Label{} : found->second;
  };
  session.context->Note(errand_.request, label_of("request"));
  for (const auto& [name, value] : errand_.facts) {
    session.context->NoteValue(value, label_of("facts"));
    const std::string_view handle = OnlyVaultHandle(value);
    if (!handle.empty()) session.secrets.emplace_back(handle);
  }
  return shared_.with->sessions->Open(intent_.client_reference, std::move(session));
}

absl::Status PlacedCall::Dial() {
  DRAGOMAN_RETURN_IF_ERROR(OpenSession());
  DRAGOMAN_ASSIGN_OR_RETURN(mind_, shared_.with->mind(errand_));
  const std::chrono::minutes limit(MinutesOf(intent_.arguments));
  Carrier::Callbacks callbacks;
  callbacks.on_done = lifetime_.Wrap(
      [this](DialOutcome outcome, std::unique_ptr<Call> call, std::string_view detail) {
        Dialled(outcome, std::move(call), detail);
      });
  DRAGOMAN_ASSIGN_OR_RETURN(
      dial_, shared_.with->effects->DialFor(intent_,
                                            {.to = intent_.to,
                                             .from = shared_.options->from,
                                             .client_reference = intent_.client_reference,
                                             .ring_timeout = shared_.options->ring_timeout,
                                             .time_limit = limit + kLastWords},
                                            std::move(callbacks)));
  return absl::OkStatus();
}

void PlacedCall::Dialled(DialOutcome outcome, std::unique_ptr<Call> call, std::string_view detail) {
  if (outcome != DialOutcome::kAnswered || call == nullptr) {
    const bool later = outcome == DialOutcome::kBusy || outcome == DialOutcome::kNoAnswer;
    return End(CallNewsKind::kFailed, Why(outcome, detail),
               later ? std::optional(shared_.options->retry_after) : std::nullopt);
  }
  const auto alive = lifetime_.Watch();
  const absl::Status talking = Talk(std::move(call));
  if (alive.expired()) return;
  if (!talking.ok()) {
    return End(CallNewsKind::kFailed, StrCat("the call was hung up at once: ", MessageOf(talking)));
  }
  TellOfIt(CallNewsKind::kConnected, "");
}

SessionOptions PlacedCall::SessionFor(std::optional<ReplyExpectation> opening) const {
  SessionOptions options{.instructions = ErrandInstructions(errand_),
                         .opening = std::move(opening),
                         .voice = {},
                         .machine = {},
                         .log_name = LogName(),
                         .recording_folder = shared_.options->recording_folder};
  options.machine.goodbye = "Thank you. Goodbye.";
  // What is waited for is the owner: the other party is told once, and then left in peace.
  options.machine.fillers = {"One moment, please."};
  options.machine.filler_again = std::chrono::seconds(12);
  options.machine.call_limit = std::chrono::minutes(MinutesOf(intent_.arguments));
  return options;
}

absl::Status PlacedCall::Talk(std::unique_ptr<Call> call) {
  call_id_ = call->info().id;
  call = WatchTones(std::move(call), lifetime_.Wrap([this](const ToneEvent& tone) {
    if (tone.kind == ToneKind::kBeep) MachineAnswered("a mailbox");
    const bool fax = tone.kind == ToneKind::kFaxAnswer || tone.kind == ToneKind::kFaxCalling;
    if (fax) MachineAnswered("a fax machine");
  }));
  Session::Callbacks callbacks;
  callbacks.on_heard = [this](std::string_view words) { Heard(words); };
  callbacks.on_done = [this](const CallReport& report) { Ended(report); };
  const CallStepDependencies& with = *shared_.with;
  DRAGOMAN_ASSIGN_OR_RETURN(session_,
                            Session::Start(std::move(call), SessionFor(std::move(mind_.opening)),
                                           {.recognizer = with.recognizer,
                                            .speech = with.speech,
                                            .model = mind_.model.get(),
                                            .effects = shared_.gate,
                                            .turns = nullptr,
                                            .logs = with.logs,
                                            .pool = with.pool,
                                            .log = with.log},
                                           std::move(callbacks)));
  return absl::OkStatus();
}

// Nothing is said to it, and nothing that it says is carried out; a person may be there later. Only
// at the beginning: lines that are recorded, and second callers, beep in the middle of a talk, and
// a call in which something may have been settled is not tried again.
void PlacedCall::MachineAnswered(std::string_view what) {
  if (!machine_.empty() || over_ || reached_ || turns_ > 1) return;
  machine_ = what;
  shared_.with->sessions->Freeze(call_id_, StrCat(what, " answered"));
  shared_.with->executor->Post(lifetime_.Wrap([this] {
    if (!over_ && session_ != nullptr) session_->Abort();
  }));
}

void PlacedCall::Heard(std::string_view words) {
  if (turns_++ == 0 && AnnouncesMailbox(words)) MachineAnswered("a mailbox");
  shared_.with->sessions->NoteHeard(call_id_, words);
  heard_ += PlainWords(words).substr(1);
  if (heard_.size() > kMostHeard) heard_.erase(0, heard_.find(' ', heard_.size() - kMostHeard));
  if (!AsksNotToBeCalled(words)) return;
  const EffectRequest* request = shared_.with->effects->Find(intent_.effect_id);
  const std::string tenant = request == nullptr ? std::string() : request->scope.tenant;
  const absl::Status blocked = shared_.with->numbers->Block(
      tenant, intent_.to, "asked not to be called again", shared_.with->executor->WallNow());
  if (!blocked.ok() && shared_.with->log != nullptr) {
    shared_.with->log->Write(LogLevel::kError, "calls",
                             StrCat("cannot block ", intent_.to, ": ", MessageOf(blocked)));
  }
}

void PlacedCall::Ended(const CallReport& report) {
  if (!machine_.empty()) {
    return End(CallNewsKind::kFailed, StrCat(machine_, " answered, and was not spoken to"),
               shared_.options->retry_after);
  }
  if (reached_) {
    json result = json::parse(result_);
    result["call"] = LogName();
    result["seconds"] = std::chrono::ceil<std::chrono::seconds>(report.duration).count();
    return End(CallNewsKind::kReached, result.dump());
  }
  std::string why = StrCat("they were called, and ");
  if (!result_.empty()) {
    const json result = json::parse(result_);
    why += StrCat("it was not reached: ", result.value("why", "no reason was given"));
  } else {
    why += StrCat("the call ended before anything was settled (", Name(report.end),
                  report.detail.empty() ? "" : ": ", report.detail, ")");
  }
  End(CallNewsKind::kFailed, StrCat(why, "; the call is ", LogName()));
}

void PlacedCall::End(CallNewsKind kind, std::string detail,
                     std::optional<std::chrono::seconds> retry_after) {
  if (std::exchange(over_, true)) return;
  Answer("");
  shared_.with->sessions->Close(intent_.client_reference);
  tell_({.goal = intent_.goal_id,
         .effect_id = intent_.effect_id,
         .kind = kind,
         .detail = std::move(detail),
         .retry_after = retry_after});
}

void PlacedCall::TellOfIt(CallNewsKind kind, std::string detail) {
  tell_({.goal = intent_.goal_id,
         .effect_id = intent_.effect_id,
         .kind = kind,
         .detail = std::move(detail),
         .retry_after = {}});
}

void PlacedCall::HangUp() {
  if (over_) return;
  if (session_ != nullptr) {
    // THREATS D21: gone within two seconds, whatever is being said.
    cut_.Start(kCutAfter, [this] {
      if (!over_) session_->Abort();
    });
    return session_->End("Goodbye.");
  }
  if (dial_ != nullptr) dial_->Cancel();
}

// --- the tools -----------------------------------------------------------------------------------

absl::StatusOr<std::string> PlacedCall::Report(const std::string& arguments) {
  if (!result_.empty()) return FailedPrecondition("the result was reported before");
  const json given = json::parse(arguments, nullptr, false);
  const bool reached = given.at("reached").get<bool>();
  const std::string quote = given.value("quote", "");
  const std::string words = PlainWords(quote);
  const bool said = words.size() > 2 && heard_.find(words) != std::string::npos;
  if (reached && !said) {
    return InvalidArgument("quote is \"", EscapeLine(quote.substr(0, 200)),
                           "\"; expected words that the other party said on this call");
  }
  json result = json::object();
  if (const auto fields = given.find("fields"); fields != given.end()) result = *fields;
  if (said) result["quote"] = quote;
  reached_ = reached;
  result_ = NamedHandles(result.dump());
  return std::string(R"({"noted":true})");
}

void PlacedCall::Ask(std::string question, ToolDone done) {
  if (asking_) return done(FailedPrecondition("the owner is being asked something else"));
  asking_ = std::move(done);
  ask_limit_.Start(kOwnerWait, [this] { Answer(""); });
  TellOfIt(CallNewsKind::kAsks, std::move(question));
}

void PlacedCall::Answer(const std::string& words) {
  if (!asking_) return;
  ask_limit_.Stop();
  ToolDone done = std::exchange(asking_, nullptr);
  done(json{{"answer", words}}.dump());
}

void PlacedCall::Press(std::string keys, ToolDone done) {
  if (session_ == nullptr || over_) return done(FailedPrecondition("the call has ended"));
  const CallStepDependencies& with = *shared_.with;
  pressing_ = std::make_unique<KeyPress>(
      KeyPress::Parts{.sessions = with.sessions,
                      .grants = with.grants,
                      .secrets = with.secrets,
                      .executor = with.executor,
                      .press = [this](std::string_view all) { return session_->PressKeys(all); }},
      call_id_, keys, [keys, done = std::move(done)](absl::Status pressed) mutable {
        if (!pressed.ok()) return done(std::move(pressed));
        done(json{{"pressed", keys}}.dump());
      });
  pressing_->Begin();
}

}  // namespace dragoman
