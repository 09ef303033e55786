#include "kernel/budget.h"

#include <array>
#include <charconv>

#include "kernel/children.h"
#include "kernel/kernel.h"
#include "text/shell.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kIdleCountsMax = 64;

std::string amount(double value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

Result<void> over(const Task& task, std::string_view limit, const std::string& value) {
  return fail(
      ErrorCode::over_budget, "task " + task.id + " has used up its budget of " + value + " " + std::string(limit),
      "a person can raise it: lilux call budget.set --task " + task.id + " --" + std::string(limit) + " <more>");
}

Result<void> check_one(const Task& task, const Usage& usage, std::int64_t in_flight) {
  const Budget& budget = task.budget;
  if (budget.calls && usage.calls + in_flight >= *budget.calls)
    return over(task, "calls", std::to_string(*budget.calls));
  if (budget.wall_ms && usage.wall_us / 1000 >= *budget.wall_ms)
    return over(task, "wall_ms", std::to_string(*budget.wall_ms));
  if (budget.usd && usage.usd >= *budget.usd) return over(task, "usd", amount(*budget.usd));
  if (budget.tokens && usage.tokens >= *budget.tokens) return over(task, "tokens", std::to_string(*budget.tokens));
  return {};
}

// Who narrowed it can give it more.
std::string way_to_grant(const Task& task) {
  const bool is_client = task.principal == policy::Principal::mcp && task.tool.empty();
  return is_client ? "a person gives a client more where it is started: lilux mcp serve --grant "
                   : "a person can start a task that holds it: lilux call task.spawn --capabilities ";
}

}  // namespace

Result<void> covering_grant(const Task& task, const policy::Need& need, std::int64_t now_us, const std::string& home,
                            std::optional<std::size_t>& used) {
  if (task.grants.size() == 1 && task.grants[0] == Grant{.capability = std::string(kEverything)}) return {};
  std::string spent;
  for (std::size_t number = 0; number < task.grants.size(); ++number) {
    const Grant& grant = task.grants[number];
    Result<policy::Capability> capability = policy::parse_capability(grant.capability, task.cwd, home);
    if (!capability) continue;  // it was checked when it was granted; what no longer parses grants nothing
    capability->expires_us = grant.expires_us;
    const bool is_spent = grant.calls && grant.used >= *grant.calls;
    if (!policy::covers(*capability, need, is_spent ? 0 : now_us)) continue;
    if (is_spent) {
      spent = grant.capability;
      continue;
    }
    if (grant.calls) used = number;
    return {};
  }
  base::Error error{.code = ErrorCode::denied, .message = {}, .hint = {}, .rule = "capability:" + task.id};
  error.message = spent.empty() ? "task " + task.id + " does not hold '" + policy::to_string(need) + "'"
                                : "task " + task.id + " has used up its quota of '" + spent + "'";
  error.hint = way_to_grant(task) + text::quote(policy::to_string(need)) + " ...";
  return std::unexpected(std::move(error));
}

std::int64_t children_alive(Kernel& kernel, const std::string& task) {
  std::vector<std::string> below{task};
  const std::int64_t tasks = kernel.state().with([&](State& state) {
    std::int64_t alive = 0;
    for (const auto& [id, row] : state.tasks) {
      if (id == task || is_finished(row.state) || row.parent.empty() || !descends(state, id, task)) continue;
      below.push_back(id);
      alive += is_idle_session(row) ? 0 : 1;
    }
    return alive;
  });
  std::int64_t processes = 0;
  for (const std::string& id : below) processes += static_cast<std::int64_t>(kernel.children().count(id));
  return tasks + processes;
}

namespace {

std::unexpected<base::Error> quota_used_up(const std::string& task, const std::string& capability) {
  return std::unexpected(base::Error{.code = ErrorCode::denied,
                                     .message = "task " + task + " has used up its quota of '" + capability + "'",
                                     .hint = "a person can start a task with a larger one: lilux call task.spawn",
                                     .rule = "capability:" + task});
}

// `quota` is task#number of the grant. Calls that run count as well as those that were made.
Result<void> check_quota(const State& state, const std::string& quota) {
  const std::size_t hash = quota.rfind('#');
  const std::string id = quota.substr(0, hash);
  std::size_t number = 0;
  std::from_chars(quota.data() + hash + 1, quota.data() + quota.size(), number);
  const auto task = state.tasks.find(id);
  if (task == state.tasks.end() || number >= task->second.grants.size()) return {};
  const Grant& grant = task->second.grants[number];
  const auto running = state.in_flight.find(quota);
  const std::int64_t used = grant.used + (running == state.in_flight.end() ? 0 : running->second);
  return grant.calls && used >= *grant.calls ? Result<void>(quota_used_up(id, grant.capability)) : Result<void>();
}

// One that is none stays while there are few: the next call of that task finds it.
void leave(State& state, std::string_view what) {
  if (const auto found = state.in_flight.find(what);
      found != state.in_flight.end() && --found->second <= 0 && state.in_flight.size() > kIdleCountsMax)
    state.in_flight.erase(found);
}

}  // namespace

Result<void> reserve_call(State& state, std::string_view task_id, const std::set<std::string>& quotas) {
  const Lineage line = lineage(state, task_id);
  for (const Task* task : line) {
    const auto usage = state.usage.find(task->id);
    const auto in_flight = state.in_flight.find(task->id);
    TRY(check_one(*task, usage == state.usage.end() ? Usage{} : usage->second,
                  in_flight == state.in_flight.end() ? 0 : in_flight->second));
  }
  for (const std::string& quota : quotas) TRY(check_quota(state, quota));
  for (const Task* task : line) state.in_flight[task->id] += 1;
  for (const std::string& quota : quotas) state.in_flight[quota] += 1;
  return {};
}

void release_call(State& state, std::string_view task_id, const std::set<std::string>& quotas) {
  for (const Task* task : lineage(state, task_id)) leave(state, task->id);
  for (const std::string& quota : quotas) leave(state, quota);
}

Result<void> check_children(Kernel& kernel, const std::string& task_id) {
  std::vector<Task> line;
  kernel.state().with([&](State& state) {
    for (const Task* task : lineage(state, task_id)) {
      if (task->budget.children) line.push_back(*task);
    }
  });
  for (const Task& task : line) {
    if (children_alive(kernel, task.id) >= *task.budget.children)
      return over(task, "children", std::to_string(*task.budget.children));
  }
  return {};
}

}  // namespace lilux::kernel
