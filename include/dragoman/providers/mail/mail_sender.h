// Mail that leaves: SMTP submission (RFC 6409) as a tool and as the sender of an effect journal,
// and IMAP (RFC 3501) to look up after a crash whether a mail was taken.
//
// libcurl speaks the protocols, on threads of a work pool.
#ifndef DRAGOMAN_PROVIDERS_MAIL_MAIL_SENDER_H_
#define DRAGOMAN_PROVIDERS_MAIL_MAIL_SENDER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/secret.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/store/effect_journal.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

enum class MailSecurity {
  kImplicitTls,  // TLS from the first byte: ports 465 and 993
  kStartTls,     // upgraded, or nothing is sent: ports 587 and 143
  kPlain,        // without a login, or to this machine only: ports 25 and 143
};

struct DRAGOMAN_EXPORT MailServer {
  std::string host;  // a name or an address; certificates are checked against it
  int port = 0;      // 0: the one that goes with `security`
  MailSecurity security = MailSecurity::kImplicitTls;
  std::string user;     // empty: no login
  Secret password;      // PLAIN or LOGIN, whichever the server offers
  Secret bearer_token;  // instead of a password: XOAUTH2
  std::string ca_file;  // PEM; empty: the system's authorities
};

// Where a mail that was taken can be found again. Only with a folder that the server fills together
// with taking the mail is "not there" worth anything; one that we would fill ourselves later proves
// nothing, so there is no such choice.
struct DRAGOMAN_EXPORT MailLookup {
  MailServer imap;
  std::string mailbox = "Sent";  // as the server spells it (modified UTF-7), ASCII
  // Empty: the submission server itself keeps every mail it takes in `mailbox`, as Gmail and
  // Exchange do. Otherwise a blind copy goes to this address, with the mail or not at all, and
  // `mailbox` is where it arrives.
  std::string copy_to;
  // How long after ARMED a copy may take to appear, twice `timeout` to 10 min. "Not there" counts
  // from then on; before, it is no answer. Too short for the server, and a mail could go out twice.
  std::chrono::seconds settle{180};
};

struct DRAGOMAN_EXPORT MailOptions {
  MailServer smtp;
  std::string from_address;  // of header and envelope; bounces go there
  std::string from_name;     // UTF-8; may be empty
  std::string ehlo_name;     // a host name; empty: the domain of from_address
  bool automatic = true;     // says so in the header (RFC 3834)
  // None: nothing can be looked up, so the effect class is E3: a mail whose answer was lost is a
  // question to its owner. With one it is E2.
  std::optional<MailLookup> lookup;
  // For one mail or one lookup, 100 ms to 5 min; both below the journal's limits, or its timer
  // decides first.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{25'000};
  // When a new attempt may be made: after a 4xx (RFC 5321 section 4.5.4.1 wants 30 min of a relay;
  // greylisting opens after 5 min), and after a server that could not be reached. 0 s to 24 h.
  std::chrono::seconds retry_later{300};
  std::chrono::seconds retry_unreachable{60};
  absl::Status Validate() const;  // kInvalidArgument naming the field
};

struct DRAGOMAN_EXPORT MailDependencies {
  Executor* executor = nullptr;  // the journal's; callbacks come there
  WorkPool* pool = nullptr;      // borrowed, as is the executor: both outlive what is made here
};

// What a model is told of `send_email`, and what the governor decides by: outward, "to" and "cc"
// are mail addresses, E2 with a lookup and E3 without, a success proves a "message".
DRAGOMAN_EXPORT ToolSpec SendEmailSpec(const MailOptions& options);

// The far side of an effect journal for intents whose tool is `send_email`: `arguments` are the
// tool's, Message-ID and mark come from `client_reference`, the date is that of ARMED.
//
// Send:    kConfirmed  the server said 2xx after the final dot: it is responsible now
//          kRejected   it certainly does not have the mail: arguments refused, never connected, no
//                      TLS, no login, 4xx or 5xx at any command or after the final dot, connection
//                      lost before the last bytes were given to it. `retry_after` after a 4xx or
//                      where it could not be reached; none after a 5xx.
//          kNoAnswer   the last bytes may have reached it and no reply came
//          One refused recipient means that nobody gets it.
// LookUp:  kFound      a mail with our mark is in the mailbox (several copies are one mail)
//          kAbsent     the mailbox was searched, there is none, and `settle` has passed since ARMED
//          kFailed     anything else; always without a lookup
// Poll:    kFailed; nothing is ever left in SENT
// A full pool counts as not connected, and so does one that has no thread free within `timeout`:
// a mail does not go out later than twice `timeout` after Send. Only on the journal's executor.
// kInvalidArgument: options or dependencies.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<EffectSender>> MakeMailSender(
    const MailOptions& options, const MailDependencies& dependencies);

// The same mail as a tool, for whoever keeps the journal elsewhere: Message-ID and mark come from
// the context's effect_key, without which nothing is sent (kFailedPrecondition). A result is
// {"message_id":...,"server":...,"status":"sent"}. kInvalidArgument: the arguments. kUnavailable,
// kResourceExhausted (4xx), kUnauthenticated, kFailedPrecondition (5xx): certainly not sent.
// kUnknown: it may have been sent; look before sending again. Cancelled before its last bytes went
// out it is not sent.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Tool>> MakeSendEmailTool(
    const MailOptions& options, const MailDependencies& dependencies);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_MAIL_MAIL_SENDER_H_
