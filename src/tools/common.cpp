#include "tools/common.h"

#include <algorithm>

#include "base/time.h"
#include "kernel/kernel.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::Assessment;
using policy::Verb;

namespace {

constexpr std::size_t kIdEndMin = 4;

}  // namespace

Result<Assessment> reads_kernel(std::string_view what) {
  Assessment made{.risk = policy::Risk::none};
  made.needs.push_back({.verb = Verb::read, .resource = "kernel", .target = std::string(what)});
  return made;
}

Result<Assessment> administers(std::string_view what, policy::Risk risk) {
  Assessment made{.risk = risk};
  made.needs.push_back({.verb = Verb::admin, .resource = "kernel", .target = std::string(what)});
  return made;
}

Result<bool> holds(const kernel::CallContext& call, const policy::Need& need) {
  const std::vector<kernel::Grant> grants =
      TRY(call.kernel().state().with([&](const kernel::State& state) -> Result<std::vector<kernel::Grant>> {
        return TRY(kernel::find_task(state, call.task()))->grants;
      }));
  for (const kernel::Grant& grant : grants) {
    const policy::Capability held =
        TRY(policy::parse_capability(grant.capability, call.caller().cwd, call.kernel().folders().home));
    if (policy::covers(held, need, base::now_us())) return true;
  }
  return false;
}

bool is_own_task(const kernel::CallContext& call, const std::string& task) {
  if (call.caller().principal == policy::Principal::terminal) return true;
  return call.kernel().state().with(
      [&](const kernel::State& state) { return task == call.task() || kernel::descends(state, task, call.task()); });
}

bool may_hear(kernel::Kernel& kernel, policy::Principal who, std::string_view own, const kernel::Event& event) {
  if (who != policy::Principal::agent && who != policy::Principal::mcp) return true;
  if (event.task.empty()) return event.name.starts_with("kernel.");
  return kernel.state().with([&](const kernel::State& state) { return kernel::descends(state, event.task, own); });
}

std::string without_words(const std::string& need) {
  const Result<policy::Need> parsed = policy::parse_need(need);
  if (!parsed || parsed->verb != Verb::execute) return need;
  return policy::to_string(
      policy::Need{parsed->verb, parsed->resource, parsed->target.substr(0, parsed->target.find(' '))});
}

void hide_contents(base::Json& record) {
  for (const std::string_view name : {"arguments", "arguments_object", "output", "output_object", "inverse", "before",
                                      "after", "changes", "reason", "text"})
    record.as_object().erase(name);
  if (const base::Json* needs = record.find("needs"); needs && needs->is_array()) {
    base::JsonArray shown;
    for (const base::Json& need : needs->as_array())
      shown.emplace_back(without_words(need.is_string() ? need.as_string() : ""));
    record.as_object().set("needs", std::move(shown));
  }
  if (const base::Json* error = record.find("error"); error && error->is_object()) {
    base::JsonObject code{{"code", error->string_or("code")}};
    record.as_object().set("error", std::move(code));
  }
}

void hide_from_others(const kernel::CallContext& call, base::Json& record) {
  if (!is_own_task(call, record.string_or("task"))) hide_contents(record);
}

Result<kernel::Task> known_task(const kernel::CallContext& call, const std::string& name) {
  const bool is_person = call.caller().principal == policy::Principal::terminal;
  return call.kernel().state().with([&](kernel::State& state) -> Result<kernel::Task> {
    Result<const kernel::Task*> found = kernel::find_task(state, name);
    if (found) return **found;
    std::vector<const kernel::Task*> fitting;
    for (const auto& [id, task] : state.tasks) {
      if (!is_person && id != call.task() && !kernel::descends(state, id, call.task())) continue;
      if (task.title == name || (name.size() >= kIdEndMin && id.ends_with(name))) fitting.push_back(&task);
    }
    const auto is_over = [](const kernel::Task* task) { return is_finished(task->state); };
    if (!std::ranges::all_of(fitting, is_over)) std::erase_if(fitting, is_over);
    if (fitting.empty()) return std::unexpected(found.error());
    if (fitting.size() == 1) return *fitting.front();
    return fail(ErrorCode::invalid_argument, "several tasks are called '" + name + "'",
                "name one by its id, such as " + fitting.front()->id + ": `lilux ps` lists them");
  });
}

Result<void> check_no_secrets(const kernel::CallContext& call, const kernel::Tool& tool, const base::Json& arguments) {
  bool has_secrets = false;
  TRY(tool.redact(arguments, [&](std::string_view) {
    has_secrets = true;
    return std::string();
  }));
  for (const auto& [name, inner] : {std::pair("tool", "arguments"), std::pair("run_tool", "run_arguments")}) {
    const base::Json* later = arguments.find(inner);
    const kernel::Tool* other = later ? call.kernel().find_tool(arguments.string_or(name)) : nullptr;
    if (other) TRY(check_no_secrets(call, *other, *later));
  }
  if (!has_secrets) return {};
  return base::fail(base::ErrorCode::invalid_argument,
                    "the arguments of '" + std::string(tool.name) +
                        "' hold a secret, which a call that is kept for later would record",
                    "call it now, or let what runs read the secret from a file of its own");
}

}  // namespace lilux::tools
