#include "net/http_client.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

#include <sys/socket.h>

#include "net/http_parser.h"
#include "sys/sockets.h"

namespace lilux::net {

using base::ErrorCode;
using base::Result;
using std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

namespace {

constexpr std::size_t kReadBytes = std::size_t{32} << 10;
constexpr milliseconds kWaitMax = std::chrono::hours{24 * 365};  // stands for "no limit" where a wait wants a number

milliseconds left_until(TimePoint deadline) {
  const TimePoint now = std::chrono::steady_clock::now();
  if (deadline - now >= kWaitMax) return kWaitMax;
  return std::max(std::chrono::ceil<milliseconds>(deadline - now), milliseconds{0});
}

// While it lives, a request to stop ends every wait on the connection.
class StopCut {
 public:
  StopCut(const std::stop_token& stop, int fd) : callback_(stop, Cut{fd}) {}

 private:
  struct Cut {
    int fd;
    void operator()() const { ::shutdown(fd, SHUT_RDWR); }
  };
  std::stop_callback<Cut> callback_;
};

Result<sys::Fd> connect(const Endpoint& endpoint, milliseconds timeout) {
  if (!endpoint.unix_path.empty()) return sys::connect_unix(endpoint.unix_path, timeout);
  if (endpoint.host == "127.0.0.1" || endpoint.host == "localhost") {
    return sys::connect_loopback(endpoint.port, timeout);
  }
  if (endpoint.host == "::1") return sys::connect_loopback(endpoint.port, timeout, sys::Family::v6);
  if (endpoint.is_tls) return sys::connect_host(endpoint.host, endpoint.port, timeout);
  return base::fail(ErrorCode::invalid_argument, "host '" + endpoint.host + "' is not this machine",
                    "https goes to others");
}

std::string host_field(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return "localhost";
  return (endpoint.host.contains(':') ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
         std::to_string(endpoint.port);
}

Result<std::string> head_of(const Request& request, std::string_view host) {
  const bool is_target = !request.target.empty() &&
                         std::ranges::all_of(request.target, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
  if (!is_token(request.method) || !is_target) {
    return base::fail(ErrorCode::invalid_argument, "method or target of the request has a character it may not have");
  }
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (request.headers.find("Host") == nullptr) head.append("Host: ").append(host).append("\r\n");
  append_fields(head, request.headers, {"Content-Length", "Transfer-Encoding"});
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  head.append("\r\n");
  return head;
}

TimePoint silence_deadline(const StreamOptions& options) {
  return options.silence_max.count() == 0 ? TimePoint::max() : std::chrono::steady_clock::now() + options.silence_max;
}

std::unexpected<base::Error> cancelled() {
  return base::fail(ErrorCode::cancelled, "the request was cancelled");
}

}  // namespace

Result<ClientConnection> ClientConnection::open(const Endpoint& endpoint, const FetchOptions& options) {
  if (options.stop.stop_requested()) return cancelled();
  ClientConnection made(TRY(connect(endpoint, left_until(options.deadline))), host_field(endpoint));
  if (!endpoint.is_tls) return made;
  const StopCut cut(options.stop, made.fd_.get());
  Result<TlsStream> tls = TlsStream::open(made.fd_.get(), endpoint.host, left_until(options.deadline));
  if (!tls && options.stop.stop_requested()) return cancelled();
  made.tls_.emplace(TRY(std::move(tls)));
  return made;
}

Result<void> ClientConnection::send_all(std::string_view bytes, TimePoint deadline) {
  return tls_ ? tls_->send_all(bytes, left_until(deadline)) : sys::send_all(fd_.get(), bytes, left_until(deadline));
}

template <class Work>
Result<Response> ClientConnection::run(const std::stop_token& stop, const Work& work) {
  if (!fd_) return base::fail(ErrorCode::unavailable, "the connection is closed");
  is_reusable_ = false;
  Result<Response> response = [&] {
    const StopCut cut(stop, fd_.get());  // gone before the descriptor is closed and its number used again
    return work();
  }();
  if (response && is_reusable_) return response;
  fd_.close();
  if (!response && stop.stop_requested()) return cancelled();
  return response;
}

Result<void> ClientConnection::send(const Request& request, TimePoint deadline) {
  std::string head = TRY(head_of(request, host_));
  const bool is_small = request.body.size() <= kReadBytes;
  if (is_small) head.append(request.body);
  TRY(send_all(head, deadline));
  if (!is_small) TRY(send_all(request.body, deadline));
  return {};
}

Result<void> ClientConnection::receive(ResponseParser& parser, TimePoint deadline) {
  std::array<char, kReadBytes> buffer;
  const std::size_t count = TRY(tls_ ? tls_->receive_some(buffer, left_until(deadline))
                                     : sys::receive_some(fd_.get(), buffer, left_until(deadline)));
  if (count == 0) {
    parser.consume_end();
    if (parser.state() == ResponseParser::State::complete) return {};
    return base::fail(ErrorCode::unavailable, "the connection ended before the response was complete");
  }
  const std::size_t taken = parser.consume({buffer.data(), count});
  behind_.assign(buffer.data() + taken, count - taken);
  // Bytes that nobody asked for would be taken for the next answer.
  is_reusable_ = parser.state() == ResponseParser::State::complete && parser.keeps_alive() && behind_.empty();
  if (parser.state() != ResponseParser::State::refused) return {};
  const ErrorCode code = parser.refusal().status == 413 ? ErrorCode::over_budget : ErrorCode::corrupt;
  return base::fail(code, "cannot read the response: " + parser.refusal().message);
}

Result<Response> ClientConnection::converse(const Request& request, ResponseParser parser, TimePoint deadline) {
  const Result<void> sent = send(request, deadline);
  if (!sent && sent.error().code != ErrorCode::unavailable) return std::unexpected(sent.error());
  while (parser.state() != ResponseParser::State::complete) {
    // A server that refuses a request answers and does not read the rest, so the answer may be there all the same.
    Result<void> received = receive(parser, deadline);
    if (!received) return std::unexpected(sent ? std::move(received).error() : sent.error());
  }
  return std::move(parser.response());
}

Result<Response> ClientConnection::fetch(const Request& request, const FetchOptions& options) {
  return run(options.stop, [&] {
    const MessageLimits limits{.body_bytes_max = options.body_bytes_max};
    return converse(request, ResponseParser(request.method, limits), options.deadline);
  });
}

Result<Upgraded> ClientConnection::upgrade(Request request, const std::string& protocol, const FetchOptions& options) {
  if (tls_) return base::fail(ErrorCode::invalid_argument, "no other protocol is spoken over TLS");
  request.headers.add("Connection", "Upgrade");
  request.headers.add("Upgrade", protocol);
  Upgraded upgraded;
  upgraded.response = TRY(run(options.stop, [&]() -> Result<Response> {
    ResponseParser parser(request.method, {.body_bytes_max = options.body_bytes_max});
    parser.allow_upgrade();
    Response response = TRY(converse(request, std::move(parser), options.deadline));
    if (response.status != 101) return response;
    if (!response.headers.lists("Upgrade", protocol))
      return base::fail(ErrorCode::corrupt, "the server changes to a protocol other than '" + protocol + "'");
    upgraded.fd = std::move(fd_);
    upgraded.received = std::move(behind_);
    return response;
  }));
  return upgraded;
}

Result<Response> ClientConnection::fetch_stream(const Request& request, const ChunkReader& reader,
                                                const StreamOptions& options) {
  return run(options.stop, [&]() -> Result<Response> {
    ResponseParser parser(request.method, {.body_bytes_max = std::numeric_limits<std::size_t>::max()});
    TRY(send(request, options.head_deadline));
    while (parser.state() != ResponseParser::State::complete) {
      const bool has_head = parser.state() == ResponseParser::State::body;
      TRY(receive(parser, has_head ? silence_deadline(options) : options.head_deadline));
      if (parser.state() == ResponseParser::State::head) continue;
      Response& response = parser.response();
      const bool is_streamed = response.status >= 200 && response.status <= 299;
      if (!is_streamed && response.body.size() > options.error_bytes_max) {
        return base::fail(ErrorCode::over_budget, "the error in the response is too large");
      }
      if (!is_streamed || response.body.empty()) continue;
      if (reader(std::exchange(response.body, {})) == Flow::enough) break;
    }
    return std::move(parser.response());
  });
}

Result<Response> fetch(const Endpoint& endpoint, const Request& request, const FetchOptions& options) {
  ClientConnection connection = TRY(ClientConnection::open(endpoint, options));
  return connection.fetch(request, options);
}

Result<Response> fetch_stream(const Endpoint& endpoint, const Request& request, const ChunkReader& reader,
                              const StreamOptions& options) {
  ClientConnection connection =
      TRY(ClientConnection::open(endpoint, {.deadline = options.head_deadline, .stop = options.stop}));
  return connection.fetch_stream(request, reader, options);
}

Result<Upgraded> upgrade(const Endpoint& endpoint, Request request, const std::string& protocol,
                         const FetchOptions& options) {
  ClientConnection connection = TRY(ClientConnection::open(endpoint, options));
  return connection.upgrade(std::move(request), protocol, options);
}

}  // namespace lilux::net
