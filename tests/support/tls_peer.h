#pragma once

// A server of TLS for tests, with certificates made on the spot. It answers every request alike, on one connection
// after another.

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "sys/sockets.h"

namespace lilux::test {

// A certificate and its key. What it is for: "DNS:localhost", "IP:127.0.0.1".
class Certificate {
 public:
  struct Terms {
    std::string names = {};  // none: an authority's
    long from_seconds = -3600;
    long until_seconds = 3600;
  };
  // Signed by another one, or by itself.
  explicit Certificate(const Terms& terms, const Certificate* by = nullptr)
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), x509_(X509_new(), X509_free) {
    static std::atomic<long> serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(x509()), serial++);
    X509_set_version(x509(), 2);
    X509_gmtime_adj(X509_getm_notBefore(x509()), terms.from_seconds);
    X509_gmtime_adj(X509_getm_notAfter(x509()), terms.until_seconds);
    X509_set_pubkey(x509(), key());
    const std::string name = terms.names.empty() ? "Lilux test authority" : "Lilux test server";
    const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509()), "CN", MBSTRING_ASC, bytes, static_cast<int>(name.size()),
                               -1, 0);
    X509_set_issuer_name(x509(), X509_get_subject_name(by ? by->x509() : x509()));
    extend(NID_basic_constraints, terms.names.empty() ? "critical,CA:TRUE" : "CA:FALSE");
    if (!terms.names.empty()) extend(NID_subject_alt_name, terms.names);
    REQUIRE(X509_sign(x509(), by ? by->key() : key(), EVP_sha256()) > 0);
  }

  void write(const std::string& path) const {
    FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    CHECK(PEM_write_X509(file, x509()) == 1);
    std::fclose(file);
  }
  X509* x509() const { return x509_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  void extend(int what, const std::string& text) {
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, nullptr, what, text.c_str());
    REQUIRE(made != nullptr);
    X509_add_ext(x509(), made, -1);
    X509_EXTENSION_free(made);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> x509_;
};

// While it lives, this authority is the system's.
class Trusted {
 public:
  Trusted(const Certificate& authority, const std::string& path) {
    authority.write(path);
    ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  }
  Trusted(const Trusted&) = delete;
  Trusted& operator=(const Trusted&) = delete;
  ~Trusted() { ::unsetenv("SSL_CERT_FILE"); }
};

class TlsPeer {
 public:
  enum class Manner { well, cut, plain, silent };  // cut: the connection ends without a word of TLS
  using Answer = std::function<std::string(const std::string& request)>;

  TlsPeer(const Certificate& certificate, Answer answer, Manner manner = Manner::well)
      : answer_(std::move(answer)), manner_(manner), context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to who has gone
    SSL_CTX_use_certificate(context_.get(), certificate.x509());
    SSL_CTX_use_PrivateKey(context_.get(), certificate.key());
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  std::uint16_t port() const { return sys::local_port(listener_.get()).value(); }
  int requests() const { return requests_; }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (!sys::wait_readable(listener_.get(), std::chrono::milliseconds(20)).value_or(false)) continue;
      auto visitor = sys::accept(listener_.get());
      if (visitor && *visitor) serve((*visitor)->get(), stop);
    }
  }

  void serve(int fd, const std::stop_token& stop) {
    const std::stop_callback cut(stop, [fd] { ::shutdown(fd, SHUT_RDWR); });
    std::array<char, 4096> heard;
    if (manner_ == Manner::plain) std::ignore = sys::send_all(fd, "HTTP/1.1 400 Bad\r\n\r\n", std::chrono::seconds(5));
    if (manner_ == Manner::plain || manner_ == Manner::silent) {
      while (sys::receive_some(fd, heard, std::chrono::seconds(10)).value_or(0) > 0) {
      }
      return;
    }
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl.get(), fd);
    if (SSL_accept(ssl.get()) != 1) return;
    std::string request;
    while (true) {
      const int count = SSL_read(ssl.get(), heard.data(), static_cast<int>(heard.size()));
      if (count <= 0) return;
      request.append(heard.data(), static_cast<std::size_t>(count));
      if (!is_whole(request)) continue;
      ++requests_;
      const std::string said = answer_(request);
      SSL_write(ssl.get(), said.data(), static_cast<int>(said.size()));
      request.clear();
      const bool is_last = said.contains("Connection: close");
      if (is_last && manner_ == Manner::well) SSL_shutdown(ssl.get());
      if (is_last) return;
    }
  }

  static bool is_whole(const std::string& request) {
    const std::size_t end = request.find("\r\n\r\n");
    const std::size_t length = request.find("Content-Length: ");
    if (end == std::string::npos) return false;
    return length == std::string::npos || request.size() >= end + 4 + std::stoul(request.substr(length + 16));
  }

  Answer answer_;
  Manner manner_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::atomic<int> requests_ = 0;
  sys::Fd listener_ = sys::listen_loopback(0).value();
  std::jthread thread_;
};

}  // namespace lilux::test
