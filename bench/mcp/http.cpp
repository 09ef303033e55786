#include "http.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace lilux::bench {

namespace {

constexpr std::string_view kHandshakeRevision = "2025-11-25";
constexpr std::string_view kInitialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
    R"("clientInfo":{"name":"bench","version":"1"}}})";
constexpr std::string_view kInitialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

// What a request of the newest revision says of itself.
std::string meta_of(std::string_view revision) {
  if (revision == kHandshakeRevision) return "";
  return R"(,"_meta":{"io.modelcontextprotocol/protocolVersion":")" + std::string(revision) +
         R"(","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},)"
         R"("io.modelcontextprotocol/clientCapabilities":{}})";
}

std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  const auto same = [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) == std::tolower(static_cast<unsigned char>(right));
  };
  const std::string before = "\r\n" + std::string(name) + ": ";
  const auto found = std::ranges::search(head, before, same);
  if (found.empty()) return std::nullopt;
  const auto from = static_cast<std::size_t>(found.end() - head.begin());
  return head.substr(from, head.find("\r\n", from) - from);
}

// The whole answer's size, once that can be told.
std::optional<std::size_t> whole_size(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view head = text.substr(0, end + 2);
  if (const auto length = field(head, "Content-Length")) {
    std::size_t size = 0;
    std::from_chars(length->data(), length->data() + length->size(), size);
    return end + 4 + size;
  }
  if (!field(head, "Transfer-Encoding")) return end + 4;
  return text.ends_with("\r\n0\r\n\r\n") ? std::optional(text.size()) : std::nullopt;
}

void send(const sys::Fd& fd, std::string_view bytes) {
  if (::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    stop("cannot send a request");
}

std::string answer_to(const sys::Fd& fd, std::string_view request) {
  send(fd, request);
  std::string answer;
  char piece[65536];
  for (auto size = whole_size(answer); !size || answer.size() < *size; size = whole_size(answer)) {
    const ssize_t got = ::recv(fd.get(), piece, sizeof piece, 0);
    if (got <= 0) stop("a server has closed a connection: " + answer);
    answer.append(piece, static_cast<std::size_t>(got));
  }
  return answer;
}

std::string with_length(const std::string& head, std::string_view body) {
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace

HttpClient::HttpClient(const HttpTarget& target, State state, int connections) : target_(target), piece_(65536) {
  for (int i = 0; i < connections; ++i) connections_.push_back(connect(state));
}

HttpClient::Connection HttpClient::connect(State state) const {
  sys::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(target_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) stop("cannot connect");
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string_view revision = state == State::stateful ? kHandshakeRevision : target_.stateless_revision;
  std::string head = "POST " + target_.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target_.port) +
                     "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" +
                     target_.headers + "MCP-Protocol-Version: " + std::string(revision) + "\r\n";
  if (state == State::stateful) {
    const std::string answer = answer_to(fd, with_length(head, kInitialize));
    const auto session = field(answer, "Mcp-Session-Id");
    if (!session) stop("no session: " + answer);
    head += "Mcp-Session-Id: " + std::string(*session) + "\r\n";
    answer_to(fd, with_length(head, kInitialized));
  } else if (revision != kHandshakeRevision) {
    head += "Mcp-Method: tools/call\r\nMcp-Name: " + target_.tool + "\r\n";
  }
  Request body = Request::call(target_.tool, target_.arguments, meta_of(revision));
  const std::string first = answer_to(fd, with_length(head, body.next()));
  const bool is_good = first.starts_with("HTTP/1.1 200") && first.find("\"content\"") != std::string::npos &&
                       first.find("\"isError\":true") == std::string::npos;
  if (!is_good) stop("a call failed: " + first);
  return {.fd = std::move(fd), .request = std::move(body), .head = std::move(head), .received = {}};
}

void HttpClient::send_next(Connection& connection) const {
  send(connection.fd, with_length(connection.head, connection.request.next()));
}

bool HttpClient::take(Connection& connection) {
  const ssize_t got = ::recv(connection.fd.get(), piece_.data(), piece_.size(), 0);
  if (got <= 0) stop("a server has closed a connection");
  connection.received.append(piece_.data(), static_cast<std::size_t>(got));
  const auto size = whole_size(connection.received);
  if (!size || connection.received.size() < *size) return false;
  if (!connection.received.starts_with("HTTP/1.1 200")) stop("a call failed: " + connection.received);
  connection.received.clear();
  return true;
}

double HttpClient::per_second(std::chrono::milliseconds time) {
  std::vector<pollfd> polled;
  for (Connection& connection : connections_) {
    polled.push_back({.fd = connection.fd.get(), .events = POLLIN, .revents = 0});
    send_next(connection);
  }
  const auto start = Clock::now();
  const auto end = start + time;
  int answered = 0;
  std::size_t open = connections_.size();
  while (open > 0) {
    if (::poll(polled.data(), polled.size(), 10'000) <= 0) stop("a server does not answer");
    const bool is_over = Clock::now() >= end;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0 || !take(connections_[i])) continue;
      ++answered;
      if (is_over)
        --open;
      else
        send_next(connections_[i]);
    }
  }
  return answered / micro_since(start) * 1e6;
}

}  // namespace lilux::bench
