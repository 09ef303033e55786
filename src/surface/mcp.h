#pragma once

// The Model Context Protocol over the table: what a client sees of the tools, and `lilux mcp serve`, which speaks it on
// standard input and output. Calls go through the daemon, as the client's own.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/scheduler.h"
#include "kernel/tool.h"
#include "mcp/conversation.h"

namespace lilux::surface {

// The tools of a table that fit, by their names on the wire: fs.read is fs_read there. What only people may call is
// left out. Any thread.
class ToolHost : public mcp::Host {
 public:
  using Make = std::function<base::Result<base::Json>(const kernel::CallRequest&)>;  // gives the envelope; may block

  // `globs` over the tools' own names; none: all of them.
  ToolHost(std::span<const kernel::Tool> table, const std::vector<std::string>& globs, kernel::Caller caller,
           Make make);

  base::JsonObject info() const override;
  std::string instructions() const override;
  base::JsonArray tools() const override;
  std::expected<void, mcp::RpcError> call(Call call) override;

 private:
  std::vector<const kernel::Tool*> offered_;
  kernel::Caller caller_;
  Make make_;
  kernel::Scheduler pool_;  // calls wait for the daemon
};

// A tool's name where only letters, digits and _ may stand.
std::string wire_name(std::string_view tool);
// What a client is given for an envelope: text for the model, and the output as it is.
base::Json call_result(const base::Json& envelope);

base::Result<int> mcp_serve_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
