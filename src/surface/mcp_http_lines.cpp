// Conversations in lines: on our own standard streams, and over a connection that is upgraded to them.

#include <mutex>

#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "mcp/tasks.h"
#include "surface/mcp_http.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr auto kLastAnswers = std::chrono::seconds(2);  // after a client's last line

// To a client whose connection stands for its standard streams.
struct LinesOut {
  std::mutex mutex;
  net::Stream stream;

  void write(std::string_view lines) {
    const std::lock_guard lock(mutex);
    if (!stream.write(lines)) stream.close();
  }
  void close() {
    const std::lock_guard lock(mutex);
    stream.close();
  }
};

}  // namespace

Result<std::shared_ptr<McpLines>> McpHttp::serve_lines(const net::QueryPairs& query, kernel::Caller caller,
                                                       McpLines::Write write, McpLines::Over over,
                                                       std::function<bool()> may_run_here) {
  McpClient client = TRY(client_of(query, {}, std::move(caller), true));
  client.may_run_here = std::move(may_run_here);
  return begin_lines(client, std::move(write), std::move(over));
}

Result<std::shared_ptr<McpLines>> McpHttp::begin_lines(const McpClient& client, McpLines::Write write,
                                                       McpLines::Over over) {
  const std::size_t alive = state_.with([](State& state) {
    std::erase_if(state.lines, [](const auto& weak) { return weak.expired(); });
    return state.lines.size();
  });
  if (alive >= kSessionsMax)
    return fail(ErrorCode::unavailable, "too many MCP clients are connected", "end some: `lilux ps`");
  const std::shared_ptr<McpHost> host = make_host(client);
  host->prepare();
  auto lines = McpLines::begin(host, options(client.place(), std::make_shared<mcp::Tasks>()), std::move(write),
                               [host, over = std::move(over)] {
                                 host->end();
                                 over();
                               });
  state_.with([&](State& state) { state.lines.push_back(lines); });
  return lines;
}

Result<void> McpHttp::upgrade(net::Exchange& exchange, const McpClient& client) {
  const auto out = std::make_shared<LinesOut>();  // of the lines, and of what ends them
  const auto lines =
      TRY(begin_lines(client, [out](std::string_view line) { out->write(line); }, [out] { out->close(); }));
  const auto end = [lines, this_http = weak_from_this()] {
    lines->end();
    const auto later = [weak = std::weak_ptr(lines), this_http] {
      const auto http = this_http.lock();
      if (const auto live = weak.lock(); live && http) http->end_soon([live] { live->close(); });
    };
    const auto http = this_http.lock();
    if (!http || !http->kernel_.scheduler().at(std::chrono::steady_clock::now() + kLastAnswers, later)) lines->close();
  };
  {
    const std::lock_guard lock(out->mutex);
    const auto take = [lines, end, this_http = weak_from_this()](std::string_view bytes) {
      if (!bytes.empty()) return lines->add(bytes);
      if (const auto http = this_http.lock()) http->end_soon(end);  // not on the thread of all connections
    };
    out->stream = exchange.upgrade("lilux-mcp", {}, take, [lines] { return lines->take_lines(); });
  }
  if (state_.with([](const State& state) { return state.is_stopped; })) lines->close();
  return {};
}

}  // namespace lilux::surface
