// The sessions of clients over HTTP: found, made, ended when their room is needed.

#include <iterator>
#include <tuple>

#include "base/encoding.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "surface/mcp_http.h"

namespace lilux::surface {

using base::Json;

namespace {

constexpr std::int64_t kPriority = 5;

}  // namespace

std::shared_ptr<McpSession> McpHttp::find(const McpClient& client, const std::string& id) const {
  const std::string place = client.place();
  return state_.with([&](const State& state) -> std::shared_ptr<McpSession> {
    const auto found = state.sessions.find(id);
    return found != state.sessions.end() && found->second->place == place ? found->second : nullptr;
  });
}

void McpHttp::end_session(const std::string& id, net::Exchange exchange) {
  const auto gone = state_.with([&](State& state) { return state.sessions.extract(id); });
  const auto answer = std::make_shared<net::Exchange>(std::move(exchange));  // of work that may be copied
  end_soon([session = gone ? gone.mapped() : nullptr, answer] {
    if (session) session->end();
    answer->respond(net::Response{.status = 204});
  });
}

void McpHttp::remove(const std::string& id) {
  const auto gone = state_.with([&](State& state) { return state.sessions.extract(id); });
  if (gone) end_soon([session = gone.mapped()] { session->end(); });
}

// Processes are killed then, and the ledger hears of it: the thread of all connections must not wait for that.
void McpHttp::end_soon(const std::function<void()>& end) {
  if (!kernel_.scheduler().push(kPriority, end)) end();
}

std::shared_ptr<McpSession> McpHttp::take_in(Sessions State::* group, std::size_t max, const std::string& key,
                                             int opened, const std::function<std::shared_ptr<McpSession>()>& make) {
  std::shared_ptr<McpSession> over;
  const auto taken = state_.with([&](State& state) -> std::shared_ptr<McpSession> {
    Sessions& sessions = state.*group;
    if (state.is_stopped) return nullptr;
    auto found = sessions.find(key);
    if (found == sessions.end() && sessions.size() >= max) {
      auto first = sessions.begin();
      McpSession::Rank lowest = first->second->rank();
      for (auto other = std::next(first); other != sessions.end(); ++other) {
        const McpSession::Rank rank = other->second->rank();
        if (rank < lowest) std::tie(first, lowest) = std::pair(other, rank);
      }
      if (!lowest.gives_way()) return nullptr;
      over = first->second;
      sessions.erase(first);
    }
    if (found == sessions.end()) found = sessions.emplace(key, make()).first;
    found->second->touch(opened);
    return found->second;
  });
  if (over) end_soon([over] { over->end(); });
  return taken;
}

std::shared_ptr<McpSession> McpHttp::make_session(const McpClient& client) const {
  auto session = std::make_shared<McpSession>();
  session->host = make_host(client);
  session->place = client.place();
  mcp::Conversation::Options made = options(session->place, session->tasks);
  made.tell = [weak = std::weak_ptr(session)](const Json& message) {
    const auto live = weak.lock();
    if (const auto stream = live ? live->stream() : nullptr) stream->write(message);
  };
  session->conversation = std::make_unique<mcp::Conversation>(session->host, std::move(made));
  return session;
}

}  // namespace lilux::surface
