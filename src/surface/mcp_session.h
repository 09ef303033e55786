#pragma once

// A client of the Model Context Protocol over HTTP and the session it has: what McpHttp knows of each. Any thread.

#include <chrono>
#include <compare>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "mcp/conversation.h"
#include "mcp/tasks.h"
#include "surface/mcp_host.h"
#include "surface/mcp_stream.h"

namespace lilux::surface {

// Who asks, and for what.
struct McpClient {
  kernel::Task session;
  kernel::Caller caller;
  std::shared_ptr<const Offer> offer;  // of all clients that are offered the same
  std::string expose;                  // what it is called
  bool has_person = false;
  std::function<bool()> may_run_here = {};

  // Sessions are never shared by clients that stand elsewhere or are somebody else.
  std::string place() const;
};

class McpSession {
 public:
  using Time = std::chrono::steady_clock::time_point;

  std::shared_ptr<McpHost> host;
  std::shared_ptr<mcp::Tasks> tasks = std::make_shared<mcp::Tasks>();  // and of calls that end after it
  std::string place;
  std::unique_ptr<mcp::Conversation> conversation;  // null of a stateless one

  // It is used, and has that many more open requests.
  void touch(int opened);
  // Since when nobody uses it; never while somebody does.
  Time idle_since() const;
  // Who ends first when there is no room: of those that nobody uses, one that has made no call, then the idlest.
  struct Rank {
    bool is_used = false;
    bool has_begun = false;
    Time since;
    auto operator<=>(const Rank&) const = default;
    bool gives_way() const;
  };
  Rank rank() const;
  void end();

  // Takes what answers nothing; null: nobody listens.
  std::shared_ptr<McpStream> stream() const;
  // From now on that one does, and the one before it no longer.
  void listen(std::shared_ptr<McpStream> stream);
  // A stream that can be resumed: it is kept among the newest.
  std::shared_ptr<McpStream> make_stream();
  std::shared_ptr<McpStream> find_stream(std::string_view name) const;

 private:
  struct Use {
    Time last;
    std::shared_ptr<McpStream> stream;
    std::size_t open = 0;  // requests
    std::uint64_t streams = 0;
    std::vector<std::shared_ptr<McpStream>> kept;
  };
  base::Guarded<Use> use_;
};

}  // namespace lilux::surface
