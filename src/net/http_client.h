#pragma once

// A blocking HTTP/1.1 client for a Unix socket, loopback TCP, or any host over TLS. Nothing is retried: whether a
// request may be sent twice only the caller knows. No redirect is followed. Every wait ends at its deadline or when
// stop is requested. Any thread; one Connection is used by one thread at a time.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"
#include "net/tls.h"
#include "sys/fd.h"

namespace lilux::net {

class ResponseParser;

struct Endpoint {
  std::string unix_path = {};      // when set, the rest is unused
  std::string host = "127.0.0.1";  // or "localhost" or "::1"; with TLS any
  std::uint16_t port = 0;
  bool is_tls = false;
};

struct FetchOptions {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::stop_token stop = {};
  std::size_t body_bytes_max = std::size_t{64} << 20;
};

struct StreamOptions {
  std::chrono::steady_clock::time_point head_deadline = std::chrono::steady_clock::time_point::max();
  std::chrono::milliseconds silence_max{0};  // between two pieces of the body; 0: no limit
  std::stop_token stop = {};
  std::size_t error_bytes_max = std::size_t{1} << 20;  // of a body that is collected, see fetch_stream
};

// What became of a request for another protocol.
struct Upgraded {
  Response response = {};     // 101, or any other answer with its body
  sys::Fd fd = {};            // after a 101, in the hands of the caller: a plain stream of bytes from here on
  std::string received = {};  // those that came right behind the 101
};

// What the reader of a stream wants next.
enum class Flow : std::uint8_t { more, enough };
using ChunkReader = std::function<Flow(std::string_view bytes)>;

// One connection that can be used again while it is kept alive. After an error it is closed.
class ClientConnection {
 public:
  // `unavailable` or `not_found` when nobody listens, `timeout`, `cancelled`; with TLS also those of TlsStream::open.
  static base::Result<ClientConnection> open(const Endpoint& endpoint, const FetchOptions& options = {});

  // Sends the request's method, target, headers and body, and reads the whole response. `timeout`, `cancelled`,
  // `unavailable` when the connection ends early, `over_budget` when the body is too large, `corrupt` when the answer
  // is no HTTP.
  base::Result<Response> fetch(const Request& request, const FetchOptions& options = {});
  // Sends the request and gives each piece of a 2xx body to `reader` as it comes, until its end or Flow::enough. The
  // response returned has no body then; any other status has its body collected and `reader` is not called.
  base::Result<Response> fetch_stream(const Request& request, const ChunkReader& reader,
                                      const StreamOptions& options = {});
  // Sends the request with the headers that ask for `protocol`. A 101 takes the connection away. Errors as from fetch,
  // and `corrupt` when the server changes to another protocol. Not with TLS, which the bytes would go past.
  base::Result<Upgraded> upgrade(Request request, const std::string& protocol, const FetchOptions& options = {});
  // Whether another request can be sent.
  bool is_open() const { return static_cast<bool>(fd_); }

 private:
  ClientConnection(sys::Fd fd, std::string host) : fd_(std::move(fd)), host_(std::move(host)) {}
  base::Result<void> send_all(std::string_view bytes, std::chrono::steady_clock::time_point deadline);

  template <class Work>
  base::Result<Response> run(const std::stop_token& stop, const Work& work);
  base::Result<void> send(const Request& request, std::chrono::steady_clock::time_point deadline);
  base::Result<void> receive(ResponseParser& parser, std::chrono::steady_clock::time_point deadline);
  base::Result<Response> converse(const Request& request, ResponseParser parser,
                                  std::chrono::steady_clock::time_point deadline);

  sys::Fd fd_;
  std::optional<TlsStream> tls_;  // over it
  std::string host_;              // the Host field
  std::string behind_;            // what came with the end of the last response and is no part of it
  bool is_reusable_ = false;
};

// The same on a connection of its own.
base::Result<Response> fetch(const Endpoint& endpoint, const Request& request, const FetchOptions& options = {});
base::Result<Response> fetch_stream(const Endpoint& endpoint, const Request& request, const ChunkReader& reader,
                                    const StreamOptions& options = {});
base::Result<Upgraded> upgrade(const Endpoint& endpoint, Request request, const std::string& protocol,
                               const FetchOptions& options = {});

}  // namespace lilux::net
