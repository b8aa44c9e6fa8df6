// The counting mail server, from the side of a test.
#ifndef DRAGOMAN_TESTS_PROVIDERS_MAIL_MAIL_SERVER_PROCESS_H_
#define DRAGOMAN_TESTS_PROVIDERS_MAIL_MAIL_SERVER_PROCESS_H_

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/base64.h"
#include "tests/contract/child_process.h"

namespace dragoman {

// One line to a server on this machine, one line back up to `end`. Empty: it is gone.
inline std::string AskPort(int port, const std::string& line, char end) {
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  std::string answer;
  if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string question = line + "\n";
    if (send(peer, question.data(), question.size(), MSG_NOSIGNAL) > 0) {
      char byte = 0;
      while (read(peer, &byte, 1) == 1 && byte != end) answer += byte;
    }
  }
  close(peer);
  return answer;
}

// `command` as counting_mail_server.cc says.
class MailServerProcess {
 public:
  explicit MailServerProcess(std::vector<std::string> command) : process_(std::move(command)) {
    std::istringstream ports(process_.ReadLine());
    ports >> smtp_ >> smtps_ >> imap_ >> control_;
  }

  int smtp() const { return smtp_; }
  int smtps() const { return smtps_; }
  int imap() const { return imap_; }

  // Mails taken for one recipient; of one Message-ID. -1: the server is gone.
  int Count(const std::string& recipient) { return Number("COUNT " + recipient); }
  int CountId(const std::string& message_id) { return Number("COUNTID " + message_id); }
  std::string LastMail(const std::string& recipient) {
    return DecodeBase64(Ask("BYTES " + recipient)).value_or("");
  }

  std::string Ask(const std::string& line) { return AskPort(control_, line, '\r'); }

 private:
  int Number(const std::string& line) {
    const std::string answer = Ask(line);
    return answer.empty() ? -1 : std::atoi(answer.c_str());
  }

  ChildProcess process_;
  int smtp_ = 0, smtps_ = 0, imap_ = 0, control_ = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_MAIL_MAIL_SERVER_PROCESS_H_
