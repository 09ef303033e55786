#include "net/http_server.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/guarded.h"
#include "net/http_client.h"
#include "sys/sockets.h"

namespace lilux::net {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{10'000};

// A value one thread gives and another waits for.
template <class T>
class Slot {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    changed_.notify_all();  // under the lock: whoever waits may destroy this as soon as it is free
  }
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return value_.has_value(); });
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<T> value_;
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "net_test.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Bytes as they are on the wire.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : fd_(sys::connect_loopback(port, kPatience).value()) {}
  explicit Wire(const std::string& path) : fd_(sys::connect_unix(path, kPatience).value()) {}

  bool send(std::string_view bytes) { return sys::send_all(fd_.get(), bytes, kPatience).has_value(); }
  // Everything until the other side ends.
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(received_, {});
  }
  // Everything up to and including the text.
  std::string read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos && read_more()) {
    }
    const std::size_t end = std::min(received_.find(text), received_.size() - text.size()) + text.size();
    std::string read = received_.substr(0, end);
    received_.erase(0, end);
    return read;
  }
  bool has_answer() const { return sys::wait_readable(fd_.get(), milliseconds{1}).value(); }
  void end_sending() { REQUIRE(sys::shutdown_sending(fd_.get())); }
  void close() { fd_.close(); }

 private:
  bool read_more() {
    std::array<char, 4096> buffer;
    const auto count = sys::receive_some(fd_.get(), buffer, kPatience);
    if (!count || *count == 0) return false;
    received_.append(buffer.data(), *count);
    return true;
  }

  sys::Fd fd_;
  std::string received_;
};

std::unique_ptr<Server> start(Handler handler, ServerLimits limits = {}, std::string unix_path = {}) {
  Server::Options options{.unix_path = std::move(unix_path), .port = 0, .limits = limits};
  auto server = Server::start(std::move(options), std::move(handler));
  REQUIRE(server.has_value());
  return *std::move(server);
}

Response text(std::string body) {
  return {.status = 200, .headers = {}, .body = std::move(body)};
}

void echo(Request request, Exchange exchange) {
  exchange.respond(text(request.method + " " + request.path + " " + request.body));
}

const std::string kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kLastGet = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

std::size_t count_of(std::string_view part, std::string_view whole) {
  std::size_t count = 0;
  for (std::size_t at = whole.find(part); at != std::string_view::npos; at = whole.find(part, at + part.size()))
    ++count;
  return count;
}

TEST_CASE("a request over TCP is answered and the connection kept") {
  const auto server = start(echo);
  CHECK(server->port() != 0);
  Wire wire(server->port());
  REQUIRE(wire.send("POST /a%20b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"));
  const std::string answer = wire.read_until("POST /a b hi");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nDate: "));
  CHECK(answer.find("\r\nContent-Length: 12\r\n\r\n") != std::string::npos);
  CHECK(answer.find("Connection:") == std::string::npos);
  REQUIRE(wire.send(kLastGet));
  const std::string last = wire.read_to_end();
  CHECK(last.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(last.ends_with("GET /x "));
}

TEST_CASE("a Unix socket says who is at the other end, TCP says nothing") {
  const TemporaryFolder folder;
  Slot<Peer> seen;
  const auto handler = [&](const Request& request, Exchange exchange) {
    seen.put(request.peer);
    exchange.respond({.status = 204, .headers = {}, .body = {}});
  };
  const auto server = start(handler, {}, folder / "s");
  CHECK(std::filesystem::status(folder / "s").permissions() == std::filesystem::perms(0600));
  REQUIRE(fetch({.unix_path = folder / "s"}, {.target = "/x"}));
  const auto peer = seen.take();
  REQUIRE(peer.has_value());
  CHECK(peer->is_unix);
  CHECK(peer->pid == ::getpid());
  CHECK(peer->uid == ::getuid());
  CHECK(peer->gid == ::getgid());
  REQUIRE(fetch({.port = server->port()}, {.target = "/x"}));
  const auto other = seen.take();
  REQUIRE(other.has_value());
  CHECK_FALSE(other->is_unix);
  CHECK(other->pid == 0);
  server->stop();
  CHECK_FALSE(std::filesystem::exists(folder / "s"));
}

TEST_CASE("an address that cannot be listened on is an error") {
  CHECK(Server::start({}, echo).error().code == base::ErrorCode::invalid_argument);
  const auto server = start(echo);
  CHECK_FALSE(Server::start({.port = server->port(), .limits = {}}, echo).has_value());
  CHECK_FALSE(Server::start({.unix_path = "/nowhere/at/all/s", .port = {}, .limits = {}}, echo).has_value());
}

TEST_CASE("pipelined requests are answered in order, also when the answers come from another thread") {
  base::Guarded<std::vector<std::jthread>> threads;
  const auto server = start([&](Request request, Exchange exchange) {
    std::jthread thread([path = request.path, answer = std::move(exchange)]() mutable { answer.respond(text(path)); });
    threads.with([&](auto& all) { all.push_back(std::move(thread)); });
  });
  Wire wire(server->port());
  std::string requests;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    requests +=
        "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n" + (i == 49 ? "Connection: close\r\n" : "") + "\r\n";
    expected += "/" + std::to_string(i) + ",";
  }
  REQUIRE(wire.send(requests));
  std::string answers = wire.read_to_end();
  std::string bodies;
  for (std::size_t at = answers.find("\r\n\r\n"); at != std::string::npos; at = answers.find("\r\n\r\n", at)) {
    at += 4;
    bodies += answers.substr(at, std::min(answers.find("HTTP/1.1", at), answers.size()) - at) + ",";
  }
  CHECK(bodies == expected);
  server->stop();
}

TEST_CASE("a handler that takes long holds up nobody else, and two that do find out before") {
  std::promise<void> may_end;
  std::atomic<int> lingering = 0;
  const auto server = start([&, end = may_end.get_future().share()](const Request& request, Exchange exchange) {
    if (request.path == "/slow" && exchange.may_linger()()) {
      ++lingering;
      end.wait();
      exchange.respond(text("late"));
    } else {
      exchange.respond(text(exchange.may_linger()() ? "soon" : "alone"));
    }
  });
  const auto ask = [&](const std::string& path) {
    Wire wire(server->port());
    REQUIRE(wire.send("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    return wire.read_to_end();
  };
  while (!ask("/x").ends_with("soon")) std::this_thread::yield();  // both threads are there
  Wire slow(server->port());
  REQUIRE(slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
  while (lingering == 0) std::this_thread::yield();
  for (const std::string path : {"/x", "/slow", "/x"}) CHECK(ask(path).ends_with("alone"));
  may_end.set_value();
  CHECK(slow.read_until("late").ends_with("late"));
  CHECK(lingering == 1);
}

TEST_CASE("more pipelined bytes than are read ahead are not lost") {
  const auto server = start(echo);
  Wire wire(server->port());
  std::string requests;
  const std::string body(1000, 'b');
  for (int i = 0; i < 400; ++i) requests += "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + body;
  std::jthread sender([&] { wire.send(requests + kLastGet); });
  CHECK(count_of("HTTP/1.1 200 OK", wire.read_to_end()) == 401);
}

TEST_CASE("who asks on and on and reads nothing is not answered on and on") {
  std::atomic<int> asked = 0;
  const auto server = start([&](const Request&, Exchange exchange) {
    ++asked;
    exchange.respond(text(std::string(100'000, 'x')));
  });
  Wire wire(server->port());
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(wire.send(requests + kLastGet));
  for (int before = -1; before != asked; std::this_thread::sleep_for(milliseconds{50})) before = asked;
  CHECK(asked < 250);  // what the sockets and one queue hold
  CHECK(count_of("HTTP/1.1 200 OK", wire.read_to_end()) == 301);
}

TEST_CASE("a request that comes byte by byte is one request") {
  const auto server = start(echo);
  Wire wire(server->port());
  for (const char c : std::string("PUT /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")) {
    REQUIRE(wire.send({&c, 1}));
  }
  CHECK(wire.read_to_end().ends_with("PUT /x hi"));
}

TEST_CASE("a large body comes and goes whole") {
  const auto server =
      start([](Request request, Exchange exchange) { exchange.respond(text(std::move(request.body))); });
  std::string body;
  for (int i = 0; body.size() < (std::size_t{20} << 20); ++i) body += std::to_string(i);
  const auto response = fetch({.port = server->port()}, {.method = "PUT", .target = "/", .body = body});
  REQUIRE(response.has_value());
  CHECK(response->body == body);
}

TEST_CASE("HEAD, 204 and HTTP/1.0 are answered as they must be") {
  const auto server = start([](const Request& request, Exchange exchange) {
    exchange.respond({.status = request.path == "/none" ? 204 : 200, .headers = {}, .body = "body"});
  });
  const auto answer = [&](const std::string& request) {
    Wire wire(server->port());
    REQUIRE(wire.send(request));
    return wire.read_to_end();
  };
  const std::string head = answer("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(head.find("Content-Length: 4\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
  const std::string none = answer("GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(none.starts_with("HTTP/1.1 204 No Content\r\n"));
  CHECK(none.find("Content-Length") == std::string::npos);
  CHECK(none.ends_with("\r\n\r\n"));
  CHECK(answer("GET /x HTTP/1.0\r\n\r\n").ends_with("Connection: close\r\n\r\nbody"));

  Wire wire(server->port());
  REQUIRE(wire.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  CHECK(wire.read_until("body").find("Connection: keep-alive\r\n") != std::string::npos);
  REQUIRE(wire.send("GET /x HTTP/1.0\r\n\r\n"));
  CHECK(wire.read_to_end().ends_with("body"));
}

TEST_CASE("a client that waits for 100 Continue gets it once, and not when its request is refused") {
  const auto server = start(echo, {.body_bytes_max = 10});
  const std::string head = "PUT /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\n";
  Wire wire(server->port());
  REQUIRE(wire.send(head + "Content-Length: 2\r\n\r\n"));
  CHECK(wire.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(wire.send("h"));
  REQUIRE(wire.send("i"));
  const std::string answer = wire.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("PUT /x hi"));

  Wire refused(server->port());
  REQUIRE(refused.send(head + "Content-Length: 11\r\n\r\n"));
  CHECK(refused.read_to_end().starts_with("HTTP/1.1 413 Content Too Large\r\n"));
}

TEST_CASE("what is refused is rendered by the caller's function and ends the connection") {
  Server::Options options{.port = 0, .limits = {.body_bytes_max = 5}};
  options.render_error = [](int status, std::string_view message) -> Response {
    return {
        .status = status, .headers = {{.name = "X-Error", .value = "yes"}}, .body = "{" + std::string(message) + "}"};
  };
  auto server = Server::start(std::move(options), echo).value();
  Wire wire(server->port());
  REQUIRE(wire.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n" + std::string(100'000, 'x')));
  const std::string answer = wire.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 413 "));
  CHECK(answer.find("X-Error: yes\r\n") != std::string::npos);
  CHECK(answer.ends_with("{the body is larger than 5 bytes}"));
  Wire smuggler(server->port());
  REQUIRE(smuggler.send(
      "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kGet));
  const std::string refused = smuggler.read_to_end();
  CHECK(refused.starts_with("HTTP/1.1 400 "));
  CHECK(count_of("HTTP/1.1", refused) == 1);
}

TEST_CASE("slow clients are cut off, each by its own limit, and others do not notice") {
  const ServerLimits limits{
      .header_timeout = milliseconds{500}, .idle_timeout = milliseconds{500}, .stall_timeout = milliseconds{500}};
  const auto server = start(echo, limits);
  Wire silent(server->port());
  Wire late_head(server->port());
  Wire late_body(server->port());
  Wire idle(server->port());
  REQUIRE(late_head.send("GET / HTTP/1.1\r\nHost:"));
  REQUIRE(late_body.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc"));
  REQUIRE(idle.send(kGet));
  CHECK(silent.read_to_end().empty());
  CHECK(late_head.read_to_end().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(late_body.read_to_end().starts_with("HTTP/1.1 408 "));
  CHECK(count_of("HTTP/1.1", idle.read_to_end()) == 1);
  CHECK(fetch({.port = server->port()}, {.target = "/"}).has_value());
}

TEST_CASE("a head that drips in is cut off although every byte comes in time") {
  const auto server = start(echo, {.header_timeout = milliseconds{200}});
  Wire wire(server->port());
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(wire.send("GET / HTTP/1.1\r\n"));
  while (std::chrono::steady_clock::now() - begin < kPatience && wire.send("X: y\r\n")) {
    std::this_thread::sleep_for(milliseconds{20});
  }
  CHECK(std::chrono::steady_clock::now() - begin < kPatience);
}

TEST_CASE("a client that does not read its answer is cut off") {
  const std::size_t size = std::size_t{32} << 20;
  const auto server = start([&](const Request&, Exchange exchange) { exchange.respond(text(std::string(size, 'x'))); },
                            {.stall_timeout = milliseconds{150}});
  Wire wire(server->port());
  REQUIRE(wire.send(kGet));
  wire.read_until("HTTP/1.1 ");
  const auto begin = std::chrono::steady_clock::now();
  server->stop(kPatience);  // ends once the last connection has
  CHECK(std::chrono::steady_clock::now() - begin < kPatience / 2);
  CHECK(wire.read_to_end().size() < size);
}

TEST_CASE("a request is judged by its head, before its body is read") {
  Server::Options options{.port = 0};
  options.gate = [](const Request& head, const Peer& peer) -> std::optional<Response> {
    if (head.headers.find("Pass")) return std::nullopt;
    return Response{.status = 403, .headers = {}, .body = head.path + " at " + std::to_string(peer.port)};
  };
  const auto server = Server::start(std::move(options), echo).value();
  Wire wire(server->port());
  REQUIRE(wire.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"));
  const std::string refused = wire.read_to_end();
  CHECK(refused.starts_with("HTTP/1.1 403 "));
  CHECK(refused.ends_with("/a at " + std::to_string(server->port())));
  Wire other(server->port());  // each request anew
  REQUIRE(other.send("POST /b HTTP/1.1\r\nHost: x\r\nPass: 1\r\nContent-Length: 1\r\n\r\nx"));
  other.read_until("POST /b ");
  REQUIRE(other.send("HEAD /c HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string rest = other.read_to_end();
  CHECK(rest.find("HTTP/1.1 403 ") != std::string::npos);
  CHECK(rest.ends_with("\r\n\r\n"));
}

TEST_CASE("one connection too many is told so") {
  const auto server = start(echo, {.connections_max = 2});
  Wire first(server->port());
  Wire second(server->port());
  REQUIRE(first.send(kGet));
  REQUIRE(second.send(kGet));
  first.read_until("GET /x ");
  second.read_until("GET /x ");
  Wire third(server->port());
  CHECK(third.read_to_end().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  REQUIRE(first.send(kLastGet));
  first.read_to_end();
  first.close();
  for (int i = 0; i < 100; ++i) {  // the server sees the end of the first one soon
    if (fetch({.port = server->port()}, {.target = "/"}).value().status == 200) return;
    std::this_thread::sleep_for(milliseconds{10});
  }
  FAIL("no connection became free");
}

TEST_CASE("the oldest connection that has not asked makes room for the next one") {
  const auto server = start(echo, {.connections_max = 4, .strangers_max = 2});
  Wire asking(server->port());
  REQUIRE(asking.send(kGet));
  asking.read_until("GET /x ");
  std::vector<std::unique_ptr<Wire>> silent;
  for (int i = 0; i < 10; ++i) {
    silent.push_back(std::make_unique<Wire>(server->port()));
    REQUIRE(silent.back()->send("G"));
  }
  CHECK(fetch({.port = server->port()}, {.target = "/"}).value().status == 200);
  CHECK(silent.front()->read_to_end().empty());
  REQUIRE(asking.send(kGet));
  asking.read_until("GET /x ");
}

TEST_CASE("connections to the port do not take the socket's") {
  const TemporaryFolder folder;
  const auto server =
      Server::start({.unix_path = folder / "socket", .port = 0, .limits = {.connections_max = 1}}, echo).value();
  Wire first(server->port());
  REQUIRE(first.send(kGet));
  first.read_until("GET /x ");
  CHECK(fetch({.unix_path = folder / "socket"}, {.target = "/"}).value().status == 200);
}

TEST_CASE("a server out of descriptors serves on once there are some again") {
  const auto server = start(echo);
  const int lowest_free = ::dup(0);
  REQUIRE(lowest_free >= 0);
  ::close(lowest_free);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit one_more{.rlim_cur = static_cast<rlim_t>(lowest_free) + 1, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &one_more) == 0);
  auto wire = std::make_unique<Wire>(server->port());  // takes the last descriptor: the server cannot accept it yet
  const bool is_sent = wire->send(kLastGet);
  std::this_thread::sleep_for(milliseconds{50});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(is_sent);
  CHECK(wire->read_to_end().ends_with("GET /x "));
}

TEST_CASE("all bodies together have a limit, and whoever crosses it is refused") {
  const auto server = start(echo, {.bodies_bytes_max = 100'000});
  const std::string all_but_one =
      "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 60001\r\n\r\n" + std::string(60'000, 'x');
  Wire first(server->port());
  Wire second(server->port());
  REQUIRE(first.send(all_but_one));
  REQUIRE(second.send(all_but_one));
  const auto begin = std::chrono::steady_clock::now();
  while (!first.has_answer() && !second.has_answer() && std::chrono::steady_clock::now() - begin < kPatience) {
    std::this_thread::yield();
  }
  Wire& refused = first.has_answer() ? first : second;
  Wire& served = first.has_answer() ? second : first;
  CHECK(refused.read_to_end().starts_with("HTTP/1.1 503 "));
  REQUIRE(served.send("x"));
  CHECK(served.read_to_end().starts_with("HTTP/1.1 200 "));
  const Request fits{.method = "PUT", .target = "/", .body = std::string(100'000, 'y')};
  CHECK(fetch({.port = server->port()}, fits)->status == 200);
  const Request too_much{.method = "PUT", .target = "/", .body = std::string(100'001, 'y')};
  CHECK(fetch({.port = server->port()}, too_much)->status == 503);
}

TEST_CASE("five hundred connections at once are served, each its own") {
  const auto server = start(echo);
  std::vector<Wire> wires;
  wires.reserve(500);
  for (int i = 0; i < 500; ++i) wires.emplace_back(server->port());
  for (int i = 0; i < 500; ++i)
    REQUIRE(wires[static_cast<std::size_t>(i)].send("GET /" + std::to_string(i) + " HTTP/1.1\r\n"));
  for (Wire& wire : wires) REQUIRE(wire.send("Host: h\r\nConnection: close\r\n\r\n"));
  for (int i = 0; i < 500; ++i) {
    CHECK(wires[static_cast<std::size_t>(i)].read_to_end().ends_with("\r\n\r\nGET /" + std::to_string(i) + " "));
  }
}

TEST_CASE("whoever works for a client learns that it has gone") {
  const TemporaryFolder folder;
  Slot<Exchange> held;
  Slot<bool> gone;
  const auto server = start(
      [&](const Request&, Exchange exchange) {
        exchange.on_gone([&] { gone.put(true); });
        held.put(std::move(exchange));
      },
      {}, folder / "s");
  SUBCASE("over a Unix socket") {
    Wire wire(folder / "s");
    REQUIRE(wire.send(kGet));
    auto exchange = held.take();
    REQUIRE(exchange.has_value());
    wire.close();
    CHECK(gone.take().has_value());
    Slot<bool> again;  // asked afterwards: told all the same
    exchange->on_gone([&] { again.put(true); });
    CHECK(again.take().has_value());
    exchange->respond(text("too late"));
  }
  SUBCASE("also by its stream, when that begins afterwards") {
    Wire wire(folder / "s");
    REQUIRE(wire.send(kGet));
    auto exchange = held.take();
    REQUIRE(exchange.has_value());
    wire.close();
    CHECK(gone.take().has_value());
    const Stream stream = exchange->start_stream(200, {});
    const auto begin = std::chrono::steady_clock::now();
    while (stream.is_open() && std::chrono::steady_clock::now() - begin < kPatience) std::this_thread::yield();
    CHECK_FALSE(stream.is_open());
  }
  SUBCASE("over TCP") {
    Wire wire(server->port());
    REQUIRE(wire.send(kGet));
    auto exchange = held.take();
    REQUIRE(exchange.has_value());
    wire.close();
    CHECK(gone.take().has_value());
    auto stream = exchange->start_stream(200, {});
    stream.write("x");
  }
  SUBCASE("when the server stops") {
    Wire wire(server->port());
    REQUIRE(wire.send(kGet));
    auto exchange = held.take();
    REQUIRE(exchange.has_value());
    server->stop();
    CHECK(gone.take().has_value());
    bool is_told = false;
    exchange->on_gone([&] { is_told = true; });
    CHECK(is_told);
    exchange->respond(text("too late"));
    CHECK(wire.read_to_end().empty());
  }
}

TEST_CASE("a client that only ends its sending still gets its answer") {
  const TemporaryFolder folder;
  Slot<Exchange> held;
  std::atomic<int> gone = 0;
  const auto server = start(
      [&](const Request&, Exchange exchange) {
        exchange.on_gone([&] { ++gone; });
        held.put(std::move(exchange));
      },
      {}, folder / "s");
  Wire local(folder / "s");
  REQUIRE(local.send(kGet + kGet));
  local.end_sending();
  for (int i = 0; i < 2; ++i) {
    auto exchange = held.take();
    REQUIRE(exchange.has_value());
    exchange->respond(text("here"));
  }
  CHECK(count_of("\r\n\r\nhere", local.read_to_end()) == 2);
  CHECK(gone == 0);

  Wire remote(server->port());
  REQUIRE(remote.send(kGet));
  remote.end_sending();
  auto exchange = held.take();
  REQUIRE(exchange.has_value());
  exchange->respond(text("here"));
  CHECK(remote.read_to_end().ends_with("here"));

  Wire unfinished(server->port());
  REQUIRE(unfinished.send("GET / HT"));
  unfinished.end_sending();
  CHECK(unfinished.read_to_end().empty());
}

TEST_CASE("an exchange is answered once, and a forgotten one with 500") {
  const auto server = start([](const Request& request, Exchange exchange) {
    if (request.path == "/forget") return;
    exchange.respond(text("first"));
    exchange.respond(text("second"));
    CHECK_FALSE(exchange.start_stream(200, {}).write("third"));
  });
  const Endpoint endpoint{.port = server->port()};
  auto connection = ClientConnection::open(endpoint).value();
  CHECK(connection.fetch({.target = "/"})->body == "first");
  CHECK(connection.fetch({.target = "/"})->body == "first");
  CHECK(connection.fetch({.target = "/forget"})->status == 500);
  CHECK(connection.fetch({.target = "/"})->body == "first");
}

TEST_CASE("headers from a handler cannot break the framing") {
  const auto server = start([](const Request&, Exchange exchange) {
    exchange.respond({.status = 200,
                      .headers = {{.name = "Content-Length", .value = "1"},
                                  {.name = "transfer-encoding", .value = "chunked"},
                                  {.name = "X", .value = "a\r\nY: b"}},
                      .body = "body"});
  });
  const auto response = fetch({.port = server->port()}, {.target = "/"});
  REQUIRE(response.has_value());
  CHECK(response->body == "body");
  CHECK(response->headers.find("Y") == nullptr);
  CHECK(*response->headers.find("X") == "a  Y: b");
}

}  // namespace
}  // namespace lilux::net
