// A carrier in a process of its own that counts the calls it really places, and loses requests,
// answers and lookups by the last digit of the number. One request for each connection:
//
//   PLACE reference to from microseconds   -> CONFIRMED id | ACCEPTED id | REJECTED | (closed)
//   FIND reference to from first last now  -> FOUND id | ABSENT | (closed)
//   POLL id now                            -> CONFIRMED | PENDING | (closed)
//   COUNT to                               -> how many calls were placed to it
//
//   0-2 as it should be   3 placed, the answer is lost   4 the request is lost
//   5 accepted, its end is known at the third poll   6 refused
//   7 placed, the answer is lost, and lookups fail for 20 minutes of the caller's time
//   8 placed without the reference, the answer is lost: found by (to, from, time) only
// 3, 4, 6 and 8 hold for the first request of a number; the next one is as it should be.
//
// Prints its port, then serves until its input ends.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct PlacedCall {
  std::string reference, to, from;
  std::int64_t at = 0;
  int polls = 0;
};

class Carrier {
 public:
  // Empty: the connection is closed without a word.
  std::string Answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "PLACE") return Place(words);
    if (verb == "FIND") return Find(words);
    if (verb == "POLL") return Poll(words);
    if (verb == "COUNT") {
      std::string to;
      words >> to;
      int count = 0;
      for (const PlacedCall& call : calls_) count += call.to == to;
      return std::to_string(count);
    }
    return "WHAT";
  }

 private:
  std::string Place(std::istringstream& words) {
    PlacedCall call;
    words >> call.reference >> call.to >> call.from >> call.at;
    const bool first = ++requests_[call.to] == 1;
    const char fate = call.to.back();
    if (first && fate == '4') return "";
    if (first && fate == '6') return "REJECTED";
    if (first && fate == '8') call.reference = "-";
    calls_.push_back(call);
    if (fate == '7') {
      down_until_[call.to] = call.at + 20ll * 60 * 1'000'000;
      return "";
    }
    if (first && (fate == '3' || fate == '8')) return "";
    const std::string id = std::to_string(calls_.size() - 1);
    return (fate == '5' ? "ACCEPTED " : "CONFIRMED ") + id;
  }

  std::string Find(std::istringstream& words) {
    std::string reference, to, from;
    std::int64_t first = 0, last = 0, now = 0;
    words >> reference >> to >> from >> first >> last >> now;
    if (now < down_until_[to]) return "";
    for (size_t i = 0; i < calls_.size(); ++i) {
      if (calls_[i].reference == reference) return "FOUND " + std::to_string(i);
    }
    for (size_t i = 0; i < calls_.size(); ++i) {
      const PlacedCall& call = calls_[i];
      if (call.reference == "-" && call.to == to && call.from == from && call.at >= first &&
          call.at <= last) {
        return "FOUND " + std::to_string(i);
      }
    }
    return "ABSENT";
  }

  std::string Poll(std::istringstream& words) {
    size_t id = 0;
    words >> id;
    if (id >= calls_.size()) return "";
    return ++calls_[id].polls >= 3 ? "CONFIRMED" : "PENDING";
  }

  std::vector<PlacedCall> calls_;
  std::map<std::string, int> requests_;
  std::map<std::string, std::int64_t> down_until_;
};

}  // namespace

int main() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  Carrier carrier;
  pollfd waits[2] = {{STDIN_FILENO, POLLIN, 0}, {listener, POLLIN, 0}};
  while (poll(waits, 2, -1) > 0) {
    if (waits[0].revents != 0) return 0;
    if (waits[1].revents == 0) continue;
    const int peer = accept(listener, nullptr, nullptr);
    std::string line;
    char byte = 0;
    while (line.size() < 4096 && read(peer, &byte, 1) == 1 && byte != '\n') line += byte;
    // A caller that died in the middle of its line has asked for nothing.
    if (byte == '\n') {
      std::string answer = carrier.Answer(line);
      if (!answer.empty()) {
        answer += '\n';
        if (send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) {
        }
      }
    }
    close(peer);
  }
  return 0;
}
