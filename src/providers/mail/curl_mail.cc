#include "src/providers/mail/curl_mail.h"

#include "dragoman/core/status.h"

namespace dragoman {

CurlHandle OpenCurl(const MailServer& server, const MailOptions& options, std::string_view scheme,
                    std::string_view path, char* error) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  CurlHandle handle(initialized == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) return handle;
  const bool imap = scheme == "imap";
  int port = server.port;
  switch (server.security) {
    case MailSecurity::kImplicitTls:
      if (port == 0) port = imap ? 993 : 465;
      break;
    case MailSecurity::kStartTls:
      if (port == 0) port = imap ? 143 : 587;
      break;
    case MailSecurity::kPlain:
      if (port == 0) port = imap ? 143 : 25;
      break;
  }
  const auto set = [&](CURLoption option, auto value) {
    curl_easy_setopt(handle.get(), option, value);
  };
  const bool colons = server.host.find(':') != std::string::npos;
  const std::string host = colons ? StrCat("[", server.host, "]") : server.host;
  const std::string url = StrCat(scheme, server.security == MailSecurity::kImplicitTls ? "s" : "",
                                 "://", host, ":", port, "/", path);
  error[0] = '\0';
  set(CURLOPT_ERRORBUFFER, error);
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps,imap,imaps");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // never the environment's
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  set(CURLOPT_FORBID_REUSE, 1L);  // so the goodbye is said under our limits, not at cleanup
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_USE_SSL,
      static_cast<long>(server.security == MailSecurity::kStartTls ? CURLUSESSL_ALL
                                                                   : CURLUSESSL_NONE));
  if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.user.empty()) {
    set(CURLOPT_USERNAME, server.user.c_str());
    set(CURLOPT_SASL_IR, 1L);
    if (!server.bearer_token.empty()) {
      set(CURLOPT_XOAUTH2_BEARER, std::string(server.bearer_token.Reveal()).c_str());
    } else {
      set(CURLOPT_PASSWORD, std::string(server.password.Reveal()).c_str());
    }
  }
  return handle;
}

bool IsOver(CURL* handle, std::chrono::microseconds limit) {
  curl_off_t micros = 0;
  return curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &micros) == CURLE_OK &&
         micros > limit.count();
}

std::string EscapePath(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string CurlWords(CURLcode code, const char* error) {
  return error[0] != '\0' ? error : curl_easy_strerror(code);
}

}  // namespace dragoman
