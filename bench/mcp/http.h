#pragma once

// The client's side over HTTP: connections that are kept, one request at a time on each.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lines.h"
#include "sys/fd.h"

namespace lilux::bench {

enum class State : std::uint8_t { stateless, stateful };

struct HttpTarget {
  std::uint16_t port = 0;
  std::string path = "/mcp";
  std::string headers;  // beyond those of the protocol, each with its line end
  std::string tool;
  std::string arguments;
  std::string_view stateless_revision;
};

// Requests a second with that many connections; of a stateful server each has its own session.
class HttpClient {
 public:
  HttpClient(const HttpTarget& target, State state, int connections);
  double per_second(std::chrono::milliseconds time);

 private:
  struct Connection {
    sys::Fd fd;
    Request request;
    std::string head;
    std::string received;
  };
  Connection connect(State state) const;
  void send_next(Connection& connection) const;
  bool take(Connection& connection);  // true when the answer is whole

  HttpTarget target_;
  std::vector<Connection> connections_;
  std::vector<char> piece_;
};

}  // namespace lilux::bench
