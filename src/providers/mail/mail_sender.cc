#include "dragoman/providers/mail/mail_sender.h"

#include <curl/curl.h>

#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/mail/mail_message.h"
#include "dragoman/tools/canonical_json.h"
#include "dragoman/tools/pooled_tool.h"
#include "src/providers/mail/curl_mail.h"
#include "src/providers/mail/imap_search.h"
#include "src/providers/mail/smtp_delivery.h"

namespace dragoman {
namespace {

// How long it takes in virtual time: a few round trips and a server that writes to its disk.
constexpr std::chrono::milliseconds kModelledDelivery{400};
constexpr std::chrono::milliseconds kModelledLookup{200};
constexpr std::size_t kMostSearchBytes = 64 << 10;

MailEnvelope EnvelopeOf(const MailOptions& options, std::string_view reference, WallTime date) {
  return {.from_address = options.from_address,
          .from_name = options.from_name,
          .mark = MailMark(reference),
          .automatic = options.automatic,
          .date = date};
}

absl::StatusOr<SmtpEnvelope> Prepare(const MailOptions& options, std::string_view arguments,
                                     const MailEnvelope& envelope) {
  DRAGOMAN_ASSIGN_OR_RETURN(const MailMessage message, ReadSendEmailArguments(arguments));
  SmtpEnvelope mail{.from = options.from_address};
  DRAGOMAN_ASSIGN_OR_RETURN(mail.bytes, ComposeMail(message, envelope));
  mail.recipients = message.to;
  mail.recipients.insert(mail.recipients.end(), message.cc.begin(), message.cc.end());
  if (options.lookup && !options.lookup->copy_to.empty()) {
    mail.recipients.push_back(options.lookup->copy_to);
  }
  return mail;
}

std::size_t Collect(char* bytes, std::size_t size, std::size_t count, void* data) {
  auto& text = *static_cast<std::string*>(data);
  if (text.size() + size * count > kMostSearchBytes) return 0;  // ends it as a failure
  text.append(bytes, size * count);
  return size * count;
}

struct SearchLimit {
  CURL* handle = nullptr;
  std::chrono::microseconds limit{0};
};
// The answer to LOGOUT is waited for no longer than everything else.
int WatchSearch(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& search = *static_cast<const SearchLimit*>(data);
  return IsOver(search.handle, search.limit);
}

// Blocks. kFound, kAbsent or kFailed; knows nothing of `settle`.
LookupResult Search(const MailOptions& options, const MailEnvelope& envelope) {
  const MailLookup& lookup = *options.lookup;
  char error[CURL_ERROR_SIZE];
  const CurlHandle handle =
      OpenCurl(lookup.imap, options, "imap", EscapePath(lookup.mailbox), error);
  if (handle == nullptr) return {.detail = "out of memory"};
  const std::string id = MailMessageId(envelope);
  const std::string command = ImapSearchFor(envelope.mark, id);
  std::string lines;
  curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, command.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, static_cast<void*>(&lines));
  SearchLimit limit{handle.get(), options.timeout};
  curl_easy_setopt(handle.get(), CURLOPT_XFERINFOFUNCTION, &WatchSearch);
  curl_easy_setopt(handle.get(), CURLOPT_XFERINFODATA, static_cast<void*>(&limit));
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return {.detail = StrCat("imap: ", CurlWords(code, error))};
  const std::optional<int> hits = CountImapHits(lines);
  if (!hits) return {.detail = "imap: no SEARCH line in the answer"};
  if (*hits == 0) return {.outcome = LookupOutcome::kAbsent, .detail = "imap: not in the mailbox"};
  return {.outcome = LookupOutcome::kFound, .reference = id, .detail = "imap: in the mailbox"};
}

class CurlMailSender : public EffectSender {
 public:
  CurlMailSender(const MailOptions& options, const MailDependencies& dependencies)
      : options_(std::make_shared<const MailOptions>(options)), dependencies_(dependencies) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    if (intent.client_reference.empty()) {
      return Later(std::move(done),
                   SendResult{.outcome = SendOutcome::kRejected,
                              .detail = "mail: the intent has no client reference"});
    }
    const MailEnvelope envelope = EnvelopeOf(*options_, intent.client_reference, DateOf(intent));
    absl::StatusOr<SmtpEnvelope> mail = Prepare(*options_, intent.arguments, envelope);
    if (!mail.ok()) {
      return Later(std::move(done),
                   SendResult{.outcome = SendOutcome::kRejected,
                              .detail = StrCat("mail: ", MessageOf(mail.status()))});
    }
    struct Job {
      SmtpEnvelope mail;
      SmtpOutcome outcome;
    };
    const TimePoint latest = dependencies_.executor->Now() + options_->timeout;
    auto job = std::make_shared<Job>(Job{.mail = *std::move(mail)});
    auto answer = std::make_shared<absl::AnyInvocable<void(SendResult)>>(std::move(done));
    const absl::Status taken = dependencies_.pool->Submit(
        {.run =
             [job, options = options_, clock = dependencies_.executor, latest] {
               // The journal has given up on it by now: what it will find out must stay true.
               job->outcome = clock->Now() > latest
                                  ? SmtpOutcome{SmtpEnd::kUnreachable, "no thread was free in time"}
                                  : Deliver(*options, job->mail, nullptr);
             },
         .done = lifetime_.Wrap([this, job, answer, id = MailMessageId(envelope)] {
           (*answer)(ResultOf(job->outcome, id));
         }),
         .modelled_duration = kModelledDelivery},
        *dependencies_.executor);
    if (!taken.ok()) {
      Later(std::move(*answer), SendResult{.outcome = SendOutcome::kRejected,
                                           .detail = StrCat("mail: ", MessageOf(taken)),
                                           .retry_after = options_->retry_unreachable});
    }
  }

  void LookUp(const IntentRecord& intent, WallTime, WallTime,
              absl::AnyInvocable<void(LookupResult)> done) override {
    if (!options_->lookup) {
      return Later(std::move(done), LookupResult{.detail = "mail: no lookup is configured"});
    }
    auto result = std::make_shared<LookupResult>();
    auto answer = std::make_shared<absl::AnyInvocable<void(LookupResult)>>(std::move(done));
    const MailEnvelope envelope = EnvelopeOf(*options_, intent.client_reference, DateOf(intent));
    // A copy that was still on its way when the question was asked must not count as absent.
    const bool settled = intent.armed && dependencies_.executor->WallNow() - *intent.armed >=
                                             options_->lookup->settle;
    const absl::Status taken = dependencies_.pool->Submit(
        {.run = [result, options = options_, envelope] { *result = Search(*options, envelope); },
         .done = lifetime_.Wrap([result, answer, settled] {
           if (result->outcome == LookupOutcome::kAbsent && !settled) {
             *result = {.detail = "imap: not in the mailbox yet; too early to tell"};
           }
           (*answer)(*result);
         }),
         .modelled_duration = kModelledLookup},
        *dependencies_.executor);
    if (!taken.ok()) {
      Later(std::move(*answer), LookupResult{.detail = StrCat("mail: ", MessageOf(taken))});
    }
  }

  void Poll(const IntentRecord&, absl::AnyInvocable<void(PollResult)> done) override {
    Later(std::move(done), PollResult{.detail = "mail: a mail is taken or refused at once"});
  }

 private:
  template <typename Result>
  void Later(absl::AnyInvocable<void(Result)> done, Result result) {
    dependencies_.executor->Post(
        lifetime_.Wrap([done = std::move(done), result]() mutable { done(std::move(result)); }));
  }

  WallTime DateOf(const IntentRecord& intent) const {
    return intent.armed.value_or(dependencies_.executor->WallNow());
  }

  SendResult ResultOf(const SmtpOutcome& outcome, const std::string& message_id) const {
    SendResult result{.outcome = SendOutcome::kRejected, .detail = StrCat("smtp: ", outcome.words)};
    switch (outcome.end) {
      case SmtpEnd::kTaken:
        result.outcome = SendOutcome::kConfirmed;
        result.reference = message_id;
        break;
      case SmtpEnd::kMayBeTaken:
        result.outcome = SendOutcome::kNoAnswer;
        break;
      case SmtpEnd::kUnreachable:
        result.retry_after = options_->retry_unreachable;
        break;
      case SmtpEnd::kRefusedNow:
        result.retry_after = options_->retry_later;
        break;
      case SmtpEnd::kNoTls:
      case SmtpEnd::kNoLogin:
      case SmtpEnd::kRefused:
      case SmtpEnd::kCancelled:
        break;
    }
    return result;
  }

  const std::shared_ptr<const MailOptions> options_;  // shared with work in the pool
  const MailDependencies dependencies_;
  Lifetime lifetime_;
};

absl::Status StatusOf(const SmtpOutcome& outcome) {
  const std::string words = StrCat("smtp: ", outcome.words);
  switch (outcome.end) {
    case SmtpEnd::kTaken:
      return absl::OkStatus();
    case SmtpEnd::kMayBeTaken:
      return MakeStatus(absl::StatusCode::kUnknown,
                        StrCat(words, "; it may have been sent, so do not send it again"));
    case SmtpEnd::kUnreachable:
      return Unavailable(words, "; not sent");
    case SmtpEnd::kRefusedNow:
      return ResourceExhausted(words, "; not sent, try later");
    case SmtpEnd::kNoLogin:
      return MakeStatus(absl::StatusCode::kUnauthenticated, StrCat(words, "; not sent"));
    case SmtpEnd::kNoTls:
    case SmtpEnd::kRefused:
      return FailedPrecondition(words, "; not sent");
    case SmtpEnd::kCancelled:
      return Cancelled();
  }
  return Internal("smtp: an end without a name");
}

absl::Status Check(const MailOptions& options, const MailDependencies& dependencies) {
  const absl::Status valid = options.Validate();
  if (!valid.ok()) return Annotate(valid, "mail");
  if (dependencies.executor == nullptr || dependencies.pool == nullptr) {
    return InvalidArgument("mail lacks an executor or a work pool");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EffectSender>> MakeMailSender(const MailOptions& options,
                                                             const MailDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(Check(options, dependencies));
  return std::make_unique<CurlMailSender>(options, dependencies);
}

absl::StatusOr<std::unique_ptr<Tool>> MakeSendEmailTool(const MailOptions& options,
                                                        const MailDependencies& dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(Check(options, dependencies));
  auto shared = std::make_shared<const MailOptions>(options);
  return MakePooledTool(
      SendEmailSpec(options),
      [shared, clock = dependencies.executor](
          const std::string& arguments, const ToolContext& context,
          const CancelFlag& cancel) -> absl::StatusOr<std::string> {
        if (context.effect_key.empty()) {
          return FailedPrecondition("send_email has no effect key; not sent");
        }
        const MailEnvelope envelope = EnvelopeOf(*shared, context.effect_key, clock->WallNow());
        DRAGOMAN_ASSIGN_OR_RETURN(const SmtpEnvelope mail, Prepare(*shared, arguments, envelope));
        const SmtpOutcome outcome = Deliver(*shared, mail, &cancel);
        DRAGOMAN_RETURN_IF_ERROR(StatusOf(outcome));
        return StrCat("{\"message_id\":", JsonString(MailMessageId(envelope)),
                      ",\"server\":", JsonString(outcome.words), ",\"status\":\"sent\"}");
      },
      *dependencies.pool, kModelledDelivery);
}

}  // namespace dragoman
