#pragma once

// The answer to one POST of the Model Context Protocol: one JSON text, or a stream when something comes before its end.
// Any thread.

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/json.h"
#include "mcp/message.h"
#include "net/http_server.h"
#include "surface/mcp_stream.h"

namespace lilux::surface {

net::Response with_json(int status, const base::Json& message);
net::Response refused(int status, const mcp::RpcError& error);

class McpAnswer : public std::enable_shared_from_this<McpAnswer> {
 public:
  // `make_stream` is asked once, when there is more than one message; statuses are those of the newest era or 200.
  using MakeStream = std::function<std::shared_ptr<McpStream>()>;
  McpAnswer(net::Exchange exchange, MakeStream make_stream, bool is_modern)
      : exchange_(std::move(exchange)), make_stream_(std::move(make_stream)), is_modern_(is_modern) {}

  // What is to happen when the client has gone and will not read on.
  void on_gone(std::function<void()> gone);
  // Kept until the answer is given.
  void keep(std::shared_ptr<void> what) { kept_ = std::move(what); }
  void add_header(std::string name, std::string value) { headers_.add(std::move(name), std::move(value)); }

  void take(const base::Json& message, bool is_last);

 private:
  void leave();
  void begin_stream();
  void respond(const base::Json& message);

  std::mutex mutex_;
  net::Exchange exchange_;
  const MakeStream make_stream_;
  std::shared_ptr<McpStream> stream_;
  net::Headers headers_;
  std::shared_ptr<void> kept_;
  std::function<void()> gone_;
  int connection_ = 0;
  bool is_modern_;
  bool is_over_ = false;
};

}  // namespace lilux::surface
