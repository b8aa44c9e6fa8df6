// Whether a mailbox holds a mail of ours: what is asked, and what the answer says.
#ifndef DRAGOMAN_SRC_PROVIDERS_MAIL_IMAP_SEARCH_H_
#define DRAGOMAN_SRC_PROVIDERS_MAIL_IMAP_SEARCH_H_

#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

// The command, without its tag. `mark` as MailMark() makes it.
std::string ImapSearchFor(std::string_view mark, std::string_view message_id);

// How many messages the untagged lines of a UID SEARCH name. None: there was no SEARCH line, or one
// that cannot be read: that answers nothing, in particular not that there is none.
std::optional<int> CountImapHits(std::string_view untagged_lines);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_PROVIDERS_MAIL_IMAP_SEARCH_H_
