#include "surface/session.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <fcntl.h>

#include "base/encoding.h"
#include "base/random.h"
#include "base/time.h"
#include "kernel/children.h"
#include "kernel/forced_end.h"
#include "kernel/trust.h"
#include "net/sse.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/io.h"
#include "sys/lock.h"
#include "sys/machine.h"
#include "sys/path.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/self.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;
using kernel::Kernel;

namespace {

constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kStartPatience = kPatience / 2;  // of a daemon, so that who starts it hears why it could not
constexpr std::size_t kNoteBytesMax = 4096;
constexpr auto kLookAgain = std::chrono::milliseconds(5);
constexpr std::array<std::string_view, 14> kPassedOn{"HOME",
                                                     "LANG",
                                                     "LC_ALL",
                                                     "LOGNAME",
                                                     "PATH",
                                                     "TERM",
                                                     "TMPDIR",
                                                     "TZ",
                                                     "USER",
                                                     "XDG_CACHE_HOME",
                                                     "XDG_CONFIG_HOME",
                                                     "XDG_DATA_HOME",
                                                     "XDG_RUNTIME_DIR",
                                                     "XDG_STATE_HOME"};

// The role of who answers on the socket.
std::optional<std::string> role_at(const net::Endpoint& endpoint) {
  if (!sys::exists(endpoint.unix_path)) return std::nullopt;
  const Result<net::Response> health = net::fetch(endpoint, {.method = "GET", .target = "/health"},
                                                  {.deadline = std::chrono::steady_clock::now() + kPatience});
  const Result<Json> body = health ? base::parse_json(health->body) : Json(nullptr);
  if (!body || !body->is_object()) return std::nullopt;
  return body->string_or("role");
}

// The daemon says here where it serves, for those whose environment names another runtime folder.
std::string socket_note(const kernel::Folders& folders) {
  return (folders.state / "socket").string();
}

// What the note says, when the socket and its folder are this user's: who else has put it there would be the kernel.
std::optional<std::string> noted_socket(const kernel::Folders& folders) {
  Result<std::string> path = sys::read_file(socket_note(folders), kNoteBytesMax);
  if (!path) return std::nullopt;
  path->erase(path->find_last_not_of('\n') + 1);
  const Result<sys::Stat> socket = sys::stat(*path);
  const Result<sys::Stat> folder = sys::stat(sys::parent_of(*path));
  const bool is_ours = socket && folder && socket->uid == sys::user_id() && folder->uid == sys::user_id();
  return is_ours ? std::optional(std::move(*path)) : std::nullopt;
}

struct Served {
  net::Endpoint endpoint;
  std::string role;
};

// Who answers, in our own runtime folder or else where the daemon says it serves.
std::optional<Served> served(const kernel::Folders& folders) {
  const net::Endpoint own{.unix_path = socket_path(folders.runtime.string())};
  if (const auto role = role_at(own)) return Served{.endpoint = own, .role = *role};
  const std::optional<std::string> path = noted_socket(folders);
  if (!path || *path == own.unix_path) return std::nullopt;
  const net::Endpoint noted{.unix_path = *path};
  const auto role = role_at(noted);
  return role ? std::optional(Served{.endpoint = noted, .role = *role}) : std::nullopt;
}

Result<void> pause() {
  sys::Poller poller = TRY(sys::Poller::create());
  std::vector<sys::Ready> none;
  return poller.wait(none, kLookAgain);
}

Result<kernel::Config> own_config(const kernel::Folders& folders, std::optional<std::uint16_t> port) {
  std::map<std::string, std::string> flags;
  if (port) flags.emplace("http.port", std::to_string(*port));
  kernel::Config config = TRY(kernel::load_config((folders.config / "config.toml").string(), std::move(flags)));
  config.program = sys::own_program();
  return config;
}

bool is_default(const kernel::Config& config, std::string_view key) {
  const auto setting = std::ranges::find(config.settings, key, &kernel::Setting::key);
  return setting != config.settings.end() && setting->source == "default";
}

// Who calls, and from where.
void add_caller(net::Headers& headers, const kernel::Caller& caller) {
  const std::span<const std::string> variables = caller.environment.variables();
  base::JsonArray environment(variables.begin(), variables.end());
  const Json said = JsonObject{{"cwd", caller.cwd}, {"umask", caller.umask}, {"environment", std::move(environment)}};
  headers.add("Lilux-Caller", base::percent_encode(base::to_text(said)));
  if (caller.principal == policy::Principal::mcp)
    headers.add("Lilux-Mcp", "1");
  else if (caller.principal != policy::Principal::terminal)
    headers.add("Lilux-Inside", "1");
}

net::Request http_request(const kernel::CallRequest& call) {
  net::Request request{.method = "POST",
                       .target = "/api/call/" + base::percent_encode(call.tool),
                       .body = base::to_text(call.arguments)};
  request.headers.add("Content-Type", "application/json");
  add_caller(request.headers, call.caller);
  if (!call.task.empty()) request.headers.add("Lilux-Task", call.task);
  if (!call.reason.empty()) request.headers.add("Lilux-Reason", base::percent_encode(call.reason));
  if (!call.idempotency_key.empty()) request.headers.add("Idempotency-Key", call.idempotency_key);
  if (call.timeout) request.headers.add("Lilux-Timeout", std::to_string(call.timeout->count()) + "ms");
  if (call.is_answered_yes) request.headers.add("Lilux-Yes", "1");
  return request;
}

// Whoever is the kernel, and cannot be asked.
base::Error held_in_silence(const kernel::Folders& folders) {
  const std::optional<pid_t> holder = sys::Lock::holder(folders.state.string());
  const std::string who = holder ? "process " + std::to_string(*holder) : "another process";
  return {.code = ErrorCode::unavailable,
          .message = who + " holds the kernel and does not answer on " + socket_path(folders.runtime.string()) +
                     (sys::exists(socket_path(folders.runtime.string())) ? "" : ", which is not there"),
          .hint = holder
                      ? "end it: kill " + std::to_string(*holder) + "; what is under way is settled at the next start"
                      : "look for it: pgrep -a lilux",
          .rule = std::string(kernel::kHeldRule)};
}

void stop_after(std::chrono::milliseconds time, const std::stop_token& ended, std::stop_source& over) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, ended, time, [] { return false; });
  if (!ended.stop_requested()) over.request_stop();
}

// A kernel that is there for one command is waited for; a daemon is not.
Result<std::unique_ptr<Kernel>> daemon_kernel(const kernel::Folders& folders, const kernel::Config& config) {
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  while (true) {
    auto kernel = Kernel::open(folders, config, tools::table(), Kernel::Role::daemon);
    if (kernel || !is_held(kernel.error())) return kernel;
    if (const auto found = served(folders); found && found->role == kDaemonRole) {
      kernel.error().message += ": a daemon runs already";
      kernel.error().hint = "`lilux status` asks it, `lilux down` ends it";
      return kernel;
    }
    if (std::chrono::steady_clock::now() >= deadline) return std::unexpected(held_in_silence(folders));
    TRY(pause());
  }
}

}  // namespace

bool is_held(const base::Error& error) {
  return error.rule == kernel::kHeldRule;
}

Result<kernel::Folders> own_folders() {
  const sys::Folders found = TRY(sys::folders());
  const auto canonical = [](const std::string& folder) { return sys::resolve(folder, "/", sys::Final::follow); };
  return kernel::Folders{.config = TRY(canonical(found.config)),
                         .data = TRY(canonical(found.data)),
                         .state = TRY(canonical(found.state)),
                         .runtime = TRY(canonical(found.runtime)),
                         .home = TRY(canonical(found.home)),
                         .named_config = found.config,
                         .named_state = found.state};
}

kernel::Caller own_caller(const kernel::Folders& folders) {
  kernel::Caller caller{.umask = sys::own_umask()};
  std::error_code ignored;  // a folder that is gone is an empty one
  caller.cwd = std::filesystem::current_path(ignored).string();
  caller.project = kernel::project_of(caller.cwd, folders.home);
  std::vector<std::string> passed_on;
  for (const std::string& entry : sys::own_environment()) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    if (name == kernel::kTaskVariable) caller.principal = policy::Principal::agent;  // started by a task
    if (std::ranges::find(kPassedOn, name) != kPassedOn.end()) passed_on.push_back(entry);
  }
  caller.environment = std::move(passed_on);
  if (sys::mark_of(sys::process_id()).value_or(1) != 0) caller.principal = policy::Principal::agent;
  return caller;
}

Result<Session> Session::open(Want want) {
  Session session;
  session.folders_ = TRY(own_folders());
  TRY(session.find(want));
  return session;
}

Result<void> Session::find(Want want) {
  endpoint_.reset();
  if (want == Want::own) return become(TRY(daemon_kernel(folders_, TRY(own_config(folders_, std::nullopt)))));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (; std::chrono::steady_clock::now() < deadline; TRY(pause())) {
    const std::optional<Served> found = served(folders_);
    is_brief_ = found && found->role != kDaemonRole;
    if (found && (want == Want::any || !is_brief_)) {
      endpoint_ = found->endpoint;
      return {};
    }
    if (want == Want::running) return fail(ErrorCode::unavailable, "no daemon runs", "start it: lilux up");
    if (is_brief_) continue;
    if (want == Want::daemon) {
      if (const Result<void> started = start_daemon(folders_); !started && !is_held(started.error())) return started;
      continue;
    }
    Result<std::unique_ptr<Kernel>> kernel =
        Kernel::open(folders_, TRY(own_config(folders_, std::nullopt)), tools::table(), Kernel::Role::one_shot);
    if (kernel) return become(std::move(*kernel));
    // Somebody else is the kernel just now: it serves the socket in a moment, or it is done.
    if (!is_held(kernel.error())) return std::unexpected(kernel.error());
  }
  return std::unexpected(held_in_silence(folders_));
}

Result<void> Session::become(std::unique_ptr<kernel::Kernel> kernel) {
  kernel_ = std::move(kernel);
  if (kernel_->role() == Kernel::Role::daemon) reactions_ = std::make_unique<brain::Reactions>(*kernel_);
  surface_ = TRY(HttpSurface::start(*kernel_, std::nullopt));
  return {};
}

Result<net::Upgraded> Session::attach_mcp(const std::string& query, const kernel::Caller& caller) {
  net::Request request{.target = "/mcp" + query};
  add_caller(request.headers, caller);
  net::Upgraded attached = TRY(net::upgrade(*endpoint_, std::move(request), "lilux-mcp"));
  if (attached.fd) return attached;
  const Result<Json> body = base::parse_json(attached.response.body);
  const Json* error = body ? body->find("error") : nullptr;
  return fail(
      error ? base::error_code(error->string_or("code")).value_or(ErrorCode::invalid_argument) : ErrorCode::unavailable,
      error ? error->string_or("message") : "the daemon answers " + std::to_string(attached.response.status),
      error ? error->string_or("hint") : "is it an older one? `lilux down`, then again");
}

Result<Json> Session::call(const kernel::CallRequest& request) {
  if (kernel_) return kernel::envelope(kernel_->call(request));
  if (!is_brief_) return fetch(request);
  kernel::CallRequest again = request;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    if (request.idempotency_key.empty() && again.idempotency_key.empty())
      again.idempotency_key = base::to_base64url(base::random_bytes(16));
    Result<Json> answer = kernel_ ? Result<Json>(kernel::envelope(kernel_->call(again))) : fetch(again);
    const Json* error = answer ? answer->find("error") : nullptr;
    const bool is_cut_off = is_brief_ && !kernel_ && error && error->string_or("code") == "cancelled";
    if ((answer && !is_cut_off) || kernel_ || std::chrono::steady_clock::now() >= deadline) return answer;
    if (is_cut_off) again.idempotency_key = request.idempotency_key;  // what was cancelled was taken back
    TRY(find(Want::any));
  }
}

Result<Json> Session::fetch(const kernel::CallRequest& request) {
  Result<net::Response> response = net::fetch(*endpoint_, http_request(request), {.stop = request.cancel});
  if (!response)
    return fail(ErrorCode::unavailable, "the kernel went away before it answered: " + response.error().message,
                "see what was done: lilux logs");
  Result<Json> body = base::parse_json(response->body);
  if (!body)
    return fail(ErrorCode::unavailable, "the kernel's answer cannot be read: " + body.error().message,
                "is it another program? " + endpoint_->unix_path);
  return body;
}

Result<void> Session::follow(const std::string& query, std::optional<std::chrono::milliseconds> timeout,
                             const std::function<bool(const Json& event)>& each) {
  if (!endpoint_) return fail(ErrorCode::unavailable, "no daemon runs", "start it: lilux up");
  net::SseParser parser;
  bool goes_on = true;
  const auto read = [&](std::string_view bytes) {
    const Result<void> fed = parser.feed(bytes, [&](const net::SseEvent& event) {
      const Result<Json> json = base::parse_json(event.data);
      if (json && goes_on) goes_on = each(*json);
    });
    return goes_on && fed ? net::Flow::more : net::Flow::enough;
  };
  net::Request request{.method = "GET", .target = "/api/events" + query};
  add_caller(request.headers, own_caller(folders_));
  std::stop_source over;
  std::jthread clock;
  if (timeout) clock = std::jthread([&](const std::stop_token& ended) { stop_after(*timeout, ended, over); });
  const Result<net::Response> response =
      net::fetch_stream(*endpoint_, std::move(request), read, {.stop = over.get_token()});
  if (over.stop_requested()) return {};
  if (!response) return std::unexpected(response.error());
  if (response->status == 200) return {};
  if (const Result<Json> body = base::parse_json(response->body); body && body->find("error")) {
    const Json& error = *body->find("error");
    return fail(base::error_code(error.string_or("code")).value_or(ErrorCode::unavailable), error.string_or("message"),
                error.string_or("hint"));
  }
  return fail(ErrorCode::unavailable, "the events cannot be followed: " + response->body.substr(0, 300),
              "lilux status");
}

Result<void> start_daemon(const kernel::Folders& folders, std::optional<std::uint16_t> port) {
  TRY(kernel::make_folders(folders));
  const std::string log_file = (folders.state / "daemon.log").string();
  const sys::Fd log = TRY(sys::open(log_file, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  sys::SpawnOptions options{.program = sys::own_program(),
                            .arguments = {"lilux", "up", "--foreground"},
                            .environment = sys::own_environment(),
                            .cwd = folders.home,
                            .stdout_fd = log.get(),
                            .stderr_fd = log.get(),
                            .group = sys::ProcessGroup::own_session};
  if (port) options.arguments.insert(options.arguments.end(), {"--port", std::to_string(*port)});
  const sys::Child child = TRY(sys::spawn(options));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (served(folders)) return {};
    if (const auto ended = TRY(sys::try_wait(child))) break;
    TRY(pause());
  }
  const std::string said = sys::read_file(log_file, 4000).value_or("");
  if (said.find(kernel::kHeldRule) != std::string::npos) return std::unexpected(held_in_silence(folders));
  // On a full disk the log is empty; what kept the daemon from opening its state keeps us too.
  if (said.empty()) TRY(Kernel::open(folders, TRY(own_config(folders, port)), tools::table(), Kernel::Role::one_shot));
  return fail(ErrorCode::unavailable, "the daemon did not start: " + (said.empty() ? "it said nothing" : said),
              "run it in front: lilux up --foreground");
}

Result<Addresses> daemon_addresses(const kernel::Folders& folders) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {  // it answers a moment before its address is there
    const std::optional<Served> found = served(folders);
    const std::string socket = found ? found->endpoint.unix_path : socket_path(folders.runtime.string());
    Result<std::string> http = sys::read_file(sys::parent_of(socket) + "/http", 100);
    if (http) {
      http->erase(http->find_last_not_of('\n') + 1);
      return Addresses{.socket = socket, .http = std::move(*http), .token_file = token_path(folders.state.string())};
    }
    if (std::chrono::steady_clock::now() >= deadline) return std::unexpected(http.error());
    TRY(pause());
  }
}

Result<void> run_daemon(std::optional<std::uint16_t> port, const std::function<void(const Addresses&)>& serving) {
  sys::give_back_large_blocks();
  const kernel::Folders folders = TRY(own_folders());
  const sys::Signals signals = TRY(sys::Signals::create({SIGINT, SIGTERM, SIGHUP}));
  const kernel::Config config = TRY(own_config(folders, port));
  const std::unique_ptr<Kernel> kernel = TRY(daemon_kernel(folders, config));
  std::optional<kernel::ForcedEnd> forced_end;  // until all that uses the kernel is gone
  const brain::Reactions reactions(*kernel);
  const auto wanted = static_cast<std::uint16_t>(config.http_port);
  std::ignore = sys::remove_file(folders.address_file().string());  // of a daemon that was killed
  Result<std::unique_ptr<HttpSurface>> surface = HttpSurface::start(*kernel, wanted);
  if (!surface && is_default(config, "http.port"))
    surface = HttpSurface::start(*kernel, std::uint16_t{0});  // the usual port is taken: any other will do
  if (!surface) return std::unexpected(surface.error());
  const std::string http = "http://127.0.0.1:" + std::to_string((*surface)->port());
  const std::string socket = socket_path(folders.runtime.string());
  TRY(sys::write_file_atomic(socket_note(folders), socket + "\n", 0600));
  TRY(sys::write_file_atomic(folders.address_file().string(), http + "\n", 0600));
  serving({.socket = socket, .http = http, .token_file = token_path(folders.state.string())});
  sys::Poller poller = TRY(sys::Poller::create());
  const sys::Wake wake = TRY(sys::Wake::create());
  TRY(poller.add(signals.fd(), {.read = true}, 1));
  TRY(poller.add(wake.fd(), {.read = true}, 2));
  const std::stop_callback stopped(kernel->shutdown(), [&wake] { wake.raise(); });
  std::vector<sys::Ready> ready;
  while (!kernel->shutdown().stop_requested()) {
    TRY(poller.wait(ready, std::chrono::milliseconds(-1)));
    while (const std::optional<int> signal = signals.next()) {
      if (*signal != SIGHUP) kernel->request_shutdown();
    }
  }
  forced_end.emplace(kernel->ledger(), kernel::kEndPatience);
  (*surface)->stop();
  for (const std::string& file : {folders.address_file().string(), socket_note(folders)})
    std::ignore = sys::remove_file(file);  // the next daemon writes it anew
  return {};
}

}  // namespace lilux::surface
