#pragma once

// The Model Context Protocol over HTTP, for who was let in by the surface: /mcp in both eras, /sse and /messages for
// clients of 2024-11-05, and an upgrade of /mcp to lines, which is how `lilux mcp serve` speaks. Any thread.
//
// Files: mcp_http.cpp says who asks and what for, mcp_http_sessions.cpp keeps the sessions, mcp_http_post.cpp,
// mcp_http_old.cpp and mcp_http_lines.cpp are the ways to speak.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/guarded.h"
#include "base/result.h"
#include "net/http_server.h"
#include "surface/mcp_host.h"
#include "surface/mcp_lines.h"
#include "surface/mcp_session.h"
#include "surface/mcp_stream.h"

namespace lilux::surface {

class McpHttp : public std::enable_shared_from_this<McpHttp> {
 public:
  // What the rows of the kernel's table and these resources are offered as, unless the client asks for less or more.
  McpHttp(kernel::Kernel& kernel, std::span<const Resource> resources, std::string expose);
  ~McpHttp();

  static bool is_for(std::string_view path);
  // `task` is the caller's own when a task started it. The query says what is exposed to the client (expose) and what
  // narrows its session: grant, calls, usd, tokens, wall_ms. Fails, without an answer, when that makes no sense.
  base::Result<void> handle(const net::Request& request, net::Exchange& exchange, const std::string& task,
                            kernel::Caller caller);
  // The same for a client on our own standard streams.
  base::Result<std::shared_ptr<McpLines>> serve_lines(const net::QueryPairs& query, kernel::Caller caller,
                                                      McpLines::Write write, McpLines::Over over,
                                                      std::function<bool()> may_run_here);
  // Every some seconds: streams are kept alive, sessions that nobody uses end.
  void look_after();
  void stop();
  // For those who change what is offered.
  const std::shared_ptr<Changes>& changes() const { return changes_; }

 private:
  static constexpr std::string_view kPath = "/mcp";
  static constexpr std::string_view kOldStream = "/sse";
  static constexpr std::string_view kOldMessages = "/messages";
  static constexpr std::string_view kSessionHeader = "Mcp-Session-Id";
  static constexpr std::size_t kSessionsMax = 1000;
  using Sessions = std::map<std::string, std::shared_ptr<McpSession>, std::less<>>;
  struct State {
    std::map<std::string, std::shared_ptr<const Offer>, std::less<>> offers;  // by what is exposed
    Sessions sessions;                                                        // by Mcp-Session-Id
    Sessions stateless;                                                       // by client and place
    std::vector<std::weak_ptr<McpStream>> streams;
    std::vector<std::weak_ptr<McpLines>> lines;
    bool is_stopped = false;
  };

  base::Result<McpClient> client_of(const net::QueryPairs& query, const std::string& task, kernel::Caller caller,
                                    bool is_known);
  base::Result<std::shared_ptr<McpLines>> begin_lines(const McpClient& client, McpLines::Write write,
                                                      McpLines::Over over);
  base::Result<std::shared_ptr<const Offer>> offer(const std::string& expose);
  std::shared_ptr<McpHost> make_host(const McpClient& client) const;
  mcp::Conversation::Options options(const std::string& bound_to, std::shared_ptr<mcp::Tasks> tasks) const;
  std::shared_ptr<McpSession> find(const McpClient& client, const std::string& id) const;
  void remove(const std::string& id);
  void end_soon(const std::function<void()>& end);
  // Gives the session that has the key, made when there is none, and opens that many requests in it. When there is no
  // room for it, the one ends that nobody has used for longest, one without a call first; null when all are used.
  std::shared_ptr<McpSession> take_in(Sessions State::* group, std::size_t max, const std::string& key, int opened,
                                      const std::function<std::shared_ptr<McpSession>()>& make);
  void end_session(const std::string& id, net::Exchange exchange);
  std::shared_ptr<McpSession> make_session(const McpClient& client) const;
  std::shared_ptr<McpStream> look_after(std::shared_ptr<McpStream> stream);

  void post(const net::Request& request, net::Exchange exchange, const McpClient& client);
  void post_stateless(const net::Request& request, mcp::Message message, net::Exchange exchange,
                      const McpClient& client);
  void begin_session(mcp::Message message, net::Exchange exchange, const McpClient& client);
  void pass_on(const std::shared_ptr<McpSession>& session, mcp::Message message, net::Exchange exchange);
  void listen(const net::Request& request, McpSession& session, net::Exchange exchange);
  void begin_old(const net::Request& request, net::Exchange exchange, const McpClient& client);
  void post_old(const net::Request& request, net::Exchange exchange, const McpClient& client);
  base::Result<void> upgrade(net::Exchange& exchange, const McpClient& client);

  kernel::Kernel& kernel_;
  const std::span<const Resource> resources_;
  const std::string expose_;
  const std::shared_ptr<Changes> changes_;
  base::Guarded<State> state_;
};

}  // namespace lilux::surface
