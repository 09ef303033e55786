// Tasks that run by themselves: made, started when their turn comes, ended, killed, paused.

#include <algorithm>

#include "base/time.h"
#include "kernel/budget.h"
#include "kernel/children.h"
#include "kernel/execution.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "sys/self.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kTasksMax = 200'000;

Result<std::vector<policy::Capability>> capabilities_of(const Task& task, const std::string& home) {
  std::vector<policy::Capability> held;
  for (const Grant& grant : task.grants) {
    policy::Capability capability = TRY(policy::parse_capability(grant.capability, task.cwd, home));
    capability.expires_us = grant.expires_us;
    if (grant.calls) capability.calls_left = std::max<std::int64_t>(0, *grant.calls - grant.used);
    held.push_back(std::move(capability));
  }
  return held;
}

Result<void> check_narrower(const Task& child, const Task& parent, const std::string& home) {
  const std::vector<policy::Capability> wide = TRY(capabilities_of(parent, home));
  for (const policy::Capability& capability : TRY(capabilities_of(child, home))) {
    if (policy::is_narrower(capability, wide)) continue;
    base::Error error{.code = ErrorCode::denied,
                      .message = "task " + parent.id + " cannot pass on '" + policy::to_string(capability) +
                                 "': it does not hold that much itself",
                      .hint = "ask for less, or have a person start the task",
                      .rule = "capability:" + parent.id};
    return std::unexpected(std::move(error));
  }
  return {};
}

std::vector<Task> family(State& state, const std::string& top) {
  std::vector<Task> found;
  for (const auto& [id, task] : state.tasks) {
    if (!is_finished(task.state) && descends(state, id, top)) found.push_back(task);
  }
  return found;
}

Result<Task> live_task(State& state, const std::string& id) {
  const auto found = state.tasks.find(id);
  if (found == state.tasks.end())
    return fail(ErrorCode::not_found, "no task '" + id + "'", "`lilux ps` lists the tasks");
  if (found->second.tool.empty() && found->second.parent.empty()) {
    return fail(ErrorCode::invalid_argument, "'" + id + "' is a standing session, not a task that was started",
                "`lilux ps` lists the tasks; `lilux call kernel.emergency_stop` halts everything");
  }
  return found->second;
}

}  // namespace

Result<Task> Kernel::plan_task(Task task) {
  if (task.tool.empty() || !find_tool(task.tool))
    return fail(ErrorCode::not_found, "no tool named '" + task.tool + "'", "`lilux help tools`");
  task.id = next_id('t');
  task.created_us = base::now_us();
  TRY(check_children(*this, task.parent));
  return state_.with([&](State& state) -> Result<Task> {
    const auto parent = state.tasks.find(task.parent);
    if (parent == state.tasks.end())
      return fail(ErrorCode::not_found, "no task '" + task.parent + "'", "`lilux ps` lists the tasks");
    if (state.tasks.size() >= kTasksMax)
      return fail(ErrorCode::unavailable, "there are too many tasks", "`lilux ps`, then `lilux kill <task>`");
    TRY(check_narrower(task, parent->second, folders_.home));
    bool is_waiting = false;
    for (const std::string& dependency : task.depends_on) {
      const auto found = state.tasks.find(dependency);
      if (found == state.tasks.end())
        return fail(ErrorCode::not_found, "no task '" + dependency + "' to depend on", "`lilux ps` lists the tasks");
      if (found->second.state == TaskState::failed || found->second.state == TaskState::killed) {
        return fail(ErrorCode::conflict, "task " + dependency + " has failed, so nothing can wait for it",
                    "leave it out");
      }
      is_waiting = is_waiting || found->second.state != TaskState::done;
    }
    task.state = is_waiting ? TaskState::waiting : TaskState::ready;
    return task;
  });
}

void Kernel::start_ready_tasks() {
  if (is_stopped() || shutdown_.stop_requested() || role_ != Role::daemon) return;
  for (;;) {
    const std::optional<Task> next = state_.with([&](State& state) -> std::optional<Task> {
      if (state.runnable.empty() || running_tasks_ >= config_.profile.tasks_max) return std::nullopt;
      Task task = state.tasks.at(state.runnable.begin()->second);
      state.runnable.erase(state.runnable.begin());
      ++running_tasks_;
      return task;
    });
    if (!next) return;
    start_task(*next);
  }
}

void Kernel::start_task(const Task& planned) {
  Task task = planned;
  task.state = TaskState::running;
  CallRequest request{.tool = task.tool, .task = task.id, .reason = "task " + task.id + ": " + task.title};
  request.caller = {.principal = policy::Principal::agent,
                    .cwd = task.cwd,
                    .project = task.project,
                    .environment = sys::own_environment()};
  Result<base::Json> arguments = base::parse_json(task.arguments);
  if (arguments) request.arguments = std::move(*arguments);
  request.timeout = std::chrono::hours(24);
  const Result<ledger::Position> noted = note("task.start", JsonObject{{"task", task.id}}, {put(task)});
  Result<void> started = noted ? submit(std::move(request), task.priority,
                                        [this, id = task.id](Outcome outcome) {
                                          state_.with([this](State&) { --running_tasks_; });
                                          end_task(id, outcome);
                                        })
                               : std::unexpected(noted.error());
  if (started) return;
  state_.with([this](State&) { --running_tasks_; });
  end_task(task.id, {.call = {}, .output = std::unexpected(started.error())});
}

void Kernel::end_task(const std::string& id, const Outcome& outcome) {
  Task ended = state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    return found == state.tasks.end() ? Task{} : found->second;
  });
  if (ended.id.empty()) return;
  if (!is_finished(ended.state)) {
    ended.call = outcome.call;
    const bool is_asked = !outcome.ok() && outcome.output.error().code == ErrorCode::approval_required;
    ended.state = is_asked ? TaskState::waiting : outcome.ok() ? TaskState::done : TaskState::failed;
    if (!outcome.ok()) ended.note = is_asked ? "approval:" + outcome.call : outcome.output.error().message;
    if (!is_asked) ended.finished_us = base::now_us();
    std::ignore = note("task." + std::string(base::enum_name(ended.state)), JsonObject{{"task", id}},
                       {put(ended)});  // safe mode tells
  }
  if (is_finished(ended.state)) release_dependents(ended);
  wake("task:" + id);
  start_ready_tasks();
}

// A task whose call waited for a person goes on with the answer.
void Kernel::end_waiting_task(const std::string& id, const Outcome& outcome) {
  const bool is_waiting = state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    return found != state.tasks.end() && found->second.state == TaskState::waiting &&
           found->second.note == "approval:" + outcome.call;
  });
  if (is_waiting) end_task(id, outcome);
}

// What waited for an ended task becomes ready, or fails with it.
void Kernel::release_dependents(const Task& ended) {
  std::vector<Task> changed;
  state_.with([&](State& state) {
    const auto [first, last] = state.dependents.equal_range(ended.id);
    for (auto entry = first; entry != last; ++entry) {
      Task task = state.tasks.at(entry->second);
      if (ended.state != TaskState::done) {
        task.state = TaskState::failed;
        task.note = "task " + ended.id + ", which it depends on, has " +
                    std::string(ended.state == TaskState::killed ? "been killed" : "failed");
        task.finished_us = base::now_us();
      } else if (std::ranges::all_of(task.depends_on, [&](const std::string& id) {
                   const auto found = state.tasks.find(id);
                   return id == ended.id || found == state.tasks.end() || found->second.state == TaskState::done;
                 })) {
        task.state = TaskState::ready;
      } else {
        continue;
      }
      changed.push_back(std::move(task));
    }
  });
  for (const Task& task : changed) {
    std::ignore = note("task." + std::string(base::enum_name(task.state)), JsonObject{{"task", task.id}},
                       {put(task)});  // as above
    if (is_finished(task.state)) {
      release_dependents(task);
      wake("task:" + task.id);
    }
  }
}

Result<void> Kernel::kill_task(const std::string& id, std::string_view why) {
  std::vector<Task> doomed;
  TRY(state_.with([&](State& state) -> Result<void> {
    TRY(live_task(state, id));
    doomed = family(state, id);
    return {};
  }));
  for (Task& task : doomed) {
    task.state = TaskState::killed;
    task.note = std::string(why);
    task.finished_us = base::now_us();
    TRY(note("task.killed", JsonObject{{"task", task.id}, {"why", why}}, {put(task)}));
  }
  for (const Task& task : doomed) {
    for (const std::string& call : calls_of(task.id)) cancel(call);
    children_->kill_task(task.id);
    release_dependents(task);
    wake("task:" + task.id);
  }
  return {};
}

Result<void> Kernel::pause_task(const std::string& id, bool is_pause) {
  std::vector<Task> paused;
  TRY(state_.with([&](State& state) -> Result<void> {
    const Task top = TRY(live_task(state, id));
    if (is_finished(top.state))
      return fail(ErrorCode::conflict, "task " + id + " is " + std::string(base::enum_name(top.state)), "`lilux ps`");
    paused = family(state, id);
    return {};
  }));
  for (Task& task : paused) {
    task.is_suspended = is_pause;
    TRY(note(is_pause ? "task.suspended" : "task.resumed", JsonObject{{"task", task.id}}, {put(task)}));
    if (is_pause)
      children_->suspend_task(task.id);
    else
      children_->resume_task(task.id);
  }
  return {};
}

Result<void> Kernel::suspend_task(const std::string& task) {
  return pause_task(task, true);
}
Result<void> Kernel::resume_task(const std::string& task) {
  return pause_task(task, false);
}

std::vector<std::string> Kernel::calls_of(const std::string& task) const {
  std::vector<std::string> calls;
  flight_.with([&](const Flight& flight) {
    for (const auto& [call, execution] : flight.calls) {
      if (execution->task == task) calls.push_back(call);
    }
  });
  return calls;
}

void Kernel::on_child_exit(std::string_view task, std::int64_t pid) {
  JsonObject data{{"pid", pid}, {"task", task}};
  std::ignore = note("process.exit", std::move(data));  // safe mode tells
  wake("process:" + std::to_string(pid));
}

}  // namespace lilux::kernel
