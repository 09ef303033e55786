// task.*: what runs by itself.

#include "tools/task.h"

#include "base/time.h"
#include "kernel/children.h"
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

bool is_alive(const kernel::Task& task) {
  return !is_finished(task.state) && !is_idle_session(task);
}

using Pids = std::multimap<std::string, std::int64_t>;

Row row_of(const kernel::State& state, const kernel::Task& task, const Pids& pids = {}) {
  const auto usage = state.usage.find(task.id);
  Row row{.id = task.id,
          .parent = task.parent,
          .title = task.title,
          .state = std::string(base::enum_name(state_of(task))),
          .priority = task.priority};
  if (!task.tool.empty()) row.tool = task.tool;
  if (!task.call.empty()) row.call = task.call;
  if (const auto [first, last] = pids.equal_range(task.id); first != last) {
    row.pids.emplace();
    for (auto one = first; one != last; ++one) row.pids->push_back(one->second);
  }
  if (!task.note.empty()) row.note = task.note;
  if (task.created_us != 0) row.created = base::format_time(task.created_us);
  if (task.finished_us != 0) row.finished = base::format_time(task.finished_us);
  if (usage != state.usage.end()) row.usage = usage->second;
  return row;
}

Assessment changes_task(const CallContext& call, const std::string& id, Risk risk) {
  const bool is_own =
      call.kernel().state().with([&](kernel::State& state) { return kernel::descends(state, id, call.task()); });
  Assessment made{.risk = risk};
  made.needs.push_back(
      {.verb = Verb::write, .resource = "kernel", .target = (is_own ? "task/own/" : "task/other/") + id});
  return made;
}

std::vector<CallRow> calls_now(const CallContext& call, std::size_t limit) {
  std::vector<CallRow> rows;
  const auto now = std::chrono::steady_clock::now();
  for (const kernel::Kernel::RunningCall& one : call.kernel().running_calls()) {
    if (one.call == call.call()) continue;
    if (rows.size() >= limit) break;
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - one.entered);
    rows.push_back({.call = one.call,
                    .tool = one.tool,
                    .task = one.task,
                    .state = one.is_parked ? "waiting" : "running",
                    .age_ms = age.count()});
  }
  return rows;
}

base::JsonObject call_on_task(std::string_view tool, const std::string& id) {
  return {{"tool", tool}, {"arguments", base::JsonObject{{"task", id}}}};
}

}  // namespace

Result<Assessment> assess_list(const CallContext&, const ListRequest&) {
  return reads_kernel("task");
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  const auto limit = static_cast<std::size_t>(request.limit.value_or(1000));
  const Pids pids = call.kernel().children().alive_by_task();
  ListResponse response;
  call.kernel().state().with([&](kernel::State& state) {
    for (const auto& [id, task] : state.tasks) {
      if (request.task && *request.task != id) continue;
      const bool is_asked_for = request.task || (request.state && is_finished(*request.state));
      if (!request.all.value_or(false) && !is_asked_for && !is_alive(task)) continue;
      if (request.state && *request.state != state_of(task)) continue;
      ++response.total;
      if (response.tasks.size() < limit) response.tasks.push_back(row_of(state, task, pids));
    }
  });
  if (request.calls.value_or(false)) response.calls = calls_now(call, limit);
  return response;
}

Result<Assessment> assess_tree(const CallContext&, const TreeRequest&) {
  return reads_kernel("task");
}

Result<TreeResponse> tree(CallContext& call, const TreeRequest& request) {
  const Pids pids = call.kernel().children().alive_by_task();
  TreeResponse response;
  call.kernel().state().with([&](kernel::State& state) {
    std::multimap<std::string, const kernel::Task*> below;
    for (const auto& [id, task] : state.tasks) {
      if (request.all.value_or(false) || is_alive(task)) below.emplace(task.parent, &task);
    }
    const auto add = [&](const auto& self, const std::string& parent, std::int64_t depth) -> void {
      const auto [first, last] = below.equal_range(parent);
      for (auto entry = first; entry != last && response.tasks.size() < 10'000; ++entry) {
        response.tasks.push_back({.depth = depth, .task = row_of(state, *entry->second, pids)});
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
  task.cause = call.call();
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
  TRY(known_task(call, request.task));
  return reads_kernel("task");
}

Result<WaitResponse> wait(CallContext& call, const WaitRequest& request) {
  const std::string id = TRY(known_task(call, request.task)).id;
  const Row row = TRY(call.kernel().state().with(
      [&](kernel::State& state) -> Result<Row> { return row_of(state, *TRY(kernel::find_task(state, id))); }));
  const auto state = base::enum_from_name<TaskState>(row.state);
  if (state && is_finished(*state)) return WaitResponse{.finished = true, .task = row};
  if (call.is_past_deadline()) return WaitResponse{.finished = false, .task = row};
  return call.park("task:" + id);
}

Result<Assessment> assess_kill(const CallContext& call, const KillRequest& request) {
  return changes_task(call, TRY(known_task(call, request.task)).id, Risk::medium);
}

Result<KillResponse> kill(CallContext& call, const KillRequest& request) {
  const std::string id = TRY(known_task(call, request.task)).id;
  TRY(call.kernel().kill_task(id, request.why.value_or("killed by " + call.task())));
  return KillResponse{.killed = true};
}

Result<Assessment> assess_suspend(const CallContext& call, const SuspendRequest& request) {
  const std::string id = TRY(known_task(call, request.task)).id;
  Assessment made = changes_task(call, id, Risk::low);
  made.inverse = call_on_task("task.resume", id);
  return made;
}

Result<SuspendResponse> suspend(CallContext& call, const SuspendRequest& request) {
  TRY(call.kernel().suspend_task(TRY(known_task(call, request.task)).id));
  return SuspendResponse{.suspended = true};
}

Result<Assessment> assess_resume(const CallContext& call, const ResumeRequest& request) {
  const std::string id = TRY(known_task(call, request.task)).id;
  Assessment made = changes_task(call, id, Risk::low);
  made.inverse = call_on_task("task.suspend", id);
  return made;
}

Result<ResumeResponse> resume(CallContext& call, const ResumeRequest& request) {
  TRY(call.kernel().resume_task(TRY(known_task(call, request.task)).id));
  return ResumeResponse{.resumed = true};
}

Result<Assessment> assess_set_priority(const CallContext& call, const SetPriorityRequest& request) {
  const kernel::Task task = TRY(known_task(call, request.task));
  Assessment made = changes_task(call, task.id, Risk::low);
  base::JsonObject arguments{{"task", task.id}, {"priority", task.priority}};
  made.inverse = base::JsonObject{{"tool", "task.set_priority"}, {"arguments", std::move(arguments)}};
  return made;
}

Result<SetPriorityResponse> set_priority(CallContext& call, const SetPriorityRequest& request) {
  const kernel::Task task = TRY(known_task(call, request.task));
  if (is_finished(task.state))
    return fail(ErrorCode::conflict, "task " + task.id + " is " + std::string(base::enum_name(task.state)),
                "`lilux ps`");
  call.change(kernel::patch_task(task.id, {{"priority", request.priority}}));
  return SetPriorityResponse{.priority = request.priority};
}

}  // namespace lilux::tools::task
