#pragma once

// An HTTP/1.1 server on a Unix socket, on loopback TCP, or both. Two threads run its event loop in turns, which owns
// every connection; the handler gets whole requests on the one whose turn it is, and may answer later from any thread.
// While it takes long the other thread goes on with the loop; but two that take long at once hold up everybody, so it
// asks may_linger() before. Exchange and Stream stay safe to use after the connection or the server is gone: they then
// do nothing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"

namespace lilux::net {

class Inbox;
struct Letter;
struct StreamState;

struct ExchangeId {
  std::uint64_t connection = 0;
  std::uint64_t sequence = 0;  // of the request on its connection
};

// Called at most once, on the loop thread, or at once by on_gone itself when the server has stopped. Must not block.
using GoneCallback = std::move_only_function<void()>;
// Gets what a peer sends piece by piece, on the loop thread, or its end at once by upgrade itself when the server has
// stopped. Must not block.
using BytesCallback = std::move_only_function<void(std::string_view bytes)>;
// Does what there is to do, for a moment; whether there is more. On either of the loop's threads.
using WorkCallback = std::function<bool()>;

// A response whose body is written bit by bit, or our side of an upgraded connection. Destroying it closes it. Any
// thread.
class Stream {
 public:
  Stream() = default;
  Stream(Stream&& other) noexcept = default;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream() { close(); }

  // Queues the bytes. False when the client is gone, or reads too slowly and the queue is full: then nothing was
  // taken. A queue below its limit takes a piece of any size. An upgraded connection whose queue is full is cut off
  // instead, as a gap in what is said there would go unnoticed: so false means there that the peer is gone.
  bool write(std::string_view bytes);
  // Ends the body, or the upgraded connection, after what is queued. Idempotent.
  void close();
  // False once the client is gone or the stream was closed.
  bool is_open() const;

 private:
  friend class Exchange;
  Stream(std::shared_ptr<Inbox> inbox, std::shared_ptr<StreamState> state, ExchangeId exchange);
  void end_with(Letter letter);

  std::shared_ptr<Inbox> inbox_;        // shared with the loop and every other handle; null when empty
  std::shared_ptr<StreamState> state_;  // shared with the connection, which may end first
  ExchangeId exchange_;
};

// The duty to answer one request, exactly once; the second answer is ignored. Destroyed unanswered, it answers 500.
// Any thread, one at a time.
class Exchange {
 public:
  Exchange() = default;
  Exchange(Exchange&& other) noexcept = default;
  Exchange& operator=(Exchange&& other) noexcept;
  ~Exchange();

  // Tells the handler whether, just then, it may take its time; on other threads: no.
  std::function<bool()> may_linger() const;
  void respond(Response response);
  // Sends status and headers now and leaves the body to the stream.
  Stream start_stream(int status, Headers headers);
  // Answers 101 and makes the connection a plain stream of bytes in both directions, without any time limit while
  // nothing waits to be sent. `headers` go with the 101; Upgrade is added. A request that did not ask for `protocol` is
  // answered 426 and the stream is closed.
  // `take` gets what has come behind the request and all that comes, also before this returns when another thread calls
  // it. Whatever happens it gets one empty piece, the last, and is destroyed: the peer sends no more (it may still read
  // what is written), or is gone, or the stream was closed or never began. While more than stream_bytes_max are queued,
  // nothing is read: a peer that does not listen is not listened to.
  // `work` follows each piece but the last: what is to be done about it and may take its time, as a handler may. When
  // it lingers it is called for later pieces before it has ended. It says whether there is more to do: then it is
  // called again after others had their turn, and until there is no more nothing is read.
  Stream upgrade(std::string protocol, Headers headers, BytesCallback take, WorkCallback work = {});
  // Called when the client vanishes before the answer is complete, or soon when it has already. A half-closed Unix
  // socket is not gone. On TCP the end of the client's bytes counts as gone, as it cannot be told from it; an answer
  // is sent all the same.
  void on_gone(GoneCallback callback);

 private:
  friend class Connection;
  Exchange(std::shared_ptr<Inbox> inbox, ExchangeId id) : inbox_(std::move(inbox)), id_(id) {}

  std::shared_ptr<Inbox> inbox_;  // null once answered
  ExchangeId id_;
};

// Called by both threads of the loop, also while the other one is in it.
using Handler = std::move_only_function<void(Request, Exchange) const>;
// Judges a request by its head, on the loop thread, before its body is read and the handler gets it. An answer refuses
// it and ends the connection.
using Gate = std::move_only_function<std::optional<Response>(const Request& head, const Peer& peer)>;
// Makes the answer to a request that never reaches the handler: 400, 408, 413, 414, 417, 431, 500, 501, 503, 505.
using ErrorRenderer = std::move_only_function<Response(int status, std::string_view message)>;

struct ServerLimits {
  std::size_t connections_max = 4096;                      // on the socket and on loopback each; beyond it: 503
  std::size_t strangers_max = 1024;                        // on loopback, not asking: beyond it the oldest goes
  std::size_t body_bytes_max = std::size_t{64} << 20;      // of one request: 413
  std::size_t bodies_bytes_max = std::size_t{512} << 20;   // of all requests being received: 503
  std::size_t stream_bytes_max = std::size_t{256} << 10;   // queued on one stream
  std::size_t upgraded_bytes_max = std::size_t{64} << 20;  // queued on one upgraded connection: cut off
  std::chrono::milliseconds header_timeout{10'000};        // first byte (or connection) to end of head: 408
  std::chrono::milliseconds idle_timeout{60'000};          // between requests: closed
  std::chrono::milliseconds stall_timeout{20'000};         // a body or a reader without any progress: closed
  std::size_t bytes_per_second_min = 1024;                 // of a body, or of a reader, after stall_timeout
};

class Server {
 public:
  struct Options {
    std::string unix_path = {};              // empty: none
    std::optional<std::uint16_t> port = {};  // on 127.0.0.1; 0 picks one
    ServerLimits limits = {};
    Gate gate = {};                   // absent: all may come in
    ErrorRenderer render_error = {};  // absent: plain text
  };

  // Listens and answers from here on. Fails when an address cannot be listened on or none is given.
  static base::Result<std::unique_ptr<Server>> start(Options options, Handler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // stops without grace

  // The TCP port; 0 when there is none.
  std::uint16_t port() const { return port_; }

  // No new connections, streams end, requests in flight have `grace` to be answered; then everything is closed and
  // every on_gone has run. Idempotent. Not from the loop thread.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds{0});

 private:
  class Loop;
  Server(std::unique_ptr<Loop> loop, std::uint16_t port);

  std::unique_ptr<Loop> loop_;
  std::uint16_t port_;
};

}  // namespace lilux::net
