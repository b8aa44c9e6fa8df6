#include "src/providers/mail/smtp_delivery.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "dragoman/core/status.h"
#include "src/providers/mail/curl_mail.h"
#include "src/providers/mail/smtp_reply.h"

namespace dragoman {
namespace {

struct Exchange {
  std::string_view left;  // bytes of the mail that libcurl has not taken yet
  // libcurl has the last bytes: the final dot follows, and from here on the server may have it all.
  bool handed_over = false;
  SmtpReplyReader reader;
  std::optional<SmtpReply> last;         // of the whole session, but for the goodbye
  std::optional<SmtpReply> final_reply;  // the first one after handing over
  const CancelFlag* cancel = nullptr;
  CURL* handle = nullptr;
  std::chrono::microseconds limit{0};
};

std::size_t GiveBytes(char* to, std::size_t size, std::size_t count, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  if (exchange.cancel != nullptr && exchange.cancel->cancelled()) return CURL_READFUNC_ABORT;
  const std::size_t take = std::min(size * count, exchange.left.size());
  std::memcpy(to, exchange.left.data(), take);
  exchange.left.remove_prefix(take);
  if (exchange.left.empty()) exchange.handed_over = true;
  return take;
}

std::size_t HearLine(char* line, std::size_t size, std::size_t count, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  std::optional<SmtpReply> reply = exchange.reader.Take({line, size * count});
  if (reply) {
    if (reply->code != 221) exchange.last = *reply;
    if (exchange.handed_over && !exchange.final_reply) exchange.final_reply = *reply;
  }
  return size * count;
}

// Not zero ends the exchange. libcurl asks about once a second while it waits, also for the answer
// to QUIT, which would otherwise hold the thread for two minutes beyond the limit.
int Watch(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& exchange = *static_cast<const Exchange*>(data);
  if (exchange.final_reply || IsOver(exchange.handle, exchange.limit)) return 1;
  return !exchange.handed_over && exchange.cancel != nullptr && exchange.cancel->cancelled();
}

std::string Words(const SmtpReply& reply) { return StrCat(reply.code, " ", reply.text); }

SmtpOutcome AfterHandingOver(const Exchange& exchange, CURLcode code, const char* error) {
  if (!exchange.final_reply) return {SmtpEnd::kMayBeTaken, CurlWords(code, error)};
  const SmtpReply& reply = *exchange.final_reply;
  // 3xx is no answer to a final dot: who knows what it means.
  const SmtpEnd end = reply.code < 300   ? SmtpEnd::kTaken
                      : reply.code < 400 ? SmtpEnd::kMayBeTaken
                      : reply.code < 500 ? SmtpEnd::kRefusedNow
                                         : SmtpEnd::kRefused;
  return {end, Words(reply)};
}

// Nothing of what follows can have left the server with a mail.
SmtpOutcome BeforeHandingOver(const Exchange& exchange, CURLcode code, const char* error) {
  if (exchange.cancel != nullptr && exchange.cancel->cancelled())
    return {SmtpEnd::kCancelled, "cancelled before it was sent"};
  const int last = exchange.last ? exchange.last->code : 0;
  const std::string words = last >= 400 ? Words(*exchange.last) : CurlWords(code, error);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
      return {SmtpEnd::kNoTls, words};
    case CURLE_LOGIN_DENIED:
      // 454 is a server that cannot check right now (RFC 4954 section 4.7).
      if (last >= 400 && last < 500) return {SmtpEnd::kRefusedNow, words};
      return {SmtpEnd::kNoLogin, words};
    default:
      break;
  }
  if (last >= 500) return {SmtpEnd::kRefused, words};
  if (last >= 400) return {SmtpEnd::kRefusedNow, words};
  return {SmtpEnd::kUnreachable, words};
}

}  // namespace

SmtpOutcome Deliver(const MailOptions& options, const SmtpEnvelope& envelope,
                    const CancelFlag* cancel) {
  const std::string ehlo = options.ehlo_name.empty()
                               ? envelope.from.substr(envelope.from.find('@') + 1)
                               : options.ehlo_name;
  char error[CURL_ERROR_SIZE];
  const CurlHandle handle = OpenCurl(options.smtp, options, "smtp", EscapePath(ehlo), error);
  CurlList recipients;
  for (const std::string& recipient : envelope.recipients) {
    curl_slist* const longer =
        curl_slist_append(recipients.get(), StrCat("<", recipient, ">").c_str());
    if (longer == nullptr) return {SmtpEnd::kUnreachable, "out of memory"};
    static_cast<void>(recipients.release());
    recipients.reset(longer);
  }
  if (handle == nullptr || recipients == nullptr) {
    return {SmtpEnd::kUnreachable, "out of memory"};
  }
  Exchange exchange{
      .left = envelope.bytes, .cancel = cancel, .handle = handle.get(), .limit = options.timeout};
  const auto set = [&](CURLoption option, auto value) {
    curl_easy_setopt(handle.get(), option, value);
  };
  const std::string from = StrCat("<", envelope.from, ">");
  set(CURLOPT_MAIL_FROM, from.c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(envelope.bytes.size()));
  set(CURLOPT_READFUNCTION, &GiveBytes);
  set(CURLOPT_READDATA, static_cast<void*>(&exchange));
  set(CURLOPT_HEADERFUNCTION, &HearLine);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  set(CURLOPT_XFERINFOFUNCTION, &Watch);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
  const CURLcode code = curl_easy_perform(handle.get());
  if (exchange.handed_over) return AfterHandingOver(exchange, code, error);
  return BeforeHandingOver(exchange, code, error);
}

}  // namespace dragoman
