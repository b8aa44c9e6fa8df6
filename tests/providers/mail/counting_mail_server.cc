// A mail server in a process of its own that counts what it really takes, and loses mails, answers
// and lookups by the end of the first recipient's local part ("anna-3@example.net"):
//
//   0-2 as it should be            3 taken, the connection is dropped after the final dot
//   4 dropped before the final dot 5 taken, the answer never comes
//   6 451 at RCPT                  7 taken, the answer is lost, and IMAP fails for 20 minutes
//   8 550 at RCPT                  9 554 after the final dot      a 421 at DATA
// 3 to 6 and 8 to a hold for the first mail of a recipient; the next one is as it should be.
//
//   counting_mail_server LEDGER [CERTIFICATE]
//
// With CERTIFICATE it makes itself one for "localhost", writes it there (PEM), and offers STARTTLS
// and TLS.
//
// Prints four ports: SMTP, SMTP with TLS from the first byte, IMAP, control. Login: agent, correct
// horse; or the token "sesame" (XOAUTH2). Every mail taken is in the mailbox Sent; one to
// archive@... is in Archive too. It is in LEDGER, on disk, before the server says so. One
// connection at a time, SMTP before IMAP: what a killed client has sent is taken before anybody can
// ask for it. Serves until its input ends. Control, one line for each connection:
//   COUNT recipient | COUNTID message-id | BYTES recipient (base64) | CLOCK file | CLOSE n
// CLOCK: virtual time in microseconds as a file holds it; CLOSE: the next n connections meet 421.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/base64.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

constexpr std::int64_t kImapDown = 20ll * 60 * 1'000'000;

int Listen(int* port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::exit(1);
  }
  *port = ntohs(address.sin_port);
  return listener;
}

// One client. Ends where it went away or has been silent for 30 s.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {
    const timeval limit{.tv_sec = 30, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const int at_once = 1;  // a reply of several lines does not wait for the client's delayed ACK
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  }
  ~Peer() {
    SSL_free(tls_);
    close(fd_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool StartTls(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, fd_);
    buffer_.clear();  // nothing said before counts
    return SSL_accept(tls_) == 1;
  }
  bool encrypted() const { return tls_ != nullptr; }

  // With its end. None: the client is gone.
  std::optional<std::string> ReadLine() {
    while (true) {
      const std::size_t end = buffer_.find('\n');
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end + 1);
        buffer_.erase(0, end + 1);
        return line;
      }
      char bytes[4096];
      const auto got = tls_ != nullptr ? SSL_read(tls_, bytes, sizeof(bytes))
                                       : static_cast<int>(recv(fd_, bytes, sizeof(bytes), 0));
      if (got <= 0 || buffer_.size() > (1 << 20)) return std::nullopt;
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }
  void Write(std::string_view text) {
    const std::string line = std::string(text) + "\r\n";
    if (tls_ != nullptr) {
      SSL_write(tls_, line.data(), static_cast<int>(line.size()));
    } else if (send(fd_, line.data(), line.size(), MSG_NOSIGNAL) < 0) {
      return;
    }
  }
  // Or until it has had enough.
  void WaitUntilGone() {
    while (const std::optional<std::string> line = ReadLine()) {
      if (line->starts_with("QUIT")) return;
    }
  }

 private:
  const int fd_;
  SSL* tls_ = nullptr;
  std::string buffer_;
};

struct TakenMail {
  std::string message_id, mark, bytes;
  std::vector<std::string> recipients;
  std::int64_t at = 0;
};

std::string HeaderOf(const std::string& bytes, std::string_view name) {
  std::istringstream lines(bytes.substr(0, bytes.find("\r\n\r\n")));
  const std::string wanted = ToLowerAscii(name) + ":";
  std::string value;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && (line[0] == ' ' || line[0] == '\t')) {
      if (inside) value += line;
      continue;
    }
    inside = ToLowerAscii(line).starts_with(wanted);
    if (inside) value = line.substr(wanted.size());
  }
  return std::string(Trim(value));
}

char FateOf(const std::string& recipient) {
  const std::string local = recipient.substr(0, recipient.find('@'));
  return local.size() >= 2 && local[local.size() - 2] == '-' ? local.back() : '0';
}

std::string Between(const std::string& text, char open, char close) {
  const std::size_t from = text.find(open);
  const std::size_t to = text.find(close, from == std::string::npos ? 0 : from + 1);
  return from == std::string::npos || to == std::string::npos
             ? ""
             : text.substr(from + 1, to - from - 1);
}

bool IsToken(const std::string& base64) {
  const std::optional<std::string> text = DecodeBase64(base64);
  return text && *text == "user=agent\1auth=Bearer sesame\1\1";
}

bool IsLogin(const std::string& base64) {
  const std::optional<std::string> text = DecodeBase64(base64);
  return text && *text == std::string("\0agent\0correct horse", 20);
}

class CountingMailServer {
 public:
  CountingMailServer(std::string ledger, SSL_CTX* context) : context_(context) {
    std::ifstream kept(ledger);
    for (std::string line; std::getline(kept, line);) {
      std::istringstream words(line);
      TakenMail mail;
      words >> mail.message_id >> mail.at;
      for (std::string recipient; words >> recipient;) mail.recipients.push_back(recipient);
      mails_.push_back(std::move(mail));
    }
    ledger_ = open(ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }

  void Smtp(Peer& peer, bool tls) {
    if (closing_ > 0) {
      --closing_;
      return peer.Write("421 4.3.2 come back later");
    }
    if (tls && (context_ == nullptr || !peer.StartTls(context_))) return;
    peer.Write("220 counting.example.net ESMTP");
    SmtpSession session;
    while (const std::optional<std::string> line = peer.ReadLine()) {
      if (!SmtpCommand(peer, session, std::string(Trim(*line)))) return;
    }
  }

  void Imap(Peer& peer) {
    peer.Write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2] counting");
    std::string mailbox;
    bool login = false;
    while (const std::optional<std::string> line = peer.ReadLine()) {
      const std::string text(Trim(*line));
      const std::string tag = text.substr(0, text.find(' '));
      const std::string command = text.size() > tag.size() ? text.substr(tag.size() + 1) : "";
      const std::string upper = ToLowerAscii(command);
      if (upper == "capability") {
        peer.Write("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2");
        peer.Write(tag + " OK done");
      } else if (upper.starts_with("authenticate plain ")) {
        login = IsLogin(command.substr(19));
        peer.Write(tag + (login ? " OK in" : " NO [AUTHENTICATIONFAILED] no"));
      } else if (upper.starts_with("authenticate xoauth2 ")) {
        login = IsToken(command.substr(21));
        peer.Write(tag + (login ? " OK in" : " NO [AUTHENTICATIONFAILED] no"));
      } else if (upper == "logout") {
        peer.Write("* BYE");
        peer.Write(tag + " OK out");
        return;
      } else if (!login) {
        peer.Write(tag + " NO log in first");
      } else if (upper.starts_with("select ")) {
        mailbox = Trim(command.substr(7));
        if (mailbox.starts_with('"')) mailbox = Between(mailbox, '"', '"');
        const bool known = mailbox == "Sent" || mailbox == "Archive";
        if (known) peer.Write("* " + std::to_string(mails_.size()) + " EXISTS");
        peer.Write(tag + (known ? " OK [READ-WRITE] selected" : " NO [NONEXISTENT] no such"));
        if (!known) mailbox.clear();
      } else if (upper.starts_with("uid search ") && !mailbox.empty()) {
        const std::optional<std::string> hits = Search(command.substr(11), mailbox);
        if (!hits) return;
        peer.Write("* SEARCH" + *hits);
        peer.Write(tag + " OK done");
      } else {
        peer.Write(tag + " BAD what");
      }
    }
  }

  void Control(Peer& peer) {
    std::istringstream words(peer.ReadLine().value_or(""));
    std::string verb, word;
    words >> verb >> word;
    int count = 0;
    std::string bytes;
    for (const TakenMail& mail : mails_) {
      bool to_it = false;
      for (const std::string& recipient : mail.recipients) to_it |= recipient == word;
      count += verb == "COUNTID" ? mail.message_id == word : to_it;
      if (to_it) bytes = mail.bytes;
    }
    if (verb == "COUNT" || verb == "COUNTID") return peer.Write(std::to_string(count));
    if (verb == "BYTES") return peer.Write(EncodeBase64(std::string_view(bytes)));
    if (verb == "CLOCK") clock_ = word;
    if (verb == "CLOSE") closing_ = std::atoi(word.c_str());
    peer.Write("OK");
  }

 private:
  struct SmtpSession {
    bool hello = false, login = false, from = false;
    std::vector<std::string> recipients;
  };

  // False: the connection ends.
  bool SmtpCommand(Peer& peer, SmtpSession& session, const std::string& line) {
    const std::string command = ToLowerAscii(line);
    if (command.starts_with("ehlo ")) {
      session = {.hello = true, .login = session.login};
      peer.Write("250-counting.example.net");
      peer.Write("250-SIZE 100000");
      if (context_ != nullptr && !peer.encrypted()) peer.Write("250-STARTTLS");
      peer.Write("250 AUTH PLAIN XOAUTH2");
    } else if (command == "starttls" && context_ != nullptr && !peer.encrypted()) {
      peer.Write("220 2.0.0 go ahead");
      session = {};
      return peer.StartTls(context_);
    } else if (command.starts_with("auth plain ")) {
      session.login = IsLogin(line.substr(11));
      peer.Write(session.login ? "235 2.7.0 in" : "535 5.7.8 wrong user or password");
    } else if (command.starts_with("auth xoauth2 ")) {
      session.login = IsToken(line.substr(13));
      peer.Write(session.login ? "235 2.7.0 in" : "535 5.7.8 no such token");
    } else if (command == "quit") {
      peer.Write("221 2.0.0 bye");
      return false;
    } else if (!session.hello || !session.login) {
      peer.Write("530 5.7.0 say EHLO and log in first");
    } else if (command.starts_with("mail from:<")) {
      const std::size_t size = command.find(" size=");
      session.from = size == std::string::npos || std::atoi(command.c_str() + size + 6) <= 100'000;
      peer.Write(session.from ? "250 2.1.0 ok" : "552 5.3.4 too big");
    } else if (command.starts_with("rcpt to:<") && session.from) {
      const std::string recipient = Between(line, '<', '>');
      const char fate = session.recipients.empty() ? NewFate(recipient) : '0';
      if (fate == '6') peer.Write("451 4.7.1 greylisted, come back in five minutes");
      if (fate == '8') peer.Write("550 5.1.1 nobody of that name");
      if (fate == '6' || fate == '8') return true;
      session.recipients.push_back(recipient);
      peer.Write("250 2.1.5 ok");
    } else if (command == "data" && !session.recipients.empty()) {
      return Data(peer, session);
    } else {
      peer.Write("503 5.5.1 not now");
    }
    return true;
  }

  // Of a recipient's first mail its own, of each later one '0'.
  char NewFate(const std::string& recipient) {
    const char fate = FateOf(recipient);
    if (fate == '6' || fate == '8') return ++tries_[recipient] == 1 ? fate : '0';
    return fate;
  }

  bool Data(Peer& peer, SmtpSession& session) {
    const std::string first = session.recipients.front();
    const char fate = FateOf(first) == '7' || ++tries_[first] == 1 ? FateOf(first) : '0';
    if (fate == 'a') {
      peer.Write("421 4.3.2 shutting down");
      return false;
    }
    peer.Write("354 end with .");
    std::string bytes;
    bool bare = false;
    while (true) {
      std::optional<std::string> line = peer.ReadLine();
      if (!line || fate == '4') return false;  // without the final dot nothing was taken
      bare |= !line->ends_with("\r\n") || line->find('\r') != line->size() - 2;
      if (*line == ".\r\n") break;
      bytes += line->starts_with('.') ? line->substr(1) : *line;
    }
    if (bare || fate == '9') {
      peer.Write(bare ? "554 5.6.0 a line does not end in CRLF" : "554 5.7.1 looks like spam");
      session = {.hello = true, .login = true};
      return true;
    }
    Take({.message_id = HeaderOf(bytes, "Message-ID"),
          .mark = HeaderOf(bytes, "X-Dragoman-Agent"),
          .bytes = bytes,
          .recipients = session.recipients,
          .at = Now()});
    if (fate == '3' || fate == '7') return false;
    if (fate == '5') {
      peer.WaitUntilGone();
      return false;
    }
    peer.Write("250 2.0.0 queued as " + std::to_string(mails_.size()));
    session = {.hello = true, .login = true};
    return true;
  }

  void Take(TakenMail mail) {
    std::string line = mail.message_id + " " + std::to_string(mail.at);
    for (const std::string& recipient : mail.recipients) line += " " + recipient;
    line += "\n";
    if (write(ledger_, line.data(), line.size()) < 0 || fdatasync(ledger_) != 0) std::exit(1);
    mails_.push_back(std::move(mail));
  }

  // " 1 7", the UIDs. None: IMAP is down for one that it finds.
  std::optional<std::string> Search(const std::string& query, const std::string& mailbox) const {
    std::vector<std::string> words;  // OR HEADER Message-ID "..." HEADER X-Dragoman-Agent "..."
    std::istringstream in(query);
    for (std::string word; in >> word;) {
      words.push_back(word.starts_with('"') ? Between(word, '"', '"') : word);
    }
    std::string hits;
    for (std::size_t i = 0; i < mails_.size(); ++i) {
      const TakenMail& mail = mails_[i];
      bool here = mailbox == "Sent";
      for (const std::string& to : mail.recipients) here |= to.starts_with("archive@");
      bool found = false;
      for (std::size_t k = 0; k + 2 < words.size(); ++k) {
        if (ToLowerAscii(words[k]) != "header") continue;
        const std::string name = ToLowerAscii(words[k + 1]);
        const std::string* value = name == "message-id"         ? &mail.message_id
                                   : name == "x-dragoman-agent" ? &mail.mark
                                                                : nullptr;
        found |= value != nullptr && value->find(words[k + 2]) != std::string::npos;
      }
      if (!here || !found) continue;
      if (FateOf(mail.recipients.front()) == '7' && Now() < mail.at + kImapDown) {
        return std::nullopt;
      }
      hits += " " + std::to_string(i + 1);
    }
    return hits;
  }

  std::int64_t Now() const {
    std::int64_t micros = 0;
    std::ifstream file(clock_, std::ios::binary);
    file.read(reinterpret_cast<char*>(&micros), sizeof(micros));
    return micros;
  }

  SSL_CTX* const context_;
  int ledger_ = -1;
  std::string clock_;
  int closing_ = 0;
  std::vector<TakenMail> mails_;
  std::map<std::string, int> tries_;
};

// Signed by itself, for an hour.
SSL_CTX* MakeTls(const char* file_name) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("counting"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_EXTENSION* const names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* const file = std::fopen(file_name, "w");
  if (file == nullptr) std::exit(1);
  PEM_write_X509(file, certificate);
  std::fclose(file);
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

int Main(int count, char** words) {
  if (count != 2 && count != 3) return 2;
  std::signal(SIGPIPE, SIG_IGN);  // TLS writes to clients that are gone
  SSL_CTX* const context = count == 3 ? MakeTls(words[2]) : nullptr;
  CountingMailServer server(words[1], context);
  int ports[4];
  pollfd waits[5] = {{STDIN_FILENO, POLLIN, 0}};
  for (int i = 0; i < 4; ++i) waits[i + 1] = {Listen(&ports[i]), POLLIN, 0};
  std::printf("%d %d %d %d\n", ports[0], ports[1], ports[2], ports[3]);
  std::fflush(stdout);
  while (poll(waits, 5, -1) > 0) {
    if (waits[0].revents != 0) return 0;
    for (int i = 1; i < 5; ++i) {
      if (waits[i].revents == 0) continue;
      Peer peer(accept4(waits[i].fd, nullptr, nullptr, SOCK_CLOEXEC));
      if (i <= 2) server.Smtp(peer, i == 2);
      if (i == 3) server.Imap(peer);
      if (i == 4) server.Control(peer);
      break;  // look again: SMTP comes first
    }
  }
  return 0;
}

}  // namespace
}  // namespace dragoman

int main(int count, char** words) { return dragoman::Main(count, words); }
