#include "surface/mcp_host.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/field.h"
#include "kernel/events.h"
#include "kernel/index.h"
#include "kernel/kernel.h"
#include "kernel/peer.h"
#include "kernel/scheduler.h"
#include "kernel/trust.h"
#include "surface/mcp_approval.h"
#include "surface/mcp_entry.h"
#include "sys/path.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using kernel::Outcome;

namespace {

constexpr std::size_t kInlineMax = std::size_t{256} << 10;  // of an output; what is larger is linked to
constexpr std::size_t kBeginningMax = std::size_t{16} << 10;
constexpr std::size_t kTitleMax = 60;
constexpr std::int64_t kPriority = 5;
constexpr std::size_t kChangedMax = 10'000;
constexpr std::int64_t kCallsOffered = 200;
constexpr auto kGather = std::chrono::milliseconds(50);
constexpr std::string_view kWritesFiles = "\"write fs ";  // in the needs of a record
constexpr std::string_view kAsksPeer = "peer:asked";  // rule of the error that ends a call until its peer has answered

Json text_block(std::string text) {
  return JsonObject{{"type", "text"}, {"text", std::move(text)}};
}

std::string spaced(const Json& value) {
  return base::to_text(value, base::JsonStyle::spaced);
}

// Said to a model: what a person has to do is not for it to do.
std::string hint_of(const base::Error& error) {
  if (error.code != ErrorCode::approval_required) return error.hint;
  return "ask your user to run `" + error.hint +
         "` in a terminal, and then make this very call again; do not run it yourself";
}

// The error of a call, with its message in "message", or in "error" as the four calls have it.
Json error_json(const base::Error& error, const std::string& call, bool is_entry = false) {
  JsonObject made;
  if (is_entry) made.set("error", error.message);
  made.set("code", base::code_name(error.code));
  if (!is_entry) made.set("message", error.message);
  if (const std::string hint = hint_of(error); !hint.empty()) made.set("hint", hint);
  if (!error.rule.empty()) made.set("rule", error.rule);
  if (!call.empty()) made.set("call", call);
  return made;
}

Json error_result(const Json& told) {
  return JsonObject{{"content", JsonArray{text_block(spaced(told))}}, {"isError", true}};
}

// Blocks of content, as tools make that give more than text.
bool is_blocks(const Json* content) {
  return content && content->is_array() && std::ranges::all_of(content->as_array(), [](const Json& block) {
           return block.is_object() && !block.string_or("type").empty();
         });
}

mcp::RpcError rpc_error(const Outcome& outcome) {
  const base::Error& error = outcome.output.error();
  return {.code = mcp::RpcCode::invalid_params, .message = error.message, .data = error_json(error, outcome.call)};
}

std::vector<std::string> files_written(const std::string& body) {
  std::vector<std::string> files;
  const Result<Json> json = base::parse_json(body);
  const Json* needs = json ? json->find("needs") : nullptr;
  if (!needs || !needs->is_array()) return files;
  for (const Json& need : needs->as_array()) {
    const auto parsed = policy::parse_need(need.is_string() ? need.as_string() : "");
    if (parsed && parsed->verb == policy::Verb::write && parsed->resource == "fs") files.push_back(parsed->target);
  }
  return files;
}

// The call of a record, which stands before anything that a client has said.
std::string call_in(const kernel::Event& event) {
  constexpr std::string_view kBefore = "\"call\":\"";
  const std::size_t at = event.body.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t from = at + kBefore.size();
  return event.body.substr(from, event.body.find('"', from) - from);
}

std::string mime_of(const Resource& resource, const std::string& bytes) {
  if (!resource.mime_type.empty()) return std::string(resource.mime_type);
  return base::is_utf8(bytes) ? "text/plain" : "application/octet-stream";
}

}  // namespace

Json call_result(Outcome outcome) {
  if (!outcome.ok()) return error_result(error_json(outcome.output.error(), outcome.call));
  if (is_blocks(outcome.output->find("content"))) return *std::move(outcome.output);
  std::string text = spaced(*outcome.output);
  JsonArray content;
  if (text.size() > kInlineMax) {
    content.push_back(text_block(std::string(base::clipped(text, kBeginningMax)) + "... (the beginning)"));
    content.emplace_back(JsonObject{{"type", "resource_link"},
                                    {"uri", "lilux://outputs/" + outcome.call},
                                    {"name", "output"},
                                    {"title", "The whole output"},
                                    {"mimeType", "application/json"},
                                    {"size", static_cast<std::int64_t>(text.size())}});
  } else {
    content.push_back(text_block(std::move(text)));
  }
  return JsonObject{
      {"content", std::move(content)}, {"isError", false}, {"structuredContent", *std::move(outcome.output)}};
}

Changes::~Changes() {
  if (const std::uint64_t listener = listener_.load(); listener != 0) kernel_.events().forget(listener);
}

std::shared_ptr<void> Changes::watch(mcp::Watched what, Told told) {
  const bool is_of_resource = what == mcp::Watched::resources;
  const auto [number, is_first] = state_.with([&](State& state) {
    state.watches.emplace(++state.last, Watch{.what = what, .told = std::make_shared<Told>(std::move(told))});
    return std::pair(state.last, is_of_resource && ++state.of_resources == 1);
  });
  if (is_first) listen();
  const auto forget = [weak = weak_from_this(), number, is_of_resource](void*) {
    const auto live = weak.lock();
    if (!live) return;
    const auto gone = live->state_.with([&](State& state) {  // goes outside the lock
      if (is_of_resource && --state.of_resources == 0) {     // nothing is heard any more
        state.changed.clear();
        state.bodies.clear();
        state.begun.clear();
      }
      return state.watches.extract(number);
    });
  };
  return {static_cast<void*>(this), forget};
}

void Changes::listen() {
  if (listener_.load() != 0) return;
  const std::uint64_t listener = kernel_.events().listen([weak = weak_from_this()](const kernel::Event& event) {
    if (const auto live = weak.lock()) live->hear(event);
  });
  if (const std::uint64_t other = listener_.exchange(listener); other != 0) kernel_.events().forget(other);
}

// Gathers what changed and tells it in a moment, all at once: many records come together.
void Changes::hear(const kernel::Event& event) {
  const bool is_first = state_.with([&](State& state) {
    if (state.of_resources == 0) return false;
    if (state.changed.size() < kChangedMax && !event.task.empty()) state.changed.insert("lilux://tasks/" + event.task);
    // What a call writes stands in the record of its beginning, or in its only one; it is written when it ends.
    if (event.name == "call.begin" && event.body.contains(kWritesFiles) && state.begun.size() < kChangedMax)
      state.begun.insert_or_assign(call_in(event), event.body);
    else if (event.name == "call.ok" && event.body.contains(kWritesFiles) && state.bodies.size() < kChangedMax)
      state.bodies.push_back(event.body);
    else if (auto begun = state.begun.extract(call_in(event)); begun && state.bodies.size() < kChangedMax)
      state.bodies.push_back(std::move(begun.mapped()));
    return !std::exchange(state.is_due, true);
  });
  if (!is_first) return;
  const auto later = [weak = weak_from_this()] {
    const auto live = weak.lock();
    if (!live) return;
    const auto tell = [weak] {
      if (const auto still = weak.lock()) still->tell_gathered();
    };
    std::ignore = live->kernel_.scheduler().push_again(kPriority, tell);  // fails only when stopping
  };
  std::ignore = kernel_.scheduler().at(std::chrono::steady_clock::now() + kGather, later);  // fails only when stopping
}

void Changes::tell_gathered() {
  auto [changed, bodies] = state_.with([](State& state) {
    state.is_due = false;
    return std::pair(std::exchange(state.changed, {}), std::exchange(state.bodies, {}));
  });
  for (const std::string& body : bodies) {
    for (std::string& file : files_written(body)) changed.insert("file://" + std::move(file));
  }
  for (const std::string_view list : {"lilux://approvals", "lilux://calls", "lilux://status", "lilux://tasks"})
    changed.emplace(list);
  for (const std::string& uri : changed) tell({.kind = mcp::Change::Kind::resource, .subject = uri});
}

void Changes::tell(const mcp::Change& change) {
  const bool is_of_resource = change.kind == mcp::Change::Kind::resource;
  std::vector<std::shared_ptr<Told>> hearing;
  state_.with([&](const State& state) {
    for (const auto& [number, watch] : state.watches) {
      if ((watch.what == mcp::Watched::resources) == is_of_resource) hearing.push_back(watch.told);
    }
  });
  for (const auto& told : hearing) (*told)(change);
}

// One request of a client on its way through the kernel; also the peer that the call reports to.
class McpHost::Run : public kernel::Peer, public std::enable_shared_from_this<Run> {
 public:
  Run(std::shared_ptr<McpHost> host, Call call)
      : kernel_(host->kernel_), host_(std::move(host)), call_(std::move(call)) {}

  void make_call() {
    const Offer& offer = *host_->options_.offer;
    if (call_.method == "prompts/get") return submit(offer.prompt(name()), arguments(), "prompt");
    if (call_.method == "resources/read") return read_resource(offer);
    if (!offer.has_entry() || !is_entry_tool(name())) return submit(offer.tool(name()), arguments(), "tool");
    is_entry_ = true;
    Result<EntryCall> entered = enter(offer, name(), arguments());
    if (!entered) return end(error_result(error_json(entered.error(), {}, true)));
    if (!entered->tool) return end(entry_result(std::move(entered->answer)));
    is_item_ = entered->is_item;
    status_ = std::move(entered->status);
    submit(entered->tool, std::move(entered->arguments), "tool", entered->folder);
  }

  void progress(double done, std::optional<double> total, const std::string& message) override {
    call_.asker->progress({.done = done, .total = total, .message = message});
  }
  void log(std::string_view level, const Json& data) override {
    call_.asker->log(base::enum_from_name<mcp::LogLevel>(level).value_or(mcp::LogLevel::info), data);
  }
  Result<Json> ask(const std::string& key, std::string_view method, Json params) override {
    if (const auto found = call_.answers.find(key); found != call_.answers.end() && found->second.is_object())
      return found->second;
    asked_.with([&](auto& asked) {
      asked.push_back({.key = key, .method = std::string(method), .params = std::move(params)});
    });
    return std::unexpected(base::Error{.code = ErrorCode::unavailable,
                                       .message = "the client is asked: " + key,
                                       .hint = {},
                                       .rule = std::string(kAsksPeer)});
  }

 private:
  void read_resource(const Offer& offer) {
    const std::string uri = call_.params->string_or("uri");
    reading_ = offer.resource(uri);
    if (!reading_) return end(not_found("there is no resource '" + uri + "'"));
    submit(kernel_.find_tool(reading_->resource->tool), reading_->arguments, "resource");
  }

  void submit(const kernel::Tool* tool, Json arguments, std::string_view kind, const std::string& folder = {}) {
    if (!tool)
      return end(mcp::RpcError{.code = mcp::RpcCode::invalid_params,
                               .message = "there is no " + std::string(kind) + " '" + std::string(name()) + "'"});
    if (folder.empty()) return submit_in(folder, *tool, std::move(arguments));
    // A client's folder is looked at, which may take long where it lies: not on the thread of a transport.
    const auto look = [self = shared_from_this(), tool, arguments, folder] {
      self->submit_in(folder, *tool, arguments);
    };
    if (const auto queued = kernel_.scheduler().push(kPriority, look); !queued)
      finish({.call = {}, .output = std::unexpected(queued.error())});
  }

  void submit_in(const std::string& folder, const kernel::Tool& tool, Json arguments) {
    base::Result<kernel::CallRequest> request = host_->request_for(tool, std::move(arguments), *call_.client, folder);
    if (!request) return finish({.call = {}, .output = std::unexpected(std::move(request.error()))});
    request->cancel = call_.cancel;
    request->peer = shared_from_this();
    const bool is_brief = tool.traits.effect == kernel::Effect::none && !tool.traits.is_urgent && !tool.traits.is_long;
    const bool is_here = is_brief && host_->options_.may_run_here && host_->options_.may_run_here();
    const auto done = [self = shared_from_this()](Outcome outcome) { self->finish(std::move(outcome)); };
    const base::Result<void> queued =
        is_here ? kernel_.start(std::move(*request), done) : kernel_.submit(std::move(*request), kPriority, done);
    if (!queued) finish({.call = {}, .output = std::unexpected(queued.error())});
  }

  void finish(Outcome outcome) {
    if (!outcome.ok()) {
      if (outcome.output.error().rule == kAsksPeer)
        return end(
            mcp::Needed{.questions = asked_.with([](auto& asked) { return std::move(asked); }), .note = call_.note});
      const bool is_asked = outcome.output.error().code == ErrorCode::approval_required;
      const bool may_ask = host_->options_.has_person && call_.client->can("elicitation");
      const bool was_asked = is_approval(call_) && !is_changed(outcome.call);
      if (is_asked && was_asked && !std::exchange(has_passed_on_, true)) return pass_on();
      if (is_asked && may_ask && !was_asked) {
        if (auto form = approval_form(kernel_, outcome.call)) return end(std::move(*form));
      }
    }
    if (call_.method == "tools/call")
      return end(is_entry_ ? entry_outcome(std::move(outcome)) : call_result(std::move(outcome)));
    if (!outcome.ok() && outcome.output.error().code == ErrorCode::not_found && reading_)
      return end(not_found(outcome.output.error().message));
    if (!outcome.ok()) return end(rpc_error(outcome));
    end(reading_ ? contents(*outcome.output) : std::move(*outcome.output));
  }

  // What was asked about is still so: the kernel hears what the person said. An approved call runs there, so that is
  // not done on the thread of a transport.
  void pass_on() {
    const auto queued = kernel_.scheduler().push(kPriority, [self = shared_from_this()] {
      take_approval(self->kernel_, self->call_);
      self->make_call();  // finds its answer
    });
    if (!queued) finish({.call = {}, .output = std::unexpected(queued.error())});
  }

  // Somebody who has left the form without an answer is not shown it again, but is when it asks something else.
  bool is_changed(const std::string& call) { return !call_.note.contains(call); }

  Json entry_result(Json answer) {
    JsonObject made{{"content", JsonArray{text_block(spaced(answer))}}, {"isError", false}};
    made.set("structuredContent", std::move(answer));
    return made;
  }

  Json entry_outcome(Outcome outcome) {
    if (!outcome.ok()) return error_result(error_json(outcome.output.error(), outcome.call, true));
    if (!is_item_ && is_blocks(outcome.output->find("content"))) return *std::move(outcome.output);
    if (is_item_) {
      if (!status_.empty() && !outcome.output->find("status")) outcome.output->as_object().set("status", status_);
      const bool is_error = !outcome.output->bool_or("succeeded", true);
      Json result = call_result(std::move(outcome));
      result.as_object().set("isError", is_error);
      return result;
    }
    Json result = call_result({.call = outcome.call,
                               .output = JsonObject{{"status", "success"},
                                                    {"data", *std::move(outcome.output)},
                                                    {"metadata", JsonObject{{"call", outcome.call}}}}});
    // Nothing promises a structure here: what is large is only linked to.
    if (result.find("content")->as_array().size() > 1) result.as_object().erase("structuredContent");
    return result;
  }

  Json contents(const Json& output) {
    const std::string uri = call_.params->string_or("uri");
    JsonObject entry{{"uri", uri}};
    const Json* content = output.find("content");
    const bool is_file = content && content->is_string();
    const Result<std::string> bytes = is_file && reading_->arguments.find("encoding")
                                          ? base::from_base64(content->as_string())
                                          : Result<std::string>(is_file ? content->as_string() : spaced(output));
    if (!bytes) return JsonObject{{"contents", JsonArray{}}};
    const std::string mime = mime_of(*reading_->resource, *bytes);
    entry.set("mimeType", mime);
    const bool is_text = base::is_utf8(*bytes) && !mime.starts_with("image/") && !mime.starts_with("audio/");
    entry.set(is_text ? "text" : "blob", is_text ? *bytes : base::to_base64(*bytes));
    return JsonObject{{"contents", JsonArray{std::move(entry)}}};
  }

  mcp::RpcError not_found(std::string message) {
    return {.code = mcp::RpcCode::resource_not_found,
            .message = std::move(message),
            .data = JsonObject{{"uri", call_.params->string_or("uri")}}};
  }

  std::string_view name() const {
    const Json* given = call_.params->find("name");
    return given && given->is_string() ? std::string_view(given->as_string()) : std::string_view();
  }
  Json arguments() const {
    const Json* given = call_.params->find("arguments");
    return given && given->is_object() ? *given : Json(JsonObject{});
  }
  void end(Host::Ending result) { call_.asker->done(std::move(result)); }

  kernel::Kernel& kernel_;
  const std::shared_ptr<McpHost> host_;  // and of its session: it does not end under a call
  Call call_;
  bool is_entry_ = false;
  bool is_item_ = false;
  std::string status_;
  bool has_passed_on_ = false;
  std::optional<Offer::Reading> reading_;
  base::Guarded<std::vector<mcp::Question>> asked_;
};

void McpHost::end() {
  const std::string task = state_.with([](State& state) {
    state.has_ended = true;
    return std::exchange(state.task, {});
  });
  if (!task.empty()) kernel_.close_session(task);
}

bool McpHost::has_begun() const {
  return has_begun_;
}

JsonObject McpHost::info() const {
  return {{"name", "lilux"}, {"title", "Lilux"}, {"version", LILUX_VERSION}};
}

std::string McpHost::instructions() const {
  const std::string reach = options_.offer->has_entry() ? "Everything here is reached by four calls: search finds "
                                                          "items, load shows one, execute runs it, help explains. "
                                                        : "";
  const std::string undo = options_.offer->has_entry() ? "by executing undo.apply" : "with undo_apply";
  return reach +
         "Each call is judged by the policy of the person who owns this machine. It may be denied, with the rule that "
         "did it, or wait for that person: then its error says `lilux approve <call>`, and the same call made again "
         "afterwards gives the result. What changed files can be taken back " +
         undo + ".";
}

JsonArray McpHost::list(mcp::List what) const {
  switch (what) {
    case mcp::List::tools: return options_.offer->tools();
    case mcp::List::prompts: return options_.offer->prompts();
    case mcp::List::resources: return options_.offer->resources();
    case mcp::List::templates: return options_.offer->templates();
  }
  std::unreachable();
}

std::expected<std::vector<std::string>, mcp::RpcError> McpHost::complete(const Json& params) const {
  const Json& of = *params.find("ref");
  const std::string field = params.find("argument")->string_or("name");
  const std::string begun = params.find("argument")->string_or("value");
  const Offer& offer = *options_.offer;
  const bool is_prompt = of.string_or("type") == "ref/prompt";
  const bool is_known =
      is_prompt ? offer.prompt(of.string_or("name")) != nullptr : offer.template_of(of.string_or("uri")) != nullptr;
  if (!is_known)
    return std::unexpected(mcp::RpcError{
        .code = mcp::RpcCode::invalid_params, .message = "there is no such prompt or template", .data = of});
  const std::string own = state_.with([](const State& state) { return state.task; });
  std::vector<std::string> values;
  if (own.empty()) return values;  // nothing is its own yet, and what others do is for the policy to tell
  kernel_.state().with([&](const kernel::State& state) {
    for (const auto& [id, task] : state.tasks) {
      if (field == "task" && id.starts_with(begun) && kernel::descends(state, id, own)) values.push_back(id);
    }
  });
  if (field == "call") {
    const auto index = kernel_.index();
    const auto rows = index ? index->get().query({.task = own, .limit = kCallsOffered})
                            : Result<std::vector<kernel::CallRow>>(std::unexpected(index.error()));
    for (const kernel::CallRow& row : rows.value_or(std::vector<kernel::CallRow>())) {
      if (row.call.starts_with(begun)) values.push_back(row.call);
    }
  }
  return values;
}

// The policy is compiled and the session begun before the client's first call. Only for a client that is known: others
// make no tasks by shaking hands.
void McpHost::expect(const mcp::Client& client) {
  if (!options_.has_person) return;
  const auto prepare = [self = shared_from_this(), client] {
    std::ignore = self->kernel_.rules(self->options_.caller.project);  // the first call says what is wrong, as the next
    std::ignore = self->task_of(client);
  };
  std::ignore = kernel_.scheduler().push(kPriority, prepare);  // too much to do: then later
}

void McpHost::serve(Call call) {
  std::make_shared<Run>(shared_from_this(), std::move(call))->make_call();
}

bool McpHost::is_long(const Json& params) const {
  const std::string name = params.string_or("name");
  const kernel::Tool* tool = options_.offer->tool(name);
  const Json* arguments = params.find("arguments");
  if (options_.offer->has_entry() && name == "execute" && arguments) {
    const Result<EntryCall> entered = enter(*options_.offer, name, *arguments);
    tool = entered ? entered->tool : nullptr;
  }
  return tool && tool->traits.is_long;
}

std::shared_ptr<void> McpHost::watch(mcp::Watched what, std::function<void(const mcp::Change&)> told) {
  return options_.changes->watch(what, std::move(told));
}

Result<std::string> McpHost::task_of(const mcp::Client& client) {
  return state_.with([&](State& state) -> Result<std::string> {
    if (state.has_ended) return fail(ErrorCode::cancelled, "the session is over", "begin another one");
    if (!state.task.empty()) return state.task;
    kernel::Task session = options_.session;
    if (!client.name.empty()) session.title = base::escape_line(base::clipped(client.name, kTitleMax));
    return state.task = TRY(kernel_.open_session(std::move(session)));
  });
}

// Another folder than the session's own is a client's word: it is worked in when a person has trusted it.
Result<kernel::CallRequest> McpHost::request_for(const kernel::Tool& tool, Json arguments, const mcp::Client& client,
                                                 const std::string& folder) {
  kernel::CallRequest request{.tool = std::string(tool.name),
                              .arguments = std::move(arguments),
                              .task = TRY(task_of(client)),
                              .caller = options_.caller};
  request.keeps_output_from = kInlineMax;
  has_begun_ = true;
  if (folder.empty()) return request;
  const std::string place = TRY(sys::resolve(folder, "/", sys::Final::follow));
  if (place == request.caller.cwd) return request;
  request.caller.cwd = place;
  if (request.caller.principal == policy::Principal::agent) return request;  // its project is its task's
  const std::string project = kernel::project_of(place, kernel_.folders().home);
  if (project != request.caller.project)
    request.caller.project = kernel::is_trusted(kernel_.folders(), project) ? project : std::string();
  return request;
}

}  // namespace lilux::surface
