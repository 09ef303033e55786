// budget.*: what a task and everything below it may use, and has used.

#include "tools/budget.h"

#include "kernel/kernel.h"
#include "tools/common.h"

namespace lilux::tools::budget {

using base::ErrorCode;
using base::fail;
using policy::Risk;

namespace {

Result<void> lift(kernel::Budget& budget, const std::string& name) {
  if (name == "calls")
    budget.calls.reset();
  else if (name == "wall_ms")
    budget.wall_ms.reset();
  else if (name == "usd")
    budget.usd.reset();
  else if (name == "tokens")
    budget.tokens.reset();
  else if (name == "memory_bytes")
    budget.memory_bytes.reset();
  else if (name == "children")
    budget.children.reset();
  else
    return fail(ErrorCode::invalid_argument, "field 'unlimited': '" + name + "' is no limit",
                "one of calls, wall_ms, usd, tokens, memory_bytes, children");
  return {};
}

template <class T>
void take(std::optional<T>& into, const std::optional<T>& from) {
  if (from) into = from;
}

Result<kernel::Budget> changed(kernel::Budget budget, const SetRequest& request) {
  take(budget.calls, request.calls);
  take(budget.wall_ms, request.wall_ms);
  take(budget.usd, request.usd);
  take(budget.tokens, request.tokens);
  take(budget.memory_bytes, request.memory_bytes);
  take(budget.children, request.children);
  for (const std::string& name : request.unlimited.value_or(std::vector<std::string>{})) TRY(lift(budget, name));
  return budget;
}

// The call that puts the limits back as they are now.
base::JsonObject restoring(const kernel::Task& task) {
  base::Json arguments = base::encode(task.budget);
  base::JsonArray unlimited;
  for (const std::string_view name : {"calls", "wall_ms", "usd", "tokens", "memory_bytes", "children"}) {
    if (!arguments.find(name)) unlimited.emplace_back(name);
  }
  arguments.as_object().set("task", task.id);
  arguments.as_object().set("unlimited", std::move(unlimited));
  return {{"tool", "budget.set"}, {"arguments", std::move(arguments)}};
}

}  // namespace

Result<Assessment> assess_get(const CallContext& call, const GetRequest& request) {
  if (request.task) TRY(known_task(call, *request.task));
  return reads_kernel("budget");
}

Result<GetResponse> get(CallContext& call, const GetRequest& request) {
  const std::string id = request.task ? TRY(known_task(call, *request.task)).id : call.task();
  GetResponse response;
  call.kernel().state().with([&](kernel::State& state) {
    for (const kernel::Task* task : kernel::lineage(state, id)) {
      const auto usage = state.usage.find(task->id);
      response.line.push_back({.task = task->id,
                               .budget = task->budget,
                               .usage = usage == state.usage.end() ? kernel::Usage{} : usage->second});
    }
  });
  return response;
}

Result<Assessment> assess_set(const CallContext& call, const SetRequest& request) {
  const kernel::Task task = TRY(known_task(call, request.task));
  TRY(changed(task.budget, request));
  Assessment made = TRY(administers("budget", Risk::low));
  made.inverse = restoring(task);
  return made;
}

Result<SetResponse> set(CallContext& call, const SetRequest& request) {
  const kernel::Task task = TRY(known_task(call, request.task));
  const kernel::Budget budget = TRY(changed(task.budget, request));
  call.change(kernel::patch_task(task.id, {{"budget", base::encode(budget)}}));
  return SetResponse{.budget = budget};
}

Result<Assessment> assess_charge(const CallContext&, const ChargeRequest& request) {
  if (!request.usd && !request.tokens)
    return fail(ErrorCode::invalid_argument, "neither usd nor tokens is given", "for example --usd 0.02 --tokens 1500");
  Assessment made{.risk = Risk::none};
  made.needs.push_back({.verb = policy::Verb::write, .resource = "kernel", .target = "charge"});
  return made;
}

Result<ChargeResponse> charge(CallContext& call, const ChargeRequest& request) {
  call.spend(request.tokens.value_or(0), request.usd.value_or(0));
  return ChargeResponse{.charged = true};
}

}  // namespace lilux::tools::budget
