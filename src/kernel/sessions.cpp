// Sessions of clients: tasks without a call of their own. One that ends keeps its task, so that the next session of the
// same client in the same place goes on with its budget, its capabilities and the answers to what it asked.

#include <algorithm>

#include "base/time.h"
#include "kernel/children.h"
#include "kernel/kernel.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kIdleMax = 200;  // of one parent

bool is_same_place(const Task& task, const Task& wanted) {
  return task.parent == wanted.parent && task.title == wanted.title && task.cwd == wanted.cwd &&
         task.project == wanted.project && task.principal == wanted.principal;
}

// Who asks for limits gets no task with others. Who asks for none goes on with what a person may have limited since.
bool fits_limits(const Task& task, const Task& wanted) {
  return wanted.budget == Budget{} || task.budget == wanted.budget;
}

// The session to go on with, and the oldest one when there are too many.
std::pair<std::optional<std::string>, std::optional<std::string>> idle_sessions(const State& state,
                                                                                const Task& wanted) {
  const Task* same = nullptr;
  const Task* oldest = nullptr;
  std::size_t idle = 0;
  for (const auto& [id, task] : state.tasks) {
    if (!is_idle_session(task) || task.parent != wanted.parent) continue;
    ++idle;
    if (!oldest || task.created_us < oldest->created_us) oldest = &task;
    if (is_same_place(task, wanted) && task.grants == wanted.grants && fits_limits(task, wanted)) same = &task;
  }
  return {same ? std::optional(same->id) : std::nullopt, idle > kIdleMax ? std::optional(oldest->id) : std::nullopt};
}

}  // namespace

Result<std::string> Kernel::open_session(Task session) {
  const std::lock_guard lock(sessions_mutex_);  // two clients never share one
  const auto [same, oldest] = state_.with([&](const State& state) { return idle_sessions(state, session); });
  if (same) {
    TRY(note("session.begin", JsonObject{{"task", *same}}, {patch_task(*same, {{"state", "running"}, {"note", ""}})}));
    return *same;
  }
  if (oldest)
    TRY(note("task.done", JsonObject{{"task", *oldest}},
             {patch_task(*oldest, {{"state", "done"}, {"finished_us", base::now_us()}})}));
  Task made = TRY(plan_task(std::move(session)));
  made.state = TaskState::running;
  TRY(note("session.begin", JsonObject{{"task", made.id}}, {put(made)}));
  return made.id;
}

void Kernel::close_session(const std::string& session) {
  std::vector<std::string> below;
  const bool is_live = state_.with([&](State& state) {
    const auto found = state.tasks.find(session);
    if (found == state.tasks.end() || is_finished(found->second.state)) return false;
    for (const auto& [id, task] : state.tasks) {
      if (id != session && !is_finished(task.state) && descends(state, id, session)) below.push_back(id);
    }
    return true;
  });
  for (const std::string& task : below) std::ignore = kill_task(task, "its client has gone");  // it may have ended
  for (const std::string& call : calls_of(session)) cancel(call);
  children_->kill_task(session);
  if (is_live)
    std::ignore = note("session.end", JsonObject{{"task", session}},  // safe mode: the next start says so
                       {patch_task(session, {{"state", "ready"}, {"note", "its client has gone"}})});
}

}  // namespace lilux::kernel
