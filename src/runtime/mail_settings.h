// A mail server as a person writes it, as the provider wants it.
#ifndef DRAGOMAN_SRC_RUNTIME_MAIL_SETTINGS_H_
#define DRAGOMAN_SRC_RUNTIME_MAIL_SETTINGS_H_

#include "absl/status/statusor.h"
#include "dragoman/providers/mail/mail_sender.h"
#include "dragoman/runtime/operator_host.h"

namespace dragoman {

// kInvalidArgument names the setting. `settings.smtp_url` is not empty.
absl::StatusOr<MailOptions> ReadMailSettings(const OperatorMailOptions& settings);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_MAIL_SETTINGS_H_
