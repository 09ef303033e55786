// task.*: what runs by itself.

#include "tools/task.h"

#include "base/time.h"
#include "kernel/kernel.h"
#include "tools/common.h"

namespace lilux::tools::task {

using base::ErrorCode;
using base::fail;
using kernel::TaskState;
using policy::Risk;
using policy::Verb;

namespace {

// As people see it: a paused task stays what it will be again.
TaskState state_of(const kernel::Task& task) {
  return task.is_suspended && !is_finished(task.state) ? TaskState::suspended : task.state;
}

Row row_of(const kernel::State& state, const kernel::Task& task) {
  const auto usage = state.usage.find(task.id);
  Row row{.id = task.id,
          .parent = task.parent,
          .title = task.title,
          .state = std::string(base::enum_name(state_of(task))),
          .priority = task.priority};
  if (!task.tool.empty()) row.tool = task.tool;
  if (!task.call.empty()) row.call = task.call;
  if (!task.note.empty()) row.note = task.note;
  if (task.created_us != 0) row.created = base::format_time(task.created_us);
  if (task.finished_us != 0) row.finished = base::format_time(task.finished_us);
  if (usage != state.usage.end()) row.usage = usage->second;
  return row;
}

Result<Assessment> on_task(const CallContext& call, const std::string& task, Verb verb, Risk risk) {
  Assessment made{.risk = risk};
  made.needs.push_back({.verb = verb, .resource = "kernel", .target = TRY(task_target(call, task))});
  return made;
}

Result<kernel::Task> known(const CallContext& call, const std::string& task) {
  return call.kernel().state().with([&](kernel::State& state) -> Result<kernel::Task> {
    if (const auto found = state.tasks.find(task); found != state.tasks.end()) return found->second;
    return fail(ErrorCode::not_found, "no task '" + task + "'", "`lilux ps` lists the tasks");
  });
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest&) {
  return reads_kernel("task");
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  const auto limit = static_cast<std::size_t>(request.limit.value_or(1000));
  ListResponse response;
  call.kernel().state().with([&](kernel::State& state) {
    for (const auto& [id, task] : state.tasks) {
      const bool is_asked_for = request.state && is_finished(*request.state);
      if (!request.all.value_or(false) && !is_asked_for && is_finished(task.state)) continue;
      if (request.state && *request.state != state_of(task)) continue;
      ++response.total;
      if (response.tasks.size() < limit) response.tasks.push_back(row_of(state, task));
    }
  });
  return response;
}

Result<Assessment> assess_tree(const CallContext&, const TreeRequest&) {
  return reads_kernel("task");
}

Result<TreeResponse> tree(CallContext& call, const TreeRequest& request) {
  TreeResponse response;
  call.kernel().state().with([&](kernel::State& state) {
    std::multimap<std::string, const kernel::Task*> below;
    for (const auto& [id, task] : state.tasks) {
      if (request.all.value_or(false) || !is_finished(task.state)) below.emplace(task.parent, &task);
    }
    const auto add = [&](const auto& self, const std::string& parent, std::int64_t depth) -> void {
      const auto [first, last] = below.equal_range(parent);
      for (auto entry = first; entry != last && response.tasks.size() < 10'000; ++entry) {
        response.tasks.push_back({.depth = depth, .task = row_of(state, *entry->second)});
        if (depth < 64) self(self, entry->second->id, depth + 1);
      }
    };
    add(add, "", 0);
  });
  return response;
}

Result<Assessment> assess_spawn(const CallContext& call, const SpawnRequest& request) {
  const kernel::Tool* tool = TRY(call.kernel().tool(request.tool));
  if (request.arguments && !request.arguments->is_object())
    return fail(ErrorCode::invalid_argument, "field 'arguments': expected an object",
                "for example {\"path\": \"a.txt\"}");
  TRY(check_no_secrets(call, *tool, request.arguments.value_or(base::JsonObject{})));
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::write, .resource = "kernel", .target = "task/own"});
  return made;
}

Result<SpawnResponse> spawn(CallContext& call, const SpawnRequest& request) {
  kernel::Task task{
      .parent = call.task(), .title = request.title.value_or(request.tool), .priority = request.priority.value_or(5)};
  task.tool = request.tool;
  task.arguments = base::to_text(request.arguments.value_or(base::JsonObject{}));
  task.cwd = call.caller().cwd;
  task.project = call.caller().project;
  task.depends_on = request.depends_on.value_or(std::vector<std::string>{});
  task.budget = request.budget.value_or(kernel::Budget{});
  const std::int64_t expires =
      request.expires_in ? base::now_us() + TRY(base::parse_duration(*request.expires_in)).count() * 1000 : 0;
  if (request.capabilities) {
    for (const std::string& text : *request.capabilities) {
      // Written as it will be judged: absolute, so that nothing depends on where it is read.
      const policy::Capability capability =
          TRY(policy::parse_capability(text, call.caller().cwd, call.kernel().folders().home));
      task.grants.push_back(
          {.capability = policy::to_string(capability), .expires_us = expires, .calls = request.calls});
    }
  } else {
    call.kernel().state().with([&](kernel::State& state) {
      if (const auto parent = state.tasks.find(call.task()); parent != state.tasks.end())
        task.grants = parent->second.grants;
    });
    for (kernel::Grant& grant : task.grants) {
      if (expires != 0 && (grant.expires_us == 0 || grant.expires_us > expires)) grant.expires_us = expires;
    }
  }
  task = TRY(call.kernel().plan_task(std::move(task)));
  call.change(kernel::put(task));
  return SpawnResponse{.task = task.id, .state = std::string(base::enum_name(task.state))};
}

Result<Assessment> assess_wait(const CallContext& call, const WaitRequest& request) {
  TRY(known(call, request.task));
  return reads_kernel("task");
}

Result<WaitResponse> wait(CallContext& call, const WaitRequest& request) {
  const auto found = call.kernel().state().with([&](kernel::State& state) -> std::optional<Row> {
    const auto task = state.tasks.find(request.task);
    return task == state.tasks.end() ? std::nullopt : std::optional(row_of(state, task->second));
  });
  if (!found) return fail(ErrorCode::not_found, "no task '" + request.task + "'", "`lilux ps --all` lists them");
  const auto state = base::enum_from_name<TaskState>(found->state);
  if (state && is_finished(*state)) return WaitResponse{.finished = true, .task = *found};
  if (call.is_past_deadline()) return WaitResponse{.finished = false, .task = *found};
  return call.park("task:" + request.task);
}

Result<Assessment> assess_kill(const CallContext& call, const KillRequest& request) {
  TRY(known(call, request.task));
  return on_task(call, request.task, Verb::write, Risk::medium);
}

Result<KillResponse> kill(CallContext& call, const KillRequest& request) {
  TRY(call.kernel().kill_task(request.task, request.why.value_or("killed by " + call.task())));
  return KillResponse{.killed = true};
}

Result<Assessment> assess_suspend(const CallContext& call, const SuspendRequest& request) {
  TRY(known(call, request.task));
  Assessment made = TRY(on_task(call, request.task, Verb::write, Risk::low));
  made.inverse = base::JsonObject{{"tool", "task.resume"}, {"arguments", base::JsonObject{{"task", request.task}}}};
  return made;
}

Result<SuspendResponse> suspend(CallContext& call, const SuspendRequest& request) {
  TRY(call.kernel().suspend_task(request.task));
  return SuspendResponse{.suspended = true};
}

Result<Assessment> assess_resume(const CallContext& call, const ResumeRequest& request) {
  TRY(known(call, request.task));
  Assessment made = TRY(on_task(call, request.task, Verb::write, Risk::low));
  made.inverse = base::JsonObject{{"tool", "task.suspend"}, {"arguments", base::JsonObject{{"task", request.task}}}};
  return made;
}

Result<ResumeResponse> resume(CallContext& call, const ResumeRequest& request) {
  TRY(call.kernel().resume_task(request.task));
  return ResumeResponse{.resumed = true};
}

Result<Assessment> assess_set_priority(const CallContext& call, const SetPriorityRequest& request) {
  const kernel::Task task = TRY(known(call, request.task));
  Assessment made = TRY(on_task(call, request.task, Verb::write, Risk::low));
  made.inverse = base::JsonObject{{"tool", "task.set_priority"},
                                  {"arguments", base::JsonObject{{"task", request.task}, {"priority", task.priority}}}};
  return made;
}

Result<SetPriorityResponse> set_priority(CallContext& call, const SetPriorityRequest& request) {
  const kernel::Task task = TRY(known(call, request.task));
  if (is_finished(task.state))
    return fail(ErrorCode::conflict, "task " + task.id + " is " + std::string(base::enum_name(task.state)),
                "`lilux ps`");
  call.change(kernel::patch_task(task.id, {{"priority", request.priority}}));
  return SetPriorityResponse{.priority = request.priority};
}

}  // namespace lilux::tools::task
