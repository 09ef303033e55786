#include "surface/mcp_host.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/escape.h"
#include "kernel/index.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "kernel/trust.h"
#include "surface/mcp_entry.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "text/shell.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kTitleMax = 60;
constexpr std::string_view kByToken = " (by token)";
constexpr std::int64_t kPriority = 5;
constexpr std::int64_t kCallsOffered = 200;

Result<std::string> place_of(const std::string& folder) {
  if (!folder.starts_with('/'))
    return fail(ErrorCode::invalid_argument, "project_path " + sys::quoted(folder) + " is no absolute path",
                "give the whole path of a folder, or leave it out");
  const Result<std::string> place = sys::resolve(folder, "/", sys::Final::follow);
  const Result<sys::Stat> there = place ? sys::lstat(*place) : std::unexpected(place.error());
  if (!there || !there->is_directory())
    return fail(ErrorCode::not_found, "project_path " + sys::quoted(folder) + " is no folder",
                "give the path of a folder that is there, or leave it out");
  return place;
}

}  // namespace

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

// What is wrong with the policy is said by the first call, as by the next.
void McpHost::prepare() {
  const auto compile = [self = shared_from_this()] {
    std::ignore = self->kernel_.rules(self->options_.caller.project);
  };
  std::ignore = kernel_.scheduler().push(kPriority, compile);  // too much to do: then later, as below
}

// Only for a client that is known: others make no tasks by shaking hands.
void McpHost::expect(const mcp::Client& client) {
  if (!options_.has_person) return;
  std::ignore =
      kernel_.scheduler().push(kPriority, [self = shared_from_this(), client] { std::ignore = self->task_of(client); });
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
    // Whoever holds the token may call himself anything: he goes on with no session of a client that is known.
    if (!options_.has_person && session.principal == policy::Principal::mcp) session.title += kByToken;
    return state.task = TRY(kernel_.open_session(std::move(session)));
  });
}

// Another folder than those of the session's own project is a client's word: it is worked in when a person has trusted
// it.
Result<kernel::CallRequest> McpHost::request_for(const kernel::Tool& tool, Json arguments, const mcp::Client& client,
                                                 const std::string& folder) {
  kernel::CallRequest request{.tool = std::string(tool.name),
                              .arguments = std::move(arguments),
                              .task = TRY(task_of(client)),
                              .caller = options_.caller};
  request.keeps_output_from = kInlineMax;
  has_begun_ = true;
  if (folder.empty()) return request;
  const std::string place = TRY(place_of(folder));
  if (place == request.caller.cwd) return request;
  const std::string project = kernel::project_of(place, kernel_.folders().home);
  const bool is_own = !project.empty() && project == kernel::project_of(request.caller.cwd, kernel_.folders().home);
  if (!is_own && !kernel::is_trusted(kernel_.folders(), project))
    return fail(ErrorCode::denied,
                "project_path " + sys::quoted(folder) +
                    " is neither in this session's project nor in one that a person "
                    "trusts",
                "leave it out, or ask your user to run `lilux policy trust " + text::quote(place) + "` in a terminal");
  request.caller.cwd = place;
  const bool is_agent = request.caller.principal == policy::Principal::agent;  // its project is its task's
  if (!is_own && !is_agent) request.caller.project = project;
  return request;
}

}  // namespace lilux::surface
