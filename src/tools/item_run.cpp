// item.run: a directive gives its steps back or is driven by a task, a script runs in the sandbox, and everything else
// is there to be read.

#include "tools/item_run.h"

#include "base/encoding.h"
#include "item/interpolate.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/common.h"
#include "tools/item_run_drive.h"
#include "tools/item_run_script.h"
#include "tools/run_learning.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

RunMode mode_of(const CallContext& call, const RunRequest& request) {
  const bool is_person = call.caller().principal == policy::Principal::terminal;
  return request.mode.value_or(is_person ? RunMode::drive : RunMode::give_back);
}

item::Lookup lookup_in(const JsonObject& inputs) {
  return [scope = Json(inputs)](std::string_view name) { return item::value_at(scope, name); };
}

std::string action_of(const item::DirectiveStep& step, const item::Lookup& lookup) {
  if (!step.call) return item::interpolated_text(step.action, lookup);
  return "call " + step.call->tool + " " + item::interpolated_text(base::to_text(step.call->arguments), lookup);
}

// The tools of Claude Code that a component, an agent or a skill names, as ours.
std::string tools_in_words(const item::Item& item) {
  std::string made;
  for (const std::string& name : claude_tools_of(item))
    if (const auto ours = item::lilux_tool(name); ours && *ours != name)
      made += (made.empty() ? " Its " : ", its ") + name + " is " + std::string(*ours);
  return made + (made.empty() ? "" : ".");
}

RunResponse steps_given_back(const Ready& ready) {
  RunResponse response = begun(ready, "ready");
  const auto& directive = std::get<item::Directive>(ready.read.item.detail);
  response.inputs = rows_of(directive.inputs);
  response.process.emplace();
  for (const item::DirectiveStep& step : directive.steps)
    response.process->push_back(
        {.name = step.name, .description = step.description, .action = action_of(step, lookup_in(ready.inputs))});
  response.provided_inputs = ready.inputs;
  response.instructions =
      "Do the steps in their order. A step that says 'call' is one call of that tool; "
      "{{steps.name.field}} is what the step of that name gave.";
  return response;
}

// The text as it is to be read: of a template with what it extends.
Result<std::string> text_of(const CallContext& call, const Volumes& volumes, const Ready& ready) {
  if (ready.found.listed.place->kind != Kind::template_item) return ready.read.content.bytes;
  const item::FindTemplate find = TRY(templates_for(call, volumes));
  const std::string text = TRY(item::composed(ready.found.listed.place->name, ready.read.content.bytes, find));
  return item::interpolated_text(text, lookup_in(ready.inputs));
}

}  // namespace

Result<Assessment> assess_run(const CallContext& call, const RunRequest& request) {
  if (request.resume) {
    const kernel::Task task = TRY(known_task(call, *request.resume));
    const bool is_of_it = request.kind == Kind::directive && task.title == title_of(request.name);
    if (task.tool != "item.drive" || !is_of_it || !is_own_task(call, task.id))
      return fail(ErrorCode::invalid_argument, "task " + sys::quoted(task.id) + " is no run of yours of this directive",
                  "give what 'task' was in the answer of item.run, and the same name");
    return reads_kernel("task");
  }
  const Volumes volumes = TRY(Volumes::of(call));
  const Ready made = TRY(ready(call, volumes, request));
  Assessment assessment{.risk = Risk::low};
  assessment.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path_of(made.found)});
  return assessment;
}

namespace {

Result<RunResponse> carried_out(CallContext& call, const RunRequest& request) {
  if (const std::optional<std::string> task = TRY(begun_task(call)))
    return driven(call, *task, {.status = "done", .name = request.name});
  if (request.resume)
    return driven(call, TRY(known_task(call, *request.resume)).id, {.status = "done", .name = request.name});
  const Volumes volumes = TRY(Volumes::of(call));
  const Ready made = TRY(ready(call, volumes, request));
  if (request.dry_run.value_or(false)) return checked(call, made);
  if (request.kind == Kind::script) return script_run(call, made);
  if (request.kind == Kind::directive && mode_of(call, request) == RunMode::drive) {
    RunResponse begins = begun(made, "done");
    const std::string task = TRY(driving_task(call, made, begins.warning));
    return driven(call, task, std::move(begins));
  }
  if (request.kind == Kind::directive) return steps_given_back(made);
  RunResponse response = begun(made, "ready");
  response.title = made.read.item.title;
  response.content = base::to_valid_utf8(TRY(text_of(call, volumes, made)));
  response.instructions = "Use what it says for what is asked." + tools_in_words(made.read.item);
  if (const std::string missing = missing_tools(made.read.item); !missing.empty()) response.warning = missing;
  return response;
}

}  // namespace

Result<RunResponse> run(CallContext& call, const RunRequest& request) {
  Result<RunResponse> result = carried_out(call, request);
  learn_from(call, request, result);
  return result;
}

}  // namespace lilux::tools::item_tools
