// Connections of the server that their handler has taken over.

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "sys/sockets.h"

namespace lilux::net {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{10'000};
constexpr std::size_t kMegabyte = std::size_t{1} << 20;

// An upgraded connection as its handler sees it.
class Talk {
 public:
  Stream stream;

  void hear(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes.empty()) ++ends_;
    heard_ += bytes;
    changed_.notify_all();
  }
  // Once that many bytes have come.
  std::string heard(std::size_t bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return heard_.size() >= bytes; });
    return heard_;
  }
  // How often the end was told, once it was.
  int ends() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return ends_ != 0; });
    return ends_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string heard_;
  int ends_ = 0;
};

template <class T>
class Line {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  T take() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, kPatience, [&] { return !values_.empty(); }));
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
};

// "/echo" and "/talk" are upgraded, one says back what it hears; "/held" is left to the test; all else is plain.
struct Served {
  std::string folder = (std::filesystem::temp_directory_path() / "net_test.XXXXXX").string();
  Line<std::shared_ptr<Talk>> talks;  // of the test and of the connection
  Line<Exchange> held;
  Line<bool> gone;
  std::unique_ptr<Server> server;

  explicit Served(ServerLimits limits = {}) {
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    Server::Options options{.unix_path = folder + "/s", .port = 0, .limits = limits};
    options.gate = [](const Request& head, const Peer&) -> std::optional<Response> {
      if (head.path != "/secret") return std::nullopt;
      return Response{.status = 403, .headers = {}, .body = "no"};
    };
    server = Server::start(std::move(options), [this](const Request& request, Exchange exchange) {
               if (request.path == "/echo" || request.path == "/talk")
                 return upgrade(std::move(exchange), request.path);
               if (request.path != "/held") return exchange.respond({.status = 200, .headers = {}, .body = "plain"});
               exchange.on_gone([this] { gone.put(true); });
               held.put(std::move(exchange));
             }).value();
  }
  ~Served() {
    server.reset();
    std::filesystem::remove_all(folder);
  }

  void upgrade(Exchange exchange, std::string_view path) {
    const auto talk = std::make_shared<Talk>();
    talk->stream =
        exchange.upgrade("talk", {{.name = "X", .value = "y"}}, [talk, echo = path == "/echo"](std::string_view bytes) {
          if (echo) talk->stream.write(bytes);
          talk->hear(bytes);
        });
    talks.put(talk);
  }
  Endpoint on_socket() const { return {.unix_path = folder + "/s"}; }
  Endpoint on_port() const { return {.port = server->port()}; }
};

// The peer's side, after the 101 or before anything.
class Wire {
 public:
  Wire(const Endpoint& endpoint, const std::string& path) {
    Upgraded upgraded = upgrade(endpoint, {.target = path}, "talk").value();
    REQUIRE(upgraded.response.status == 101);
    fd_ = std::move(upgraded.fd);
    received_ = std::move(upgraded.received);
  }
  explicit Wire(std::uint16_t port) : fd_(sys::connect_loopback(port, kPatience).value()) {}

  bool send(std::string_view bytes, milliseconds patience = kPatience) {
    return sys::send_all(fd_.get(), bytes, patience).has_value();
  }
  void end_sending() { REQUIRE(sys::shutdown_sending(fd_.get())); }
  void close() { fd_.close(); }
  std::string read(std::size_t bytes) {
    while (received_.size() < bytes && read_more()) {
    }
    std::string read = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return read;
  }
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(received_, {});
  }
  std::string read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos && read_more()) {
    }
    return read(std::min(received_.find(text), received_.size()) + text.size());
  }

 private:
  bool read_more() {
    std::array<char, 65536> buffer;
    const auto count = sys::receive_some(fd_.get(), buffer, kPatience);
    if (!count || *count == 0) return false;
    received_.append(buffer.data(), *count);
    return true;
  }

  sys::Fd fd_;
  std::string received_;
};

std::string ask(std::string_view path, std::string_view fields = "Connection: keep-alive, Upgrade\r\nUpgrade: Talk\r\n",
                std::string_view version = "1.1") {
  return "GET " + std::string(path) + " HTTP/" + std::string(version) + "\r\nHost: h\r\n" + std::string(fields) +
         "\r\n";
}

TEST_CASE("an upgraded connection is plain bytes both ways, from right behind the request on") {
  Served served;
  Wire wire(served.server->port());
  REQUIRE(wire.send(ask("/plain") + ask("/echo") + "first\n"));
  CHECK(wire.read_until("plain").starts_with("HTTP/1.1 200 OK\r\n"));
  const std::string head = wire.read_until("\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 101 Switching Protocols\r\nDate: "));
  CHECK(head.ends_with("\r\nX: y\r\nUpgrade: talk\r\nConnection: Upgrade\r\n\r\n"));
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(head.find("Transfer-Encoding") == std::string::npos);
  CHECK(wire.read(6) == "first\n");
  const std::string request = ask("/plain");
  REQUIRE(wire.send(request));
  CHECK(wire.read(request.size()) == request);
  const auto talk = served.talks.take();
  CHECK(talk->stream.is_open());
  talk->stream.close();
  CHECK(wire.read_to_end().empty());
  CHECK(talk->ends() == 1);
}

TEST_CASE("what comes while a request waits for its upgrade is kept for it") {
  Served served;
  Wire wire(served.server->port());
  REQUIRE(wire.send(ask("/held")));
  REQUIRE(wire.send("early "));
  Exchange exchange = served.held.take();
  REQUIRE(wire.send("words"));
  wire.end_sending();
  served.gone.take();  // over TCP, with the end: so all of it has come
  served.upgrade(std::move(exchange), "/talk");
  const auto talk = served.talks.take();
  CHECK(talk->ends() == 1);
  CHECK(talk->heard(11) == "early words");
  CHECK(talk->stream.write("heard you"));
  talk->stream.close();
  CHECK(wire.read_to_end().ends_with("\r\n\r\nheard you"));
}

TEST_CASE("a megabyte in one piece goes each way") {
  Served served;
  std::string said;
  for (int i = 0; said.size() < kMegabyte; ++i) said += std::to_string(i);
  for (const Endpoint& endpoint : {served.on_socket(), served.on_port()}) {
    Wire wire(endpoint, "/talk");
    const auto talk = served.talks.take();
    REQUIRE(wire.send(said));
    CHECK(talk->heard(said.size()) == said);
    CHECK(talk->stream.write(said));
    CHECK(wire.read(said.size()) == said);

    Wire echo(endpoint, "/echo");
    std::jthread sender([&] { echo.send(said); });
    CHECK(echo.read(said.size()) == said);
    served.talks.take();
  }
}

TEST_CASE("a peer that has said all it has to say still gets what is said to it") {
  Served served;
  for (const Endpoint& endpoint : {served.on_socket(), served.on_port()}) {
    Wire wire(endpoint, "/talk");
    const auto talk = served.talks.take();
    REQUIRE(wire.send("question"));
    wire.end_sending();
    CHECK(talk->ends() == 1);
    CHECK(talk->heard(8) == "question");
    CHECK(talk->stream.is_open());
    CHECK(talk->stream.write("long "));
    CHECK(wire.read(5) == "long ");
    CHECK(talk->stream.write("answer"));
    talk->stream.close();
    CHECK_FALSE(talk->stream.write("more"));
    CHECK(wire.read_to_end() == "answer");
    CHECK(talk->ends() == 1);
  }
}

TEST_CASE("what a peer said before it went is heard to its end") {
  Served served;
  const std::string last(150'000, 'x');  // as much as a Unix socket takes without a reader
  for (int i = 0; i < 20; ++i) {
    Wire wire(served.on_socket(), "/talk");
    const auto talk = served.talks.take();
    REQUIRE(wire.send(last));
    wire.close();
    CHECK(talk->ends() == 1);
    CHECK(talk->heard(last.size()).size() == last.size());
  }
}

TEST_CASE("a peer that goes on talking without listening is no longer listened to, and ends") {
  Served served({.stream_bytes_max = 64 << 10, .stall_timeout = milliseconds{300}});
  for (const Endpoint& endpoint : {served.on_socket(), served.on_port()}) {
    Wire wire(endpoint, "/echo");
    const auto talk = served.talks.take();
    const std::string piece(64 << 10, 'x');
    std::size_t sent = 0;
    while (sent < 64 * kMegabyte && wire.send(piece)) sent += piece.size();
    CHECK(sent < 64 * kMegabyte);
    CHECK(talk->ends() == 1);
    CHECK_FALSE(talk->stream.is_open());
  }
}

TEST_CASE("a peer that does not listen is cut off when too much waits for it") {
  Served served({.stream_bytes_max = 64 << 10, .upgraded_bytes_max = kMegabyte});
  Wire wire(served.on_socket(), "/talk");
  const auto talk = served.talks.take();
  const std::string piece(100'000, 'x');
  const auto begin = std::chrono::steady_clock::now();
  std::size_t written = 0;
  while (written < 64 * kMegabyte && talk->stream.write(piece)) written += piece.size();
  CHECK(written >= kMegabyte);
  CHECK(written < 2 * kMegabyte);  // what the kernel takes included
  CHECK_FALSE(talk->stream.is_open());
  CHECK(talk->ends() == 1);
  CHECK(std::chrono::steady_clock::now() - begin < kPatience / 2);  // and not by the stall timeout
  CHECK(wire.read_to_end().size() < written);
}

TEST_CASE("a peer that listens late is listened to again") {
  Served served({.stream_bytes_max = 64 << 10});
  Wire wire(served.on_socket(), "/talk");
  const auto talk = served.talks.take();
  REQUIRE(talk->stream.write(std::string(2 * kMegabyte, 'x')));
  std::jthread speaker([&] { wire.send(std::string(kMegabyte, 'y')); });
  CHECK(wire.read(2 * kMegabyte).size() == 2 * kMegabyte);
  CHECK(talk->heard(kMegabyte).size() == kMegabyte);
}

TEST_CASE("a silent upgraded connection lives on") {
  const milliseconds soon{100};
  Served served({.header_timeout = soon, .idle_timeout = soon, .stall_timeout = soon});
  Wire wire(served.on_port(), "/echo");
  REQUIRE(wire.send("one"));
  CHECK(wire.read(3) == "one");
  std::this_thread::sleep_for(5 * soon);
  REQUIRE(wire.send("two"));
  CHECK(wire.read(3) == "two");
}

TEST_CASE("upgraded connections are each their own") {
  Served served;
  Wire first(served.on_socket(), "/echo");
  Wire second(served.on_port(), "/echo");
  const auto first_talk = served.talks.take();
  const auto second_talk = served.talks.take();
  for (int i = 0; i < 100; ++i) {
    REQUIRE(first.send("first"));
    REQUIRE(second.send("second"));
  }
  for (int i = 0; i < 100; ++i) {
    CHECK(first.read(5) == "first");
    CHECK(second.read(6) == "second");
  }
  first.close();
  CHECK(first_talk->ends() == 1);
  REQUIRE(second.send("second"));
  CHECK(second.read(6) == "second");
  CHECK(second_talk->stream.is_open());
}

TEST_CASE("stopping sends what is queued and ends upgraded connections") {
  Served served;
  Wire wire(served.on_socket(), "/talk");
  const auto talk = served.talks.take();
  const std::string last(kMegabyte, 'x');
  std::string read;
  CHECK(talk->stream.write(last));
  std::jthread reader([&] { read = wire.read_to_end(); });
  served.server->stop(kPatience);
  reader.join();
  CHECK(read == last);
  CHECK(talk->ends() == 1);
  CHECK_FALSE(talk->stream.is_open());
  CHECK_FALSE(talk->stream.write("x"));
}

TEST_CASE("stopping without grace ends them all the same") {
  Served served;
  Wire wire(served.on_socket(), "/talk");
  const auto talk = served.talks.take();
  CHECK(talk->stream.write(std::string(8 * kMegabyte, 'x')));
  served.server->stop();
  CHECK(talk->ends() == 1);
  CHECK_FALSE(talk->stream.write("x"));
}

TEST_CASE("work that has more to do keeps nobody else waiting, and its peer is not listened to meanwhile") {
  std::atomic<int> rounds = 0;
  std::atomic<bool> is_enough = false;
  const auto talk = std::make_shared<Talk>();  // of the test and of the connection
  Server::Options options{.port = 0};
  const auto server = Server::start(std::move(options), [&](const Request& request, Exchange exchange) {
                        if (request.path == "/plain")
                          return exchange.respond({.status = 200, .headers = {}, .body = "plain"});
                        const auto take = [talk](std::string_view bytes) { talk->hear(bytes); };
                        talk->stream = exchange.upgrade("talk", {}, take, [&] {
                          rounds += 1;
                          return !is_enough;
                        });
                      }).value();
  Wire wire({.port = server->port()}, "/talk");
  REQUIRE(wire.send("a"));
  CHECK(talk->heard(1) == "a");
  REQUIRE(wire.send("b"));
  for (int i = 0; i < 3; ++i) {
    CHECK(fetch({.port = server->port()}, {.target = "/plain"},
                {.deadline = std::chrono::steady_clock::now() + kPatience})
              ->body == "plain");
  }
  CHECK(rounds > 1);
  CHECK(talk->heard(1) == "a");
  is_enough = true;
  CHECK(talk->heard(2) == "ab");
}

TEST_CASE("an upgrade that comes too late is told its end") {
  Served served;
  const auto is_told = [](Exchange exchange) {
    Talk talk;
    const Stream stream = exchange.upgrade("talk", {}, [&](std::string_view bytes) { talk.hear(bytes); });
    const bool is_once = talk.ends() == 1;
    return is_once && !stream.is_open();
  };
  Wire wire(served.server->port());
  SUBCASE("when the client has gone") {
    const sys::Fd fd = sys::connect_unix(served.on_socket().unix_path, kPatience).value();
    REQUIRE(sys::send_all(fd.get(), ask("/held"), kPatience));
    Exchange exchange = served.held.take();
    ::shutdown(fd.get(), SHUT_RDWR);
    served.gone.take();
    CHECK(is_told(std::move(exchange)));
  }
  SUBCASE("when the server is stopping") {
    REQUIRE(wire.send(ask("/held")));
    Exchange exchange = served.held.take();
    std::jthread stopper([&] { served.server->stop(kPatience); });
    while (std::filesystem::exists(served.on_socket().unix_path)) std::this_thread::yield();
    CHECK(is_told(std::move(exchange)));
    CHECK(wire.read_to_end().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  }
  SUBCASE("when the server has stopped") {
    REQUIRE(wire.send(ask("/held")));
    Exchange exchange = served.held.take();
    served.server->stop();
    CHECK(is_told(std::move(exchange)));
  }
  SUBCASE("when the exchange was answered") {
    REQUIRE(wire.send(ask("/held")));
    Exchange exchange = served.held.take();
    exchange.respond({.status = 204, .headers = {}, .body = {}});
    CHECK(is_told(std::move(exchange)));
  }
}

TEST_CASE("only a request that asks for the protocol is upgraded") {
  Served served;
  for (const std::string& request :
       {ask("/talk", ""), ask("/talk", "Upgrade: talk\r\n"), ask("/talk", "Connection: Upgrade\r\n"),
        ask("/talk", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
        ask("/talk", "Connection: Upgrade\r\nUpgrade: talk\r\nContent-Length: 5\r\n") + "hello",
        ask("/talk", "Connection: Upgrade, keep-alive\r\nUpgrade: talk\r\n", "1.0")}) {
    CAPTURE(request);
    Wire wire(served.server->port());
    REQUIRE(wire.send(request));
    const std::string head = wire.read_until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
    CHECK(head.find("\r\nUpgrade: talk\r\nContent-Length: ") != std::string::npos);
    CHECK(head.find("\r\nConnection: Upgrade\r\n") != std::string::npos);
    CHECK(wire.read_until("\n").find("'Upgrade: talk'") != std::string::npos);
    const auto talk = served.talks.take();
    CHECK(talk->ends() == 1);
    CHECK(talk->heard(0).empty());
    CHECK_FALSE(talk->stream.write("x"));
    REQUIRE(wire.send(ask("/plain")));  // the connection serves on
    CHECK(wire.read_until("plain").starts_with("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("the gate and the number of connections hold for upgrades too") {
  Served served({.connections_max = 1});
  CHECK(upgrade(served.on_port(), {.target = "/secret"}, "talk")->response.status == 403);
  Wire only(served.on_socket(), "/talk");
  const auto talk = served.talks.take();
  const auto refused = upgrade(served.on_socket(), {.target = "/talk"}, "talk");
  REQUIRE(refused.has_value());
  CHECK(refused->response.status == 503);
  CHECK_FALSE(refused->fd);
  talk->stream.close();
}

TEST_CASE("many threads may write to one upgraded connection") {
  Served served;
  Wire wire(served.on_socket(), "/talk");
  const auto talk = served.talks.take();
  std::vector<std::jthread> threads;
  for (const char name : {'a', 'b', 'c', 'd'}) {
    threads.emplace_back([&, line = std::string(99, name) + "\n"] {
      for (int i = 0; i < 500; ++i) CHECK(talk->stream.write(line));
    });
  }
  for (int i = 0; i < 2000; ++i) {
    const std::string line = wire.read(100);
    REQUIRE(line == std::string(99, line.front()) + "\n");
  }
}

}  // namespace
}  // namespace lilux::net
