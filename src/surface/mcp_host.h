#pragma once

// One client's session of the Model Context Protocol over the kernel: a task of its own below `parent`, which begins
// with the first thing the client wants done and ends with the session. Any thread.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "kernel/call.h"
#include "kernel/task.h"
#include "mcp/host.h"
#include "surface/mcp_changes.h"
#include "surface/mcp_offer.h"

namespace lilux::kernel {
class Kernel;
}  // namespace lilux::kernel

namespace lilux::surface {

class McpHost : public mcp::Host, public std::enable_shared_from_this<McpHost> {
 public:
  struct Options {
    std::shared_ptr<const Offer> offer;  // of all sessions that are offered the same
    std::shared_ptr<Changes> changes;    // of all sessions
    kernel::Task session;                // its parent, place, grants and budget
    kernel::Caller caller;
    bool has_person = false;  // nobody else can answer the client's forms, as far as can be known
    // Whether what has no effect and is brief may run on the thread that asks; absent: never.
    std::function<bool()> may_run_here = {};
  };

  McpHost(kernel::Kernel& kernel, Options options) : kernel_(kernel), options_(std::move(options)) {}
  // Has the policy compiled, so that the first call does not wait for it.
  void prepare();
  // Whether it has made a call.
  bool has_begun() const;
  // The session is over: what it runs and started ends, and it takes no more calls. Idempotent.
  void end();

  base::JsonObject info() const override;
  std::string instructions() const override;
  base::JsonArray list(mcp::List what) const override;
  std::expected<std::vector<std::string>, mcp::RpcError> complete(const base::Json& params) const override;
  void expect(const mcp::Client& client) override;
  void serve(Call call) override;
  bool is_long(const base::Json& params) const override;
  std::shared_ptr<void> watch(mcp::Watched what, std::function<void(const mcp::Change&)> told) override;

 private:
  class Run;
  base::Result<std::string> task_of(const mcp::Client& client);
  base::Result<kernel::CallRequest> request_for(const kernel::Tool& tool, base::Json arguments,
                                                const mcp::Client& client, const std::string& folder);

  kernel::Kernel& kernel_;
  const Options options_;
  struct State {
    std::string task;  // empty until it is needed
    bool has_ended = false;
  };
  base::Guarded<State> state_;
  std::atomic<bool> has_begun_ = false;  // a call
};

inline constexpr std::size_t kInlineMax = std::size_t{256} << 10;  // of an output; what is larger is linked to

// What a client is given for how a call ended: text for the model, and the output as it is. A tool may have made such a
// result itself.
base::Json call_result(kernel::Outcome outcome, const Offer& offer);

}  // namespace lilux::surface
