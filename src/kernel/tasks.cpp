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

std::vector<std::string> family(State& state, const std::string& top) {
  std::vector<std::string> found;
  for (const auto& [id, task] : state.tasks) {
    if (!is_finished(task.state) && descends(state, id, top)) found.push_back(id);
  }
  return found;
}

Result<Task> live_task(State& state, const std::string& id) {
  const Task& task = *TRY(find_task(state, id));
  if (task.tool.empty() && task.parent.empty()) {
    return fail(ErrorCode::invalid_argument, "'" + id + "' is a standing session, not a task that was started",
                "`lilux ps` lists the tasks; `lilux call kernel.emergency_stop` halts everything");
  }
  return task;
}

}  // namespace

Result<Task> Kernel::plan_task(Task task) {
  TRY(tool(task.tool));
  task.id = next_id('t');
  task.created_us = base::now_us();
  TRY(check_children(*this, task.parent));
  return state_.with([&](State& state) -> Result<Task> {
    const Task& parent = *TRY(find_task(state, task.parent));
    if (state.tasks.size() >= kTasksMax)
      return fail(ErrorCode::unavailable, "there are too many tasks", "`lilux ps`, then `lilux kill <task>`");
    TRY(check_narrower(task, parent, folders_.home));
    bool is_waiting = false;
    for (const std::string& dependency : task.depends_on) {
      const TaskState before = TRY(find_task(state, dependency))->state;
      if (before == TaskState::failed || before == TaskState::killed) {
        return fail(ErrorCode::conflict, "task " + dependency + " has failed, so nothing can wait for it",
                    "leave it out");
      }
      is_waiting = is_waiting || before != TaskState::done;
    }
    task.state = is_waiting ? TaskState::waiting : TaskState::ready;
    return task;
  });
}

void Kernel::start_ready_tasks() {
  if (is_stopped() || shutdown_.stop_requested() || role_ != Role::daemon) return;
  while (scheduler_->has_room()) {  // tried again by maintenance
    const std::optional<Task> next = state_.with([&](State& state) -> std::optional<Task> {
      if (state.runnable.empty() || running_tasks_ >= config_.profile.tasks_max) return std::nullopt;
      Task task = state.tasks.at(state.runnable.begin()->second);
      state.runnable.erase(state.runnable.begin());
      ++running_tasks_;
      return task;
    });
    if (!next || !start_task(*next)) return;
  }
}

bool Kernel::start_task(const Task& task) {
  CallRequest request{.tool = task.tool, .task = task.id, .reason = "task " + task.id + ": " + task.title};
  request.caller = {.principal = policy::Principal::agent,
                    .cwd = task.cwd,
                    .project = task.project,
                    .environment = sys::own_environment()};
  Result<base::Json> arguments = base::parse_json(task.arguments);
  if (arguments) request.arguments = std::move(*arguments);
  request.timeout = std::chrono::hours(24);
  const Result<ledger::Position> noted =
      note("task.start", JsonObject{{"task", task.id}}, {patch_task(task.id, {{"state", "running"}})});
  Result<void> started = noted ? submit(std::move(request), task.priority,
                                        [this, id = task.id](Outcome outcome) {
                                          state_.with([this](State&) { --running_tasks_; });
                                          end_task(id, outcome);
                                        })
                               : std::unexpected(noted.error());
  if (started) return true;
  state_.with([this](State&) { --running_tasks_; });
  if (noted)  // others were faster: it has its turn when there is room again
    std::ignore = note("task.ready", JsonObject{{"task", task.id}}, {patch_task(task.id, {{"state", "ready"}})});
  return false;
}

namespace {

// What the end of a task's call means for the task.
JsonObject after(const Outcome& outcome) {
  if (outcome.ok()) return {{"call", outcome.call}, {"state", "done"}, {"finished_us", base::now_us()}};
  const base::Error& error = outcome.output.error();
  if (error.code == ErrorCode::approval_required)
    return {{"call", outcome.call}, {"state", "waiting"}, {"note", "approval:" + outcome.call}};
  // Suspended before its call began: it has its turn once it is resumed.
  if (error.rule == kSuspendedRule) return {{"state", "ready"}};
  return {{"call", outcome.call}, {"state", "failed"}, {"note", error.message}, {"finished_us", base::now_us()}};
}

}  // namespace

// A task lasts as long as its processes, so that it can be seen and killed with them.
void Kernel::end_task(const std::string& id, const Outcome& outcome) {
  const bool is_over = outcome.ok() || after(outcome).find("state")->as_string() == "failed";
  if (is_over && children_->count(id) != 0) {
    std::ignore = note("task.processes", JsonObject{{"task", id}},
                       {patch_task(id, {{"call", outcome.call}, {"state", "running"}, {"note", ""}})});
    ending_.with([&](auto& ending) { ending.insert_or_assign(id, outcome); });
    return end_with_processes(id);  // they may have ended by now
  }
  end_task_now(id, outcome);
}

void Kernel::end_with_processes(const std::string& id) {
  if (children_->count(id) != 0 || shutdown_.stop_requested()) return;  // what a restart ends was interrupted
  const auto ended = ending_.with([&](auto& ending) { return ending.extract(id); });
  if (ended) end_task_now(id, ended.mapped());
}

// What the process that this output names has ended with, when that is no success.
std::optional<std::string> Kernel::failure_of_process(const base::Json& output) const {
  const std::optional<ChildStatus> child = children_->find(output.integer_or("pid"));
  if (!child || !child->exit || child->exit->code == 0) return std::nullopt;
  const std::string process = "process " + std::to_string(child->pid) + " (" + child->command + ") ";
  if (child->exit->signal) return process + "was ended by signal " + std::to_string(*child->exit->signal);
  return process + "exited with " + std::to_string(child->exit->code.value_or(-1));
}

// A task that was to run a program has failed when the program has.
void Kernel::end_task_now(const std::string& id, const Outcome& outcome) {
  JsonObject ended = after(outcome);
  if (const std::optional<std::string> failure = outcome.ok() ? failure_of_process(*outcome.output) : std::nullopt) {
    ended.set("state", "failed");
    ended.set("note", *failure);
  }
  std::ignore = note("task." + ended.find("state")->as_string(), JsonObject{{"task", id}},
                     {patch_task(id, ended)});  // safe mode tells
  release_dependents(id);
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
void Kernel::release_dependents(const std::string& id) {
  std::vector<std::pair<std::string, JsonObject>> changed;
  state_.with([&](State& state) {
    const auto ended = state.tasks.find(id);
    if (ended == state.tasks.end() || !is_finished(ended->second.state)) return;
    const auto is_done = [&](const std::string& other) {
      const auto found = state.tasks.find(other);
      return found == state.tasks.end() || found->second.state == TaskState::done;
    };
    const auto [first, last] = state.dependents.equal_range(id);
    for (auto entry = first; entry != last; ++entry) {
      if (ended->second.state != TaskState::done) {
        const std::string how = ended->second.state == TaskState::killed ? "been killed" : "failed";
        changed.emplace_back(entry->second, JsonObject{{"state", "failed"},
                                                       {"note", "task " + id + ", which it depends on, has " + how},
                                                       {"finished_us", base::now_us()}});
      } else if (std::ranges::all_of(state.tasks.at(entry->second).depends_on, is_done)) {
        changed.emplace_back(entry->second, JsonObject{{"state", "ready"}});
      }
    }
  });
  for (const auto& [task, members] : changed) {
    const std::string now = members.find("state")->as_string();
    std::ignore = note("task." + now, JsonObject{{"task", task}}, {patch_task(task, members)});  // as above
    if (now != "failed") continue;
    release_dependents(task);
    wake("task:" + task);
  }
}

Result<std::vector<std::string>> Kernel::live_family(const std::string& id) {
  return state_.with([&](State& state) -> Result<std::vector<std::string>> {
    const Task top = TRY(live_task(state, id));
    std::vector<std::string> members = family(state, id);
    if (!members.empty()) return members;
    return fail(ErrorCode::conflict, "task " + id + " is " + std::string(base::enum_name(top.state)), "`lilux ps`");
  });
}

Result<void> Kernel::kill_task(const std::string& id, std::string_view why) {
  const std::vector<std::string> doomed = TRY(live_family(id));
  for (const std::string& task : doomed) {
    ending_.with([&](auto& ending) { ending.erase(task); });
    TRY(note("task.killed", JsonObject{{"task", task}, {"why", why}},
             {patch_task(task, {{"state", "killed"}, {"note", why}, {"finished_us", base::now_us()}})}));
  }
  for (const std::string& task : doomed) {
    for (const std::string& call : calls_of(task)) cancel(call);
    children_->kill_task(task);
    release_dependents(task);
    wake("task:" + task);
  }
  return {};
}

Result<void> Kernel::pause_task(const std::string& id, bool is_pause) {
  for (const std::string& task : TRY(live_family(id))) {
    TRY(note(is_pause ? "task.suspended" : "task.resumed", JsonObject{{"task", task}},
             {patch_task(task, {{"is_suspended", is_pause}})}));
    if (is_pause)
      children_->suspend_task(task);
    else
      children_->resume_task(task);
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
  Body body;
  body.event = "process.exit";
  body.task = std::string(task);
  body.data = JsonObject{{"pid", pid}};
  std::ignore = write(Kind::note, body);  // safe mode tells
  wake("process:" + std::to_string(pid));
  end_with_processes(body.task.value_or(""));
}

}  // namespace lilux::kernel
