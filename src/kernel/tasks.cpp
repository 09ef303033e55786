// Tasks that run by themselves: made, started when their turn comes, ended, killed, paused.

#include <algorithm>

#include "base/time.h"
#include "kernel/approvals.h"
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
  if (!task.tool.empty()) TRY(tool(task.tool));
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

// One at a time; starting makes records, which would start more from inside. What is missed is found by maintenance.
void Kernel::start_ready_tasks() {
  if (is_stopped() || shutdown_.stop_requested() || role_ != Role::daemon || is_starting_tasks_.exchange(true)) return;
  start_tasks_while_room();
  is_starting_tasks_ = false;
}

void Kernel::start_tasks_while_room() {
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
  request.is_task = true;
  request.cause = task.cause.value_or("");
  const Result<ledger::Position> noted =
      note("task.start", JsonObject{{"task", task.id}}, {patch_task(task.id, {{"state", "running"}})});
  Result<void> started = noted ? submit(std::move(request), task.priority,
                                        [this, id = task.id](const Outcome& outcome) {
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
    return {{"call", outcome.call}, {"state", "waiting"}, {"note", "for a person"}};
  // Suspended before its call began: it has its turn once it is resumed.
  if (error.rule == kSuspendedRule) return {{"state", "ready"}};
  return {{"call", outcome.call}, {"state", "failed"}, {"note", error.message}, {"finished_us", base::now_us()}};
}

// What becomes of a task that waits for others, as they stand; nothing when it goes on waiting.
std::optional<JsonObject> after_others(const State& state, const Task& task) {
  bool is_waiting = false;
  for (const std::string& id : task.depends_on) {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end() || found->second.state == TaskState::done) continue;
    if (is_finished(found->second.state)) {
      std::string note = "task " + id + ", which it depends on, has ";
      note += found->second.state == TaskState::killed ? "been killed" : "failed";
      return JsonObject{{"state", "failed"}, {"note", std::move(note)}, {"finished_us", base::now_us()}};
    }
    is_waiting = true;
  }
  return is_waiting ? std::nullopt : std::optional(JsonObject{{"state", "ready"}});
}

// A task that was to run a program has failed when the program has.
Outcome with_program(Outcome outcome, const Children& children) {
  const std::optional<ChildStatus> child =
      outcome.ok() ? children.find(outcome.output->integer_or("pid")) : std::nullopt;
  if (!child || !child->exit || child->exit->code == 0) return outcome;
  const std::string program = "process " + std::to_string(child->pid) + " (" + child->command + ") ";
  outcome.output =
      fail(ErrorCode::conflict, child->exit->signal
                                    ? program + "was ended by signal " + std::to_string(*child->exit->signal)
                                    : program + "exited with " + std::to_string(child->exit->code.value_or(-1)));
  return outcome;
}

}  // namespace

// A task lasts as long as its processes, so that it can be seen and killed with them.
void Kernel::end_task(const std::string& id, const Outcome& outcome) {
  const bool is_over = after(outcome).find("finished_us") != nullptr;
  if (!is_over || children_->count(id) == 0) return end_task_now(id, outcome);
  std::ignore = note("task.processes", JsonObject{{"task", id}},
                     {patch_task(id, {{"call", outcome.call}, {"state", "running"}, {"note", ""}})});
  ending_.with([&](auto& ending) { ending.insert_or_assign(id, outcome); });
  end_with_processes(id);  // they may have ended by now
}

void Kernel::end_with_processes(const std::string& id) {
  if (children_->count(id) != 0 || shutdown_.stop_requested()) return;  // what a restart ends was interrupted
  const auto ended = ending_.with([&](auto& ending) { return ending.extract(id); });
  if (ended) end_task_now(id, ended.mapped());
}

void Kernel::end_task_now(const std::string& id, const Outcome& outcome) {
  const std::optional<Task> task = state_.with([&](const State& state) -> std::optional<Task> {
    const auto found = state.tasks.find(id);
    return found == state.tasks.end() ? std::nullopt : std::optional(found->second);
  });
  if (!task || is_finished(task->state)) return;  // killed
  const Tool* tool = find_tool(task->tool);
  const JsonObject ended = after(tool && tool->traits.starts_program ? with_program(outcome, *children_) : outcome);
  std::ignore = note("task." + ended.find("state")->as_string(), JsonObject{{"task", id}},
                     {patch_task(id, ended)});  // safe mode tells
  release_dependents(id);
  wake("task:" + id);
  start_ready_tasks();
}

// A task whose call waited for a person goes on with the answer.
void Kernel::end_waiting_task(const std::string& id, const Outcome& outcome) {
  const bool is_waiting = state_.with([&](const State& state) {
    const auto found = state.tasks.find(id);
    return found != state.tasks.end() && found->second.state == TaskState::waiting &&
           found->second.call == outcome.call;
  });
  if (is_waiting) end_task(id, outcome);
}

// What waited for an ended task becomes ready, or fails with it.
void Kernel::release_dependents(const std::string& id) {
  std::vector<std::pair<std::string, JsonObject>> changed;
  state_.with([&](const State& state) {
    const auto [first, last] = state.dependents.equal_range(id);
    for (auto entry = first; entry != last; ++entry) {
      if (std::optional<JsonObject> next = after_others(state, state.tasks.at(entry->second)))
        changed.emplace_back(entry->second, std::move(*next));
    }
  });
  release(changed);
}

void Kernel::release(const std::vector<std::pair<std::string, JsonObject>>& changed) {
  for (const auto& [task, members] : changed) {
    const std::string now = members.find("state")->as_string();
    std::ignore = note("task." + now, JsonObject{{"task", task}}, {patch_task(task, members)});  // safe mode tells
    if (now != "failed") continue;
    release_dependents(task);
    wake("task:" + task);
  }
}

// What a crash, or two threads that passed each other, left waiting for something that is over.
void Kernel::settle_waiting_tasks() {
  std::vector<std::pair<std::string, JsonObject>> released;
  std::vector<std::pair<std::string, std::string>> asked;
  state_.with([&](const State& state) {
    for (const std::string& id : state.waiting) {
      const Task& task = state.tasks.at(id);
      if (!task.call.empty())
        asked.emplace_back(id, task.call);
      else if (std::optional<JsonObject> next = after_others(state, task))
        released.emplace_back(id, std::move(*next));
    }
  });
  release(released);
  for (const auto& [task, call] : asked) settle_asking_task(task, call);
}

void Kernel::settle_asking_task(const std::string& task, const std::string& call) {
  if (close_question(call) != ApprovalState::approved) return;
  const bool is_over = state_.with([&](const State& state) {
    const auto found = state.approvals.find(call);
    return found != state.approvals.end() && !found->second.result.empty();
  });
  if (!is_over) return;  // whoever runs it ends the task
  if (const Result<Outcome> outcome = recorded_outcome(*this, call)) end_waiting_task(task, *outcome);
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
  std::vector<std::string> doomed = TRY(live_family(id));
  std::ranges::reverse(doomed);  // what is below first: it must not fail for want of what is above
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
  end_questions_of({doomed.begin(), doomed.end()});
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
