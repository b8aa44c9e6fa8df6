#include "tests/net/tls_peer.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string_view>

#include "dragoman/core/base64.h"

namespace dragoman {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key MakeKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

void AddExtension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer` with `issuer_key`; without one, by itself: an authority.
Certificate MakeCertificate(const char* name, const std::string& names, bool expired, EVP_PKEY* key,
                            X509* issuer, EVP_PKEY* issuer_key) {
  static int serial = 0;
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), expired ? -7200 : -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), expired ? -3600 : 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* signer = issuer ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  AddExtension(certificate.get(), signer, NID_basic_constraints,
               issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
  if (!names.empty()) {
    AddExtension(certificate.get(), signer, NID_subject_alt_name, names.c_str());
  }
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

int Listen(int* port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener, 8);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  *port = ntohs(address.sin_port);
  return listener;
}

// RFC 6455 section 4.2.2.
std::string UpgradeReply(const std::string& request) {
  constexpr std::string_view kField = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kField) + kField.size();
  std::string key = request.substr(at, request.find("\r\n", at) - at);
  key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         EncodeBase64({reinterpret_cast<const char*>(digest), sizeof(digest)}) + "\r\n\r\n";
}

bool ReadExactly(SSL* tls, char* to, int size) {
  for (int have = 0; have < size;) {
    const int got = SSL_read(tls, to + have, size - have);
    if (got <= 0) return false;
    have += got;
  }
  return true;
}

}  // namespace

struct TlsPeer::State {
  std::string folder;
  std::string ca_file;
  int listener = -1;
  int port = 0;
  SSL_CTX* context = nullptr;
  mutable std::mutex mutex;
  std::string received;
};

TlsPeer::TlsPeer(const ServerCertificate& certificate) : state_(std::make_unique<State>()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "dragoman-tls-XXXXXX").string();
  if (mkdtemp(pattern.data()) != nullptr) state_->folder = pattern;
  state_->ca_file = state_->folder + "/ca.pem";
  const Key authority_key = MakeKey();
  const Certificate authority = MakeCertificate("a test's authority", "", false,
                                                authority_key.get(), nullptr, authority_key.get());
  if (std::FILE* file = std::fopen(state_->ca_file.c_str(), "w")) {
    PEM_write_X509(file, authority.get());
    std::fclose(file);
  }
  const Key key = MakeKey();
  const Certificate own = MakeCertificate("server", certificate.names, certificate.expired,
                                          key.get(), authority.get(), authority_key.get());
  state_->context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(state_->context, own.get());
  SSL_CTX_use_PrivateKey(state_->context, key.get());
  if (certificate.max_tls_version != 0) {
    SSL_CTX_set_security_level(state_->context, 0);
    SSL_CTX_set_min_proto_version(state_->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(state_->context, certificate.max_tls_version);
  }
  state_->listener = Listen(&state_->port);
  thread_ = std::thread([this] {
    sigset_t signals;
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (true) {
      const int connection = accept4(state_->listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      Serve(connection);
      close(connection);
    }
  });
}

TlsPeer::~TlsPeer() {
  shutdown(state_->listener, SHUT_RDWR);
  thread_.join();
  close(state_->listener);
  SSL_CTX_free(state_->context);
  std::filesystem::remove_all(state_->folder);
}

int TlsPeer::port() const { return state_->port; }
const std::string& TlsPeer::ca_file() const { return state_->ca_file; }
std::string TlsPeer::received() const {
  std::lock_guard lock(state_->mutex);
  return state_->received;
}

void TlsPeer::Serve(int connection) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(state_->context), &SSL_free);
  SSL_set_fd(tls.get(), connection);
  if (SSL_accept(tls.get()) != 1) return;
  std::string request;
  for (char byte = 0; !request.ends_with("\r\n\r\n"); request += byte) {
    if (!ReadExactly(tls.get(), &byte, 1)) return;
    std::lock_guard lock(state_->mutex);
    state_->received += byte;
  }
  const std::string reply = UpgradeReply(request);
  SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size()));
  while (true) {  // short masked frames come, the same unmasked go back
    char head[6];
    if (!ReadExactly(tls.get(), head, sizeof(head))) return;
    std::string payload(static_cast<std::size_t>(head[1] & 0x7f), '\0');
    if (!ReadExactly(tls.get(), payload.data(), static_cast<int>(payload.size()))) return;
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= head[2 + (i & 3)];
    const std::string frame = std::string(1, head[0]) + static_cast<char>(payload.size()) + payload;
    SSL_write(tls.get(), frame.data(), static_cast<int>(frame.size()));
    if ((head[0] & 15) == 8) break;
  }
  SSL_shutdown(tls.get());
}

}  // namespace dragoman
