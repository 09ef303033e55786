#pragma once

// The HTTP surface, on the Unix socket and on loopback: POST /api/call/<tool>, GET /api/tools, GET /api/events, GET
// /health, and the Model Context Protocol at /mcp. On the socket the peer's user and ancestry say who calls; on
// loopback a token does, and Host and Origin are held against what a browser could be made to send. Owned by whoever
// owns the kernel; any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "surface/mcp_http.h"

namespace lilux::kernel {
class Kernel;
}

namespace lilux::surface {

class HttpSurface {
 public:
  // Serves the socket in the runtime folder, and loopback too when a port is given (0 picks one). The token lies in the
  // state folder, mode 0600.
  static base::Result<std::unique_ptr<HttpSurface>> start(kernel::Kernel& kernel, std::optional<std::uint16_t> port,
                                                          std::span<const Resource> resources = own_resources(),
                                                          std::string expose = "four");
  ~HttpSurface();

  std::uint16_t port() const;
  McpHttp& mcp() const;
  // Ends streams and connections; calls in flight have a moment to be answered.
  void stop();

 private:
  struct State;
  explicit HttpSurface(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // and of work queued for it
};

inline constexpr std::string_view kDaemonRole = "daemon";  // what /health says of a kernel that stays

std::string socket_path(const std::string& runtime_folder);
std::string token_path(const std::string& state_folder);
int http_status(base::ErrorCode code);
net::Response error_response(const base::Error& error);

}  // namespace lilux::surface
