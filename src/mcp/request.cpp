// What a request is, and what is answered at once.

#include "mcp/request.h"

#include <algorithm>
#include <charconv>

#include "base/field.h"
#include "mcp/tasks.h"

namespace lilux::mcp {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::string_view kMetaServer = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view kMetaLogLevel = "io.modelcontextprotocol/logLevel";
constexpr std::string_view kNewestHandshake = kHandshakeRevisions.front();
constexpr std::int64_t kListsFreshMs = 60'000;  // what a server offers changes with its configuration alone

constexpr std::array<Listing, 4> kListings{{{"tools/list", "tools", List::tools},
                                            {"prompts/list", "prompts", List::prompts},
                                            {"resources/list", "resources", List::resources},
                                            {"resources/templates/list", "resourceTemplates", List::templates}}};

// What takes its time and may ask its peer something.
bool is_long(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

}  // namespace

void Conversation::Request::serve() {
  if (const auto refused = begin()) return answer_unheld(*refused);
  const auto era = era_of(params_, state_->options.is_stateless);
  if (!era) return answer(std::unexpected(era.error()));
  era_ = *era;
  if (era_ == Era::modern) client_ = client_of(params_);
  if (method_ == "subscriptions/listen" && era_ == Era::modern) return listen();
  if (is_long(method_)) return begin_long();
  answer(era_ == Era::modern ? answer_modern() : answer_handshake());
}

void Conversation::Request::progress(const Progress& progress) {
  const Json* token = meta_of(params_, "progressToken");
  if (!token || !state_->is_open(key_)) return;
  JsonObject params{{"progressToken", *token}, {"progress", progress.done}};
  if (progress.total) params.set("total", *progress.total);
  if (!progress.message.empty()) params.set("message", progress.message);
  reply_(notification_message("notifications/progress", std::move(params)), false);
}

void Conversation::Request::log(LogLevel level, const Json& data) {
  const Json* said = meta_of(params_, kMetaLogLevel);
  const auto least = era_ == Era::handshake
                         ? std::optional(state_->open.with([](const State::Open& now) { return now.log_level; }))
                     : said && said->is_string() ? base::enum_from_name<LogLevel>(said->as_string())
                                                 : std::nullopt;
  if (!least || level < *least || !state_->is_open(key_)) return;
  reply_(notification_message("notifications/message",
                              JsonObject{{"level", base::enum_name(level)}, {"logger", "lilux"}, {"data", data}}),
         false);
}

void Conversation::Request::done(Ending result) {
  if (auto* error = std::get_if<RpcError>(&result)) return answer(std::unexpected(std::move(*error)));
  if (auto* needed = std::get_if<Needed>(&result)) return ask(std::move(*needed));
  Json& made = std::get<Json>(result);
  answer(method_ == "resources/read" ? lasting(std::move(made.as_object())) : std::move(made));
}

std::optional<RpcError> Conversation::Request::begin() {
  return state_->open.with([&](State::Open& now) -> std::optional<RpcError> {
    if (now.is_closed) return RpcError{.code = RpcCode::internal_error, .message = "the session is over"};
    if (now.requests.size() >= state_->options.open_max)
      return RpcError{.code = RpcCode::internal_error, .message = "too many requests are open: wait for some to end"};
    if (!now.requests.emplace(key_, stop_).second)
      return RpcError{.code = RpcCode::invalid_request, .message = "a request with id " + key_ + " is open"};
    client_ = now.client;
    return std::nullopt;
  });
}

void Conversation::Request::answer(Answer result, std::string_view type) {
  const std::shared_ptr<Host> answering = host();
  if (!state_->end(key_) || !answering) return reply_(Json(), true);
  if (!result) return answer_unheld(result.error());
  if (era_ == Era::modern) {
    result->as_object().set("resultType", type);
    Json meta = result->find("_meta") ? *result->find("_meta") : Json(JsonObject{});
    meta.as_object().set(kMetaServer, answering->info());
    result->as_object().set("_meta", std::move(meta));
  }
  reply_(result_message(id_, std::move(*result)), true);
}

void Conversation::Request::answer_unheld(RpcError error) {
  if (error.code == RpcCode::resource_not_found && era_ == Era::modern) error.code = RpcCode::invalid_params;
  error.id = id_;
  reply_(error_message(error), true);
}

Answer Conversation::Request::answer_modern() const {
  if (method_ == "server/discover")
    return lasting({{"supportedVersions", revisions()},
                    {"capabilities", capabilities(era_, state_->options.tasks != nullptr)},
                    {"instructions", host()->instructions()}});
  if (method_ == "tasks/get" || method_ == "tasks/update" || method_ == "tasks/cancel") return answer_task();
  return answer_either();
}

Answer Conversation::Request::answer_task() const {
  if (!state_->options.tasks) return unknown_method();
  if (!client_->extends(kTasksExtension)) {
    JsonObject wanted{{"extensions", JsonObject{{std::string(kTasksExtension), JsonObject{}}}}};
    return refuse(RpcCode::missing_capability, "this needs a client that knows tasks",
                  JsonObject{{"requiredCapabilities", std::move(wanted)}});
  }
  Tasks& tasks = *state_->options.tasks;
  const std::string id = params_.string_or("taskId");
  if (method_ == "tasks/get") return tasks.get(id);
  if (method_ == "tasks/cancel") return tasks.cancel(id);
  const Json* answers = member(params_, "inputResponses");
  if (!answers || !answers->is_object()) return invalid("'inputResponses' must be an object");
  return tasks.update(id, *answers);
}

Answer Conversation::Request::answer_handshake() {
  if (method_ == "initialize") return initialize();
  if (method_ == "ping") return JsonObject{};
  if (method_ == "server/discover") return invalid(std::string(kMetaRevision) + " is missing in _meta");
  if (const auto early = check_initialized()) return std::unexpected(*early);
  if (method_ == "logging/setLevel") return set_log_level();
  if (method_ == "resources/subscribe" || method_ == "resources/unsubscribe") return subscribe();
  return answer_either();
}

Answer Conversation::Request::answer_either() const {
  for (const Listing& listing : kListings) {
    if (listing.method == method_) return page_of(listing);
  }
  if (method_ == "completion/complete") return complete();
  return unknown_method();
}

Answer Conversation::Request::initialize() {
  const Json* asked = member(params_, "protocolVersion");
  if (!asked || !asked->is_string()) return invalid("'protocolVersion' must be text");
  const bool is_known = std::ranges::find(kHandshakeRevisions, asked->as_string()) != kHandshakeRevisions.end();
  state_->open.with([&](State::Open& now) {
    now.is_initialized = true;
    client_ = now.client = client_of(member(params_, "clientInfo"), member(params_, "capabilities"));
  });
  keep_watch(Watched::lists);
  host()->expect(*client_);
  return JsonObject{{"protocolVersion", is_known ? asked->as_string() : std::string(kNewestHandshake)},
                    {"capabilities", capabilities(era_, state_->options.tasks != nullptr)},
                    {"serverInfo", host()->info()},
                    {"instructions", host()->instructions()}};
}

std::optional<RpcError> Conversation::Request::check_initialized() const {
  if (era_ == Era::modern || state_->open.with([](const State::Open& now) { return now.is_initialized; }))
    return std::nullopt;
  return RpcError{.code = RpcCode::invalid_request,
                  .message = "shake hands first: `initialize`, or say a revision in _meta"};
}

Answer Conversation::Request::set_log_level() {
  const auto level = base::enum_from_name<LogLevel>(params_.string_or("level"));
  if (!level) return invalid("'level' is none of the log levels");
  state_->open.with([&](State::Open& now) { now.log_level = *level; });
  return JsonObject{};
}

// Of the modern era: how long an answer may be kept, and by whom.
Json Conversation::Request::lasting(JsonObject result) const {
  if (era_ == Era::modern) {
    result.set("ttlMs", kListsFreshMs);
    result.set("cacheScope", "private");
  }
  return result;
}

// A page of a list; the cursor is where the next one begins.
Answer Conversation::Request::page_of(const Listing& listing) const {
  const JsonArray all = host()->list(listing.what);
  std::size_t from = 0;
  if (const Json* cursor = member(params_, "cursor")) {
    const std::string text = cursor->is_string() ? cursor->as_string() : "";
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), from);
    if (error != std::errc() || rest != text.data() + text.size() || from == 0 || from >= all.size())
      return invalid("the cursor is none that was given out: list from the beginning");
  }
  const std::size_t to = std::min(all.size(), from + state_->options.page);
  const auto begin = all.begin();
  JsonObject result{{std::string(listing.member),
                     JsonArray(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to))}};
  if (to < all.size()) result.set("nextCursor", std::to_string(to));
  return lasting(std::move(result));
}

Answer Conversation::Request::complete() const {
  constexpr std::size_t kValuesMax = 100;
  const Json* of = member(params_, "ref");
  const Json* argument = member(params_, "argument");
  if (!of || !of->is_object() || !argument || !argument->is_object() || argument->string_or("name").empty())
    return invalid("'ref' and 'argument' with a name and a value must be given");
  auto values = host()->complete(params_);
  if (!values) return std::unexpected(std::move(values.error()));
  JsonArray shown;
  for (std::string& value : *values) {
    if (shown.size() < kValuesMax) shown.emplace_back(std::move(value));
  }
  const bool has_more = values->size() > shown.size();
  return JsonObject{{"completion", JsonObject{{"values", std::move(shown)},
                                              {"total", static_cast<std::int64_t>(values->size())},
                                              {"hasMore", has_more}}}};
}

}  // namespace lilux::mcp
