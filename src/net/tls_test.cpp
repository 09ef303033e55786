#include "net/tls.h"

#include <doctest/doctest.h>

#include "net/http_client.h"
#include "tests/support/scratch.h"
#include "tests/support/tls_peer.h"

namespace lilux::net {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using test::Certificate;
using test::TlsPeer;
using test::Trusted;
using Manner = TlsPeer::Manner;

std::chrono::steady_clock::time_point in(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

std::string sized(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string echo(const std::string& request) {
  return sized(request.substr(request.find("\r\n\r\n") + 4));
}

Endpoint at(const TlsPeer& peer, const std::string& host = "localhost") {
  return {.host = host, .port = peer.port(), .is_tls = true};
}

const std::string kBoth = "DNS:localhost,IP:127.0.0.1";

TEST_CASE("requests go over TLS to a host whose certificate an authority of the system signed") {
  const test::Scratch scratch;
  const Certificate authority({});
  const Trusted trusted(authority, scratch / "ca.pem");
  const TlsPeer peer(Certificate({.names = kBoth}, &authority), echo);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    auto connection = test::must(ClientConnection::open(at(peer, host), {.deadline = in(milliseconds(5000))}));
    const std::string large(300'000, 'x');  // many records
    for (const std::string& body : {std::string("one"), large, std::string("three")}) {
      const Request request{.method = "POST", .target = "/", .body = body};
      const Response response = test::must(connection.fetch(request, {.deadline = in(milliseconds(5000))}));
      CHECK(response.status == 200);
      CHECK(response.body == body);
    }
    CHECK(connection.is_open());
  }
}

TEST_CASE("a certificate that cannot be trusted is told with its reason, and nothing is sent") {
  const test::Scratch scratch;
  const Certificate authority({});
  const Certificate stranger({});
  const Trusted trusted(authority, scratch / "ca.pem");
  const auto refused = [&](const Certificate& certificate, const std::string& host, const std::string& why) {
    const TlsPeer peer(certificate, echo);
    const auto answer = fetch(at(peer, host), {.target = "/"}, {.deadline = in(milliseconds(5000))});
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == ErrorCode::unauthenticated);
    CHECK_MESSAGE(answer.error().message.contains(why), answer.error().message);
    CHECK(answer.error().message.contains(host));
    CHECK_FALSE(answer.error().hint.empty());
    CHECK(peer.requests() == 0);
  };
  refused(Certificate({.names = "DNS:elsewhere.test"}, &authority), "localhost", "hostname mismatch");
  refused(Certificate({.names = "DNS:localhost"}, &authority), "127.0.0.1", "IP address mismatch");
  refused(Certificate({.names = "DNS:127.0.0.1"}, &authority), "127.0.0.1", "IP address mismatch");
  refused(Certificate({.names = kBoth, .until_seconds = -60}, &authority), "localhost", "certificate has expired");
  refused(Certificate({.names = kBoth, .from_seconds = 600}, &authority), "localhost", "not yet valid");
  refused(Certificate({.names = kBoth}), "localhost", "self-signed certificate");
  refused(Certificate({.names = kBoth}, &stranger), "localhost", "certificate");
  const Certificate between({.names = "DNS:between.test"}, &authority);  // no authority, though it signs
  refused(Certificate({.names = kBoth}, &between), "localhost", "certificate");
}

TEST_CASE("who speaks no TLS, or nothing at all, is left in time") {
  const Certificate certificate({.names = kBoth});
  const TlsPeer plain(certificate, echo, Manner::plain);
  const auto answer = fetch(at(plain), {.target = "/"}, {.deadline = in(milliseconds(5000))});
  CHECK(answer.error().code == ErrorCode::corrupt);
  CHECK(answer.error().message.starts_with("cannot begin TLS with 'localhost': "));

  const TlsPeer silent(certificate, echo, Manner::silent);
  const auto began = std::chrono::steady_clock::now();
  CHECK(fetch(at(silent), {.target = "/"}, {.deadline = in(milliseconds(100))}).error().code == ErrorCode::timeout);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(3));

  std::stop_source stop;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  CHECK(fetch(at(silent), {.target = "/"}, {.stop = stop.get_token()}).error().code == ErrorCode::cancelled);
}

TEST_CASE("an answer that ends with the connection is whole only when the server says so") {
  const test::Scratch scratch;
  const Certificate authority({});
  const Trusted trusted(authority, scratch / "ca.pem");
  const Certificate certificate({.names = kBoth}, &authority);
  const auto ends = [](const std::string&) { return std::string("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npart"); };
  const TlsPeer well(certificate, ends);
  CHECK(test::must(fetch(at(well), {.target = "/"}, {.deadline = in(milliseconds(5000))})).body == "part");
  const TlsPeer cut(certificate, ends, Manner::cut);
  CHECK(fetch(at(cut), {.target = "/"}, {.deadline = in(milliseconds(5000))}).error().code == ErrorCode::unavailable);
}

TEST_CASE("other machines are asked over TLS alone, and no other protocol is spoken over it") {
  CHECK(fetch({.host = "192.0.2.1", .port = 80}, {.target = "/"}).error().code == ErrorCode::invalid_argument);
  const test::Scratch scratch;
  const Certificate authority({});
  const Trusted trusted(authority, scratch / "ca.pem");
  const TlsPeer peer(Certificate({.names = kBoth}, &authority), echo);
  CHECK(upgrade(at(peer), {.target = "/"}, "other").error().code == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace lilux::net
