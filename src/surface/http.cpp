#include "surface/http.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/time.h"
#include "kernel/children.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "kernel/trust.h"
#include "net/http_server.h"
#include "surface/event_streams.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/process_table.h"
#include "sys/self.h"
#include "sys/sockets.h"
#include "text/shell.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;
using kernel::Kernel;

namespace {

constexpr auto kKeepAlive = std::chrono::seconds(15);
constexpr auto kGrace = std::chrono::milliseconds(500);
constexpr std::string_view kCallPath = "/api/call/";
constexpr std::string_view kResourceMetadata = "/.well-known/oauth-protected-resource";  // RFC 9728

net::Response json_response(int status, const Json& body) {
  net::Response response{.status = status};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = base::to_text(body, base::JsonStyle::spaced) + "\n";
  return response;
}

net::Response refuse(ErrorCode code, std::string message, std::string hint) {
  return error_response({.code = code, .message = std::move(message), .hint = std::move(hint), .rule = {}});
}

bool is_own_host(std::string_view host, std::uint16_t port) {
  const std::string suffix = ":" + std::to_string(port);
  if (host.ends_with(suffix)) host.remove_suffix(suffix.size());
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

Result<std::string> token_of(const std::string& state_folder) {
  const std::string file = token_path(state_folder);
  const Result<std::string> kept = sys::read_file(file, 200);
  if (kept && kept->size() >= 43) return kept->substr(0, 43);
  const std::string token = base::to_base64url(base::random_bytes(32));
  TRY(sys::write_file_atomic(file, token + "\n", 0600));
  return token;
}

}  // namespace

net::Response error_response(const base::Error& error) {
  return json_response(http_status(error.code), kernel::envelope({.call = {}, .output = std::unexpected(error)}));
}

// Shared by the surface and by work that is queued for it in the kernel's scheduler, which may run after the surface
// ended.
struct HttpSurface::State : std::enable_shared_from_this<State> {
  Kernel& kernel;
  std::string token;
  std::unique_ptr<net::Server> server;
  std::shared_ptr<McpHttp> mcp;           // and of answers that are under way
  std::shared_ptr<EventStreams> streams;  // and of work that is queued for it

  explicit State(Kernel& owner) : kernel(owner), streams(std::make_shared<EventStreams>(owner)) {}

  void handle(net::Request request, net::Exchange exchange);
  std::optional<net::Response> refusal(const net::Request& request, const net::Peer& peer) const;
  Result<kernel::CallRequest> call_request(const net::Request& request) const;
  Result<void> check_own_task(const std::string& task, std::string_view own) const;
  Result<std::optional<kernel::ChildStatus>> identify(const net::Request& request, kernel::CallRequest& call) const;
  void call(const net::Request& request, net::Exchange exchange);
  void tools(const net::Request& request, net::Exchange exchange);
  void events(const net::Request& request, net::Exchange exchange);
  void mcp_request(const net::Request& request, net::Exchange exchange);
  void submit(kernel::CallRequest call, net::Exchange exchange);
  void keep_alive();
};

std::string socket_path(const std::string& runtime_folder) {
  return runtime_folder + "/kernel.sock";
}
std::string token_path(const std::string& state_folder) {
  return state_folder + "/token";
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return 400;
    case ErrorCode::unauthenticated: return 401;
    case ErrorCode::denied: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::approval_required: return 428;
    case ErrorCode::over_budget: return 429;
    case ErrorCode::cancelled: return 499;
    case ErrorCode::unavailable: return 503;
    case ErrorCode::timeout: return 504;
    case ErrorCode::corrupt:
    case ErrorCode::internal: return 500;
  }
  std::unreachable();
}

HttpSurface::HttpSurface(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpSurface::~HttpSurface() {
  stop();
}
std::uint16_t HttpSurface::port() const {
  return state_->server->port();
}
McpHttp& HttpSurface::mcp() const {
  return *state_->mcp;
}

Result<std::unique_ptr<HttpSurface>> HttpSurface::start(Kernel& kernel, std::optional<std::uint16_t> port,
                                                        std::span<const Resource> resources, std::string expose) {
  auto state = std::make_shared<State>(kernel);
  state->mcp = std::make_shared<McpHttp>(kernel, resources, std::move(expose));
  TRY(sys::make_private_directory(kernel.folders().runtime.string()));
  if (port) state->token = TRY(token_of(kernel.folders().state.string()));
  net::Server::Options options{.unix_path = socket_path(kernel.folders().runtime.string()),
                               .port = port,
                               .limits = {},
                               .gate = {},
                               .render_error = {}};
  options.render_error = [](int status, std::string_view message) {
    const ErrorCode code = status == 503   ? ErrorCode::unavailable
                           : status == 408 ? ErrorCode::timeout
                           : status >= 500 ? ErrorCode::internal
                                           : ErrorCode::invalid_argument;
    net::Response response = refuse(code, std::string(message), "");
    response.status = status;
    return response;
  };
  State* raw = state.get();
  options.gate = [raw](const net::Request& head, const net::Peer& peer) { return raw->refusal(head, peer); };
  state->server = TRY(net::Server::start(std::move(options), [raw](net::Request request, net::Exchange exchange) {
    raw->handle(std::move(request), std::move(exchange));
  }));
  if (kernel.role() == Kernel::Role::daemon) {
    state->streams->start();
    raw->keep_alive();
  }
  return std::unique_ptr<HttpSurface>(new HttpSurface(std::move(state)));
}

void HttpSurface::stop() {
  if (!state_->server) return;
  state_->mcp->stop();
  state_->server->stop(kGrace);
  state_->streams->stop();
}

void HttpSurface::State::handle(net::Request request, net::Exchange exchange) {
  // A connection stays for whoever has shown the token: strangers must not be able to hold them all.
  const auto let_go = [&](net::Response response) {
    if (!request.peer.is_unix) response.headers.add("Connection", "close");
    exchange.respond(std::move(response));
  };
  if (request.path == "/health" && request.method == "GET") {
    const std::string_view role = kernel.role() == Kernel::Role::daemon ? kDaemonRole : "one_shot";
    const bool is_well = !kernel.ledger().failure() && !kernel.is_stopped();
    return let_go(
        json_response(is_well ? 200 : 503, JsonObject{{"ok", is_well}, {"version", LILUX_VERSION}, {"role", role}}));
  }
  if (request.path.starts_with(kCallPath) && request.method == "POST") return call(request, std::move(exchange));
  if (request.path == "/api/tools" && request.method == "GET") return tools(request, std::move(exchange));
  if (request.path == "/api/events" && request.method == "GET") return events(request, std::move(exchange));
  if (McpHttp::is_for(request.path)) return mcp_request(request, std::move(exchange));
  if (request.path.starts_with(kResourceMetadata) && request.method == "GET")
    return let_go(json_response(200, JsonObject{{"resource", "http://" + request.header_text("Host") + "/mcp"},
                                                {"resource_name", "Lilux"},
                                                {"bearer_methods_supported", base::JsonArray{"header"}}}));
  const bool is_known = request.path == "/health" || request.path.starts_with(kCallPath) ||
                        request.path == "/api/tools" || request.path == "/api/events";
  net::Response response = refuse(is_known ? ErrorCode::invalid_argument : ErrorCode::not_found,
                                  is_known ? request.method + " is not the way to use " + request.path
                                           : "nothing at " + std::string(base::clipped(request.path, 200)),
                                  "POST /api/call/<tool>, GET /api/tools, GET /api/events, GET /health, /mcp");
  if (is_known) response.status = 405;
  let_go(std::move(response));
}

// Who may speak at all: our own user on the socket, the token's holder on loopback, and no web page.
std::optional<net::Response> HttpSurface::State::refusal(const net::Request& request, const net::Peer& peer) const {
  if (peer.is_unix) {
    if (peer.uid == sys::user_id()) return std::nullopt;
    return refuse(ErrorCode::denied, "this socket belongs to another user", "start your own: lilux up");
  }
  if (!is_own_host(request.header_text("Host"), peer.port)) {
    return refuse(ErrorCode::denied, "the Host header names another host",
                  "use http://127.0.0.1:" + std::to_string(peer.port));
  }
  if (const std::string origin = request.header_text("Origin");
      !origin.empty() &&
      !(origin.starts_with("http://") && is_own_host(std::string_view(origin).substr(7), peer.port))) {
    return refuse(ErrorCode::denied, "requests from web pages of other origins are refused",
                  "leave the Origin header out");
  }
  const bool has_body = request.headers.find("Content-Length") || request.headers.find("Transfer-Encoding");
  const bool is_open = request.path == "/health" || request.path.starts_with(kResourceMetadata);
  if (is_open && !has_body) return std::nullopt;
  const std::string authorization = request.header_text("Authorization");
  if (authorization.starts_with("Bearer ") && base::same_secret(std::string_view(authorization).substr(7), token))
    return std::nullopt;
  net::Response response =
      refuse(ErrorCode::unauthenticated, "a token is needed",
             "Authorization: Bearer $(cat " + text::quote(token_path(kernel.folders().state.string())) + ")");
  const bool is_mcp = McpHttp::is_for(request.path);
  response.headers.add("WWW-Authenticate", is_mcp ? "Bearer resource_metadata=\"http://" + request.header_text("Host") +
                                                        std::string(kResourceMetadata) + request.path + "\""
                                                  : "Bearer");
  return response;
}

// Whoever is no person speaks for its own task and what is below it.
Result<void> HttpSurface::State::check_own_task(const std::string& task, std::string_view own) const {
  const bool is_below =
      kernel.state().with([&](kernel::State& state) { return task.empty() || kernel::descends(state, task, own); });
  if (is_below) return {};
  return fail(ErrorCode::denied, "task '" + task + "' is not this client's own", "leave the task out");
}

// On the socket the peer's ancestry decides: what a task started is an agent, and its calls are its task's. So is what
// has outlived the kernel that started it, by its mark. Gives the child of ours that asks, or that is above who asks.
Result<std::optional<kernel::ChildStatus>> HttpSurface::State::identify(const net::Request& request,
                                                                        kernel::CallRequest& call) const {
  call.caller.principal = policy::Principal::http;
  if (!request.peer.is_unix) {
    TRY(check_own_task(call.task, kernel::kHttpTask));
    return std::nullopt;
  }
  std::optional<kernel::ChildStatus> child = kernel.children().child_above(request.peer.pid);
  const Result<std::vector<sys::ProcessId>> above = sys::ancestors(request.peer.pid);
  const Result<std::uint64_t> mark = sys::mark_of(request.peer.pid);
  // Looked at last: the process that connected lived while its ancestry was read. Whoever else holds the connection now
  // is not known.
  if (!above || !mark || !request.peer.pidfd || sys::has_ended(*request.peer.pidfd))
    return fail(ErrorCode::denied, "the process that connected has ended, so nobody knows who asks",
                "let the process that connects live until it has the answer");
  const bool is_below_us =
      std::ranges::any_of(*above, [](const sys::ProcessId& id) { return id.pid == sys::process_id(); });
  if (child || is_below_us || *mark != 0 || !request.header_text("Lilux-Inside").empty()) {
    call.caller.principal = policy::Principal::agent;
    if (!child && is_below_us)
      return fail(ErrorCode::denied, "what started this process has ended, so nobody knows what it may do",
                  "start it from a process that lives on, and without a session of its own");
    const std::string own = child ? child->task : std::string(kernel::kHttpTask);
    TRY(check_own_task(call.task, own));
    if (call.task.empty()) call.task = own;
    call.is_answered_yes = false;
    return child;
  }
  const bool is_mcp = !request.header_text("Lilux-Mcp").empty();  // less than a person, so it may say so itself
  if (is_mcp) TRY(check_own_task(call.task, kernel::kMcpTask));
  call.caller.principal = is_mcp ? policy::Principal::mcp : policy::Principal::terminal;
  return std::nullopt;
}

Result<kernel::CallRequest> HttpSurface::State::call_request(const net::Request& request) const {
  kernel::CallRequest call{.task = request.header_text("Lilux-Task"),
                           .reason = TRY(base::percent_decode(request.header_text("Lilux-Reason"))),
                           .idempotency_key = request.header_text("Idempotency-Key")};
  call.is_answered_yes = request.header_text("Lilux-Yes") == "1";
  const std::optional<kernel::ChildStatus> child = TRY(identify(request, call));
  if (call.caller.principal != policy::Principal::terminal) call.is_answered_yes = false;
  if (const std::string timeout = request.header_text("Lilux-Timeout"); !timeout.empty())
    call.timeout = TRY(base::parse_duration(timeout));
  const std::string& home = kernel.folders().home;
  call.caller.cwd = home;
  if (const std::string caller = request.header_text("Lilux-Caller"); !caller.empty()) {
    const Json said = TRY(base::parse_json(TRY(base::percent_decode(caller))));
    call.caller.umask = static_cast<std::uint32_t>(said.integer_or("umask", 022) & 0777);
    if (const Json* cwd = said.find("cwd"); cwd && cwd->is_string())  // empty when the folder is gone
      call.caller.cwd =
          cwd->as_string().empty() ? std::string() : TRY(sys::resolve(cwd->as_string(), "/", sys::Final::follow));
    if (const Json* environment = said.find("environment"); environment && environment->is_array()) {
      std::vector<std::string> variables;
      for (const Json& entry : environment->as_array()) {
        if (entry.is_string()) variables.push_back(entry.as_string());
      }
      call.caller.environment = std::move(variables);
    }
  }
  if (const std::string folder = request.query_text("folder"); !folder.empty())
    call.caller.cwd = TRY(sys::resolve(folder, "/", sys::Final::follow));
  // A process that a task started keeps the project it was started in: where it goes is its own choice.
  call.caller.project = child ? child->project : kernel::project_of(call.caller.cwd, home);
  // A client that only names a folder works in it when a person has trusted it.
  if (call.caller.principal == policy::Principal::http && !kernel::is_trusted(kernel.folders(), call.caller.project))
    call.caller.project.clear();
  if (call.caller.principal == policy::Principal::agent) {
    call.caller.project = kernel.state().with([&](kernel::State& state) {
      const auto found = state.tasks.find(call.task);
      return found == state.tasks.end()   ? std::string()
             : found->second.tool.empty() ? call.caller.project
                                          : found->second.project;
    });
  }
  return call;
}

void HttpSurface::State::submit(kernel::CallRequest call, net::Exchange exchange) {
  const auto source = std::make_shared<std::stop_source>();  // of the connection and of the call, whichever ends last
  call.cancel = source->get_token();
  const auto answer = std::make_shared<net::Exchange>(std::move(exchange));  // of the call's end and of this function
  answer->on_gone([source] { source->request_stop(); });
  Result<void> queued = kernel.submit(std::move(call), 5, [answer](const kernel::Outcome& outcome) {
    answer->respond(
        json_response(outcome.ok() ? 200 : http_status(outcome.output.error().code), kernel::envelope(outcome)));
  });
  if (!queued) answer->respond(error_response(queued.error()));
}

void HttpSurface::State::call(const net::Request& request, net::Exchange exchange) {
  Result<kernel::CallRequest> call = call_request(request);
  if (!call) return exchange.respond(error_response(call.error()));
  call->tool = request.path.substr(kCallPath.size());
  if (!request.body.empty()) {
    Result<Json> arguments = base::parse_json(request.body);
    if (!arguments) return exchange.respond(error_response(arguments.error()));
    call->arguments = std::move(*arguments);
  }
  submit(std::move(*call), std::move(exchange));
}

void HttpSurface::State::tools(const net::Request& request, net::Exchange exchange) {
  Result<kernel::CallRequest> call = call_request(request);
  if (!call) return exchange.respond(error_response(call.error()));
  call->tool = "kernel.tools";
  call->arguments = JsonObject{{"schemas", true}};
  submit(std::move(*call), std::move(exchange));
}

void HttpSurface::State::mcp_request(const net::Request& request, net::Exchange exchange) {
  Result<kernel::CallRequest> call = call_request(request);
  if (!call) return exchange.respond(error_response(call.error()));
  const Result<void> taken = mcp->handle(request, exchange, call->task, std::move(call->caller));
  if (!taken) exchange.respond(error_response(taken.error()));
}

void HttpSurface::State::events(const net::Request& request, net::Exchange exchange) {
  const Result<kernel::CallRequest> call = call_request(request);
  if (!call) return exchange.respond(error_response(call.error()));
  const policy::Principal principal = call->caller.principal;
  streams->open(request, std::move(exchange),
                {.principal = principal, .task = call->task.empty() ? kernel::session_task(principal) : call->task});
}

void HttpSurface::State::keep_alive() {
  streams->keep_alive();
  mcp->look_after();
  const auto again = [weak = weak_from_this()] {
    if (const auto live = weak.lock()) live->keep_alive();
  };
  std::ignore =
      kernel.scheduler().at(std::chrono::steady_clock::now() + kKeepAlive, again);  // fails only when stopping
}

}  // namespace lilux::surface
