#include "surface/mcp_http.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "surface/mcp_answer.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;
using mcp::RpcCode;

namespace {

constexpr std::array<std::string_view, 8> kQueryNames{"expose", "grant",   "calls",  "usd",
                                                      "tokens", "wall_ms", "folder", "session"};
constexpr std::size_t kOffersMax = 100;
constexpr auto kIdle = std::chrono::minutes(30);  // until a session that nobody uses ends
constexpr auto kLeft = std::chrono::seconds(30);  // until a stream that was left is given up

net::Response not_allowed(std::string message) {
  return refused(405, {.code = RpcCode::invalid_request, .message = std::move(message)});
}

}  // namespace

McpHttp::McpHttp(kernel::Kernel& kernel, std::span<const Resource> resources, std::string expose)
    : kernel_(kernel), resources_(resources), expose_(std::move(expose)), changes_(std::make_shared<Changes>(kernel)) {}

McpHttp::~McpHttp() {
  stop();
}

bool McpHttp::is_for(std::string_view path) {
  return path == kPath || path == kOldStream || path == kOldMessages;
}

Result<void> McpHttp::handle(const net::Request& request, net::Exchange& exchange, const std::string& task,
                             kernel::Caller caller) {
  McpClient client = TRY(client_of(request.query, task, std::move(caller), request.peer.is_unix));
  const std::string& method = request.method;
  const bool is_get = method == "GET";
  const bool is_post = method == "POST";
  const std::string id = request.header_text(kSessionHeader);
  client.may_run_here = exchange.may_linger();
  if (is_get && request.path == kPath && request.headers.lists("Connection", "upgrade"))
    return upgrade(exchange, client);
  if (is_get && request.path == kOldStream)
    begin_old(request, std::move(exchange), client);
  else if (is_post && request.path == kOldMessages)
    post_old(request, std::move(exchange), client);
  else if (is_post && request.path == kPath)
    post(request, std::move(exchange), client);
  else if (request.path != kPath || id.empty() || (!is_get && method != "DELETE"))
    exchange.respond(not_allowed("POST /mcp sends a message; GET and DELETE take a session that `initialize` began"));
  else if (const auto session = find(client, id); !session)
    exchange.respond(refused(404, {.code = RpcCode::invalid_request, .message = "there is no such session"}));
  else if (is_get)
    listen(request, *session, std::move(exchange));
  else
    end_session(id, std::move(exchange));
  return {};
}

// On loopback whoever holds the token comes in, a process of a task too: then nobody knows that a person answers.
Result<McpClient> McpHttp::client_of(const net::QueryPairs& query, const std::string& task, kernel::Caller caller,
                                     bool is_known) {
  McpClient client{.caller = std::move(caller), .expose = expose_};
  // Whoever has no task behind it is a client like others, and nobody is a person here.
  const bool is_agent = client.caller.principal == policy::Principal::agent;
  if (!is_agent) client.caller.principal = policy::Principal::mcp;
  client.has_person = is_known && !is_agent;
  client.session = {.parent = is_agent ? task : std::string(kernel::kMcpTask),
                    .title = "MCP client",
                    .principal = client.caller.principal,
                    .cwd = client.caller.cwd,
                    .project = client.caller.project};
  JsonObject budget;
  for (const auto& [name, value] : query) {
    // What is to narrow a session and is misspelled must not leave it wide.
    if (std::ranges::find(kQueryNames, name) == kQueryNames.end())
      return fail(ErrorCode::invalid_argument, "unknown name '" + name + "' in the query",
                  "folder, expose, grant, calls, usd, tokens, wall_ms");
    if (name == "expose") client.expose = value;
    if (name == "calls" || name == "usd" || name == "tokens" || name == "wall_ms")
      budget.set(name, TRY(base::parse_json(value)));
    if (name == "grant")
      client.session.grants.push_back({.capability = policy::to_string(TRY(policy::parse_capability(
                                           value, client.caller.cwd, kernel_.folders().home)))});
  }
  client.session.budget = TRY(base::decode<kernel::Budget>(budget));
  client.offer = TRY(offer(client.expose));
  if (!client.session.grants.empty()) return client;
  kernel_.state().with([&](const kernel::State& state) {  // what the parent holds
    if (const auto parent = state.tasks.find(client.session.parent); parent != state.tasks.end())
      client.session.grants = parent->second.grants;
  });
  return client;
}

Result<std::shared_ptr<const Offer>> McpHttp::offer(const std::string& expose) {
  auto known = state_.with([&](const State& state) -> std::shared_ptr<const Offer> {
    const auto found = state.offers.find(expose);
    return found == state.offers.end() ? nullptr : found->second;
  });
  if (known) return known;
  known = std::make_shared<const Offer>(TRY(Offer::make(kernel_.table(), resources_, expose)));
  state_.with([&](State& state) {
    if (state.offers.size() < kOffersMax) state.offers.emplace(expose, known);
  });
  return known;
}

std::shared_ptr<McpHost> McpHttp::make_host(const McpClient& client) const {
  return std::make_shared<McpHost>(kernel_, McpHost::Options{.offer = client.offer,
                                                             .changes = changes_,
                                                             .session = client.session,
                                                             .caller = client.caller,
                                                             .has_person = client.has_person,
                                                             .may_run_here = client.may_run_here});
}

mcp::Conversation::Options McpHttp::options(const std::string& bound_to, std::shared_ptr<mcp::Tasks> tasks) const {
  mcp::Conversation::Options made{.tasks = std::move(tasks)};
  made.seal = [&kernel = kernel_, bound_to](std::string_view text) {
    return kernel.digest_secret("mcp request\n" + bound_to + "\n" + std::string(text));
  };
  return made;
}

// From now on it is kept alive, and given up when it was left for long.
std::shared_ptr<McpStream> McpHttp::look_after(std::shared_ptr<McpStream> stream) {
  state_.with([&](State& state) { state.streams.push_back(stream); });
  return stream;
}

void McpHttp::look_after() {
  std::vector<std::shared_ptr<McpStream>> streams;
  std::vector<std::shared_ptr<McpSession>> over;  // ends outside the lock
  const auto now = std::chrono::steady_clock::now();
  state_.with([&](State& state) {
    std::erase_if(state.lines, [](const auto& weak) { return weak.expired(); });
    std::erase_if(state.streams, [&](const auto& weak) {
      auto stream = weak.lock();
      if (stream) streams.push_back(std::move(stream));
      return weak.expired();
    });
    for (Sessions* sessions : {&state.sessions, &state.stateless}) {
      std::erase_if(*sessions, [&](const auto& entry) {
        const bool is_over = entry.second->idle_since() < now - kIdle;
        if (is_over) over.push_back(entry.second);
        return is_over;
      });
    }
  });
  for (const auto& stream : streams) {
    if (!stream->give_up(now - kLeft)) stream->write_comment("");
  }
  for (const auto& session : over) end_soon([session] { session->end(); });
}

void McpHttp::stop() {
  State left;  // goes outside the lock
  state_.with([&](State& state) {
    state.is_stopped = true;
    std::swap(left.sessions, state.sessions);
    std::swap(left.stateless, state.stateless);
    std::swap(left.lines, state.lines);
  });
  for (const auto* all : {&left.sessions, &left.stateless}) {
    for (const auto& [id, session] : *all) session->end();
  }
  for (const auto& weak : left.lines) {
    if (const auto lines = weak.lock()) lines->close();
  }
}

}  // namespace lilux::surface
