#include "net/tls.h"

#include <algorithm>
#include <array>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/sockets.h"

namespace lilux::net {

using base::ErrorCode;
using base::fail;
using base::Result;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = std::size_t{16} << 10;  // what a record of TLS may hold
// Where systems keep all authorities in one file. The folder of OpenSSL is asked by the name of one and costs nothing;
// a file takes 20 ms to read.
constexpr std::array kBundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                              "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

struct FreeContext {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

milliseconds left_until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds{0});
}

std::string reason_of(unsigned long error) {
  const char* reason = ::ERR_reason_error_string(error);
  return reason == nullptr ? "no reason is known" : reason;
}

void name_authorities(SSL_CTX* context) {
  ::SSL_CTX_set_default_verify_dir(context);
  if (sys::environment_variable(::X509_get_default_cert_file_env())) {
    ::SSL_CTX_set_default_verify_file(context);
  } else if (!sys::exists(::X509_get_default_cert_dir())) {
    const auto bundle = std::ranges::find_if(kBundles, [](const char* path) { return sys::exists(path); });
    if (bundle != kBundles.end()) ::SSL_CTX_load_verify_file(context, *bundle);
  }
  ::ERR_clear_error();  // without any no certificate is trusted, and that is told then
}

Result<Context> make_context() {
  Context context(::SSL_CTX_new(::TLS_client_method()));
  if (!context || ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return fail(ErrorCode::internal, "cannot begin TLS: " + reason_of(::ERR_get_error()));
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  name_authorities(context.get());
  return context;
}

// Whom the certificate has to name; a name is told to the other side too, which may serve several.
bool expect_host(SSL* ssl, std::string host) {
  if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1) return true;
  ::ERR_clear_error();
  ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return ::SSL_set1_host(ssl, host.c_str()) == 1 &&
         ::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

std::string hint_for(long fault) {
  if (fault == X509_V_ERR_HOSTNAME_MISMATCH || fault == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return "the address has to have the name that the certificate is for";
  if (fault == X509_V_ERR_CERT_HAS_EXPIRED || fault == X509_V_ERR_CERT_NOT_YET_VALID)
    return "is the clock of this machine right? else the server needs a new certificate";
  return "its authority has to be in the system's store, or in the file that SSL_CERT_FILE names";
}

}  // namespace

void TlsStream::Free::operator()(ssl_st* ssl) const {
  ::SSL_free(ssl);
}

// What TLS has to say goes out by our own sockets, so that no wait outlasts its deadline.
Result<void> TlsStream::flush(TimePoint deadline) {
  std::array<char, kPieceBytes> buffer;
  while (true) {
    const int count = ::BIO_read(::SSL_get_wbio(ssl_.get()), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) return {};
    TRY(sys::send_all(fd_, {buffer.data(), static_cast<std::size_t>(count)}, left_until(deadline)));
  }
}

Result<void> TlsStream::fill(TimePoint deadline) {
  std::array<char, kPieceBytes> buffer;
  const std::size_t count = TRY(sys::receive_some(fd_, buffer, left_until(deadline)));
  if (count == 0) return fail(ErrorCode::unavailable, "the other side hung up in the middle of TLS");
  ::BIO_write(::SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(count));
  return {};
}

// Does the step until it is through. 0: the other side said that it ends.
template <class Step>
Result<std::size_t> TlsStream::drive(const Step& step, TimePoint deadline) {
  while (true) {
    ::ERR_clear_error();
    const int result = step(ssl_.get());
    const int state = ::SSL_get_error(ssl_.get(), result);
    const unsigned long error = ::ERR_peek_last_error();
    const Result<void> flushed = flush(deadline);  // of an alert too, but the fault itself is what counts
    if (result <= 0 && state == SSL_ERROR_ZERO_RETURN) return 0;
    if (result <= 0 && state != SSL_ERROR_WANT_READ) return fail(ErrorCode::corrupt, reason_of(error));
    TRY(Result<void>(flushed));
    if (result > 0) return static_cast<std::size_t>(result);
    TRY(fill(deadline));
  }
}

Result<TlsStream> TlsStream::open(int fd, const std::string& host, milliseconds timeout) {
  const Context context = TRY(make_context());
  TlsStream stream(fd);
  stream.ssl_.reset(::SSL_new(context.get()));
  if (!stream.ssl_ || !expect_host(stream.ssl_.get(), host))
    return fail(ErrorCode::internal, "cannot begin TLS with " + sys::quoted(host));
  ::SSL_set_bio(stream.ssl_.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
  const auto done = stream.drive([](SSL* ssl) { return ::SSL_connect(ssl); }, Clock::now() + timeout);
  if (done && *done > 0) return stream;
  if (done) return fail(ErrorCode::unavailable, sys::quoted(host) + " ended TLS before it began");
  const long fault = ::SSL_get_verify_result(stream.ssl_.get());
  if (fault != X509_V_OK)
    return fail(ErrorCode::unauthenticated,
                "cannot trust the certificate of " + sys::quoted(host) + ": " + ::X509_verify_cert_error_string(fault),
                hint_for(fault));
  return base::in_context(base::Error(done.error()), "cannot begin TLS with " + sys::quoted(host));
}

Result<void> TlsStream::send_all(std::string_view bytes, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    const auto write = [&](SSL* ssl) { return ::SSL_write(ssl, piece.data(), static_cast<int>(piece.size())); };
    if (TRY(drive(write, deadline)) == 0) return fail(ErrorCode::unavailable, "the other side has ended TLS");
    bytes.remove_prefix(piece.size());
  }
  return {};
}

Result<std::size_t> TlsStream::receive_some(std::span<char> into, milliseconds timeout) {
  const auto read = [&](SSL* ssl) { return ::SSL_read(ssl, into.data(), static_cast<int>(into.size())); };
  return drive(read, Clock::now() + timeout);
}

}  // namespace lilux::net
