#include "tools/item_run_drive.h"

#include "kernel/approvals.h"
#include "kernel/kernel.h"
#include "text/shell.h"
#include "tools/directive_progress.h"
#include "tools/directive_rights.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

std::string drive_key(const CallContext& call) {
  return "drive/" + call.call();
}

// What its <limits> say of tokens and money; the drive itself counts turns and spawns.
Json budget_of(const item::Directive& directive) {
  JsonObject made;
  if (!directive.limits) return made;
  if (directive.limits->tokens) made.set("tokens", *directive.limits->tokens);
  const bool is_usd = directive.limits->currency.empty() || directive.limits->currency == "USD";
  if (directive.limits->spend && is_usd) made.set("usd", *directive.limits->spend);
  return made;
}

// The call of that task, or of one below it, that a person has not answered yet.
std::optional<std::string> asking_call(const CallContext& call, const std::string& task) {
  return call.kernel().state().with([&](const kernel::State& state) -> std::optional<std::string> {
    for (const auto& [id, question] : state.approvals) {
      const bool is_waiting = question.state == kernel::ApprovalState::pending;
      if (is_waiting && kernel::descends(state, question.task, task)) return id;
    }
    return std::nullopt;
  });
}

// A step of another run waits until this one has ended: its answer is what the run goes on with.
bool is_step(const CallContext& call) {
  return call.kernel().state().with([&](const kernel::State& state) {
    const auto found = state.tasks.find(call.task());
    return found != state.tasks.end() && found->second.tool == "item.drive";
  });
}

}  // namespace

std::string title_of(const std::string& directive) {
  return "directive " + directive;
}

Result<std::optional<std::string>> begun_task(const CallContext& call) {
  const std::string key = kernel::key_of(call.task(), drive_key(call));
  const auto begun = call.kernel().state().with([&](const kernel::State& state) -> std::optional<std::string> {
    const auto found = state.remembered.find(key);
    return found == state.remembered.end() ? std::nullopt : std::optional(found->second.call);
  });
  if (!begun) return std::optional<std::string>();
  return std::optional(TRY(TRY(kernel::recorded_outcome(call.kernel(), *begun)).output).string_or("task"));
}

Result<std::string> driving_task(CallContext& call, const Ready& ready, std::optional<std::string>& warning) {
  const auto& directive = std::get<item::Directive>(ready.read.item.detail);
  const std::string& root = call.caller().project.empty() ? call.caller().cwd : call.caller().project;
  std::vector<std::string> left_out;
  const std::vector<std::string> rights = TRY(rights_of(call, directive.permissions, root, left_out));
  warn_of(left_out, warning);
  JsonObject arguments{{"name", directive.name}, {"content", ready.read.content.bytes}, {"inputs", ready.inputs}};
  kernel::CallRequest request{.tool = "task.spawn", .task = call.task(), .caller = call.caller()};
  request.caller.cwd = root;  // as its rights are: relative to the project
  request.arguments = JsonObject{{"tool", "item.drive"},
                                 {"arguments", std::move(arguments)},
                                 {"title", title_of(directive.name)},
                                 {"capabilities", JsonArray(rights.begin(), rights.end())}};
  if (const Json budget = budget_of(directive); !budget.as_object().empty())
    request.arguments.as_object().set("budget", budget);
  request.reason = call.request().reason;
  request.cause = call.call();
  request.idempotency_key = drive_key(call);
  return TRY(call.kernel().call(std::move(request)).output).string_or("task");
}

Result<RunResponse> driven(CallContext& call, const std::string& id, RunResponse response) {
  response.task = id;
  const kernel::Task task = TRY(call.kernel().state().with(
      [&](const kernel::State& state) -> Result<kernel::Task> { return *TRY(kernel::find_task(state, id)); }));
  const DirectiveProgress progress = TRY(progress_of(call, id));
  const bool is_told = !is_finished(task.state) && !is_step(call);
  if (is_told && progress.waiting_step) {
    response.status = "waiting";
    response.process = {{.name = *progress.waiting_step, .action = *progress.waiting_action, .state = "waiting"}};
    response.instructions = "Do this step, then say what came of it, as an object: `lilux call item.answer --task " +
                            id + " --step " + text::quote(*progress.waiting_step) +
                            " --output '{\"<name>\": \"<value>\"}'`";
    return response;
  }
  response.asks = is_told ? asking_call(call, id) : std::nullopt;
  if (response.asks) {
    response.status = "waiting";
    response.succeeded = false;
    response.instructions = "A person decides: `lilux approve " + *response.asks +
                            "`; then it goes on by itself, and `lilux call task.wait --task " + id + "` waits for it";
    return response;
  }
  if (!is_finished(task.state) && call.is_past_deadline()) {
    response.status = "running";
    response.instructions = "It goes on; `lilux call task.wait --task " + id + "` waits for it";
    return response;
  }
  if (!is_finished(task.state)) return call.park("task:" + id);
  if (task.call.empty()) return fail(ErrorCode::cancelled, "task " + id + " was ended: " + task.note, "run it again");
  const Json output = TRY(TRY(kernel::recorded_outcome(call.kernel(), task.call)).output);
  response.process = TRY(base::decode<DriveResponse>(output)).process;
  if (const Json* outputs = output.find("outputs")) response.outputs = *outputs;
  const Json started = TRY(base::parse_json(task.arguments));
  const item::Item driven_item =
      item::parse({.kind = Kind::directive, .name = started.string_or("name")}, started.string_or("content"));
  const auto& directive = std::get<item::Directive>(driven_item.detail);
  if (!directive.success.empty()) response.instructions = directive.success;
  return response;
}

}  // namespace lilux::tools::item_tools
