// Streams of the server, read by the client.

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/sse.h"
#include "sys/sockets.h"

namespace lilux::net {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{10'000};

// Hands streams from the handler to the test.
class StreamSlot {
 public:
  void put(Stream stream) {
    const std::lock_guard lock(mutex_);
    stream_ = std::move(stream);
    changed_.notify_all();  // under the lock: whoever waits may destroy this as soon as it is free
  }
  Stream take() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, kPatience, [&] { return stream_.has_value(); }));
    return *std::exchange(stream_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Stream> stream_;
};

struct Served {
  StreamSlot streams;
  std::atomic<int> gone = 0;
  std::unique_ptr<Server> server;

  explicit Served(ServerLimits limits = {}) {
    Server::Options options{.port = 0, .limits = limits};
    server = Server::start(std::move(options), [this](const Request& request, Exchange exchange) {
               if (request.path == "/plain") return exchange.respond({.status = 404, .headers = {}, .body = "plain"});
               exchange.on_gone([this] {
                 ++gone;
                 gone.notify_all();
               });
               streams.put(exchange.start_stream(200, {{.name = "Content-Type", .value = "text/event-stream"}}));
             }).value();
  }
  Endpoint endpoint() const { return {.port = server->port()}; }
};

TEST_CASE("events written on one side are read on the other, and the connection serves on") {
  Served served;
  std::jthread writer([&] {
    Stream stream = served.streams.take();
    for (int i = 0; i < 1000; ++i) {
      std::string bytes;
      append_event(bytes, {.id = std::to_string(i), .data = "event\n" + std::string(100, 'x')});
      while (!stream.write(bytes)) std::this_thread::yield();
    }
  });
  auto connection = ClientConnection::open(served.endpoint()).value();
  SseParser parser;
  int events = 0;
  const auto response = connection.fetch_stream({.target = "/"}, [&](std::string_view bytes) {
    REQUIRE(parser.feed(bytes, [&](const SseEvent& event) {
      CHECK(event.id == std::to_string(events++));
      CHECK(event.data.size() == 106);
    }));
    return Flow::more;
  });
  REQUIRE(response.has_value());
  CHECK(events == 1000);
  CHECK(response->status == 200);
  CHECK(response->body.empty());
  CHECK(*response->headers.find("content-type") == "text/event-stream");
  REQUIRE(connection.is_open());
  CHECK(connection.fetch({.target = "/plain"})->status == 404);
  CHECK(served.gone == 0);
}

TEST_CASE("a stream to a reader that does not read fills up and says so, and goes on when it reads") {
  Served served({.stream_bytes_max = 64 << 10});
  const sys::Fd fd = sys::connect_loopback(served.server->port(), kPatience).value();
  REQUIRE(sys::send_all(fd.get(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n", kPatience));
  Stream stream = served.streams.take();
  const std::string piece(8 << 10, 'x');
  std::size_t written = 0;
  const auto begin = std::chrono::steady_clock::now();
  // What the kernel buffers differs, but the last second of trying must not have placed anything.
  auto last = begin;
  while (std::chrono::steady_clock::now() - last < milliseconds{300}) {
    if (!stream.write(piece)) {
      std::this_thread::yield();
      continue;
    }
    written += piece.size();
    last = std::chrono::steady_clock::now();
    REQUIRE(written < (std::size_t{64} << 20));
  }
  CHECK(stream.is_open());
  std::size_t received = 0;
  std::array<char, 65536> buffer;
  while (received < written) received += sys::receive_some(fd.get(), buffer, kPatience).value();
  while (!stream.write("more") && std::chrono::steady_clock::now() - begin < kPatience) std::this_thread::yield();
  CHECK(stream.is_open());
  CHECK(served.gone == 0);
}

TEST_CASE("a reader that never reads is gone after a while") {
  Served served({.stall_timeout = milliseconds{150}});
  const sys::Fd fd = sys::connect_loopback(served.server->port(), kPatience).value();
  REQUIRE(sys::send_all(fd.get(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n", kPatience));
  Stream stream = served.streams.take();
  const std::string piece(1 << 20, 'x');
  while (stream.is_open()) stream.write(piece);
  served.gone.wait(0);
  CHECK(served.gone == 1);
  CHECK_FALSE(stream.write("x"));
}

TEST_CASE("a stream whose client leaves is told, and can be written to without harm") {
  Served served;
  const auto response =
      fetch_stream(served.endpoint(), {.target = "/plain"}, [](std::string_view) { return Flow::more; });
  CHECK(response->body == "plain");
  std::jthread writer([&] {
    Stream stream = served.streams.take();
    while (stream.is_open()) {
      stream.write("data\n");
      std::this_thread::yield();
    }
    CHECK_FALSE(stream.write("data\n"));
    served.gone.wait(0);
  });
  std::size_t pieces = 0;
  const auto left = fetch_stream(served.endpoint(), {.target = "/"},
                                 [&](std::string_view) { return ++pieces == 3 ? Flow::enough : Flow::more; });
  CHECK(left.has_value());
  CHECK(pieces == 3);
  writer.join();
  CHECK(served.gone == 1);
}

TEST_CASE("an idle stream notices that its client has left without writing anything") {
  Served served;
  std::stop_source stop;
  std::jthread reader([&] {
    const auto result = fetch_stream(served.endpoint(), {.target = "/"}, [](std::string_view) { return Flow::more; },
                                     {.stop = stop.get_token()});
    CHECK(result.error().code == base::ErrorCode::cancelled);
  });
  Stream stream = served.streams.take();
  stop.request_stop();
  served.gone.wait(0);
  CHECK(served.gone == 1);
}

TEST_CASE("stopping ends open streams properly and tells their owners") {
  Served served;
  std::atomic<bool> is_whole = false;
  std::jthread reader([&] {
    std::string read;
    const auto result = fetch_stream(served.endpoint(), {.target = "/"}, [&](std::string_view bytes) {
      read += bytes;
      return Flow::more;
    });
    is_whole = result.has_value() && read == "last words";
  });
  Stream stream = served.streams.take();
  CHECK(stream.write("last words"));
  served.server->stop(kPatience);
  CHECK(served.gone == 1);
  CHECK_FALSE(stream.is_open());
  CHECK_FALSE(stream.write("x"));
  stream.close();
  reader.join();
  CHECK(is_whole);
  served.server->stop();
}

TEST_CASE("handles outlive the server") {
  Stream stream;
  {
    Served served;
    const sys::Fd fd = sys::connect_loopback(served.server->port(), kPatience).value();
    REQUIRE(sys::send_all(fd.get(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n", kPatience));
    stream = served.streams.take();
  }
  CHECK_FALSE(stream.is_open());
  CHECK_FALSE(stream.write("x"));
  CHECK_FALSE(Stream().write("x"));
}

TEST_CASE("a stream to HTTP/1.0 has no chunks and ends with the connection; to HEAD it has no body") {
  Served served;
  const auto answer = [&](std::string_view request) {
    const sys::Fd fd = sys::connect_loopback(served.server->port(), kPatience).value();
    REQUIRE(sys::send_all(fd.get(), request, kPatience));
    Stream stream = served.streams.take();
    stream.write("one");
    stream.write("");
    stream.write("two");
    stream.close();
    std::string received;
    std::array<char, 4096> buffer;
    while (true) {
      const auto count = sys::receive_some(fd.get(), buffer, kPatience);
      if (!count || *count == 0) return received;
      received.append(buffer.data(), *count);
    }
  };
  CHECK(answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").ends_with("Connection: close\r\n\r\nonetwo"));
  CHECK(answer("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").ends_with("Connection: close\r\n\r\n"));
  CHECK(answer("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            .ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
}

TEST_CASE("many threads may write to one stream") {
  Served served;
  std::jthread writers([&] {
    Stream stream = served.streams.take();
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 500; ++j) {
          while (!stream.write("data: x\n\n")) std::this_thread::yield();
        }
      });
    }
  });
  SseParser parser;
  int events = 0;
  REQUIRE(fetch_stream(served.endpoint(), {.target = "/"}, [&](std::string_view bytes) {
    REQUIRE(parser.feed(bytes, [&](const SseEvent&) { ++events; }));
    return Flow::more;
  }));
  CHECK(events == 2000);
}

}  // namespace
}  // namespace lilux::net
