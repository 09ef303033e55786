// One request of a client through the kernel, and what the client is given for how it ended.

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/field.h"
#include "kernel/kernel.h"
#include "kernel/peer.h"
#include "kernel/scheduler.h"
#include "surface/mcp_approval.h"
#include "surface/mcp_entry.h"
#include "surface/mcp_hint.h"
#include "surface/mcp_host.h"
#include "surface/print.h"
#include "tools/item_run.h"

namespace lilux::surface {

using base::ErrorCode;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using kernel::Outcome;

namespace {

constexpr std::size_t kBeginningMax = std::size_t{16} << 10;
constexpr std::int64_t kPriority = 5;
// Of items that can be called, besides the kernel's tools.
constexpr std::array<std::string_view, 2> kCallableKinds{"tool", "script"};
constexpr std::string_view kAsksPeer = "peer:asked";  // rule of the error that ends a call until its peer has answered

Json text_block(std::string text) {
  return JsonObject{{"type", "text"}, {"text", std::move(text)}};
}

std::string spaced(const Json& value) {
  return base::to_text(value, base::JsonStyle::spaced);
}

// Said to a model: what a person has to do is not for it to do.
std::string hint_of(const base::Error& error, const Offer& offer) {
  if (error.code != ErrorCode::approval_required) return as_calls(error.hint, offer);
  return "ask your user to run `" + error.hint +
         "` in a terminal, and then make this very call again; do not run it yourself";
}

// The error of a call, with its message in "message", or in "error" as the four calls have it.
Json error_json(const base::Error& error, const std::string& call, const Offer& offer, bool is_entry = false) {
  JsonObject made;
  if (is_entry) made.set("error", error.message);
  made.set("code", base::code_name(error.code));
  if (!is_entry) made.set("message", error.message);
  if (const std::string hint = hint_of(error, offer); !hint.empty()) made.set("hint", hint);
  if (!error.rule.empty()) made.set("rule", error.rule);
  if (!call.empty()) made.set("call", call);
  return made;
}

Json error_result(const Json& told) {
  return JsonObject{{"content", JsonArray{text_block(spaced(told))}}, {"isError", true}};
}

// What of a run was not given, as Kiwi tells it.
Json missing_inputs(const base::Error& error, const Json& run, const Json& item) {
  const std::string kind = run.string_or("kind");
  const Json* given = run.find("inputs");
  JsonArray missing;
  for (const Json& input : list_of(item, "inputs")) {
    const bool is_given = given && given->find(input.string_or("name"));
    if (input.bool_or("required") && !is_given && !input.find("default")) missing.push_back(*input.find("name"));
  }
  return JsonObject{{"error", "Required " + kind + " inputs are missing"},
                    {"message", error.message},
                    {"code", base::code_name(error.code)},
                    {"missing_inputs", std::move(missing)},
                    {"all_inputs", list_of(item, "inputs")},
                    {"provided_inputs", given ? *given : Json(JsonObject{})},
                    {"solution", "execute run again with these in 'parameters'"}};
}

// That a call gave its answer and did not do what it was asked to: a script failed, a merge met conflicts.
bool has_failed(const Json& output) {
  return !output.bool_or("succeeded", true) || !output.bool_or("merged", true);
}

// What is said to whoever reads the answer.
void tell_calls(Json& output, const Offer& offer) {
  for (const std::string_view field : {"instructions", "warning", "message"})
    if (const Json* said = output.find(field); said && said->is_string())
      output.as_object().set(field, as_calls(said->as_string(), offer));
}

// Blocks of content, as tools make that give more than text.
bool is_blocks(const Json* content) {
  return content && content->is_array() && std::ranges::all_of(content->as_array(), [](const Json& block) {
           return block.is_object() && !block.string_or("type").empty();
         });
}

mcp::RpcError rpc_error(const Outcome& outcome, const Offer& offer) {
  const base::Error& error = outcome.output.error();
  return {
      .code = mcp::RpcCode::invalid_params, .message = error.message, .data = error_json(error, outcome.call, offer)};
}

std::string mime_of(const Resource& resource, const std::string& bytes) {
  if (!resource.mime_type.empty()) return std::string(resource.mime_type);
  return base::is_utf8(bytes) ? "text/plain" : "application/octet-stream";
}

}  // namespace

Json call_result(Outcome outcome, const Offer& offer) {
  if (!outcome.ok()) return error_result(error_json(outcome.output.error(), outcome.call, offer));
  if (is_blocks(outcome.output->find("content"))) return *std::move(outcome.output);
  const bool is_error = has_failed(*outcome.output);
  if (is_error) tell_calls(*outcome.output, offer);
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
      {"content", std::move(content)}, {"isError", is_error}, {"structuredContent", *std::move(outcome.output)}};
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
    if (!entered) return end(error_result(error_json(entered.error(), {}, offer, true)));
    if (entered->unless) return find_kind(*std::move(entered), kCallableKinds);
    make_entered(*std::move(entered));
  }

  void make_entered(EntryCall entered) {
    if (!entered.tool) return end(entry_result(std::move(entered.answer)));
    own_tools_ = std::move(entered.answer);
    is_item_ = entered.is_item;
    if (entered.tool->name == "item.run") run_ = entered.arguments;
    folder_ = std::move(entered.folder);
    reason_ = std::move(entered.reason);
    status_ = std::move(entered.status);
    submit(entered.tool, std::move(entered.arguments), "tool", folder_);
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
  // Asks for each kind whether there is such an item, and makes the call of the one that there is.
  using Kinds = std::span<const std::string_view>;

  void find_kind(EntryCall open, Kinds kinds) {
    if (kinds.empty()) return choose(std::move(open));
    const std::string folder = open.folder;
    on_found_ = [this, open = std::move(open), kinds](const Outcome& outcome) mutable {
      if (outcome.ok()) fitting_.emplace_back(kinds.front());
      find_kind(std::move(open), kinds.subspan(1));
    };
    submit(kernel_.find_tool("item.which"),
           JsonObject{{"kind", kinds.front()}, {"name", arguments().string_or("item_id")}}, "tool", folder);
  }

  void choose(EntryCall open) {
    const Offer& offer = *host_->options_.offer;
    const std::string id = arguments().string_or("item_id");
    if (fitting_.empty() && !open.tool) return end(error_result(error_json(*open.unless, {}, offer, true)));
    if (fitting_.size() + (open.tool ? 1 : 0) > 1) {
      std::string names = open.tool ? std::string(open.tool->name) : std::string();
      for (const std::string& kind : fitting_)
        names += (names.empty() ? "" : ", ") + std::string(kind == "tool" ? "component:" : "script:") + id;
      const base::Error several{.code = ErrorCode::invalid_argument,
                                .message = "'" + id + "' fits several: " + names,
                                .hint = "use one of these names",
                                .rule = {}};
      return end(error_result(error_json(several, {}, offer, true)));
    }
    Json asked = arguments();
    if (fitting_.empty()) asked.as_object().set("item_id", open.tool->name);
    Result<EntryCall> entered =
        fitting_.empty() ? enter(offer, name(), asked) : enter_item(offer, name(), fitting_.front(), asked);
    if (!entered) return end(error_result(error_json(entered.error(), {}, offer, true)));
    make_entered(*std::move(entered));
  }

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
    request->reason = reason_;
    const bool is_brief = tool.traits.effect == kernel::Effect::none && !tool.traits.is_urgent && !tool.traits.is_long;
    const bool is_here = is_brief && host_->options_.may_run_here && host_->options_.may_run_here();
    const auto done = [self = shared_from_this()](Outcome outcome) { self->finish(std::move(outcome)); };
    const base::Result<void> queued =
        is_here ? kernel_.start(std::move(*request), done) : kernel_.submit(std::move(*request), kPriority, done);
    if (!queued) finish({.call = {}, .output = std::unexpected(queued.error())});
  }

  // What the item is given is looked up for who left out some of it.
  bool explains_missing(const Outcome& outcome) {
    const bool is_missing =
        run_ && !outcome.ok() && outcome.output.error().message.starts_with(tools::item_tools::kMissingInputs);
    if (!is_missing) return false;
    missing_ = outcome.output.error();
    JsonObject asked{{"kind", run_->string_or("kind")}, {"name", run_->string_or("name")}};
    if (const Json* source = run_->find("source")) asked.set("source", *source);
    submit(kernel_.find_tool("item.load"), std::move(asked), "tool", folder_);
    return true;
  }

  void finish(Outcome outcome) {
    if (const auto found = std::exchange(on_found_, {})) return found(outcome);
    if (missing_ && outcome.ok()) return end(error_result(missing_inputs(*missing_, *run_, *outcome.output)));
    if (!missing_ && explains_missing(outcome)) return;
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
      return end(is_entry_ ? entry_outcome(std::move(outcome))
                           : call_result(std::move(outcome), *host_->options_.offer));
    if (!outcome.ok() && outcome.output.error().code == ErrorCode::not_found && reading_)
      return end(not_found(outcome.output.error().message));
    if (!outcome.ok()) return end(rpc_error(outcome, *host_->options_.offer));
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

  // Undo and the record know it by that.
  static void add_call(Json& output, const std::string& call) {
    const Json* found = output.find("metadata");
    JsonObject metadata = found && found->is_object() ? found->as_object() : JsonObject();
    metadata.set("call", call);
    output.as_object().set("metadata", std::move(metadata));
  }

  Json entry_result(Json answer) {
    JsonObject made{{"content", JsonArray{text_block(spaced(answer))}}, {"isError", false}};
    made.set("structuredContent", std::move(answer));
    return made;
  }

  Json entry_outcome(Outcome outcome) {
    const Offer& offer = *host_->options_.offer;
    if (!outcome.ok()) return error_result(error_json(outcome.output.error(), outcome.call, offer, true));
    if (!is_item_ && is_blocks(outcome.output->find("content"))) return *std::move(outcome.output);
    if (is_item_ && !own_tools_.is_null()) return entry_result(merged(own_tools_, *outcome.output, offer));
    if (is_item_) {
      if (!status_.empty() && !outcome.output->find("status")) outcome.output->as_object().set("status", status_);
      tell_calls(*outcome.output, offer);
      if (name() == "execute") add_call(*outcome.output, outcome.call);
      return call_result(std::move(outcome), offer);
    }
    const bool is_error = has_failed(*outcome.output);
    if (is_error) tell_calls(*outcome.output, offer);
    JsonObject answer{{"status", is_error ? "error" : "success"}};
    if (const std::string why = outcome.output->string_or("message"); is_error && !why.empty())
      answer.set("error", why);
    answer.set("data", *std::move(outcome.output));
    answer.set("metadata", JsonObject{{"call", outcome.call}});
    Json result = call_result({.call = outcome.call, .output = Json(std::move(answer))}, offer);
    result.as_object().set("isError", is_error);
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
  std::string folder_;
  std::string reason_;
  Json own_tools_;                                // that a search for tools found among the kernel's
  std::function<void(const Outcome&)> on_found_;  // whether there is an item of a kind
  std::vector<std::string> fitting_;              // kinds of which there is one
  std::optional<Json> run_;                       // what item.run was given
  std::optional<base::Error> missing_;            // the error that its inputs are not all there
  bool has_passed_on_ = false;
  std::optional<Offer::Reading> reading_;
  base::Guarded<std::vector<mcp::Question>> asked_;
};

void McpHost::serve(Call call) {
  std::make_shared<Run>(shared_from_this(), std::move(call))->make_call();
}

}  // namespace lilux::surface
