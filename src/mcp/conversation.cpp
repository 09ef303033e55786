#include "mcp/conversation.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.h"

namespace lilux::mcp {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::string_view kMetaRevision = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kMetaCapabilities = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kMetaServer = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view kNewestHandshake = kHandshakeRevisions.front();
constexpr std::int64_t kListsFreshMs = 60'000;  // what a server offers changes with its configuration alone

enum class Era : std::uint8_t { handshake, modern };

using Answer = std::expected<Json, RpcError>;

std::unexpected<RpcError> refuse(RpcCode code, std::string message, std::optional<Json> data = {}) {
  return std::unexpected(RpcError{.code = code, .message = std::move(message), .data = std::move(data)});
}

const Json* member(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && !found->is_null() ? found : nullptr;
}

JsonArray revisions() {
  JsonArray all{kModernRevision};
  for (const std::string_view revision : kHandshakeRevisions) all.emplace_back(revision);
  return all;
}

// Which era a request is in; a modern one carries its revision and what its sender can do.
std::expected<Era, RpcError> era_of(const Json& params) {
  const Json* meta = member(params, "_meta");
  const Json* revision = meta ? member(*meta, kMetaRevision) : nullptr;
  if (!revision) return Era::handshake;
  if (!revision->is_string()) return refuse(RpcCode::invalid_params, std::string(kMetaRevision) + " must be text");
  if (revision->as_string() != kModernRevision)
    return refuse(RpcCode::unsupported_version, "revision " + revision->as_string() + " is not served in this way",
                  JsonObject{{"supported", revisions()}, {"requested", *revision}});
  const Json* capabilities = member(*meta, kMetaCapabilities);
  if (!capabilities || !capabilities->is_object())
    return refuse(RpcCode::invalid_params, std::string(kMetaCapabilities) + " is missing in _meta");
  return Era::modern;
}

JsonObject capabilities() {
  return {{"tools", JsonObject{}}};
}

}  // namespace

struct Conversation::State {
  std::weak_ptr<Host> host;  // the conversation's: what it holds open must not hold it
  Limits limits;
  struct Open {
    bool is_initialized = false;
    bool is_closed = false;
    std::map<std::string, std::stop_source, std::less<>> requests;  // by id, as text
  };
  base::Guarded<Open> open;

  // Ends a request; false when it was cancelled, or the peer has gone: then nobody waits for an answer.
  bool end(const std::string& id) {
    return open.with([&](Open& now) { return now.requests.erase(id) > 0 && !now.is_closed; });
  }
  void cancel(const Json& id) {
    std::optional<std::stop_source> source = open.with([&](Open& now) -> std::optional<std::stop_source> {
      const auto entry = now.requests.extract(base::to_text(id));
      return entry ? std::optional(std::move(entry.mapped())) : std::nullopt;
    });
    if (source) source->request_stop();  // outside the lock: who stops may end at once
  }
};

// One request on its way to its answer.
class Conversation::Request {
 public:
  Request(std::shared_ptr<State> state, const Message& message, Reply reply)
      : state_(std::move(state)),
        id_(message.id),
        method_(message.method),
        params_(message.params),
        reply_(std::move(reply)) {}

  static void serve(const std::shared_ptr<Request>& request) {
    if (const auto refused = request->begin()) return request->answer_unheld(*refused);
    const auto era = era_of(request->params_);
    if (!era) return request->answer(std::unexpected(era.error()));
    request->era_ = *era;
    if (request->method_ == "tools/call") return call(request);
    request->answer(request->era_ == Era::modern ? request->answer_modern() : request->answer_handshake());
  }

 private:
  std::optional<RpcError> begin() {
    const std::string id = base::to_text(id_);
    return state_->open.with([&](State::Open& now) -> std::optional<RpcError> {
      if (now.requests.size() >= state_->limits.open_max)
        return RpcError{.code = RpcCode::internal_error, .message = "too many requests are open: wait for some to end"};
      if (!now.requests.emplace(id, stop_).second)
        return RpcError{.code = RpcCode::invalid_request, .message = "a request with id " + id + " is open"};
      return std::nullopt;
    });
  }

  // Not null while the conversation takes a message.
  std::shared_ptr<Host> host() const { return state_->host.lock(); }

  void answer(Answer result) {
    const std::shared_ptr<Host> answering = host();
    if (!state_->end(base::to_text(id_)) || !answering) return reply_(Json(), true);
    if (!result) return answer_unheld(result.error());
    if (era_ == Era::modern) {
      result->as_object().set("resultType", "complete");
      Json meta = result->find("_meta") ? *result->find("_meta") : Json(JsonObject{});
      meta.as_object().set(kMetaServer, answering->info());
      result->as_object().set("_meta", std::move(meta));
    }
    reply_(result_message(id_, std::move(*result)), true);
  }

  void answer_unheld(RpcError error) {
    error.id = id_;
    reply_(error_message(error), true);
  }

  Answer answer_modern() const {
    if (method_ == "server/discover")
      return lasting({{"supportedVersions", revisions()},
                      {"capabilities", capabilities()},
                      {"instructions", host()->instructions()}});
    if (method_ == "tools/list") return list_tools();
    return unknown_method();
  }

  Answer answer_handshake() {
    if (method_ == "initialize") return initialize();
    if (method_ == "ping") return JsonObject{};
    if (method_ == "server/discover")
      return refuse(RpcCode::invalid_params, std::string(kMetaRevision) + " is missing in _meta");
    if (const auto early = check_initialized()) return std::unexpected(*early);
    if (method_ == "tools/list") return list_tools();
    return unknown_method();
  }

  Answer initialize() {
    const Json* asked = member(params_, "protocolVersion");
    if (!asked || !asked->is_string()) return refuse(RpcCode::invalid_params, "'protocolVersion' must be text");
    const bool is_known = std::ranges::find(kHandshakeRevisions, asked->as_string()) != kHandshakeRevisions.end();
    state_->open.with([](State::Open& now) { now.is_initialized = true; });
    return JsonObject{{"protocolVersion", is_known ? asked->as_string() : std::string(kNewestHandshake)},
                      {"capabilities", capabilities()},
                      {"serverInfo", host()->info()},
                      {"instructions", host()->instructions()}};
  }

  std::optional<RpcError> check_initialized() const {
    if (era_ == Era::modern || state_->open.with([](const State::Open& now) { return now.is_initialized; }))
      return std::nullopt;
    return RpcError{.code = RpcCode::invalid_request,
                    .message = "shake hands first: `initialize`, or say a revision in _meta"};
  }

  Answer unknown_method() const { return refuse(RpcCode::unknown_method, "there is no method '" + method_ + "'"); }

  // Of the modern era: how long an answer may be kept, and by whom.
  Json lasting(JsonObject result) const {
    if (era_ == Era::modern) {
      result.set("ttlMs", kListsFreshMs);
      result.set("cacheScope", "private");
    }
    return result;
  }

  // A page of the tools; the cursor is where the next one begins.
  Answer list_tools() const {
    const JsonArray all = host()->tools();
    std::size_t from = 0;
    if (const Json* cursor = member(params_, "cursor")) {
      const std::string text = cursor->is_string() ? cursor->as_string() : "";
      const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), from);
      if (error != std::errc() || rest != text.data() + text.size() || from == 0 || from >= all.size())
        return refuse(RpcCode::invalid_params, "the cursor is none that was given out: list from the beginning");
    }
    const std::size_t to = std::min(all.size(), from + state_->limits.page);
    JsonObject result{{"tools", JsonArray(all.begin() + static_cast<std::ptrdiff_t>(from),
                                          all.begin() + static_cast<std::ptrdiff_t>(to))}};
    if (to < all.size()) result.set("nextCursor", std::to_string(to));
    return lasting(std::move(result));
  }

  static void call(const std::shared_ptr<Request>& request) {
    if (const auto early = request->check_initialized()) return request->answer(std::unexpected(*early));
    const Json* name = member(request->params_, "name");
    const Json* arguments = member(request->params_, "arguments");
    if (!name || !name->is_string())
      return request->answer(refuse(RpcCode::invalid_params, "'name' must be the name of a tool"));
    if (arguments && !arguments->is_object())
      return request->answer(refuse(RpcCode::invalid_params, "'arguments' must be an object"));
    Host::Call made{.tool = name->as_string(), .cancel = request->stop_.get_token()};
    if (arguments) made.arguments = *arguments;
    made.progress = [request](const Progress& progress) { request->tell(progress); };
    made.done = [request](Json result) { request->answer(std::move(result)); };
    if (auto begun = request->host()->call(std::move(made)); !begun)
      request->answer(std::unexpected(std::move(begun.error())));
  }

  void tell(const Progress& progress) const {
    const Json* meta = member(params_, "_meta");
    const Json* token = meta ? member(*meta, "progressToken") : nullptr;
    const bool is_open = state_->open.with(
        [&](const State::Open& now) { return !now.is_closed && now.requests.contains(base::to_text(id_)); });
    if (!token || !is_open) return;
    JsonObject params{{"progressToken", *token}, {"progress", progress.done}};
    if (progress.total) params.set("total", *progress.total);
    if (!progress.message.empty()) params.set("message", progress.message);
    reply_(notification_message("notifications/progress", std::move(params)), false);
  }

  std::shared_ptr<State> state_;  // of the conversation, and of whatever is still open
  Json id_;
  std::string method_;
  Json params_;
  Reply reply_;
  Era era_ = Era::handshake;
  std::stop_source stop_;
};

Conversation::Conversation(std::shared_ptr<Host> host, Limits limits)
    : host_(std::move(host)), state_(std::make_shared<State>()) {
  state_->host = host_;
  state_->limits = limits;
}

void Conversation::take(const Message& message, const Reply& reply) {
  switch (message.kind) {
    case Message::Kind::request: return Request::serve(std::make_shared<Request>(state_, message, reply));
    case Message::Kind::notification:
      if (const Json* id = message.method == "notifications/cancelled" ? message.params.find("requestId") : nullptr)
        state_->cancel(*id);
      return;
    case Message::Kind::response: return;  // nothing was asked
  }
}

void Conversation::close() {
  const auto left = state_->open.with([](State::Open& now) {
    now.is_closed = true;
    return std::exchange(now.requests, {});
  });
  for (const auto& [id, source] : left) std::stop_source(source).request_stop();
}

}  // namespace lilux::mcp
