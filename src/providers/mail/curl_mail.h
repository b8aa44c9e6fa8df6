// What SMTP and IMAP by libcurl have in common.
#ifndef DRAGOMAN_SRC_PROVIDERS_MAIL_CURL_MAIL_H_
#define DRAGOMAN_SRC_PROVIDERS_MAIL_CURL_MAIL_H_

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "dragoman/providers/mail/mail_sender.h"

namespace dragoman {

struct EndCurl {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, EndCurl>;
using CurlList = std::unique_ptr<curl_slist, EndCurl>;

// A handle for one exchange with `server`: "smtp" or "imap", its path (escaped), login, TLS,
// limits. Null: out of memory. What libcurl says of an error goes to `error`, CURL_ERROR_SIZE bytes
// that outlive the handle.
CurlHandle OpenCurl(const MailServer& server, const MailOptions& options, std::string_view scheme,
                    std::string_view path, char* error);

// Whether the exchange lasts longer than `limit`, a progress callback asks.
bool IsOver(CURL* handle, std::chrono::microseconds limit);

// One word of a URL's path.
std::string EscapePath(std::string_view text);

// The end of a failed exchange in words, without what a login consists of.
std::string CurlWords(CURLcode code, const char* error);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_PROVIDERS_MAIL_CURL_MAIL_H_
