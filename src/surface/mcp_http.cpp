#include "surface/mcp_http.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <mutex>
#include <tuple>

#include "base/encoding.h"
#include "base/random.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "mcp/tasks.h"
#include "net/sse.h"
#include "surface/mcp_headers.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;
using mcp::Message;
using mcp::RpcCode;
using mcp::RpcError;

namespace {

constexpr std::string_view kPath = "/mcp";
constexpr std::string_view kOldStream = "/sse";
constexpr std::string_view kOldMessages = "/messages";
constexpr std::string_view kSessionHeader = "Mcp-Session-Id";
constexpr std::array<std::string_view, 8> kQueryNames{"expose", "grant",   "calls",  "usd",
                                                      "tokens", "wall_ms", "folder", "session"};
constexpr std::size_t kSessionsMax = 1000;
constexpr std::size_t kStatelessMax = 200;
constexpr std::size_t kNameMax = 200;
constexpr std::size_t kOffersMax = 100;
constexpr std::int64_t kPriority = 5;
constexpr auto kIdle = std::chrono::minutes(30);        // until a session that nobody uses ends
constexpr auto kGivesWay = std::chrono::minutes(1);     // until one that has begun something may end for another one
constexpr auto kLastAnswers = std::chrono::seconds(2);  // after a client's last line

net::Response with_json(int status, const Json& message) {
  net::Response response{.status = status};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = base::to_text(message);
  return response;
}

net::Response refused(int status, RpcError error) {
  return with_json(status, mcp::error_message(error));
}

net::Response not_allowed(std::string message) {
  return refused(405, {.code = RpcCode::invalid_request, .message = std::move(message)});
}

// The status an answer goes with, where the era has one for it.
int status_of(const Json& message, bool is_modern) {
  const Json* error = message.find("error");
  if (!error || !is_modern) return 200;
  switch (static_cast<RpcCode>(error->integer_or("code"))) {
    case RpcCode::unknown_method: return 404;
    case RpcCode::parse_error:
    case RpcCode::invalid_request:
    case RpcCode::invalid_params:
    case RpcCode::header_mismatch:
    case RpcCode::missing_capability:
    case RpcCode::unsupported_version: return 400;
    default: return 500;
  }
}

bool is_older_revision(std::string_view revision) {
  return std::ranges::find(mcp::kHandshakeRevisions, revision) != mcp::kHandshakeRevisions.end();
}

// Whether a request needs a session, to belong to or to be found again.
bool begins_something(const Message& message) {
  return message.method != "server/discover" && !message.method.ends_with("/list");
}

std::string event_text(const Json& message) {
  std::string text;
  net::append_event(text, {.data = base::to_text(message)});
  return text;
}

net::Headers stream_headers() {
  net::Headers headers;
  headers.add("Content-Type", "text/event-stream");
  headers.add("Cache-Control", "no-store");
  headers.add("X-Accel-Buffering", "no");
  return headers;
}

}  // namespace

struct McpHttp::Client {
  kernel::Task session;
  kernel::Caller caller;
  std::shared_ptr<const Offer> offer;  // of all clients that are offered the same
  std::string expose;                  // what it is called
  bool has_person = false;
  std::function<bool()> may_run_here = {};

  // Sessions are never shared by clients that stand elsewhere or are somebody else.
  std::string place() const {
    std::string text = base::encode_text(session) + "\n";
    base::append_json_string(text, expose);
    return text + (has_person ? " has a person" : "");
  }
};

// Server-sent events to a client, in their order.
struct McpHttp::Stream {
  std::mutex mutex;
  net::Stream out;
  std::function<void()> cut;  // called when it is given up; set before the first write

  // False when the client has gone, or reads too slowly: then the stream is over.
  bool write(std::string_view text) {
    bool is_taken = false;
    {
      const std::lock_guard lock(mutex);
      is_taken = out.write(text);
      if (!is_taken) out.close();
    }
    if (!is_taken && cut) cut();
    return is_taken;
  }
  void close() {
    const std::lock_guard lock(mutex);
    out.close();
  }
  bool is_open() {
    const std::lock_guard lock(mutex);
    return out.is_open();
  }
};

struct McpHttp::Session {
  std::shared_ptr<McpHost> host;
  std::shared_ptr<mcp::Tasks> tasks = std::make_shared<mcp::Tasks>();  // and of calls that end after it
  std::string place;
  std::unique_ptr<mcp::Conversation> conversation;  // null of a stateless one
  struct Use {
    Time last;
    std::shared_ptr<Stream> stream;  // for what answers nothing
    std::size_t open = 0;            // requests
  };
  base::Guarded<Use> use;

  void touch(int opened) {
    use.with([&](Use& now) {
      now.last = std::chrono::steady_clock::now();
      now.open += static_cast<std::size_t>(opened);
    });
  }
  std::shared_ptr<Stream> stream() const {
    return use.with([](const Use& now) { return now.stream; });
  }
  // Since when; never while it is used.
  Time idle_since() const {
    if (tasks->is_busy()) return Time::max();
    return use.with([](const Use& used) {
      const bool is_used = used.open > 0 || (used.stream && used.stream->is_open());
      return is_used ? Time::max() : used.last;
    });
  }
  // Who ends first when there is no room: of those that nobody uses, one that has made no call, then the idlest.
  struct Rank {
    bool is_used = false;
    bool has_begun = false;
    Time since;
    auto operator<=>(const Rank&) const = default;
    bool gives_way() const { return !is_used && (!has_begun || since <= std::chrono::steady_clock::now() - kGivesWay); }
  };
  Rank rank() const {
    const Time since = idle_since();
    return {.is_used = since == Time::max(), .has_begun = host->has_begun(), .since = since};
  }
  void end() {
    if (conversation) conversation->close();
    host->end();
    if (const auto last = stream()) last->close();
  }
};

// The answer to one POST: one JSON text, or a stream when something comes before its end.
class McpHttp::Answer : public std::enable_shared_from_this<Answer> {
 public:
  Answer(std::shared_ptr<McpHttp> http, net::Exchange exchange, bool is_modern)
      : http_(std::move(http)), exchange_(std::move(exchange)), is_modern_(is_modern) {}

  void on_gone(std::function<void()> gone) {
    gone_ = gone;
    exchange_.on_gone(std::move(gone));
  }
  // Kept until the answer is given.
  void keep(std::shared_ptr<void> what) { kept_ = std::move(what); }
  void add_header(std::string name, std::string value) { headers_.add(std::move(name), std::move(value)); }

  void take(const Json& message, bool is_last) {
    std::shared_ptr<void> let_go;  // outside the lock, as the next
    std::function<void()> gone;
    {
      const std::lock_guard lock(mutex_);
      if (is_over_) return;
      if (!is_last && !stream_) stream_ = http_->start_stream(std::move(exchange_), {});
      if (!stream_)
        respond(message);
      else if (!message.is_null() && !stream_->write(event_text(message)))
        gone = gone_;
      if (stream_ && is_last) stream_->close();
      is_over_ = is_last || gone;
      if (is_over_) let_go = std::move(kept_);
    }
    if (gone) gone();
  }

 private:
  void respond(const Json& message) {
    net::Response response =
        message.is_null() ? net::Response{.status = 204} : with_json(status_of(message, is_modern_), message);
    for (const net::Header& field : headers_) response.headers.add(field.name, field.value);
    exchange_.respond(std::move(response));
  }

  const std::shared_ptr<McpHttp> http_;
  std::mutex mutex_;
  net::Exchange exchange_;
  std::shared_ptr<Stream> stream_;
  net::Headers headers_;
  std::shared_ptr<void> kept_;
  std::function<void()> gone_;
  bool is_modern_;
  bool is_over_ = false;
};

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
  Client client = TRY(client_of(request.query, task, std::move(caller), request.peer.is_unix));
  const std::string& method = request.method;
  const bool is_get = method == "GET";
  const bool is_post = method == "POST";
  const std::string id = request.header_text(kSessionHeader);
  if (is_get && request.path == kPath && request.headers.lists("Connection", "upgrade"))
    return upgrade(exchange, client);
  client.may_run_here = exchange.may_linger();
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
    listen(*session, std::move(exchange));
  else
    end_session(id, std::move(exchange));
  return {};
}

// On loopback whoever holds the token comes in, a process of a task too: then nobody knows that a person answers.
Result<McpHttp::Client> McpHttp::client_of(const net::QueryPairs& query, const std::string& task, kernel::Caller caller,
                                           bool is_known) {
  Client client{.caller = std::move(caller), .expose = expose_};
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

std::shared_ptr<McpHost> McpHttp::make_host(const Client& client) const {
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

std::shared_ptr<McpHttp::Session> McpHttp::find(const Client& client, const std::string& id) const {
  const std::string place = client.place();
  return state_.with([&](const State& state) -> std::shared_ptr<Session> {
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

std::shared_ptr<McpHttp::Session> McpHttp::take_in(Sessions State::* group, std::size_t max, const std::string& key,
                                                   int opened, const std::function<std::shared_ptr<Session>()>& make) {
  std::shared_ptr<Session> over;
  const auto taken = state_.with([&](State& state) -> std::shared_ptr<Session> {
    Sessions& sessions = state.*group;
    if (state.is_stopped) return nullptr;
    auto found = sessions.find(key);
    if (found == sessions.end() && sessions.size() >= max) {
      auto first = sessions.begin();
      Session::Rank lowest = first->second->rank();
      for (auto other = std::next(first); other != sessions.end(); ++other) {
        const Session::Rank rank = other->second->rank();
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

std::shared_ptr<McpHttp::Session> McpHttp::make_session(const Client& client) const {
  auto session = std::make_shared<Session>();
  session->host = make_host(client);
  session->place = client.place();
  mcp::Conversation::Options made = options(session->place, session->tasks);
  made.tell = [weak = std::weak_ptr(session)](const Json& message) {
    const auto live = weak.lock();
    if (const auto stream = live ? live->stream() : nullptr) stream->write(event_text(message));
  };
  session->conversation = std::make_unique<mcp::Conversation>(session->host, std::move(made));
  return session;
}

std::shared_ptr<McpHttp::Stream> McpHttp::start_stream(net::Exchange exchange, std::function<void()> gone) {
  const auto stream = std::make_shared<Stream>();
  stream->cut = gone;
  if (gone) exchange.on_gone(std::move(gone));
  stream->out = exchange.start_stream(200, stream_headers());
  state_.with([&](State& state) { state.streams.push_back(stream); });
  return stream;
}

void McpHttp::post(const net::Request& request, net::Exchange exchange, const Client& client) {
  auto message = mcp::read_message(request.body);
  if (!message) return exchange.respond(refused(400, message.error()));
  const std::string revision = request.header_text("MCP-Protocol-Version");
  const bool is_modern = meta_revision(*message).has_value() || (!revision.empty() && !is_older_revision(revision));
  if (is_modern) return post_stateless(request, *std::move(message), std::move(exchange), client);
  const std::string id = request.header_text(kSessionHeader);
  if (!id.empty()) {
    if (const auto session = find(client, id)) return pass_on(session, *std::move(message), std::move(exchange));
    return exchange.respond(
        refused(404, {.code = RpcCode::invalid_request, .message = "there is no such session", .id = message->id}));
  }
  if (message->method == "initialize" && message->kind == Message::Kind::request)
    return begin_session(*std::move(message), std::move(exchange), client);
  // A request that names neither a session nor a revision: the newest era says what it lacks.
  if (message->method == "server/discover")
    return post_stateless(request, *std::move(message), std::move(exchange), client);
  exchange.respond(refused(400, {.code = RpcCode::invalid_request,
                                 .message = "Mcp-Session-Id is missing: begin with `initialize`, or say a revision in "
                                            "_meta and MCP-Protocol-Version",
                                 .id = message->id}));
}

void McpHttp::post_stateless(const net::Request& request, Message message, net::Exchange exchange,
                             const Client& client) {
  if (message.kind != Message::Kind::request) return exchange.respond(net::Response{.status = 202});
  if (const auto wrong = header_mismatch(request, message, *client.offer))
    return exchange.respond(refused(400, *wrong));
  const Json* meta = message.params.find("_meta");
  const Json* info = meta ? meta->find(mcp::kMetaClient) : nullptr;
  const std::string name = info ? info->string_or("name") : std::string();
  const std::string key = client.place() + "\n" + std::string(base::clipped(name, kNameMax));
  const auto make = [&] {
    auto made = std::make_shared<Session>();
    made->host = make_host(client);
    return made;
  };
  // Who only looks at what there is takes nobody's place.
  const bool is_kept = begins_something(message);
  const auto session = is_kept ? take_in(&State::stateless, kStatelessMax, key, +1, make) : make();
  if (!session)
    return exchange.respond(refused(503, {.code = RpcCode::internal_error,
                                          .message = "too many clients are served: try again later",
                                          .id = message.id}));
  mcp::Conversation::Options made = options(key, session->tasks);
  made.is_stateless = true;
  const auto conversation = std::make_shared<mcp::Conversation>(session->host, std::move(made));
  const auto answer = std::make_shared<Answer>(shared_from_this(), std::move(exchange), true);
  answer->keep({static_cast<void*>(session.get()), [session, conversation, is_kept](void*) {
                  if (is_kept) session->touch(-1);
                }});
  answer->on_gone([weak = std::weak_ptr(conversation)] {
    if (const auto live = weak.lock()) live->close();
  });
  conversation->take(std::move(message), [answer](const Json& said, bool is_last) { answer->take(said, is_last); });
}

void McpHttp::begin_session(Message message, net::Exchange exchange, const Client& client) {
  const std::string id = base::to_base64url(base::random_bytes(32));
  const auto session = take_in(&State::sessions, kSessionsMax, id, 0, [&] { return make_session(client); });
  if (!session)
    return exchange.respond(refused(503, {.code = RpcCode::internal_error,
                                          .message = "too many sessions are used: end some with DELETE",
                                          .id = message.id}));
  const auto answer = std::make_shared<Answer>(shared_from_this(), std::move(exchange), false);
  answer->add_header(std::string(kSessionHeader), id);
  session->conversation->take(std::move(message),
                              [answer](const Json& said, bool is_last) { answer->take(said, is_last); });
}

// A client that goes away before it has its answer will not get it: nothing is kept to be read again.
void McpHttp::pass_on(const std::shared_ptr<Session>& session, Message message, net::Exchange exchange) {
  if (message.kind != Message::Kind::request) {
    session->touch(0);
    exchange.respond(net::Response{.status = 202});
    return session->conversation->take(std::move(message), [](const Json&, bool) {});
  }
  session->touch(+1);
  const auto answer = std::make_shared<Answer>(shared_from_this(), std::move(exchange), false);
  answer->keep({static_cast<void*>(session.get()), [session](void*) { session->touch(-1); }});
  answer->on_gone([weak = std::weak_ptr(session), id = message.id] {
    const auto live = weak.lock();
    const Message cancelled{.kind = Message::Kind::notification,
                            .method = "notifications/cancelled",
                            .params = JsonObject{{"requestId", id}}};
    if (live) live->conversation->take(cancelled, [](const Json&, bool) {});
  });
  session->conversation->take(std::move(message),
                              [answer](const Json& said, bool is_last) { answer->take(said, is_last); });
}

void McpHttp::listen(Session& session, net::Exchange exchange) {
  const auto stream = start_stream(std::move(exchange), {});
  std::string hello;
  net::append_comment(hello, "lilux");
  stream->write(hello);
  session.touch(0);
  const auto before = session.use.with([&](Session::Use& use) { return std::exchange(use.stream, stream); });
  if (before) before->close();  // a message goes out on one stream alone
}

// The stream is the session: it ends with it.
void McpHttp::begin_old(const net::Request& request, net::Exchange exchange, const Client& client) {
  const std::string id = base::to_base64url(base::random_bytes(32));
  const auto session = take_in(&State::sessions, kSessionsMax, id, 0, [&] { return make_session(client); });
  if (!session)
    return exchange.respond(refused(503, {.code = RpcCode::internal_error, .message = "too many sessions are used"}));
  const auto stream = start_stream(std::move(exchange), [weak = weak_from_this(), id] {
    if (const auto live = weak.lock()) live->remove(id);
  });
  session->use.with([&](Session::Use& use) { use.stream = stream; });
  std::string hello;
  std::string endpoint = std::string(kOldMessages) + "?session=" + id;
  for (const auto& [name, value] : request.query)  // what the session was asked for with goes on with it
    endpoint += "&" + base::percent_encode(name) + "=" + base::percent_encode(value);
  net::append_event(hello, {.event = "endpoint", .data = endpoint});
  stream->write(hello);
}

void McpHttp::post_old(const net::Request& request, net::Exchange exchange, const Client& client) {
  const auto session = find(client, request.query_text("session"));
  const auto stream = session ? session->stream() : nullptr;
  if (!stream)
    return exchange.respond(
        refused(404, {.code = RpcCode::invalid_request, .message = "there is no such session: open /sse again"}));
  const auto message = mcp::read_message(request.body);
  if (!message) return exchange.respond(refused(400, message.error()));
  exchange.respond(net::Response{.status = 202});
  session->touch(0);
  session->conversation->take(*message, [stream](const Json& said, bool) {
    if (!said.is_null()) stream->write(event_text(said));
  });
}

Result<std::shared_ptr<McpLines>> McpHttp::serve_lines(const net::QueryPairs& query, kernel::Caller caller,
                                                       McpLines::Write write, McpLines::Over over,
                                                       std::function<bool()> may_run_here) {
  Client client = TRY(client_of(query, {}, std::move(caller), true));
  client.may_run_here = std::move(may_run_here);
  return begin_lines(client, std::move(write), std::move(over));
}

Result<std::shared_ptr<McpLines>> McpHttp::begin_lines(const Client& client, McpLines::Write write,
                                                       McpLines::Over over) {
  const std::size_t alive = state_.with([](State& state) {
    std::erase_if(state.lines, [](const auto& weak) { return weak.expired(); });
    return state.lines.size();
  });
  if (alive >= kSessionsMax)
    return fail(ErrorCode::unavailable, "too many MCP clients are connected", "end some: `lilux ps`");
  const std::shared_ptr<McpHost> host = make_host(client);
  auto lines = McpLines::begin(host, options(client.place(), std::make_shared<mcp::Tasks>()), std::move(write),
                               [host, over = std::move(over)] {
                                 host->end();
                                 over();
                               });
  state_.with([&](State& state) { state.lines.push_back(lines); });
  return lines;
}

Result<void> McpHttp::upgrade(net::Exchange& exchange, const Client& client) {
  const auto out = std::make_shared<Stream>();  // of the lines, and of what ends them
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
    out->out = exchange.upgrade("lilux-mcp", {}, [lines, end, this_http = weak_from_this()](std::string_view bytes) {
      if (!bytes.empty()) return lines->feed(bytes);
      if (const auto http = this_http.lock()) http->end_soon(end);  // not on the thread of all connections
    });
  }
  if (state_.with([](const State& state) { return state.is_stopped; })) lines->close();
  return {};
}

void McpHttp::look_after() {
  std::vector<std::shared_ptr<Stream>> streams;
  std::vector<std::shared_ptr<Session>> over;  // ends outside the lock
  const Time now = std::chrono::steady_clock::now();
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
  std::string text;
  net::append_comment(text, "");
  for (const auto& stream : streams) {
    if (stream->is_open()) stream->write(text);
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
