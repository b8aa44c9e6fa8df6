// A blocking TCP client that sends whatever it is told, for tests of servers. Gives up after 10 s.
#ifndef DRAGOMAN_TESTS_NET_RAW_CLIENT_H_
#define DRAGOMAN_TESTS_NET_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace dragoman {

class RawClient {
 public:
  // `receive_buffer` > 0 keeps the kernel from taking much for a client that does not read.
  explicit RawClient(int port, int receive_buffer = 0) {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (receive_buffer > 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawClient() { close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  // False: the peer is gone, or takes nothing.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Up to `text` and with it, or up to the end of the connection.
  std::string ReadUntil(std::string_view text) {
    std::string got;
    char c = 0;
    while (got.size() < text.size() ||
           std::string_view(got).substr(got.size() - text.size()) != text) {
      if (recv(socket_, &c, 1, 0) <= 0) break;
      got += c;
    }
    return got;
  }
  std::string Read(std::size_t size) {
    std::string got(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const ssize_t received = recv(socket_, got.data() + have, size - have, 0);
      if (received <= 0) break;
      have += static_cast<std::size_t>(received);
    }
    got.resize(have);
    return got;
  }
  // What is there, without waiting; empty at the end of the connection. False: nothing yet.
  bool ReadSome(std::string* piece) {
    piece->resize(65536);
    const ssize_t received = recv(socket_, piece->data(), piece->size(), MSG_DONTWAIT);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    piece->resize(received > 0 ? static_cast<std::size_t>(received) : 0);
    return true;
  }
  void EndSending() { shutdown(socket_, SHUT_WR); }
  std::string ReadAll() {
    std::string got;
    for (std::string piece = Read(4096); !piece.empty(); piece = Read(4096)) got += piece;
    return got;
  }

  // Head and body by content-length.
  std::string ReadReply() {
    std::string reply = ReadUntil("\r\n\r\n");
    const std::size_t at = reply.find("content-length: ");
    if (at != std::string::npos) reply += Read(std::stoul(reply.substr(at + 16)));
    return reply;
  }

 private:
  int socket_ = -1;
  bool connected_ = false;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_NET_RAW_CLIENT_H_
