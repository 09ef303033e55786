#pragma once

// What a task may still do: its grants and its budget, held up the whole line of its parents. Called under the state's
// lock or by the call path only.

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "kernel/state.h"
#include "policy/policy.h"

namespace lilux::kernel {

class Kernel;

// Whether one of the task's grants covers the need; `denied` with a hint that can be pasted otherwise. When the grant
// has a quota its number goes to `used`.
base::Result<void> covering_grant(const Task& task, const policy::Need& need, std::int64_t now_us,
                                  const std::string& home, std::optional<std::size_t>& used);

// Holds one more call against the budgets of its task and all parents, and against the quotas it uses (task#number of
// the grant), and counts it as in flight; `over_budget` names the task, the limit and how to raise it. Every success is
// paired with one release_call.
base::Result<void> reserve_call(State& state, std::string_view task, const std::set<std::string>& quotas);
void release_call(State& state, std::string_view task, const std::set<std::string>& quotas);

// Whether one more task or process may live below this task.
base::Result<void> check_children(Kernel& kernel, const std::string& task);
// Processes and tasks alive below a task, itself not counted.
std::int64_t children_alive(Kernel& kernel, const std::string& task);

}  // namespace lilux::kernel
