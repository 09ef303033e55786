#include "net/http_client.h"

#include <array>
#include <thread>

#include <doctest/doctest.h>

#include "net/http_server.h"
#include "sys/sockets.h"

namespace lilux::net {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
constexpr milliseconds kPatience{10'000};

std::chrono::steady_clock::time_point in(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// A server that says one thing to one visitor and then, if asked to, waits until it leaves.
class Script {
 public:
  enum class Then : std::uint8_t { close, wait };
  explicit Script(std::string answer, Then then = Then::close)
      : listener_(sys::listen_loopback(0).value()), answer_(std::move(answer)), then_(then) {
    thread_ = std::jthread([this] { run(); });
  }
  Endpoint endpoint() const { return {.port = sys::local_port(listener_.get()).value()}; }
  const std::string& heard() {
    thread_.join();
    return heard_;
  }

 private:
  void run() {
    const auto visitor = sys::accept(listener_.get());
    if (!visitor || !*visitor) return;
    const int fd = (*visitor)->get();
    while (heard_.find("\r\n\r\n") == std::string::npos && hear(fd)) {
    }
    std::ignore = sys::send_all(fd, answer_, kPatience);
    while (then_ == Then::wait && hear(fd)) {
    }
  }
  bool hear(int fd) {
    std::array<char, 4096> buffer;
    const auto count = sys::receive_some(fd, buffer, kPatience);
    if (!count || *count == 0) return false;
    heard_.append(buffer.data(), *count);
    return true;
  }

  sys::Fd listener_;
  std::string answer_;
  Then then_;
  std::string heard_;
  std::jthread thread_;
};

TEST_CASE("a request goes out as it should and its answer comes back") {
  Script script("HTTP/1.1 201 Made\r\nX: y\r\nContent-Length: 2\r\n\r\nhi");
  const Endpoint endpoint = script.endpoint();
  const auto response =
      fetch(endpoint, {.method = "POST",
                       .target = "/a?b=c",
                       .headers = {{.name = "X-One", .value = "1"}, {.name = "content-length", .value = "9"}},
                       .body = "body"});
  REQUIRE(response.has_value());
  CHECK(response->status == 201);
  CHECK(*response->headers.find("x") == "y");
  CHECK(response->body == "hi");
  CHECK(script.heard() == "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(endpoint.port) +
                              "\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_CASE("a request that would be two is not sent") {
  Script script("");
  for (const char* target : {"/ HTTP/1.1\r\nX: y", "", "/a b", "/\xc3\xa9", "/#x"}) {
    CAPTURE(target);
    auto connection = ClientConnection::open(script.endpoint()).value();
    CHECK(connection.fetch({.target = target}).error().code == ErrorCode::invalid_argument);
  }
  CHECK(fetch(script.endpoint(), {.method = "GET /", .target = "/"}).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("answers that are wrong are errors, each with its code") {
  const auto code = [](const std::string& answer) {
    Script script(answer);
    const auto response = fetch(script.endpoint(), {.target = "/"}, {.deadline = in(kPatience), .body_bytes_max = 10});
    return response ? ErrorCode::internal : response.error().code;
  };
  CHECK(code("") == ErrorCode::unavailable);
  CHECK(code("HTTP/1.1 200 OK\r\nContent-Le") == ErrorCode::unavailable);
  CHECK(code("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi") == ErrorCode::unavailable);
  CHECK(code("SSH-2.0-server\r\n") == ErrorCode::corrupt);
  CHECK(code("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n") == ErrorCode::corrupt);
  CHECK(code("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n") == ErrorCode::over_budget);
  CHECK(code("HTTP/1.1 200 OK\r\n\r\n01234567890") == ErrorCode::over_budget);
}

TEST_CASE("nobody listening, another machine, and a deadline are errors at once or in time") {
  std::uint16_t free_port = 0;
  {
    const sys::Fd listener = sys::listen_loopback(0).value();
    free_port = sys::local_port(listener.get()).value();
  }
  CHECK(fetch({.port = free_port}, {.target = "/"}).error().code == ErrorCode::unavailable);
  CHECK(fetch({.unix_path = "/nowhere/s"}, {.target = "/"}).error().code == ErrorCode::not_found);
  CHECK(fetch({.host = "example.com", .port = 80}, {.target = "/"}).error().code == ErrorCode::invalid_argument);

  const sys::Fd silent = sys::listen_loopback(0).value();
  const Endpoint endpoint{.port = sys::local_port(silent.get()).value()};
  const auto begin = std::chrono::steady_clock::now();
  CHECK(fetch(endpoint, {.target = "/"}, {.deadline = in(milliseconds{50})}).error().code == ErrorCode::timeout);
  CHECK(std::chrono::steady_clock::now() - begin < kPatience / 2);
  const auto quiet = fetch_stream(endpoint, {.target = "/"}, [](std::string_view) { return Flow::more; },
                                  {.head_deadline = in(milliseconds{50})});
  CHECK(quiet.error().code == ErrorCode::timeout);
}

TEST_CASE("a stream that falls silent ends in a timeout") {
  Script script("HTTP/1.1 200 OK\r\n\r\nfirst", Script::Then::wait);
  std::string read;
  const auto result = fetch_stream(script.endpoint(), {.target = "/"},
                                   [&](std::string_view bytes) {
                                     read += bytes;
                                     return Flow::more;
                                   },
                                   {.silence_max = milliseconds{50}});
  CHECK(result.error().code == ErrorCode::timeout);
  CHECK(read == "first");
}

TEST_CASE("a request to stop ends the wait") {
  const sys::Fd silent = sys::listen_loopback(0).value();
  const Endpoint endpoint{.port = sys::local_port(silent.get()).value()};
  std::stop_source stop;
  std::jthread stopper([&] {
    const auto visitor = sys::accept(silent.get());  // the client is connected now and waits
    stop.request_stop();
  });
  const auto result = fetch(endpoint, {.target = "/"}, {.stop = stop.get_token()});
  stopper.join();
  CHECK(result.error().code == ErrorCode::cancelled);
  CHECK(fetch(endpoint, {.target = "/"}, {.stop = stop.get_token()}).error().code == ErrorCode::cancelled);
}

TEST_CASE("a connection is used again while it may be, and not after bytes nobody asked for") {
  Server::Options options{.port = 0, .limits = {}};
  auto server = Server::start(std::move(options), [&](const Request& request, Exchange exchange) {
                  exchange.respond({.status = 200, .headers = {}, .body = request.path});
                }).value();
  auto connection = ClientConnection::open({.port = server->port()}).value();
  for (int i = 0; i < 10; ++i)
    CHECK(connection.fetch({.target = "/" + std::to_string(i)})->body == "/" + std::to_string(i));
  const Request last{.target = "/last", .headers = {{.name = "Connection", .value = "close"}}};
  CHECK(connection.fetch(last)->body == "/last");
  CHECK_FALSE(connection.is_open());
  CHECK(connection.fetch(last).error().code == ErrorCode::unavailable);

  Script script("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n", Script::Then::wait);
  auto tricked = ClientConnection::open(script.endpoint()).value();
  CHECK(tricked.fetch({.target = "/"}).has_value());
  CHECK_FALSE(tricked.is_open());
}

TEST_CASE("a connection is taken over with what came behind the 101") {
  Script script("HTTP/1.1 101 Go\r\nupgrade: TALK\r\nConnection: upgrade\r\n\r\nwelcome\r\n", Script::Then::wait);
  {
    const auto upgraded = upgrade(script.endpoint(), {.target = "/x"}, "talk", {.deadline = in(kPatience)});
    REQUIRE(upgraded.has_value());
    CHECK(upgraded->response.status == 101);
    CHECK(upgraded->received == "welcome\r\n");
    REQUIRE(sys::send_all(upgraded->fd.get(), "thanks", kPatience));
  }
  const std::string& heard = script.heard();
  CHECK(heard.starts_with("GET /x HTTP/1.1\r\n"));
  CHECK(heard.ends_with("\r\nConnection: Upgrade\r\nUpgrade: talk\r\n\r\nthanks"));
}

TEST_CASE("any other answer to an upgrade is a response, and a wrong 101 an error") {
  Script refusal("HTTP/1.1 426 No\r\nContent-Length: 4\r\n\r\nnope");
  const auto refused = upgrade(refusal.endpoint(), {.target = "/"}, "talk");
  REQUIRE(refused.has_value());
  CHECK(refused->response.status == 426);
  CHECK(refused->response.body == "nope");
  CHECK_FALSE(refused->fd);

  Script other("HTTP/1.1 101 Go\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\n");
  CHECK(upgrade(other.endpoint(), {.target = "/"}, "talk").error().code == ErrorCode::corrupt);
  Script unasked("HTTP/1.1 101 Go\r\nUpgrade: talk\r\nConnection: upgrade\r\n\r\n");
  CHECK(fetch(unasked.endpoint(), {.target = "/"}).error().code == ErrorCode::corrupt);
  Script silent("HTTP/1.1 101 Go\r\nUpgr", Script::Then::wait);
  CHECK(upgrade(silent.endpoint(), {.target = "/"}, "talk", {.deadline = in(milliseconds{50})}).error().code ==
        ErrorCode::timeout);
}

TEST_CASE("an error in answer to a stream is collected, not streamed, and has a limit") {
  Script script("HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\ndenied");
  const auto never = [](std::string_view) -> Flow {
    FAIL("an error is no stream");
    return Flow::enough;
  };
  CHECK(fetch_stream(script.endpoint(), {.target = "/"}, never)->body == "denied");
  Script large("HTTP/1.1 500 No\r\n\r\n" + std::string(100, 'x'));
  CHECK(fetch_stream(large.endpoint(), {.target = "/"}, never, {.error_bytes_max = 99}).error().code ==
        ErrorCode::over_budget);
}

}  // namespace
}  // namespace lilux::net
