#pragma once

// The client's side of TLS (1.2 or 1.3) over a connected socket. Who is at the other end is checked before anything is
// sent: the certificate has to name the host and to come from an authority of the system's store (that of OpenSSL, so
// SSL_CERT_FILE and SSL_CERT_DIR name others). One thread at a time.

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct ssl_st;

namespace lilux::net {

class TlsStream {
 public:
  // The socket stays the caller's and outlives the stream. `host` is a name or an address. `unauthenticated` when the
  // certificate cannot be trusted, `corrupt` when the other side speaks no TLS, `timeout`, `unavailable`.
  static base::Result<TlsStream> open(int fd, const std::string& host, std::chrono::milliseconds timeout);

  // As those of sys/sockets.h. An end that the other side did not announce is `unavailable`: anybody on the way can
  // make one.
  base::Result<void> send_all(std::string_view bytes, std::chrono::milliseconds timeout);
  base::Result<std::size_t> receive_some(std::span<char> into, std::chrono::milliseconds timeout);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  explicit TlsStream(int fd) : fd_(fd) {}

  template <class Step>
  base::Result<std::size_t> drive(const Step& step, TimePoint deadline);
  base::Result<void> flush(TimePoint deadline);
  base::Result<void> fill(TimePoint deadline);

  int fd_ = -1;
  std::unique_ptr<ssl_st, Free> ssl_;
};

}  // namespace lilux::net
