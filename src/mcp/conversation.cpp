#include "mcp/conversation.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/field.h"
#include "base/guarded.h"
#include "base/time.h"
#include "mcp/request_state.h"
#include "mcp/subscription.h"
#include "mcp/tasks.h"

namespace lilux::mcp {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::string_view kMetaCapabilities = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kMetaServer = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view kMetaLogLevel = "io.modelcontextprotocol/logLevel";
constexpr std::string_view kNewestHandshake = kHandshakeRevisions.front();
constexpr std::int64_t kListsFreshMs = 60'000;  // what a server offers changes with its configuration alone
constexpr std::size_t kNameMax = 200;           // bytes of a client's name
constexpr std::size_t kTaskMax = 64 << 10;      // of what a task keeps of its request
constexpr int kRoundsMax = 16;                  // in which one request asks its peer something

enum class Era : std::uint8_t { handshake, modern };

using Answer = std::expected<Json, RpcError>;

std::unexpected<RpcError> refuse(RpcCode code, std::string message, std::optional<Json> data = {}) {
  return std::unexpected(RpcError{.code = code, .message = std::move(message), .data = std::move(data)});
}

const Json* meta_of(const Json& params, std::string_view name) {
  const Json* meta = member(params, "_meta");
  return meta ? member(*meta, name) : nullptr;
}

JsonArray revisions() {
  JsonArray all{kModernRevision};
  for (const std::string_view revision : kHandshakeRevisions) all.emplace_back(revision);
  return all;
}

// Which era a request is in; a modern one carries its revision and what its sender can do.
std::expected<Era, RpcError> era_of(const Json& params, bool is_stateless) {
  const Json* revision = meta_of(params, kMetaRevision);
  if (!revision && is_stateless) return invalid(std::string(kMetaRevision) + " is missing in _meta");
  if (!revision) return Era::handshake;
  if (!revision->is_string()) return invalid(std::string(kMetaRevision) + " must be text");
  if (revision->as_string() != kModernRevision)
    return refuse(RpcCode::unsupported_version, "revision " + revision->as_string() + " is not served in this way",
                  JsonObject{{"supported", revisions()}, {"requested", *revision}});
  const Json* capabilities = meta_of(params, kMetaCapabilities);
  if (!capabilities || !capabilities->is_object())
    return invalid(std::string(kMetaCapabilities) + " is missing in _meta");
  return Era::modern;
}

std::shared_ptr<const Client> client_of(const Json* info, const Json* capabilities) {
  Client made;
  if (info) made.name = base::clipped(info->string_or("name"), kNameMax);
  if (info) made.version = base::clipped(info->string_or("version"), kNameMax);
  if (capabilities && capabilities->is_object()) made.capabilities = *capabilities;
  return std::make_shared<const Client>(std::move(made));
}

JsonObject capabilities(Era era, bool has_tasks) {
  JsonObject made{{"tools", JsonObject{{"listChanged", true}}},
                  {"prompts", JsonObject{{"listChanged", true}}},
                  {"resources", JsonObject{{"subscribe", true}, {"listChanged", true}}},
                  {"completions", JsonObject{}}};
  if (era == Era::handshake) made.set("logging", JsonObject{});
  if (era == Era::modern && has_tasks) made.set("extensions", JsonObject{{std::string(kTasksExtension), JsonObject{}}});
  return made;
}

// The client's capability that a question takes.
std::string_view capability_for(std::string_view method) {
  return method.substr(0, method.find('/'));
}

struct Listing {
  std::string_view method;
  std::string_view member;
  List what;
};
constexpr std::array<Listing, 4> kListings{{{"tools/list", "tools", List::tools},
                                            {"prompts/list", "prompts", List::prompts},
                                            {"resources/list", "resources", List::resources},
                                            {"resources/templates/list", "resourceTemplates", List::templates}}};

// What takes its time and may ask its peer something.
bool is_long(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

std::optional<RpcError> broken_params(std::string_view method, const Json& params) {
  const std::string_view subject = method == "resources/read" ? "uri" : "name";
  const Json* named = member(params, subject);
  if (!named || !named->is_string()) return invalid("'" + std::string(subject) + "' must be text").error();
  const Json* arguments = member(params, "arguments");
  if (arguments && !arguments->is_object()) return invalid("'arguments' must be an object").error();
  const Json* answers = member(params, "inputResponses");
  if (answers && !answers->is_object()) return invalid("'inputResponses' must be an object").error();
  const Json* state = member(params, "requestState");
  if (state && !state->is_string()) return invalid("'requestState' must be text").error();
  return std::nullopt;
}

}  // namespace

bool Client::can(std::string_view capability) const {
  const Json* found = capabilities.find(capability);
  return found && found->is_object();
}

bool Client::extends(std::string_view extension) const {
  const Json* extensions = capabilities.find("extensions");
  const Json* found = extensions ? extensions->find(extension) : nullptr;
  return found && found->is_object();
}

JsonObject questions_json(const std::vector<Question>& questions) {
  JsonObject made;
  for (const Question& question : questions)
    made.set(question.key, JsonObject{{"method", question.method}, {"params", question.params}});
  return made;
}

struct Conversation::State {
  std::weak_ptr<Host> host;  // the conversation's: what it holds open must not hold it
  Options options;

  struct Asked {  // of the peer, in the older era
    std::shared_ptr<Request> by;
    std::string key;
  };
  struct Listener {
    Json id;
    Wanted wanted;
    Reply reply;
  };
  struct Open {
    bool is_initialized = false;
    bool is_closed = false;
    std::shared_ptr<const Client> client = std::make_shared<const Client>();  // that shook hands; of its requests too
    LogLevel log_level = LogLevel::info;                                      // it wants
    Wanted wanted{.tools = true, .prompts = true, .resources = true};         // by it
    std::map<std::string, std::stop_source, std::less<>> requests;            // by id, as text
    std::map<std::int64_t, Asked> asked;
    std::int64_t asked_last = 0;
    std::map<std::string, Listener, std::less<>> listeners;
    std::shared_ptr<void> lists_watch;
    std::shared_ptr<void> resources_watch;
    std::shared_ptr<void> tasks_watch;
  };
  base::Guarded<Open> open;

  // Ends a request; false when it was cancelled, or the peer has gone: then nobody waits for an answer.
  bool end(const std::string& id) {
    return open.with([&](Open& now) { return now.requests.erase(id) > 0 && !now.is_closed; });
  }
  bool is_open(const std::string& id) const {
    return open.with([&](const Open& now) { return !now.is_closed && now.requests.contains(id); });
  }
  void cancel(const Json& id);
  void told(const Change& change);
};

// One request on its way to its answer.
class Conversation::Request : public Asker, public std::enable_shared_from_this<Request> {
 public:
  Request(std::shared_ptr<State> state, Message message, Reply reply)
      : state_(std::move(state)),
        id_(std::move(message.id)),
        key_(base::to_text(id_)),
        method_(std::move(message.method)),
        params_(std::move(message.params)),
        reply_(std::move(reply)) {}

  void serve() {
    if (const auto refused = begin()) return answer_unheld(*refused);
    const auto era = era_of(params_, state_->options.is_stateless);
    if (!era) return answer(std::unexpected(era.error()));
    era_ = *era;
    if (era_ == Era::modern) client_ = client_of(meta_of(params_, kMetaClient), meta_of(params_, kMetaCapabilities));
    if (method_ == "subscriptions/listen" && era_ == Era::modern) return listen();
    if (is_long(method_)) return begin_long();
    answer(era_ == Era::modern ? answer_modern() : answer_handshake());
  }

  void progress(const Progress& progress) override {
    const Json* token = meta_of(params_, "progressToken");
    if (!token || !state_->is_open(key_)) return;
    JsonObject params{{"progressToken", *token}, {"progress", progress.done}};
    if (progress.total) params.set("total", *progress.total);
    if (!progress.message.empty()) params.set("message", progress.message);
    reply_(notification_message("notifications/progress", std::move(params)), false);
  }

  void log(LogLevel level, const Json& data) override {
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

  void done(Ending result) override {
    if (auto* error = std::get_if<RpcError>(&result)) return answer(std::unexpected(std::move(*error)));
    if (auto* needed = std::get_if<Needed>(&result)) return ask(std::move(*needed));
    Json& made = std::get<Json>(result);
    answer(method_ == "resources/read" ? lasting(std::move(made.as_object())) : std::move(made));
  }

  // An answer of the peer to one of our questions.
  void take_answer(const std::string& key, Json answer) {
    const bool is_whole = state_->open.with([&](State::Open&) {
      answers_.insert_or_assign(key, std::move(answer));
      return --questions_open_ == 0;
    });
    if (is_whole) pass_on();
  }
  const std::string& key() const { return key_; }
  void give_up() const { reply_(Json(), true); }

 private:
  std::optional<RpcError> begin() {
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

  // Not null while the conversation takes a message.
  std::shared_ptr<Host> host() const { return state_->host.lock(); }

  void answer(Answer result, std::string_view type = "complete") {
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

  void answer_unheld(RpcError error) {
    if (error.code == RpcCode::resource_not_found && era_ == Era::modern) error.code = RpcCode::invalid_params;
    error.id = id_;
    reply_(error_message(error), true);
  }

  Answer answer_modern() const {
    if (method_ == "server/discover")
      return lasting({{"supportedVersions", revisions()},
                      {"capabilities", capabilities(era_, state_->options.tasks != nullptr)},
                      {"instructions", host()->instructions()}});
    if (method_ == "tasks/get" || method_ == "tasks/update" || method_ == "tasks/cancel") return answer_task();
    return answer_either();
  }

  Answer answer_task() const {
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

  Answer answer_handshake() {
    if (method_ == "initialize") return initialize();
    if (method_ == "ping") return JsonObject{};
    if (method_ == "server/discover") return invalid(std::string(kMetaRevision) + " is missing in _meta");
    if (const auto early = check_initialized()) return std::unexpected(*early);
    if (method_ == "logging/setLevel") return set_log_level();
    if (method_ == "resources/subscribe" || method_ == "resources/unsubscribe") return subscribe();
    return answer_either();
  }

  Answer answer_either() const {
    for (const Listing& listing : kListings) {
      if (listing.method == method_) return page_of(listing);
    }
    if (method_ == "completion/complete") return complete();
    return unknown_method();
  }

  Answer unknown_method() const { return refuse(RpcCode::unknown_method, "there is no method '" + method_ + "'"); }

  Answer initialize() {
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

  std::optional<RpcError> check_initialized() const {
    if (era_ == Era::modern || state_->open.with([](const State::Open& now) { return now.is_initialized; }))
      return std::nullopt;
    return RpcError{.code = RpcCode::invalid_request,
                    .message = "shake hands first: `initialize`, or say a revision in _meta"};
  }

  Answer set_log_level() {
    const auto level = base::enum_from_name<LogLevel>(params_.string_or("level"));
    if (!level) return invalid("'level' is none of the log levels");
    state_->open.with([&](State::Open& now) { now.log_level = *level; });
    return JsonObject{};
  }

  Answer subscribe() {
    const std::string uri = params_.string_or("uri");
    if (uri.empty() || uri.size() > kSubjectMax)
      return invalid("'uri' must be text of at most " + std::to_string(kSubjectMax) + " bytes");
    const bool is_done = state_->open.with([&](State::Open& now) {
      if (method_ == "resources/unsubscribe") return now.wanted.uris.erase(uri) < 2;
      if (now.wanted.uris.size() >= state_->options.watched_max) return false;
      now.wanted.uris.insert(uri);
      return true;
    });
    if (!is_done) return refuse(RpcCode::internal_error, "too many resources are watched: unsubscribe from some");
    if (method_ == "resources/subscribe") keep_watch(Watched::resources);
    return JsonObject{};
  }

  // Of the modern era: how long an answer may be kept, and by whom.
  Json lasting(JsonObject result) const {
    if (era_ == Era::modern) {
      result.set("ttlMs", kListsFreshMs);
      result.set("cacheScope", "private");
    }
    return result;
  }

  // A page of a list; the cursor is where the next one begins.
  Answer page_of(const Listing& listing) const {
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

  Answer complete() const {
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

  // Tells the peer of changes until it gives the request up.
  void listen() {
    auto wanted = read_wanted(params_, state_->options.watched_max);
    if (!wanted) return answer(std::unexpected(std::move(wanted.error())));
    keep_watch(Watched::lists);
    if (!wanted->uris.empty()) keep_watch(Watched::resources);
    if (!wanted->tasks.empty()) keep_tasks_watch();
    reply_(acknowledged_message(*wanted, id_), false);
    state_->open.with([&](State::Open& now) {
      if (!now.is_closed && now.requests.contains(key_))
        now.listeners.emplace(key_, State::Listener{.id = id_, .wanted = std::move(*wanted), .reply = reply_});
    });
  }

  void keep_tasks_watch() {
    if (!state_->options.tasks) return;
    begin_watch(&State::Open::tasks_watch, [this] {
      return state_->options.tasks->watch([weak = std::weak_ptr(state_)](const std::string& id) {
        if (const auto live = weak.lock()) live->told({.kind = Change::Kind::task, .subject = id});
      });
    });
  }

  void keep_watch(Watched what) {
    begin_watch(what == Watched::lists ? &State::Open::lists_watch : &State::Open::resources_watch, [this, what] {
      return host()->watch(what, [weak = std::weak_ptr(state_)](const Change& change) {
        if (const auto live = weak.lock()) live->told(change);
      });
    });
  }

  template <class Begin>
  void begin_watch(std::shared_ptr<void> State::Open::* kept, const Begin& begin) {
    if (state_->open.with([kept](const State::Open& now) { return now.*kept != nullptr; })) return;
    std::shared_ptr<void> watch = begin();
    state_->open.with([&](State::Open& now) {
      if (!(now.*kept) && !now.is_closed) (now.*kept).swap(watch);
    });
  }

  void begin_long() {
    if (const auto early = check_initialized()) return answer(std::unexpected(*early));
    if (auto broken = broken_params(method_, params_)) return answer(std::unexpected(std::move(*broken)));
    if (const Json* kept = member(params_, "requestState"); kept && era_ == Era::modern) {
      auto read = read_kept(kept->as_string(), method_, params_, base::now_us(), state_->options.seal);
      if (!read) return answer(std::unexpected(std::move(read.error())));
      note_ = std::move(read->note);
      answers_ = std::move(read->answers);
    }
    if (const Json* answers = member(params_, "inputResponses"); answers && era_ == Era::modern) {
      for (const auto& [key, answer] : answers->as_object()) answers_.insert_or_assign(key, answer);
    }
    pass_on();
  }

  void pass_on() {
    const std::shared_ptr<Host> serving = host();
    if (!serving) return answer(JsonObject{});
    Host::Call call{.method = method_, .params = params_of_tries(), .client = client_};
    if (may_be_task(*serving)) return begin_task(serving, std::move(call));
    state_->open.with([&](State::Open&) { call.answers = answers_; });
    call.note = note_;
    call.cancel = stop_.get_token();
    call.asker = shared_from_this();
    serving->serve(std::move(call));
  }

  // Copied when that is not all of them, and then once.
  std::shared_ptr<const Json> params_of_tries() {
    if (!lasting_ && is_lasting(params_)) return {shared_from_this(), &params_};
    if (!lasting_) lasting_ = std::make_shared<const Json>(lasting_params(params_));
    return lasting_;
  }

  bool may_be_task(const Host& serving) const {
    return era_ == Era::modern && method_ == "tools/call" && state_->options.tasks &&
           client_->extends(kTasksExtension) && serving.is_long(params_) && base::to_text(params_).size() <= kTaskMax;
  }

  void begin_task(const std::shared_ptr<Host>& serving, Host::Call call) {
    call.answers = answers_;
    call.note = note_;
    auto begun = state_->options.tasks->begin(serving, std::move(call));
    if (!begun) return answer(std::unexpected(std::move(begun.error())));
    answer(std::move(*begun), "task");
  }

  void ask(Needed needed) {
    for (const Question& question : needed.questions) {
      const std::string_view capability = capability_for(question.method);
      if (client_->can(capability)) continue;
      return answer(refuse(RpcCode::missing_capability, "this needs a client that can do: " + std::string(capability),
                           JsonObject{{"requiredCapabilities", JsonObject{{std::string(capability), JsonObject{}}}}}));
    }
    note_ = std::move(needed.note);
    // What is asked again is not answered by what was said before.
    state_->open.with([&](State::Open&) {
      for (const Question& question : needed.questions) answers_.erase(question.key);
    });
    if (++rounds_ > kRoundsMax) return answer(refuse(RpcCode::internal_error, "it asked too often"));
    if (era_ == Era::modern) return ask_modern(needed);
    ask_handshake(needed);
  }

  void ask_modern(const Needed& needed) {
    std::string state =
        keep({.note = note_, .answers = answers_}, method_, params_, base::now_us(), state_->options.seal);
    answer(JsonObject{{"inputRequests", questions_json(needed.questions)}, {"requestState", std::move(state)}},
           "input_required");
  }

  void ask_handshake(Needed& needed) {
    std::vector<Json> messages;
    const bool is_open = state_->open.with([&](State::Open& now) {
      if (now.is_closed || !now.requests.contains(key_)) return false;
      questions_open_ = needed.questions.size();
      for (Question& question : needed.questions) {
        const std::int64_t number = ++now.asked_last;
        now.asked.emplace(number, State::Asked{.by = shared_from_this(), .key = question.key});
        messages.push_back(request_message(number, question.method, std::move(question.params)));
      }
      return true;
    });
    if (!is_open) return answer(JsonObject{});  // given up
    for (const Json& message : messages) reply_(message, false);
  }

  const std::shared_ptr<State> state_;  // of the conversation, and of whatever is still open
  const Json id_;
  const std::string key_;
  const std::string method_;
  const Json params_;
  std::shared_ptr<const Json> lasting_;  // what of them is the same in every try, when that is not all
  const Reply reply_;
  Era era_ = Era::handshake;
  std::shared_ptr<const Client> client_;  // as in the state
  std::stop_source stop_;
  int rounds_ = 0;
  std::string note_;
  Answers answers_;                 // under the lock of the state, as the next
  std::size_t questions_open_ = 0;  // of this round
};

// Outside the lock: who stops may end at once.
void Conversation::State::cancel(const Json& id) {
  const std::string key = base::to_text(id);
  std::optional<std::stop_source> source;
  std::optional<Listener> listener;
  std::vector<Asked> unasked;  // holds its request until the lock is let go
  open.with([&](Open& now) {
    if (const auto entry = now.requests.extract(key)) source = entry.mapped();
    if (auto entry = now.listeners.extract(key)) listener = std::move(entry.mapped());
    std::erase_if(now.asked, [&](auto& entry) {
      const bool is_his = entry.second.by->key() == key;
      if (is_his) unasked.push_back(std::move(entry.second));
      return is_his;
    });
  });
  if (source) source->request_stop();
  if (listener) listener->reply(Json(), true);
  if (!unasked.empty()) unasked.front().by->give_up();  // it waited for its peer: nobody else says so
}

void Conversation::State::told(const Change& change) {
  std::vector<Listener> hearing;
  const bool is_wanted = open.with([&](const Open& now) {
    for (const auto& [id, listener] : now.listeners) {
      if (listener.wanted.fits(change)) hearing.push_back(listener);
    }
    return now.is_initialized && !now.is_closed && now.wanted.fits(change);
  });
  if (is_wanted && options.tell) options.tell(change_message(change, Json(), {}));
  JsonObject task;
  if (change.kind == Change::Kind::task && !hearing.empty()) {
    auto known = options.tasks->get(change.subject);
    if (!known) return;  // forgotten since
    task = std::move(*known);
  }
  for (const Listener& listener : hearing) listener.reply(change_message(change, listener.id, task), false);
}

Conversation::Conversation(std::shared_ptr<Host> host, Options options)
    : host_(std::move(host)), state_(std::make_shared<State>()) {
  state_->host = host_;
  state_->options = std::move(options);
}

void Conversation::take(Message message, Reply reply) {
  switch (message.kind) {
    case Message::Kind::request:
      return std::make_shared<Request>(state_, std::move(message), std::move(reply))->serve();
    case Message::Kind::notification:
      if (const Json* id = message.method == "notifications/cancelled" ? message.params.find("requestId") : nullptr)
        state_->cancel(*id);
      return;
    case Message::Kind::response: {
      const auto number = message.id.exact_integer();
      auto asked = state_->open.with([&](State::Open& now) { return now.asked.extract(number.value_or(0)); });
      if (!asked) return;  // nothing was asked
      asked.mapped().by->take_answer(asked.mapped().key,
                                     message.result ? *message.result : JsonObject{{"error", *message.error}});
    }
  }
}

void Conversation::close() {
  State::Open left;  // goes outside the lock
  state_->open.with([&](State::Open& now) {
    now.is_closed = true;
    std::swap(left.requests, now.requests);
    std::swap(left.asked, now.asked);
    std::swap(left.listeners, now.listeners);
    std::swap(left.lists_watch, now.lists_watch);
    std::swap(left.resources_watch, now.resources_watch);
    std::swap(left.tasks_watch, now.tasks_watch);
  });
  for (const auto& [id, source] : left.requests) std::stop_source(source).request_stop();
}

}  // namespace lilux::mcp
